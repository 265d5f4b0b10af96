package meta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

// Vendor is where the API is unless an endpoint says otherwise.
const Vendor = "https://graph.facebook.com"

// version is the version of the API that this package was written for.
const version = "v25.0"

// maxFailure is how much is read of an answer that is no file, in bytes.
const maxFailure = 64 << 10

// Graph calls the Graph API for one endpoint.
type Graph struct {
	base  *url.URL
	token string
	host  channel.Host
}

// NewGraph returns the API at base ("" is vendor) for a token. Errors:
// channel.SettingsError.
func NewGraph(base, vendor, token string, host channel.Host) (*Graph, error) {
	base, err := fetch.Base(base, vendor)
	if err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	at, err := url.Parse(base)
	if err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	return &Graph{base: at, token: token, host: host}, nil
}

// Get asks for path ("/me") and reads the answer into out.
func (g *Graph) Get(ctx context.Context, path string, query url.Values, out any) error {
	return g.do(ctx, fetch.Request{Method: http.MethodGet, URL: g.address(path, query)}, g.token, out)
}

// GetAs is Get with another token: the app's own.
func (g *Graph) GetAs(ctx context.Context, token, path string, query url.Values, out any) error {
	return g.do(ctx, fetch.Request{Method: http.MethodGet, URL: g.address(path, query)}, token, out)
}

// Post sends in as JSON and reads the answer into out.
func (g *Graph) Post(ctx context.Context, path string, in, out any) error {
	doc, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return g.do(ctx, fetch.JSON(http.MethodPost, g.address(path, nil), nil, doc), g.token, out)
}

// File is something to upload.
type File struct {
	Field       string // of the form
	Name        string
	ContentType string
	Open        func(ctx context.Context) (io.ReadCloser, error)
}

// Upload sends a form with a file and reads the answer into out. The file is
// passed on as it is read.
func (g *Graph) Upload(ctx context.Context, path string, form map[string]string, f File, out any) (err error) {
	in, err := f.Open(ctx)
	if err != nil {
		return err
	}
	pr, pw := io.Pipe()
	w := multipart.NewWriter(pw)
	done := make(chan struct{})
	go func() {
		defer close(done)
		pw.CloseWithError(write(w, form, f, in)) // always returns nil
	}()
	defer func() {
		err = errors.Join(err, pr.Close())
		<-done
		err = errors.Join(err, in.Close())
	}()
	return g.do(ctx, fetch.Request{Method: http.MethodPost, URL: g.address(path, nil), Body: pr, Type: w.FormDataContentType()}, g.token, out)
}

func write(w *multipart.Writer, form map[string]string, f File, in io.Reader) error {
	for name, value := range form {
		if err := w.WriteField(name, value); err != nil {
			return err
		}
	}
	head := textproto.MIMEHeader{}
	head.Set("Content-Disposition", multipart.FileContentDisposition(f.Field, f.Name))
	head.Set("Content-Type", f.ContentType)
	part, err := w.CreatePart(head)
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, in); err != nil {
		return err
	}
	return w.Close()
}

func (g *Graph) address(path string, query url.Values) string {
	at := g.base.JoinPath(version, path)
	at.RawQuery = query.Encode()
	return at.String()
}

// do makes a call. An answer that says no is a *Failure.
func (g *Graph) do(ctx context.Context, r fetch.Request, token string, out any) error {
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := fetch.Ask(ctx, g.host.Client, r)
	if err != nil {
		return err
	}
	if !answer.OK() {
		return g.failure(answer.Status, answer.Header, answer.Body)
	}
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return fmt.Errorf("the answer is no JSON: %w", err)
	}
	return nil
}

// mediaHosts are where the vendor keeps files; the token may go there.
var mediaHosts = []string{"fbsbx.com", "facebook.com", "fbcdn.net", "whatsapp.net", "cdninstagram.com", "instagram.com"}

// Open fetches a file at an address that the API gave, with the token. Errors:
// channel.RefusedError when the address is not the vendor's or the file is gone.
func (g *Graph) Open(ctx context.Context, address string) (io.ReadCloser, string, error) {
	at, err := url.Parse(address)
	if err != nil || !g.ownsFile(at) {
		return nil, "", &channel.RefusedError{Text: "the file is not at a host of the vendor's"}
	}
	r := fetch.Request{Method: http.MethodGet, URL: at.String(), Header: http.Header{"Authorization": {"Bearer " + g.token}}}
	answer, err := fetch.Open(ctx, g.host.Client, r)
	if err != nil {
		return nil, "", err
	}
	if answer.StatusCode/100 == 2 {
		return answer.Body, answer.Header.Get("Content-Type"), nil
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxFailure))
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return nil, "", err
	}
	return nil, "", Judge(g.failure(answer.StatusCode, answer.Header, body), false)
}

// maxHops is how often a public file may be somewhere else.
const maxHops = 3

// OpenPublic fetches a file at an address that needs no token, and gives none.
// Errors: channel.RefusedError when the file is gone or the address is no https.
func (g *Graph) OpenPublic(ctx context.Context, address string) (io.ReadCloser, string, error) {
	once := *g.host.Client
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	at, err := url.Parse(address)
	for range maxHops {
		if err != nil || at.Host == "" || at.Scheme != "https" && at.Host != g.base.Host {
			return nil, "", &channel.RefusedError{Text: "the file is at no https address"}
		}
		answer, err := fetch.Open(ctx, &once, fetch.Request{Method: http.MethodGet, URL: at.String()})
		if err != nil {
			return nil, "", err
		}
		if answer.StatusCode/100 == 2 {
			return answer.Body, answer.Header.Get("Content-Type"), nil
		}
		to, elsewhere := answer.Location()
		if err := answer.Body.Close(); err != nil {
			return nil, "", err
		}
		switch {
		case answer.StatusCode/100 == 3 && elsewhere == nil:
			at = to
		case answer.StatusCode >= http.StatusInternalServerError || answer.StatusCode == http.StatusTooManyRequests:
			return nil, "", g.failure(answer.StatusCode, answer.Header, nil)
		default:
			return nil, "", &channel.RefusedError{Code: answer.StatusCode, Text: "the file is gone: " + http.StatusText(answer.StatusCode)}
		}
	}
	return nil, "", &channel.RefusedError{Text: "the file is somewhere else too often"}
}

// ownsFile reports whether the token may travel to an address.
func (g *Graph) ownsFile(at *url.URL) bool {
	if at.Host == g.base.Host && at.Scheme == g.base.Scheme {
		return true
	}
	for _, host := range mediaHosts {
		if name := at.Hostname(); at.Scheme == "https" && (name == host || strings.HasSuffix(name, "."+host)) {
			return true
		}
	}
	return false
}
