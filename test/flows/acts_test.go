package flows

import (
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// do plays one line.
func (w *world) do(l line) {
	w.t.Helper()
	w.at = l
	acts := map[string]func(line){
		"brand": w.found, "inbox": w.openInbox, "agent": w.agent, "tag": w.tag, "survey": w.policy, "clock": w.move,
		"mail": w.mail, "reply": w.reply, "auto-reply": w.reply, "bounce": w.bounce, "answer": w.answer, "stop": w.optOut, "place": w.openPlace, "scan": w.scan,
		"line": w.openLine, "telegram": w.openTelegram, "door": w.openDoor, "person": w.person, "post-office": w.postOffice, "expect": w.expect, "dead": func(l line) { w.dead = w.number(l.word(1)) },
	}
	vendors := map[string]func(*world, line){"whatsapp": openWhatsApp, "page": openPage, "texts": openTexts, "phone": openPhone, "chat": openChat}
	if open := vendors[l.word(0)]; open != nil {
		open(w, l)
		return
	}
	switch act, ok := acts[l.word(0)]; {
	case ok:
		act(l)
	case w.people[l.word(0)] != nil:
		w.personDoes(l)
	case w.cookies[l.word(0)] != "":
		w.agentDoes(l)
	default:
		w.fail("unknown: %q", l.word(0))
	}
	if len(w.at.fails) > 0 && l.word(0) != "mail" {
		w.fail("nothing was refused, want %v", w.at.fails)
	}
	w.rest()
}

func (w *world) number(s string) int {
	n, err := strconv.Atoi(s)
	w.must(err)
	return n
}

// brand "Name" ja Asia/Tokyo 09:00-18:00
func (w *world) found(l line) {
	name, lang, zone := l.word(1), l.word(2), l.word(3)
	from, to, _ := strings.Cut(l.word(4), "-")
	hours := worktime.Weekdays(zone, from, to)
	b, err := w.in.Brands.Create(w.t.Context(), actor.OfSystem("flow"), brand.Change{Name: &name, Locale: &lang, Zone: &zone, Hours: &hours})
	w.must(err)
	w.brandID = b.ID
	w.zone, err = time.LoadLocation(zone)
	w.must(err)
}

// inbox support@shop.example [receive=imap] [fails=dot:drop] [catch-all=yes]
func (w *world) openInbox(l line) {
	address, mode, plain := l.word(1), "smtp", "plain"
	name, _, _ := strings.Cut(address, "@")
	yes, catch := true, l.set("catch-all", "") == "yes"
	w.office.Add(address, password)
	ch := inbox.Change{BrandID: &w.brandID, Name: &name, Address: &address, Active: &yes, CatchAll: &catch}
	host, port := w.server(w.office.SMTP())
	pass := password
	ch.Send = &inbox.SendChange{Mode: &mode, Host: &host, Port: &port, Security: &plain, Username: &address, Password: &pass}
	if how := l.set("fails", ""); how != "" {
		stage, failure, _ := strings.Cut(how, ":")
		f := emailtest.NewFaulty(w.t, emailtest.Stage(stage), emailtest.Failure(failure))
		none, faulty := "", f.Port()
		ch.Send.Port, ch.Send.Username, ch.Send.Password = &faulty, &none, nil
		w.faulty[address] = f
	}
	receive := l.set("receive", "smtp")
	ch.Receive = &inbox.ReceiveChange{Mode: &receive}
	if receive == "imap" {
		imapHost, imapPort := w.server(w.office.IMAP())
		ch.Receive = &inbox.ReceiveChange{Mode: &receive, Host: &imapHost, Port: &imapPort, Security: &plain, Username: &address, Password: &pass}
	}
	i, err := w.in.Inboxes.Create(w.t.Context(), actor.OfSystem("flow"), ch)
	w.must(err)
	w.name(i.ID, address)
	w.inboxes = append(w.inboxes, address)
}

func (w *world) server(address string) (string, int) {
	host, port, err := net.SplitHostPort(address)
	w.must(err)
	return host, w.number(port)
}

// agent mika manager
func (w *world) agent(l line) { w.hire(l.word(1), team.Role(l.word(2))) }

// tag complaint complaint=yes
func (w *world) tag(l line) {
	name, complaint := l.word(1), l.set("complaint", "") == "yes"
	t, err := w.in.Tags.Create(w.t.Context(), actor.OfSystem("flow"), tag.Change{Name: &name, Complaint: &complaint})
	w.must(err)
	w.name(t.ID, name)
}

// survey support@shop.example delay=1h cooldown=14 quiet=21:00-08:00 sampling=100
func (w *world) policy(l line) {
	from, to, _ := strings.Cut(l.set("quiet", "-"), "-")
	delay, err := time.ParseDuration(l.set("delay", "1h"))
	w.must(err)
	w.ask("root", http.MethodPut, "/inboxes/"+w.id(l.word(1))+"/survey-policy", object{
		"enabled": l.word(2) != "off", "delayMinutes": int(delay.Minutes()), "sampling": w.number(l.set("sampling", "100")),
		"cooldownDays": w.number(l.set("cooldown", "0")), "quietFrom": from, "quietTo": to, "asksRepeat": l.set("repeat", "") == "yes",
	})
}

// clock 2026-04-15 10:00, or clock +26h, clock +3d
func (w *world) move(l line) {
	w.until(w.moment(strings.Join(l.words[1:], " ")))
}

// moment reads a time: from now ("+26h", "+3d"), or on the brand's clock.
func (w *world) moment(s string) time.Time {
	if after, ok := strings.CutPrefix(s, "+"); ok {
		if days, ok := strings.CutSuffix(after, "d"); ok {
			return w.clock.Now().In(w.zone).AddDate(0, 0, w.number(days)).UTC()
		}
		d, err := time.ParseDuration(after)
		w.must(err)
		return w.clock.Now().Add(d)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", strings.Replace(s, "T", " ", 1), w.zone)
	w.must(err)
	return at.UTC()
}

// post-office refuses ana@x.example 550 "no such user"; post-office accepts …;
// post-office mends support@shop.example
func (w *world) postOffice(l line) {
	switch l.word(1) {
	case "refuses":
		w.office.Refuse(l.word(2), w.number(l.word(3)), l.word(4))
	case "accepts":
		w.office.Refuse(l.word(2), 0, "")
	case "mends":
		host, port := w.server(w.office.SMTP())
		address, pass := l.word(2), password
		_, err := w.in.Inboxes.Change(w.t.Context(), actor.OfSystem("flow"), w.id(address),
			inbox.Change{Send: &inbox.SendChange{Host: &host, Port: &port, Username: &address, Password: &pass}})
		w.must(err)
	default:
		w.fail("the post office cannot %s", l.word(1))
	}
}

var surveyLink = regexp.MustCompile(`https://desk\.example(/s/[A-Za-z0-9_-]+)`)

// link returns the path of the survey in the newest mail to a customer that has one.
func (w *world) link(address string) string {
	w.t.Helper()
	list := w.sentTo(address)
	for i := len(list) - 1; i >= 0; i-- {
		if m := surveyLink.FindStringSubmatch(list[i].Text); m != nil {
			return m[1]
		}
	}
	w.fail("no mail to %s has a link to a survey", address)
	return ""
}

// answer ana@x.example 1 "It never came."
func (w *world) answer(l line) {
	path := w.link(l.word(1))
	before := w.get("/jobs?state=ready")
	if rec := w.http(http.MethodGet, path+"?score="+l.word(2), "", nil); rec.Code != http.StatusOK {
		w.fail("GET %s: %d", path, rec.Code)
	}
	if after := w.get("/jobs?state=ready"); len(after) != len(before) {
		w.fail("looking at the survey did something")
	}
	rec := w.http(http.MethodPost, path, "", formOf("score", l.word(2), "comment", l.word(3), "repeated", l.set("repeated", "")))
	if len(w.at.fails) > 0 {
		w.refused(rec)
	} else if rec.Code != http.StatusSeeOther {
		w.fail("POST %s: %d %s", path, rec.Code, rec.Body)
	}
}

// stop ana@x.example: she asks not to be asked.
func (w *world) optOut(l line) {
	if rec := w.http(http.MethodPost, w.link(l.word(1))+"/stop", "", formOf()); rec.Code >= 400 {
		w.fail("stop: %d %s", rec.Code, rec.Body)
	}
}
