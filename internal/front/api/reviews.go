package api

import (
	"context"
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/desk/review"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
)

// ReviewsTaken is what became of a file of reviews.
type ReviewsTaken struct {
	New     int           `json:"new" doc:"Taken now."`
	Known   int           `json:"known" doc:"Taken before."`
	Waiting int           `json:"waiting" doc:"Kept in the ledger for a person to look at."`
	Low     int           `json:"low" doc:"Of the new ones, those with one or two stars."`
	Wrong   []ReviewWrong `json:"wrong" nullable:"false" doc:"Rows that could not be read; the first hundred."`
	Refused int           `json:"refused" doc:"How many those are in all."`
}

// ReviewWrong is a row that could not be read, and why.
type ReviewWrong struct {
	Line int    `json:"line"`
	Text string `json:"text"`
}

// maxWrongShown is how many rows are named.
const maxWrongShown = 100

type reviewsInput struct {
	ByID
	Body struct {
		CSV []byte `json:"csv" doc:"The file, in base64: comma separated, its first line names the columns (site, id, author, stars, title, text, date, url)."`
		Tag string `json:"tag,omitempty" maxLength:"64" doc:"Put on those with one or two stars."`
	}
}

func addReviews(r *Routes) {
	Handle(r, Op{Method: http.MethodPost, Path: "/inboxes/{id}/reviews", Permission: team.InboxWrite, Tag: "inboxes", Summary: "Take a file of reviews into an open door",
		MaxBody: review.MaxBytes*4/3 + 4096},
		func(ctx context.Context, who Caller, in *reviewsInput) (out ReviewsTaken, err error) {
			took, err := r.Reviews.Take(ctx, who.Actor, in.ID, in.Body.Tag, in.Body.CSV)
			if err != nil {
				return out, err
			}
			out = ReviewsTaken{New: took.New, Known: took.Known, Waiting: took.Waiting, Low: took.Low, Wrong: []ReviewWrong{}, Refused: len(took.Wrong)}
			for _, w := range took.Wrong[:min(len(took.Wrong), maxWrongShown)] {
				out.Wrong = append(out.Wrong, ReviewWrong{Line: w.Line, Text: r.Phrases.Text(who.Locale, w.Key, nil)})
			}
			return out, nil
		})
}
