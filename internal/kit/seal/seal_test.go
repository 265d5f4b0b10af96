package seal_test

import (
	"fmt"
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
