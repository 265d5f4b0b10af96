package demo

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
)

// scene is a place of a company, and what people say where its stickers hang.
type scene struct {
	kind   place.Kind
	name   phrase.Words
	labels []string
	daily  float64     // scans a day
	mood   [5]float64  // how the scores fall, from the lowest
	said   [5][]string // what some write, by score
}

// scenes are the places of both companies.
func scenes(lang string) []scene {
	if lang == "ja" {
		return []scene{
			{place.Site, phrase.Words{Ja: "本店", En: "Main shop"}, []string{"入口", "レジ", "2F 試用コーナー"}, 9, [5]float64{3, 5, 12, 38, 42},
				[5][]string{2: {"通路が少し狭いです。"}, 3: {"品ぞろえがよいです。"}, 4: {"包装がとても丁寧でした。", "使い方を詳しく教えていただきました。"}}},
			{place.Asset, phrase.Words{Ja: "本店エレベーター", En: "Lift of the main shop"}, []string{"かご内"}, 2, [5]float64{12, 18, 30, 25, 15},
				[5][]string{2: {"待ち時間が長いです。"}}},
			{place.Product, phrase.Words{Ja: "鉄フライパン", En: "Iron frying pan"}, []string{"取扱説明書"}, 4, [5]float64{4, 8, 14, 34, 40},
				[5][]string{3: {"手入れの説明が分かりやすいです。"}, 4: {"焦げ付かず、気に入っています。"}}},
		}
	}
	return []scene{
		{place.Site, phrase.Words{En: "Dockside café"}, []string{"Counter", "Terrace"}, 8, [5]float64{3, 5, 10, 36, 46},
			[5][]string{2: {"A bit loud."}, 3: {"Good beans, short queue."}, 4: {"Lovely people.", "Best flat white in town."}}},
		{place.Asset, phrase.Words{En: "Grinder at the refill bar"}, []string{"On the grinder"}, 2, [5]float64{10, 16, 26, 28, 20}, [5][]string{2: {"Took two tries."}}},
	}
}

// plaint is what somebody writes on the last day, and wants an answer to.
func plaint(lang string) string {
	if lang == "ja" {
		return "床が濡れていて、足を滑らせました。けがはありませんでしたが、小さな子ども連れの方もいらっしゃるので気を付けてください。"
	}
	return "The terrace step is loose. I nearly fell with a hot drink in my hand."
}

// corner is a sticker that hangs somewhere, and when it is scanned next.
type corner struct {
	scene  scene
	opened place.Opened
	next   time.Time
}

// visitors are those who stand before stickers. They have luck of their own, so
// that what happens in the mail does not depend on them.
type visitors struct {
	in      app.Inside
	rng     *rand.Rand
	corners []*corner
	serial  int
}

// hang puts up the stickers of a company. One of them is replaced, and still hangs.
func (v *visitors) hang(ctx context.Context, s *stage, start time.Time) error {
	by := actor.OfSystem("demo")
	for i, c := range scenes(s.Lang) {
		p, err := v.in.Places.Create(ctx, by, place.Change{InboxID: &s.inboxID, Kind: &c.kind, Name: &c.name})
		if err != nil {
			return err
		}
		list, err := v.in.Places.Issue(ctx, by, p.ID, c.labels)
		if err != nil {
			return err
		}
		if i == 0 {
			old := list[len(list)-1]
			fresh, err := v.in.Places.Replace(ctx, by, old.ID)
			if err != nil {
				return err
			}
			list = append(list, fresh)
		}
		for _, st := range list {
			opened, err := v.in.Places.Open(ctx, st.Code)
			if err != nil {
				return err
			}
			one := &corner{scene: c, opened: opened, next: start}
			v.later(one, len(list))
			v.corners = append(v.corners, one)
		}
	}
	return nil
}

// later lets some time pass until the next scan; a place's stickers share its scans.
func (v *visitors) later(c *corner, among int) {
	c.next = c.next.Add(time.Duration(v.rng.ExpFloat64() * float64(24*time.Hour) * float64(among) / c.scene.daily))
}

// come lets those come who had come by now.
func (v *visitors) come(ctx context.Context, now time.Time) error {
	for _, c := range v.corners {
		among := 0
		for _, other := range v.corners {
			if other.opened.Place.ID == c.opened.Place.ID {
				among++
			}
		}
		for !c.next.After(now) {
			if err := v.visit(ctx, c); err != nil {
				return err
			}
			v.later(c, among)
		}
	}
	return nil
}

// visit is one scan, and what comes of it.
func (v *visitors) visit(ctx context.Context, c *corner) error {
	if err := v.in.Places.Scanned(ctx, c.opened); err != nil || v.rng.Float64() > 0.55 {
		return err
	}
	v.serial++
	visit := "demo-" + strconv.Itoa(v.serial)
	score := v.score(c.scene)
	if _, err := v.in.Places.Tap(ctx, c.opened, visit, score); err != nil || v.rng.Float64() > 0.7 {
		return err
	}
	said := place.Said{Visit: visit, Lang: c.opened.Brand.Locale}
	if list := c.scene.said[score-1]; len(list) > 0 && v.rng.Float64() < 0.3 {
		said.Words = list[v.rng.IntN(len(list))]
	}
	_, _, err := v.in.Places.Say(ctx, c.opened, said)
	return err
}

func (v *visitors) score(s scene) int {
	all := 0.0
	for _, w := range s.mood {
		all += w
	}
	left := v.rng.Float64() * all
	for i, w := range s.mood {
		if left -= w; left < 0 {
			return i + 1
		}
	}
	return len(s.mood)
}

// complain lets somebody complain at a company's first place, who wants an answer.
func (v *visitors) complain(ctx context.Context, s *stage) error {
	for _, c := range v.corners {
		if c.opened.Brand.ID != s.brandID {
			continue
		}
		visit := "demo-complaint-" + s.Lang
		if err := v.in.Places.Scanned(ctx, c.opened); err != nil {
			return err
		}
		if _, err := v.in.Places.Tap(ctx, c.opened, visit, 1); err != nil {
			return err
		}
		who := s.Customers[len(s.Customers)/2]
		_, _, err := v.in.Places.Say(ctx, c.opened, place.Said{Visit: visit, Lang: s.Lang, Words: plaint(s.Lang), Asks: true, Name: who.Name, Email: who.Address})
		if err != nil {
			return err
		}
		_, err = v.in.Queue.Drain(ctx)
		return err
	}
	return nil
}
