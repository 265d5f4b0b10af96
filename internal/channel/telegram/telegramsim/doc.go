// Package telegramsim plays Telegram for tests and for the demonstration: the
// Bot API as its public reference describes it, and the people who write to a
// bot. Updates go to the bot's webhook, if it registered one, or wait until they
// are fetched; what the bot sends is on people's screens.
package telegramsim
