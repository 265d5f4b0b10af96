package team

import "slices"

// Role is a named set of permissions.
type Role string

// The roles.
const (
	Administrator Role = "administrator"
	Manager       Role = "manager"
	Worker        Role = "agent"
)

// Roles lists the roles, the mightiest first.
func Roles() []Role { return []Role{Administrator, Manager, Worker} }

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Permission is one thing a role may do, "noun.verb".
type Permission string

// The permissions.
const (
	ConversationRead  Permission = "conversation.read"
	ConversationWrite Permission = "conversation.write"
	CustomerRead      Permission = "customer.read"
	CustomerWrite     Permission = "customer.write"
	CaseRead          Permission = "case.read"
	CaseWork          Permission = "case.work"
	CaseOwn           Permission = "case.own"
	RemedyApprove     Permission = "remedy.approve"
	ReportRead        Permission = "report.read"
	SettingsRead      Permission = "settings.read"
	SettingsWrite     Permission = "settings.write"
	InboxWrite        Permission = "inbox.write"
	AgentWrite        Permission = "agent.write"
	KeyWrite          Permission = "key.write"
	SurveyWrite       Permission = "survey.write"
	LedgerRead        Permission = "ledger.read"
	LedgerRetry       Permission = "ledger.retry"
	JobRead           Permission = "job.read"
	JobRetry          Permission = "job.retry"
)

// grants is the permission table: each permission, in the order it is shown,
// with the least role that has it. Whatever a role may do, the mightier may too.
func grants() []grant {
	return []grant{
		{ConversationRead, Worker},
		{ConversationWrite, Worker},
		{CustomerRead, Worker},
		{CustomerWrite, Worker},
		{CaseRead, Worker},
		{CaseWork, Worker},
		{CaseOwn, Manager},
		{RemedyApprove, Manager},
		{ReportRead, Worker},
		{SettingsRead, Worker},
		{SettingsWrite, Administrator},
		{InboxWrite, Administrator},
		{AgentWrite, Administrator},
		{KeyWrite, Administrator},
		{SurveyWrite, Manager},
		{LedgerRead, Manager},
		{LedgerRetry, Manager},
		{JobRead, Manager},
		{JobRetry, Administrator},
	}
}

type grant struct {
	permission Permission
	from       Role
}

// Can reports whether a role has a permission. It is the only place that
// decides; unknown roles and permissions have nothing.
func Can(r Role, p Permission) bool {
	return slices.Contains(r.Permissions(), p)
}

// Permissions lists what a role may do.
func (r Role) Permissions() []Permission {
	rank := slices.Index(Roles(), r)
	if rank < 0 {
		return nil
	}
	var out []Permission
	for _, g := range grants() {
		if rank <= slices.Index(Roles(), g.from) {
			out = append(out, g.permission)
		}
	}
	return out
}
