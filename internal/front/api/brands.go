package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// Brand is a face of the company.
type Brand struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Locale    string    `json:"locale" enum:"ja,en"`
	TimeZone  string    `json:"timeZone" example:"Asia/Tokyo"`
	Hours     Hours     `json:"hours"`
	Color     string    `json:"color" example:"#8a6a1f"`
	CreatedAt time.Time `json:"createdAt"`
}

// Hours are business hours in the brand's time zone.
type Hours struct {
	Week     map[string][][]string `json:"week" nullable:"false" doc:"mon to sun, each with ranges [\"09:00\",\"18:00\"]; a day without any is closed."`
	Closed   []string              `json:"closed" required:"false" nullable:"false" doc:"2026-12-29, or 12-29 for every year."`
	Holidays string                `json:"holidays" required:"false" enum:"jp," doc:"Whose public holidays are closed."`
	Special  map[string][][]string `json:"special,omitempty" doc:"Own hours of single dates, before all else. Absent in a change: they stay."`
}

type newBrandInput struct {
	Body struct {
		Name     string `json:"name"`
		Locale   string `json:"locale" enum:"ja,en"`
		TimeZone string `json:"timeZone"`
		Hours    *Hours `json:"hours,omitempty" doc:"Absent: weekdays from nine to six."`
		Color    string `json:"color,omitempty"`
	}
}

type brandPatchInput struct {
	ByID
	Body struct {
		Name     *string `json:"name,omitempty"`
		Locale   *string `json:"locale,omitempty" enum:"ja,en"`
		TimeZone *string `json:"timeZone,omitempty"`
		Hours    *Hours  `json:"hours,omitempty"`
		Color    *string `json:"color,omitempty"`
	}
}

func addBrands(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/brands", Permission: team.SettingsRead, Summary: "List all brands"},
		func(ctx context.Context, _ Caller, _ *struct{}) (Page[Brand], error) {
			return allOf(ctx, r, r.Brands.List, viewBrand)
		})
	Handle(r, Op{Method: http.MethodGet, Path: "/brands/{id}", Permission: team.SettingsRead, Summary: "Read a brand"},
		func(ctx context.Context, _ Caller, in *ByID) (Brand, error) {
			b, err := brandByID(ctx, r, in.ID)
			return viewBrand(b), err
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/brands", Permission: team.SettingsWrite, Summary: "Make a brand", Status: http.StatusCreated},
		func(ctx context.Context, who Caller, in *newBrandInput) (Brand, error) {
			b := in.Body
			ch := brand.Change{Name: &b.Name, Locale: &b.Locale, Zone: &b.TimeZone, Color: some(b.Color)}
			if b.Hours != nil {
				hours, err := b.Hours.read()
				if err != nil {
					return Brand{}, err
				}
				ch.Hours = &hours
			}
			made, err := r.Brands.Create(ctx, who.Actor, ch)
			return viewBrand(made), err
		})
	Handle(r, Op{Method: http.MethodPatch, Path: "/brands/{id}", Permission: team.SettingsWrite, Summary: "Change a brand"},
		func(ctx context.Context, who Caller, in *brandPatchInput) (Brand, error) {
			b := in.Body
			ch := brand.Change{Name: b.Name, Locale: b.Locale, Zone: b.TimeZone, Color: b.Color}
			if b.Hours != nil {
				hours, err := b.Hours.read()
				if err != nil {
					return Brand{}, err
				}
				ch.Hours, ch.KeepSpecial = &hours, b.Hours.Special == nil
			}
			changed, err := r.Brands.Change(ctx, who.Actor, in.ID, ch)
			return viewBrand(changed), err
		})
}

func brandByID(ctx context.Context, r *Routes, id string) (b brand.Brand, err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		b, err = r.Brands.ByID(ctx, tx, id)
		return err
	})
	return b, err
}

func viewBrand(b brand.Brand) Brand {
	return Brand{ID: b.ID, Name: b.Name, Locale: b.Locale, TimeZone: b.Zone, Hours: viewHours(b.Hours), Color: b.Color, CreatedAt: b.CreatedAt}
}

func viewHours(hours worktime.Hours) Hours {
	h := Hours{Week: map[string][][]string{}, Closed: append([]string{}, hours.Closed...), Holidays: hours.Holidays}
	for name, ranges := range days(&hours.Week) {
		h.Week[name] = viewRanges(*ranges)
	}
	for date, ranges := range hours.Special {
		if h.Special == nil {
			h.Special = map[string][][]string{}
		}
		h.Special[date] = viewRanges(ranges)
	}
	return h
}

func viewRanges(ranges []worktime.Range) [][]string {
	out := [][]string{}
	for _, r := range ranges {
		out = append(out, []string{r.From, r.To})
	}
	return out
}

// days names the days of a week as the API does.
func days(w *worktime.Week) map[string]*[]worktime.Range {
	return map[string]*[]worktime.Range{"mon": &w.Mon, "tue": &w.Tue, "wed": &w.Wed, "thu": &w.Thu, "fri": &w.Fri, "sat": &w.Sat, "sun": &w.Sun}
}

// read turns the hours of a request into the stored form. Their meaning is
// checked by the brand, only their shape here.
func (h Hours) read() (worktime.Hours, error) {
	var c fault.Check
	out := worktime.Hours{Holidays: h.Holidays, Closed: h.Closed}
	week := days(&out.Week)
	for name, pairs := range h.Week {
		at := "body.hours.week." + name
		ranges := readRanges(&c, at, pairs)
		if day, ok := week[name]; ok {
			*day = ranges
			continue
		}
		c.Add(at, "error.field.invalid")
	}
	for date, pairs := range h.Special {
		if out.Special == nil {
			out.Special = map[string][]worktime.Range{}
		}
		out.Special[date] = readRanges(&c, "body.hours.special."+date, pairs)
	}
	return out, c.Err()
}

func readRanges(c *fault.Check, at string, pairs [][]string) []worktime.Range {
	var out []worktime.Range
	for i, p := range pairs {
		if len(p) != 2 {
			c.Add(at+"."+strconv.Itoa(i), "error.field.invalid")
			continue
		}
		out = append(out, worktime.Range{From: p[0], To: p[1]})
	}
	return out
}
