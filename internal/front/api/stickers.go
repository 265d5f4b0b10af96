package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/label"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
)

// Sticker is one printed code of a place, with what happened at it in a period.
type Sticker struct {
	ID         string      `json:"id"`
	PlaceID    string      `json:"placeId"`
	Code       string      `json:"code" doc:"As it is printed below the QR code."`
	Label      string      `json:"label"`
	State      string      `json:"state" enum:"active,retired,replaced"`
	ReplacedBy *string     `json:"replacedBy"`
	URL        string      `json:"url"`
	KioskURL   string      `json:"kioskUrl" doc:"What a device at the counter opens; empty for who may not change surveys, and unless the sticker is active."`
	IssuedAt   time.Time   `json:"issuedAt"`
	EndedAt    *time.Time  `json:"endedAt"`
	ScannedAt  *time.Time  `json:"scannedAt"`
	Lingers    bool        `json:"lingers" doc:"It was scanned after it was retired or replaced: it still hangs somewhere."`
	Funnel     PlaceFunnel `json:"funnel"`
}

// Paper is a size of labels.
type Paper struct {
	Name    string  `json:"name"`
	Paper   string  `json:"paper"`
	Columns int     `json:"columns"`
	Rows    int     `json:"rows"`
	Width   float64 `json:"width" doc:"Of a label, in millimetres."`
	Height  float64 `json:"height"`
	Fold    bool    `json:"fold"`
}

type stickersInput struct {
	ByID
	PlacePeriod
}

type issueInput struct {
	ByID
	Body struct {
		Labels []string `json:"labels" nullable:"false" maxItems:"200" doc:"One sticker each; a label may be empty."`
	}
}

type stickerPatch struct {
	ByID
	Body struct {
		Label   *string `json:"label,omitempty"`
		Retired *bool   `json:"retired,omitempty" doc:"Takes it out of use, or into it again."`
	}
}

type imageInput struct {
	ByID
	Format string `query:"format" enum:"svg,png" default:"svg"`
}

type sheetInput struct {
	ByID
	Stickers []string `query:"stickers" maxItems:"200" doc:"Ids, by commas; empty for all that are in use."`
	Size     string   `query:"size" maxLength:"20" default:"a4-24"`
	Start    int      `query:"start" minimum:"1" maximum:"100" default:"1" doc:"Where on the first sheet to begin."`
	Copies   int      `query:"copies" minimum:"1" maximum:"50" default:"1"`
	Lang     string   `query:"lang" enum:"ja,en,both" default:"both" doc:"What the stickers are written in."`
	Marks    bool     `query:"marks" doc:"Marks to cut by."`
	Outline  bool     `query:"outline" doc:"Edges of the labels, to try on plain paper."`
}

// pngWidth is how wide a code is as pixels: enough for a poster.
const pngWidth = 1024

// maxPrinted bounds what one document holds.
const maxPrinted = 1000

