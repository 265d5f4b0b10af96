package email

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// reception is one SMTP or LMTP conversation. The library's sessions have no
// context, so the holes come with theirs.
type reception struct {
	config   *ReceiverConfig
	accept   func(recipient string) (inboxID string, err error)
	keep     func(inboxID string, raw channel.Raw) error
	hold     func(bytes int64) (release func(), err error) // makes room in memory
	conn     *smtp.Conn
	from     string
	envelope string // ENVID, if the client gave one
	to       []recipient
}

type recipient struct{ address, inbox string }

var (
	_ smtp.Session     = (*reception)(nil)
	_ smtp.LMTPSession = (*reception)(nil)
)

// unknown, later and loop are the refusals. What went wrong inside is logged and
// not told.
func unknown() error {
	return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such recipient here"}
}

func later() error {
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Cannot keep the message now, try again later"}
}

func loop() error {
	return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 4, 6}, Message: "Too many hops, this looks like a loop"}
}

// Mail implements smtp.Session.
func (r *reception) Mail(from string, opts *smtp.MailOptions) error {
	r.Reset()
	r.from = from
	if opts != nil {
		r.envelope = opts.EnvelopeID
	}
	return nil
}

// Rcpt implements smtp.Session.
func (r *reception) Rcpt(to string, _ *smtp.RcptOptions) error {
	inbox, err := r.accept(to)
	switch {
	case errors.Is(err, ErrNoRecipient), fault.Is(err, fault.NotFound), err == nil && inbox == "":
		r.config.Log.Debug("mail for nobody here", "from", r.from, "to", to, "peer", r.peer())
		return unknown()
	case err != nil:
		r.config.Log.Error("a recipient could not be looked up", "to", to, "error", err)
		return later()
	}
	r.to = append(r.to, recipient{to, inbox})
	return nil
}

// Data implements smtp.Session: the message is kept for every inbox, or the
// client sends it again. A second time finds those that have it already.
func (r *reception) Data(body io.Reader) error {
	return r.take(body, r.deliver)
}

// take reads the content and hands it over inbox by inbox. It comes in at the
// client's pace, so it waits on disk; only so much at once is in memory.
func (r *reception) take(body io.Reader, deliver func(inbox string, content *spool) error) (err error) {
	content := &spool{keep: receivedMemory}
	defer func() {
		if e := content.close(); e != nil {
			r.config.Log.Warn("a file of the mail receiver stays behind", "error", e)
		}
	}()
	if err := r.read(body, content); err != nil {
		return err
	}
	release, err := r.hold(content.size)
	if err != nil {
		return later()
	}
	defer release()
	for _, inbox := range r.inboxes() {
		if err := deliver(inbox, content); err != nil {
			return err
		}
	}
	return nil
}

// LMTPData implements smtp.LMTPSession: every recipient has an answer of its own.
func (r *reception) LMTPData(body io.Reader, status smtp.StatusCollector) error {
	return r.take(body, func(inbox string, content *spool) error {
		err := r.deliver(inbox, content)
		for _, to := range r.to {
			if to.inbox == inbox {
				status.SetStatus(to.address, err)
			}
		}
		return nil
	})
}

// read takes the content in. A connection that breaks in the middle delivers nothing.
func (r *reception) read(body io.Reader, content *spool) error {
	disk := &diskError{w: content}
	switch _, err := io.Copy(disk, body); {
	case disk.err != nil:
		r.config.Log.Error("a mail could not be taken in; it was put off", "from", r.from, "error", disk.err)
		return later()
	case err != nil:
		return err
	}
	in, err := content.reader()
	if err != nil {
		return err
	}
	n, err := hops(in)
	if err == nil && n > maxHops {
		err = loop()
	}
	return err
}

// diskError tells our own failure to write from the client's to send.
type diskError struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (d *diskError) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	d.err = errors.Join(d.err, err)
	return n, err
}

