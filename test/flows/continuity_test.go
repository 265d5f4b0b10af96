package flows

import (
	"net/http"
	"strings"
)

// mika records #1 how=phone [ours=yes] [resolve=yes], or mika records support@x.example
// how=walk-in name=… phone=… email=… subject=… [place=]: what was said stands below.
func (w *world) records(who string, l line) {
	one := object{"how": l.set("how", "phone"), "ours": l.set("ours", "") == "yes", "resolve": l.set("resolve", "") == "yes", "place": l.set("place", ""), "text": l.body}
	if target := l.word(2); target[0] == '#' {
		one["conversationId"] = w.conversation(target)["id"]
	} else {
		one["inboxId"], one["subject"] = w.id(target), l.set("subject", "")
		one["customer"] = object{"name": l.set("name", ""), "phone": l.set("phone", ""), "email": l.set("email", "")}
	}
	w.ask(who, http.MethodPost, "/records", one)
}

// mika joins #2 into=#1: the two customers become one, if they were two.
func (w *world) joins(who string, l line) {
	into := w.conversation(l.set("into", ""))["id"]
	w.ask(who, http.MethodPost, w.conversationPath(l.word(2))+"/join", object{"intoId": into, "sameCustomer": l.set("same", "") == "yes"})
}

// mika parts #1: its customer, and who was made one with them last, are two again.
func (w *world) parts(who string, l line) {
	c, _ := w.conversation(l.word(2))["customer"].(map[string]any)
	joins, _ := w.ask(who, http.MethodGet, "/customers/"+c["id"].(string), nil)["joins"].([]any)
	if len(joins) == 0 {
		w.fail("the customer of %s was always one", l.word(2))
	}
	w.ask(who, http.MethodPost, "/customers/joins/"+joins[0].(map[string]any)["id"].(string)+"/part", nil)
}

// expect suggestion #2 #1 reason=returning: what is suggested beside #2 about #1.
func (w *world) suggestion(l line) object {
	other := w.conversation(l.word(3))["id"]
	for _, s := range w.list(w.conversationPath(l.word(2)) + "/suggestions") {
		if s["id"] == other {
			return s
		}
	}
	return object{"reason": "none"}
}

// mika knows #1 hours=18:00-21:00: when its customer likes to be reached.
func (w *world) knows(who string, l line) {
	c, _ := w.conversation(l.word(2))["customer"].(map[string]any)
	from, to, _ := strings.Cut(l.set("hours", "-"), "-")
	w.ask(who, http.MethodPatch, "/customers/"+c["id"].(string), object{"hoursFrom": from, "hoursTo": to})
}
