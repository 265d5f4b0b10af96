package team

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// What a password must be. Length is what makes it strong; rules about digits
// and signs only make it hard to remember (NIST SP 800-63B, 5.1.1.2).
const (
	minPassword = 10  // characters after NFKC
	maxPassword = 256 // characters; more would only cost time
	minDistinct = 4   // different characters
)

// argon2id as OWASP recommends for interactive sign-in: 19 MiB, two passes, one lane.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	argonKey     = 32 // bytes
	argonSalt    = 16 // bytes
)

// nobodysHash is verified when there is no such agent, so that the answer takes
// as long as for a known one. No password has it: its key is not an output of argon2.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$a2ludHN1Z2kgbm9ib2R5IQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// hasher computes password hashes, a few at a time: each takes 19 MiB, and many
// sign-ins at once must not take the machine's memory.
type hasher struct{ slots chan struct{} }

func newHasher() *hasher { return &hasher{slots: make(chan struct{}, max(2, runtime.NumCPU()))} }

// hash returns the text under which a password is stored (PHC string format).
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	var salt [argonSalt]byte
	_, _ = rand.Read(salt[:]) // crypto/rand never fails
	p := phc{memory: argonMemory, time: argonTime, threads: argonThreads, salt: salt[:], key: make([]byte, argonKey)}
	key, err := h.derive(ctx, p, password)
	if err != nil {
		return "", err
	}
	p.key = key
	return p.String(), nil
}

// verify reports whether password is the one that was stored.
func (h *hasher) verify(ctx context.Context, stored, password string) (bool, error) {
	p, err := parsePHC(stored)
	if err != nil {
		return false, err
	}
	key, err := h.derive(ctx, p, password)
	return err == nil && subtle.ConstantTimeCompare(key, p.key) == 1, err
}

// hashOrNone hashes a password; none gives an empty hash, which nothing matches.
func (h *hasher) hashOrNone(ctx context.Context, password string) (string, error) {
	if password == "" {
		return "", nil
	}
	return h.hash(ctx, password)
}

// matches verifies a password in the same time whether one is stored or not.
func (h *hasher) matches(ctx context.Context, stored, password string) (bool, error) {
	known := stored != ""
	if !known {
		stored = nobodysHash
	}
	if len(password) > utf8.UTFMax*maxPassword { // no password is as long
		known, password = false, ""
	}
	ok, err := h.verify(ctx, stored, password)
	return ok && known, err
}

// renew returns a new hash when the stored one was made with other costs, else "".
func (h *hasher) renew(ctx context.Context, stored, password string) (string, error) {
	if p, err := parsePHC(stored); err != nil || !p.old() {
		return "", err
	}
	return h.hash(ctx, password)
}

func (h *hasher) derive(ctx context.Context, p phc, password string) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// The same password typed on two systems may arrive composed or decomposed.
	return argon2.IDKey([]byte(norm.NFKC.String(password)), p.salt, p.time, p.memory, p.threads, uint32(len(p.key))), nil
}

// phc is a password hash with the costs it was made with.
type phc struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

// String writes the hash as it is stored.
func (p phc) String() string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.time, p.threads,
		b.EncodeToString(p.salt), b.EncodeToString(p.key))
}

// old reports whether the hash was made with other costs than today's.
func (p phc) old() bool {
	return p.memory != argonMemory || p.time != argonTime || p.threads != argonThreads || len(p.key) != argonKey
}

func parsePHC(s string) (phc, error) {
	damaged := errors.New("a stored password hash is damaged")
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, damaged
	}
	var p phc
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil || p.time == 0 || p.threads == 0 {
		return phc{}, damaged
	}
	var errSalt, errKey error
	p.salt, errSalt = base64.RawStdEncoding.DecodeString(parts[4])
	p.key, errKey = base64.RawStdEncoding.DecodeString(parts[5])
	if errSalt != nil || errKey != nil || len(p.key) == 0 {
		return phc{}, damaged
	}
	return p, nil
}

// checkPassword notes why a new password is not good enough.
func checkPassword(c *fault.Check, path, password, email string) {
	plain := norm.NFKC.String(password)
	n := utf8.RuneCountInString(plain)
	folded := text.Fold(plain)
	address := text.Fold(email)
	local, _, _ := strings.Cut(address, "@")
	switch {
	case n < minPassword:
		c.Add(path, "error.password.short", "min", minPassword)
	case n > maxPassword:
		c.Add(path, "error.password.long", "max", maxPassword)
	case folded == address || folded == local:
		c.Add(path, "error.password.email")
	case distinct(folded) < minDistinct || slices.Contains(commonest(), strings.ReplaceAll(folded, " ", "")):
		c.Add(path, "error.password.common")
	}
}

func distinct(s string) int {
	seen := map[rune]struct{}{}
	for _, r := range s {
		seen[r] = struct{}{}
	}
	return len(seen)
}

// commonest lists what people choose first when ten characters are asked for:
// walks over the keyboard, counting, and the word itself with a number behind it.
func commonest() []string {
	return strings.Fields(`
1234567890 0123456789 0987654321 9876543210 12345678910 123456789012 1234567891 12345678900 1234554321 1122334455
1234512345 123451234512345 123123123123 123456123456 1231231231 1020304050 112233445566 1472583690 11223344556677
qwertyuiop qwertyuiopasdf qwerty12345 qwerty123456 qwerty1234 qwertyqwerty asdfghjkl1 asdfghjkl; asdfghjkl123 zxcvbnm123
1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedcrfv qazwsxedc123 zaq12wsxcde3 asdf123456
abcdefghij abcdefghijk abcd123456 abcde12345 abc1234567 a123456789 a1234567890 123456789a 123456789q 12345qwert 1234567890a
password01 password10 password11 password12 password123 password1234 password12345 password!! password1! password123! passwordpassword
p@ssw0rd123 p@ssword123 passw0rd123 p@55w0rd123 mypassword mypassword1 changeme12 changeme123 changemenow letmein123 letmeinnow
welcome123 welcome1234 welcome2024 welcome2025 welcome2026 administrator administrator1 adminadmin admin12345 admin123456 root123456
iloveyou12 iloveyou123 iloveyou1234 iloveyouso sunshine12 sunshine123 princess12 princess123 football12 football123 baseball12 baseball123
superman123 batman12345 pokemon123 dragon12345 monkey12345 master12345 michael123 computer12 computer123 internet12 internet123
test123456 testtest12 testtest123 testpassword user123456 guest12345 support123 support1234 helpdesk12 helpdesk123 kintsugi12 kintsugi123
kintsugi1234 kintsugikintsugi sakura1234 sakura12345 doraemon12 doraemon123 tokyo12345 nippon1234 arigatou12 arigatou123 konnichiwa konnichiha
パスワードパスワード ぱすわーどぱすわーど`)
}
