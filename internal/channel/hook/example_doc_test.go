package hook_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel/hook"
)

// TestDocumentedExampleWorks runs the example of docs/HOOK.md as it stands there.
func TestDocumentedExampleWorks(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "openssl", "od"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the documented example is run with %s, which this machine lacks: %v", tool, err)
		}
	}
	b, err := os.ReadFile("../../../docs/HOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "```sh\n")
	script, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("docs/HOOK.md has no example")
	}
	w := newWorld(t)
	run := exec.CommandContext(t.Context(), "sh", "-eu", "-c", script)
	run.Env = append(os.Environ(), "DESK="+w.url, "SECRET="+secret, "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	if out, err := run.CombinedOutput(); err != nil || len(w.desk.Got) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	m, err := hook.Parse(w.desk.Got[0].Bytes)
	if err != nil || m.Text != "本が届きません" || m.From.Address != "hana-1207" {
		t.Errorf("%+v %v", m, err)
	}
}
