package channeltest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
)

// understood is a golden: a message whose files are told by size and checksum,
// or the reason why there is none.
type understood struct {
	Error   string           `json:",omitempty"`
	Message *channel.Message `json:",omitempty"`
	Files   []file           `json:",omitempty"`
}

type file struct {
	Name, ContentType, ContentID string
	Inline                       bool
	Size                         int
	SHA256                       string
	Ref                          string `json:",omitempty"` // where it is to be fetched, and how large it is said to be
	Said                         int64  `json:",omitempty"`
}

// Goldens parses every file of dir whose name does not end in .json and compares
// what is understood with the file of the same name plus .json. With
// KINTSUGI_UPDATE=1 it writes those files. A dir without messages fails.
func Goldens(t *testing.T, kind channel.Kind, dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if e.IsDir() || strings.HasSuffix(e.Name(), ".json") {
			continue
		}
		n++
		t.Run(e.Name(), func(t *testing.T) {
			path := filepath.Join(dir, e.Name())
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			corpus.Golden(t, path+".json", understand(t, kind, raw))
		})
	}
	if n == 0 {
		t.Fatalf("there are no messages in %s", dir)
	}
}

// understand parses raw twice, because parsing must change nothing and forget
// everything, and writes down the result.
func understand(t *testing.T, kind channel.Kind, raw []byte) string {
	t.Helper()
	kept := bytes.Clone(raw)
	first, second := describe(t, kind, raw), describe(t, kind, raw)
	if first != second {
		t.Errorf("parsed again, the message is another one:\n%s\n%s", first, second)
	}
	if !bytes.Equal(raw, kept) {
		t.Error("parsing changed the bytes")
	}
	return first
}

func describe(t *testing.T, kind channel.Kind, raw []byte) string {
	t.Helper()
	var u understood
	m, err := kind.Parse(raw)
	if err != nil {
		u.Error = err.Error()
	}
	if m != nil {
		plain := *m
		for _, p := range m.Parts {
			sum := sha256.Sum256(p.Data)
			u.Files = append(u.Files, file{p.Name, p.ContentType, p.ContentID, p.Inline, len(p.Data), hex.EncodeToString(sum[:8]), p.Ref, p.Size})
		}
		plain.Parts = nil
		u.Message = &plain
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(u); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
