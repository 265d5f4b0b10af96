package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Hit is one thing a search found.
type Hit struct {
	Kind           string    `json:"kind" enum:"message,conversation,customer"`
	ID             string    `json:"id"`
	ConversationID string    `json:"conversationId,omitempty"`
	Ref            int64     `json:"ref,omitempty"`
	Title          string    `json:"title"`
	Snippet        string    `json:"snippet"`
	Highlights     [][2]int  `json:"highlights" nullable:"false" doc:"Start and length of each match in snippet, in UTF-16 units."`
	At             time.Time `json:"at"`
	CustomerName   string    `json:"customerName"`
}

type searchInput struct {
	PageQuery
	Q    string `query:"q" maxLength:"1200" doc:"Words that must all be there; \"quotes\" keep words together, a leading minus excludes."`
	Kind string `query:"kind" enum:"messages,conversations,customers," doc:"Empty for all."`
}

var searchKinds = map[string]search.Kind{"messages": search.Message, "conversations": search.Conversation, "customers": search.Customer}

func addSearch(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/search", Permission: team.ConversationRead,
		Summary: "Find messages, conversations and customers, newest first"},
		func(ctx context.Context, _ Caller, in *searchInput) (Page[Hit], error) {
			page := Page[Hit]{Items: []Hit{}}
			err := r.DB.Read(ctx, func(tx *sqldb.Tx) error {
				found, err := r.Finder.Find(ctx, tx, search.Query{Text: in.Q, Kind: searchKinds[in.Kind], Cursor: in.Cursor, Limit: in.Limit})
				for _, h := range found.Hits {
					page.Items = append(page.Items, Hit{Kind: string(h.Kind), ID: h.Subject, ConversationID: h.ConversationID, Ref: h.Ref,
						Title: h.Title, Snippet: h.Snippet, Highlights: h.Marks, At: h.At, CustomerName: h.CustomerName})
				}
				page.Next = found.Next
				return err
			})
			return page, err
		})
}
