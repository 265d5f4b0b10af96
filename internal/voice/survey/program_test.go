package survey_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey/surveytest"
)

func TestASurveyGoesOutAndComesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		conv := d.Hanako()
		d.Resolve(conv)
		planned := d.Invitations()
		if len(planned) != 1 || planned[0].State != survey.Planned || !planned[0].RunAt.Equal(c.Now().Add(time.Hour)) {
			t.Fatalf("planned: %+v", planned)
		}
		c.Advance(59 * time.Minute)
		d.Rest()
		if n := len(d.Wire.Sent()); n != 0 {
			t.Fatalf("%d mails before the time", n)
		}
		c.Advance(time.Minute)
		d.Rest()
		sent := d.Wire.Sent()
		if len(sent) != 1 {
			t.Fatalf("%d mails", len(sent))
		}
		checkMail(t, d, sent[0])
		i := d.Invitations()[0]
		if i.State != survey.Sent || i.SentAt.IsZero() || i.AgentID != d.Hana.ID || i.BrandID != d.Brand.ID || i.Locale != "ja" || i.Address != "hanako@example.jp" {
			t.Errorf("invitation: %+v", i)
		}

		token := surveytest.Token(sent[0])
		f, err := d.Program.Answer(t.Context(), token, survey.Answer{Score: 5, Comment: "早い対応でした\r\n"})
		if err != nil || f.Stage != survey.Changeable || f.Score != 5 || f.Band != survey.Satisfied || f.Comment != "早い対応でした" {
			t.Fatalf("answer: %+v, %v", f, err)
		}
		if got := d.Invitations()[0].State; got != survey.Answered {
			t.Errorf("state %s", got)
		}
		facts := d.Told(survey.RespondedFact)
		if len(facts) != 1 {
			t.Fatalf("%d facts", len(facts))
		}
		var data survey.RespondedData
		if err := facts[0].Decode(&data); err != nil {
			t.Fatal(err)
		}
		want := survey.RespondedData{InvitedData: survey.InvitedData{Kind: "csat", ConversationID: string(conv), CustomerID: i.CustomerID, BrandID: d.Brand.ID},
			InvitationID: i.ID, InboxID: d.Support.ID, AgentID: d.Hana.ID, Score: 5, Band: "satisfied", Comment: "早い対応でした"}
		if diff := cmp.Diff(want, data); diff != "" {
			t.Error(diff)
		}
		// An answer is not followed by news that nobody answered.
		c.Advance(30 * 24 * time.Hour)
		d.Rest()
		if n := len(d.Told(survey.UnansweredFact)); n != 0 || d.Invitations()[0].State != survey.Answered {
			t.Errorf("%d times unanswered, %+v", n, d.Invitations()[0])
		}
	})
}

// In a database that came out of a backup nobody is asked who may have been asked since.
func TestNobodyIsAskedTwiceAfterARestore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		d.Resolve(d.Hanako())
		doubt := func(want int) {
			t.Helper()
			err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				n, err := d.Program.DoubtTx(t.Context(), tx, c.Now())
				if n != want {
					t.Errorf("%d skipped, want %d", n, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		doubt(0) // not due
		c.Advance(2 * time.Hour)
		doubt(1)
		d.Rest()
		if i := d.Invitations()[0]; i.State != survey.Skipped || i.Reason != survey.Restored || len(d.Wire.Sent()) != 0 || len(d.Told(survey.SkippedFact)) != 1 {
			t.Errorf("%+v, %d mails", i, len(d.Wire.Sent()))
		}
	})
}

