package review

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/unicode/norm"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Limits of a file.
const (
	MaxBytes = 10 << 20
	MaxRows  = 2000
	maxText  = 20_000 // characters
	maxLine  = 500
	maxStars = 5

	maxColumns = 100
)

// Review is one row.
type Review struct {
	Line   int    // in the file, from 1
	Site   string // "Google Maps"
	ID     string // the site's own, or a digest of what the row says
	Author string
	Stars  int // 1 to 5; 0: none given
	Title  string
	Text   string
	At     time.Time // zero: not told
	URL    string
}

// Wrong is a row that could not be read: the key of a phrase.
type Wrong struct {
	Line int
	Key  string
}

// columns are the names under which a column is known, folded.
func columns() map[string]string {
	return map[string]string{
		"site": "site", "source": "site", "サイト": "site", "媒体": "site",
		"id": "id", "review id": "id", "レビューid": "id", "口コミid": "id",
		"author": "author", "name": "author", "投稿者": "author", "お名前": "author",
		"stars": "stars", "rating": "stars", "評価": "stars", "点数": "stars",
		"title": "title", "件名": "title", "タイトル": "title",
		"text": "text", "comment": "text", "review": "text", "本文": "text", "内容": "text", "口コミ": "text",
		"date": "date", "posted at": "date", "日付": "date", "投稿日": "date",
		"url": "url", "link": "url",
	}
}

// Parse reads a file of comma separated values whose first line names the columns,
// in UTF-8 or as Japanese spreadsheets write it (Shift_JIS). Times without a zone
// are of zone. fault.Invalid if it is no such file, has no column of texts or
// stars, or is too long.
func Parse(file []byte, zone *time.Location) (reviews []Review, wrong []Wrong, err error) {
	var check fault.Check
	refuse := func(key string, args ...any) ([]Review, []Wrong, error) {
		check.Add("body.csv", key, args...)
		return nil, nil, check.Err()
	}
	if len(file) > MaxBytes {
		return refuse("error.review.large", "max", MaxBytes>>20)
	}
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	if !utf8.Valid(file) {
		if file, err = japanese.ShiftJIS.NewDecoder().Bytes(file); err != nil || bytes.ContainsRune(file, utf8.RuneError) {
			return refuse("error.review.letters")
		}
	}
	r := csv.NewReader(bytes.NewReader(file))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	head, err := r.Read()
	if err != nil {
		return refuse("error.review.head")
	}
	if len(head) > maxColumns {
		return refuse("error.review.head")
	}
	at, names := map[string]int{}, columns()
	for i, name := range head {
		if known, ok := names[text.Fold(strings.TrimSpace(name))]; ok {
			if _, twice := at[known]; !twice {
				at[known] = i
			}
		}
	}
	if _, words := at["text"]; !words {
		if _, stars := at["stars"]; !stars {
			return refuse("error.review.head")
		}
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return reviews, wrong, nil
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			wrong = append(wrong, Wrong{line, "error.review.line"})
			continue
		}
		if len(reviews)+len(wrong) >= MaxRows {
			return refuse("error.review.rows", "max", MaxRows)
		}
		one, key := read(func(name string) string {
			if i, ok := at[name]; ok && i < len(fields) {
				return strings.TrimSpace(text.Safe(fields[i]))
			}
			return ""
		}, zone)
		one.Line = line
		if key != "" {
			wrong = append(wrong, Wrong{line, key})
			continue
		}
		reviews = append(reviews, one)
	}
}

// read makes a review of a row; wrong names what is the matter with it.
func read(get func(string) string, zone *time.Location) (r Review, wrong string) {
	r = Review{Site: text.Line(get("site")), ID: text.Line(get("id")), Author: text.Line(get("author")), Title: text.Line(get("title")), Text: get("text"), URL: get("url")}
	for _, s := range []string{r.Site, r.ID, r.Author, r.Title, r.URL} {
		if utf8.RuneCountInString(s) > maxLine {
			return r, "error.review.long"
		}
	}
	if utf8.RuneCountInString(r.Text) > maxText {
		return r, "error.review.long"
	}
	var ok bool
	if r.Stars, ok = stars(get("stars")); !ok {
		return r, "error.review.stars"
	}
	if r.At, ok = moment(get("date"), zone); !ok {
		return r, "error.review.date"
	}
	if r.Text == "" && r.Title == "" && r.Stars == 0 {
		return r, "error.review.empty"
	}
	if u, err := url.Parse(r.URL); err != nil || u.Scheme != "https" && u.Scheme != "http" {
		r.URL = ""
	}
	if r.ID == "" {
		sum := sha256.Sum256([]byte(strings.Join([]string{r.Author, r.Title, r.Text, strconv.Itoa(r.Stars), get("date")}, "\x00")))
		r.ID = hex.EncodeToString(sum[:12])
	}
	return r, ""
}

// stars reads "4", "4.0", "4/5" and "★★★★☆".
func stars(s string) (int, bool) {
	s = norm.NFKC.String(s)
	if s == "" {
		return 0, true
	}
	if n := strings.Count(s, "★"); n > 0 {
		return n, n <= maxStars
	}
	s, _, _ = strings.Cut(s, "/")
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return int(f + 0.5), err == nil && f >= 1 && f <= maxStars
}

// earliest is a year before which there were no reviews on the web.
const earliest = 1995

// moment reads a day or a time as people and programs write them; zero for none.
func moment(s string, zone *time.Location) (time.Time, bool) {
	s = norm.NFKC.String(s)
	if s == "" {
		return time.Time{}, true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006/1/2 15:04:05", "2006/1/2 15:04", "2006/1/2", "2006年1月2日"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.UTC(), t.Year() >= earliest
		}
	}
	return time.Time{}, false
}
