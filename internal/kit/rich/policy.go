package rich

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/microcosm-cc/bluemonday"
)

// policy is built once; it is only read afterwards.
var policy = sync.OnceValue(newPolicy)

// Patterns of attribute values.
var (
	reLength    = regexp.MustCompile(`^\s*[0-9]{1,5}(?:\.[0-9]{1,3})?\s*(?:%|px|pt|em)?\s*$`)
	reNumber    = regexp.MustCompile(`^\s*[0-9]{1,5}\s*$`)
	reColor     = regexp.MustCompile(`(?i)^\s*(?:#[0-9a-f]{3,8}|[a-z]{3,30}|rgba?\([0-9.,%\s/]{5,40}\)|hsla?\([0-9.,%\s/a-z]{5,40}\))\s*$`)
	reWord      = regexp.MustCompile(`(?i)^\s*[a-z][a-z-]{0,30}\s*$`)
	reLang      = regexp.MustCompile(`(?i)^[a-z]{2,8}(?:-[a-z0-9]{1,8}){0,3}$`)
	reListType  = regexp.MustCompile(`(?i)^(?:circle|disc|square|a|i|1)$`)
	reFontSize  = regexp.MustCompile(`^[+-]?[1-7]$`)
	reFontNames = regexp.MustCompile(`^[\p{L}\p{N} ,'"_.-]{1,300}$`)
	reText      = regexp.MustCompile(`(?s)^.{0,1000}$`)
)

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	// Text of a page title is not text of the mail; text inside an element
	// that merely is not shown here (object, frameset) may be all there is.
	p.SkipElementsContent("title", "template", "svg", "math", "select", "textarea", "button")
	p.AllowElementsContent("object", "frame", "frameset", "noframes", "noscript", "noembed")
	p.AllowElements("p", "div", "span", "br", "hr", "center", "b", "strong", "i", "em", "u", "s", "strike", "del", "ins",
		"small", "big", "sub", "sup", "tt", "code", "kbd", "samp", "var", "pre", "q", "cite", "abbr", "acronym", "address",
		"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "wbr", "mark", "section",
		"article", "header", "footer", "main", "aside", "nav", "figure", "figcaption", "ruby", "rb", "rt", "rp", "bdi", "bdo",
		"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup", "col", "font", "a")
	p.AllowNoAttrs().OnElements("span", "font", "a", "p", "div")
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`(?i)^(?:ltr|rtl|auto)$`)).Globally()
	p.AllowAttrs("lang").Matching(reLang).Globally()
	p.AllowAttrs("title").Matching(reText).Globally()
	allowLinks(p)
	allowLayout(p)
	allowStyles(p)
	return p
}

func allowLinks(p *bluemonday.Policy) {
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid", "data")
	p.AllowAttrs("href").Matching(regexp.MustCompile(`(?i)^\s*(?:https?|mailto|tel):`)).OnElements("a")
	p.AllowAttrs("src").Matching(regexp.MustCompile(`(?i)^\s*(?:https?|cid|data):`)).OnElements("img")
	p.AllowAttrs("alt").Matching(reText).OnElements("img")
}

// allowLayout admits the presentational attributes that mail is made of.
func allowLayout(p *bluemonday.Policy) {
	p.AllowAttrs("width", "height").Matching(reLength).OnElements("img", "table", "td", "th", "tr", "col", "colgroup", "hr", "thead", "tbody")
	p.AllowAttrs("border", "cellpadding", "cellspacing", "hspace", "vspace").Matching(reLength).OnElements("img", "table")
	p.AllowAttrs("colspan", "rowspan", "span").Matching(reNumber).OnElements("td", "th", "col", "colgroup")
	p.AllowAttrs("align", "valign").Matching(reWord).OnElements("img", "table", "td", "th", "tr", "thead", "tbody", "tfoot",
		"col", "colgroup", "p", "div", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "caption")
	p.AllowAttrs("bgcolor").Matching(reColor).OnElements("table", "td", "th", "tr", "thead", "tbody", "tfoot")
	p.AllowAttrs("nowrap", "noshade").OnElements("td", "th", "hr")
	p.AllowAttrs("color").Matching(reColor).OnElements("font", "hr")
	p.AllowAttrs("size").Matching(reFontSize).OnElements("font", "hr")
	p.AllowAttrs("face").Matching(reFontNames).OnElements("font")
	p.AllowAttrs("type").Matching(reListType).OnElements("ul", "ol", "li")
	p.AllowAttrs("start", "value").Matching(reNumber).OnElements("ol", "li")
	p.AllowAttrs("role").Matching(regexp.MustCompile(`^(?:presentation|none|img)$`)).OnElements("table", "td", "tr", "img")
}

// safeProperties are the style properties that can neither load anything nor
// lift an element out of its place.
const safeProperties = `color background-color background
	font font-family font-size font-style font-weight font-variant line-height letter-spacing word-spacing
	text-align text-decoration text-decoration-line text-decoration-color text-indent text-transform text-overflow
	vertical-align white-space word-break word-wrap overflow-wrap line-break direction unicode-bidi writing-mode
	width height max-width min-width max-height min-height box-sizing display float clear overflow visibility opacity
	margin margin-top margin-right margin-bottom margin-left
	padding padding-top padding-right padding-bottom padding-left
	border border-top border-right border-bottom border-left border-color border-style border-width border-radius
	border-top-color border-right-color border-bottom-color border-left-color
	border-top-style border-right-style border-bottom-style border-left-style
	border-top-width border-right-width border-bottom-width border-left-width
	border-collapse border-spacing table-layout empty-cells caption-side
	list-style list-style-type list-style-position`

func allowStyles(p *bluemonday.Policy) {
	p.AllowStyles(strings.Fields(safeProperties)...).MatchingHandler(safeStyle).Globally()
}

// maxStyle bounds one value of a style property.
const maxStyle = 400

// safeStyle accepts a value that is made of plain characters only (no
// backslash, no @, no comments, no semicolons), calls colour functions only and
// so can neither load anything nor hide what it is.
func safeStyle(value string) bool {
	if value == "" || len(value) > maxStyle || strings.Contains(value, "/*") || strings.Contains(value, "//") {
		return false
	}
	name := 0 // where the identifier before a bracket begins
	for i, r := range value {
		switch {
		case r == '(':
			if !isColorFunction(strings.TrimSpace(value[name:i])) {
				return false
			}
			name = i + 1
		case unicode.IsLetter(r), r >= '0' && r <= '9', r == '-', r == '_':
		case strings.ContainsRune(` #%.,'")!/+`, r):
			if r != ' ' {
				name = i + 1
			}
		default:
			return false
		}
	}
	return true
}

// isColorFunction takes the words before a bracket; the last one is the name.
func isColorFunction(words string) bool {
	if i := strings.LastIndexByte(words, ' '); i >= 0 {
		words = words[i+1:]
	}
	switch strings.ToLower(words) {
	case "rgb", "rgba", "hsl", "hsla", "calc":
		return true
	}
	return false
}
