package survey

// Reason says why an invitation was not sent, or did not arrive. It is the last
// part of the phrase key "survey.reason.…".
type Reason string

// The reasons. The first group is found when the invitation is planned and looked
// at again when it is due; the second only when it is due; the third afterwards.
const (
	Off          Reason = "off"                 // the inbox's policy asks nobody
	Muted        Reason = "muted"               // automatic mail: nobody is there to be asked
	NoCustomer   Reason = "no-customer-message" // only agents wrote
	NoAddress    Reason = "no-address"          // the customer cannot be reached
	BadAddress   Reason = "bounced-address"     // earlier mail came back from there
	Unwanted     Reason = "unwanted"            // the customer stopped messages on that channel
	WindowOver   Reason = "window-over"         // the channel's time for answers is over
	OptedOut     Reason = "opted-out"           // the customer asked not to be asked
	SampledOut   Reason = "sampled-out"         // not among those the sampling picks
	CoolDown     Reason = "cool-down"           // asked too recently
	InboxStopped Reason = "inbox-stopped"       // the inbox is no longer in use
	NoWayOut     Reason = "no-sending"          // the inbox has no way to send

	Reopened Reason = "reopened" // not resolved any more, or resolved anew
	Merged   Reason = "merged"   // the conversation went into another
	Late     Reason = "late"     // so long after its time that asking would puzzle
	Restored Reason = "restored" // due before a backup was restored: it may have been sent

	Refused   Reason = "refused"   // the outbox gave up
	Bounced   Reason = "bounced"   // it came back
	Cancelled Reason = "cancelled" // an agent took it back
	Unsure    Reason = "unsure"    // nobody knows whether it was accepted
)

// Reasons lists all reasons, for filters and for the catalogue's test.
func Reasons() []Reason {
	return []Reason{Off, Muted, NoCustomer, NoAddress, BadAddress, Unwanted, WindowOver, OptedOut, SampledOut, CoolDown, InboxStopped, NoWayOut,
		Reopened, Merged, Late, Restored, Refused, Bounced, Cancelled, Unsure}
}
