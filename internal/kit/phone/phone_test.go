package phone_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/phone"
)

func TestE164(t *testing.T) {
	cases := []struct{ written, home, want string }{
		{"090-1234-5678", "81", "+819012345678"},
		{"０９０ー１２３４ー５６７８", "81", "+819012345678"},
		{"+81 90 1234 5678", "", "+819012345678"},
		{"+81 (0)90-1234-5678", "81", "+819012345678"},
		{"(03) 1234-5678", "81", "+81312345678"},
		{"+44 20 7946 0018", "81", "+442079460018"},
		{"020 7946 0018", "44", "+442079460018"},
		{"090-1234-5678", "", ""},
		{"00442079460018", "81", ""},
		{"1234567", "81", ""},
		{"call me", "81", ""},
		{"090-1234-5678 内線2", "81", ""},
		{"+", "81", ""},
		{"", "81", ""},
		{"+81 90 1234 5678 9012 345", "81", ""},
	}
	for _, c := range cases {
		got, ok := phone.E164(c.written, c.home)
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%q at %q: %q %v, want %q", c.written, c.home, got, ok, c.want)
		}
	}
}

// What came out once comes out again.
func TestE164Settles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once, ok := phone.E164(rapid.StringMatching(`\+?[0-9()\- ]{5,20}`).Draw(t, "number"), "81")
		if !ok {
			return
		}
		if again, ok := phone.E164(once, ""); !ok || again != once {
			t.Fatalf("%q became %q", once, again)
		}
	})
}
