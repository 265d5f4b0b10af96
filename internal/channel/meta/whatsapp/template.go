package whatsapp

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// Limits of the list of templates.
const (
	templatePage  = "100"
	templatePages = 20
)

var variable = regexp.MustCompile(`\{\{\s*([0-9A-Za-z_]+)\s*\}\}`)

// Templates implements channel.Templated. Templates with a place in the header are
// left out: nobody could fill them in.
func (e *Endpoint) Templates(ctx context.Context) (out []channel.Template, err error) {
	if e.settings.AccountID == "" {
		return nil, &channel.SettingsError{Err: errors.New("the id of the business account is missing")}
	}
	q := url.Values{"fields": {"name,language,status,components"}, "status": {"APPROVED"}, "limit": {templatePage}}
	for range templatePages {
		var page struct {
			Data   []template `json:"data"`
			Paging struct {
				Next    string `json:"next"`
				Cursors struct {
					After string `json:"after"`
				} `json:"cursors"`
			} `json:"paging"`
		}
		if err := e.graph.Get(ctx, "/"+e.settings.AccountID+"/message_templates", q, &page); err != nil {
			return nil, meta.Judge(err, false)
		}
		for _, t := range page.Data {
			if one, ok := t.view(); ok {
				out = append(out, one)
			}
		}
		if page.Paging.Next == "" || page.Paging.Cursors.After == "" {
			break
		}
		q.Set("after", page.Paging.Cursors.After)
	}
	return out, nil
}

// headers are the formats of a header that can be filled in, and what is sent for
// them: a file of that sort, or nothing.
var headers = map[string]string{"": "", "TEXT": "", "IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document"}

type template struct {
	Name       string `json:"name"`
	Language   string `json:"language"`
	Status     string `json:"status"`
	Components []struct {
		Type    string `json:"type"`
		Format  string `json:"format"`
		Text    string `json:"text"`
		Buttons []struct {
			Text string `json:"text"`
			URL  string `json:"url"`
		} `json:"buttons"`
	} `json:"components"`
}

// Variables of header and buttons have names of their own, as those of the body are
// often called the same. No variable of the vendor's has a colon.
const (
	inHeader = "header:" // and the vendor's name
	inButton = "button:" // and which of all buttons, from 0
)

func (t template) view() (v channel.Template, ok bool) {
	v.Name, v.Language = t.Name, t.Language
	var head, body, foot []string // variables
	for _, c := range t.Components {
		switch strings.ToUpper(c.Type) {
		case "HEADER":
			media, ok := headers[strings.ToUpper(c.Format)]
			if !ok {
				return v, false
			}
			v.Header, v.Media = variable.ReplaceAllString(c.Text, "{{"+inHeader+"$1}}"), media
			for _, name := range variables(c.Text) {
				head = append(head, inHeader+name)
			}
		case "BODY":
			v.Body = variable.ReplaceAllString(c.Text, "{{$1}}")
			body = variables(c.Text)
		case "FOOTER":
			v.Footer = c.Text
		case "BUTTONS":
			for i, b := range c.Buttons {
				if variable.MatchString(b.URL) {
					name := inButton + strconv.Itoa(i)
					v.Buttons = append(v.Buttons, channel.TemplateButton{Text: b.Text, URL: variable.ReplaceAllString(b.URL, "{{"+name+"}}")})
					foot = append(foot, name)
				}
			}
		}
	}
	v.Variables = slices.Concat(head, body, foot)
	return v, v.Body != "" && (t.Status == "" || t.Status == "APPROVED")
}

// variables names those of a text, each once: numbers by their value, as they are
// filled in by their place, and names as they come.
func variables(text string) (out []string) {
	for _, found := range variable.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(out, found[1]) {
			out = append(out, found[1])
		}
	}
	slices.SortStableFunc(out, func(a, b string) int {
		if !plainID(a) || !plainID(b) {
			return 0
		}
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	return out
}

// templated is a template as it is sent. The file of its header is uploaded.
func (e *Endpoint) templated(ctx context.Context, m *channel.Outgoing) (piece, error) {
	t := m.Template
	doc := map[string]any{"name": t.Name, "language": map[string]any{"code": t.Language}}
	var components []map[string]any
	if t.Media != "" {
		if len(m.Parts) != 1 {
			return piece{}, &channel.RefusedError{Text: "the template's header shows one file"}
		}
		file, err := e.upload(ctx, m.Parts[0], "")
		if err != nil {
			return piece{}, err
		}
		if file.body["type"] != t.Media {
			return piece{}, &channel.RefusedError{Text: m.Parts[0].Name + ": the template's header shows another sort of file"}
		}
		components = append(components, map[string]any{"type": "header", "parameters": []map[string]any{file.body}})
	}
	components = append(components, filledIn(t)...)
	if len(components) > 0 {
		doc["components"] = components
	}
	return piece{"template " + t.Name, map[string]any{"type": "template", "template": doc}}, nil
}

// filledIn are the components with the values of a template: of its header, of its
// body, and one for each button.
func filledIn(t *channel.TemplateUse) (components []map[string]any) {
	var header, body, buttons []map[string]any
	for i, v := range t.Values {
		name := ""
		if i < len(t.Variables) {
			name = t.Variables[i]
		}
		p := map[string]any{"type": "text", "text": v}
		if index, ok := strings.CutPrefix(name, inButton); ok {
			buttons = append(buttons, map[string]any{"type": "button", "sub_type": "url", "index": index, "parameters": []map[string]any{p}})
			continue
		}
		own, inHead := strings.CutPrefix(name, inHeader)
		if own != "" && !plainID(own) {
			p["parameter_name"] = own
		}
		if inHead {
			header = append(header, p)
		} else {
			body = append(body, p)
		}
	}
	if header != nil {
		components = append(components, map[string]any{"type": "header", "parameters": header})
	}
	if body != nil {
		components = append(components, map[string]any{"type": "body", "parameters": body})
	}
	return append(components, buttons...)
}
