(function () {
  'use strict'
  // A little work for each showing of the page, done while somebody types: find a
  // number whose SHA-256, behind the page's own name, begins with sixteen zero
  // bits. Pages on plain http have no crypto.subtle, so it is written out.
  var form = document.querySelector('form')
  if (!form || !form.elements.ticket) return
  var K = [], i, n, prime = 2
  function part(x) { return ((x - Math.floor(x)) * 4294967296) | 0 }
  function isPrime(p) { for (var d = 2; d * d <= p; d++) if (p % d === 0) return false; return true }
  var H = []
  while (K.length < 64) {
    if (isPrime(prime)) {
      if (H.length < 8) H.push(part(Math.sqrt(prime)))
      K.push(part(Math.cbrt(prime)))
    }
    prime++
  }
  var w = new Int32Array(64)
  function first(text) {
    var a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7], t
    for (t = 0; t < 16; t++) w[t] = 0
    for (t = 0; t < text.length; t++) w[t >> 2] |= text.charCodeAt(t) << (24 - (t & 3) * 8)
    w[t >> 2] |= 0x80 << (24 - (t & 3) * 8)
    w[15] = text.length * 8
    for (t = 0; t < 64; t++) {
      if (t > 15) {
        var x = w[t - 15], y = w[t - 2]
        w[t] = (w[t - 16] + w[t - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10)) | 0
      }
      var s = (h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + ((e & f) ^ (~e & g)) + K[t] + w[t]) | 0
      var u = (((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g; g = f; f = e; e = (d + s) | 0; d = c; c = b; b = a; a = (s + u) | 0
    }
    return (a + H[0]) | 0
  }
  var visit = form.elements.ticket.value.split('.')[1]
  n = 0
  function some() {
    for (i = 0; i < 2000; i++, n++) {
      if (first(visit + '.' + n) >>> 16 === 0) { form.elements.work.value = String(n); return }
    }
    setTimeout(some, 0)
  }
  some()
})()
