package conversation

import "slices"

// moves is the table of statuses: from → to. Any status may also stay.
var moves = map[Status][]Status{
	Open:     {Pending, Snoozed, Resolved, Closed},
	Pending:  {Open, Snoozed, Resolved, Closed},
	Snoozed:  {Open, Pending, Resolved, Closed},
	Resolved: {Open, Pending, Snoozed, Closed},
	Closed:   {Open}, // closed is the end; only a deliberate reopening leads out
}

// Statuses returns all statuses in their usual order.
func Statuses() []Status { return []Status{Open, Pending, Snoozed, Resolved, Closed} }

// Valid reports whether s is a status.
func (s Status) Valid() bool { return slices.Contains(Statuses(), s) }

// MayBecome reports whether a conversation may move from s to other.
func (s Status) MayBecome(other Status) bool { return s == other || slices.Contains(moves[s], other) }

// Active reports whether somebody still has to do something.
func (s Status) Active() bool { return s == Open || s == Pending || s == Snoozed }

// afterIncoming is the status after a person's message came in.
func (s Status) afterIncoming() Status { return Open }

// afterReply is the status after an agent answered: the customer's turn. A
// snoozed conversation still wakes when it should, a resolved one stays so.
func (s Status) afterReply() Status {
	if s == Open || s == Closed {
		return Pending
	}
	return s
}

var priorityNames = [...]string{"low", "normal", "high", "urgent"}

// String returns the priority's stable name.
func (p Priority) String() string {
	if p < Low || p > Urgent {
		return priorityNames[Normal]
	}
	return priorityNames[p]
}
