// Package actor names whoever acts. An Actor is an explicit argument of every
// command; it never hides in a context.
package actor

// Kind says what sort of actor acts.
type Kind string

// The kinds of actors.
const (
	Agent    Kind = "agent"
	Customer Kind = "customer"
	Rule     Kind = "rule"
	Key      Kind = "key"
	System   Kind = "system"
)

// Actor is who did something: an agent, a customer, a rule, an API key, or the system itself.
type Actor struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id,omitempty"`
}

// ForAgent returns the actor for an agent's id.
func ForAgent(id string) Actor { return Actor{Kind: Agent, ID: id} }

// ForCustomer returns the actor for a customer's id.
func ForCustomer(id string) Actor { return Actor{Kind: Customer, ID: id} }

// ForKey returns the actor for an API key's id.
func ForKey(id string) Actor { return Actor{Kind: Key, ID: id} }

// OfSystem returns the system itself, with the name of the part that acts.
func OfSystem(part string) Actor { return Actor{Kind: System, ID: part} }

// AgentID returns the agent's id, or "" when no agent acts.
func (a Actor) AgentID() string {
	if a.Kind == Agent {
		return a.ID
	}
	return ""
}
