package seal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
)

func TestSealedSecretsOpenOnlyWithKeyAndPurpose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	k, err := seal.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := seal.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s := k.Seal("inbox", "hunter2")
	if s == k.Seal("inbox", "hunter2") || strings.Contains(s, "hunter2") {
		t.Fatal("sealing is not randomised")
	}
	if got, err := again.Open("inbox", s); err != nil || got != "hunter2" {
		t.Fatal(got, err)
	}
	if _, err := again.Open("other", s); err == nil {
		t.Fatal("opened for another purpose")
	}
	if _, err := seal.Random().Open("inbox", s); err == nil {
		t.Fatal("opened with another key")
	}
	if text := fmt.Sprintf("%v %+v %s", k, k, k); strings.Trim(text, "hiden ") != "" {
		t.Fatalf("a key shows in %q", text)
	}
}

func TestSignatures(t *testing.T) {
	k := seal.Random()
	sig := k.Sign("reply", "conv_1")
	if !k.Verify("reply", "conv_1", sig) || k.Verify("reply", "conv_2", sig) || k.Verify("survey", "conv_1", sig) || k.Verify("reply", "conv_1", "") {
		t.Fatal("signatures do not tell apart")
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if _, err := seal.Load(path); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v: %v", st.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Load(path); err == nil {
		t.Error("a damaged key was replaced or taken: everything sealed would be lost")
	}
	if _, err := seal.Load(filepath.Join(path, "none")); err == nil {
		t.Error("a key was made in a file")
	}
	for _, bad := range []string{"", "zz", strings.Repeat("0", 63), strings.Repeat("0", 66)} {
		if _, err := seal.Parse(bad); err == nil {
			t.Errorf("%q is a key", bad)
		}
	}
	if _, err := seal.Parse(" " + strings.Repeat("0f", 32) + "\n"); err != nil {
		t.Error(err)
	}
}

func TestDamagedSecrets(t *testing.T) {
	k := seal.Random()
	s := k.Seal("inbox", "hunter2")
	flip := byte('A')
	if s[4] == flip {
		flip = 'B'
	}
	for _, bad := range []string{s[:len(s)-2], "!", "A", s[:4] + string(flip) + s[5:]} {
		if got, err := k.Open("inbox", bad); err == nil {
			t.Errorf("%q opens as %q", bad, got)
		}
	}
	if got, err := k.Open("inbox", k.Seal("inbox", "")); err != nil || got != "" {
		t.Errorf("the empty secret: %q, %v", got, err)
	}
}

func TestTokens(t *testing.T) {
	a, hash := seal.Token("key_")
	b, _ := seal.Token("key_")
	if a == b || !strings.HasPrefix(a, "key_") || len(a) != 4+27 || seal.Hash(a) != hash || strings.Contains(hash, a[4:]) {
		t.Errorf("%s %s", a, hash)
	}
}
