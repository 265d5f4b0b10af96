// Package live tells browsers what happened, as it happens, over one WebSocket
// a page. Messages are small: a fact's number, name and ids; the page fetches
// what it shows. After a gap the page says which number it saw last and the
// journal answers; if too much happened it is told to load again.
//
// Typing and viewing are whispers: they are passed on and forgotten, never
// facts.
package live
