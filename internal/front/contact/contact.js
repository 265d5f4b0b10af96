// The contact bar: <script src="https://desk.example/contact.js" data-brand="brand_…" async></script>
// shows, where it stands, the ways of reaching a brand. It stores nothing and tells
// nothing of its reader. Without an answer it shows nothing.
(() => {
  const me = document.currentScript
  if (!me || !me.dataset.brand) return
  const base = new URL(me.src).origin
  const lang = me.dataset.lang || (/^ja\b/i.test(document.documentElement.lang || navigator.language) ? 'ja' : 'en')
  const make = (tag, text, cls) => {
    const e = document.createElement(tag)
    if (text) e.textContent = text
    if (cls) e.className = cls
    return e
  }
  const rules = `:host{all:initial;display:block;font:15px/1.6 system-ui,sans-serif;color-scheme:inherit;color:inherit}
nav{border:1px solid color-mix(in srgb,currentColor 20%,transparent);border-radius:10px;padding:10px 14px}
h2{margin:0 0 4px;font-size:15px}
ul{display:flex;flex-wrap:wrap;gap:8px 24px;margin:0;padding:0;list-style:none}
li{min-width:0}
.name{opacity:.8;font-size:13px}
a{color:inherit;font-weight:600;overflow-wrap:anywhere}
a:focus-visible{outline:2px solid currentColor;outline-offset:2px;border-radius:2px}
.value{font-weight:600;overflow-wrap:anywhere}
.now{display:block;font-size:13px}
.more{display:inline-block;margin-top:6px;font-size:13px;font-weight:400}`
  const show = (data) => {
    if (data.items.length === 0) return
    const host = make('div')
    const root = host.attachShadow({ mode: 'open' })
    if ('adoptedStyleSheets' in root) {
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(rules)
      root.adoptedStyleSheets = [sheet]
    }
    const nav = make('nav')
    nav.lang = data.lang
    nav.setAttribute('aria-label', data.title)
    nav.append(make('h2', data.title))
    const list = make('ul')
    for (const one of data.items) {
      const item = make('li')
      item.append(make('span', [one.name, one.label].filter(Boolean).join(' · '), 'name'), make('br'))
      const value = one.link ? make('a', one.value || one.act) : make('span', one.value, 'value')
      if (one.link && /^(https?|tel|mailto):/.test(one.link)) value.href = one.link
      item.append(value)
      const now = [one.state, one.usual, one.cost].filter(Boolean).join(' · ')
      if (now) item.append(make('span', now, 'now'))
      list.append(item)
    }
    const more = make('a', data.more, 'more')
    more.href = data.page
    nav.append(list, more)
    root.append(nav)
    me.after(host)
  }
  fetch(`${base}/contact/${encodeURIComponent(me.dataset.brand)}/bar?lang=${lang}`, { credentials: 'omit' })
    .then((r) => (r.ok ? r.json() : Promise.reject(new Error(String(r.status)))))
    .then(show)
    .catch((e) => console.warn('contact bar:', e))
})()
