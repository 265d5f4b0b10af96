package messenger

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// commentID marks the id of a message that was a comment: answers to it are
// addressed another way. Mentions and reviews take none.
const commentID = "comment:"

// post is what happened to a post, a comment or a review.
type post struct {
	Item     string     `json:"item"`
	Verb     string     `json:"verb"`
	ID       meta.Loose `json:"id"`
	Comment  meta.Loose `json:"comment_id"`
	Post     meta.Loose `json:"post_id"`
	Parent   meta.Loose `json:"parent_id"`
	Link     meta.Loose `json:"permalink_url"`
	Text     meta.Loose `json:"text"`    // on Instagram
	Message  meta.Loose `json:"message"` // on a page
	Created  meta.Loose `json:"created_time"`
	Photo    meta.Loose `json:"photo"`
	Video    meta.Loose `json:"video"`
	From     writer     `json:"from"`
	Sender   meta.Loose `json:"sender_id"`
	Name     meta.Loose `json:"sender_name"`
	Reviewer meta.Loose `json:"reviewer_id"`
	Reviews  meta.Loose `json:"reviewer_name"`
	Review   meta.Loose `json:"review_text"`
	Rating   meta.Loose `json:"rating"`
	Story    meta.Loose `json:"open_graph_story_id"`
	Media    struct {
		ID meta.Loose `json:"id"`
	} `json:"media"`
	About struct {
		Link meta.Loose `json:"permalink_url"`
	} `json:"post"`
}

type writer struct {
	ID       meta.Loose `json:"id"`
	Name     meta.Loose `json:"name"`
	Username meta.Loose `json:"username"`
}

// posted reads what happened on the page or below a post. ours is the page's id.
func posted(raw json.RawMessage, ours string) (*channel.Message, error) {
	var ch struct {
		Field string          `json:"field"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(raw, &ch); err != nil {
		return nil, err
	}
	var p post
	told := &channel.Message{Subject: "unknown"}
	if json.Unmarshal(ch.Value, &p) != nil {
		told.Subject = cmp.Or(ch.Field, told.Subject)
		return told, nil
	}
	told.Subject = cmp.Or(lines(": ", meta.Loose(ch.Field), meta.Loose(p.Item), meta.Loose(p.Verb)), told.Subject)
	who := channel.Address{Name: string(cmp.Or(p.From.Name, p.From.Username, p.Name, p.Reviews)), Address: string(cmp.Or(p.From.ID, p.Sender, p.Reviewer))}
	if who.Address == "" || who.Address == ours {
		return told, nil
	}
	m := &channel.Message{From: who, At: p.Created.Seconds()}
	switch {
	case ch.Field == "comments" || ch.Field == "live_comments":
		p.Comment, p.Post, p.Message = p.ID, p.Media.ID, p.Text
		p.comment(m, "comment")
	case ch.Field == "feed" && p.Item == "comment" && p.Verb == "add", ch.Field == "ratings" && p.Item == "comment" && p.Verb == "add":
		p.comment(m, "comment")
	case ch.Field == "mention" && p.Verb == "add":
		p.Comment = cmp.Or(p.Comment, p.Post)
		p.comment(m, "mention")
	case ch.Field == "ratings" && p.Item == "rating" && p.Verb == "add":
		p.Comment, p.Message = p.Story, p.Review
		p.comment(m, "rating")
	case ch.Field == "feed" && p.Item == "comment" && strings.HasPrefix(p.Verb, "edit"):
		p.comment(m, "comment")
		m.Edits, m.Thing = m.ExternalID, nil
	case ch.Field == "feed" && p.Item == "comment" && p.Verb == "remove":
		m.Deletes = commentID + string(p.Comment)
	default:
		return told, nil
	}
	m.Visible = m.Text
	return m, nil
}

func (p post) comment(m *channel.Message, kind meta.Loose) {
	m.ExternalID, m.Text = string(kind+":"+p.Comment), string(p.Message)
	thing(m, "comment", map[string]meta.Loose{"kind": kind, "post": p.Post, "parent": p.Parent, "permalink": cmp.Or(p.Link, p.About.Link), "rating": p.Rating})
	for sort, at := range map[string]meta.Loose{"image": p.Photo, "video": p.Video} {
		if at != "" {
			file(m, sort, at)
		}
	}
}
