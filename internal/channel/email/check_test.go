package email_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
)

// outline is a check without its words: "receive.login!" is a step that failed.
func outline(steps []channel.Step) []string {
	var out []string
	for _, s := range steps {
		name := s.Part + "." + s.Name
		if !s.OK {
			name += "!"
		}
		out = append(out, name)
	}
	return out
}

func TestCheck(t *testing.T) {
	for _, security := range []string{"plain", "starttls", "tls"} {
		t.Run(security, func(t *testing.T) {
			o, m, _ := office(t, security)
			put(t, o, "INBOX", 1, 3)
			steps := m.Check(t.Context())
			want := []string{"receive.connect", "receive.tls", "receive.login", "receive.folders", "send.connect", "send.tls", "send.login", "send.sender"}
			if diff := cmp.Diff(want, outline(steps)); diff != "" {
				t.Fatalf("steps %v (-want +got):\n%s", steps, diff)
			}
			if steps[3].Text != "INBOX: 3" || steps[1].Text != security || steps[7].Text != account {
				t.Errorf("steps %v", steps)
			}
			if len(o.Sent()) != 0 {
				t.Error("the check sent something")
			}
		})
	}
}

func TestCheckFails(t *testing.T) {
	o := emailtest.Open(t, emailtest.Options{Security: "starttls"})
	o.Add(account, password)
	settings, good := o.Settings(account)
	closed := closedPort(t)
	tests := []struct {
		name    string
		change  func(part map[string]any)
		secrets string
		step    string // the last one of each part
		says    [2]string
	}{
		{"password", func(map[string]any) {}, `{"receivePassword":"guess","sendPassword":"guess"}`, "login!",
			[2]string{"login: NO [AUTHENTICATIONFAILED] Authentication failed", "login: 535 5.7.8 Username and password not accepted"}},
		{"port", func(p map[string]any) { p["port"] = closed }, string(good), "connect!", [2]string{"connection refused", "connection refused"}},
		{"name", func(p map[string]any) { p["host"] = "no-such-host.invalid" }, string(good), "resolve!", [2]string{"no-such-host.invalid", "no-such-host.invalid"}},
		{"certificate", func(p map[string]any) { p["trust"] = "" }, string(good), "tls!", [2]string{"certificate", "certificate"}},
		{"security", func(p map[string]any) { p["security"] = "tls" }, string(good), "tls!", [2]string{"tls: ", "tls: "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := open(t, channeltest.NewDesk(), edit(t, settings, func(s map[string]any) {
				tt.change(part(s, "receive"))
				tt.change(part(s, "send"))
			}), []byte(tt.secrets))
			m.Hurry(func(l *email.Limits) { l.Answer = 2 * time.Second })
			last := map[string]channel.Step{}
			for _, s := range m.Check(t.Context()) {
				if before, ok := last[s.Part]; ok && !before.OK {
					t.Errorf("%v follows a failure", s)
				}
				if strings.Contains(s.Text, "guess") || strings.Contains(s.Text, password) {
					t.Errorf("the password is in %v", s)
				}
				last[s.Part] = s
			}
			for i, p := range []string{"receive", "send"} {
				if got := outline([]channel.Step{last[p]}); got[0] != p+"."+tt.step || !strings.Contains(last[p].Text, tt.says[i]) {
					t.Errorf("%s ends with %v", p, last[p])
				}
			}
		})
	}
	t.Run("folder", func(t *testing.T) {
		m := open(t, channeltest.NewDesk(), edit(t, settings, func(s map[string]any) {
			part(s, "receive")["folders"] = []string{"INBOX", "Nowhere"}
			s["send"] = nil
		}), good)
		steps := m.Check(t.Context())
		if last := steps[len(steps)-1]; last.Name != "folders" || last.OK || !strings.Contains(last.Text, "Nowhere") {
			t.Errorf("steps %v", steps)
		}
	})
	t.Run("nothing to check", func(t *testing.T) {
		if steps := open(t, channeltest.NewDesk(), nil, nil).Check(t.Context()); len(steps) != 0 {
			t.Errorf("steps %v", steps)
		}
	})
}

// closedPort is a port that nobody listens on.
func closedPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
