package corpus_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

// stalwartMail is the dump of a whole parse by another parser.
type stalwartMail struct {
	HTMLBody    []int          `json:"html_body"`
	TextBody    []int          `json:"text_body"`
	Attachments []int          `json:"attachments"`
	Parts       []stalwartPart `json:"parts"`
}

type stalwartPart struct {
	Headers []struct {
		Name  json.RawMessage `json:"name"`
		Value json.RawMessage `json:"value"`
	} `json:"headers"`
	Broken bool            `json:"is_encoding_problem"`
	Body   json.RawMessage `json:"body"`
}

func (p stalwartPart) header(name string) json.RawMessage {
	for _, h := range p.Headers {
		if strings.Trim(string(h.Name), `"`) == name {
			return h.Value
		}
	}
	return nil
}

// text is the body when it is of this kind (Text or Html).
func (p stalwartPart) text(kind string) (string, bool) {
	var body map[string]json.RawMessage
	if json.Unmarshal(p.Body, &body) != nil || body[kind] == nil {
		return "", false
	}
	var s string
	return s, json.Unmarshal(body[kind], &s) == nil && !strings.HasPrefix(string(body[kind]), "{") && assign(&s, body[kind])
}

func assign(s *string, raw json.RawMessage) bool { return json.Unmarshal(raw, s) == nil }

func stalwart(t *testing.T, b *board) {
	dir := corpus.Dir(t, "email/stalwart-mail-parser")
	for _, path := range files(t, dir, "*.json") {
		var want stalwartMail
		if err := json.Unmarshal(read(t, path), &want); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		m := parse(t, filepath.Join(dir, name+".eml"))
		stalwartHeaders(b, name, want.Parts[0], m)
		stalwartBodies(b, name, want, m)
		stalwartAttachments(b, name, want, m)
	}
}

const stalwartSource = "email/stalwart-mail-parser"

func stalwartHeaders(b *board, name string, root stalwartPart, m *mime.Mail) {
	var text struct{ Text *string }
	if json.Unmarshal(root.header("subject"), &text) == nil && text.Text != nil {
		b.equal(stalwartSource, name, "subject", *text.Text, m.Subject)
	}
	text.Text = nil
	if json.Unmarshal(root.header("message_id"), &text) == nil && text.Text != nil {
		b.equal(stalwartSource, name, "message-id", *text.Text, m.MessageID)
	}
	for q, got := range map[string][]mime.Address{"from": m.From, "to": m.To} {
		var list struct {
			Address struct{ List, Group json.RawMessage }
		}
		if json.Unmarshal(root.header(q), &list) != nil || list.Address.List == nil {
			continue
		}
		var people []struct{ Name, Address string }
		if err := json.Unmarshal(list.Address.List, &people); err != nil {
			continue
		}
		var want, have []string
		for _, p := range people {
			want = append(want, p.Name+" <"+p.Address+">")
		}
		for _, a := range got {
			have = append(have, a.Name+" <"+a.Addr+">")
		}
		b.equal(stalwartSource, name, q, strings.Join(want, ", "), strings.Join(have, ", "))
	}
	var date struct {
		DateTime *struct {
			Year, Month, Day, Hour, Minute, Second int
			Before                                 bool `json:"tz_before_gmt"`
			ZoneHour                               int  `json:"tz_hour"`
			ZoneMinute                             int  `json:"tz_minute"`
		}
	}
	if json.Unmarshal(root.header("date"), &date) == nil && date.DateTime != nil {
		d := date.DateTime
		offset := d.ZoneHour*3600 + d.ZoneMinute*60
		if d.Before {
			offset = -offset
		}
		want := time.Date(d.Year, time.Month(d.Month), d.Day, d.Hour, d.Minute, d.Second, 0, time.FixedZone("", offset))
		b.equal(stalwartSource, name, "date", want.UTC().String(), m.Date.UTC().String())
	}
}

// stalwartBodies compares the texts that are bodies. HTML is compared when the
// mail has HTML parts of its own.
func stalwartBodies(b *board, name string, want stalwartMail, m *mime.Mail) {
	broken := false
	collect := func(ids []int, kind string) (string, bool) {
		var all []string
		pure := true
		for _, id := range ids {
			s, ok := want.Parts[id].text(kind)
			pure = pure && ok
			all = append(all, s)
			broken = broken || want.Parts[id].Broken
		}
		return strings.Join(all, "\n"), pure && len(ids) > 0
	}
	text, pureText := collect(want.TextBody, "Text")
	html, pureHTML := collect(want.HTMLBody, "Html")
	if pureText {
		if broken {
			b.check(stalwartSource, name, "text (broken)", m.Text != "", "empty")
		} else {
			b.check(stalwartSource, name, "text", squeeze(text) == squeeze(m.Text), fmt.Sprintf("want %.400q\n     got  %.400q", text, m.Text))
		}
	}
	if pureHTML && !broken {
		b.check(stalwartSource, name, "html", squeeze(html) == squeeze(m.HTML), fmt.Sprintf("want %.400q\n     got  %.400q", html, m.HTML))
	}
}

func stalwartAttachments(b *board, name string, want stalwartMail, m *mime.Mail) {
	b.equal(stalwartSource, name, "attachments", fmt.Sprint(len(want.Attachments)), fmt.Sprint(len(m.Parts)))
	var names, have []string
	for _, id := range want.Attachments {
		if n := stalwartName(want.Parts[id]); n != "" {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		return
	}
	for _, p := range m.Parts {
		have = append(have, p.Name)
	}
	sort.Strings(have)
	for i, n := range names {
		found := false
		for _, h := range have {
			found = found || sameButLost(n, h)
		}
		b.check(stalwartSource, fmt.Sprintf("%s#%d", name, i+1), "att. name", found, fmt.Sprintf("want %q got %q", n, have))
	}
}

// stalwartName is the file name that the headers of a part give.
func stalwartName(p stalwartPart) string {
	for _, q := range [][2]string{{"content_disposition", "filename"}, {"content_type", "name"}} {
		var v struct {
			ContentType struct {
				Attributes []struct{ Name, Value string }
			}
		}
		if json.Unmarshal(p.header(q[0]), &v) != nil {
			continue
		}
		for _, a := range v.ContentType.Attributes {
			if a.Name == q[1] && a.Value != "" {
				// A path is taken off by rule.
				return a.Value[strings.LastIndexAny(a.Value, `/\`)+1:]
			}
		}
	}
	return ""
}