// checkMail looks at the letter: words, headers, links, thread.
func checkMail(t *testing.T, d *surveytest.Desk, m channel.Outgoing) {
	t.Helper()
	if m.Subject != "【山吹堂】対応についてのおうかがい（#1001）" || m.From != (channel.Address{Name: "山吹堂サポート", Address: "support@shop.example"}) {
		t.Errorf("subject %q from %v", m.Subject, m.From)
	}
	if len(m.To) != 1 || m.To[0] != (channel.Address{Name: "山田 花子", Address: "hanako@example.jp"}) {
		t.Errorf("to %v", m.To)
	}
	token := surveytest.Token(m)
	if len(token) != 27 {
		t.Errorf("token %q has not the 27 characters of 160 bits", token)
	}
	link := surveytest.PublicURL + "/s/" + token
	if got := m.Headers["List-Unsubscribe"]; got != "<"+link+"/stop>" {
		t.Errorf("List-Unsubscribe: %s", got)
	}
	if m.Headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" || !m.Automatic {
		t.Errorf("headers %v, automatic %v", m.Headers, m.Automatic)
	}
	for score := 1; score <= 5; score++ {
		if one := fmt.Sprintf("%s?score=%d", link, score); !strings.Contains(m.Text, one) || strings.Count(m.HTML, `href="`+one+`"`) != 1 {
			t.Errorf("no link for %d", score)
		}
	}
	for _, part := range []string{"山田 花子 様", "急須のふたが欠けていました", "とても満足", "どちらともいえない", "2026年4月29日 11:00", "山吹堂 お客様サポート", "今後ともよろしくお願いいたします。"} {
		if !strings.Contains(m.Text, part) || !strings.Contains(m.HTML, part) {
			t.Errorf("the mail does not say %q", part)
		}
	}
	for _, bad := range []string{"survey.", "{", "<no value>", "！"} {
		if strings.Contains(m.Text, bad) {
			t.Errorf("the text holds %q:\n%s", bad, m.Text)
		}
	}
	if m.InReplyTo == "" || len(m.References) == 0 || m.References[len(m.References)-1] != m.InReplyTo {
		t.Errorf("in reply to %q, references %v", m.InReplyTo, m.References)
	}
	// The token is kept as a hash; the journal and the invitation do not know it.
	d.Read(func(tx *sqldb.Tx) error {
		for _, q := range []string{`SELECT COUNT(*) FROM invitation WHERE token_hash = $1`, `SELECT COUNT(*) FROM journal WHERE data = $1`} {
			var n int
			if err := tx.QueryRow(t.Context(), q, jsonText(token)).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s: %d, %v", q, n, err)
			}
		}
		return nil
	})
}

func jsonText(s string) string { b, _ := json.Marshal(s); return string(b) }

// An answer by mail to the survey comes into the conversation it is about.
func TestAnswerByMailFindsTheConversation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		conv := d.Hanako()
		d.Resolve(conv)
		m := d.Surveyed()
		got := d.Take(surveytest.Mail{From: "hanako@example.jp", Name: "山田 花子", Subject: "Re: " + m.Subject, Text: "まだ届きません", Language: "ja", InReplyTo: m.ID})
		if got != conv {
			t.Errorf("the reply went to %s, not %s", got, conv)
		}
		stranger := d.Take(surveytest.Mail{From: "mallory@example.org", Subject: "Re: " + m.Subject, Text: "x", InReplyTo: m.ID})
		if stranger == conv {
			t.Error("a stranger's mail went into the conversation")
		}
	})
}

