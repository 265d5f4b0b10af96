package chat_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// surveyed switches surveys of the chat on, an hour after the resolution.
func (r *room) surveyed(more ...func(*survey.Policy)) {
	r.Helper()
	p := survey.DefaultPolicy(r.box.ID)
	p.Enabled, p.QuietFrom, p.QuietTo = true, "", ""
	for _, set := range more {
		set(&p)
	}
	_, err := r.asks.SetPolicy(r.Context(), r.Hana, p)
	r.must(err)
}

func (r *room) resolve(id conversation.ID) {
	r.Helper()
	done := conversation.Resolved
	_, err := r.Threads.Change(r.Context(), r.Hana, id, conversation.Patch{Status: &done, AssigneeID: &r.Hana.ID})
	r.must(err)
	r.Rest()
}

func (r *room) responses() (list []survey.Response) {
	r.Helper()
	r.Read(func(tx *sqldb.Tx) error {
		page, err := r.asks.Responses(r.Context(), tx, survey.ResponseQuery{})
		list = page.Items
		return err
	})
	return list
}

func TestAVisitorIsAskedInTheChat(t *testing.T) {
	each(t, func(r *room) {
		r.surveyed()
		p, q := r.visitor(), r.visitor()
		p.say("The lid is broken.")
		conv := r.thread()
		q.say("Hello")
		r.reply(conv, "We send a new one.")
		r.Wait(hold)
		r.resolve(conv)
		if h := p.history(""); h.Survey != nil || h.Talking {
			r.Fatalf("before its time: %+v", h)
		}
		r.Wait(time.Hour + time.Minute)
		h := p.history("")
		if h.Survey == nil || h.Survey.Question == "" || len(h.Survey.Choices) != 5 || h.Survey.Choices[4].Label != "Very satisfied" || h.Survey.Score != 0 || h.Survey.Thanks != "" {
			r.Fatalf("asked %+v", h.Survey)
		}
		if h := p.history("?since=" + itoa(h.Seq)); h.Survey == nil {
			r.Error("what is new tells of no question")
		}
		if len(r.responses()) != 0 || len(r.mails(mei)) != 0 {
			r.Error("looking at the question answered it, or it was mailed")
		}
		// Nobody answers for somebody else, and no answer is none.
		q.call("POST", "/survey", object{"id": h.Survey.ID, "score": 1}).refused(http.StatusNotFound, "error.survey.missing")
		if q.history("").Survey != nil {
			r.Error("another visitor is asked")
		}
		p.call("POST", "/survey", object{"id": h.Survey.ID, "score": 9}).refused(http.StatusUnprocessableEntity, "error.survey.score")
		r.stranger().call("POST", "/survey", object{"id": h.Survey.ID, "score": 1}).refused(http.StatusUnauthorized, "error.chat.session")

		var v surveyView
		p.call("POST", "/survey", object{"id": h.Survey.ID, "score": 2, "comment": " too slow "}).ok(&v)
		if v.Score != 2 || v.Comment != "too slow" || v.Thanks == "" {
			r.Errorf("answered %+v", v)
		}
		r.Clock.Advance(23 * time.Hour)
		p.call("POST", "/survey", object{"id": h.Survey.ID, "score": 4}).ok(&v)
		list := r.responses()
		if len(list) != 1 || list[0].Score != 4 || list[0].ConversationID != string(conv) || list[0].AgentID != r.Hana.ID {
			r.Errorf("responses %+v", list)
		}
		r.Clock.Advance(2 * time.Hour)
		p.call("POST", "/survey", object{"id": h.Survey.ID, "score": 5}).refused(http.StatusConflict, "error.survey.closed")
		if h := p.history(""); h.Survey != nil {
			r.Errorf("after its time: %+v", h.Survey)
		}
	})
}

// TestAVisitorSaysWhetherTheyHadToExplainAgain: it is asked where the policy says
// so, and may be left open.
func TestAVisitorSaysWhetherTheyHadToExplainAgain(t *testing.T) {
	each(t, func(r *room) {
		r.surveyed()
		p := r.visitor()
		p.say("The lid is broken.")
		r.resolve(r.thread())
		r.Wait(time.Hour + time.Minute)
		v := *p.history("").Survey
		if v.Repeat != nil {
			r.Fatalf("asked without being told to: %+v", v.Repeat)
		}
		p.call("POST", "/survey", object{"id": v.ID, "score": 4, "repeated": true}).ok(&v)
		if v.Repeated != nil || r.responses()[0].Repeated != nil {
			r.Error("an answer to what was not asked is kept")
		}
		r.surveyed(func(p *survey.Policy) { p.AsksRepeat = true })
		if v = *p.history("").Survey; v.Repeat == nil || v.Repeat.Question == "" || v.Repeat.Yes != "Yes" || v.Repeat.No != "No" || v.Repeat.Left != "No answer" || v.Repeated != nil {
			r.Fatalf("asked %+v", v.Repeat)
		}
		for _, said := range []any{true, false, nil} {
			v = surveyView{ID: v.ID}
			p.call("POST", "/survey", object{"id": v.ID, "score": 4, "repeated": said}).ok(&v)
			kept := r.responses()[0].Repeated
			if (kept == nil) != (said == nil) || (v.Repeated == nil) != (said == nil) || said != nil && (*kept != said || *v.Repeated != said) {
				r.Errorf("said %v: kept %v, shown %v", said, kept, v.Repeated)
			}
		}
	})
}

func TestAVisitorIsAskedNoMore(t *testing.T) {
	each(t, func(r *room) {
		r.surveyed()
		p := r.visitor()
		p.say("The lid is broken.")
		conv := r.thread()
		r.resolve(conv)
		r.Wait(time.Hour + time.Minute)
		p.call("POST", "/survey", object{"id": p.history("").Survey.ID, "stop": true}).ok(nil)
		if h := p.history(""); h.Survey != nil {
			r.Errorf("asked %+v", h.Survey)
		}
		r.Clock.Advance(60 * 24 * time.Hour)
		p.say("And the handle, too.")
		r.resolve(r.thread())
		r.Wait(2 * time.Hour)
		if h := p.history(""); h.Survey != nil || len(r.responses()) != 0 {
			r.Errorf("asked %+v", h.Survey)
		}
	})
}
