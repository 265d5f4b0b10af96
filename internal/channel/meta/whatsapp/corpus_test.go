package whatsapp_test

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
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/whatsapp"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
)

// whole returns the calls in a file: some files hold several, by name, and some
// only what stands inside one.
func whole(t *testing.T, doc []byte) (calls [][]byte) {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(doc, &members); err != nil {
		t.Fatal(err)
	}
	switch {
	case members["entry"] != nil:
		return [][]byte{doc}
	case members["messages"] != nil:
		return [][]byte{[]byte(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":` + string(doc) + `}]}]}`)}
	}
	for _, one := range members {
		calls = append(calls, whole(t, one)...)
	}
	return calls
}

// noCall lists the files that are not what the vendor posts, with the reason.
var noCall = map[string]string{
	"netflie-WhatsAppCloudApiTest-01.json": "the answer to a message of the business",
}

// TestCorpus: every call parses into something, with its sender and id, and comes
// again under the same keys.
func TestCorpus(t *testing.T) {
	s := newStage(t)
	files, err := filepath.Glob(filepath.Join(corpus.Dir(t, "webhooks/whatsapp"), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	events, said := 0, 0
	for _, name := range files {
		if noCall[filepath.Base(name)] != "" {
			continue
		}
		doc, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range whole(t, doc) {
			// The number is whatever the call says: the endpoint is another one, and
			// what is not for it is kept all the same.
			first, err := receive(s.ch, post(string(body), appSecret))
			if err != nil || len(first.Raws) == 0 {
				t.Errorf("%s: %+v, %v", filepath.Base(name), first, err)
				continue
			}
			again, err := receive(s.ch, post(string(body), appSecret))
			if err != nil {
				t.Fatal(err)
			}
			for i, raw := range first.Raws {
				events++
				if raw.Key != again.Raws[i].Key || raw.Key == "" {
					t.Errorf("%s: the key is %q, then %q", filepath.Base(name), raw.Key, again.Raws[i].Key)
				}
				m := ours(t, raw.Bytes)
				if m.Empty() && m.Subject == "" && m.Deletes == "" {
					t.Errorf("%s: nothing was understood of %s", filepath.Base(name), raw.Bytes)
				}
				if !m.Empty() {
					said++
					if m.From.Address == "" || m.At.IsZero() {
						t.Errorf("%s: %+v", filepath.Base(name), m)
					}
				}
			}
		}
	}
	if events < 54 || said < 27 {
		t.Errorf("%d events, %d of them said something", events, said)
	}
}

// ours parses an event as if it were for our number.
func ours(t *testing.T, raw []byte) *channel.Message {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	delete(doc, "elsewhere")
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	m, err := whatsapp.Parse(raw)
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return m
}

func TestSignatures(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(corpus.Dir(t, "signatures"), "meta.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name, Key, Body string
		Headers         map[string]string
		Valid           bool
	}
	if err := json.Unmarshal(raw, &vectors); err != nil || len(vectors) == 0 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, v := range vectors {
		c := &channel.Call{Method: http.MethodPost, Header: http.Header{}, Body: []byte(v.Body)}
		for k, s := range v.Headers {
			c.Header.Set(k, s)
		}
		_, done, err := meta.Hook{AppSecret: v.Key}.Believe(c)
		if done || (err == nil) != v.Valid {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
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
	for _, b := range corpus.Seeds(f, "webhooks/whatsapp", ".json", 30, 1<<14) {
		f.Add(b)
	}
	settings, secrets := (&stage{}).papers("")
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := whatsapp.Parse(b); (m == nil) == (err == nil) {
			t.Errorf("%v, %v", m, err)
		}
		ch, err := whatsapp.Kind.Open(settings, secrets, channeltest.NewDesk().Host(t))
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
