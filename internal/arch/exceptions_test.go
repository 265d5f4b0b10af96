package arch

// exception excuses what a rule finds. where is part of "path:line what", so
// long that it excuses one thing and not more; reason says why it must be so.
type exception struct{ rule, where, reason string }

func exceptions() []exception {
	return []exception{
		{"state", "internal/kit/sqldb/dbtest/dbtest.go", "test databases of one process need different names"},
		{"clock", "internal/front/live/wire.go", "deadlines of sockets are on the machine's clock"},
		{"clock", "internal/front/chat/wire.go", "deadlines of sockets are on the machine's clock"},
		{"clock", "internal/app/http.go", "how long a request took is on the machine's clock"},
		{"budgets", "internal/channel/builtin imports", "it is the list of channels: one import a channel"},
		{"budgets", "internal/demo imports", "the demonstration plays everybody, so it drives every slice"},
		{"budgets", "internal/kit/stat/estimate.go", "a mean is its sum, its spread and its level"},
		{"budgets", "internal/kit/stat/interval.go", "two proportions are four numbers, and a level"},
		{"budgets", "internal/channel/builtin imports", "it is the list of all channels"},
		{"schema", "rollup_change.n is", "triggers write these rows, so each engine numbers them in its own way"},
		{"schema", "rollup_change index unique (unique n)", "the same number: SQLite keeps it as the row's own"},
		{"plans", "internal/app/backup.go", "a backup counts everything and takes every file along"},
		{"plans", "internal/demo/seed.go", "seeding is refused where there is anything: it looks once, at an empty instance"},
		{"plans", "internal/desk/conversation/file.go", "once a day the sweep asks which files drafts still name; drafts are as many as agents write"},
		{"plans", "internal/desk/inbox/inboxes.go", "an inbox is deleted only while it is unused: the engine itself looks whether anything names it"},
		{"plans", "internal/desk/team/group.go", "deleting a team frees its conversations; seldom, and by an administrator"},
		{"composed", "internal/demo/bulk.go", "a bulk load writes as many rows in a statement as it has; names and columns are constants of its tables"},
		{"context", "internal/app/wire.go", "Prometheus collects without a context"},
		{"context", "internal/front/live/wire.go", "a WebSocket message brings no context"},
		{"context", "internal/front/chat/wire.go", "a WebSocket message brings no context"},
		{"context", "internal/kit/sqldb/member.go", "a membership outlives the call that began it and ends with Leave"},
	}
}
