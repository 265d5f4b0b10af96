package flows

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// expect compares what is with what should be:
//
//	expect #1 status=open assignee=mika
//	expect 2 conversations
//	expect case state=closed outcome=recovered
//	expect step listen state=done
//	expect mail ana@x.example subject~"order"
//	expect 3 mails ana@x.example
//	expect 1 fact case.escalated
//	expect ledger linked=2 duplicate=1
func (w *world) expect(l line) {
	what := l.word(1)
	if n := what; n != "" && strings.Trim(n, "0123456789") == "" {
		w.expectCount(w.number(n), l)
		return
	}
	switch {
	case strings.HasPrefix(what, "#"):
		w.compare(w.get(w.conversationPath(what)), l.words[2:])
	case what == "last": // expect last #1 kind=outgoing delivery.state=sent
		list := w.messages(l.word(2))
		w.compare(list[len(list)-1], l.words[3:])
	case what == "letter": // expect letter #1 state=ambiguous: the newest outgoing message's delivery
		d, _ := w.last(l.word(2), "outgoing")["delivery"].(map[string]any)
		w.compare(d, l.words[3:])
	case what == "entry": // expect entry #1 case.opened data.severity=2
		e, _ := w.entry(l.word(2), l.word(3))["event"].(map[string]any)
		w.compare(e, l.words[4:])
	case what == "suggestion":
		w.compare(w.suggestion(l), l.words[4:])
	case what == "notice": // expect notice mika kind=released: the newest of a kind
		w.compare(w.notice(l.word(2), l.set("kind", "")), l.words[3:])
	case what == "draft": // expect draft mika #1 text~"Dear"
		w.compare(w.ask(l.word(2), http.MethodGet, w.conversationPath(l.word(3))+"/draft", nil), l.words[4:])
	case what == "case":
		w.compare(w.aCase(l), without(l.words[2:], "case"))
	case what == "step":
		w.compare(w.part(l, "steps", "key", l.word(2)), without(l.words[3:], "case"))
	case what == "promise":
		w.compare(w.part(l, "promises", "", ""), without(l.words[2:], "case"))
	case what == "remedy":
		w.compare(w.part(l, "remedies", "", ""), without(l.words[2:], "case"))
	case what == "invitation":
		w.compare(w.newest("/invitations"), l.words[2:])
	case what == "response":
		w.compare(w.newest("/responses"), l.words[2:])
	case what == "mail":
		w.compare(view(w.lastTo(l.word(2))), l.words[3:])
	case what == "screen": // expect screen hana text="…" ours=true: the newest line
		list := w.screen(l.word(2))
		if len(list) == 0 {
			w.fail("there is nothing on the screen")
		}
		w.compare(list[len(list)-1], l.words[3:])
	case what == "ledger":
		w.expectLedger(l)
	case what == "customer":
		w.compare(w.newest("/customers"), l.words[2:])
	default:
		w.fail("nothing can be expected of %q", what)
	}
}

func without(words []string, name string) (out []string) {
	for _, s := range words {
		if !strings.HasPrefix(s, name+"=") {
			out = append(out, s)
		}
	}
	return out
}

// newest returns the item of a list that was made last.
func (w *world) newest(path string) object {
	w.t.Helper()
	list := w.list(path)
	if len(list) == 0 {
		w.fail("there is none in %s", path)
	}
	sort.Slice(list, func(i, j int) bool { return list[i]["id"].(string) < list[j]["id"].(string) })
	return list[len(list)-1]
}

// notice returns an agent's newest notice of a kind.
func (w *world) notice(who, kind string) object {
	w.t.Helper()
	items, _ := w.ask(who, http.MethodGet, "/notices", nil)["items"].([]any)
	for _, i := range items {
		if n := object(i.(map[string]any)); n["kind"] == kind {
			return n
		}
	}
	w.fail("%s has no notice %s", who, kind)
	return nil
}

