package main_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

var firstScript = regexp.MustCompile("(?s)\n## A first script\n.*?```sh\n(.*?)```")

// TestFirstScript does what the README tells a newcomer to: the script as it
// stands there, beside a server as `make run` starts it. Only the two ports are
// others.
func TestFirstScript(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the script needs %s: %v", tool, err)
		}
	}
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	m := firstScript.FindSubmatch(b)
	if m == nil {
		t.Fatal("README.md has no script under \"A first script\"")
	}
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); readme(t, string(m[1]), "") })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); readme(t, string(m[1]), dbtest.PostgresURL(t)) })
}

func readme(t *testing.T, text, database string) {
	s := newScript(t, database)
	s.must(mkdir(s, "bin"))
	s.must(os.Symlink(program, s.path("bin/kintsugi")))
	s.serve("--smtp", "127.0.0.1:0")
	for port, real := range map[string]string{"127.0.0.1:8080": s.env["HTTP"], "127.0.0.1:2525": s.env["MAIL"]} {
		if !strings.Contains(text, port) {
			t.Fatalf("the script does not use %s, where `make run` listens", port)
		}
		text = strings.ReplaceAll(text, port, real)
	}
	s.exec("sh", "-eu", "-c", text)
	if s.code != 0 || s.stderr != "" {
		s.fail("the script ended with %d", s.code)
	}
	lines := strings.Split(strings.TrimSpace(s.stdout), "\n")
	want := []string{"It should be here by now.", `"note"`, "This inbox cannot send: choose how mail leaves in its settings."}
	if got := lines[max(0, len(lines)-3):]; !slices.Equal(got, want) {
		t.Errorf("the script's last lines are %q", got)
	}
	s.stop()
	if s.stderr != "" {
		t.Errorf("the server's log: %s", s.stderr)
	}
}