// inboxes are the inboxes that were written to, each once, in order.
func (r *reception) inboxes() []string {
	var out []string
	for _, to := range r.to {
		if !slices.Contains(out, to.inbox) {
			out = append(out, to.inbox)
		}
	}
	return out
}

// deliver keeps the message in one inbox.
func (r *reception) deliver(inbox string, content *spool) error {
	c := r.config
	var to []string
	for _, rcpt := range r.to {
		if rcpt.inbox == inbox {
			to = append(to, rcpt.address)
		}
	}
	now := c.Clock.Now()
	trace := r.trace(to, now)
	all, err := content.after(trace)
	if err != nil {
		c.Log.Error("a received mail could not be read back; it was put off", "inbox", inbox, "from", r.from, "error", err)
		return later()
	}
	raw := channel.Raw{Source: r.source(), Key: r.key(inbox, all[len(trace):]), Recipients: to, Sender: r.from, At: now, Bytes: all}
	if err := r.keep(inbox, raw); err != nil {
		c.Log.Error("a received mail could not be kept; it was put off", "inbox", inbox, "from", r.from, "error", err)
		return later()
	}
	c.Log.Info("mail received", "inbox", inbox, "bytes", content.size, "peer", r.peer())
	return nil
}

func (r *reception) source() string {
	if r.config.LMTP {
		return "lmtp"
	}
	return "smtp"
}

// key names the delivery by its content: what is sent again after a 451 or a
// lost answer is the same bytes from the same sender. Only a message that
// nothing tells apart from another one, because no program gave it an id, is
// named by chance: better twice than not at all.
func (r *reception) key(inbox string, content []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s\n", inbox, r.from, r.envelope)
	h.Write(content)
	key := r.source() + ":" + hex.EncodeToString(h.Sum(nil)[:20])
	if len(fieldLines(content, "Message-ID")) == 0 {
		key += ":" + rand.Text()
	}
	return key
}

// trace is what a last relay writes on top: the return path, the envelope's
// recipients and the hop.
func (r *reception) trace(to []string, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Return-Path: <%s>\r\n", oneLine(r.from))
	for _, address := range to {
		fmt.Fprintf(&b, "Delivered-To: %s\r\n", oneLine(address))
	}
	protocol := "ESMTP"
	if r.config.LMTP {
		protocol = "LMTP"
	}
	if _, secure := r.conn.TLSConnectionState(); secure {
		protocol += "S"
	}
	fmt.Fprintf(&b, "Received: from %s ([%s])\r\n by %s (Kintsugi) with %s;\r\n %s\r\n",
		cmp.Or(oneLine(r.conn.Hostname()), "unknown"), r.peer(), r.config.Domain, protocol, now.Format(time.RFC1123Z))
	return b.String()
}

// peer is the client's address without the port.
func (r *reception) peer() string {
	host, _, err := net.SplitHostPort(r.conn.Conn().RemoteAddr().String())
	if err != nil {
		return "local"
	}
	return host
}

// Reset implements smtp.Session.
func (r *reception) Reset() { r.from, r.envelope, r.to = "", "", nil }

// Logout implements smtp.Session.
func (r *reception) Logout() error { return nil }

// oneLine keeps what a client said from ending a header field.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || r == '<' || r == '>' {
			return -1
		}
		return r
	}, s)
	return s[:cutRunes(s, 256)]
}

// maxTraced is how much of a message is looked through for relays.
const maxTraced = 1 << 20

// hops counts the relays that a message has passed.
func hops(content io.Reader) (int, error) {
	head, err := io.ReadAll(io.LimitReader(content, maxTraced))
	return len(fieldLines(head, "Received")), err
}

// fieldLines returns the first lines of every field called name.
func fieldLines(content []byte, name string) [][]byte {
	var out [][]byte
	for line := range bytes.Lines(content) {
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
		if len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(string(line[:len(name)]), name) {
			out = append(out, line)
		}
	}
	return out
}
