// Package channeltest is what every channel must pass. A channel's tests call
//
//   - Goldens: raw messages in testdata/in and what must be understood of them;
//   - Contract: what the product relies on in parsing, sending and listening,
//     played against a real peer that the channel brings.
//
// Desk stands in for the product.
package channeltest
