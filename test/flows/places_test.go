package flows

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/front/api"
)

// openPlace sets up a place with one sticker: place NAME inbox=ADDRESS
func (w *world) openPlace(l line) {
	var p api.Place
	w.made("/places", map[string]any{"inboxId": w.id(l.set("inbox", "")), "kind": "place", "name": map[string]string{"ja": "", "en": l.word(1)}, "active": true}, &p)
	var list api.Page[api.Sticker]
	w.made("/places/"+p.ID+"/stickers", map[string]any{"labels": []string{""}}, &list)
	u, err := url.Parse(list.Items[0].URL)
	w.must(err)
	w.name(u.Path, l.word(1))
}

func (w *world) made(path string, body, into any) {
	w.t.Helper()
	rec := w.http(http.MethodPost, api.Base+path, "root", body)
	if rec.Code != http.StatusCreated {
		w.fail("POST %s: %d %s", path, rec.Code, rec.Body)
	}
	w.must(json.Unmarshal(rec.Body.Bytes(), into))
}

var pageTicket = regexp.MustCompile(`name="ticket" value="([^"]+)"`)

// scan is somebody who stands before a sticker: scan NAME SCORE [WORDS] [asks=ADDRESS]
func (w *world) scan(l line) {
	path := w.id(l.word(1))
	ticket := func(page string) string {
		rec := w.http(http.MethodGet, page, "", nil)
		found := pageTicket.FindStringSubmatch(rec.Body.String())
		if rec.Code != http.StatusOK || found == nil {
			w.fail("GET %s: %d %s", page, rec.Code, rec.Body)
		}
		return html.UnescapeString(found[1])
	}
	rec := w.http(http.MethodPost, path+"?lang=en", "", formOf("ticket", ticket(path), "score", l.word(2)))
	if rec.Code != http.StatusSeeOther {
		w.fail("POST %s: %d %s", path, rec.Code, rec.Body)
	}
	act := "send"
	if l.set("asks", "") != "" {
		act = "ask"
	}
	said := formOf("ticket", ticket(rec.Header().Get("Location")), "act", act, "words", l.word(3), "email", l.set("asks", ""))
	rec = w.http(http.MethodPost, path+"/say?lang=en", "", said)
	if rec.Code != http.StatusSeeOther {
		w.fail("POST %s/say: %d %s", path, rec.Code, rec.Body)
	}
	if strings.HasPrefix(rec.Header().Get("Location"), "/c/status/") {
		w.sentIn++ // what is a matter is in the ledger like any mail
	}
}
