package team

// The facts of this package. The subject is the id of the agent, team or key;
// of session facts it is the agent's.
const (
	AgentCreatedFact   = "agent.created"   // AgentData
	AgentUpdatedFact   = "agent.updated"   // AgentData
	PasswordFact       = "agent.password"  // PasswordData
	SessionStartedFact = "session.started" // SessionData
	SessionEndedFact   = "session.ended"   // SessionData; SessionID empty: all of the agent's
	KeyCreatedFact     = "key.created"     // KeyData
	KeyRevokedFact     = "key.revoked"     // KeyData
	TeamUpdatedFact    = "team.updated"    // GroupData, also of a new team
	TeamDeletedFact    = "team.deleted"    // GroupData
)

// AgentData tells how an agent stands now and which fields changed.
type AgentData struct {
	Role   Role     `json:"role"`
	Active bool     `json:"active"`
	Fields []string `json:"fields,omitempty"`
}

// PasswordData tells whether agents set their own password or were given one.
type PasswordData struct {
	Own bool `json:"own"`
}

// SessionData tells which session began or ended and from where it was used.
type SessionData struct {
	SessionID string `json:"sessionId"`
	Address   string `json:"address,omitempty"`
	UserAgent string `json:"userAgent,omitempty"`
}

// KeyData tells which API key it was.
type KeyData struct {
	Name string `json:"name"`
	Role Role   `json:"role"`
}

// GroupData tells who stands in a team now.
type GroupData struct {
	Name     string   `json:"name"`
	AgentIDs []string `json:"agentIds"`
}
