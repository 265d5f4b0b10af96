package webchat

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
	"github.com/kintsugi-desk/kintsugi/internal/kit/tint"
)

// check reports what no single field can say of itself.
func (s Settings) check() error {
	for _, o := range s.Origins {
		if err := checkOrigin(o); err != nil {
			return err
		}
	}
	if _, ok := tint.Parse(s.Color); s.Color != "" && !ok {
		return fmt.Errorf("the colour %q is not of the form #rrggbb", s.Color)
	}
	if n := len(s.IdentitySecret); n > 0 && n < minSecret {
		return fmt.Errorf("the identity secret has %d characters; it needs at least %d", n, minSecret)
	}
	return s.checkPush()
}

// checkPush asks for a secret with the address that is called: nobody could tell
// our calls from others'.
func (s Settings) checkPush() error {
	if s.PushAddress == "" {
		return nil
	}
	if _, err := fetch.Base(s.PushAddress, ""); err != nil {
		return fmt.Errorf("the push address: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(strings.TrimSpace(s.PushSecret), "whsec_"))
	if err != nil || len(key) < minPushKey {
		return fmt.Errorf("the push secret is not whsec_ and at least %d random bytes in base64", minPushKey)
	}
	return nil
}

// wild stands for any one or more names before a domain.
const wild = "*."

// checkOrigin takes "https://www.example.jp", "https://*.example.jp" and, for
// trying things out on one's own machine, "http://localhost:3000".
func checkOrigin(s string) error {
	u, err := url.Parse(strings.Replace(s, "://"+wild, "://wild.", 1))
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || strings.Contains(u.Host, "*") {
		return fmt.Errorf("the site %q is not of the form https://www.example.com", s)
	}
	host := u.Hostname()
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "127.0.0.1" || host == "::1"
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return fmt.Errorf("the site %q must begin with https://", s)
	}
	if strings.Contains(s, "://"+wild) && strings.Count(host, ".") < 2 {
		return errors.New("a site with * needs a whole domain behind it, such as https://*.example.com")
	}
	return nil
}

// Allows reports whether pages of an origin, as a browser names it in the header
// Origin, may show the panel.
func (s Settings) Allows(origin string) bool {
	asked, err := url.Parse(strings.ToLower(origin))
	if err != nil || asked.Host == "" || asked.Path != "" {
		return false
	}
	for _, o := range s.Origins {
		o = strings.TrimSuffix(strings.ToLower(o), "/")
		scheme, host, _ := strings.Cut(o, "://")
		if scheme != asked.Scheme {
			continue
		}
		if domain, any := strings.CutPrefix(host, wild); any {
			if strings.HasSuffix(asked.Host, "."+domain) {
				return true
			}
			continue
		}
		if asked.Host == host {
			return true
		}
	}
	return false
}

// Greeting returns what the panel says first in a language; "" if nothing was
// written.
func (s Settings) Greeting(lang string) string {
	if lang == "ja" {
		return s.GreetingJa
	}
	return s.GreetingEn
}
