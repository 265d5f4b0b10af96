package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// askTimeout bounds a question to the other side of a channel: a page waits for it.
const askTimeout = 15 * time.Second

// Template is a text that the other side of a channel approved.
type Template struct {
	Name      string           `json:"name"`
	Language  string           `json:"language"`
	Header    string           `json:"header"`
	Media     string           `json:"media" enum:",image,video,document" doc:"The sort of file that its header shows, to be sent as the message's only attachment; empty: none."`
	Body      string           `json:"body" doc:"With each variable in double braces, as header and buttons."`
	Footer    string           `json:"footer"`
	Buttons   []TemplateButton `json:"buttons" nullable:"false" doc:"Those that lead to an address with a variable."`
	Variables []string         `json:"variables" nullable:"false" doc:"Of header, body and buttons, in this order. One of the body is called as the other side calls it (1, name), one of the header header:1, one of a button’s address button: with the button’s place among all of the template’s, from 0. So do they stand in header, body and the buttons’ url, in double braces."`
}

// TemplateButton is a button below a template.
type TemplateButton struct {
	Text string `json:"text"`
	URL  string `json:"url" doc:"With the variable in double braces."`
}

// TemplateUse is a template that is to be sent, with the values of its variables
// in their order.
type TemplateUse struct {
	Name     string   `json:"name" maxLength:"600"`
	Language string   `json:"language" maxLength:"20"`
	Values   []string `json:"values" nullable:"false" maxItems:"50"`
}

// InboxQuota is what an inbox sent and may send in the present period.
type InboxQuota struct {
	Counted bool `json:"counted" doc:"Whether the channel counts at all."`
	Used    int  `json:"used"`
	Limit   int  `json:"limit" doc:"0: no limit."`
}

func addTemplates(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/inboxes/{id}/templates", Permission: team.ConversationWrite, Summary: "The approved texts that can be sent outside the time for answers"},
		func(ctx context.Context, _ Caller, in *ByID) (Page[Template], error) {
			ctx, cancel := context.WithTimeout(ctx, askTimeout)
			defer cancel()
			list, err := r.InboxTemplates(ctx, in.ID)
			page := Page[Template]{Items: []Template{}}
			for _, t := range list {
				v := Template{Name: t.Name, Language: t.Language, Header: t.Header, Media: t.Media, Body: t.Body, Footer: t.Footer, Buttons: []TemplateButton{}, Variables: append([]string{}, t.Variables...)}
				for _, b := range t.Buttons {
					v.Buttons = append(v.Buttons, TemplateButton{Text: b.Text, URL: b.URL})
				}
				page.Items = append(page.Items, v)
			}
			return page, err
		})
	Handle(r, Op{Method: http.MethodGet, Path: "/inboxes/{id}/quota", Permission: team.SettingsRead, Summary: "How many messages were sent of those that may be"},
		func(ctx context.Context, _ Caller, in *ByID) (q InboxQuota, err error) {
			ctx, cancel := context.WithTimeout(ctx, askTimeout)
			defer cancel()
			q.Used, q.Limit, q.Counted, err = r.InboxQuota(ctx, in.ID)
			return q, err
		})
}

// filled turns a use of a template of an inbox into what is sent and the words the
// customer reads: those the other side approved, never the client's.
func filled(ctx context.Context, r *Routes, inboxID string, use TemplateUse) (sent *channel.TemplateUse, words string, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	list, err := r.InboxTemplates(ctx, inboxID)
	if err != nil {
		return nil, "", err
	}
	var c fault.Check
	at := slices.IndexFunc(list, func(t channel.Template) bool { return t.Name == use.Name && t.Language == use.Language })
	if at < 0 {
		c.Add("body.template", "error.channel.template")
		return nil, "", c.Err()
	}
	t := list[at]
	complete := len(use.Values) == len(t.Variables) && !slices.ContainsFunc(use.Values, func(v string) bool { return strings.TrimSpace(v) == "" })
	c.That(complete, "body.template", "error.channel.variables")
	if err := c.Err(); err != nil {
		return nil, "", err
	}
	return &channel.TemplateUse{Name: t.Name, Language: t.Language, Variables: t.Variables, Values: use.Values, Media: t.Media}, t.Fill(use.Values), nil
}
