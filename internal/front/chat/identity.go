package chat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Limits of a proof of who somebody is.
const (
	maxProof     = 4 << 10             // bytes
	maxProofLife = 31 * 24 * time.Hour // how far ahead its end may lie
	maxSubject   = 200                 // bytes
	maxName      = 200                 // characters
)

// identity is whom a site says its visitor is.
type identity struct {
	Subject string `json:"sub"`
	Email   string `json:"email"`
	Name    string `json:"name"`
	Expires int64  `json:"exp"` // Unix seconds
}

// prove reads a site's proof: a JSON Web Token of HS256 over its own id of the
// person, an end, and where it knows them a mail address and a name. Any doubt is
// fault.Denied; which one is not told to the page.
func prove(secret, proof string, now time.Time) (i identity, err error) {
	refused := fault.New(fault.Denied, "error.chat.identity")
	parts := strings.Split(proof, ".")
	if secret == "" || len(proof) > maxProof || len(parts) != 3 {
		return i, refused
	}
	var head struct {
		Algorithm string `json:"alg"`
	}
	if !unpack(parts[0], &head) || head.Algorithm != "HS256" {
		return i, refused
	}
	given, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return i, refused
	}
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(parts[0] + "." + parts[1])) // a hash never fails to write
	if !hmac.Equal(given, mac.Sum(nil)) || !unpack(parts[1], &i) {
		return identity{}, refused
	}
	end := time.Unix(i.Expires, 0)
	i.Email = strings.TrimSpace(i.Email)
	if !now.Before(end) || end.Sub(now) > maxProofLife || i.Subject == "" || len(i.Subject) > maxSubject || i.Email != "" && !text.IsEmail(i.Email) {
		return identity{}, refused
	}
	i.Name = text.Clip(text.Line(i.Name), maxName)
	return i, nil
}

func unpack(part string, into any) bool {
	b, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(b, into) == nil
}

// The beginnings of visitors' addresses: of those nobody knows, and of those a
// site has named.
const (
	unknownVisitor = "v-"
	knownVisitor   = "u-"
)

// addressOf is the address of a person whom a site names: the same on each of
// their devices, and not to be guessed from the site's id of them.
func (c *Chat) addressOf(p place, i identity) string {
	return knownVisitor + c.Key.Sign("chat.visitor", p.box.ID+"\n"+i.Subject)
}
