package api_test

import (
	"bytes"
	"encoding/csv"
	"image/png"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
)

func TestPlacesOverHTTP(t *testing.T) {
	onBoth(t, func(s *site) {
		boss, reader := s.key(team.Administrator), s.key(team.Worker)
		var b api.Brand
		boss.post("/brands", object{"name": "山吹堂", "locale": "ja", "timezone": "Asia/Tokyo"}).ok(201, &b)
		var box api.Inbox
		boss.post("/inboxes", object{"brandId": b.ID, "kind": "email", "name": "Support", "address": "support@shop.example"}).ok(201, &box)

		body := object{"inboxId": box.ID, "kind": "place", "name": object{"ja": "=新宿店", "en": ""}, "active": true}
		reader.post("/places", body).problem(403, "error.denied")
		boss.post("/places", object{"inboxId": "none", "kind": "place", "name": object{"ja": "", "en": ""}, "active": true}).problem(422, "error.invalid", "body.name error.field.required")
		var p api.Place
		boss.post("/places", body).ok(201, &p)
		var issued api.Page[api.Sticker]
		boss.post("/places/"+p.ID+"/stickers", object{"labels": []string{"入口", "2F レジ"}}).ok(201, &issued)
		one := issued.Items[0]

		code, ok := place.ReadCode(s.Places.Key, one.Code)
		if !ok || one.URL != "https://desk.example/q/"+code || !strings.HasPrefix(one.KioskURL, one.URL+"?kiosk=") {
			t.Fatalf("%+v", one)
		}
		spot, err := s.Places.Open(s.Context(), code)
		s.must(err)
		s.must(s.Places.Scanned(s.Context(), spot))
		for visit, score := range map[string]int{"a": 5, "b": 4, "c": 2} {
			_, err := s.Places.Tap(s.Context(), spot, visit, score)
			s.must(err)
		}

		var list api.PlacePage
		reader.get("/places").ok(200, &list)
		f := list.Items[0].Funnel
		if len(list.Items) != 1 || list.Items[0].Stickers != 2 || f.Scans != 1 || f.Starts != 3 || f.CSAT.N != 3 || f.CSAT.Numerator != 2 || f.CSAT.Low == nil || f.CSAT.Distribution[4] != 1 {
			t.Fatalf("%+v", list)
		}
		var stickers api.Page[api.Sticker]
		reader.get("/places/"+p.ID+"/stickers").ok(200, &stickers)
		if len(stickers.Items) != 2 || stickers.Items[0].Funnel.Starts != 3 || stickers.Items[1].Funnel.Starts != 0 || stickers.Items[0].KioskURL != "" {
			t.Fatalf("%+v", stickers)
		}
		reader.get("/places/"+p.ID+"/stickers?from=2020-01-01&to=2020-01-31").ok(200, &stickers)
		if stickers.Items[0].Funnel.Starts != 0 {
			t.Error("another period has the same figures")
		}
		var ratings, rest api.Page[api.Rating]
		reader.get("/places/"+p.ID+"/ratings?limit=2").ok(200, &ratings)
		reader.get("/places/"+p.ID+"/ratings?limit=2&cursor="+ratings.Next).ok(200, &rest)
		if len(ratings.Items) != 2 || len(rest.Items) != 1 || rest.Next != "" || rest.Items[0].ID == ratings.Items[1].ID {
			t.Fatalf("%+v %+v", ratings, rest)
		}
		reader.get("/places/"+p.ID+"/ratings?cursor=x").problem(422, "error.cursor")

		sheet, err := csv.NewReader(strings.NewReader(reader.get("/reports/places.csv").ok(200, nil).Body.String())).ReadAll()
		if err != nil || len(sheet) != 3 || sheet[1][0] != "'=新宿店" || sheet[1][5] != "1" || sheet[1][10] != "3" || sheet[2][11] != "" {
			t.Fatalf("%v %v", sheet, err)
		}

		var renewed api.Sticker
		reader.post("/stickers/"+one.ID+"/pass", nil).problem(403, "error.denied")
		boss.post("/stickers/"+one.ID+"/pass", nil).ok(200, &renewed)
		if renewed.KioskURL == one.KioskURL || !strings.HasPrefix(renewed.KioskURL, one.URL+"?kiosk=2.") {
			t.Errorf("the pass is not a new one: %+v", renewed)
		}
		var fresh api.Sticker
		reader.post("/stickers/"+one.ID+"/replace", nil).problem(403, "error.denied")
		boss.post("/stickers/"+one.ID+"/replace", nil).ok(201, &fresh)
		boss.patch("/stickers/"+fresh.ID, object{"retired": true, "label": "出口"}).ok(200, &fresh)
		if fresh.State != "retired" || fresh.Label != "出口" {
			t.Errorf("%+v", fresh)
		}
		boss.get("/places").ok(200, &list)
		if list.Items[0].Stickers != 1 {
			t.Errorf("%d stickers are in use", list.Items[0].Stickers)
		}
	})
}

func TestPrintsOverHTTP(t *testing.T) {
	onBoth(t, func(s *site) {
		boss := s.key(team.Administrator)
		var b api.Brand
		boss.post("/brands", object{"name": "Shop", "locale": "en", "timezone": "UTC"}).ok(201, &b)
		var box api.Inbox
		boss.post("/inboxes", object{"brandId": b.ID, "kind": "email", "name": "Support", "address": "support@shop.example"}).ok(201, &box)
		var p api.Place
		boss.post("/places", object{"inboxId": box.ID, "kind": "asset", "name": object{"ja": "", "en": "Lift 2"}, "active": true}).ok(201, &p)
		var issued api.Page[api.Sticker]
		boss.post("/places/"+p.ID+"/stickers", object{"labels": []string{""}}).ok(201, &issued)
		id := issued.Items[0].ID

		picture := boss.get("/stickers/"+id+"/image?format=png").ok(200, nil)
		if img, err := png.Decode(bytes.NewReader(picture.Body.Bytes())); err != nil || img.Bounds().Dx() != 1024 {
			t.Error(err)
		}
		if svg := boss.get("/stickers/"+id+"/image").ok(200, nil); !strings.HasPrefix(svg.Body.String(), "<svg ") || !strings.Contains(svg.Header().Get("Content-Security-Policy"), "sandbox") {
			t.Error(svg.Header())
		}
		sheet := "/places/" + p.ID + "/sheet.pdf"
		boss.get(sheet).problem(503, "error.place.font")
		boss.get(sheet+"?size=a4-6&start=7").problem(422, "error.invalid", "query.start error.place.start")
		boss.get(sheet+"?size=a0").problem(422, "error.invalid", "query.size error.place.size")
		boss.get(sheet+"?stickers=stk_none").problem(404, "error.place.sticker")
		var papers api.Page[api.Paper]
		boss.get("/papers").ok(200, &papers)
		if len(papers.Items) < 10 {
			t.Errorf("%d papers", len(papers.Items))
		}
	})
}
