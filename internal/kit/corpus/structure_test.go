package corpus_test

import (
	"encoding/xml"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
)

// entity is a node of mime4j's dump of a part tree.
type entity struct {
	XMLName xml.Name
	Field   []string `xml:"header>field"`
	Nodes   []entity `xml:",any"`
}

// count walks a dump: leaves that are binary, and messages below the top.
func (e entity) count(top bool) (binary, messages int) {
	for _, n := range e.Nodes {
		switch n.XMLName.Local {
		case "binary-body":
			binary++
		case "message":
			messages++
		default:
			b, m := n.count(false)
			binary, messages = binary+b, messages+m
		}
	}
	return binary, messages
}

// structures compares the header fields, the binary parts and the nested
// messages with mime4j's decoding.
func structures(t *testing.T, b *board) {
	dir := corpus.Dir(t, "email/apache-mime4j")
	for _, path := range files(t, dir, "*_decoded.xml") {
		name := strings.TrimSuffix(filepath.Base(path), "_decoded.xml")
		var want entity
		raw := strings.ReplaceAll(string(read(t, path)), "&#0;", "")
		if err := xml.Unmarshal([]byte(raw), &want); err != nil {
			t.Logf("%s: %v", name, err)
			continue
		}
		m := parse(t, filepath.Join(dir, name+".msg"))
		var wantFields, fields []string
		for _, f := range want.Field {
			n, _, _ := strings.Cut(strings.TrimSpace(f), ":")
			wantFields = append(wantFields, n)
		}
		for _, f := range m.Header.Fields {
			fields = append(fields, f.Name)
		}
		b.equal("email/apache-mime4j", name, "header fields", strings.Join(wantFields, " "), strings.Join(fields, " "))
		binary, messages := want.count(true)
		gotBinary, gotMessages := 0, 0
		for _, p := range m.Parts {
			switch {
			case p.ContentType == "message/rfc822":
				gotMessages++
			case !strings.HasPrefix(p.ContentType, "text/"):
				gotBinary++
			}
		}
		b.equal("email/apache-mime4j", name, "binary parts", fmt.Sprint(binary), fmt.Sprint(gotBinary))
		b.equal("email/apache-mime4j", name, "messages", fmt.Sprint(messages), fmt.Sprint(gotMessages))
	}
}
