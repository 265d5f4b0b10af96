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
