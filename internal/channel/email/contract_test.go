package email_test

import (
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
)

func TestGoldens(t *testing.T) { channeltest.Goldens(t, email.Kind, "testdata/in") }

func TestContract(t *testing.T) {
	channeltest.Contract(t, email.Kind, func(t *testing.T) channeltest.Peer {
		o := emailtest.Open(t, emailtest.Options{Security: "starttls"})
		o.Add(account, password)
		settings, secrets := o.Settings(account)
		return channeltest.Peer{
			Settings: settings, Secrets: secrets,
			Put:      func(n int) error { return o.Deliver(account, mail(n)) },
			Taken:    func() int { return len(o.Sent()) },
			Outgoing: func() *channel.Outgoing { return letter() },
		}
	})
}

// FuzzParse looks for bytes that Parse cannot bear.
func FuzzParse(f *testing.F) {
	f.Add(mail(1))
	f.Add([]byte("X-Kintsugi-Incomplete: x\r\nFrom: a@b\r\n\r\n"))
	for _, sub := range []string{"email", "bounce"} {
		for _, raw := range corpus.Seeds(f, sub, ".eml", 60, 8<<10) {
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := email.Parse(raw)
		if err == nil && m == nil {
			t.Error("neither a message nor an error")
		}
	})
}