func (r placeRoutes) addStickers() {
	Handle(r.Routes, Op{Method: http.MethodGet, Path: "/papers", Permission: team.ReportRead, Tag: "places", Summary: "The sizes of labels that can be printed"},
		func(context.Context, Caller, *struct{}) (Page[Paper], error) { return papers(), nil })
	Handle(r.Routes, Op{Method: http.MethodGet, Path: "/places/{id}/stickers", Permission: team.ReportRead, Summary: "The stickers of a place with what happened at them"}, r.stickers)
	Handle(r.Routes, Op{Method: http.MethodPost, Path: "/places/{id}/stickers", Permission: team.SurveyWrite, Summary: "Issue stickers", Status: http.StatusCreated}, r.issue)
	Handle(r.Routes, Op{Method: http.MethodPatch, Path: "/stickers/{id}", Permission: team.SurveyWrite, Tag: "places", Summary: "Rename or retire a sticker"},
		func(ctx context.Context, who Caller, in *stickerPatch) (Sticker, error) {
			s, err := r.Places.ChangeSticker(ctx, who.Actor, in.ID, place.StickerChange{Label: in.Body.Label, Retired: in.Body.Retired})
			return r.view(who, s), err
		})
	Handle(r.Routes, Op{Method: http.MethodPost, Path: "/stickers/{id}/replace", Permission: team.SurveyWrite, Tag: "places", Summary: "Issue a sticker in the place of another", Status: http.StatusCreated},
		func(ctx context.Context, who Caller, in *ByID) (Sticker, error) {
			s, err := r.Places.Replace(ctx, who.Actor, in.ID)
			return r.view(who, s), err
		})
	Handle(r.Routes, Op{Method: http.MethodPost, Path: "/stickers/{id}/pass", Permission: team.SurveyWrite, Tag: "places", Summary: "Make a new pass for a sticker's kiosk; the one before is withdrawn"},
		func(ctx context.Context, who Caller, in *ByID) (Sticker, error) {
			s, err := r.Places.ChangeSticker(ctx, who.Actor, in.ID, place.StickerChange{NewPass: true})
			return r.view(who, s), err
		})
	Register(r.Routes, Op{Method: http.MethodGet, Path: "/stickers/{id}/image", Permission: team.ReportRead, Tag: "places", Summary: "The QR code of a sticker as a picture"}, r.image)
	Register(r.Routes, Op{Method: http.MethodGet, Path: "/places/{id}/sheet.pdf", Permission: team.ReportRead, Summary: "Stickers to print"}, r.sheet)
}

func papers() Page[Paper] {
	page := Page[Paper]{Items: []Paper{}}
	for _, s := range label.Sizes() {
		page.Items = append(page.Items, Paper{Name: s.Name, Paper: s.Paper, Columns: s.Columns, Rows: s.Rows, Width: s.W, Height: s.H, Fold: s.Fold})
	}
	return page
}

func (r placeRoutes) view(who Caller, s place.Sticker) Sticker {
	v := Sticker{ID: s.ID, PlaceID: s.PlaceID, Code: place.Typed(s.Code), Label: s.Label, State: string(s.State), ReplacedBy: some(s.ReplacedBy), URL: r.Places.Link(s),
		IssuedAt: s.IssuedAt, EndedAt: moment(s.EndedAt), ScannedAt: moment(s.ScannedAt), Lingers: s.Lingers(), Funnel: PlaceFunnel{CSAT: LoopCSAT{Distribution: make([]int, 5)}}}
	if who.Can(team.SurveyWrite) {
		v.KioskURL = r.Places.Kiosk(s)
	}
	return v
}

func (r placeRoutes) stickers(ctx context.Context, who Caller, in *stickersInput) (page Page[Sticker], err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		page = Page[Sticker]{Items: []Sticker{}}
		p, err := r.Places.ByID(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		q := in.query()
		q.BrandID = p.BrandID
		f, err := insight.Places(ctx, tx, q, p.ID)
		if err != nil {
			return err
		}
		list, err := r.Places.Stickers(ctx, tx, p.ID)
		for _, s := range list {
			v := r.view(who, s)
			if v.Funnel, err = viewFunnel(f.Stickers[s.ID]); err != nil {
				return err
			}
			page.Items = append(page.Items, v)
		}
		return err
	})
	return page, err
}

func (r placeRoutes) issue(ctx context.Context, who Caller, in *issueInput) (Page[Sticker], error) {
	page := Page[Sticker]{Items: []Sticker{}}
	list, err := r.Places.Issue(ctx, who.Actor, in.ID, in.Body.Labels)
	for _, s := range list {
		page.Items = append(page.Items, r.view(who, s))
	}
	return page, err
}

