package api

import (
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
)

// teller tells a case's story in the reader's language.
type teller struct {
	words    *phrase.Catalogue
	lang     string
	names    map[string]string // of agents and the customer, by id
	customer string
	zone     *time.Location
}

func (t teller) author(a actor.Actor) Author {
	name := t.names[a.ID]
	if name == "" && a.Kind == actor.Customer {
		name = t.customer
	}
	return Author{Kind: string(a.Kind), ID: a.ID, Name: name}
}

func (t teller) step(s recovery.Step, now time.Time) CaseStep {
	key := "playbook.step." + string(s.Key)
	v := CaseStep{ID: s.ID, Key: string(s.Key), Title: t.words.Text(t.lang, key+".title", nil), Guide: t.words.Text(t.lang, key+".guide", nil),
		Position: s.Position, State: string(s.State), DueAt: moment(s.DueAt), Overdue: s.Overdue(now), Escalation: s.Escalation, TakenBy: some(s.TakenBy),
		DoneAt: moment(s.DoneAt)}
	if s.DoneBy != "" {
		by := t.author(recovery.ParseActor(s.DoneBy))
		v.DoneBy = &by
	}
	if e := Evidence(s.Evidence); e != (Evidence{}) {
		v.Evidence = &e
	}
	return v
}

// storyTime is how a moment is written inside a sentence of a language.
func storyTime(lang string) string {
	if lang == phrase.Japanese {
		return "2006年1月2日 15:04"
	}
	return "2 January 2006, 15:04"
}

// row makes a sentence of an entry: ids become names, keys become words.
func (t teller) row(e recovery.Entry) StoryRow {
	args := map[string]any{}
	for k, v := range e.Data {
		args[k] = v
	}
	for k, prefix := range map[string]string{"outcome": "playbook.outcome.", "category": "playbook.category.", "type": "playbook.remedy."} {
		if v := e.Data[k]; v != "" {
			args[k] = t.words.Text(t.lang, prefix+v, nil)
		}
	}
	if v := e.Data["step"]; v != "" {
		args["step"] = t.words.Text(t.lang, "playbook.step."+v+".title", nil)
	}
	if v, ok := e.Data["agent"]; ok {
		args["agent"] = t.agent(v)
	}
	if at, err := time.Parse(time.RFC3339, e.Data["at"]); err == nil {
		args["at"] = at.In(t.zone).Format(storyTime(t.lang))
	}
	if v, ok := e.Data["amount"]; ok {
		args["amount"] = money(t.lang, v, e.Data["currency"])
	}
	for _, k := range []string{"label", "text", "link", "reason"} { // what was not said leaves no gap
		if _, ok := args[k]; !ok {
			args[k] = ""
		}
	}
	return StoryRow{At: e.At, Kind: e.Kind, Text: strings.TrimSpace(t.words.Text(t.lang, "story."+e.Kind, args)), Actor: t.author(e.Actor),
		MessageID: some(e.Data["messageId"])}
}

func (t teller) agent(id string) string {
	switch {
	case id == "":
		return t.words.Text(t.lang, "story.nobody", nil)
	case t.names[id] == "":
		return t.words.Text(t.lang, "story.somebody", nil)
	}
	return t.names[id]
}

// money writes an amount of minor units; "" for none.
func money(lang, amount, currency string) string {
	n, err := strconv.ParseInt(amount, 10, 64)
	if err != nil || n == 0 {
		return ""
	}
	decimals := 2
	switch currency {
	case "JPY", "KRW", "VND", "CLP", "ISK":
		decimals = 0
	}
	digits := strconv.FormatInt(n, 10)
	for len(digits) <= decimals {
		digits = "0" + digits
	}
	whole, rest := digits[:len(digits)-decimals], digits[len(digits)-decimals:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	if lang == phrase.Japanese && currency == "JPY" {
		return whole + "円"
	}
	return currency + " " + whole
}
