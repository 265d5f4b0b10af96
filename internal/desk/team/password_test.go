package team

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

func TestPasswordRules(t *testing.T) {
	const email = "Hanako.Sato@example.jp"
	for _, c := range []struct{ password, key string }{
		{"correct horse", ""},
		{"桜の木の下で会いましょう", ""},
		{"ｃｏｒｒｅｃｔｈｏｒｓｅ", ""},
		{"kW8#mmm2pp", ""},
		{"short123!", "error.password.short"},
		{"①②③④⑤", "error.password.short"},
		{"ﾊﾟﾊﾟﾊﾟﾊﾟﾊﾟ", "error.password.short"}, // ten signs typed, five characters
		{strings.Repeat("abcd", 65), "error.password.long"},
		{"hanako.sato@example.jp", "error.password.email"},
		{"HANAKO.SATO", "error.password.email"},
		{"1234567890", "error.password.common"},
		{"Password123", "error.password.common"},
		{"ＰＡＳＳＷＯＲＤ１２３", "error.password.common"},
		{"qwerty uiop", "error.password.common"},
		{"aaaaaaaaaaaa", "error.password.common"},
		{"ababababcbcb", "error.password.common"},
	} {
		var check fault.Check
		checkPassword(&check, "body.password", c.password, email)
		got := ""
		if err := check.Err(); err != nil {
			got = err.(*fault.Error).Fields[0].Key
		}
		if got != c.key {
			t.Errorf("%q: %q, want %q", c.password, got, c.key)
		}
	}
}

func TestCommonestAreWorthListing(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range commonest() {
		if p != text.Fold(p) {
			t.Errorf("%q is not folded and could never match", p)
		}
		if n := utf8.RuneCountInString(p); n < minPassword {
			t.Errorf("%q has %d characters and is refused anyway", p, n)
		}
		if seen[p] {
			t.Errorf("%q stands twice", p)
		}
		seen[p] = true
	}
}

func TestHashing(t *testing.T) {
	ctx, h := t.Context(), newHasher()
	stored, err := h.hash(ctx, "ｃａｆé-terrace") // full width, composed
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("stored as %s", stored)
	}
	for password, want := range map[string]bool{"cafe\u0301-terrace": true, "cafe-terrace": false, "": false} {
		if ok, err := h.matches(ctx, stored, password); ok != want || err != nil {
			t.Errorf("%q: %v %v", password, ok, err)
		}
	}
	if again, err := h.renew(ctx, stored, "x"); again != "" || err != nil {
		t.Errorf("a fresh hash is renewed: %q %v", again, err)
	}
	old := phc{memory: 8 * 1024, time: 1, threads: 1, salt: []byte("saltsalt"), key: make([]byte, 32)}
	if again, err := h.renew(ctx, old.String(), "cheap before"); again == "" || err != nil {
		t.Errorf("an old hash is not renewed: %v", err)
	}
	if ok, err := h.matches(ctx, "", ""); ok || err != nil {
		t.Errorf("no password matches no hash: %v %v", ok, err)
	}
	for _, damaged := range []string{"x", "$argon2id$v=19$m=1,t=0,p=1$YQ$YQ", "$argon2id$v=19$m=19456,t=2,p=1$YQ$", "$argon2i$v=19$m=1,t=1,p=1$YQ$YQ", "$argon2id$v=19$m=8,t=1,p=1$*$YQ"} {
		if _, err := h.verify(ctx, damaged, "x"); err == nil {
			t.Errorf("%s was accepted", damaged)
		}
	}
}

func TestNobodysHashCostsTheSame(t *testing.T) {
	p, err := parsePHC(nobodysHash)
	if err != nil || p.old() || len(p.salt) != argonSalt {
		t.Errorf("nobody's hash differs from real ones: %+v %v", p, err)
	}
}
