// Package telegram is the channel to Telegram, by its Bot API.
//
// What it holds to:
//
//   - Updates come by webhook or are fetched, as the settings say. A webhook is
//     registered by itself, with a secret made of the bot's token, and is looked
//     after; a fetched update is confirmed only after it is safe.
//   - Update ids are numbered anew after a quiet week, so neither an update's name
//     nor the place from which fetching goes on depends on them alone.
//   - Only private chats become conversations. What happens in groups and channels
//     is kept as an event.
//   - The Bot API knows no key by which a request could be repeated safely: a
//     missing answer is an AmbiguousError, and of a message of several parts it is
//     told which arrived.
//   - The token stands in the address of every request. It is in no error, no log
//     and no reference to a file.
package telegram
