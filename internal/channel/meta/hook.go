package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// SignatureHeader carries the HMAC-SHA256 of the body.
const SignatureHeader = "X-Hub-Signature-256"

const signaturePrefix = "sha256="

// maxChallenge is the longest challenge that is answered, in bytes.
const maxChallenge = 200

// Hook knows what proves a call.
type Hook struct {
	AppSecret   string
	VerifyToken string // what the app's page was told when our address was entered there
}

// Believe checks a call. done is true for the call with which the other side
// tries our address: answer it and look no further. Errors:
// channel.UnverifiedError, channel.MalformedError.
func (h Hook) Believe(c *channel.Call) (answer channel.Reception, done bool, err error) {
	switch c.Method {
	case http.MethodGet:
		answer, err = h.challenge(c)
		return answer, true, err
	case http.MethodPost:
		return answer, false, h.signed(c)
	}
	return answer, true, &channel.MalformedError{Err: errors.New("the method is " + c.Method)}
}

// challenge answers the question whether we are who the app's owner says.
func (h Hook) challenge(c *channel.Call) (answer channel.Reception, err error) {
	at, err := url.Parse(c.URL)
	if err != nil {
		return answer, &channel.MalformedError{Err: err}
	}
	q := at.Query()
	challenge := q.Get("hub.challenge")
	switch {
	case q.Get("hub.mode") != "subscribe" || challenge == "" || len(challenge) > maxChallenge:
		return answer, &channel.MalformedError{Err: errors.New("no challenge")}
	case h.VerifyToken == "" || !hmac.Equal([]byte(q.Get("hub.verify_token")), []byte(h.VerifyToken)):
		return answer, &channel.UnverifiedError{Reason: "the verify token is another one"}
	}
	return channel.Reception{ContentType: "text/plain; charset=utf-8", Body: []byte(challenge)}, nil
}

func (h Hook) signed(c *channel.Call) error {
	given, ok := strings.CutPrefix(c.Header.Get(SignatureHeader), signaturePrefix)
	if !ok || h.AppSecret == "" {
		return &channel.UnverifiedError{Reason: "no signature"}
	}
	sum, err := hex.DecodeString(given)
	if err != nil || !hmac.Equal(sum, mac(h.AppSecret, c.Body)) {
		return &channel.UnverifiedError{Reason: "the signature is not by this app's secret"}
	}
	return nil
}

func mac(secret string, body []byte) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body)
	return m.Sum(nil)
}

// Sign returns the value of SignatureHeader for a body.
func Sign(secret string, body []byte) string {
	return signaturePrefix + hex.EncodeToString(mac(secret, body))
}