func (r placeRoutes) image(ctx context.Context, _ Caller, in *imageInput) (*stream, error) {
	var s place.Sticker
	err := r.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		s, err = r.Places.Sticker(ctx, tx, in.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	code, err := label.Encode(r.Places.Printed(s))
	if err != nil {
		return nil, err
	}
	return pictured(code, in.Format, caption{Title: place.Typed(s.Code), File: s.Code})
}

// caption is how the picture of a code is called: to who does not see it, and as a file.
type caption struct{ Title, File string }

// pictured is a code as a file, "svg" or "png".
func pictured(code label.Code, format string, as caption) (*stream, error) {
	kind, body := "image/svg+xml", code.SVG(as.Title)
	if format == "png" {
		b, err := code.PNG(pngWidth)
		if err != nil {
			return nil, err
		}
		kind, body = "image/png", b
	}
	return printed(kind, "qr-"+as.File+"."+format, body), nil
}

func printed(kind, name string, body []byte) *stream {
	return &stream{ContentType: kind, CacheControl: "private, no-store", Disposition: disposition(name), Security: "default-src 'none'; style-src 'unsafe-inline'; sandbox",
		Body: func(hc huma.Context) { _, _ = hc.BodyWriter().Write(body) }} // a reader who has gone is nobody to tell
}

// sheet prints stickers of a place.
func (r placeRoutes) sheet(ctx context.Context, _ Caller, in *sheetInput) (*stream, error) {
	size, ok := label.SizeOf(in.Size)
	var c fault.Check
	c.That(ok, "query.size", "error.place.size")
	c.That(!ok || in.Start <= size.Count(), "query.start", "error.place.start", "max", size.Count())
	if err := c.Err(); err != nil {
		return nil, err
	}
	font, err := r.Font()
	if err != nil {
		return nil, err
	}
	job := label.Job{Size: size, Start: in.Start - 1, Marks: in.Marks, Outline: in.Outline, Font: font, At: r.DB.Clock().Now()}
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		p, err := r.Places.ByID(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		b, err := r.Brands.ByID(ctx, tx, p.BrandID)
		if err != nil {
			return err
		}
		list, err := r.chosen(ctx, tx, in)
		job.Title, job.Stickers = p.Name.In(b.Locale), nil
		for _, s := range list {
			one := r.drawn(in.Lang, b, p, s)
			for range in.Copies {
				job.Stickers = append(job.Stickers, one)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(job.Stickers) == 0 || len(job.Stickers) > maxPrinted {
		return nil, fault.New(fault.Invalid, "error.place.printed", "max", maxPrinted)
	}
	body, err := label.PDF(job)
	if errors.Is(err, label.ErrFont) {
		return nil, fault.Wrap(err, fault.Unavailable, "error.place.font")
	}
	if err != nil {
		return nil, err
	}
	return printed("application/pdf", "stickers-"+in.Size+".pdf", body), nil
}

// chosen are the stickers that are to be printed, in the order they were named.
func (r placeRoutes) chosen(ctx context.Context, tx *sqldb.Tx, in *sheetInput) (out []place.Sticker, err error) {
	all, err := r.Places.Stickers(ctx, tx, in.ID)
	if err != nil {
		return nil, err
	}
	byID := map[string]place.Sticker{}
	for _, s := range all {
		byID[s.ID] = s
		if len(in.Stickers) == 0 && s.State == place.Active {
			out = append(out, s)
		}
	}
	for _, id := range in.Stickers {
		s, ok := byID[id]
		if !ok {
			return nil, fault.New(fault.NotFound, "error.place.sticker")
		}
		out = append(out, s)
	}
	return out, nil
}

// drawn is what stands on a sticker.
func (r placeRoutes) drawn(lang string, b brand.Brand, p place.Place, s place.Sticker) label.Sticker {
	langs := []string{lang}
	if lang == "both" {
		langs = []string{b.Locale}
		for _, l := range phrase.Languages() {
			if l != b.Locale {
				langs = append(langs, l)
			}
		}
	}
	v := label.Sticker{Link: r.Places.Printed(s), Brand: b.Name, Color: b.Color, Label: s.Label, Code: place.Typed(s.Code)}
	var names []string
	for _, l := range langs {
		v.Call = append(v.Call, r.Phrases.Text(l, "place.sheet.call", nil))
		if name := p.Name.In(l); len(names) == 0 || names[0] != name {
			names = append(names, name)
		}
	}
	v.Name = strings.Join(names, " / ")
	return v
}
