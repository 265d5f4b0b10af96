package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// PeriodQuery is the part of an input that chooses a brand and a period.
type PeriodQuery struct {
	BrandID string `query:"brandId" maxLength:"64" doc:"Empty for all brands."`
	From    string `query:"from" maxLength:"10" doc:"First local day, 2026-04-01; empty for twelve weeks before to."`
	To      string `query:"to" maxLength:"10" doc:"Last local day; empty for today."`
}

func (in PeriodQuery) query() insight.Query {
	return insight.Query{BrandID: in.BrandID, From: in.From, To: in.To}
}

type rowsInput struct {
	PageQuery
	PeriodQuery
	Number string `query:"number" enum:"csat,repeated,first-response,resolution,first-resolution,cases-open,cases-overdue,cases-opened,cases-closed,recovery,conservative,time-to-close,causes,promises" required:"true"`
	Only   string `query:"only" maxLength:"40" doc:"One part of the figure: a score, an outcome, a cause's category, a promise's state."`
}

type csvInput struct {
	PeriodQuery
	Number string `query:"number" enum:"csat,repeated,first-response,resolution,first-resolution,cases-open,cases-overdue,cases-opened,cases-closed,recovery,conservative,time-to-close,causes,promises" default:"csat"`
	Only   string `query:"only" maxLength:"40"`
	BOM    bool   `query:"bom" doc:"Begin with a byte order mark, by which spreadsheets know UTF-8."`
}

// LoopRow is one thing that a figure counted.
type LoopRow struct {
	ID             string     `json:"id"`
	Kind           string     `json:"kind" enum:"response,conversation,case,promise"`
	Ref            int64      `json:"ref" doc:"Number of the conversation, or of the case."`
	Title          string     `json:"title" doc:"The customer."`
	Text           string     `json:"text" doc:"Comment, subject, occasion or promise."`
	Agent          string     `json:"agent"`
	At             time.Time  `json:"at"`
	Value          any        `json:"value" doc:"A score, seconds by the clock, an outcome or a state."`
	Business       *float64   `json:"business,omitempty" doc:"Seconds in business hours."`
	Repeated       string     `json:"repeated,omitempty" enum:"yes,no," doc:"Of an answer: whether something had to be told again."`
	Severity       *int       `json:"severity,omitempty"`
	Cause          string     `json:"cause,omitempty"`
	EndedAt        *time.Time `json:"endedAt,omitempty"`
	ConversationID *string    `json:"conversationId"`
	CaseID         *string    `json:"caseId"`
}

func addReports(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/reports/loop", Permission: team.ReportRead, Summary: "The loop of a brand and a period: every figure with its n"},
		func(ctx context.Context, who Caller, in *PeriodQuery) (out LoopReport, err error) {
			err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
				l, err := insight.Report(ctx, tx, in.query())
				out = r.viewLoop(who, l)
				return err
			})
			return out, err
		})
	Handle(r, Op{Method: http.MethodGet, Path: "/reports/loop/rows", Permission: team.ReportRead, Summary: "The rows that a figure counted, newest first"},
		func(ctx context.Context, _ Caller, in *rowsInput) (Page[LoopRow], error) {
			found, err := r.rows(ctx, insight.RowQuery{Query: in.query(), Number: insight.Number(in.Number), Only: in.Only, Cursor: in.Cursor, Limit: in.Limit})
			page := Page[LoopRow]{Items: []LoopRow{}, Next: found.Next}
			for _, row := range found.Items {
				page.Items = append(page.Items, viewLoopRow(row))
			}
			return page, err
		})
	Register(r, Op{Method: http.MethodGet, Path: "/reports/loop.csv", Permission: team.ReportRead, Summary: "The rows that a figure counted, as a spreadsheet"}, r.loopCSV)
}

func (r *Routes) rows(ctx context.Context, q insight.RowQuery) (p insight.RowPage, err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		p, err = insight.Rows(ctx, tx, q)
		return err
	})
	return p, err
}

// loopCSV streams page after page, each read in a transaction of its own. The
// first page is read before anything is sent, so that a wrong query is an error
// and not half a file.
func (r *Routes) loopCSV(ctx context.Context, who Caller, in *csvInput) (*stream, error) {
	var period insight.Period
	if err := r.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		period, err = insight.Resolve(ctx, tx, in.query())
		return err
	}); err != nil {
		return nil, err
	}
	q := insight.RowQuery{Query: insight.Query{BrandID: in.BrandID, From: period.From, To: period.To}, Number: insight.Number(in.Number), Only: in.Only}
	first, err := r.rows(ctx, q)
	if err != nil {
		return nil, err
	}
	sheet := insight.Sheet{BOM: in.BOM, Zone: period.Zone, Words: func(key string) string { return r.Phrases.Text(who.Locale, key, nil) }}
	return &stream{ContentType: "text/csv; charset=utf-8", CacheControl: "private, no-store",
		Disposition: disposition("kintsugi-" + in.Number + "-" + period.From + "-" + period.To + ".csv"), Security: "default-src 'none'; sandbox",
		Body: func(hc huma.Context) {
			err := sheet.WriteCSV(hc.BodyWriter(), q.Number, func(cursor string) (insight.RowPage, error) {
				if cursor == "" {
					return first, nil
				}
				next := q
				next.Cursor = cursor
				return r.rows(hc.Context(), next)
			})
			if err != nil { // the status is sent already: the file ends short, the log says why
				r.Log.WarnContext(hc.Context(), "writing a report", "number", in.Number, "error", err)
			}
		}}, nil
}

func viewLoopRow(w insight.Row) LoopRow {
	v := LoopRow{ID: w.ID, Kind: w.Kind, Ref: w.Ref, Title: w.Customer, Text: w.Text, Agent: w.Agent, At: w.At, Cause: w.Cause, Severity: scoreOf(w.Severity),
		EndedAt: moment(w.EndedAt), ConversationID: some(w.ConversationID), CaseID: some(w.CaseID)}
	switch w.Kind {
	case "response":
		v.Value, v.Repeated = w.Score, w.State
	case "conversation":
		business := w.Business.Seconds()
		v.Value, v.Business = w.Clock.Seconds(), &business
	case "case":
		v.Value = w.State
		if w.Outcome != "" {
			v.Value = w.Outcome
		}
	default:
		v.Value = w.State
	}
	return v
}
