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
	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
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
	mail := func(d *surveytest.Desk) conversation.ID { return d.Hanako() }
	for _, x := range []struct {
		name   string
		before func(d *surveytest.Desk)
		write  func(d *surveytest.Desk) conversation.ID
		after  func(d *surveytest.Desk, id conversation.ID)
		want   survey.Reason
	}{
		{"off", func(d *surveytest.Desk) { d.Policy(func(p *survey.Policy) { p.Enabled = false }) }, mail, nil, survey.Off},
		{"switched off meanwhile", nil, mail, func(d *surveytest.Desk, _ conversation.ID) { d.Policy(func(p *survey.Policy) { p.Enabled = false }) }, survey.Off},
		{"sampled out", func(d *surveytest.Desk) { d.Policy(func(p *survey.Policy) { p.Sampling = 0 }) }, mail, nil, survey.SampledOut},
		{"automatic", nil, func(d *surveytest.Desk) conversation.ID {
			return d.Take(surveytest.Mail{From: "shop@mall.example", Subject: "注文", Text: "注文が入りました", Automatic: true})
		}, nil, survey.Muted},
		{"bounced", nil, mail, func(d *surveytest.Desk, _ conversation.ID) {
			d.Write(func(tx *sqldb.Tx) error {
				return d.Customers.BouncedTx(d.Context(), tx, customer.Email, "hanako@example.jp")
			})
		}, survey.BadAddress},
		{"reopened", nil, mail, func(d *surveytest.Desk, id conversation.ID) { d.Set(id, conversation.Open) }, survey.Reopened},
		{"late", nil, mail, func(d *surveytest.Desk, _ conversation.ID) { d.Clock.Advance(8 * 24 * time.Hour) }, survey.Late},
		{"only the agent wrote", nil, func(d *surveytest.Desk) conversation.ID {
			conv, _, err := d.Threads.Begin(d.Context(), d.Hana, conversation.Opening{InboxID: d.Support.ID, Subject: "ご案内",
				To: []channel.Address{{Address: "taro@example.jp"}}, Text: "ご案内です"})
			if err != nil {
				d.Fatal(err)
			}
			return conv.ID
		}, nil, survey.NoCustomer},
	} {
		t.Run(x.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
				d := surveytest.New(t, db, c)
				if x.before != nil {
					x.before(d)
				}
				id := x.write(d)
				d.Resolve(id)
				if x.after != nil {
					x.after(d, id)
				}
				before := len(d.Wire.Sent())
				c.Advance(25 * time.Hour)
				d.Rest()
				got := d.Invitations()
				if len(got) != 1 || got[0].State != survey.Skipped || got[0].Reason != x.want {
					t.Fatalf("%+v", got)
				}
				for _, m := range d.Wire.Sent()[before:] {
					if strings.Contains(m.Text, "/s/") {
						t.Errorf("asked all the same: %s", m.Subject)
					}
				}
				facts := d.Told(survey.SkippedFact)
				var data survey.SkippedData
				if len(facts) != 1 || facts[0].Decode(&data) != nil || data.Reason != string(x.want) || data.ConversationID != string(id) {
					t.Errorf("facts %v", facts)
				}
			})
		})
	}
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
				Recipients: []string{"hanako@example.jp"}, Hard: true, Reason: "userunknown", Text: "550 5.1.1"})
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
		want := []survey.Version{{2, "遅い", first}, {4, "", first.Add(2 * time.Hour)}, {5, "その後は丁寧でした", first.Add(4 * time.Hour)}}
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
