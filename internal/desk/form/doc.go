// Package form keeps the forms on which customers write: what each asks, what of
// an answer is believed, the receipt, and the page on which the writer sees how
// their matter stands.
//
// A form belongs to a mail inbox. What is entered goes through intake like any
// delivery, so it is in the ledger before it is understood, and is a conversation
// of its own. A form for complaints puts a tag on it that opens a case.
//
// Receipt and tag are reactions to message.received: they happen once for each
// entry, and if and only if the entry was committed.
//
// Nobody proves that an address is theirs. Therefore a receipt repeats nothing
// that was entered, an address gets only so many of them, and a pass (the link to
// the page of one's matter) shows what was entered through it and what was
// answered to it, and nothing that came into the conversation from elsewhere.
//
// Facts in: message.received (OnReceived).
// Facts out: form.updated, form.deleted.
package form
