package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
)

// Place is a shop, an asset or a product that carries stickers, with what happened
// there in a period.
type Place struct {
	ID       string      `json:"id"`
	BrandID  string      `json:"brandId"`
	InboxID  string      `json:"inboxId" doc:"The mail inbox in which complaints arrive."`
	Kind     string      `json:"kind" enum:"place,asset,product"`
	Name     FormWords   `json:"name"`
	Question FormWords   `json:"question" doc:"Empty for the product's own."`
	Active   bool        `json:"active"`
	Version  int64       `json:"version"`
	Stickers int         `json:"stickers" doc:"In use."`
	Lingers  int         `json:"lingers" doc:"Retired or replaced ones that were scanned after that: they still hang somewhere."`
	Funnel   PlaceFunnel `json:"funnel"`
}

// PlaceFunnel is what happened at a place or a sticker in a period.
type PlaceFunnel struct {
	Scans      int      `json:"scans" doc:"Telephones that opened the page."`
	Starts     int      `json:"starts" doc:"Of those, who tapped a face or began a complaint."`
	Submits    int      `json:"submits" doc:"Of those, who finished."`
	Kiosk      int      `json:"kiosk" doc:"Answers on a device at the counter."`
	Complaints int      `json:"complaints" doc:"What became a matter of the desk."`
	CSAT       LoopCSAT `json:"csat"`
}

// PlacePage is the list of places and the period of its figures.
type PlacePage struct {
	Items []Place `json:"items" nullable:"false"`
	From  string  `json:"from"`
	To    string  `json:"to"`
}

// Rating is what somebody tapped and said where they stood.
type Rating struct {
	ID             string     `json:"id"`
	StickerID      string     `json:"stickerId"`
	Kiosk          bool       `json:"kiosk"`
	Score          *int       `json:"score" doc:"Null for a complaint without one."`
	Words          string     `json:"words"`
	Asks           bool       `json:"asks" doc:"They want an answer."`
	ConversationID *string    `json:"conversationId"`
	At             time.Time  `json:"at"`
	SubmittedAt    *time.Time `json:"submittedAt" doc:"Null for who tapped and went."`
}

// PlacePeriod chooses a brand and a period of days.
type PlacePeriod struct {
	BrandID string `query:"brandId" maxLength:"64" doc:"Empty for all brands."`
	From    string `query:"from" maxLength:"10" doc:"First local day, 2026-04-01; empty for four weeks before to."`
	To      string `query:"to" maxLength:"10" doc:"Last local day; empty for today."`
}

type placesCSV struct {
	PlacePeriod
	BOM bool `query:"bom" doc:"Begin with a byte order mark, by which spreadsheets know UTF-8."`
}

type placeBody struct {
	InboxID  string    `json:"inboxId"`
	Kind     string    `json:"kind" enum:"place,asset,product"`
	Name     FormWords `json:"name"`
	Question FormWords `json:"question,omitempty"`
	Active   bool      `json:"active"`
}

type newPlaceInput struct{ Body placeBody }

type placeInput struct {
	ByID
	Body struct {
		placeBody
		Version int64 `json:"version" doc:"As it was read: a place that somebody changed meanwhile is not overwritten."`
	}
}

type ratingsInput struct {
	ByID
	PageQuery
}

// placeRoutes serves places and their stickers.
type placeRoutes struct{ *Routes }

func addPlaces(routes *Routes) {
	r := placeRoutes{routes}
	Handle(routes, Op{Method: http.MethodGet, Path: "/places", Permission: team.ReportRead, Summary: "List all places with what happened there"}, r.list)
	Handle(routes, Op{Method: http.MethodPost, Path: "/places", Permission: team.SurveyWrite, Summary: "Make a place", Status: http.StatusCreated},
		func(ctx context.Context, who Caller, in *newPlaceInput) (Place, error) {
			p, err := r.Places.Create(ctx, who.Actor, in.Body.change())
			return viewPlace(p), err
		})
	Handle(routes, Op{Method: http.MethodPut, Path: "/places/{id}", Permission: team.SurveyWrite, Summary: "Replace what a place is"},
		func(ctx context.Context, who Caller, in *placeInput) (Place, error) {
			ch := in.Body.change()
			ch.Version = in.Body.Version
			p, err := r.Places.Change(ctx, who.Actor, in.ID, ch)
			return viewPlace(p), err
		})
	Handle(routes, Op{Method: http.MethodGet, Path: "/places/{id}/ratings", Permission: team.ReportRead, Summary: "What was said at a place, newest first"}, r.ratings)
	Register(routes, Op{Method: http.MethodGet, Path: "/reports/places.csv", Permission: team.ReportRead, Summary: "What happened at each sticker, as a spreadsheet"}, r.csv)
	r.addStickers()
}

