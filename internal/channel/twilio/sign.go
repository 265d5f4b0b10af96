package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// SignatureHeader carries the HMAC-SHA1 of the address and the form.
const SignatureHeader = "X-Twilio-Signature"

// bodyHash is the member of the address with the SHA-256 of a body that is no form.
const bodyHash = "bodySHA256"

// Believe checks a call with the account's token and returns what is in it, one
// value a name. Errors: channel.UnverifiedError, channel.MalformedError.
func Believe(token string, c *channel.Call) (map[string]string, error) {
	given, err := base64.StdEncoding.DecodeString(c.Header.Get(SignatureHeader))
	if err != nil || len(given) == 0 || token == "" {
		return nil, &channel.UnverifiedError{Reason: "no signature"}
	}
	form, err := formOf(c)
	if err != nil {
		return nil, &channel.MalformedError{Err: err}
	}
	for _, address := range addresses(c.URL) {
		if hmac.Equal(given, mac(token, address, form)) && bodyFits(c, address) {
			return flat(form, c.URL), nil
		}
	}
	// The signature is over both: which of them is wrong it does not say.
	return nil, &channel.UnverifiedError{Reason: "the signature does not fit this account's token and the address " + called(c.URL)}
}

// Sign returns the value of SignatureHeader for a form posted to address.
func Sign(token, address string, form url.Values) string {
	return base64.StdEncoding.EncodeToString(mac(token, address, form))
}

// mac signs the address followed by every name with its values: names in order,
// values in order, each once.
func mac(token, address string, form url.Values) []byte {
	m := hmac.New(sha1.New, []byte(token))
	m.Write([]byte(address))
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		values := slices.Clone(form[name])
		slices.Sort(values)
		for _, v := range slices.Compact(values) {
			m.Write([]byte(name + v))
		}
	}
	return m.Sum(nil)
}

// formOf returns the form in a call's body; nil if the body is something else.
func formOf(c *channel.Call) (url.Values, error) {
	mediaType, _, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if c.Method != http.MethodPost || mediaType != "application/x-www-form-urlencoded" {
		return nil, nil
	}
	return url.ParseQuery(string(c.Body))
}

// bodyFits checks a body that is no form, and so not part of the signature.
func bodyFits(c *channel.Call, address string) bool {
	if c.Method != http.MethodPost || len(c.Body) == 0 {
		return true
	}
	if mediaType, _, _ := mime.ParseMediaType(c.Header.Get("Content-Type")); mediaType == "application/x-www-form-urlencoded" {
		return true
	}
	at, err := url.Parse(address)
	if err != nil {
		return false
	}
	want, err := hex.DecodeString(at.Query().Get(bodyHash))
	sum := sha256.Sum256(c.Body)
	return err == nil && hmac.Equal(want, sum[:])
}

// addresses returns the ways in which the caller may have written our address:
// some proxies add a port and some take it away. It is changed as text, because
// the signature is over the very letters.
func addresses(address string) []string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return []string{address}
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, path := rest[:end], rest[end:]
	bare := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		bare = h
	}
	port := map[string]string{"https": "443", "http": "80"}[scheme]
	return []string{address, scheme + "://" + bare + path, scheme + "://" + bare + ":" + port + path}
}

// called is an address without what was added to it.
func called(address string) string {
	at, _, _ := strings.Cut(address, "?")
	return at
}

// flat is one value a name, of the form and of the address.
func flat(form url.Values, address string) map[string]string {
	out := map[string]string{}
	if at, err := url.Parse(address); err == nil {
		for name, values := range at.Query() {
			out[name] = values[0]
		}
	}
	for name, values := range form {
		out[name] = values[0]
	}
	return out
}