// Every way not to be asked leaves a row with its reason and a fact.
func TestNotAskedAndWhy(t *testing.T) {
	cases := []struct {
		name   string
		before func(d *surveytest.Desk)
		write  func(d *surveytest.Desk, address string) conversation.ID // nil: a customer's mail
		after  func(d *surveytest.Desk, address string, id conversation.ID)
		want   survey.Reason
	}{
		{"off", policy(func(p *survey.Policy) { p.Enabled = false }), nil, nil, survey.Off},
		{"switched off meanwhile", nil, nil, func(d *surveytest.Desk, _ string, _ conversation.ID) {
			d.Policy(func(p *survey.Policy) { p.Enabled = false })
		}, survey.Off},
		{"sampled out", policy(func(p *survey.Policy) { p.Sampling = 0 }), nil, nil, survey.SampledOut},
		{"automatic", nil, func(d *surveytest.Desk, address string) conversation.ID {
			return d.Take(surveytest.Mail{From: address, Subject: "注文", Text: "注文が入りました", Automatic: true})
		}, nil, survey.Muted},
		{"bounced", nil, nil, func(d *surveytest.Desk, address string, _ conversation.ID) {
			d.Write(func(tx *sqldb.Tx) error { return d.Customers.BouncedTx(d.Context(), tx, customer.Email, address) })
		}, survey.BadAddress},
		{"reopened", nil, nil, func(d *surveytest.Desk, _ string, id conversation.ID) { d.Set(id, conversation.Open) }, survey.Reopened},
		{"late", nil, nil, func(d *surveytest.Desk, _ string, _ conversation.ID) { d.Clock.Advance(8 * 24 * time.Hour) }, survey.Late},
		{"only the agent wrote", nil, func(d *surveytest.Desk, address string) conversation.ID {
			conv, _, err := d.Threads.Begin(d.Context(), d.Hana, conversation.Opening{InboxID: d.Support.ID, Subject: "ご案内",
				To: []channel.Address{{Address: address}}, Text: "ご案内です"})
			if err != nil {
				d.Fatal(err)
			}
			return conv.ID
		}, nil, survey.NoCustomer},
		{"inbox out of service", nil, nil, func(d *surveytest.Desk, _ string, _ conversation.ID) {
			if _, err := d.Inboxes.Change(d.Context(), d.Hana, d.Support.ID, inbox.Change{Active: new(false)}); err != nil {
				d.Fatal(err)
			}
		}, survey.InboxStopped},
		{"inbox without a way to send", func(d *surveytest.Desk) {
			if _, err := d.Inboxes.Change(d.Context(), d.Hana, d.Support.ID, inbox.Change{Active: new(true)}); err != nil {
				d.Fatal(err)
			}
		}, nil, func(d *surveytest.Desk, _ string, _ conversation.ID) { d.Wire.Mute(true) }, survey.NoWayOut},
	}
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		for n, x := range cases {
			d.Policy(func(p *survey.Policy) { *p = survey.DefaultPolicy(p.InboxID); p.Enabled = true })
			if x.before != nil {
				x.before(d)
			}
			address := fmt.Sprintf("customer%d@example.jp", n)
			var id conversation.ID
			if x.write != nil {
				id = x.write(d, address)
			} else {
				id = d.Take(surveytest.Mail{From: address, Subject: "質問", Text: "質問です", Language: "ja"})
			}
			d.Resolve(id)
			if x.after != nil {
				x.after(d, address, id)
			}
			before := len(d.Wire.Sent())
			for range 5 { // over a night with its quiet hours
				d.Wait(6 * time.Hour)
			}
			all := d.Invitations()
			got := all[len(all)-1]
			if len(all) != n+1 || got.ConversationID != string(id) || got.State != survey.Skipped || got.Reason != x.want {
				t.Errorf("%s: %d invitations, %+v", x.name, len(all), got)
			}
			for _, m := range d.Wire.Sent()[before:] {
				if strings.Contains(m.Text, "/s/") {
					t.Errorf("%s: asked all the same: %s", x.name, m.Subject)
				}
			}
			facts := d.Told(survey.SkippedFact)
			var data survey.SkippedData
			if len(facts) != n+1 || facts[n].Decode(&data) != nil || data.Reason != string(x.want) || data.ConversationID != string(id) {
				t.Errorf("%s: %d facts, %+v", x.name, len(facts), data)
			}
		}
	})
}

func policy(change func(*survey.Policy)) func(*surveytest.Desk) {
	return func(d *surveytest.Desk) { d.Policy(change) }
}

