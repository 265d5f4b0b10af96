package label

import (
	"bytes"
	"errors"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"
)

func TestLabelsLieOnTheirPaper(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Sizes() {
		if seen[s.Name] || s.Count() < 1 || s.W < 20 || s.H < 20 {
			t.Errorf("%s is twice, or too small: %+v", s.Name, s)
		}
		seen[s.Name] = true
		n := s.Columns * s.Rows
		for i := range n {
			x, y := s.at(i)
			if x < 0 || y < 0 || x+s.W > s.Width+0.001 || y+s.H > s.Height+0.001 {
				t.Errorf("%s: label %d reaches beyond the paper: %.2f %.2f", s.Name, i, x, y)
			}
			for k := range i {
				ox, oy := s.at(k)
				if x < ox+s.W-0.001 && ox < x+s.W-0.001 && y < oy+s.H-0.001 && oy < y+s.H-0.001 {
					t.Errorf("%s: labels %d and %d overlap", s.Name, k, i)
				}
			}
		}
		// What is left over lies evenly on both sides, as on every paper that is sold.
		x, y := s.at(n - 1)
		if right := s.Width - x - s.W; right < s.Left-0.1 || right > s.Left+0.1 {
			t.Errorf("%s: %.2f at the left and %.2f at the right", s.Name, s.Left, right)
		}
		if bottom := s.Height - y - s.H; bottom < s.Top-0.3 || bottom > s.Top+0.3 {
			t.Errorf("%s: %.2f above and %.2f below", s.Name, s.Top, bottom)
		}
		if _, ok := SizeOf(s.Name); !ok {
			t.Errorf("%s is not found", s.Name)
		}
	}
}

const link = "HTTPS://DESK.KINTSUGI.EXAMPLE/Q/ABCDEFGHJKMN"

func TestCapitalsAreCoarser(t *testing.T) {
	big, err := Encode(link)
	if err != nil {
		t.Fatal(err)
	}
	small, err := Encode(strings.ToLower(link))
	if err != nil {
		t.Fatal(err)
	}
	if big.Size() >= small.Size() || big.Size() != 29+2*Quiet {
		t.Errorf("%d and %d modules", big.Size(), small.Size())
	}
	// On the smallest label a module is still as wide as telephones need.
	least := Sizes()[0]
	if module := (least.H - 2) / float64(big.Size()); module < 0.4 {
		t.Errorf("a module is %.2f mm", module)
	}
	for i := range big.Size() {
		for d := range Quiet {
			if big.Black(i, d) || big.Black(d, i) || big.Black(i, big.Size()-1-d) || big.Black(big.Size()-1-d, i) {
				t.Fatal("the quiet zone is not quiet")
			}
		}
	}
	if _, err := Encode(strings.Repeat("x", 5000)); err == nil {
		t.Error("a book fits into a code")
	}
}

func TestPictures(t *testing.T) {
	c, err := Encode(link)
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.PNG(1024)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil || img.Bounds().Dx() != 1024 || img.Bounds().Dy() != 1024 {
		t.Fatal(err, img)
	}
	module := 1024 / c.Size()
	from := (1024 - module*c.Size()) / 2
	for y := range c.Size() {
		for x := range c.Size() {
			r, _, _, _ := img.At(from+x*module+module/2, from+y*module+module/2).RGBA()
			if (r == 0) != c.Black(x, y) {
				t.Fatalf("module %d %d", x, y)
			}
		}
	}
	if _, err := c.PNG(10); err == nil {
		t.Error("ten pixels were enough")
	}
	svg := string(c.SVG(`<b> & "店"`))
	if !strings.Contains(svg, "&lt;b&gt; &amp;") || strings.Count(svg, "M") != len(c.runs())+1 {
		t.Error("the vector image differs")
	}
}

func TestWhatCannotBePrinted(t *testing.T) {
	size, _ := SizeOf("a4-65")
	if _, err := PDF(Job{Size: size}); !errors.Is(err, ErrFont) {
		t.Errorf("without a typeface: %v", err)
	}
	if _, err := PDF(Job{Size: size, Font: []byte("x"), Start: 65}); err == nil {
		t.Error("a sheet began after its end")
	}
}

// typeface is the one that is built into the program, where its parts are installed.
func typeface(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("../../../web/node_modules/@expo-google-fonts/m-plus-1p/500Medium/MPLUS1p_500Medium.ttf")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no typeface: make web installs it")
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSheets(t *testing.T) {
	font := typeface(t)
	whole := bytes.Clone(font)
	long := strings.Repeat("とても長い名前の売り場", 6)
	for _, size := range Sizes() {
		j := Job{Size: size, Font: font, Title: "新宿本店", Start: size.Count() - 1, Marks: true, Outline: true}
		for range size.Count() + 2 { // one on the first sheet, a full one, and one more
			j.Stickers = append(j.Stickers, Sticker{Link: link, Brand: "山吹堂 😀", Color: "#f2b705", Name: long, Label: "2F レジ", Call: []string{"読み取って評価", "Scan to rate"}, Code: "ABCD-EFGH-JKMN"})
		}
		b, err := PDF(j)
		if err != nil {
			t.Fatalf("%s: %v", size.Name, err)
		}
		if pages := len(regexp.MustCompile(`/Type /Page\b[^s]`).FindAll(b, -1)); pages != 3 {
			t.Errorf("%s: %d pages", size.Name, pages)
		}
		if !bytes.Contains(b, []byte("/FontFile2")) || len(b) > 120<<10 {
			t.Errorf("%s: %d bytes; what is used of the typeface must be in it, and no more", size.Name, len(b))
		}
		if dir := os.Getenv("KINTSUGI_SHEETS"); dir != "" { // to look at them
			if err := os.WriteFile(filepath.Join(dir, size.Name+".pdf"), b, 0o600); err != nil {
				t.Error(err)
			}
		}
	}
	if !bytes.Equal(font, whole) {
		t.Error("printing changed the typeface")
	}
}

func TestLongWordsAreCutAndNotShrunkAway(t *testing.T) {
	font := typeface(t)
	f := fpdf.New("P", "mm", "A4", "")
	f.AddUTF8FontFromBytes(family, "", bytes.Clone(font))
	f.AddPage()
	p := pen{f: f}
	for _, c := range []struct {
		text   string
		width  float64
		cut    bool
		height float64
	}{{"入口", 40, false, 4}, {"読み取って評価", 20, false, 2.5}, {strings.Repeat("長", 60), 20, true, 1.6}} {
		text, height := p.fit(c.text, c.width, 4, 1.6)
		if w := f.GetStringWidth(text); w > c.width || strings.HasSuffix(text, "…") != c.cut || height < c.height {
			t.Errorf("%q became %q, %.2f high and %.2f of %.2f wide", c.text, text, height, w, c.width)
		}
	}
}
