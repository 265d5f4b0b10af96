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
