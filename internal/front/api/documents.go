package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// stream is an answer whose body is written as it is read.
type stream struct {
	ContentType  string `header:"Content-Type"`
	Security     string `header:"Content-Security-Policy"`
	Disposition  string `header:"Content-Disposition"`
	CacheControl string `header:"Cache-Control"`
	Body         func(huma.Context)
}

type documentInput struct {
	ByID
	Images bool `query:"images" doc:"1 loads pictures from other machines: their senders learn that the mail was read."`
	Dark   bool `query:"dark"`
}

// documentRoutes serves what is shown in a frame of its own or downloaded.
type documentRoutes struct{ *Routes }

func addDocuments(routes *Routes) {
	r := documentRoutes{routes}
	Register(r.Routes, Op{Method: http.MethodGet, Path: "/messages/{id}/document", Permission: team.ConversationRead, Summary: "A message's HTML, sanitised, as a document for a sandboxed frame"}, r.document)
	Register(r.Routes, Op{Method: http.MethodGet, Path: "/messages/{id}/raw", Permission: team.ConversationRead, Summary: "Download the mail as it came"},
		func(ctx context.Context, _ Caller, in *ByID) (*stream, error) { return r.rawOfMessage(ctx, in.ID) })
	Register(r.Routes, Op{Method: http.MethodGet, Path: "/inline/{id}/{signature}", Permission: Public, Tag: "attachments", Summary: "A picture inside a mail, by a signed address"}, r.picture)
}

// Pictures inside the frame are asked for by signed addresses, so that they also
// show where the frame sends no cookies. The frame keeps our origin only so that
// the page can measure its height: without allow-scripts nothing in it can use that.
const inlinePurpose = "inline"

func (r documentRoutes) document(ctx context.Context, _ Caller, in *documentInput) (*stream, error) {
	var m conversation.Message
	var source string
	err := r.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		if m, err = r.Threads.Message(ctx, tx, conversation.MessageID(in.ID)); err != nil {
			return err
		}
		source, err = r.Threads.HTML(ctx, tx, m.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	if source == "" {
		source = rich.FromText(m.Body)
	}
	byCID := map[string]conversation.Attachment{}
	for _, a := range m.Attachments {
		if a.ContentID != "" {
			byCID[a.ContentID] = a
		}
	}
	clean := rich.Sanitize(source, rich.Options{RemoteImages: in.Images, CID: func(id string) (string, bool) {
		a, ok := byCID[id]
		return Base + "/inline/" + a.ID + "/" + r.Key.Sign(inlinePurpose, a.ID), ok && pictureTypes[a.ContentType]
	}})
	page := rich.Document(clean, rich.Page{Lang: m.Language, Dark: in.Dark, ImageOrigins: []string{r.Origin}})
	pictures := "'self' data:"
	if in.Images {
		pictures += " https: http:"
	}
	return &stream{
		ContentType: "text/html; charset=utf-8", CacheControl: "private, max-age=300",
		Security: "default-src 'none'; style-src 'unsafe-inline'; img-src " + pictures + "; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox",
		Body:     func(hc huma.Context) { _, _ = io.WriteString(hc.BodyWriter(), page) }, // a reader who left needs nothing
	}, nil
}

// pictureTypes are what is shown inside a page; everything else is downloaded.
var pictureTypes = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true, "image/bmp": true}

func (r documentRoutes) picture(ctx context.Context, _ Caller, in *struct {
	ByID
	Signature string `path:"signature" maxLength:"64"`
}) (*stream, error) {
	if !r.Key.Verify(inlinePurpose, in.ID, in.Signature) {
		return nil, fault.New(fault.NotFound, "error.blob.notFound")
	}
	a, body, err := r.Files.Open(ctx, actor.OfSystem("inline"), in.ID) // gives only files of messages
	if err != nil {
		return nil, err
	}
	if !pictureTypes[a.ContentType] {
		return nil, errors.Join(fault.New(fault.NotFound, "error.blob.notFound"), body.Close())
	}
	s := download(a.Name, a.ContentType, body)
	s.Disposition = "inline"
	return s, nil
}

// download answers with a file that a browser saves and never shows as a page.
func download(name, kind string, body io.ReadCloser) *stream {
	if kind == "" || strings.HasPrefix(kind, "text/html") || strings.Contains(kind, "xml") || strings.Contains(kind, "script") {
		kind = "application/octet-stream"
	}
	return &stream{
		ContentType: kind, CacheControl: "private, max-age=86400", Disposition: disposition(name),
		Security: "default-src 'none'; sandbox",
		Body: func(hc huma.Context) {
			defer func() { _ = body.Close() }()   // opened for reading only
			_, _ = io.Copy(hc.BodyWriter(), body) // a reader who left needs no more
		},
	}
}

// disposition names a file for every browser: RFC 6266 with an ASCII fallback.
func disposition(name string) string {
	plain := strings.Map(func(c rune) rune {
		if c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			return '_'
		}
		return c
	}, name)
	return mime.FormatMediaType("attachment", map[string]string{"filename": plain}) + "; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

func (r documentRoutes) rawOfMessage(ctx context.Context, id string) (*stream, error) {
	var m conversation.Message
	err := r.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		m, err = r.Threads.Message(ctx, tx, conversation.MessageID(id))
		return err
	})
	if err == nil && m.LedgerID == "" {
		err = fault.New(fault.NotFound, "error.message.noRaw")
	}
	if err != nil {
		return nil, err
	}
	return ledgerRoutes{r.Routes}.rawOf(ctx, m.LedgerID)
}
