package api_test

import (
	"bytes"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel/line"
	"github.com/kintsugi-desk/kintsugi/internal/channel/telegram"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/label"
)

func TestArrivalsAsCodes(t *testing.T) {
	onBoth(t, func(s *site) {
		s.Inboxes = s.Inboxes.Over(line.New(), telegram.Kind)
		s.mux = http.NewServeMux()
		s.routes = api.New(s.mux, s.Deps)
		boss, worker := s.key(team.Administrator), s.key(team.Worker)
		var b api.Brand
		boss.post("/brands", object{"name": "Shop", "locale": "ja", "timezone": "Asia/Tokyo"}).ok(201, &b)
		var mail, line, plain api.Inbox
		boss.post("/inboxes", object{"brandId": b.ID, "kind": "email", "name": "Support", "address": "support@shop.example"}).ok(201, &mail)
		boss.post("/inboxes", object{"brandId": b.ID, "kind": "line", "name": "公式LINE", "settings": object{"channelSecret": "s", "channelAccessToken": "t", "basicId": "@shop"}}).ok(201, &line)
		boss.post("/inboxes", object{"brandId": b.ID, "kind": "telegram", "name": "Telegram", "settings": object{"botToken": "1:t", "username": "shop_bot"}}).ok(201, &plain)
		at := func(i api.Inbox) string { return "/inboxes/" + i.ID + "/arrival/image" }

		var read api.Inbox
		worker.get("/inboxes/"+line.ID).ok(200, &read)
		if read.Arrival != line.Arrival || !strings.HasSuffix(read.Arrival.WithWords, "?WORDS") {
			t.Fatalf("a reader sees %+v", read.Arrival)
		}
		words := "注文について (2点)："
		link := strings.Replace(read.Arrival.WithWords, "WORDS", strings.ReplaceAll(url.QueryEscape(words), "+", "%20"), 1)
		for query, want := range map[string]string{"": line.Arrival.URL, "&words=%20": line.Arrival.URL, "&words=" + url.QueryEscape(words): link} {
			got := worker.get(at(line)+"?format=png"+query).ok(200, nil)
			s.holds(got.Body.Bytes(), want)
			if h := got.Header(); h.Get("Content-Type") != "image/png" || !strings.HasSuffix(h.Get("Content-Disposition"), "''qr-%E5%85%AC%E5%BC%8FLINE.png") {
				t.Error(h)
			}
			code, err := label.Encode(want)
			s.must(err)
			got = worker.get(at(line)+"?format=svg"+query).ok(200, nil)
			if h := got.Header(); got.Body.String() != string(code.SVG("公式LINE")) || h.Get("Content-Type") != "image/svg+xml" || !strings.HasSuffix(h.Get("Content-Disposition"), ".svg") {
				t.Errorf("%v %s", h, got.Body)
			}
		}
		worker.get(at(line)+"?words="+url.QueryEscape(strings.Repeat("あ", 400))).problem(422, "error.invalid", "query.words error.inbox.arrival.long")
		worker.get(at(plain)+"?words=x").problem(422, "error.invalid", "query.words error.inbox.arrival.words")
		worker.get(at(plain)).ok(200, nil)
		worker.get(at(mail)).problem(404, "error.inbox.arrival")
		worker.get("/inboxes/inb_none/arrival/image").problem(404, "error.inbox.notFound")
	})
}

// holds sees that a picture is the code of a text, module by module.
func (s *site) holds(picture []byte, text string) {
	s.Helper()
	code, err := label.Encode(text)
	s.must(err)
	img, err := png.Decode(bytes.NewReader(picture))
	s.must(err)
	wide, n := img.Bounds().Dx(), code.Size()
	module := wide / n
	from := (wide-module*n)/2 + module/2
	for y := range n {
		for x := range n {
			if r, _, _, _ := img.At(from+x*module, from+y*module).RGBA(); (r == 0) != code.Black(x, y) {
				s.Fatalf("the picture is not the code of %s", text)
			}
		}
	}
}
