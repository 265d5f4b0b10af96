package place

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
)

// letters are those of a code: 32 that nobody confuses on paper, all of which a QR
// code packs two in eleven bits.
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// A code is a name and a signature over it, both of half its length: 30 bits each.
const (
	half       = 6
	CodeLength = 2 * half

	codePurpose = "sticker code"
)

// newCode makes a code that nobody else can.
func newCode(key *seal.Key) string {
	var b [half]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails
	for i := range b {
		b[i] = letters[b[i]&31]
	}
	name := string(b[:])
	return name + signature(key, codePurpose, name)
}

// signature is the beginning of a signature in the letters of a code.
func signature(key *seal.Key, purpose, text string) string {
	sum, err := hex.DecodeString(key.Sign(purpose, text))
	if err != nil {
		panic("place: " + err.Error()) // Sign returns hexadecimal digits
	}
	var b [half]byte
	for i := range b {
		b[i] = letters[sum[i]&31]
	}
	return string(b[:])
}

// ReadCode returns the code that somebody scanned or typed: in either case, parted
// as it may be, with the letters that look like others. It is false for what was
// not issued with this key.
func ReadCode(key *seal.Key, typed string) (string, bool) {
	code, ok := readLetters(typed, CodeLength)
	if !ok || subtle.ConstantTimeCompare([]byte(code[half:]), []byte(signature(key, codePurpose, code[:half]))) != 1 {
		return "", false
	}
	return code, true
}

// readLetters reads n letters; false if there are others, or more or fewer.
func readLetters(typed string, n int) (string, bool) {
	if len(typed) > 2*n {
		return "", false
	}
	s := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(typed))
	if len(s) != n || strings.Trim(s, letters) != "" {
		return "", false
	}
	return s, true
}

// Typed is a code as it is printed for people: "ABCD-EFGH-JKMN".
func Typed(code string) string {
	if len(code) != CodeLength {
		return code
	}
	return code[:4] + "-" + code[4:8] + "-" + code[8:]
}
