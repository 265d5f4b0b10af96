package text_test

import (
	"database/sql"
	"strings"
	"testing"
	"unicode"

	_ "modernc.org/sqlite"
	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

func TestTokens(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"東京都", "東京 京都 都"},
		{"税", "税"},
		{"注文A1234の件", "注文 文 a1234 の件 件"},
		{"ﾃﾞｰﾀ", "デー ータ タ"},
		{"Café-Nr.5 ＡＢＣ", "cafe nr 5 abc"},
		{"佐々木さん、こんにちは！", "佐々 々木 木さ さん ん こん んに にち ちは は"},
		{"반품 문의", "반품 품 문의 의"},
		{"foo@example.com", "foo example com"},
		{"'; DROP TABLE \"x\" -- NEAR(", "drop table x near"},
		{"🎉", ""},
	} {
		if got := strings.Join(text.Tokens(c.in), " "); got != c.want {
			t.Errorf("Tokens(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestQueries(t *testing.T) {
	for _, c := range []struct{ q, fts, ts string }{
		{"返金", `"返金"`, `'返金'`},
		{"東京都", `"東京 京都"`, `('東京' <-> '京都')`},
		{"税", `"税" *`, `'税':*`},
		{"refund", `"refund" *`, `'refund':*`},
		{`"refund"`, `"refund"`, `'refund'`},
		{"返金　配送", `"返金" AND "配送"`, `'返金' & '配送'`},
		{"返金 -配送", `"返金" NOT "配送"`, `'返金' & !'配送'`},
		{"注文A12", `"注文 文 a12" *`, `('注文' <-> '文' <-> 'a12':*)`},
		{"-x", "", ""},
		{"!!!", "", ""},
		{`a' OR 'b`, `"a" * AND "or" * AND "b" *`, `'a':* & 'or':* & 'b':*`},
	} {
		if got := text.FTS5Query(c.q, nil); got != c.fts {
			t.Errorf("FTS5Query(%q) = %s, want %s", c.q, got, c.fts)
		}
		if got := text.TSQuery(c.q); got != c.ts {
			t.Errorf("TSQuery(%q) = %s, want %s", c.q, got, c.ts)
		}
	}
}

// index opens an FTS5 table as the doc comment of Tokens says.
func index(t interface{ Fatal(...any) }) *sql.DB {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE VIRTUAL TABLE ft USING fts5(body, content='', tokenize='ascii')`); err != nil {
		t.Fatal(err)
	}
	return db
}

const cjk = "東京都税返金配送々ーあいうカタカナ한글"

// TestRecallOfCJK: a query of characters finds exactly the texts that contain
// it, as a substring search would.
func TestRecallOfCJK(t *testing.T) {
	db := index(t)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		char := rapid.SampledFrom([]rune(cjk))
		noise := rapid.SampledFrom([]rune(cjk + " 、。-aB1🎉\n"))
		body := string(rapid.SliceOfN(noise, 0, 40).Draw(t, "body"))
		q := string(rapid.SliceOfN(char, 1, 5).Draw(t, "query"))
		if rapid.Bool().Draw(t, "planted") {
			at := rapid.IntRange(0, len([]rune(body))).Draw(t, "at")
			r := []rune(body)
			body = string(r[:at]) + q + string(r[at:])
		}
		if _, err := db.Exec(`INSERT INTO ft(ft) VALUES('delete-all')`); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(`INSERT INTO ft(rowid, body) VALUES(1, $1)`, text.IndexText(body)); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := db.QueryRow(`SELECT count(*) FROM ft WHERE ft MATCH $1`, text.FTS5Query(q, nil)).Scan(&n); err != nil {
			t.Fatal(err)
		}
		want := strings.Contains(text.Fold(strings.ReplaceAll(body, "\n", "。")), text.Fold(q))
		if (n == 1) != want {
			t.Fatalf("body %q query %q (%s): found %v, substring %v; tokens %q", body, q, text.FTS5Query(q, nil), n == 1, want, text.IndexText(body))
		}
	})
}

// TestLatinWords: a word finds the words that begin with it; in quotes only
// the word itself; never the middle of a word.
func TestLatinWords(t *testing.T) {
	for _, c := range []struct {
		body, q string
		want    bool
	}{
		{"Your refund was refunded", "refund", true},
		{"It was refunded", "refund", true},
		{"It was refunded", `"refund"`, false},
		{"prefund", "refund", false},
		{"the café is closed", "CAFE", true},
		{"delivery address wrong", `"delivery address"`, true},
		{"delivery of address", `"delivery address"`, false},
		{"order A-1234", "a-12", true},
		{"no such", "-no such", false},
	} {
		if got := matches(text.Tokens(c.body), text.Query(c.q)); got != c.want {
			t.Errorf("%q for %q: %v, want %v", c.q, c.body, got, c.want)
		}
	}
}

// matches is what both databases do with terms.
func matches(tokens []string, terms []text.Term) bool {
	for _, term := range terms {
		found := false
		for i := 0; i+len(term.Tokens) <= len(tokens) && !found; i++ {
			found = true
			for j, want := range term.Tokens {
				last := j == len(term.Tokens)-1
				if tokens[i+j] != want && !(last && term.Prefix && strings.HasPrefix(tokens[i+j], want)) {
					found = false
					break
				}
			}
		}
		if found == term.Not {
			return false
		}
	}
	return len(terms) > 0
}

func TestFold(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"　ＡＢＣ　ｶﾞｲﾄﾞ ", "abc ガイド"}, {"Straße", "straße"}, {"①㈱", "1(株)"}, {"a\u200bb", "ab"}, {"İ", "i"},
	} {
		if got := text.Fold(c.in); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := text.Fold(s)
		if twice := text.Fold(once); twice != once {
			t.Fatalf("Fold(%q) = %q, again %q", s, once, twice)
		}
	})
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct{ s, fallback, want string }{
		{"こんにちは", "en", "ja"}, {"thanks ありがとう", "en", "ja"}, {"注文A1234", "ja", "ja"}, {"注文A1234", "en", "zh"},
		{"您好，请问我的订单", "ja", "zh"}, {"안녕하세요", "ja", "ko"}, {"OK", "ja", "en"}, {"Bonjour", "fr", "fr"}, {"Привет", "uk", "uk"},
		{"Привет", "ja", "ru"}, {"12345", "ja", "ja"}, {"", "en", "en"}, {"สวัสดี", "en", "th"},
		{"Dear support team, my order has not arrived yet and I would like to know where it is. Regards, 山田", "ja", "en"},
	} {
		if got := text.Language(c.s, c.fallback); got != c.want {
			t.Errorf("Language(%q, %s) = %s, want %s", c.s, c.fallback, got, c.want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{
		{"hello", 5, "hello"}, {"hello!", 5, "hell…"}, {"👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 2, "👨‍👩‍👧‍👦…"}, {"が゛ぎ", 3, "が゛ぎ"}, {"日本語", 2, "日…"}, {"x", 0, ""},
	} {
		if got := text.Clip(c.s, c.n); got != c.want {
			t.Errorf("Clip(%q, %d) = %q, want %q", c.s, c.n, got, c.want)
		}
	}
}

func TestSnippetAndMarks(t *testing.T) {
	body := strings.Repeat("前置きの文章です。", 20) + "ご注文の返金についてお知らせします。" + strings.Repeat("続きの文章です。", 20)
	got := text.Snippet(body, "返金", 30)
	if !strings.Contains(got, "返金") || len([]rune(got)) > 31 || !strings.HasPrefix(got, text.Ellipsis) || !strings.HasSuffix(got, text.Ellipsis) {
		t.Errorf("Snippet = %q", got)
	}
	for _, c := range []struct{ body, q, want string }{
		{"The CAFÉ at Café", "cafe", "CAFÉ|Café"}, {"ﾃﾞｰﾀ 12", "12", "12"}, {"返金と返品", "返金 返品", "返金|返品"}, {"x", "", ""},
	} {
		var marked []string
		for _, m := range text.Marks(c.body, c.q) {
			marked = append(marked, c.body[m[0]:m[1]])
		}
		if got := strings.Join(marked, "|"); got != c.want {
			t.Errorf("Marks(%q, %q) = %q, want %q", c.body, c.q, got, c.want)
		}
	}
}

func FuzzTokens(f *testing.F) {
	f.Add("東京都 café", "京都")
	f.Add("'\"*:&|!()\\", "a' <-> b")
	f.Fuzz(func(t *testing.T, s, q string) {
		for _, tok := range text.Tokens(s) {
			for _, r := range tok {
				if r == utf8Error || r < 0x80 && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
					t.Fatalf("token %q of %q holds %q", tok, s, r)
				}
			}
		}
		if s := text.TSQuery(q); strings.ContainsAny(strings.NewReplacer("'", "", " <-> ", "", ":*", "", " & ", "", "!", "", "(", "", ")", "").Replace(s), `'\"&|<>!():*`) {
			t.Fatalf("TSQuery(%q) = %s", q, s)
		}
		text.Snippet(s, q, 20)
	})
}

const utf8Error = '\uFFFD'

func TestTSVector(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"東京都 東京", "'東京':1,4 '京都':2 '都':3 '京':5"},
		{"it's \\ 'x'", "'it':1 's':2 'x':3"},
		{"", ""},
	} {
		if got := text.TSVector(c.in); got != c.want {
			t.Errorf("TSVector(%q) = %s, want %s", c.in, got, c.want)
		}
	}
	if got := text.TSVector(strings.Repeat("a ", 1000)); strings.Count(got, ",") != 254 {
		t.Errorf("%d positions of one word", strings.Count(got, ",")+1)
	}
	if got := text.TSVector(strings.Repeat("x", 5000)); got != "" {
		t.Error("a word longer than a lexeme can be must be left out")
	}
}
