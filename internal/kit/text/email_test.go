package text_test

import (
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

func TestIsEmail(t *testing.T) {
	long := strings.Repeat("a", text.MaxEmail) + "@b.example"
	for address, want := range map[string]bool{
		"mei@customer.example": true, "o'hara+tea@post.customer.example": true, "花子@customer.example": true,
		"": false, "mei": false, "mei@host": false, "Mei <mei@customer.example>": false, "<mei@customer.example>": false, `"a b"@customer.example`: false,
		"mei@customer.example, ken@customer.example": false, "mei@customer.example\r\nBcc: ken@customer.example": false, "mei@customer.example\x00": false, long: false,
	} {
		if got := text.IsEmail(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}
