package survey_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey/surveytest"
)

// Whatever happens in whatever order: never two invitations for a resolution,
// never two mails for an invitation, never a score nobody gave.
func TestNeverAskedTwice(t *testing.T) {
	db := dbtest.SQLite(t, clock.NewManual(dbtest.Start))
	c, ok := db.Clock().(*clock.Manual)
	if !ok {
		t.Fatal("no manual clock")
	}
	d := surveytest.New(t, db, c)
	d.Policy(func(p *survey.Policy) { p.CoolDown = 0 })
	rapid.Check(t, func(rt *rapid.T) {
		conv := d.Hanako()
		before := len(d.Wire.Sent())
		resolved := 0
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.IntRange(0, 4).Draw(rt, "step") {
			case 0:
				d.Set(conv, conversation.Open)
			case 1:
				d.Set(conv, conversation.Resolved)
				resolved++
			case 2:
				c.Advance(time.Duration(rapid.IntRange(0, 180).Draw(rt, "minutes")) * time.Minute)
			case 3: // the same fact is told again
				var found conversation.Conversation
				d.Write(func(tx *sqldb.Tx) (err error) {
					if found, err = d.Threads.ByID(t.Context(), tx, conv); err != nil || found.Resolution == 0 {
						return err
					}
					d.Journal.Emit(tx, conversation.ResolvedFact, string(conv), actor.OfSystem("test"), conversation.ResolvedData{Resolution: found.Resolution})
					return nil
				})
			}
			d.Rest()
		}
		for range 5 { // over a night with its quiet hours
			c.Advance(6 * time.Hour)
			d.Rest()
		}
		var page survey.InvitationPage
		d.Read(func(tx *sqldb.Tx) (err error) {
			page, err = d.Program.Invitations(t.Context(), tx, survey.InvitationQuery{ConversationID: string(conv)})
			return err
		})
		sent := map[int]int{}
		for _, i := range page.Items {
			sent[i.Resolution]++
			if i.State == survey.Planned || i.State == survey.Queued {
				rt.Fatalf("left over: %+v", i)
			}
		}
		mails := 0
		for _, i := range page.Items {
			if i.State == survey.Sent {
				mails++
			}
			if sent[i.Resolution] != 1 {
				rt.Fatalf("resolution %d has %d invitations", i.Resolution, sent[i.Resolution])
			}
		}
		if len(page.Items) > resolved || len(d.Wire.Sent())-before != mails {
			rt.Fatalf("%d invitations for %d resolutions, %d mails for %d sent", len(page.Items), resolved, len(d.Wire.Sent())-before, mails)
		}
	})
	if n := len(d.Told(survey.RespondedFact)); n != 0 {
		t.Errorf("%d answers that nobody gave", n)
	}
}

func TestListsAndFigure(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		start := c.Now()
		scores := []int{5, 5, 4, 4, 4, 3, 3, 2, 1, 5, 4, 5}
		for n, score := range scores {
			d.Resolve(d.Take(surveytest.Mail{From: fmt.Sprintf("c%d@example.jp", n), Subject: "質問", Text: "質問です"}))
			m := d.Surveyed()
			if _, err := d.Program.Answer(t.Context(), surveytest.Token(m), survey.Answer{Score: score, Comment: fmt.Sprint(n)}); err != nil {
				t.Fatal(err)
			}
		}
		d.Read(func(tx *sqldb.Tx) error {
			ctx := t.Context()
			f, err := d.Program.Figure(ctx, tx, d.Brand.ID, start, c.Now().Add(time.Hour))
			if err != nil || f.N != 12 || f.Numerator != 8 || f.Distribution != [5]int{1, 1, 2, 4, 4} || f.Value == nil || f.Interval == nil ||
				*f.Value != 8.0/12 || !f.Interval.Contains(*f.Value) || f.Interval.Low < 0.39 || f.Interval.Low > 0.392 {
				t.Errorf("%+v, %v", f, err)
			}
			if f, err := d.Program.Figure(ctx, tx, "brand_none", start, c.Now().Add(time.Hour)); err != nil || f.N != 0 || f.Value != nil {
				t.Errorf("no answers, and a figure: %+v, %v", f, err)
			}
			var got []string
			q := survey.ResponseQuery{Limit: 5}
			for {
				page, err := d.Program.Responses(ctx, tx, q)
				if err != nil {
					return err
				}
				for _, r := range page.Items {
					got = append(got, r.Comment)
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
			if strings.Join(got, " ") != "11 10 9 8 7 6 5 4 3 2 1 0" {
				t.Errorf("newest first, page by page: %v", got)
			}
			page, err := d.Program.Responses(ctx, tx, survey.ResponseQuery{Band: survey.Dissatisfied, BrandID: d.Brand.ID, AgentID: d.Hana.ID, From: start, To: c.Now().Add(time.Hour)})
			if err != nil || len(page.Items) != 2 || page.Items[0].Score != 1 || page.Items[1].Score != 2 {
				t.Errorf("%+v, %v", page, err)
			}
			if _, err := d.Program.Responses(ctx, tx, survey.ResponseQuery{Cursor: "%%"}); !fault.Is(err, fault.Invalid) {
				t.Errorf("a cursor that is none: %v", err)
			}
			inv, err := d.Program.Invitations(ctx, tx, survey.InvitationQuery{State: survey.Answered, InboxID: d.Support.ID, Limit: 5})
			if err != nil || len(inv.Items) != 5 || inv.Next == "" {
				t.Errorf("%d invitations, %v", len(inv.Items), err)
			}
			return nil
		})
	})
}
