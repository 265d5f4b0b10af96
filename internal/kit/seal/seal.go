// Package seal keeps secrets: credentials encrypted at rest, tokens that are
// stored only as hashes, and signatures under which a link can be trusted.
//
// Everything derives from one instance key of 32 bytes, kept in a file beside
// the data (mode 0600) or given by the environment.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Key is the instance's key. It formats as "hidden".
type Key struct{ b [32]byte }

// String hides the key from logs.
func (*Key) String() string { return "hidden" }

// Parse reads a key from its text form, 64 hexadecimal digits.
func Parse(s string) (*Key, error) {
	b, err := hex.DecodeString(strings.TrimSpace(s))
	if err != nil || len(b) != 32 {
		return nil, errors.New("the key must be 64 hexadecimal digits")
	}
	return &Key{[32]byte(b)}, nil
}

// Load reads the key in a file, or makes one there.
func Load(path string) (*Key, error) {
	b, err := os.ReadFile(path)
	if err == nil {
		k, err := Parse(string(b))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return k, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	k := Random()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString(hex.EncodeToString(k.b[:]) + "\n")
	return k, errors.Join(err, f.Sync(), f.Close())
}

// Random returns a new key.
func Random() *Key {
	var k Key
	_, _ = rand.Read(k.b[:]) // crypto/rand never fails
	return &k
}

func (k *Key) derive(purpose string) []byte {
	b, err := hkdf.Key(sha256.New, k.b[:], nil, "kintsugi "+purpose, 32)
	if err != nil {
		panic("seal: " + err.Error()) // only for lengths that no hash can give
	}
	return b
}

func (k *Key) aead(purpose string) cipher.AEAD {
	block, err := aes.NewCipher(k.derive(purpose))
	if err != nil {
		panic("seal: " + err.Error()) // only for keys of a wrong length
	}
	g, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("seal: " + err.Error())
	}
	return g
}

// Seal encrypts a secret for one purpose; only Open with the same purpose reads it.
func (k *Key) Seal(purpose, secret string) string {
	if secret == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(k.aead(purpose).Seal(nil, nil, []byte(secret), nil))
}

// Open decrypts what Seal made.
func (k *Key) Open(purpose, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return "", errors.New("a stored secret is damaged")
	}
	plain, err := k.aead(purpose).Open(nil, nil, b, nil)
	if err != nil {
		return "", errors.New("a stored secret cannot be read with this instance's key; was the key file replaced?")
	}
	return string(plain), nil
}

// Sign returns a short signature (16 bytes, hexadecimal, lower case) over text for one purpose.
func (k *Key) Sign(purpose, text string) string {
	m := hmac.New(sha256.New, k.derive(purpose))
	_, _ = m.Write([]byte(text)) // a hash never fails to write
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// Verify reports whether signature is Sign's for text, in constant time.
func (k *Key) Verify(purpose, text, signature string) bool {
	return hmac.Equal([]byte(k.Sign(purpose, text)), []byte(strings.ToLower(signature)))
}

// Token returns a new random token of 160 bits with a readable prefix, and the
// hash by which it is stored.
func Token(prefix string) (token, hash string) {
	var b [20]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails
	token = prefix + base64.RawURLEncoding.EncodeToString(b[:])
	return token, Hash(token)
}

// Hash is how a token is stored and found.
func Hash(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}
