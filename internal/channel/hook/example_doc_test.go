package hook_test

import (
	"encoding/xml"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/hook"
)

// documented runs the nth example for a shell of docs/HOOK.md as it stands there
// and returns what the desk heard.
func documented(t *testing.T, n int, args ...string) *channel.Message {
	t.Helper()
	for _, tool := range []string{"sh", "curl", "openssl", "od"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the documented example is run with %s, which this machine lacks: %v", tool, err)
		}
	}
	b, err := os.ReadFile("../../../docs/HOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := strings.Split(string(b), "```sh\n")
	if len(examples) <= n {
		t.Fatalf("docs/HOOK.md has %d examples", len(examples)-1)
	}
	script, _, _ := strings.Cut(examples[n], "```")
	w := newWorld(t)
	run := exec.CommandContext(t.Context(), "sh", append([]string{"-eu", "-c", script, "example"}, args...)...)
	run.Env = append(os.Environ(), "DESK="+w.url, "SECRET="+secret, "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	if out, err := run.CombinedOutput(); err != nil || len(w.desk.Got) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	m, err := hook.Parse(w.desk.Got[0].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDocumentedExampleWorks(t *testing.T) {
	if m := documented(t, 1); m.Text != "本が届きません" || m.From.Address != "hana-1207" {
		t.Errorf("%+v", m)
	}
}

// TestDocumentedCallWorks: a caller's number comes from strangers.
func TestDocumentedCallWorks(t *testing.T) {
	m := documented(t, 2, "missed", "1776214800.42", `+81901234","x":"$(id)`, "12")
	if m.From.Address != "+81901234" || m.Thing == nil || m.Thing.Data["state"] != "missed" || m.Thing.Data["seconds"] != "12" || m.ExternalID != "call:missed:1776214800.42" {
		t.Errorf("%+v", m)
	}
	m = documented(t, 2, "voicemail", "7", "", "31", "https://pbx.example/secret/7.wav")
	if m.From.Address != "anonymous-7" || len(m.Parts) != 1 || m.Parts[0].ContentType != "audio/wav" {
		t.Errorf("%+v", m)
	}
}

// TestAHiddenCallersCallIsAboutSomething: who answered a call whose number is hidden
// may write down what it was about.
func TestAHiddenCallersCallIsAboutSomething(t *testing.T) {
	m, err := hook.Parse([]byte(`{"text":"返品の相談","call":{"id":"7.1","event":"ended","seconds":40}}`))
	if err != nil || m.From.Address != "anonymous-7.1" || m.Text != "返品の相談" || m.Thing == nil || m.Thing.Data["state"] != "ended" {
		t.Errorf("%+v, %v", m, err)
	}
	for _, refused := range []string{
		`{"text":"返品の相談","call":{"id":"7.1","event":"started"}}`,
		`{"contact":"ended","call":{"id":"7.1","event":"ended"}}`,
	} {
		if _, err := hook.Parse([]byte(refused)); err == nil {
			t.Errorf("nobody said %s", refused)
		}
	}
}

// TestDocumentedExchangeTellsMissedCalls: what FreeSWITCH is to do at the end of a
// call is "missed" from its beginning, and "ended" once somebody has answered.
func TestDocumentedExchangeTellsMissedCalls(t *testing.T) {
	b, err := os.ReadFile("../../../docs/HOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "```xml\n")
	example, _, _ := strings.Cut(rest, "```")
	type set struct {
		Data string `xml:"data,attr"`
	}
	var dialplan struct {
		Known  []set `xml:"condition>action"`
		Hidden []set `xml:"condition>anti-action"`
	}
	if err := xml.Unmarshal([]byte(example), &dialplan); err != nil {
		t.Fatal(err)
	}
	for number, sets := range map[string][]set{" $1": dialplan.Known, "": dialplan.Hidden} {
		want := []set{
			{"api_hangup_hook=system tell-desk missed ${uuid}" + number},
			{"execute_on_answer=set api_hangup_hook=system tell-desk ended ${uuid}" + number},
		}
		if !slices.Equal(sets, want) {
			t.Errorf("%q: %v", number, sets)
		}
	}
}
