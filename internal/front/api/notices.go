package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/front/notice"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// NoticeView is something the caller should know, in their language.
type NoticeView struct {
	ID             string     `json:"id"`
	Kind           string     `json:"kind" enum:"case.opened,case.owner,case.reopened,case.escalated,promise.broken,remedy.proposed,mention,assigned,released,inbox.failing,inbox.expiring,inbox.expired"`
	Title          string     `json:"title"`
	Text           string     `json:"text"`
	At             time.Time  `json:"at"`
	ReadAt         *time.Time `json:"readAt"`
	CaseID         *string    `json:"caseId"`
	ConversationID *string    `json:"conversationId"`
	InboxID        *string    `json:"inboxId"`
	AgentID        *string    `json:"agentId" doc:"Who left: the conversations that need somebody are in the list of unassigned ones."`
}

// Notices is a part of the caller's notices, newest first.
type Notices struct {
	Page[NoticeView]
	Unread int `json:"unread" doc:"Of all, not only of this page."`
}

type noticesInput struct {
	PageQuery
	Unread bool `query:"unread" doc:"Only those not yet seen."`
}

func addNotices(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/notices", Permission: SignedIn, Summary: "The caller's notices, newest first"},
		func(ctx context.Context, who Caller, in *noticesInput) (out Notices, err error) {
			out.Items = []NoticeView{}
			if err := agentOnly(who); err != nil {
				return out, err
			}
			err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
				page, err := notice.List(ctx, tx, notice.Look{AgentID: who.Agent.ID, Unread: in.Unread, Cursor: in.Cursor, Limit: in.Limit})
				out.Next, out.Unread = page.Next, page.Unread
				for _, n := range page.Items {
					out.Items = append(out.Items, viewNotice(r, who, n))
				}
				return err
			})
			return out, err
		})
	HandleEmpty(r, Op{Method: http.MethodPost, Path: "/notices/read", Permission: SignedIn, Summary: "Note that the caller has seen all their notices"},
		func(ctx context.Context, who Caller, _ *struct{}) error {
			if err := agentOnly(who); err != nil {
				return err
			}
			return r.Bell.ReadAll(ctx, who.Agent.ID)
		})
	HandleEmpty(r, Op{Method: http.MethodPost, Path: "/notices/{id}/read", Permission: SignedIn, Summary: "Note that the caller has seen a notice"},
		func(ctx context.Context, who Caller, in *ByID) error {
			if err := agentOnly(who); err != nil {
				return err
			}
			return r.Bell.Read(ctx, who.Agent.ID, in.ID)
		})
}

func viewNotice(r *Routes, who Caller, n notice.Notice) NoticeView {
	v := NoticeView{ID: n.ID, Kind: string(n.Kind), At: n.At, ReadAt: moment(n.ReadAt)}
	v.Title, v.Text = notice.Say(r.Phrases, who.Locale, n)
	switch prefix, _, _ := strings.Cut(n.Subject, "_"); prefix {
	case "case":
		v.CaseID = &n.Subject
	case "conv":
		v.ConversationID = &n.Subject
	case "agt":
		v.AgentID = &n.Subject
	default:
		v.InboxID = &n.Subject
	}
	return v
}
