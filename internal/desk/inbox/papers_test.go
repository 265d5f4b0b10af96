package inbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// pigeon is a channel with settings of every sort. It refuses the name "dodo".
var pigeon = channel.Kind{
	Name: "pigeon", Points: "loft", Personal: true, Hook: true,
	Fields: []channel.Field{
		{Name: "name", Input: channel.TextInput, Required: true, Max: 20},
		{Name: "token", Input: channel.SecretInput, Required: true},
		{Name: "lofts", Input: channel.ListInput},
		{Name: "base", Input: channel.URLInput, Binds: true, Advanced: true},
	},
	Address: func(settings []byte) string {
		var s struct{ Name string }
		if json.Unmarshal(settings, &s) != nil {
			return ""
		}
		return "@" + s.Name
	},
	Open: func(settings, _ []byte, _ channel.Host) (channel.Channel, error) {
		if strings.Contains(string(settings), "dodo") {
			return nil, &channel.SettingsError{Err: errors.New("it cannot fly")}
		}
		return perch{}, nil
	},
}

type perch struct{}

func (perch) Send(context.Context, *channel.Outgoing) error { return nil }
func (perch) Close() error                                  { return nil }

// fancier is a desk whose inboxes may be pigeons.
func fancier(d *desk) *inbox.Inboxes { return d.inboxes.Over(pigeon) }

func (d *desk) pigeon(values inbox.Values) (inbox.Inbox, error) {
	return fancier(d).Create(d.Context(), agent, inbox.Change{Kind: "pigeon", BrandID: &d.brand, Name: ref("Loft"), Values: values})
}

func TestAnInboxOfAnyChannel(t *testing.T) {
	each(t, func(d *desk) {
		i, err := d.pigeon(inbox.Values{"name": "speedy", "token": "coo", "lofts": []any{"north", "south"}, "base": ""})
		d.must(err)
		if i.Address != "@speedy" || i.Kind != "pigeon" || fancier(d).Point(i.Kind) != "loft" {
			t.Errorf("inbox %+v", i)
		}
		stored := d.byID(i.ID)
		if strings.Contains(string(stored.Settings), "coo") || !strings.Contains(string(stored.Settings), "north") {
			t.Errorf("settings %s", stored.Settings)
		}
		d.tx(func(tx *sqldb.Tx) error {
			has, err := fancier(d).Has(d.Context(), tx, i.ID)
			if !maps.Equal(has, map[string]bool{"token": true}) {
				t.Errorf("has %v", has)
			}
			var sealed string
			if e := tx.QueryRow(d.Context(), `SELECT secrets FROM inbox WHERE id = $1`, i.ID).Scan(&sealed); e != nil || strings.Contains(sealed, "coo") || sealed == "" {
				t.Errorf("sealed %q, %v", sealed, e)
			}
			_, found, e := fancier(d).ForAddress(d.Context(), tx, "@speedy")
			if found || e != nil {
				t.Errorf("mail would find it: %v, %v", found, e)
			}
			return err
		})
		// What is not named stays, the secret too.
		j, err := fancier(d).Change(d.Context(), agent, i.ID, inbox.Change{Values: inbox.Values{"name": "slow"}})
		d.must(err)
		if j.Address != "@slow" || !strings.Contains(string(j.Settings), "north") {
			t.Errorf("changed %+v", j)
		}
		kind, _, secrets := d.trial(inbox.Trial{InboxID: i.ID, Values: inbox.Values{"name": "tried"}})
		if kind != "pigeon" || !strings.Contains(string(secrets), "coo") || d.byID(i.ID).Address != "@slow" {
			t.Errorf("a trial of %s with %s", kind, secrets)
		}
	})
}

func (d *desk) trial(x inbox.Trial) (kind string, settings, secrets []byte) {
	d.Helper()
	d.tx(func(tx *sqldb.Tx) (err error) {
		kind, settings, secrets, err = fancier(d).Try(d.Context(), tx, x)
		return err
	})
	return kind, settings, secrets
}

func TestSettingsThatDoNotFit(t *testing.T) {
	each(t, func(d *desk) {
		_, err := d.pigeon(inbox.Values{"lofts": "north", "wings": 2.0})
		d.wantField(err, "body.settings.name", "error.field.required")
		d.wantField(err, "body.settings.token", "error.field.required")
		d.wantField(err, "body.settings.lofts", "error.field.invalid")
		d.wantField(err, "body.settings.wings", "error.field.invalid")
		_, err = d.pigeon(inbox.Values{"name": "dodo", "token": "coo"})
		d.wantField(err, "body.settings", "error.inbox.settings")
		_, err = fancier(d).Create(d.Context(), agent, inbox.Change{Kind: "raven", BrandID: &d.brand, Name: ref("Loft")})
		d.wantField(err, "body.kind", "error.inbox.kind")
	})
}

// TestASecretStaysWhereItWasEnteredFor refuses to use a credential at another
// address than the one it was entered for.
func TestASecretStaysWhereItWasEnteredFor(t *testing.T) {
	each(t, func(d *desk) {
		i, err := d.pigeon(inbox.Values{"name": "speedy", "token": "coo"})
		d.must(err)
		away := inbox.Values{"base": "https://evil.example"}
		_, err = fancier(d).Change(d.Context(), agent, i.ID, inbox.Change{Values: away})
		d.wantField(err, "body.settings.token", "error.inbox.password.again")
		away["token"] = "another"
		_, err = fancier(d).Change(d.Context(), agent, i.ID, inbox.Change{Values: away})
		d.must(err)
		if _, _, secrets := d.trial(inbox.Trial{InboxID: i.ID}); !strings.Contains(string(secrets), "another") {
			t.Errorf("secrets %s", secrets)
		}
	})
}