func (b placeBody) change() place.Change {
	kind, name, question := place.Kind(b.Kind), phrase.Words(b.Name), phrase.Words(b.Question)
	return place.Change{InboxID: &b.InboxID, Kind: &kind, Name: &name, Question: &question, Active: &b.Active}
}

func viewPlace(p place.Place) Place {
	return Place{ID: p.ID, BrandID: p.BrandID, InboxID: p.InboxID, Kind: string(p.Kind), Name: FormWords(p.Name), Question: FormWords(p.Question),
		Active: p.Active, Version: p.Version, Funnel: PlaceFunnel{CSAT: LoopCSAT{Distribution: make([]int, 5)}}}
}

func viewFunnel(f insight.Funnel) (PlaceFunnel, error) {
	e, err := f.CSAT()
	return PlaceFunnel{Scans: f.Scans, Starts: f.Starts, Submits: f.Submits, Kiosk: f.Kiosk, Complaints: f.Complaints,
		CSAT: LoopCSAT{Share: viewShare(e), Distribution: f.Distribution[:]}}, err
}

func (in PlacePeriod) query() insight.Query {
	return insight.Query{BrandID: in.BrandID, From: in.From, To: in.To}
}

func (r placeRoutes) list(ctx context.Context, _ Caller, in *PlacePeriod) (page PlacePage, err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		page = PlacePage{Items: []Place{}}
		f, err := insight.Places(ctx, tx, in.query(), "")
		if err != nil {
			return err
		}
		page.From, page.To = f.Period.From, f.Period.To
		places, err := r.Places.List(ctx, tx)
		if err != nil {
			return err
		}
		stand, err := r.Places.Standing(ctx, tx)
		if err != nil {
			return err
		}
		for _, p := range places {
			if in.BrandID != "" && p.BrandID != in.BrandID {
				continue
			}
			v := viewPlace(p)
			v.Stickers, v.Lingers = stand[p.ID].Active, stand[p.ID].Lingers
			if v.Funnel, err = viewFunnel(f.Places[p.ID]); err != nil {
				return err
			}
			page.Items = append(page.Items, v)
		}
		return nil
	})
	return page, err
}

func (r placeRoutes) ratings(ctx context.Context, _ Caller, in *ratingsInput) (page Page[Rating], err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		if _, err := r.Places.ByID(ctx, tx, in.ID); err != nil {
			return err
		}
		found, err := r.Places.Ratings(ctx, tx, place.RatingQuery{PlaceID: in.ID, Cursor: in.Cursor, Limit: in.Limit})
		page = Page[Rating]{Items: []Rating{}, Next: found.Next}
		for _, v := range found.Items {
			page.Items = append(page.Items, Rating{ID: v.ID, StickerID: v.StickerID, Kiosk: v.Kiosk, Score: scoreOf(v.Score), Words: v.Words, Asks: v.Asks,
				ConversationID: some(v.ConversationID), At: v.At, SubmittedAt: moment(v.SubmittedAt)})
		}
		return err
	})
	return page, err
}

// csv writes what is read in one state; a sticker is a line, so there is no need to
// read it in parts.
func (r placeRoutes) csv(ctx context.Context, who Caller, in *placesCSV) (*stream, error) {
	var period insight.Period
	err := r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		f, err := insight.Places(ctx, tx, in.query(), "")
		period = f.Period
		return err
	})
	if err != nil {
		return nil, err
	}
	sheet := insight.Sheet{BOM: in.BOM, Zone: period.Zone, Words: func(key string) string { return r.Phrases.Text(who.Locale, key, nil) }}
	return &stream{ContentType: "text/csv; charset=utf-8", CacheControl: "private, no-store",
		Disposition: disposition("kintsugi-places-" + period.From + "-" + period.To + ".csv"), Security: "default-src 'none'; sandbox",
		Body: func(hc huma.Context) {
			err := r.DB.Read(hc.Context(), func(tx *sqldb.Tx) error {
				f, err := insight.Places(hc.Context(), tx, insight.Query{BrandID: in.BrandID, From: period.From, To: period.To}, "")
				if err != nil {
					return err
				}
				return sheet.WritePlaces(hc.Context(), tx, hc.BodyWriter(), f, who.Locale)
			})
			if err != nil { // the status is sent already: the file ends short, the log says why
				r.Log.WarnContext(hc.Context(), "writing a report", "number", "places", "error", err)
			}
		}}, nil
}
