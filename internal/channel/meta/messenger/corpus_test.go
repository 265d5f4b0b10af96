package messenger_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/messenger"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
)

// noCall lists the files that are not what the vendor posts, with the reason.
var noCall = map[string]string{
	"restfb-instagram-conversation.json":  "an answer of the API: who takes part in a conversation",
	"restfb-instagram-message-story.json": "an answer of the API: one message",
}

// bom begins some files.
var bom = []byte("\xef\xbb\xbf")

// whole is the call in a file: some hold only one event.
func whole(t *testing.T, doc []byte) string {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(doc, &members); err != nil {
		t.Fatal(err)
	}
	if members["entry"] != nil {
		return string(doc)
	}
	return `{"object":"page","entry":[{"id":"111","messaging":[` + string(doc) + `]}]}`
}

// TestCorpus: every call parses into something, comes again under the same keys,
// and each event is told once.
func TestCorpus(t *testing.T) {
	s := newStage(t, messenger.Kind)
	events, said := 0, 0
	for _, folder := range []string{"messenger", "messenger-feed", "instagram"} {
		files, err := filepath.Glob(filepath.Join(corpus.Dir(t, "webhooks/"+folder), "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%v, %v", files, err)
		}
		for _, path := range files {
			file := filepath.Base(path)
			doc, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if noCall[file] != "" {
				continue
			}
			body := whole(t, bytes.TrimPrefix(doc, bom))
			first, err := receive(s.ch, post(body))
			if err != nil || len(first.Raws) == 0 {
				t.Errorf("%s: %+v, %v", file, first, err)
				continue
			}
			again, err := receive(s.ch, post(body))
			if err != nil {
				t.Fatal(err)
			}
			for i, raw := range first.Raws {
				events++
				if raw.Key != again.Raws[i].Key || raw.Key == "" {
					t.Errorf("%s: the key is %q, then %q", file, raw.Key, again.Raws[i].Key)
				}
				m := ours(t, raw.Bytes)
				if m.Empty() && m.Subject == "" && m.Deletes == "" {
					t.Errorf("%s: nothing was understood of %s", file, raw.Bytes)
				}
				if !m.Empty() {
					said++
					if m.From.Address == "" {
						t.Errorf("%s: %+v", file, m)
					}
				}
			}
		}
	}
	if events < 100 || said < 40 {
		t.Errorf("%d events, %d of them said something", events, said)
	}
}

// ours parses an event as if it were for our page.
func ours(t *testing.T, raw []byte) *channel.Message {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	delete(doc, "aside")
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	m, err := messenger.Parse(raw)
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return m
}

func TestReceiveBelievesOnlyTheApp(t *testing.T) {
	both(t, func(t *testing.T, s *stage) {
		body := `{"object":"page","entry":[{"id":"111","messaging":[{"sender":{"id":"1"},"message":{"mid":"m","text":"x"}}]}]}`
		r := post(body)
		r.Header.Set(meta.SignatureHeader, meta.Sign("guess", []byte(body)))
		if got, err := receive(s.ch, r); !channel.IsUnverified(err) || len(got.Raws) > 0 {
			t.Errorf("%+v, %v", got, err)
		}
		for _, bad := range []string{"x", "[]", "{}", `{"object":"page"}`} {
			if _, err := receive(s.ch, post(bad)); !channel.IsMalformed(err) {
				t.Errorf("%s: %v", bad, err)
			}
		}
		if got, err := receive(s.ch, post(body)); err != nil || len(got.Raws) != 1 || got.Raws[0].Key != "message:m" || got.Raws[0].Source != s.kind.Name {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/in/*.call")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, b := range corpus.Seeds(f, "webhooks/messenger-feed", ".json", 20, 1<<14) {
		f.Add(b)
	}
	settings, secrets := papers("", true)
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := messenger.Parse(b); (m == nil) == (err == nil) {
			t.Errorf("%v, %v", m, err)
		}
		ch, err := messenger.Kind.Open(settings, secrets, channeltest.NewDesk().Host(t))
		if err != nil {
			t.Fatal(err)
		}
		c := &channel.Call{Method: http.MethodPost, Header: http.Header{meta.SignatureHeader: {meta.Sign(appSecret, b)}}, Body: bytes.Clone(b)}
		got, err := ch.(channel.Receiver).Receive(t.Context(), c)
		if err != nil && !channel.IsMalformed(err) {
			t.Error(err)
		}
		for _, raw := range got.Raws {
			if raw.Key == "" || !json.Valid(raw.Bytes) {
				t.Errorf("delivery %q: %s", raw.Key, raw.Bytes)
			}
		}
	})
}
