package builtin_test

import "testing"

// TestArrive: the addresses that lead customers into an inbox.
func TestArrive(t *testing.T) {
	for _, c := range []struct{ kind, settings, words, want string }{
		{"line", `{"basicId":"@kinmokusei"}`, "", "https://line.me/R/oaMessage/@kinmokusei/"},
		{"line", `{"basicId":"kinmokusei"}`, "注文 1+1&2", "https://line.me/R/oaMessage/@kinmokusei/?%E6%B3%A8%E6%96%87%201%2B1%262"},
		{"line", `{"basicId":"@a/../b?c"}`, "", "https://line.me/R/oaMessage/@a%2F..%2Fb%3Fc/"},
		{"line", `{}`, "x", ""},
		{"whatsapp", `{"number":"+81 50-1234-5678"}`, "", "https://wa.me/815012345678"},
		{"whatsapp", `{"number":"+81 50-1234-5678"}`, "a b", "https://wa.me/815012345678?text=a%20b"},
		{"whatsapp", `{"number":""}`, "", ""},
		{"messenger", `{"id":"111","name":"Utsuwa"}`, "x", "https://m.me/111"},
		{"instagram", `{"id":"111","name":"@utsuwa.kyoto"}`, "x", "https://ig.me/m/utsuwa.kyoto"},
		{"instagram", `{"id":"111","name":"うつわ"}`, "", ""},
		{"telegram", `{"username":"@utsuwa_bot"}`, "x", "https://t.me/utsuwa_bot"},
		{"telegram", `{}`, "", ""},
	} {
		if got := kindNamed(t, c.kind).Arrive([]byte(c.settings), c.words); got != c.want {
			t.Errorf("%s of %s: %s, want %s", c.kind, c.settings, got, c.want)
		}
	}
}
