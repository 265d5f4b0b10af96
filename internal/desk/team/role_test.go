package team_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
)

// The whole permission table, written out by hand: a change of it must be meant.
const permissions = `
                    administrator  manager  agent
conversation.read   x              x        x
conversation.write  x              x        x
customer.read       x              x        x
customer.write      x              x        x
case.read           x              x        x
case.work           x              x        x
case.own            x              x        -
remedy.approve      x              x        -
report.read         x              x        x
settings.read       x              x        x
settings.write      x              -        -
inbox.write         x              -        -
agent.write         x              -        -
key.write           x              -        -
survey.write        x              x        -
ledger.read         x              x        -
ledger.retry        x              x        -
job.read            x              x        -
job.retry           x              -        -
`

func TestPermissionTable(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(permissions), "\n")
	var names []string
	for _, line := range lines[1:] {
		f := strings.Fields(line)
		names = append(names, f[0])
		for i, role := range team.Roles() {
			if got, want := team.Can(role, team.Permission(f[0])), f[i+1] == "x"; got != want {
				t.Errorf("Can(%s, %s) = %v, want %v", role, f[0], got, want)
			}
		}
	}
	if got := fmt.Sprint(team.Administrator.Permissions()); got != fmt.Sprint(names) {
		t.Errorf("the administrator has\n%s\nthe table lists\n%s", got, names)
	}
	if team.Can("", team.CaseRead) || team.Can("owner", team.CaseRead) || team.Can(team.Administrator, "case.eat") {
		t.Error("an unknown role or permission was granted something")
	}
}
