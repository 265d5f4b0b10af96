package webpush

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"
)

// TestTheExampleOfTheStandard is RFC 8291, appendix A.
func TestTheExampleOfTheStandard(t *testing.T) {
	raw := func(s string) []byte {
		b, err := decode(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	own, err := ecdh.P256().NewPrivateKey(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	to := Subscription{Keys: Keys{P256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", Auth: "BTBZMqHH6r4Tts7J_aSIgg"}}
	got, err := seal(to, []byte("When I grow up, I want to be a watermelon"), chance{own, raw("DGv6ra1nlYgDCS1FRnbzlw")})
	want := "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if err != nil || !bytes.Equal(got, raw(want)) {
		t.Errorf("%s %v", base64.RawURLEncoding.EncodeToString(got), err)
	}
}

func TestAProofThatServicesBelieve(t *testing.T) {
	s, err := NewSender("mailto:desk@shop.example")
	if err != nil {
		t.Fatal(err)
	}
	secret, err := s.Secret()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadSender(secret, s.Contact)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 5, 12, 1, 0, 0, 0, time.UTC)
	proof, err := again.prove("https://push.example/send/abc?x=1", now)
	if err != nil {
		t.Fatal(err)
	}
	token, public, _ := strings.Cut(strings.TrimPrefix(proof, "vapid t="), ", k=")
	if mine, err := s.Public(); err != nil || public != mine {
		t.Errorf("public key %q, was %q %v", public, mine, err)
	}
	parts := strings.Split(token, ".")
	claims, err := decode(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Aud, Sub string
		Exp      int64
	}
	if err := json.Unmarshal(claims, &c); err != nil || c.Aud != "https://push.example" || c.Sub != s.Contact || c.Exp <= now.Unix() || c.Exp > now.Add(24*time.Hour).Unix() {
		t.Errorf("claims %+v %v", c, err)
	}
	signature, err := decode(parts[2])
	if err != nil || len(signature) != 64 {
		t.Fatalf("signature of %d bytes, %v", len(signature), err)
	}
	rawKey, err := decode(public)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), rawKey)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Error("the signature is not the key's")
	}
}

func TestWhatIsNoSubscription(t *testing.T) {
	good := Keys{P256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", Auth: "BTBZMqHH6r4Tts7J_aSIgg"}
	for name, keys := range map[string]Keys{
		"no key": {Auth: good.Auth}, "no point": {P256dh: strings.Replace(good.P256dh, "c", "d", 3), Auth: good.Auth}, "no secret": {P256dh: good.P256dh},
		"short": {P256dh: good.P256dh, Auth: "AAAA"}, "no base64": {P256dh: "!", Auth: good.Auth},
	} {
		if (Subscription{Keys: keys}).Check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if err := (Subscription{Keys: good}).Check(); err != nil {
		t.Error(err)
	}
	if _, err := encrypt(Subscription{Keys: good}, make([]byte, MaxPayload+1)); err == nil {
		t.Error("what is too long is sent")
	}
	if _, err := ReadSender("AAAA", ""); err == nil {
		t.Error("a short key is read")
	}
}
