package form

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	sent "github.com/kintsugi-desk/kintsugi/internal/channel/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Limits of what may be entered.
const (
	MaxLine  = 500    // characters of a line
	MaxLong  = 10_000 // characters of a longer text
	MaxFiles = 5
	MaxFile  = 10 << 20 // bytes of one file
	MaxAll   = 25 << 20 // bytes of all files together
)

// The paths of the fields that every form has; those of its own have Path.
const (
	PathName  = "name"
	PathEmail = "email"
	PathFiles = "files"
	PathText  = "text" // of what is added later
)

// Path is where an answer stands in a page and in an error.
func (f Field) Path() string { return "answer." + f.Name }

// Entry is what somebody entered, as the page sent it.
type Entry struct {
	Visit   string // names the page; the same entry from it twice is one
	Lang    string
	Name    string
	Email   string
	Answers map[string]string // by Field.Name; of a Choice its place in the list
	Files   []sent.File       // stored already
	Once    bool              // the visit has this entry only, also if it is worded otherwise next time
}

// read checks an entry by field, and makes of it what the ledger keeps.
// fault.Invalid with the paths above.
func (f Form) read(e Entry) (sent.Sent, error) {
	var c fault.Check
	out := sent.Sent{Form: f.ID, Visit: e.Visit, Title: f.Content.Title.In(e.Lang), Lang: e.Lang, Name: text.Line(strings.TrimSpace(e.Name)), Files: e.Files, Once: e.Once}
	c.That(utf8.RuneCountInString(out.Name) <= MaxLine, PathName, "error.text.long", "max", MaxLine)
	out.Email = f.readEmail(&c, e.Email)
	if out.Email == "" {
		out.Stranger = sent.StrangerOf(e.Visit)
	}
	for _, field := range f.Content.Fields {
		value := field.read(&c, e.Lang, e.Answers[field.Name])
		if value != "" {
			out.Answers = append(out.Answers, sent.Answer{Label: field.Label.In(e.Lang), Value: value})
		}
	}
	if c.Err() == nil && len(out.Answers) == 0 && len(out.Files) == 0 {
		c.Add(f.Content.Fields[0].Path(), "error.form.empty")
	}
	f.checkFiles(&c, e.Files)
	return out, c.Err()
}

func (f Form) readEmail(c *fault.Check, entered string) string {
	s := strings.TrimSpace(norm.NFKC.String(entered))
	if s == "" {
		c.Require(!f.NeedsEmail(), PathEmail)
		return ""
	}
	c.That(text.IsEmail(s), PathEmail, "error.form.email")
	return s
}

func (f Form) checkFiles(c *fault.Check, files []sent.File) {
	if len(files) == 0 {
		return
	}
	if !f.Content.AsksFiles {
		c.Add(PathFiles, "error.field.invalid")
		return
	}
	var all int64
	for _, one := range files {
		all += one.Size
		if one.Size > MaxFile {
			c.Add(PathFiles, "error.form.fileLarge", "max", MaxFile>>20)
			return
		}
	}
	c.That(len(files) <= MaxFiles, PathFiles, "error.form.files", "max", MaxFiles)
	c.That(all <= MaxAll, PathFiles, "error.form.filesLarge", "max", MaxAll>>20)
}

