package line_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/line"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
)

func TestGoldens(t *testing.T) { channeltest.Goldens(t, line.New(), "testdata/in") }

func TestContract(t *testing.T) {
	channeltest.Contract(t, line.New(), func(t *testing.T) channeltest.Peer {
		w := newWorld(t)
		return channeltest.Peer{
			Settings: w.settings, Secrets: w.secrets, Outgoing: func() *channel.Outgoing { return answer("承知しました") },
			Taken: func() int { return len(w.sim.Screen(hana.Address)) },
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	for name, docs := range map[string][2]string{
		"no secrets":        {`{}`, ``},
		"no token":          {`{}`, `{"channelSecret":"s"}`},
		"no secret":         {`{}`, `{"channelAccessToken":"t"}`},
		"secrets no object": {`{}`, `["s3cret"]`},
		"plain http":        {`{"apiBase":"http://api.example"}`, `{"channelSecret":"s","channelAccessToken":"t"}`},
	} {
		_, err := line.New().Open([]byte(docs[0]), []byte(docs[1]), channel.Host{})
		if !channel.IsSettings(err) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	ch, err := line.New().Open([]byte(`{}`), []byte(`{"channelSecret":"s","channelAccessToken":"t"}`), channel.Host{})
	if err != nil || ch.Close() != nil {
		t.Errorf("settings alone: %v", err)
	}
}

// TestEverythingDocumentedIsKnown looks at LINE's own description: no kind of
// event or message in it is one that nobody has heard of.
func TestEverythingDocumentedIsKnown(t *testing.T) {
	b, err := os.ReadFile(corpus.Dir(t, "webhooks/line-openapi/webhook.yml"))
	if err != nil {
		t.Fatal(err)
	}
	events, messages := 0, 0
	for _, m := range regexp.MustCompile(`(\w+): +"#/components/schemas/\w+(Event|MessageContent)"`).FindAllStringSubmatch(string(b), -1) {
		event := map[string]any{"type": m[1], "webhookEventId": "01", "source": map[string]any{"type": "user", "userId": hana.Address}}
		if events++; m[2] == "MessageContent" {
			messages++
			event["type"], event["message"] = "message", map[string]any{"id": "1", "type": m[1], "text": "x"}
		} else if m[1] == "message" {
			event["message"] = map[string]any{"id": "1", "type": "text", "text": "x"}
		}
		got, err := line.Parse(doc(t, event))
		if err != nil || got.Thing != nil && got.Thing.Name == "unknown" || got.From.Address != hana.Address {
			t.Errorf("%s %s: %+v, %v", m[1], m[2], got, err)
		}
	}
	if events < 20 || messages < 7 {
		t.Errorf("only %d kinds, %d of messages, are described", events, messages)
	}
}

func TestRedeliveryKeepsTheKey(t *testing.T) {
	const without = `{"type":"follow","timestamp":1,"source":{"type":"user","userId":"U1"}`
	keys := []string{}
	for _, event := range []string{
		`{"type":"follow","webhookEventId":"01A","deliveryContext":{"isRedelivery":false}}`,
		`{"type":"follow","webhookEventId":"01A","deliveryContext":{"isRedelivery":true}}`,
		without + `,"deliveryContext":{"isRedelivery":false}}`,
		without + `, "deliveryContext":{"isRedelivery":true}}`,
		`{"type":"unfollow","timestamp":1,"source":{"type":"user","userId":"U1"}}`,
	} {
		keys = append(keys, received(t, []byte(`{"events":[`+event+`]}`))[0].Key)
	}
	if keys[0] != "01A" || keys[0] != keys[1] || keys[2] != keys[3] || slices.Contains(keys[:4], keys[4]) {
		t.Errorf("%q", keys)
	}
}

// TestTimeOfAnEvent counts from when it happened, unless that cannot be true.
func TestTimeOfAnEvent(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	r := receiver(t, "k")
	for name, c := range map[string]struct{ said, want time.Time }{
		"an hour ago": {now.Add(-time.Hour), now.Add(-time.Hour)},
		"to come":     {now.Add(time.Hour), now},
		"long ago":    {now.AddDate(-1, 0, 0), now},
		"never":       {time.UnixMilli(0), now},
	} {
		b, _ := json.Marshal(map[string]any{"events": []any{map[string]any{"type": "follow", "timestamp": c.said.UnixMilli()}}})
		got, err := r.Receive(t.Context(), &channel.Call{Method: http.MethodPost, Header: signed("k", b), Body: b, At: now})
		if err != nil || !got.Raws[0].At.Equal(c.want) {
			t.Errorf("%s: %v %v", name, got.Raws, err)
		}
	}
}

func TestReceiveRefusesWhatIsNoCall(t *testing.T) {
	for _, body := range []string{``, `{`, `[]`, `{}`, `{"events":7}`, `null`} {
		_, err := receiver(t, "k").Receive(t.Context(), &channel.Call{Method: http.MethodPost, Header: signed("k", []byte(body)), Body: []byte(body)})
		if !channel.IsMalformed(err) {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := receiver(t, "k").Receive(t.Context(), &channel.Call{Method: http.MethodGet, Header: signed("k", nil)}); !channel.IsMalformed(err) {
		t.Errorf("GET: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/in/*.event")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := line.Parse(b)
		if (m == nil) == (err == nil) {
			t.Errorf("%v, %v", m, err)
		}
		if m != nil && m.From.Address == "" && m.Thing != nil && m.Thing.Name == "unknown" && m.ExternalID == "" && m.Thing.Data["kind"] == "" {
			t.Errorf("nobody said nothing: %s", b)
		}
	})
}

func FuzzReceive(f *testing.F) {
	f.Add([]byte(`{"events":[{"type":"message","message":{"id":"1","type":"text","text":"x"}}]}`))
	f.Add([]byte(`{"events":[null,1,"x",[]]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := receiver(t, "k").Receive(t.Context(), &channel.Call{Method: http.MethodPost, Header: signed("k", b), Body: b, At: time.Now()})
		if channel.IsUnverified(err) {
			t.Errorf("its own signature is not believed: %v", err)
		}
		for _, raw := range got.Raws {
			if raw.Key == "" {
				t.Errorf("no key for %s", raw.Bytes)
			}
		}
	})
}
