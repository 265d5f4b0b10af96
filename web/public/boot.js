// Runs before the first paint: puts the reader's theme, density and language on
// <html>, so that nothing flashes. The application keeps the same record later
// (src/lib/look.svelte.ts) and the account's settings win over it after sign-in.
;(function () {
  var look = {}
  try {
    look = JSON.parse(localStorage.getItem('kintsugi.look') || '{}') || {}
  } catch (_) {
    look = {} // private mode or a broken record: defaults are fine
  }
  var root = document.documentElement
  var dark = look.theme === 'dark' || (look.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  root.dataset.theme = dark ? 'dark' : 'light'
  root.dataset.density = look.density === 'compact' ? 'compact' : 'comfortable'
  var own = look.locale === 'ja' || look.locale === 'en' ? look.locale : ''
  root.lang = own || ((navigator.language || '').toLowerCase().indexOf('ja') === 0 ? 'ja' : 'en')
})()
