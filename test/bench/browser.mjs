// Looks at the inbox with a browser that has never been there, and prints what
// it took: { cold ms, wire kB, reload kB, script kB, key frames }.
//   node browser.mjs URL "Cookie: name=value" CHROMIUM
import { createRequire } from 'node:module'

const [url, cookie, executablePath] = process.argv.slice(2)
const { chromium } = createRequire(process.cwd() + '/')('@playwright/test')
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'] })
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en' })
const [name, value] = cookie.replace(/^Cookie: /, '').split('=')
await context.addCookies([{ name, value, url }])
const page = await context.newPage()
const net = await context.newCDPSession(page)
await net.send('Network.enable')
let wire = 0
let script = 0
const kinds = new Map()
net.on('Network.responseReceived', (e) => kinds.set(e.requestId, e))
net.on('Network.loadingFinished', (e) => {
  wire += e.encodedDataLength
  if (kinds.get(e.requestId)?.type === 'Script') script += e.encodedDataLength
})
const rows = '[data-row], [role=option], [role=row], li a[href^="/c/"], a[href*="/conversations/"]'

async function open(go) {
  wire = script = 0
  const began = performance.now()
  await go()
  await page.locator(rows).first().waitFor({ timeout: 20_000 })
  const took = performance.now() - began
  await page.waitForTimeout(1500) // what the page still fetches belongs to it
  return { took, wire: wire / 1000, script: script / 1000 }
}

const cold = await open(() => page.goto(url + '/inbox/all'))
const again = await open(() => page.reload())
// How many frames pass between a key and the first change on the page.
const key = await page.evaluate(async () => {
  const frames = []
  for (let i = 0; i < 20; i++) {
    await new Promise((r) => requestAnimationFrame(() => setTimeout(r, 40)))
    let seen = 0
    const changed = new Promise((r) => {
      const o = new MutationObserver(() => { o.disconnect(); r(true) })
      o.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
      setTimeout(() => { o.disconnect(); r(false) }, 500)
    })
    let on = true
    const count = () => { if (on) { seen++; requestAnimationFrame(count) } }
    requestAnimationFrame(count)
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', code: 'KeyJ', bubbles: true }))
    const did = await changed
    on = false
    if (did) frames.push(seen)
  }
  frames.sort((a, b) => a - b)
  return frames.length ? frames[Math.floor(frames.length * 0.95)] : 99
})
console.log(JSON.stringify({ Cold: cold.took, Wire: cold.wire, Script: cold.script, Reload: again.wire, Key: Math.max(key, 1) }))
await browser.close()
