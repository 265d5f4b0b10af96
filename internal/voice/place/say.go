package place

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// MaxWords is how long what somebody writes may be, in characters.
const MaxWords = 2000

// maxWordBytes bounds what marks piled on one character can do.
const maxWordBytes = 32 << 10

// Said is what somebody writes to their rating, or without one as a complaint.
type Said struct {
	Visit string
	Lang  string
	Words string
	Asks  bool // they want an answer, and leave a mail address or telephone number
	Name  string
	Email string
	Phone string
}

// The paths of what can be wrong with what was said.
const (
	PathWords = "words"
	PathEmail = "email"
	PathPhone = "phone"
	PathName  = "name"
)

// Say finishes the visit of a sticker. Without a tap before it is a complaint, and
// must have words. The receipt is empty unless there is a matter to follow, which is
// one: whatever the visit says later changes nothing. fault.Invalid with the paths
// above; form.ErrTaken if its matter is that of another address.
func (x *Places) Say(ctx context.Context, s Opened, said Said) (v Rating, r form.Receipt, err error) {
	v, err = x.Rating(ctx, s, said.Visit)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return v, r, err
	}
	if said, err = said.check(v.Score == 0); err != nil {
		return v, r, err
	}
	if isMatter(v.Score, said) {
		if r, err = x.enter(ctx, s, v, said); err != nil {
			return v, r, err
		}
	}
	err = x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if v, err = x.begin(ctx, tx, s, said.Visit); err != nil {
			return err
		}
		return x.finish(ctx, tx, &v, said, string(r.Conversation))
	})
	return v, r, err
}

// isMatter reports whether what was said is for somebody to answer or mend: a
// complaint, a wish for an answer, or words to a low score.
func isMatter(score int, said Said) bool {
	band, _ := survey.BandOf(score) // none for a complaint without a score
	return score == 0 || said.Asks || band == survey.Dissatisfied && said.Words != ""
}

// check brings what was said into the form in which it is kept. must says that
// there is nothing to it without words.
func (d Said) check(must bool) (Said, error) {
	var c fault.Check
	d.Words = strings.TrimSpace(text.Safe(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(d.Words)))
	c.Require(!must || d.Words != "", PathWords)
	c.That(text.Length(d.Words) <= MaxWords && len(d.Words) <= maxWordBytes, PathWords, "error.text.long", "max", MaxWords)
	if !d.Asks {
		d.Name, d.Email, d.Phone = "", "", ""
	} else if strings.TrimSpace(d.Email) == "" && strings.TrimSpace(d.Phone) == "" {
		c.Add(PathEmail, "error.place.contact")
	}
	return d, c.Err()
}

// The fields of a place's form.
const (
	fieldPlace = "place"
	fieldScore = "score"
	fieldWords = "words"
	fieldPhone = "phone"
	fieldAt    = "tapped"
)

// Form is a place as a form for complaints, which package desk/form looks up by the
// place's id for what came through it.
func (x *Places) Form(ctx context.Context, tx *sqldb.Tx, id string) (form.Form, error) {
	p, err := x.ByID(ctx, tx, id)
	return x.formOf(p), err
}

func (x *Places) formOf(p Place) form.Form {
	both := func(key string) phrase.Words {
		return phrase.Words{Ja: x.Words.Text(phrase.Japanese, key, map[string]any{"name": p.Name.In(phrase.Japanese)}),
			En: x.Words.Text(phrase.English, key, map[string]any{"name": p.Name.In(phrase.English)})}
	}
	field := func(name string, kind form.Type) form.Field {
		return form.Field{Name: name, Type: kind, Label: both("place.field." + name)}
	}
	return form.Form{ID: p.ID, InboxID: p.InboxID, Kind: form.Complaint, Active: p.Active, CreatedAt: p.CreatedAt, Version: p.Version,
		Content: form.Content{Title: both("place.matter"), Fields: []form.Field{field(fieldPlace, form.Text), field(fieldScore, form.Text),
			field(fieldWords, form.Long), field(fieldPhone, form.Phone), field(fieldAt, form.Text)}}}
}

// lateFrom is from when on an entry says when it was tapped.
const lateFrom = 10 * time.Minute

// enter hands what was said to the desk. A visit is one matter, though it says
// something else the second time: a kiosk that repeats itself says when it was
// tapped, or the place has another name by then.
func (x *Places) enter(ctx context.Context, s Opened, v Rating, said Said) (form.Receipt, error) {
	where := s.Place.Name.In(said.Lang)
	if s.Sticker.Label != "" {
		where += x.Words.Text(said.Lang, "place.at", map[string]any{"label": s.Sticker.Label})
	}
	answers := map[string]string{fieldPlace: where, fieldWords: said.Words, fieldPhone: said.Phone}
	if v.Score != 0 {
		answers[fieldScore] = x.Words.Text(said.Lang, "survey.score.named", map[string]any{"score": v.Score,
			"label": x.Words.Text(said.Lang, "survey.score."+strconv.Itoa(v.Score), nil)})
	}
	if v.Kiosk && x.DB.Clock().Now().Sub(v.At) >= lateFrom {
		answers[fieldAt] = survey.Moment(said.Lang, v.At, s.Brand.Zone)
	}
	r, err := x.Forms.Submit(ctx, x.formOf(s.Place), form.Entry{Visit: said.Visit, Lang: said.Lang, Name: said.Name, Email: said.Email, Answers: answers, Once: true})
	return r, renamed(err)
}

// renamed brings the paths of a form's errors to those of this package.
func renamed(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		return err
	}
	var c fault.Check
	for _, one := range f.Fields {
		path := strings.TrimPrefix(one.Path, "answer.")
		args := make([]any, 0, 2*len(one.Args))
		for k, v := range one.Args {
			args = append(args, k, v)
		}
		c.Add(path, one.Key, args...)
	}
	return c.Err()
}
