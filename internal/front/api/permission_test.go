package api_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// Every operation that anybody may call. Whoever adds one says why it is safe.
func public() []string {
	return []string{
		"GET /setup",                   // tells only whether a first run is needed
		"POST /setup/administrator",    // needs the one-time token
		"POST /session",                // is the sign-in
		"DELETE /session",              // ends only the caller's own
		"GET /inline/{id}/{signature}", // the signature is the permission; a sandboxed frame has no cookie
	}
}

// Every operation that changes something and that any signed-in caller may use:
// what belongs to oneself.
func ownAffairs() []string {
	return []string{"PATCH /me", "POST /me/password", "DELETE /sessions", "DELETE /sessions/{id}",
		"POST /notices/read", "POST /notices/{id}/read"}
}

// Operations that change something although their permission is to read.
func readersMay() []string {
	return []string{"PUT /conversations/{id}/read"} // notes only what the reader has seen
}

// TestEveryOperationAsksForItsPermission walks all operations with every role
// and nobody, and sees that whoever lacks the permission is turned away before
// the request is even read.
func TestEveryOperationAsksForItsPermission(t *testing.T) {
	c := clock.NewManual(dbtest.Start)
	s := newSite(t, dbtest.SQLite(t, c), c)
	callers := map[team.Role]*user{"": s.nobody()}
	for _, role := range team.Roles() {
		callers[role] = s.key(role)
	}
	ops := s.routes.Operations()
	if len(ops) < 40 {
		t.Fatalf("only %d operations", len(ops))
	}
	hole := regexp.MustCompile(`\{[^}]+\}`)
	for _, op := range ops {
		name := op.Method + " " + op.Path
		checkDeclared(t, op)
		for role, caller := range callers {
			want := 0
			switch {
			case op.Permission == api.Public:
			case role == "":
				want = http.StatusUnauthorized
			case op.Permission != api.SignedIn && !team.Can(role, op.Permission):
				want = http.StatusForbidden
			}
			if want == 0 {
				continue // what those who may can do is tried elsewhere
			}
			if got := caller.call(op.Method, hole.ReplaceAllString(op.Path, "x"), nil); got.Code != want {
				t.Errorf("%s as %q: %d, want %d: %s", name, role, got.Code, want, got.Body)
			}
		}
	}
}

func checkDeclared(t *testing.T, op api.Op) {
	t.Helper()
	name := op.Method + " " + op.Path
	known := slices.Contains(team.Administrator.Permissions(), op.Permission)
	demo := strings.HasPrefix(op.Path, "/demo/")
	switch {
	case op.Permission == api.Public:
		if !slices.Contains(public(), name) && !demo {
			t.Errorf("%s is open to everybody; list it in public() with the reason", name)
		}
	case op.Permission == api.SignedIn:
		if op.Method != http.MethodGet && !slices.Contains(ownAffairs(), name) {
			t.Errorf("%s changes something and asks for no permission", name)
		}
	case !known:
		t.Errorf("%s asks for %q, which no role has", name, op.Permission)
	case op.Method != http.MethodGet && strings.HasSuffix(string(op.Permission), ".read") && !slices.Contains(readersMay(), name):
		t.Errorf("%s changes something with %s", name, op.Permission)
	}
}
