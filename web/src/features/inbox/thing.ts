// What a message holds beside words.

/** An address that shows a place; undefined without usable coordinates. */
export function placeURL(data: Record<string, unknown>): string | undefined {
  const lat = Number.parseFloat(String(data.latitude ?? ''))
  const lon = Number.parseFloat(String(data.longitude ?? ''))
  if (!(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180)) return undefined
  return `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=17/${lat}/${lon}`
}