func dates() *regexp.Regexp   { return regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`) }
func numbers() *regexp.Regexp { return regexp.MustCompile(`^[+-]?\d{1,15}(\.\d{1,10})?$`) }
func phones() *regexp.Regexp  { return regexp.MustCompile(`^\+?[0-9()\-. ]{6,25}$`) }
func orders() *regexp.Regexp  { return regexp.MustCompile(`^[\pL\pN#_/.\-]+( [\pL\pN#_/.\-]+)*$`) }

// read checks one answer and returns it as it is kept; "" if there is none or it
// is wrong.
func (f Field) read(c *fault.Check, lang, entered string) string {
	s := strings.TrimSpace(text.Safe(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(entered)))
	if s == "" {
		c.Require(!f.Required, f.Path())
		return ""
	}
	longest := MaxLine
	if f.Type == Long {
		longest = MaxLong
	} else {
		s = text.Line(s)
	}
	if utf8.RuneCountInString(s) > longest {
		c.Add(f.Path(), "error.text.long", "max", longest)
		return ""
	}
	value, ok := f.understand(lang, s)
	if !ok {
		c.Add(f.Path(), wrong(f.Type))
		return ""
	}
	return value
}

// wrong is the phrase that says what a type takes.
func wrong(t Type) string {
	switch t {
	case Number:
		return "error.form.number"
	case Date:
		return "error.form.date"
	case Phone:
		return "error.form.phone"
	case Order:
		return "error.form.order"
	case Choice:
		return "error.form.choice"
	}
	return "error.field.invalid"
}

// understand reads an answer by its type. Digits typed in full width are digits.
func (f Field) understand(lang, s string) (string, bool) {
	narrow := strings.TrimSpace(norm.NFKC.String(s))
	switch f.Type {
	case Choice:
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n >= len(f.Choices) {
			return "", false
		}
		return f.Choices[n].In(lang), true
	case Number:
		narrow = strings.ReplaceAll(narrow, ",", "")
		return narrow, numbers().MatchString(narrow)
	case Date:
		narrow = strings.ReplaceAll(narrow, "/", "-")
		_, err := time.Parse(time.DateOnly, narrow)
		return narrow, err == nil && dates().MatchString(narrow)
	case Phone:
		narrow = strings.NewReplacer("‐", "-", "−", "-", "ー", "-", "–", "-").Replace(narrow)
		return narrow, phones().MatchString(narrow)
	case Order:
		return narrow, len(narrow) <= 100 && orders().MatchString(narrow)
	}
	return s, true
}

// Receipt is what somebody who wrote is given.
type Receipt struct {
	Ref  int64  // the conversation's number; 0 if a person has to look at it first
	Pass string // leads to the page of the matter; "" as Ref

	Conversation conversation.ID // "" as Ref
}

// ErrTaken says that a visit that has one entry only has that of another address.
var ErrTaken = errors.New("form: the visit has the entry of another address")

// Submit takes an entry in. It returns when that is committed. The same entry of
// the same visit gives the same matter, and of a visit that has one entry only any
// other from the same address. fault.Invalid with the paths above, ErrTaken as a
// fault.Conflict.
func (x *Forms) Submit(ctx context.Context, f Form, e Entry) (Receipt, error) {
	doc, err := f.read(e)
	if err != nil {
		return Receipt{}, err
	}
	err = x.DB.Read(ctx, func(tx *sqldb.Tx) error {
		ours, err := x.Inboxes.Ours(ctx, tx, doc.Email)
		if err == nil && doc.Email != "" && ours(doc.Email) {
			var c fault.Check
			c.Add(PathEmail, "error.form.ours")
			err = c.Err()
		}
		return err
	})
	if err != nil {
		return Receipt{}, err
	}
	return x.accept(ctx, f.InboxID, doc)
}

func (x *Forms) accept(ctx context.Context, inboxID string, doc sent.Sent) (Receipt, error) {
	raw, err := doc.Raw(time.Time{})
	if err != nil {
		return Receipt{}, err
	}
	entry, err := x.Door.Accept(ctx, inboxID, raw)
	if err != nil || entry.ConversationID == "" {
		return Receipt{}, err
	}
	// A receipt opens what was entered first to whoever it is made out to.
	if doc.Once && text.Fold(entry.Sender) != text.Fold(doc.Address()) {
		return Receipt{}, fault.Wrap(ErrTaken, fault.Conflict, "error.form.once")
	}
	return x.receipt(ctx, doc, entry)
}

func (x *Forms) receipt(ctx context.Context, doc sent.Sent, entry intake.Entry) (r Receipt, err error) {
	err = x.DB.Read(ctx, func(tx *sqldb.Tx) error {
		own, err := conversation.Itself(ctx, tx, entry.ConversationID)
		if err != nil {
			return err
		}
		c, err := x.Threads.ByID(ctx, tx, own.ID)
		if err != nil {
			return err
		}
		r.Ref, r.Conversation = own.Ref, c.ID
		r.Pass, err = x.passFor(ctx, tx, doc, entry.ConversationID)
		return err
	})
	return r, err
}

// passFor makes the pass to what somebody has written.
func (x *Forms) passFor(ctx context.Context, tx *sqldb.Tx, doc sent.Sent, c conversation.ID) (string, error) {
	f, err := x.ByID(ctx, tx, doc.Form)
	if err != nil {
		return "", err
	}
	box, err := x.Inboxes.ByID(ctx, tx, f.InboxID)
	return x.issue(tx.Now, pass{Form: doc.Form, Conversation: string(c), Address: doc.Address(), Lang: doc.Lang,
		About: x.Threads.LetterID(c, box.Address)}), err
}
