package builtin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
	"github.com/kintsugi-desk/kintsugi/internal/channel/vonage"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
)

// vector is a signature that somebody else made, right or wrong.
type vector struct {
	Name, Key, URL, Algorithm, Sig string
	Now                            int64
	Body                           *string
	Headers                        map[string]string
	Params                         map[string]any
	Valid                          bool
}

// call is the vector as a call.
func (v vector) call() *channel.Call {
	c := &channel.Call{Method: http.MethodPost, URL: v.URL, Header: http.Header{}}
	if v.Now != 0 { // the others are years old
		c.At = time.Unix(v.Now, 0)
	}
	if form := v.form(); v.Body == nil {
		c.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		c.Body = []byte(form.Encode())
	} else {
		c.Header.Set("Content-Type", "application/json")
		c.Body = []byte(*v.Body)
	}
	for name, value := range v.Headers {
		c.Header.Set(name, value)
	}
	return c
}

func (v vector) form() url.Values {
	form := url.Values{}
	for name, one := range v.Params {
		list, many := one.([]any)
		if !many {
			list = []any{one}
		}
		for _, s := range list {
			form.Add(name, fmt.Sprint(s))
		}
	}
	if v.Sig != "" {
		form.Set("sig", v.Sig)
	}
	return form
}

// judges are what looks at the signatures of a file.
func judges(t *testing.T) map[string]func(v vector, c *channel.Call) error {
	received := func(kind, secrets string) func(v vector, c *channel.Call) error {
		return func(v vector, c *channel.Call) error {
			_, err := open(t, kind, `{}`, fmt.Sprintf(secrets, v.Key)).Receive(t.Context(), c)
			if channel.IsUnverified(err) {
				return err
			}
			return nil // believed, whatever is in it
		}
	}
	return map[string]func(v vector, c *channel.Call) error{
		"line":              received("line", `{"channelSecret":%q,"channelAccessToken":"t"}`),
		"standard-webhooks": received("hook", `{"secret":%q}`),
		"meta": func(v vector, c *channel.Call) error {
			_, _, err := meta.Hook{AppSecret: v.Key}.Believe(c)
			return err
		},
		"twilio": func(v vector, c *channel.Call) error {
			_, err := twilio.Believe(v.Key, c)
			return err
		},
		"vonage": func(v vector, c *channel.Call) error {
			_, err := vonage.Believe(v.Algorithm, v.Key, c)
			return err
		},
	}
}

// TestSignatures asks every channel to judge all signatures of its vendor, and
// every right one once more with another body.
func TestSignatures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpus.Dir(t, "signatures"), "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	table, all, judging := strings.Builder{}, 0, judges(t)
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var vectors []vector
		numbers := json.NewDecoder(bytes.NewReader(b))
		numbers.UseNumber() // they are signed as they are written
		if err := numbers.Decode(&vectors); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		judge := judging[name]
		if judge == nil {
			fmt.Fprintf(&table, "%-18s %2d vectors, of no channel\n", name, len(vectors))
			continue
		}
		for _, v := range vectors {
			all++
			err := judge(v, v.call())
			if (err == nil) != v.Valid {
				t.Errorf("%s: %s: %v", name, v.Name, err)
			}
			fmt.Fprintf(&table, "%-18s %-62s %s\n", name, v.Name, map[bool]string{true: "believed", false: "refused"}[err == nil])
			forged := v.call()
			forged.Body = append(forged.Body, "&x=1"...)
			if err := judge(v, forged); err == nil {
				t.Errorf("%s: %s, with another body: believed", name, v.Name)
			}
		}
	}
	if all < 31 {
		t.Errorf("only %d signatures were looked at", all)
	}
	corpus.Golden(t, "testdata/signatures.golden", table.String())
}
