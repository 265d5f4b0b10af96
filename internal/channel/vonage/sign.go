package vonage

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// signatureName is the member with the signature over all others.
const signatureName = "sig"

// maxAge is how old a call may be: Vonage repeats for a day what was not taken.
const maxAge = 25 * time.Hour

// Believe checks a call and returns what is in it, one value a name. Errors:
// channel.UnverifiedError, channel.MalformedError.
func Believe(method, secret string, c *channel.Call) (map[string]string, error) {
	params, err := members(c)
	if err != nil {
		return nil, &channel.MalformedError{Err: err}
	}
	given, err := hex.DecodeString(params[signatureName])
	if err != nil || len(given) == 0 || secret == "" {
		return nil, &channel.UnverifiedError{Reason: "no signature"}
	}
	want, err := hex.DecodeString(Sign(method, secret, params))
	if err != nil || !hmac.Equal(given, want) {
		return nil, &channel.UnverifiedError{Reason: "the signature is not by this account's secret and method"}
	}
	if n, err := strconv.ParseInt(params["timestamp"], 10, 64); err == nil && !c.At.IsZero() {
		if ahead := time.Unix(n, 0).Sub(c.At); ahead.Abs() > maxAge {
			return nil, &channel.UnverifiedError{Reason: "the call is too old", Skew: ahead}
		}
	}
	delete(params, signatureName)
	return params, nil
}

// Sign returns the signature of a call's members. What would separate them is
// not taken from their values.
func Sign(method, secret string, params map[string]string) string {
	var b strings.Builder
	tame := strings.NewReplacer("&", "_", "=", "_")
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if name != signatureName {
			b.WriteString("&" + name + "=" + tame.Replace(params[name]))
		}
	}
	if method == "md5hash" {
		sum := md5.Sum([]byte(b.String() + secret))
		return hex.EncodeToString(sum[:])
	}
	hashes := map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}
	of, ok := hashes[method]
	if !ok {
		return ""
	}
	m := hmac.New(of, []byte(secret))
	m.Write([]byte(b.String()))
	return hex.EncodeToString(m.Sum(nil))
}

// members is what is in a call: Vonage sends it in the address, as a form or as
// JSON, as the account's owner likes.
func members(c *channel.Call) (map[string]string, error) {
	out := map[string]string{}
	at, err := url.Parse(c.URL)
	if err != nil {
		return nil, err
	}
	take := func(values url.Values) {
		for name, v := range values {
			out[name] = v[0]
		}
	}
	take(at.Query())
	switch {
	case c.Method == http.MethodGet:
	case strings.HasPrefix(c.Header.Get("Content-Type"), "application/json"):
		var doc map[string]json.RawMessage
		if err := json.Unmarshal(c.Body, &doc); err != nil {
			return nil, err
		}
		for name, raw := range doc {
			var s string
			if json.Unmarshal(raw, &s) != nil {
				s = string(raw)
			}
			out[name] = s
		}
	default:
		form, err := url.ParseQuery(string(c.Body))
		if err != nil {
			return nil, err
		}
		take(form)
	}
	if len(out) == 0 {
		return nil, errors.New("an empty call")
	}
	return out, nil
}
