// Package hook is the open door: a channel to anything that speaks HTTP. Messages
// come and go as signed calls in the scheme of Standard Webhooks; docs/HOOK.md
// describes the documents.
//
// What it holds to:
//
//   - A call is believed with a signature over its id, its time and its exact
//     bytes, within five minutes. The same id is the same delivery again.
//   - Each direction has a secret of its own: what we send cannot be played back
//     to us.
//   - A call that is believed and not understood is answered with what is wrong
//     with it; whoever sent it still has it.
//   - What we send carries an id that stays when it is sent again. A missing
//     answer is left to a person all the same: not everybody looks at ids.
package hook
