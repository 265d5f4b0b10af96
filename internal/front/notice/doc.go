// Package notice tells agents what needs them: in the application under the
// bell, and, for what cannot wait until they look, by mail.
//
// A notice is for one agent. Nobody is told of what they did themselves, except
// that a step of theirs is overdue. A further notice of the same kind about the
// same thing takes the place of the unread one before it; what kinds are mailed at
// all are mailed each time anyway.
//
// Facts in: case.opened, case.updated, case.escalated, promise.broken,
// note.added, conversation.assigned, conversations.released, inbox.health,
// inbox.expiry.
// Facts out: notice.added.
package notice
