(function () {
  'use strict'
  // A kiosk: five faces, a few words, thanks, and again. What is tapped is kept in
  // the browser under a name of its own at once, and forgotten when the server has
  // taken it; sent twice it counts once.
  var root = document.getElementById('kiosk')
  if (!root) return
  var words = JSON.parse(root.dataset.words), code = root.dataset.code
  var lang = root.dataset.lang, step = 'faces', pending = null, timer = 0, sending = false, shut = root.dataset.shut
  var QUEUE = 'kiosk.' + code + '.', PENDING = 'kiosk-pending.' + code
  var BACK = 8000, IDLE = 45000, EVERY = 15000, BATCH = 20, PATIENCE = 20000

  function all(q) { return Array.prototype.slice.call(root.querySelectorAll(q)) }
  function one(q) { return root.querySelector(q) }
  function say() {
    var w = words[lang]
    document.documentElement.lang = lang
    all('[data-t]').forEach(function (e) { e.textContent = w[e.dataset.t] })
    one('[data-other]').lang = w.otherTag
    if (pending) one('[data-thanks]').textContent = pending.score > 3 ? w.thanks : w.heard
    waiting()
  }
  function waiting() {
    var n = queued().length
    one('[data-waiting]').textContent = n ? words[lang].waiting.replace('{n}', n) : ''
    if (shut) all('[data-why]').forEach(function (e) { e.textContent = words[lang][shut + '.' + e.dataset.why] })
  }
  function show(next) {
    step = next
    all('[data-step]').forEach(function (e) { e.hidden = e.dataset.step !== next })
    clearTimeout(timer)
    if (next === 'thanks') timer = setTimeout(begin, BACK)
    if (next === 'words') timer = setTimeout(finish, IDLE)
    var to = one('[data-step="' + next + '"] h1')
    if (to) to.focus()
  }
  function begin() {
    pending = null
    lang = root.dataset.lang
    one('textarea').value = ''
    say()
    show(shut ? 'shut' : 'faces')
  }
  // The desk withdrew the pass, or the sticker: nothing more is asked, and what is
  // kept stays. Who is writing finishes first.
  function heard(why) {
    var was = shut
    shut = why
    if (was && !why && root.dataset.shut) location.reload() // it was opened shut
    else if (was && !why || why && step === 'faces') begin()
  }

  // What waits, the oldest first: names hold a number that only grows.
  function queued(of) {
    var out = []
    for (var i = 0; i < localStorage.length; i++) {
      var k = localStorage.key(i)
      if (k.indexOf(of || QUEUE) === 0) out.push(k)
    }
    return out.sort()
  }
  function name() {
    var b = new Uint8Array(16), s = ''
    crypto.getRandomValues(b)
    for (var i = 0; i < b.length; i++) s += (b[i] + 256).toString(16).slice(1)
    return s
  }
  function keep(a) {
    var last = queued().pop(), n = last ? Number(last.slice(QUEUE.length).split('.')[0]) + 1 : 1
    localStorage.setItem(QUEUE + String(n).padStart(12, '0') + '.' + a.id, JSON.stringify(a))
    localStorage.removeItem(PENDING)
  }
  // adopt takes over what was kept for a sticker that this one took the place of.
  function adopt(old) {
    if (!old) return
    queued('kiosk.' + old + '.').concat('kiosk-pending.' + old).forEach(function (k) {
      var kept = localStorage.getItem(k)
      if (kept) keep(JSON.parse(kept))
      localStorage.removeItem(k)
    })
  }
  function tap(score) {
    pending = { id: name(), score: score, words: '', lang: lang, at: Date.now() }
    localStorage.setItem(PENDING, JSON.stringify(pending)) // who goes now has said this much
    say()
    show('words')
  }
  function finish() {
    if (step !== 'words' || !pending) return
    pending.words = one('textarea').value.trim()
    pending.lang = lang
    keep(pending)
    say()
    show('thanks')
    send()
  }

  function send() {
    var keys = shut ? [] : queued().slice(0, BATCH) // without any it asks whether it is heard again
    waiting()
    if (sending || !keys.length && !shut || navigator.onLine === false) return
    sending = true
    var stop = new AbortController(), late = setTimeout(function () { stop.abort() }, PATIENCE)
    var answers = keys.map(function (k) { return JSON.parse(localStorage.getItem(k)) })
    var more = false
    fetch(root.dataset.base + code + '/kiosk', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, credentials: 'omit', signal: stop.signal,
      body: JSON.stringify({ pass: root.dataset.pass, now: Date.now(), answers: answers })
    }).then(function (r) {
      if (r.status === 404) return { shut: 'withdrawn' }
      if (!r.ok && r.status !== 410) throw new Error(String(r.status))
      return r.json()
    }).then(function (said) {
      heard(said.shut || '')
      if (shut) return
      var over = said.done.concat(said.refused)
      keys.forEach(function (k, i) { if (over.indexOf(answers[i].id) >= 0) { localStorage.removeItem(k); more = true } })
    }).catch(function () { /* it waits, and is sent again */ }).then(function () {
      clearTimeout(late)
      sending = false
      waiting()
      if (more) send()
    })
  }

  all('[data-score]').forEach(function (b) { b.addEventListener('click', function () { tap(Number(b.dataset.score)) }) })
  one('form').addEventListener('submit', function (e) { e.preventDefault(); finish() })
  one('[data-skip]').addEventListener('click', function () { one('textarea').value = ''; finish() })
  one('[data-back]').addEventListener('click', begin)
  one('textarea').addEventListener('input', function () { clearTimeout(timer); timer = setTimeout(finish, IDLE) })
  one('[data-other]').addEventListener('click', function () { lang = words[lang].otherTag; say() })
  var full = one('[data-full]')
  full.hidden = !document.documentElement.requestFullscreen
  full.addEventListener('click', function () {
    if (document.fullscreenElement) document.exitFullscreen()
    else document.documentElement.requestFullscreen().catch(function () { full.hidden = true })
  })
  window.addEventListener('online', send)
  setInterval(send, EVERY)
  var left = localStorage.getItem(PENDING)
  if (left) keep(JSON.parse(left)) // the device went off while somebody was writing
  root.dataset.before.split(' ').forEach(adopt)
  root.hidden = false
  begin()
  send()
  if (navigator.serviceWorker && !shut) {
    navigator.serviceWorker.register(root.dataset.worker).then(function () { return navigator.serviceWorker.ready })
      .then(function () { return caches.open('kiosk-1') })
      .then(function (kept) { return kept.add(location.href) })
      .then(function () { root.dataset.ready = 'yes' }, function () { root.dataset.ready = 'no' })
  }
})()
