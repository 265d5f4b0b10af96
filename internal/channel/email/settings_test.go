package email_test

import (
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
)

func TestWhoSends(t *testing.T) {
	for settings, want := range map[string]bool{
		`{}`:                       false,
		`{"send":{"mode":"none"}}`: false,
		`{"receive":{"mode":"smtp"},"send":{"mode":""}}`:                                                false,
		`{"send":{"mode":"smtp","host":"127.0.0.1","port":25,"security":"plain"}}`:                      true,
		`{"receive":{"mode":"none"},"send":{"mode":"smtp","host":"mail.example.com","security":"tls"}}`: true,
		`broken`: true, // what is wrong with it is said when it is opened
	} {
		if got := email.Kind.Sends([]byte(settings)); got != want {
			t.Errorf("%s: %v", settings, got)
		}
	}
}
