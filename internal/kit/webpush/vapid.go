package webpush

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

// proofLife is how long a proof of who sends holds; services allow a day.
const proofLife = 12 * time.Hour

// Sender is who sends: a key that services know again, and where they can
// complain ("mailto:…" or an address of a page).
type Sender struct {
	key     *ecdsa.PrivateKey
	Contact string
}

// NewSender makes a sender with a new key.
func NewSender(contact string) (*Sender, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &Sender{key, contact}, err
}

// ReadSender reads the key that Secret gave.
func ReadSender(secret, contact string) (*Sender, error) {
	raw, err := decode(secret)
	if err != nil {
		return nil, errors.New("webpush: the key is no base64")
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return nil, errors.New("webpush: the key is none of P-256") // the library's words may quote it
	}
	return &Sender{key, contact}, nil
}

// Secret is the private key, to be kept sealed.
func (s *Sender) Secret() (string, error) {
	raw, err := s.key.Bytes()
	return base64.RawURLEncoding.EncodeToString(raw), err
}

// Public is the key as a page hands it to its browser (applicationServerKey).
func (s *Sender) Public() (string, error) {
	raw, err := s.key.PublicKey.Bytes()
	return base64.RawURLEncoding.EncodeToString(raw), err
}

// Message is what is sent, to whom, and how long the service keeps it for a
// browser that is away.
type Message struct {
	To     Subscription
	Words  []byte
	TTL    time.Duration
	Topic  string // a newer message of a topic takes the older one's place; "": none
	SentAt time.Time
}

// Request returns the call of the push service.
func (s *Sender) Request(m Message) (fetch.Request, error) {
	body, err := encrypt(m.To, m.Words)
	if err != nil {
		return fetch.Request{}, err
	}
	proof, err := s.prove(m.To.Endpoint, m.SentAt)
	if err != nil {
		return fetch.Request{}, err
	}
	h := http.Header{}
	h.Set("Authorization", proof)
	h.Set("Content-Encoding", "aes128gcm")
	h.Set("TTL", strconv.Itoa(int(m.TTL.Seconds())))
	h.Set("Urgency", "normal")
	if m.Topic != "" {
		h.Set("Topic", m.Topic)
	}
	return fetch.Request{Method: http.MethodPost, URL: m.To.Endpoint, Header: h, Body: bytes.NewReader(body), Type: "application/octet-stream"}, nil
}

// prove makes the proof for the service of an endpoint: a JSON Web Token of ES256.
func (s *Sender) prove(endpoint string, now time.Time) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return "", errors.New("webpush: the endpoint is no address")
	}
	claims, err := json.Marshal(map[string]any{"aud": u.Scheme + "://" + u.Host, "exp": now.Add(proofLife).Unix(), "sub": s.Contact})
	if err != nil {
		return "", err
	}
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(head))
	r, t, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		return "", err
	}
	var signature [64]byte
	r.FillBytes(signature[:32])
	t.FillBytes(signature[32:])
	public, err := s.Public()
	return "vapid t=" + head + "." + base64.RawURLEncoding.EncodeToString(signature[:]) + ", k=" + public, err
}
