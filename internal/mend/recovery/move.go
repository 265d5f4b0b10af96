package recovery

import "slices"

// State is how far a case has come: its furthest milestone in the present round.
type State string

// The states, in the order of a round without detours.
const (
	Detected        State = "detected"
	Reopened        State = "reopened" // the recovery itself failed: a new round
	Acknowledged    State = "acknowledged"
	Assessed        State = "assessed"         // a person has confirmed the severity's inputs
	OwnerContacted  State = "owner_contacted"  // listened and restated
	Diagnosed       State = "diagnosed"        // the cause was explained
	PlanAgreed      State = "plan_agreed"      // measures with dates
	RemedyDelivered State = "remedy_delivered" // what was promised is given
	FollowedUp      State = "followed_up"      // the customer confirmed it arrived
	Surveyed        State = "surveyed"         // our work is done; the customer is asked
	Closed          State = "closed"
)

// States lists all states in order.
func States() []State {
	return []State{Detected, Reopened, Acknowledged, Assessed, OwnerContacted, Diagnosed, PlanAgreed, RemedyDelivered, FollowedUp, Surveyed, Closed}
}

// moves is the state machine. A skipped step lets a case pass over its milestone;
// nothing leads back but reopening, and that only from where our work was done.
var moves = map[State][]State{
	Detected:        {Acknowledged, OwnerContacted, Diagnosed, PlanAgreed, RemedyDelivered, FollowedUp, Surveyed, Closed},
	Reopened:        {Acknowledged, OwnerContacted, Diagnosed, PlanAgreed, RemedyDelivered, FollowedUp, Surveyed, Closed},
	Acknowledged:    {Assessed, OwnerContacted, Diagnosed, PlanAgreed, RemedyDelivered, FollowedUp, Surveyed, Closed},
	Assessed:        {OwnerContacted, Diagnosed, PlanAgreed, RemedyDelivered, FollowedUp, Surveyed, Closed},
	OwnerContacted:  {Diagnosed, PlanAgreed, RemedyDelivered, FollowedUp, Surveyed, Closed},
	Diagnosed:       {PlanAgreed, RemedyDelivered, FollowedUp, Surveyed, Closed},
	PlanAgreed:      {RemedyDelivered, FollowedUp, Surveyed, Closed},
	RemedyDelivered: {FollowedUp, Surveyed, Closed},
	FollowedUp:      {Surveyed, Closed},
	Surveyed:        {Closed, Reopened},
	Closed:          {Reopened},
}

// CanMove reports whether a case may go from one state to another.
func CanMove(from, to State) bool { return slices.Contains(moves[from], to) }
