package survey

import (
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
)

// situation is all that decides whether somebody is asked. It is gathered once
// when the invitation is planned and again when it is due.
type situation struct {
	kind         Kind
	policy       Policy
	inboxActive  bool
	inboxSends   bool
	muted        bool
	customerSaid bool   // the customer wrote at least once
	address      string // "" if there is none
	bounced      bool   // mail to that address came back
	unwanted     bool   // the customer wants no messages on that channel
	windowOver   bool   // the channel takes no answers any more
	optedOut     bool
	picked       bool // by the sampling
	asked        bool // within the cool-down
}

// refusal returns why nobody is asked, "" if somebody is. A follow-up belongs
// to an effort to put things right: it does not depend on the policy's switch,
// its sampling or the cool-down, but on everything that protects the customer.
func (s situation) refusal() Reason {
	csat := s.kind == CSAT
	for _, x := range []struct {
		holds  bool
		reason Reason
	}{
		{csat && !s.policy.Enabled, Off},
		{!s.inboxActive, InboxStopped},
		{!s.inboxSends, NoWayOut},
		{s.muted, Muted},
		{csat && !s.customerSaid, NoCustomer},
		{s.address == "", NoAddress},
		{s.bounced, BadAddress},
		{s.unwanted, Unwanted},
		{s.windowOver, WindowOver},
		{s.optedOut, OptedOut},
		{csat && !s.picked, SampledOut},
		{csat && s.asked, CoolDown},
	} {
		if x.holds {
			return x.reason
		}
	}
	return ""
}

// overtaken returns why a planned invitation no longer fits its conversation,
// "" if it does; c is the conversation it leads to now. A follow-up asks about a
// case, not about a resolution, and so follows a merge.
func overtaken(i Invitation, c conversation.Conversation, now time.Time) Reason {
	switch {
	case i.Kind == CSAT && string(c.ID) != i.ConversationID:
		return Merged
	case i.Kind == CSAT && (c.Status.Active() || c.Resolution != i.Resolution):
		return Reopened
	case now.Sub(i.RunAt) > staleTime:
		return Late
	}
	return ""
}
