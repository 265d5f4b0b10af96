package label

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"github.com/kintsugi-desk/kintsugi/internal/kit/tint"
)

// Sticker is what stands on one label.
type Sticker struct {
	Link  string // what the code leads to
	Brand string
	Color string // of the brand, "#rrggbb"
	Name  string // of the place
	Label string
	Call  []string // what to do: a line in each language
	Code  string   // for people who cannot scan
}

// Job is a set of stickers to be printed.
type Job struct {
	Size     Size
	Stickers []Sticker
	Start    int       // how many labels of the first sheet are gone
	Marks    bool      // short lines at the corners, to cut by
	Outline  bool      // the edge of each label: to try on plain paper
	Font     []byte    // a TrueType typeface
	Title    string    // of the document
	At       time.Time // when it was made
}

// ErrFont says that there is no typeface to print with.
var ErrFont = errors.New("label: no typeface")

const (
	family    = "label"
	pointToMM = 25.4 / 72
	ink       = 26 // grey of the words
	pale      = 110
)

// PDF prints a job. ErrFont without a typeface.
func PDF(j Job) ([]byte, error) {
	if len(j.Font) == 0 {
		return nil, ErrFont
	}
	if j.Start < 0 || j.Start >= j.Size.Count() {
		return nil, fmt.Errorf("label: a sheet of %d labels cannot begin after %d", j.Size.Count(), j.Start)
	}
	f := fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: j.Size.Width, Ht: j.Size.Height}})
	f.SetMargins(0, 0, 0)
	f.SetAutoPageBreak(false, 0)
	f.SetCreationDate(j.At)
	f.SetModificationDate(j.At)
	f.SetTitle(j.Title, true)
	f.SetCreator("Kintsugi", false)
	f.AddUTF8FontFromBytes(family, "", bytes.Clone(j.Font)) // it changes what it is given
	p := pen{f: f, job: j}
	for i, s := range j.Stickers {
		place := (i + j.Start) % j.Size.Count()
		if i == 0 || place == 0 {
			f.AddPage()
		}
		if err := p.label(place, s); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	err := f.Output(&b)
	return b.Bytes(), err
}

// pen draws labels on a page.
type pen struct {
	f   *fpdf.Fpdf
	job Job
}

// box is a part of a page.
type box struct{ x, y, w, h float64 }

func (b box) inset(d float64) box { return box{b.x + d, b.y + d, b.w - 2*d, b.h - 2*d} }

func (p pen) label(place int, s Sticker) error {
	code, err := Encode(s.Link)
	if err != nil {
		return err
	}
	size := p.job.Size
	if size.Fold { // the lower half as it is, the upper one on its head
		lower := box{size.Left, size.Top + size.H, size.W, size.H}
		p.one(lower, s, code)
		p.f.TransformBegin()
		p.f.TransformRotate(180, size.Width/2, size.Height/2)
		p.one(lower, s, code)
		p.f.TransformEnd()
		p.f.SetDrawColor(pale, pale, pale)
		p.f.SetLineWidth(0.1)
		p.f.SetDashPattern([]float64{1, 1}, 0)
		p.f.Line(0, size.Height/2, size.Width, size.Height/2)
		p.f.SetDashPattern(nil, 0)
		return nil
	}
	x, y := size.at(place)
	p.one(box{x, y, size.W, size.H}, s, code)
	return nil
}

// one draws a label: the code beside its words where it is wide, above them where
// it is tall.
func (p pen) one(b box, s Sticker, code Code) {
	p.edges(b)
	pad := min(max(min(b.w, b.h)*0.05, 1), 12)
	in := b.inset(pad)
	if b.w > b.h*1.25 {
		side := min(in.h, in.w*0.5)
		p.code(box{in.x, in.y + (in.h-side)/2, side, side}, code)
		p.beside(box{in.x + side, in.y, in.w - side, in.h}, s)
		return
	}
	p.above(in, s, code)
}

func (p pen) edges(b box) {
	p.f.SetDrawColor(pale, pale, pale)
	p.f.SetLineWidth(0.1)
	if p.job.Outline {
		p.f.Rect(b.x, b.y, b.w, b.h, "D")
	}
	if !p.job.Marks {
		return
	}
	const mark = 2.0
	for _, x := range []float64{b.x, b.x + b.w} {
		for _, y := range []float64{b.y, b.y + b.h} {
			p.f.Line(x-mark/2, y, x+mark/2, y)
			p.f.Line(x, y-mark/2, x, y+mark/2)
		}
	}
}