func TestRestBetweenTwoSurveys(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		// Two conversations of one customer fall due at the same moment: one mail.
		one, two := d.Hanako(), d.Hanako()
		d.Resolve(one)
		d.Resolve(two)
		c.Advance(2 * time.Hour)
		d.Rest()
		check := func(want ...string) {
			t.Helper()
			var got []string
			for _, i := range d.Invitations() {
				got = append(got, string(i.State)+" "+string(i.Reason))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
		check("sent ", "skipped cool-down")
		// Somebody else is asked all the same.
		d.Resolve(d.Take(surveytest.Mail{From: "taro@example.jp", Subject: "質問", Text: "質問です", Language: "ja"}))
		c.Advance(2 * time.Hour)
		d.Rest()
		check("sent ", "skipped cool-down", "sent ")
		// Resolved again within the rest: not asked; afterwards: asked.
		d.Set(one, conversation.Open)
		d.Resolve(one)
		c.Advance(15 * 24 * time.Hour)
		d.Rest()
		d.Set(one, conversation.Open)
		d.Resolve(one)
		c.Advance(25 * time.Hour)
		d.Rest()
		check("expired ", "skipped cool-down", "expired ", "skipped cool-down", "sent ")
	})
}

func TestQuietHoursMoveTheMail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		jst := time.FixedZone("JST", 9*3600)
		c.Set(time.Date(2026, 4, 15, 20, 30, 0, 0, jst))
		d.Resolve(d.Hanako())
		if got, want := d.Invitations()[0].RunAt, time.Date(2026, 4, 16, 8, 0, 0, 0, jst); !got.Equal(want) {
			t.Fatalf("planned for %s, want %s", got.In(jst), want)
		}
		// The hours grow while it waits: it waits on.
		d.Policy(func(p *survey.Policy) { p.QuietTo = "10:00" })
		c.Set(time.Date(2026, 4, 16, 8, 0, 0, 0, jst))
		d.Rest()
		if n := len(d.Wire.Sent()); n != 0 {
			t.Fatal("sent in quiet hours")
		}
		c.Set(time.Date(2026, 4, 16, 10, 0, 0, 0, jst))
		d.Rest()
		if n := len(d.Wire.Sent()); n != 1 {
			t.Fatalf("%d mails", n)
		}
	})
}

func TestNobodyAnswers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		token := surveytest.Token(d.Asked())
		i := d.Invitations()[0]
		c.Set(i.ExpiresAt.Add(-time.Millisecond))
		d.Rest()
		if got := d.Invitations()[0].State; got != survey.Sent {
			t.Errorf("%s before the end", got)
		}
		c.Advance(time.Millisecond)
		d.Rest()
		if got := d.Invitations()[0].State; got != survey.Expired || len(d.Told(survey.UnansweredFact)) != 1 {
			t.Errorf("%s after the end, %d facts", got, len(d.Told(survey.UnansweredFact)))
		}
		f, err := d.Program.Form(t.Context(), token)
		if err != nil || f.Stage != survey.Over {
			t.Errorf("form %+v, %v", f, err)
		}
		if _, err := d.Program.Answer(t.Context(), token, survey.Answer{Score: 4}); !fault.Is(err, fault.Conflict) {
			t.Errorf("an answer after the end: %v", err)
		}
	})
}

func TestMailThatDoesNotArrive(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		d.Wire.Fail(&channel.RefusedError{Code: 550, Text: "no such user"})
		d.Resolve(d.Hanako())
		c.Advance(2 * time.Hour)
		d.Rest()
		i := d.Invitations()[0]
		if i.State != survey.Failed || i.Reason != survey.Refused || len(d.Told(survey.SkippedFact)) != 1 {
			t.Fatalf("%+v", i)
		}
		// It did not reach her, so it does not count as having been asked.
		d.Wire.Fail(nil)
		d.Resolve(d.Hanako())
		c.Advance(2 * time.Hour)
		d.Rest()
		if got := d.Invitations()[1]; got.State != survey.Sent {
			t.Fatalf("%+v", got)
		}
		d.Wire.Fail(&channel.AmbiguousError{Err: errors.New("connection lost")})
		d.Resolve(d.Take(surveytest.Mail{From: "taro@example.jp", Subject: "質問", Text: "質問です"}))
		c.Advance(2 * time.Hour)
		d.Rest()
		if got := d.Invitations()[2]; got.State != survey.Queued || got.Reason != survey.Unsure {
			t.Fatalf("%+v", got)
		}
		c.Advance(15 * 24 * time.Hour)
		d.Rest()
		if got := d.Invitations()[2]; got.State != survey.Expired {
			t.Errorf("%+v", got)
		}
	})
}

