// Package conversation keeps threads with customers: their messages, notes,
// drafts and status.
//
// A conversation is one thread with one customer about one matter, in one
// inbox. Its status says whose turn it is; the moves between statuses are the
// table in status.go.
//
// Threading is by evidence, within one inbox and among its participants
// (match.go): our signed Message-ID, or a Message-ID of the thread, answered by
// somebody who takes part. Everything weaker is a suggestion to the agent. Every
// join can be undone: merge and split are inverse, and both are entries of the
// thread.
//
// What an agent writes is held for some seconds and can be taken back whole:
// the draft returns, the conversation is as it was.
//
// Invariants, for every conversation:
//   - what can be derived from its messages (last message, first response,
//     waiting since, count) is what derive.go computes from them;
//   - its messages have one order of arrival, which no clock turns round (arrival.go);
//   - a merged one holds no messages and names the one that took it in;
//   - what happened to it stands in the thread as an entry, and in the journal as a fact.
//
// Facts in: delivery.changed (OnDelivery), customer.merged (OnCustomerMerged),
// agent.updated (OnAgent).
// Facts out: see event.go.
package conversation
