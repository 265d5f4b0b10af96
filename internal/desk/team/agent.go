package team

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones must be known on machines without zone files
	"unicode"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
)

// Limits of what an agent may enter.
const (
	maxName      = 100    // characters
	maxEmail     = 254    // bytes, RFC 5321
	maxSignature = 10_000 // characters
)

// Agent is somebody who serves.
type Agent struct {
	ID          string
	Name        string
	Email       string
	Role        Role
	Active      bool
	Locale      string // "ja", "en", or "" for the browser's
	Zone        string // IANA name, or "" for the browser's
	Preferences Preferences
	TeamIDs     []string
	CreatedAt   time.Time
	Version     int64
}

// Preferences are how an agent likes the screen.
type Preferences struct {
	Theme     string `json:"theme,omitempty"`
	Density   string `json:"density,omitempty"`
	Signature string `json:"signature,omitempty"`
	Composer  string `json:"composer,omitempty"`
	SendKey   string `json:"sendKey,omitempty"`
}

// withDefaults fills what was never chosen.
func (p Preferences) withDefaults() Preferences {
	or := func(v *string, def string) {
		if *v == "" {
			*v = def
		}
	}
	or(&p.Theme, "system")
	or(&p.Density, "comfortable")
	or(&p.Composer, "rich")
	or(&p.SendKey, "mod-enter")
	return p
}

// NewAgent is what is needed to add an agent. Without a Password the agent
// cannot sign in until one is set.
type NewAgent struct {
	Name     string
	Email    string
	Role     Role
	Password string
	Locale   string
	TeamIDs  []string
}

func (n *NewAgent) check() error {
	var c fault.Check
	n.Name, n.Email = strings.TrimSpace(n.Name), strings.TrimSpace(n.Email)
	checkName(&c, "body.name", n.Name, maxName)
	checkEmail(&c, "body.email", n.Email)
	c.That(n.Role.Valid(), "body.role", "error.agent.role")
	checkLocale(&c, n.Locale)
	if n.Password != "" {
		checkPassword(&c, "body.password", n.Password, n.Email)
	}
	return c.Err()
}

// Change is what an administrator may change of an agent; nil leaves a field.
type Change struct {
	Name    *string
	Role    *Role
	Active  *bool
	TeamIDs *[]string
}

// apply checks the change and makes it, and returns the names of the fields
// that are different now.
func (ch Change) apply(a *Agent) (fields []string, err error) {
	var c fault.Check
	if ch.Name != nil {
		name := strings.TrimSpace(*ch.Name)
		checkName(&c, "body.name", name, maxName)
		fields = set(fields, "name", &a.Name, name)
	}
	if ch.Role != nil {
		c.That(ch.Role.Valid(), "body.role", "error.agent.role")
		fields = set(fields, "role", &a.Role, *ch.Role)
	}
	if ch.Active != nil {
		fields = set(fields, "active", &a.Active, *ch.Active)
	}
	if ch.TeamIDs != nil {
		want := unique(*ch.TeamIDs)
		if !slices.Equal(want, a.TeamIDs) {
			a.TeamIDs = want
			fields = append(fields, "teams")
		}
	}
	return fields, c.Err()
}

// Profile is what agents may change of themselves; nil leaves a field.
type Profile struct {
	Name, Locale, Zone                           *string
	Theme, Density, Signature, Composer, SendKey *string
}

func (p Profile) apply(a *Agent) (fields []string, err error) {
	var c fault.Check
	if p.Name != nil {
		name := strings.TrimSpace(*p.Name)
		checkName(&c, "body.name", name, maxName)
		fields = set(fields, "name", &a.Name, name)
	}
	if p.Locale != nil {
		checkLocale(&c, *p.Locale)
		fields = set(fields, "locale", &a.Locale, *p.Locale)
	}
	if p.Zone != nil {
		c.That(validZone(*p.Zone), "body.timeZone", "hours.zone.unknown", "name", *p.Zone)
		fields = set(fields, "zone", &a.Zone, *p.Zone)
	}
	if p.Signature != nil {
		c.That(utf8.RuneCountInString(*p.Signature) <= maxSignature, "body.signature", "error.text.long", "max", maxSignature)
		fields = set(fields, "signature", &a.Preferences.Signature, *p.Signature)
	}
	for _, x := range []struct {
		name      string
		at, value *string
		allowed   []string
	}{
		{"theme", &a.Preferences.Theme, p.Theme, []string{"system", "light", "dark"}},
		{"density", &a.Preferences.Density, p.Density, []string{"comfortable", "compact"}},
		{"composer", &a.Preferences.Composer, p.Composer, []string{"rich", "plain"}},
		{"sendKey", &a.Preferences.SendKey, p.SendKey, []string{"mod-enter", "enter"}},
	} {
		if x.value != nil {
			c.That(slices.Contains(x.allowed, *x.value), "body."+x.name, "error.field.invalid")
			fields = set(fields, x.name, x.at, *x.value)
		}
	}
	return fields, c.Err()
}

// set puts value in *at and notes the field if that changed anything.
func set[T comparable](fields []string, name string, at *T, value T) []string {
	if *at == value {
		return fields
	}
	*at = value
	return append(fields, name)
}

func checkName(c *fault.Check, path, name string, max int) {
	c.Require(name != "", path)
	c.That(utf8.RuneCountInString(name) <= max, path, "error.text.long", "max", max)
	c.That(!strings.ContainsFunc(name, unicode.IsControl), path, "error.field.invalid")
}

func checkEmail(c *fault.Check, path, email string) {
	if email == "" {
		c.Require(false, path)
		return
	}
	a, err := mail.ParseAddress(email)
	ok := err == nil && a.Name == "" && a.Address == email && len(email) <= maxEmail
	c.That(ok, path, "error.agent.email")
}

func checkLocale(c *fault.Check, locale string) {
	c.That(locale == "" || slices.Contains(phrase.Languages(), locale), "body.locale", "error.field.invalid")
}

func validZone(name string) bool {
	if name == "" {
		return true
	}
	_, err := time.LoadLocation(name)
	return err == nil && name != "Local"
}

// unique returns the ids sorted, without repetitions and empty ones.
func unique(ids []string) []string {
	out := slices.Clone(ids)
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}
