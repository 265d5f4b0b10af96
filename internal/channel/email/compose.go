package email

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

// mostReferences bounds References: the first id names the thread, the last ones
// are what a mailer looks for. Without a bound a long thread becomes unsendable.
const mostReferences = 20

// composer writes one message. The same Outgoing gives the same bytes at every
// try, so a copy that arrived twice after all can be recognised as one.
//
// It is our own because the mail library at hand keeps whole attachments in
// memory, draws its boundaries at random and writes file names in a form that
// no standard knows.
type composer struct {
	out  *channel.Outgoing
	w    io.Writer
	seed string
	made int // boundaries so far
}

// compose writes out to a spool, which the caller closes.
func compose(ctx context.Context, out *channel.Outgoing) (*spool, error) {
	if !validID(out.ID) || !strings.Contains(out.ID, "@") {
		return nil, unsendable("the message has no usable id: %q", out.ID)
	}
	s := &spool{}
	sum := sha256.Sum256([]byte(out.ID))
	c := &composer{out: out, w: s, seed: hex.EncodeToString(sum[:12])}
	if err := c.write(ctx); err != nil {
		if e := s.close(); e != nil {
			err = fmt.Errorf("%w (and %w)", err, e)
		}
		return nil, err
	}
	return s, nil
}

func (c *composer) write(ctx context.Context) error {
	head, err := c.header()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(c.w, head); err != nil {
		return err
	}
	return c.body().write(ctx, c.w)
}

// header writes all fields but those that belong to the body's first part.
func (c *composer) header() (string, error) {
	out := c.out
	if out.From.Address == "" {
		return "", unsendable("the message has no sender")
	}
	h := &headerText{}
	h.put("Date", out.At.Format(time.RFC1123Z))
	h.list("From", []channel.Address{out.From})
	h.list("Reply-To", out.ReplyTo)
	h.list("To", out.To)
	if len(out.To)+len(out.Cc) == 0 {
		h.put("To", "undisclosed-recipients:;")
	}
	h.list("Cc", out.Cc)
	h.text("Subject", out.Subject)
	h.put("Message-ID", "<"+out.ID+">")
	h.ids("In-Reply-To", []string{out.InReplyTo})
	h.ids("References", thread(out.References, out.InReplyTo))
	if out.Automatic {
		h.put("Auto-Submitted", "auto-generated")
		h.put("X-Auto-Response-Suppress", "All")
		h.put("Precedence", "bulk")
		h.put(mime.LoopHeader, out.ID[strings.LastIndexByte(out.ID, '@')+1:])
	}
	names := make([]string, 0, len(out.Headers))
	for name := range out.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		h.extra(name, out.Headers[name])
	}
	h.put("MIME-Version", "1.0")
	return h.b.String(), h.err
}

// thread bounds the list of references and sees that it ends with what is answered.
func thread(references []string, answered string) []string {
	list := slices.DeleteFunc(slices.Clone(references), func(id string) bool { return id == answered })
	if answered != "" {
		list = append(list, answered)
	}
	if len(list) > mostReferences {
		list = append(list[:1:1], list[len(list)-mostReferences+1:]...)
	}
	return list
}

// headerText collects fields; the first error stays.
type headerText struct {
	b   strings.Builder
	err error
}

// put writes a value that is known to be safe and short, or folded already.
func (h *headerText) put(name, value string) {
	h.b.WriteString(name + ": " + value + "\r\n")
}

func (h *headerText) fail(err error) {
	if h.err == nil {
		h.err = err
	}
}

func (h *headerText) text(name, value string) {
	if err := clean(strings.ToLower(name), value); err != nil {
		h.fail(err)
		return
	}
	h.put(name, unstructured(value, len(name)+2))
}

func (h *headerText) list(name string, list []channel.Address) {
	if len(list) == 0 {
		return
	}
	value, err := addresses(list, len(name)+2)
	if err != nil {
		h.fail(err)
		return
	}
	h.put(name, value)
}

// ids writes message ids. They come from strangers' mail: one that could not
// stand in a header is left out, or whoever sent it could make a whole thread
// unanswerable.
func (h *headerText) ids(name string, ids []string) {
	if value := msgIDs(ids); value != "" {
		h.put(name, value)
	}
}

// own are the fields that are written here; a caller's Headers may not repeat
// them, and Bcc would tell everybody.
var own = []string{
	"Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Message-Id", "In-Reply-To", "References",
	"Return-Path", "Received", "Dkim-Signature", "Mime-Version", "Content-Type", "Content-Transfer-Encoding",
	"Content-Disposition", "Content-Id", "Resent-To", "Resent-Cc", "Resent-Bcc",
}

// extra writes one of the caller's own fields.
func (h *headerText) extra(name, value string) {
	for _, r := range name {
		if r <= ' ' || r > '~' || r == ':' {
			h.fail(unsendable("%q is not a header field", name))
			return
		}
	}
	if name == "" || len(name) > lineWidth || slices.Contains(own, textproto.CanonicalMIMEHeaderKey(name)) {
		h.fail(unsendable("the header field %q cannot be set", name))
		return
	}
	h.text(name, value)
}
