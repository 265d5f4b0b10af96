package conversation

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
)

// Limits of a written message.
const (
	maxQuoted     = 64 << 10 // bytes of the quoted original, text
	maxQuotedHTML = 256 << 10
	// maxQuotedPictures bounds the pictures that go back with the quoted original, in bytes.
	maxQuotedPictures = 5 << 20
	maxReferences     = 20 // Message-IDs of the thread: the first and the latest
)

// quote is the original that stands below an answer.
type quote struct {
	attribution string
	text        string
	html        string       // sanitised
	room        int64        // bytes that pictures of the original may take
	pictures    []Attachment // that stand inside html, under a Content-ID of ours
}

// written is what the writer composed, in the forms it is kept and sent in.
type written struct {
	text string   // plain, without signature and quote
	html string   // sanitised, "" for plain text only
	cids []string // attachments that stand inside the text
}

// reInline finds the pictures that the composer shows from our own attachments.
var reInline = regexp.MustCompile(`(?i)(\ssrc\s*=\s*["'])[^"']*/api/v1/attachments/(att_[0-9a-z]{26})(?:\?[^"']*)?(["'])`)

// contentID is the Content-ID of an attachment of ours.
func contentID(attachmentID string) string { return attachmentID + "@kintsugi" }

// write reads what came from the composer. HTML wins over text; its text is
// made from it, so that both say the same.
func write(source, plain string) written {
	if strings.TrimSpace(source) == "" {
		return written{text: strings.TrimSpace(cut(newlines(plain)))}
	}
	source = reInline.ReplaceAllString(source, `${1}cid:${2}@kintsugi${3}`)
	c := CleanHTML(source)
	return written{text: strings.TrimSpace(cut(rich.Text(c.HTML))), html: c.HTML, cids: c.CIDs}
}

func newlines(s string) string { return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s) }

// empty reports whether nothing was written.
func (w written) empty() bool { return w.text == "" && len(w.cids) == 0 }

// below is what follows the writer's words in the mail: signature and quote.
func (w written) below(signature string, q *quote) string {
	var b strings.Builder
	if s := strings.TrimSpace(newlines(signature)); s != "" {
		b.WriteString("-- \n" + s + "\n")
	}
	if q != nil {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(q.attribution + "\n" + quoted(q.text))
	}
	return strings.TrimRight(b.String(), "\n")
}

// letterText is the whole plain part of the mail.
func (w written) letterText(signature string, q *quote) string {
	return strings.Trim(w.text+"\n\n"+w.below(signature, q), "\n")
}

// letterHTML is the whole HTML part, "" when the writer wrote plain text.
func (w written) letterHTML(signature string, q *quote) string {
	if w.html == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString(`<div>` + w.html + `</div>`)
	if s := strings.TrimSpace(newlines(signature)); s != "" {
		b.WriteString(`<div class="signature">-- <br>` + strings.ReplaceAll(html.EscapeString(s), "\n", "<br>") + `</div>`)
	}
	if q != nil {
		b.WriteString(`<div class="quote"><div>` + html.EscapeString(q.attribution) + `</div><blockquote type="cite">` + q.html + `</blockquote></div>`)
	}
	return b.String()
}

// quoted puts "> " before every line.
func quoted(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i, l := range lines {
		if l == "" || strings.HasPrefix(l, ">") {
			lines[i] = ">" + l
		} else {
			lines[i] = "> " + l
		}
	}
	return strings.Join(lines, "\n")
}

// quoting is for whom a message is quoted.
type quoting struct {
	lang string
	zone *time.Location
	room int64 // bytes that pictures may take
}

// quoteOf makes the quote of a message.
func quoteOf(p *phrase.Catalogue, m Message, to quoting) *quote {
	body := strings.TrimSpace(m.Body + "\n\n" + m.Quoted)
	if len(body) > maxQuoted {
		body = strings.ToValidUTF8(body[:maxQuoted], "") + "…"
	}
	q := &quote{attribution: attribution(p, m, to.lang, to.zone), text: body, room: min(to.room, maxQuotedPictures)}
	if m.HTML != "" && len(m.HTML) <= maxQuotedHTML {
		q.html = rich.Sanitize(m.HTML, rich.Options{RemoteImages: true, CID: q.picture(m)}).HTML
	} else {
		q.html = rich.FromText(body)
	}
	return q
}

// picture lets the pictures inside a quoted mail go along, each once, as far as
// there is room. Any other reference is left out with its image.
func (q *quote) picture(m Message) func(cid string) (string, bool) {
	room := q.room
	return func(cid string) (string, bool) {
		at := slices.IndexFunc(m.Attachments, func(a Attachment) bool { return a.ContentID == cid && quotable[a.ContentType] })
		if at < 0 {
			return "", false
		}
		a := m.Attachments[at]
		a.ContentID, a.Inline = contentID(a.ID), true
		if slices.ContainsFunc(q.pictures, func(had Attachment) bool { return had.ID == a.ID }) {
			return "cid:" + a.ContentID, true
		}
		if a.Size > room {
			return "", false
		}
		room -= a.Size
		q.pictures = append(q.pictures, a)
		return "cid:" + a.ContentID, true
	}
}

// quotable are the kinds of pictures that cannot hold a program.
var quotable = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

func attribution(p *phrase.Catalogue, m Message, lang string, zone *time.Location) string {
	at := m.At.In(zone)
	from := m.Envelope.From
	name := from.Name
	if name == "" {
		name = m.AuthorName
	}
	who := strings.TrimSpace(name + " <" + from.Address + ">")
	if name == from.Address {
		who = from.Address
	}
	weekday := p.Text(lang, "mail.weekday."+[...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[at.Weekday()], nil)
	return p.Text(lang, "mail.quote.attribution", map[string]any{
		"year": at.Year(), "month": p.Text(lang, "mail.month."+strconv.Itoa(int(at.Month())), nil), "day": at.Day(), "weekday": weekday,
		"time": at.Format("15:04"), "who": who,
	})
}

// replySubject is the subject of an answer: one "Re: ", whatever stood there.
func replySubject(original, fallback string) string {
	base := mime.BaseSubject(original)
	if base == "" {
		base = fallback
	}
	return "Re: " + oneLine(base)
}

// chain is the References header: the thread's Message-IDs up to the answered
// one, bounded by leaving out the middle.
func chain(ids []string, answered string) []string {
	var out []string
	for _, id := range ids {
		if id != "" && id != answered {
			out = append(out, id)
		}
	}
	if answered != "" {
		out = append(out, answered)
	}
	if len(out) > maxReferences {
		out = append(out[:1:1], out[len(out)-maxReferences+1:]...)
	}
	return out
}

// answerTo is who an answer to a message goes to, and who else a reply to all does.
func answerTo(m Message) (to, cc []channel.Address) {
	if m.Kind == Outgoing { // going on after one's own message
		return m.Envelope.To, m.Envelope.Cc
	}
	to = m.Envelope.ReplyTo
	if len(to) == 0 {
		to = []channel.Address{m.Envelope.From}
	}
	return to, append(append([]channel.Address{}, m.Envelope.To...), m.Envelope.Cc...)
}
