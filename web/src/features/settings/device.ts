// A browser's own description in few words. It is only shown, never trusted.
const browsers: [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(HeadlessChrome|Chrome|CriOS)\//, 'Chrome'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
]
const systems: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'ChromeOS'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux/, 'Linux'],
]
const first = (list: [RegExp, string][], agent: string) => list.find(([is]) => is.test(agent))?.[1]

/** Browser and system of a user agent; undefined for what is not recognised. */
export const device = (agent: string): { browser?: string; system?: string } => ({ browser: first(browsers, agent), system: first(systems, agent) })
