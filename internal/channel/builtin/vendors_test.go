package builtin_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/builtin"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/form"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
)

// became says in one line what a message tells, without its words.
func became(m *channel.Message) string {
	var out []string
	add := func(when bool, format string, args ...any) {
		if when {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	add(m.Edits != "", "edit")
	add(m.Deletes != "", "taken back")
	add(m.Contact != "", "contact %s", m.Contact)
	for _, r := range m.Receipts {
		add(true, "receipt %s", r.State)
	}
	if m.Bounce != nil {
		add(true, "%s %s", m.Bounce.Kind, m.Bounce.Reason)
	}
	add(!m.Empty() && m.Edits == "", "message")
	add(m.Text != "" || m.HTML != "", "with words")
	if m.Thing != nil {
		add(true, "with %s", strings.TrimSpace(m.Thing.Name+" "+kindOf(m.Thing)))
	}
	for _, p := range m.Parts {
		add(true, "with file %s", p.ContentType)
	}
	add(len(m.InReplyTo) > 0, "as a reply")
	add(m.Auto != "", "by a machine: %s", m.Auto)
	if len(out) == 0 {
		return "ledger only: " + m.Subject
	}
	return strings.Join(out, ", ")
}

// kindOf is which kind nobody has heard of, where that is what a thing is.
func kindOf(t *channel.Thing) string {
	if t.Name != "unknown" {
		return ""
	}
	return "(" + t.Data["kind"] + ")"
}

// TestOwnFixtures keeps in one table what becomes of every fixture of every
// channel; what each says in full is in the golden beside it.
func TestOwnFixtures(t *testing.T) {
	folders := map[string]string{"whatsapp": "meta/whatsapp", "messenger": "meta/messenger", "sms": "twilio/sms", "voice": "twilio/voice"}
	table := strings.Builder{}
	for _, kind := range builtin.Kinds() {
		if kind.Name == "instagram" || kind.Name == form.Unnamed { // one Parse with messenger, with form
			continue
		}
		folder := kind.Name
		if f, ok := folders[kind.Name]; ok {
			folder = f
		}
		files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(folder), "testdata", "in", "*"))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, path := range files {
			if strings.HasSuffix(path, ".json") {
				continue
			}
			n++
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			m, err := kind.Parse(raw)
			what := "refused"
			if err == nil {
				what = became(m)
			}
			fmt.Fprintf(&table, "%-10s %-40s %s\n", kind.Name, filepath.Base(path), what)
		}
		if n == 0 {
			t.Errorf("%s has no fixtures", kind.Name)
		}
	}
	corpus.Golden(t, "testdata/fixtures.golden", table.String())
}

// TestWebhooks keeps in one table what becomes of every call in the corpus: each
// is believed, comes again under the same keys, tells something, and what
// somebody says has a sender. Files of vendors that are no channel are named.
func TestWebhooks(t *testing.T) {
	root := corpus.Dir(t, "webhooks")
	folders, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	table, sums := strings.Builder{}, map[string]int{}
	for _, folder := range folders {
		files, err := os.ReadDir(filepath.Join(root, folder.Name()))
		if err != nil {
			t.Fatal(err)
		}
		lane, known := lanes(folder.Name())
		for _, file := range files {
			name := folder.Name() + "/" + file.Name()
			if why := noCall(name); why != "" || !known {
				fmt.Fprintf(&table, "%-70s %-10s %s\n", name, "-", strings.TrimSpace("no call of a channel: "+why))
				sums["no call"]++
				continue
			}
			doc, err := os.ReadFile(filepath.Join(root, folder.Name(), file.Name()))
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lane.take(t, name, doc) {
				fmt.Fprintf(&table, "%-70s %-10s %s\n", name, lane.kind, line)
				sums[lane.kind]++
			}
		}
	}
	for _, name := range []string{"line", "whatsapp", "messenger", "instagram", "telegram", "sms", "vonage"} {
		if sums[name] == 0 {
			t.Errorf("no call of %s", name)
		}
	}
	corpus.Golden(t, "testdata/webhooks.golden", table.String())
}

// take lets a channel receive what is in a file and returns what each event became.
func (l lane) take(t *testing.T, name string, doc []byte) (out []string) {
	t.Helper()
	ch, kind := open(t, l.kind, l.settings, l.secrets), kindNamed(t, l.kind)
	for _, call := range l.calls(t, doc) {
		first, err := ch.Receive(t.Context(), call)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := ch.Receive(t.Context(), call)
		if err != nil || len(again.Raws) != len(first.Raws) {
			t.Fatalf("%s, again: %d events and not %d, %v", name, len(again.Raws), len(first.Raws), err)
		}
		if len(first.Raws) == 0 {
			out = append(out, "nothing in it")
		}
		for i, raw := range first.Raws {
			if raw.Key == "" || raw.Key != again.Raws[i].Key {
				t.Errorf("%s: the key is %q, then %q", name, raw.Key, again.Raws[i].Key)
			}
			m, err := kind.Parse(l.ours(t, raw.Bytes))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			what := became(m)
			if what == "ledger only: " || !m.Empty() && m.From.Address == "" {
				t.Errorf("%s: %s, from %+v: %s", name, what, m.From, raw.Bytes)
			}
			out = append(out, what)
		}
	}
	return out
}

func kindNamed(t *testing.T, name string) channel.Kind {
	t.Helper()
	all := builtin.Kinds()
	i := slices.IndexFunc(all, func(k channel.Kind) bool { return k.Name == name })
	if i < 0 {
		t.Fatalf("there is no channel %s", name)
	}
	return all[i]
}

func open(t *testing.T, kind, settings, secrets string) channel.Receiver {
	t.Helper()
	ch, err := kindNamed(t, kind).Open([]byte(settings), []byte(secrets), channeltest.NewDesk().Host(t))
	if err != nil {
		t.Fatal(err)
	}
	return ch.(channel.Receiver)
}
