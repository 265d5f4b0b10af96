// Package notice tells agents what needs them: in the application under the
// bell, and, for what cannot wait until they look, by mail.
//
// A notice is for one agent. Nobody is told of what they did themselves, except
// that a step of theirs is overdue. A further escalation of the same step takes
// the place of the unread one before it; each is mailed anyway.
//
// Facts in: case.opened, case.updated, case.escalated, promise.broken,
// note.added, conversation.assigned, inbox.health. Facts out: notice.added.
package notice
