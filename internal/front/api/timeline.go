package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// TimelineItem is one thing that happened between a customer and us.
type TimelineItem struct {
	At             time.Time `json:"at"`
	Kind           string    `json:"kind" enum:"conversation,message,note,response,case"`
	ID             string    `json:"id"`
	Title          string    `json:"title" doc:"A subject; of a message its author's name."`
	Text           string    `json:"text"`
	ConversationID *string   `json:"conversationId"`
	CaseID         *string   `json:"caseId"`
	Ref            int64     `json:"ref,omitempty"`
	Score          *int      `json:"score"`
	State          *string   `json:"state"`
	Severity       int       `json:"severity,omitempty" doc:"Of a case, 1 to 4."`
}

type timelineInput struct {
	ByID
	PageQuery
}

func addTimeline(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/customers/{id}/timeline", Permission: team.CustomerRead, Summary: "Read what happened with a customer, newest first"},
		func(ctx context.Context, _ Caller, in *timelineInput) (Page[TimelineItem], error) {
			page := Page[TimelineItem]{Items: []TimelineItem{}}
			err := r.DB.Read(ctx, func(tx *sqldb.Tx) error {
				found, err := insight.Timeline(ctx, tx, in.ID, in.Cursor, in.Limit)
				for _, m := range found.Items {
					page.Items = append(page.Items, viewMoment(m))
				}
				page.Next = found.Next
				return err
			})
			return page, err
		})
}

func viewMoment(m insight.Moment) TimelineItem {
	v := TimelineItem{
		At: m.At, Kind: m.Kind, ID: m.ID, Title: m.Title, Text: m.Text, ConversationID: some(m.ConversationID),
		CaseID: some(m.CaseID), Ref: m.Ref, State: some(m.State), Severity: m.Severity,
	}
	if m.Score > 0 {
		v.Score = &m.Score
	}
	return v
}
