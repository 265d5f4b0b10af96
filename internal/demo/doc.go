// Package demo plays three months in the life of two small companies, a
// household goods shop in Kyoto and a coffee subscription in England, through
// the real product: their customers' mails come in by the real door, agents
// answer, customers are asked and reply, cases are opened and worked. Nothing is
// written past the commands, so what a newcomer sees is what the product does.
//
// The story has a bad week in it (a warehouse move in Japan, a double charge in
// England), its cause, and the recovery. Its clock runs from three months ago
// until now and then becomes the machine's.
//
// The post office stands in for the outside world: it takes what the desk sends
// and lets a newcomer play a customer.
package demo
