// Package delivery is the outbox: letters on their way, each with a visible state.
//
//	held → queued → sending → sent → bounced
//	  ↓       ↑↓        ↓
//	cancelled failed    ambiguous
//
// A letter is fixed when it is written; what is sent later is what the agent
// saw, under one Message-ID that stays the same over all tries.
//
// sending is the point of no return, committed just before the other side may
// accept. A try that was cut off after it becomes ambiguous: it is shown to the
// agent and never sent again by itself. Before it, trying again is always safe.
//
// Each letter's duty (delivery.send) is outside any transaction; the row's lease
// tells which duty holds it, so that two duties never send the same letter.
//
// Facts out: delivery.changed, whenever an agent should know of a new state.
// Facts in: inbox.changed lets waiting letters try at once (OnInbox).
package delivery
