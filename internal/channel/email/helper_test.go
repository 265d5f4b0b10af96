package email_test

import (
	"encoding/json"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
)

// open opens an endpoint in a hurry.
func open(t *testing.T, d *channeltest.Desk, settings, secrets []byte) *email.Endpoint {
	t.Helper()
	c, err := email.Kind.Open(settings, secrets, d.Host(t))
	if err != nil {
		t.Fatal(err)
	}
	m := c.(*email.Endpoint)
	m.Hurry(nil)
	return m
}

// edit changes a settings document.
func edit(t *testing.T, doc []byte, change func(map[string]any)) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(doc, &m); err != nil {
		t.Fatal(err)
	}
	change(m)
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// part returns a part of a settings document.
func part(m map[string]any, name string) map[string]any { return m[name].(map[string]any) }
