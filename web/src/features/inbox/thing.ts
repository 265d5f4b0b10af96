// What a message holds beside words.

/** An address that shows a place; undefined without usable coordinates. */
export function placeURL(data: Record<string, unknown>): string | undefined {
  const lat = Number.parseFloat(String(data.latitude ?? ''))
  const lon = Number.parseFloat(String(data.longitude ?? ''))
  if (!(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180)) return undefined
  return `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=17/${lat}/${lon}`
}

/** How long a call or a recording was, as minutes and seconds; '' if nobody said. */
export function duration(seconds: number): string {
  if (!(seconds > 0)) return ''
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