// A report of the other side comes hours after it accepted the mail.
func TestMailThatComesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		m := d.Asked()
		d.Write(func(tx *sqldb.Tx) error {
			_, found, err := d.Outbox.BounceTx(t.Context(), tx, delivery.Bounce{InboxID: d.Support.ID, ExternalID: m.ID,
				Recipients: []string{"hanako@example.jp"}, Reason: "userunknown", Text: "550 5.1.1"})
			if !found {
				t.Error("the report does not find the survey's letter")
			}
			return err
		})
		d.Rest()
		i := d.Invitations()[0]
		if i.State != survey.Failed || i.Reason != survey.Bounced || len(d.Told(survey.SkippedFact)) != 1 {
			t.Errorf("%+v", i)
		}
		c.Advance(30 * 24 * time.Hour)
		d.Rest()
		if n := len(d.Told(survey.UnansweredFact)); n != 0 || d.Invitations()[0].State != survey.Failed {
			t.Errorf("%d times unanswered", n)
		}
	})
}

func TestAnswersChangeForADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		token := surveytest.Token(d.Asked())
		answer := func(score int, comment string) error {
			_, err := d.Program.Answer(t.Context(), token, survey.Answer{Score: score, Comment: comment})
			return err
		}
		first := c.Now()
		for _, a := range []struct {
			score   int
			comment string
		}{{2, "遅い"}, {2, "遅い"}, {4, ""}, {4, ""}, {5, "その後は丁寧でした"}} {
			if err := answer(a.score, a.comment); err != nil {
				t.Fatal(err)
			}
			c.Advance(time.Hour)
		}
		var page survey.ResponsePage
		d.Read(func(tx *sqldb.Tx) (err error) {
			page, err = d.Program.Responses(t.Context(), tx, survey.ResponseQuery{BrandID: d.Brand.ID})
			return err
		})
		if len(page.Items) != 1 {
			t.Fatalf("%d responses", len(page.Items))
		}
		r := page.Items[0]
		want := []survey.Version{{Score: 2, Comment: "遅い", At: first}, {Score: 4, At: first.Add(2 * time.Hour)}, {Score: 5, Comment: "その後は丁寧でした", At: first.Add(4 * time.Hour)}}
		if diff := cmp.Diff(want, r.History); diff != "" {
			t.Error(diff)
		}
		if r.Score != 5 || r.Band != survey.Satisfied || !r.AnsweredAt.Equal(first) || !r.ChangedAt.Equal(first.Add(4*time.Hour)) {
			t.Errorf("%+v", r)
		}
		var told []string
		for _, f := range d.Told(survey.RespondedFact) {
			var data survey.RespondedData
			if err := f.Decode(&data); err != nil {
				t.Fatal(err)
			}
			told = append(told, fmt.Sprintf("%d %s %v", data.Score, data.Band, data.Changed))
		}
		if diff := cmp.Diff([]string{"2 dissatisfied false", "4 satisfied true", "5 satisfied true"}, told); diff != "" {
			t.Error(diff)
		}
		c.Set(first.Add(24*time.Hour - time.Millisecond))
		if err := answer(3, "まあまあ"); err != nil {
			t.Errorf("in the last millisecond: %v", err)
		}
		c.Set(first.Add(24 * time.Hour))
		if err := answer(3, "まあまあ"); err != nil {
			t.Errorf("the same again is harmless: %v", err)
		}
		if err := answer(1, "やはり不満"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a day later: %v", err)
		}
	})
}