func (w *world) expectCount(want int, l line) {
	got := 0
	switch what := l.word(2); what {
	case "conversation", "conversations":
		got = len(w.list("/conversations?status=any"))
	case "case", "cases":
		got = len(w.list("/cases?state=any"))
	case "invitation", "invitations":
		got = len(w.list("/invitations"))
	case "response", "responses":
		got = len(w.list("/responses"))
	case "customer", "customers":
		got = len(w.list("/customers"))
	case "mail", "mails":
		if l.word(3) == "" {
			got = len(w.office.Sent())
		} else {
			got = len(w.sentTo(l.word(3)))
		}
	case "line", "lines": // expect 2 lines hana: on a screen
		got = len(w.screen(l.word(3)))
	case "message", "messages": // expect 3 messages #1
		for _, m := range w.messages(l.word(3)) {
			if m["kind"] != "event" {
				got++
			}
		}
	case "fact", "facts":
		w.must(w.in.DB.Read(w.t.Context(), func(tx *sqldb.Tx) error {
			return tx.QueryRow(w.t.Context(), `SELECT COUNT(*) FROM journal WHERE name = $1`, l.word(3)).Scan(&got)
		}))
	default:
		w.fail("%q cannot be counted", what)
	}
	if got != want {
		w.fail("there are %d", got)
	}
}

func (w *world) expectLedger(l line) {
	got := map[string]int{}
	for _, e := range w.list("/ledger") {
		got[e["state"].(string)]++
	}
	for _, word := range l.words[2:] {
		state, n, _ := strings.Cut(word, "=")
		if got[state] != w.number(n) {
			w.fail("the ledger has %v", got)
		}
		delete(got, state)
	}
	if len(got) > 0 {
		w.fail("the ledger also has %v", got)
	}
}

// view is a mail as expectations see it.
func view(m *channel.Message) object {
	o := object{"subject": m.Subject, "text": m.Text, "html": m.HTML, "from": m.From.Address, "auto": m.Auto, "inReplyTo": strings.Join(m.InReplyTo, " ")}
	if len(m.ReplyTo) > 0 {
		o["replyTo"] = m.ReplyTo[0].Address
	}
	return o
}

// compare holds an object against field=value, field!=value and field~part.
func (w *world) compare(o object, words []string) {
	w.t.Helper()
	if len(words) == 0 {
		w.fail("nothing is expected of it")
	}
	for _, word := range words {
		name, op, want := operator(word)
		if name == "" {
			w.fail("%q is no comparison", word)
		}
		value, known := lookup(o, name)
		if !known {
			w.fail("there is no field %s in %s", name, show(o))
		}
		got := w.text(value)
		ok := got == want
		switch op {
		case "!=":
			ok = !ok
		case "~":
			ok = strings.Contains(got, want)
		case "!~":
			ok = !strings.Contains(got, want)
		}
		if !ok {
			w.fail("%s is %q, want %s%q\n\tin %s", name, got, op, want, show(o))
		}
	}
}

func operator(word string) (name, op, want string) {
	best := len(word)
	for _, o := range []string{"!=", "!~", "=", "~"} {
		if i := strings.Index(word, o); i >= 0 && i < best {
			best, op = i, o
		}
	}
	if op == "" {
		return "", "", ""
	}
	return word[:best], op, word[best+len(op):]
}

func lookup(o object, path string) (any, bool) {
	var v any = map[string]any(o)
	for _, key := range strings.Split(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, v == nil && key != ""
		}
		if v, ok = m[key]; !ok {
			return nil, false
		}
	}
	return v, true
}

// text is a JSON value as scenarios write it: ids by their names, times on the
// brand's clock.
func (w *world) text(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case string:
		if name, ok := w.names[v]; ok {
			return name
		}
		if strings.HasPrefix(v, "conv_") {
			return w.ref(v)
		}
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return at.In(w.zone).Format("2006-01-02T15:04")
		}
		return v
	case float64:
		return fmt.Sprint(v)
	case []any:
		var parts []string
		for _, x := range v {
			parts = append(parts, w.text(x))
		}
		sort.Strings(parts)
		return strings.Join(parts, ",")
	case object, map[string]any:
		return "some"
	}
	return fmt.Sprint(v)
}

// show is an object without its lists.
func show(o object) string {
	short := object{}
	for k, v := range o {
		if _, list := v.([]any); !list {
			short[k] = v
		}
	}
	b, err := json.MarshalIndent(short, "\t", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}
