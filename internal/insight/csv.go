package insight

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
)

// Words turns a phrase key into the reader's language.
type Words func(key string) string

// Sheet says how rows are written.
type Sheet struct {
	Words Words
	Zone  *time.Location // whose clock times are written in
	// BOM puts a byte order mark first, by which spreadsheets know UTF-8.
	BOM bool
}

// column is one column of a sheet: its header is the phrase "report.csv.<name>".
type column struct {
	name string
	cell func(s Sheet, r Row) string
}

// columnsOf lists the columns for a kind of rows.
func columnsOf(kind string) []column {
	at := func(name string, get func(Row) time.Time) column {
		return column{name, func(s Sheet, r Row) string { return s.time(get(r)) }}
	}
	words := func(name string, get func(Row) string) column {
		return column{name, func(_ Sheet, r Row) string { return safe(get(r)) }}
	}
	named := func(name, prefix string, get func(Row) string) column {
		return column{name, func(s Sheet, r Row) string {
			if get(r) == "" {
				return ""
			}
			return safe(s.Words(prefix + get(r)))
		}}
	}
	number := func(name string, get func(Row) int) column {
		return column{name, func(_ Sheet, r Row) string {
			if get(r) == 0 {
				return ""
			}
			return strconv.Itoa(get(r))
		}}
	}
	minutes := func(name string, get func(Row) time.Duration) column {
		return column{name, func(_ Sheet, r Row) string {
			return strconv.FormatFloat(stat.Round(get(r).Minutes(), 1), 'f', 1, 64)
		}}
	}
	ref := column{"ref", func(_ Sheet, r Row) string { return strconv.FormatInt(r.Ref, 10) }}
	customer := words("customer", func(r Row) string { return r.Customer })
	agent := words("agent", func(r Row) string { return r.Agent })
	text := func(r Row) string { return r.Text }
	switch kind {
	case "response":
		return []column{at("answeredAt", func(r Row) time.Time { return r.At }), ref, customer,
			number("score", func(r Row) int { return r.Score }), words("comment", text), agent,
			named("repeated", "report.repeated.", func(r Row) string { return r.State })}
	case "conversation":
		return []column{at("at", func(r Row) time.Time { return r.At }), ref, customer, words("subject", text),
			minutes("clock", func(r Row) time.Duration { return r.Clock }), minutes("business", func(r Row) time.Duration { return r.Business }), agent}
	case "promise":
		return []column{at("dueAt", func(r Row) time.Time { return r.At }), ref, customer, words("promise", text),
			named("state", "report.promise.", func(r Row) string { return r.State }), at("keptAt", func(r Row) time.Time { return r.EndedAt }), agent}
	}
	return []column{at("at", func(r Row) time.Time { return r.At }), ref, customer, words("label", text),
		number("severity", func(r Row) int { return r.Severity }), named("state", "report.state.", func(r Row) string { return r.State }),
		named("outcome", "playbook.outcome.", func(r Row) string { return r.Outcome }), named("cause", "playbook.category.", func(r Row) string { return r.Cause }),
		number("scoreAfter", func(r Row) int { return r.Score }), at("closedAt", func(r Row) time.Time { return r.EndedAt }),
		at("confirmedAt", func(r Row) time.Time { return r.ConfirmedAt }), agent}
}

const sheetTime = "2006-01-02 15:04"

func (s Sheet) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.Zone).Format(sheetTime)
}

// safe keeps a spreadsheet from taking somebody's words for a formula: a cell
// that begins like one gets an apostrophe in front. Japanese spreadsheets take
// the full-width signs too, and what shows nothing in front of a sign may be
// trimmed before it is looked at.
func safe(cell string) string {
	for _, r := range cell {
		if strings.ContainsRune("=+-@\t\r\n\v\f＝＋－＠", r) {
			return "'" + cell
		}
		if !unicode.IsSpace(r) && !unicode.In(r, unicode.C) {
			break
		}
	}
	return cell
}

// WriteCSV writes a figure's rows with a header, as RFC 4180 has it. next
// returns one page after another, so that no transaction lasts as long as the
// download; it is called until a page has no cursor.
func (s Sheet) WriteCSV(w io.Writer, n Number, next func(cursor string) (RowPage, error)) error {
	f, ok := figureOf(n)
	if !ok {
		f.kind = "case"
	}
	cols := columnsOf(f.kind)
	if s.BOM {
		if _, err := io.WriteString(w, "\uFEFF"); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	header := make([]string, len(cols))
	for i, c := range cols {
		header[i] = s.Words("report.csv." + c.name)
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for cursor := ""; ; {
		page, err := next(cursor)
		if err != nil {
			return err
		}
		for _, row := range page.Items {
			cells := make([]string, len(cols))
			for i, c := range cols {
				cells[i] = c.cell(s, row)
			}
			if err := out.Write(cells); err != nil {
				return err
			}
		}
		out.Flush()
		if err := out.Error(); err != nil || page.Next == "" {
			return err
		}
		cursor = page.Next
	}
}
