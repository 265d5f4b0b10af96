package email

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"github.com/emersion/go-msgauth/dkim"
)

// shortestRSA is the least key length that receivers accept (RFC 8301).
const shortestRSA = 1024

// signed are the fields a signature covers (RFC 6376 5.4.1). Naming From and
// Subject once more than they occur keeps others from adding a second one.
var signed = []string{
	"From", "From", "Reply-To", "To", "Cc", "Subject", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted",
	"List-Unsubscribe", "List-Unsubscribe-Post", // RFC 8058 asks for both
}

// signer makes DKIM signatures; nil makes none.
type signer struct {
	domain, selector string
	key              crypto.Signer
}

// newSigner reads the key; without a domain there is no signer.
func newSigner(d DKIM, key string) (*signer, error) {
	if d.Domain == "" {
		return nil, nil
	}
	if d.Selector == "" || key == "" {
		return nil, errors.New("dkim: a domain needs a selector and a key")
	}
	block, _ := pem.Decode([]byte(key))
	if block == nil {
		return nil, errors.New("dkim: the key is not PEM")
	}
	var parsed any
	var err error
	if block.Type == "RSA PRIVATE KEY" {
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	} else {
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, fmt.Errorf("dkim: the key cannot be read: %w", err)
	}
	s := &signer{domain: d.Domain, selector: d.Selector}
	switch k := parsed.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < shortestRSA {
			return nil, fmt.Errorf("dkim: an RSA key needs %d bits or more", shortestRSA)
		}
		s.key = k
	case ed25519.PrivateKey:
		s.key = k
	default:
		return nil, fmt.Errorf("dkim: a key of type %T cannot sign mail", parsed)
	}
	return s, nil
}

// sign returns the field to put before the message, "" without a signer.
func (s *signer) sign(message *spool) (string, error) {
	if s == nil {
		return "", nil
	}
	d, err := dkim.NewSigner(&dkim.SignOptions{
		Domain: s.domain, Selector: s.selector, Signer: s.key, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return "", fmt.Errorf("dkim: %w", err)
	}
	r, err := message.reader()
	if err == nil {
		_, err = io.Copy(d, r)
	}
	if err := errors.Join(err, d.Close()); err != nil {
		return "", fmt.Errorf("dkim: %w", err)
	}
	return d.Signature(), nil
}
