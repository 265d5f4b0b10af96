package arch

// exception excuses what a rule finds. where is part of "path:line what", so
// long that it excuses one thing and not more; reason says why it must be so.
type exception struct{ rule, where, reason string }

func exceptions() []exception {
	return []exception{
		{"state", "internal/kit/sqldb/dbtest/dbtest.go", "test databases of one process need different names"},
		{"clock", "internal/kit/blob/blob.go", "a file's age is on the file system's clock, whatever the product's says"},
		{"clock", "internal/front/live/wire.go", "deadlines of sockets are on the machine's clock"},
		{"clock", "internal/app/http.go", "how long a request took is on the machine's clock"},
		{"context", "internal/kit/sqldb/member.go", "a membership outlives the call that began it and ends with Leave"},
	}
}