// TestToldAgain asks the second question where an inbox has it, and nowhere else.
func TestToldAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		yes, no := true, false
		answer := func(token string, again *bool) survey.Form {
			t.Helper()
			f, err := d.Program.Answer(t.Context(), token, survey.Answer{Score: 4, Repeated: again})
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		token := surveytest.Token(d.Asked())
		if f := answer(token, &yes); f.AsksRepeat || f.Repeated != nil {
			t.Errorf("kept what was not asked: %+v", f)
		}
		d.Policy(func(p *survey.Policy) { p.AsksRepeat = true })
		for _, said := range []*bool{&no, &yes, &yes, nil, &yes} {
			if f := answer(token, said); !f.AsksRepeat || (f.Repeated == nil) != (said == nil) || said != nil && *f.Repeated != *said {
				t.Errorf("said %v: %+v", said, f)
			}
			c.Advance(time.Minute)
		}
		d.Policy(func(p *survey.Policy) { p.AsksRepeat = false })
		if f := answer(token, &no); !f.AsksRepeat || f.Repeated == nil || *f.Repeated {
			t.Errorf("an answer that was given can no longer be changed: %+v", f)
		}
		var page survey.ResponsePage
		d.Read(func(tx *sqldb.Tx) (err error) {
			page, err = d.Program.Responses(t.Context(), tx, survey.ResponseQuery{BrandID: d.Brand.ID})
			return err
		})
		if len(page.Items) != 1 || page.Items[0].Repeated == nil || *page.Items[0].Repeated || len(page.Items[0].History) != 6 {
			t.Errorf("kept: %+v", page.Items)
		}
		told := d.Told(survey.RespondedFact)
		var last survey.RespondedData
		if err := json.Unmarshal(told[len(told)-1].Data, &last); err != nil || last.Repeated == nil || *last.Repeated {
			t.Errorf("told: %+v, %v", last, err)
		}
	})
}

func TestChangingForEverIsBounded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		token := surveytest.Token(d.Asked())
		for n := range 60 {
			_, err := d.Program.Answer(t.Context(), token, survey.Answer{Score: 1 + n%2, Comment: fmt.Sprint(n)})
			if (err != nil) != (n >= 50) || (err != nil && !fault.Is(err, fault.Conflict)) {
				t.Fatalf("change %d: %v", n, err)
			}
		}
	})
}

// Many submits of one form at the same moment leave one response.
func TestSubmittedTwiceAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		token := surveytest.Token(d.Asked())
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, err := d.Program.Answer(t.Context(), token, survey.Answer{Score: 3, Comment: "二度押し"}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := len(d.Told(survey.RespondedFact)); n != 1 {
			t.Errorf("%d facts", n)
		}
	})
}

func TestWrongAnswersAndTokens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		token := surveytest.Token(d.Asked())
		for _, a := range []survey.Answer{{}, {Score: 6}, {Score: -1}, {Score: 4, Comment: strings.Repeat("あ", 2001)}} {
			if _, err := d.Program.Answer(t.Context(), token, a); !fault.Is(err, fault.Invalid) {
				t.Errorf("score %d: %v", a.Score, err)
			}
			if _, err := d.Program.Answer(t.Context(), "nobody", a); !fault.Is(err, fault.NotFound) {
				t.Errorf("unknown token, score %d: %v", a.Score, err)
			}
		}
		for _, wrong := range []string{"", token + "x", strings.ToUpper(token), token[:26]} {
			if _, err := d.Program.Form(t.Context(), wrong); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", wrong, err)
			}
		}
		long := strings.Repeat("𠮷", 2000)
		if f, err := d.Program.Answer(t.Context(), token, survey.Answer{Score: 4, Comment: long}); err != nil || f.Comment != long {
			t.Errorf("2,000 characters of four bytes: %v", err)
		}
	})
}

func TestOptingOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		d.Policy(func(p *survey.Policy) { p.CoolDown = 0 })
		token := surveytest.Token(d.Asked())
		for range 2 { // again is harmless
			if f, err := d.Program.OptOut(t.Context(), token); err != nil || !f.Stopped {
				t.Fatalf("%+v, %v", f, err)
			}
		}
		// The customer writes from another address, known to be hers.
		var hanako, other customer.Customer
		d.Take(surveytest.Mail{From: "hana@work.example", Name: "Hanako", Subject: "別件", Text: "別件です"})
		d.Read(func(tx *sqldb.Tx) (err error) {
			if hanako, _, err = d.Customers.ByPoint(t.Context(), tx, customer.Email, "hanako@example.jp"); err != nil {
				return err
			}
			other, _, err = d.Customers.ByPoint(t.Context(), tx, customer.Email, "hana@work.example")
			return err
		})
		if _, err := d.Customers.Merge(t.Context(), d.Hana, hanako.ID, other.ID); err != nil {
			t.Fatal(err)
		}
		d.Rest()
		d.Resolve(d.Take(surveytest.Mail{From: "hana@work.example", Subject: "また別件", Text: "別件です"}))
		last := d.Invitations()[1]
		if last.State != survey.Skipped || last.Reason != survey.OptedOut || last.CustomerID != other.ID {
			t.Fatalf("%+v", last)
		}
		if first := d.Invitations()[0]; first.CustomerID != other.ID {
			t.Error("the first invitation stayed with the customer who is no more")
		}
		if f, err := d.Program.OptIn(t.Context(), token); err != nil || f.Stopped {
			t.Fatalf("%+v, %v", f, err)
		}
		d.Resolve(d.Hanako())
		c.Advance(2 * time.Hour)
		d.Rest()
		if last := d.Invitations()[2]; last.State != survey.Sent {
			t.Errorf("%+v", last)
		}
		if n, m := len(d.Told(survey.OptedOutFact)), len(d.Told(survey.OptedInFact)); n != 1 || m != 1 {
			t.Errorf("%d and %d facts", n, m)
		}
	})
}

func TestFollowUps(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		conv := d.Hanako()
		d.Resolve(conv)
		d.Surveyed()
		d.Policy(func(p *survey.Policy) { p.Enabled, p.Sampling = false, 0 })
		ask := func(link string) (id string) {
			t.Helper()
			d.Write(func(tx *sqldb.Tx) (err error) {
				id, err = d.Program.AskTx(t.Context(), tx, actor.OfSystem("recovery"), survey.Ask{Link: link, ConversationID: string(conv), OpenFor: 5 * 24 * time.Hour})
				return err
			})
			return id
		}
		// Neither the switch, nor the sampling, nor the rest stops a follow-up.
		first := ask("case_1")
		if again := ask("case_1"); again != first {
			t.Error("asked twice while the first waits")
		}
		d.Set(conv, conversation.Open)
		d.Rest()
		sent := d.Wire.Sent()
		if m := sent[len(sent)-1]; m.Subject != "【山吹堂】その後の対応についてのおうかがい（#1001）" || !strings.Contains(m.Text, "あらためてお詫び申し上げます") {
			t.Fatalf("%s\n%s", m.Subject, m.Text)
		}
		for try := 1; try <= 3; try++ {
			c.Advance(5 * 24 * time.Hour)
			d.Rest()
			unanswered := 0
			for _, f := range d.Told(survey.UnansweredFact) {
				var data survey.InvitedData
				if err := f.Decode(&data); err != nil {
					t.Fatal(err)
				}
				if data.Link == "case_1" && data.Kind == "follow-up" {
					unanswered++
				}
			}
			if unanswered != try {
				t.Fatalf("try %d: %d times unanswered", try, unanswered)
			}
			if try < 3 {
				if again := ask("case_1"); again == first {
					t.Fatal("the next try is the old one")
				}
				d.Rest()
			}
		}
		last := ask("case_1")
		d.Rest()
		sent = d.Wire.Sent()
		if _, err := d.Program.Answer(t.Context(), surveytest.Token(sent[len(sent)-1]), survey.Answer{Score: 4}); err != nil {
			t.Fatal(err)
		}
		d.Read(func(tx *sqldb.Tx) error {
			page, err := d.Program.Responses(t.Context(), tx, survey.ResponseQuery{Kind: survey.FollowUp})
			if err != nil || len(page.Items) != 1 || page.Items[0].InvitationID != last || page.Items[0].Link != "case_1" {
				t.Errorf("%+v, %v", page, err)
			}
			f, err := d.Program.Figure(t.Context(), tx, "", dbtest.Start, c.Now().Add(time.Hour))
			if err != nil || f.N != 0 || f.Value != nil {
				t.Errorf("a follow-up counts as CSAT: %+v, %v", f, err)
			}
			return nil
		})
	})
}
