package place

import (
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
)

func TestCodes(t *testing.T) {
	key := seal.Random()
	seen := map[string]bool{}
	for range 2000 {
		code := newCode(key)
		if len(code) != CodeLength || strings.Trim(code, letters) != "" || seen[code] {
			t.Fatalf("code %q", code)
		}
		seen[code] = true
		for _, typed := range []string{code, strings.ToLower(code), Typed(code), " " + code[:4] + " " + code[4:], strings.NewReplacer("0", "o", "1", "l").Replace(code)} {
			if got, ok := ReadCode(key, typed); !ok || got != code {
				t.Fatalf("%q is read as %q, %v", typed, got, ok)
			}
		}
	}
}

func TestForgedCodes(t *testing.T) {
	key := seal.Random()
	code := newCode(key)
	other := byte('2')
	if code[3] == other {
		other = '3'
	}
	for _, forged := range []string{"", code[:11], code + "0", code[:3] + string(other) + code[4:], newCode(seal.Random()), strings.Repeat("U", 12), strings.Repeat("-", 24), code[:11] + "é", "kiosk-worker.js"} {
		if got, ok := ReadCode(key, forged); ok {
			t.Errorf("%q is read as %q", forged, got)
		}
	}
}
