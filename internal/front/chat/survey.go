package chat

import (
	"context"
	"strconv"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// asked is what a visitor is asked, in the panel and by the rules of the survey's
// own page: nothing is recorded before the answer is sent, and it can be changed
// for a while.
type asked struct {
	ID       string       `json:"id"`
	Question string       `json:"question"`
	Choices  []askedScore `json:"choices"` // the worst first
	Score    int          `json:"score"`   // 0: not answered yet
	Comment  string       `json:"comment"`
	Repeat   *askedRepeat `json:"repeat"`   // null: it is not asked
	Repeated *bool        `json:"repeated"` // what they said to that; null: nothing
	Until    time.Time    `json:"until"`    // it can be answered or changed
	Thanks   string       `json:"thanks"`   // for the answer; "" before it
	Most     int          `json:"most"`     // characters of a comment
}

type askedScore struct {
	Score int    `json:"score"`
	Label string `json:"label"`
}

// askedRepeat is the second question: whether they had to tell the same thing again.
type askedRepeat struct {
	Question string `json:"question"`
	Yes      string `json:"yes"`
	No       string `json:"no"`
	Left     string `json:"left"` // no answer to it
}

func (c *Chat) viewSurvey(lang string, f survey.Form) *asked {
	a := &asked{ID: f.InvitationID, Question: survey.Question(c.Words, lang, f.Kind, f.Own), Score: f.Score, Comment: f.Comment, Repeated: f.Repeated, Until: f.Until, Most: survey.MaxComment}
	for n := survey.MinScore; n <= survey.MaxScore; n++ {
		a.Choices = append(a.Choices, askedScore{n, c.Words.Text(lang, "survey.score."+strconv.Itoa(n), nil)})
	}
	if f.AsksRepeat {
		say := func(part string) string { return c.Words.Text(lang, "survey.page.repeat"+part, nil) }
		a.Repeat = &askedRepeat{Question: say(""), Yes: say(".yes"), No: say(".no"), Left: say(".left")}
	}
	if f.Score > 0 {
		a.Thanks = c.Words.Text(lang, "survey.thanks."+string(f.Band)+"Text", nil)
	}
	return a
}

func (c archive) survey(r reader) survey.Thread {
	return survey.In(c.Surveys, survey.Reader{InboxID: r.place.box.ID, Conversations: r.threads, Addresses: r.own})
}

// asking finds what a reader is asked; nil if nothing.
func (c archive) asking(ctx context.Context, tx *sqldb.Tx, r reader, lang string) (*asked, error) {
	f, ok, err := c.survey(r).Offered(ctx, tx)
	if err != nil || !ok {
		return nil, err
	}
	return c.viewSurvey(lang, f), nil
}

// opinion is what a page sends: an answer, or that the visitor wants to be asked
// no more.
type opinion struct {
	ID       string `json:"id"` // of the question
	Score    int    `json:"score"`
	Comment  string `json:"comment"`
	Repeated *bool  `json:"repeated"` // null: no answer to that
	Stop     bool   `json:"stop"`
}

// answer records what the visitor answers, or changes it.
func (c archive) answer(v *visit) (any, error) {
	if err := c.slower(messages, v.who.Address); err != nil {
		return nil, err
	}
	var in opinion
	if err := v.body(&in); err != nil {
		return nil, err
	}
	ctx := v.Context()
	var r reader
	err := c.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		r, err = c.reader(ctx, tx, v)
		return err
	})
	if err != nil {
		return nil, err
	}
	if in.Stop {
		_, err = c.survey(r).OptOut(ctx, in.ID)
		return nil, err
	}
	f, err := c.survey(r).Answer(ctx, in.ID, survey.Answer{Score: in.Score, Comment: in.Comment, Repeated: in.Repeated})
	if err != nil {
		return nil, err
	}
	return c.viewSurvey(v.lang, f), nil
}

// askedIn is the conversation of a fact about a survey.
func askedIn(f event.Fact) string {
	var d survey.InvitedData
	if f.Decode(&d) != nil {
		return ""
	}
	return d.ConversationID
}
