// Package webchatsim plays visitors of a web chat for tests and measurements: a
// page that speaks the protocol of docs/CHAT.md and keeps what it was told, without
// a browser.
package webchatsim
