package flows

import (
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"
)

// agentDoes plays "mika verb …".
func (w *world) agentDoes(l line) {
	verbs := map[string]func(who string, l line){
		"replies": w.replies, "reads": w.reads, "begins": w.begins, "notes": w.notes, "drafts": w.draft, "sets": w.sets, "undoes": w.undoes, "retries": w.retries, "splits": w.splits, "merges": w.merges,
		"writes": w.writes, "opens": w.opens, "takes": w.takes, "completes": w.completes, "skips": w.skips, "finds": w.finds,
		"proposes": w.proposes, "approves": w.decides, "refuses": w.decides, "delivers": w.decides, "forgoes": w.decides, "withdraws": w.withdraws, "promises": w.promises, "keeps": w.keeps,
		"records": w.records, "joins": w.joins, "parts": w.parts, "knows": w.knows, "retires": w.retires, "closes": w.closes, "reopens": w.reopens, "lets": w.letsIn,
	}
	if verb, ok := verbs[l.word(1)]; ok {
		verb(l.word(0), l)
		return
	}
	w.fail("agents cannot %q", l.word(1))
}

// mika reads #1
func (w *world) reads(who string, l line) {
	w.ask(who, http.MethodPut, w.conversationPath(l.word(2))+"/read", nil)
}

// conversation returns the nth conversation, "#1".
func (w *world) conversation(ref string) object {
	w.t.Helper()
	list := w.list("/conversations?status=any")
	sort.Slice(list, func(i, j int) bool { return list[i]["id"].(string) < list[j]["id"].(string) })
	n := w.number(strings.TrimPrefix(ref, "#"))
	if n < 1 || n > len(list) {
		w.fail("there are %d conversations", len(list))
	}
	return list[n-1]
}

// ref is what scenarios call a conversation: "#1"; the id itself if it is in no list.
func (w *world) ref(id string) string {
	list := w.list("/conversations?status=any")
	sort.Slice(list, func(i, j int) bool { return list[i]["id"].(string) < list[j]["id"].(string) })
	for i, c := range list {
		if c["id"] == id {
			return "#" + strconv.Itoa(i+1)
		}
	}
	return id
}

func (w *world) conversationPath(ref string) string {
	return "/conversations/" + w.conversation(ref)["id"].(string)
}

// messages returns the entries of a conversation, oldest first.
func (w *world) messages(ref string) (out []object) {
	w.t.Helper()
	items, _ := w.get(w.conversationPath(ref) + "/messages?limit=200")["items"].([]any)
	for _, i := range items {
		out = append(out, object(i.(map[string]any)))
	}
	return out
}

// last returns the newest entry of a kind.
func (w *world) last(ref, kind string) object {
	w.t.Helper()
	list := w.messages(ref)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i]["kind"] == kind {
			return list[i]
		}
	}
	w.fail("%s has no %s message", ref, kind)
	return nil
}

// mika replies #1 [resolve=yes] [public=yes] [choices=Yes,No] [template=order_news/en values=Hana,12]
func (w *world) replies(who string, l line) {
	reply := object{"kind": "reply", "text": l.body, "resolve": l.set("resolve", "") == "yes"}
	if name, language, ok := strings.Cut(l.set("template", ""), "/"); ok {
		reply["template"] = object{"name": name, "language": language, "values": strings.Split(l.set("values", ""), ",")}
	}
	if l.set("public", "") == "yes" {
		reply["public"] = true
	}
	if l.set("hours", "") == "theirs" {
		reply["inHours"] = true
	}
	if choices := l.set("choices", ""); choices != "" {
		reply["choices"] = strings.Split(choices, ",")
	}
	w.ask(who, http.MethodPost, w.conversationPath(l.word(2))+"/messages", reply)
}

// mika begins +815012345678 to=+819012345678 or a person [subject="…"] [template=order_news/en values=Hana,12]
func (w *world) begins(who string, l line) {
	to := l.set("to", "")
	if r := w.people[to]; r != nil {
		to = r.address(to)
	}
	first := object{"inboxId": w.id(l.word(2)), "to": []object{{"name": "", "address": to}}, "subject": l.set("subject", ""), "text": l.body}
	if name, language, ok := strings.Cut(l.set("template", ""), "/"); ok {
		first["template"] = object{"name": name, "language": language, "values": strings.Split(l.set("values", ""), ",")}
	}
	w.ask(who, http.MethodPost, "/conversations", first)
}

// mika notes #1
func (w *world) notes(who string, l line) {
	w.ask(who, http.MethodPost, w.conversationPath(l.word(2))+"/messages", object{"kind": "note", "text": l.body})
}

