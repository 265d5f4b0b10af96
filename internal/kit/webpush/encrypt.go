package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
)

// Limits of a message.
const (
	MaxPayload = 3000 // bytes; services take at least 4,096 with what encryption adds
	recordSize = 4096
	keySize    = 16
	nonceSize  = 12
	authSize   = 16
)

// Subscription is where a browser wants to be told, and how it reads.
type Subscription struct {
	Endpoint string `json:"endpoint"`
	Keys     Keys   `json:"keys"`
}

// Keys are a browser's, in base64 for addresses.
type Keys struct {
	P256dh string `json:"p256dh"`
	Auth   string `json:"auth"`
}

// Check reports what is wrong with a subscription that a page sent.
func (s Subscription) Check() error {
	_, _, err := s.keys()
	return err
}

func (s Subscription) keys() (*ecdh.PublicKey, []byte, error) {
	raw, err := decode(s.Keys.P256dh)
	if err != nil {
		return nil, nil, errors.New("the key p256dh is no base64")
	}
	public, err := ecdh.P256().NewPublicKey(raw)
	if err != nil {
		return nil, nil, errors.New("the key p256dh is no point of P-256")
	}
	auth, err := decode(s.Keys.Auth)
	if err != nil || len(auth) != authSize {
		return nil, nil, errors.New("the key auth has not 16 bytes")
	}
	return public, auth, nil
}

// decode reads base64 as browsers write it, with or without its end.
func decode(s string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
}

// chance is what is new with each message.
type chance struct {
	own  *ecdh.PrivateKey
	salt []byte
}

// encrypt returns the body of a message in one record (aes128gcm, RFC 8188).
func encrypt(s Subscription, plain []byte) ([]byte, error) {
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // crypto/rand never fails
	return seal(s, plain, chance{own, salt})
}

func seal(s Subscription, plain []byte, by chance) ([]byte, error) {
	if len(plain) > MaxPayload {
		return nil, errors.New("the message is too long for a push service")
	}
	theirs, auth, err := s.keys()
	if err != nil {
		return nil, err
	}
	shared, err := by.own.ECDH(theirs)
	if err != nil {
		return nil, err
	}
	ours := by.own.PublicKey().Bytes()
	info := "WebPush: info\x00" + string(theirs.Bytes()) + string(ours)
	ikm, err := hkdf.Key(sha256.New, shared, auth, info, sha256.Size)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, ikm, by.salt, "Content-Encoding: aes128gcm\x00", keySize)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, by.salt, "Content-Encoding: nonce\x00", nonceSize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	out := append([]byte{}, by.salt...)
	out = binary.BigEndian.AppendUint32(out, recordSize)
	out = append(out, byte(len(ours)))
	out = append(out, ours...)
	return gcm.Seal(out, nonce, append(plain[:len(plain):len(plain)], 2), nil), nil // 2: the last record
}