func (p pen) code(b box, code Code) {
	module := b.w / float64(code.Size())
	p.f.SetFillColor(255, 255, 255)
	p.f.Rect(b.x, b.y, b.w, b.h, "F")
	p.f.SetFillColor(0, 0, 0)
	for _, r := range code.runs() {
		// A hair of overlap: rows that only touch show a white line on some printers.
		p.f.Rect(b.x+float64(r.x)*module, b.y+float64(r.y)*module, float64(r.n)*module, module*1.02, "F")
	}
}

// line is one line of words and how large it wants to be, as a part of all.
type line struct {
	text  string
	part  float64
	faint bool
}

// beside writes the words at the right of a code, over the height they have.
func (p pen) beside(b box, s Sticker) {
	lines := []line{}
	for _, c := range s.Call {
		lines = append(lines, line{c, 1.2, false})
	}
	lines = append(lines, line{s.Name, 0.95, false}, line{s.Label, 0.85, false}, line{s.Code, 0.75, true})
	if b.h > 30 {
		lines = append([]line{{s.Brand, 0.9, true}}, lines...)
	}
	c := tint.Or(s.Color, tint.Color{})
	p.f.SetFillColor(int(c.R), int(c.G), int(c.B))
	bar := min(b.h*0.02, 1)
	p.f.Rect(b.x, b.y+b.h*0.06, bar, b.h*0.88, "F")
	p.write(box{b.x + 3.5*bar, b.y, b.w - 3.5*bar, b.h}, lines, 0)
}

// above writes brand and call over a code, and the place below it.
func (p pen) above(b box, s Sticker, code Code) {
	c := tint.Or(s.Color, tint.Color{})
	p.f.SetFillColor(int(c.R), int(c.G), int(c.B))
	p.f.Rect(b.x+b.w*0.2, b.y, b.w*0.6, max(b.h*0.012, 0.6), "F")
	head := []line{{s.Brand, 0.8, true}}
	for _, t := range s.Call {
		head = append(head, line{t, 1.1, false})
	}
	side := min(b.w, b.h*0.58)
	rest := b.h - side
	top := rest * 0.5
	p.write(box{b.x, b.y + b.h*0.025, b.w, top - b.h*0.025}, head, 0.5)
	p.code(box{b.x + (b.w-side)/2, b.y + top, side, side}, code)
	p.write(box{b.x, b.y + top + side, b.w, rest - top}, []line{{s.Name, 1.1, false}, {s.Label, 0.9, false}, {s.Code, 0.75, true}}, 0.5)
}

// write fits lines into a box: as large as its height allows, each smaller if it is
// too long, and cut if it would be too small to read. across is where they stand: 0
// at the left, 0.5 in the middle.
func (p pen) write(b box, all []line, across float64) {
	var lines []line
	parts := 0.0
	for _, l := range all {
		if l.text = printable(l.text); l.text != "" {
			lines = append(lines, l)
			parts += l.part
		}
	}
	if len(lines) == 0 {
		return
	}
	const leading, largest, least = 1.3, 12.0, 1.6 // of the letters' height; millimetres
	unit := min(b.h/(parts*leading), largest)
	y := b.y + (b.h-unit*parts*leading)/2
	for _, l := range lines {
		height := unit * l.part
		text, size := p.fit(l.text, b.w, height, least)
		grey := ink
		if l.faint {
			grey = pale
		}
		p.f.SetTextColor(grey, grey, grey)
		p.f.SetFontSize(size / pointToMM)
		p.f.Text(b.x+(b.w-p.f.GetStringWidth(text))*across, y+height*leading/2+size*0.36, text)
		y += height * leading
	}
}

// fit finds how large a text can be in a width, and cuts it where it would be less
// than least.
func (p pen) fit(text string, width, height, least float64) (string, float64) {
	p.f.SetFont(family, "", height/pointToMM)
	if w := p.f.GetStringWidth(text); w > width {
		height = max(height*width/w*0.99, min(least, height)) // widths are rounded
		p.f.SetFontSize(height / pointToMM)
	}
	runes := []rune(text)
	for p.f.GetStringWidth(text) > width && len(runes) > 1 {
		runes = runes[:len(runes)-1]
		text = strings.TrimSpace(string(runes)) + "…"
	}
	return text, height
}

// printable leaves out what the PDF's typeface cannot hold.
func printable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r > 0xffff || r < ' ' {
			return -1
		}
		return r
	}, s))
}