// root retires ken [conversations=2 cases=1]: ken is no longer in service; the
// settings are what the answer says needs somebody else.
func (w *world) retires(who string, l line) {
	out := w.ask(who, http.MethodPatch, "/agents/"+w.id(l.word(2)), object{"active": false})
	if released, ok := out["released"].(map[string]any); ok && len(l.words) > 3 {
		w.compare(released, l.words[3:])
	}
}

// mika drafts #1: begins to write and does not send.
func (w *world) draft(who string, l line) {
	w.ask(who, http.MethodPut, w.conversationPath(l.word(2))+"/draft", object{"kind": "reply", "text": l.body})
}

// mika sets #1 status=resolved assignee=ken tags=complaint snooze=+3d priority=high subject="…"
func (w *world) sets(who string, l line) {
	patch := object{}
	for _, word := range l.words[3:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "assignee":
			patch["assigneeId"] = w.orNone(value)
		case "snooze":
			patch["snoozedUntil"] = w.moment(value).Format(time.RFC3339)
			patch["status"] = "snoozed"
		case "tags":
			ids := []string{}
			for _, t := range strings.Split(value, ",") {
				if t != "" {
					ids = append(ids, w.id(t))
				}
			}
			patch["tags"] = ids
		default:
			patch[name] = value
		}
	}
	w.ask(who, http.MethodPatch, w.conversationPath(l.word(2)), patch)
}

func (w *world) orNone(word string) any {
	if word == "none" {
		return nil
	}
	return w.id(word)
}

// mika undoes #1: takes the newest message back while it is held.
func (w *world) undoes(who string, l line) {
	w.ask(who, http.MethodPost, "/messages/"+w.last(l.word(2), "outgoing")["id"].(string)+"/cancel", nil)
}

// mika retries #1: has the newest message sent once more.
func (w *world) retries(who string, l line) {
	w.ask(who, http.MethodPost, "/messages/"+w.last(l.word(2), "outgoing")["id"].(string)+"/retry", nil)
}

// entry returns the newest entry of a thread that tells of something by name.
func (w *world) entry(ref, name string) object {
	w.t.Helper()
	list := w.messages(ref)
	for i := len(list) - 1; i >= 0; i-- {
		if e, ok := list[i]["event"].(map[string]any); ok && e["name"] == name {
			return list[i]
		}
	}
	w.fail("%s has no entry %s", ref, name)
	return nil
}

// mika splits #1 at=3: the third entry begins a conversation of its own; with
// entry=merged the newest merge is undone.
func (w *world) splits(who string, l line) {
	var m object
	if name := l.set("entry", ""); name != "" {
		m = w.entry(l.word(2), name)
	} else {
		m = w.messages(l.word(2))[w.number(l.set("at", "1"))-1]
	}
	w.ask(who, http.MethodPost, w.conversationPath(l.word(2))+"/split", object{"messageId": m["id"]})
}

// mika merges #2 into=#1
func (w *world) merges(who string, l line) {
	into := w.conversation(l.set("into", ""))["id"]
	w.ask(who, http.MethodPost, w.conversationPath(l.word(2))+"/merge", object{"intoId": into})
}

// mika finds 2 "返金": so many messages hold the words.
func (w *world) finds(who string, l line) {
	found := w.ask(who, http.MethodGet, "/search?"+formOf("q", l.word(3), "kind", "messages").Encode(), nil)
	if items, _ := found["items"].([]any); len(items) != w.number(l.word(2)) {
		w.fail("found %d: %v", len(items), items)
	}
}

// mika lets-in the newest quarantined mail: "mika lets mail in"
func (w *world) letsIn(who string, _ line) {
	list := w.list("/ledger?state=quarantined")
	if len(list) == 0 {
		w.fail("no mail waits in quarantine")
	}
	w.ask(who, http.MethodPost, "/ledger/"+list[0]["id"].(string)+"/retry", nil)
}

// aCase returns a case with everything: the newest, or the nth ("case=1").
func (w *world) aCase(l line) object {
	w.t.Helper()
	list := w.list("/cases?state=any")
	if len(list) == 0 {
		w.fail("there is no case")
	}
	sort.Slice(list, func(i, j int) bool { return list[i]["id"].(string) < list[j]["id"].(string) })
	n := len(list)
	if s := l.set("case", ""); s != "" {
		n = w.number(s)
	}
	return w.get("/cases/" + list[n-1]["id"].(string))
}

func (w *world) casePath(l line) string { w.t.Helper(); return "/cases/" + w.aCase(l)["id"].(string) }

