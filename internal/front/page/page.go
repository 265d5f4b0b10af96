package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/tint"
)

//go:embed page.gohtml page.css
var files embed.FS

// The grounds of page.css, on which a brand's colour must be readable.
const (
	lightGround = "#fbfbfd"
	darkGround  = "#111318"
)

// Link is a reference at the foot of a page.
type Link struct{ Href, Text, Lang string }

// Sheet is one page without its body.
type Sheet struct {
	Lang, Title, Brand string
	Color              string // of the brand, "#rrggbb"
	Links              []Link
	Style              string   // rules beside the common ones
	Script             string   // of our own making; "" for none
	Calls              bool     // the script asks this server, and keeps the page for when there is no network
	Embedded           bool     // it is shown in a frame of another site
	Origins            []string // that may frame it, if it is embedded
}

// Frame makes pages. It does not change after New.
type Frame struct {
	templates *template.Template
	css       string
	color     string
}

// New returns a frame; color is that of pages without a brand.
func New(color string) (*Frame, error) {
	t, err := template.ParseFS(files, "page.gohtml")
	if err != nil {
		return nil, err
	}
	css, err := files.ReadFile("page.css")
	return &Frame{templates: t, css: string(css), color: color}, err
}

// Render makes a page and returns it with the content security policy that
// allows exactly this page: its own style sheet, script and form, and what it says
// that it needs.
func (f *Frame) Render(s Sheet, body template.HTML) (html []byte, policy string, err error) {
	var out bytes.Buffer
	style := f.style(s.Color) + s.Style
	err = f.templates.ExecuteTemplate(&out, "page", struct {
		Sheet
		Style  template.CSS
		Script template.JS
		Body   template.HTML
	}{s, template.CSS(style), template.JS(s.Script), body})
	policy = "default-src 'none'; style-src " + allowed(style)
	if s.Script != "" {
		policy += "; script-src " + allowed(s.Script)
	}
	if s.Calls {
		policy += "; connect-src 'self'; worker-src 'self'"
	}
	ancestors := "'none'"
	if s.Embedded && len(s.Origins) > 0 {
		ancestors = "'self' " + strings.Join(s.Origins, " ")
	}
	return out.Bytes(), policy + "; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors " + ancestors, err
}

func allowed(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// style is the style sheet with a brand's colour: as it is for the button, with
// words in an ink that can be read on it, and in a shade that stands out from
// either ground for borders, marks and focus.
func (f *Frame) style(color string) string {
	c := tint.Or(color, tint.Or(f.color, tint.Color{}))
	light := c.Against(tint.Or(lightGround, tint.Color{}), tint.ForShape)
	dark := c.Against(tint.Or(darkGround, tint.Color{}), tint.ForShape)
	return ":root{--fill:" + c.String() + ";--on-fill:" + c.Ink().String() +
		";--accent-light:" + light.String() + ";--accent-dark:" + dark.String() + "}\n" + f.css
}

// Private sets the headers of a page whose address is a secret.
func Private(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// Write sends a page that Render made. A reader who has gone is nobody to tell.
func Write(w http.ResponseWriter, r *http.Request, p Page) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", p.Lang)
	h.Set("Content-Security-Policy", p.Policy)
	h.Set("Content-Length", strconv.Itoa(len(p.HTML)))
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(p.HTML)
	}
}

// Page is a page that is ready to be sent.
type Page struct {
	Lang   string
	Status int
	HTML   []byte
	Policy string
}

// Foreign reports whether a browser says that a post comes from another site.
// Without a referrer browsers send "Origin: null" even from our own page, and
// mail services that unsubscribe by one click send neither header.
func Foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
		origin := r.Header.Get("Origin")
		if origin == "" || origin == "null" {
			return false
		}
		u, err := url.Parse(origin)
		return err != nil || u.Host != r.Host
	}
	return true
}
