package label

// Size is a paper and how its labels lie on it, in millimetres.
type Size struct {
	Name          string
	Paper         string // as the trade calls it
	Width, Height float64
	Columns, Rows int
	Left, Top     float64 // of the first label
	W, H          float64 // of a label
	GapX, GapY    float64
	Fold          bool // a second label stands on its head above the first: folded, both read
}

// Count is how many labels a sheet has.
func (s Size) Count() int {
	if s.Fold {
		return 1
	}
	return s.Columns * s.Rows
}

// at is the corner of a label, counted from 0 by rows.
func (s Size) at(i int) (x, y float64) {
	return s.Left + float64(i%s.Columns)*(s.W+s.GapX), s.Top + float64(i/s.Columns)*(s.H+s.GapY)
}

// Papers.
const (
	a4Width, a4Height         = 210, 297
	letterWidth, letterHeight = 215.9, 279.4
)

// Sizes returns the sizes there are, the smallest labels first.
func Sizes() []Size {
	a4 := func(s Size) Size { s.Paper, s.Width, s.Height = "A4", a4Width, a4Height; return s }
	letter := func(s Size) Size { s.Paper, s.Width, s.Height = "Letter", letterWidth, letterHeight; return s }
	return []Size{
		a4(Size{Name: "a4-65", Columns: 5, Rows: 13, Left: 4.75, Top: 10.7, W: 38.1, H: 21.2, GapX: 2.5}),
		a4(Size{Name: "a4-24", Columns: 3, Rows: 8, Left: 7.21, Top: 12.9, W: 63.5, H: 33.9, GapX: 2.54}),
		a4(Size{Name: "a4-21", Columns: 3, Rows: 7, Left: 7.21, Top: 15.15, W: 63.5, H: 38.1, GapX: 2.54}),
		a4(Size{Name: "a4-12", Columns: 2, Rows: 6, Left: 18.6, Top: 21.6, W: 86.4, H: 42.3}),
		a4(Size{Name: "a4-10", Columns: 2, Rows: 5, Left: 18.6, Top: 21.5, W: 86.4, H: 50.8}),
		a4(Size{Name: "a4-8", Columns: 2, Rows: 4, Left: 4.65, Top: 13.1, W: 99.1, H: 67.7, GapX: 2.5}),
		a4(Size{Name: "a4-6", Columns: 2, Rows: 3, Left: 4.65, Top: 8.85, W: 99.1, H: 93.1, GapX: 2.5}),
		letter(Size{Name: "letter-30", Columns: 3, Rows: 10, Left: 4.7625, Top: 12.7, W: 66.675, H: 25.4, GapX: 3.175}),
		letter(Size{Name: "letter-10", Columns: 2, Rows: 5, Left: 3.96875, Top: 12.7, W: 101.6, H: 50.8, GapX: 4.7625}),
		a4(Size{Name: "a6-card", Columns: 2, Rows: 2, W: 105, H: 148.5}),
		a4(Size{Name: "a4-poster", Columns: 1, Rows: 1, W: 210, H: 297}),
		a4(Size{Name: "a5-tent", Columns: 1, Rows: 2, W: 210, H: 148.5, Fold: true}),
	}
}

// SizeOf returns the size of a name; false if there is none.
func SizeOf(name string) (Size, bool) {
	for _, s := range Sizes() {
		if s.Name == name {
			return s, true
		}
	}
	return Size{}, false
}