// part returns the one of a case's parts whose field has a value, or the newest.
func (w *world) part(l line, of, field, value string) object {
	w.t.Helper()
	items, _ := w.aCase(l)[of].([]any)
	for i := len(items) - 1; i >= 0; i-- {
		p := object(items[i].(map[string]any))
		if value == "" || p[field] == value {
			return p
		}
	}
	w.fail("the case has none of its %s where %s is %q", of, field, value)
	return nil
}

// mika opens case on=#1 harm=2 reason="…"
func (w *world) opens(who string, l line) {
	w.ask(who, http.MethodPost, "/cases", object{
		"conversationId": w.conversation(l.set("on", "#1"))["id"], "harm": w.number(l.set("harm", "1")), "reason": l.set("reason", "by hand"),
	})
}

// mika takes case
func (w *world) takes(who string, l line) {
	w.ask(who, http.MethodPost, w.casePath(l)+"/take", nil)
}

// mika writes case [step=acknowledge] [promise="…" due=+2d]: a message to the
// customer, which finishes the step and carries the promise.
func (w *world) writes(who string, l line) {
	body := object{"text": l.body}
	if step := l.set("step", ""); step != "" {
		body["stepId"] = w.part(l, "steps", "key", step)["id"]
	}
	if promise := l.set("promise", ""); promise != "" {
		body["promise"] = object{"text": promise, "dueAt": w.moment(l.set("due", "+1d")).Format(time.RFC3339)}
	}
	w.ask(who, http.MethodPost, w.casePath(l)+"/messages", body)
}

// mika completes explain "what shows it"
func (w *world) completes(who string, l line) {
	step := w.part(l, "steps", "key", l.word(2))["id"].(string)
	w.ask(who, http.MethodPost, w.casePath(l)+"/steps/"+step+"/complete", object{"evidence": object{"text": l.word(3)}})
}

// mika skips remedy "why"
func (w *world) skips(who string, l line) {
	step := w.part(l, "steps", "key", l.word(2))["id"].(string)
	w.ask(who, http.MethodPost, w.casePath(l)+"/steps/"+step+"/skip", object{"reason": l.word(3)})
}

// mika proposes refund 5000 JPY
func (w *world) proposes(who string, l line) {
	what := l.plain(2) // type, amount, currency
	body := object{"type": what[0], "text": l.set("text", "")}
	if len(what) == 3 {
		body["amount"], body["currency"] = w.number(what[1]), what[2]
	}
	w.ask(who, http.MethodPost, w.casePath(l)+"/remedies", body)
}

// mika approves|refuses|delivers|forgoes remedy ["why"]
func (w *world) decides(who string, l line) {
	verb := map[string]string{"approves": "approve", "refuses": "refuse", "delivers": "deliver", "forgoes": "forgo"}[l.word(1)]
	w.ask(who, http.MethodPost, w.casePath(l)+"/remedies/"+w.part(l, "remedies", "", "")["id"].(string)+"/"+verb, object{"reason": l.word(3)})
}

// mika promises "we call you" due=+1d
func (w *world) promises(who string, l line) {
	w.ask(who, http.MethodPost, w.casePath(l)+"/promises", object{"text": l.word(2), "dueAt": w.moment(l.set("due", "+1d")).Format(time.RFC3339)})
}

// mika keeps promise
func (w *world) keeps(who string, l line) {
	w.ask(who, http.MethodPost, w.casePath(l)+"/promises/"+w.part(l, "promises", "", "")["id"].(string)+"/keep", nil)
}

// mika withdraws promise
func (w *world) withdraws(who string, l line) {
	w.ask(who, http.MethodPost, w.casePath(l)+"/promises/"+w.part(l, "promises", "", "")["id"].(string)+"/withdraw", nil)
}

// mika closes case [cause=delivery:"…"] [measure="…"] follow-up=yes, or
// outcome=declined reason="…"
func (w *world) closes(who string, l line) {
	patch := object{}
	if cause := l.set("cause", ""); cause != "" {
		category, text, _ := strings.Cut(cause, ":")
		patch["cause"] = object{"category": category, "locus": "firm", "stability": "once", "text": text}
	}
	if measure := l.set("measure", ""); measure != "" {
		patch["measure"] = object{"text": measure}
	}
	path, refused := w.casePath(l), w.at.fails
	if len(patch) > 0 {
		w.at.fails = nil
		w.ask(who, http.MethodPatch, path, patch)
		w.at.fails = refused
	}
	w.ask(who, http.MethodPost, path+"/close", object{
		"followUp": l.set("follow-up", "") == "yes", "outcome": l.set("outcome", ""), "reason": l.set("reason", ""),
	})
}

// mika reopens case reason="…"
func (w *world) reopens(who string, l line) {
	w.ask(who, http.MethodPost, w.casePath(l)+"/reopen", object{"reason": l.set("reason", "it failed")})
}
