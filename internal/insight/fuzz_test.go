package insight_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/insight"
)

// FuzzCSV writes anybody's words into a sheet: it reads back as the same cells,
// and no cell is a formula.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", "\"=1\"", "a,b;c\td", "x\r\ny", "\"\"\",=1", "\x00=1", "\u200b=1", " =1", "'=1", "=cmd|' /C calc'!A0", "\ufeff=1"} {
		f.Add(seed, "customer")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		var b bytes.Buffer
		s := insight.Sheet{Words: func(key string) string { return key }, Zone: time.UTC}
		err := s.WriteCSV(&b, insight.CSAT, func(string) (insight.RowPage, error) {
			return insight.RowPage{Items: []insight.Row{{Kind: "response", Ref: 1, Customer: name, Text: text, Agent: name, Score: 1, State: "yes"}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(lines) != 2 || len(lines[1]) != 7 {
			t.Fatalf("%v: %q", err, lines)
		}
		for _, cell := range lines[1] {
			bare := strings.TrimLeft(cell, " \u00a0\u3000\u200b\ufeff\x00") // what a program may trim before it looks
			if first, _ := utf8.DecodeRuneInString(bare); bare != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
				t.Errorf("%q is a formula to a spreadsheet", cell)
			}
		}
		if got := lines[1][4]; got != normalLines(text) && got != "'"+normalLines(text) {
			t.Errorf("%q reads back as %q", text, lines[1][4])
		}
	})
}

// normalLines is what writing CSV makes of line ends.
func normalLines(s string) string { return strings.ReplaceAll(s, "\r", "") }
