package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

func TestKindsTravel(t *testing.T) {
	cause := errors.New("row 7 is locked")
	err := fmt.Errorf("while assigning: %w", fault.Wrap(cause, fault.Conflict, "error.stale", "ref", 12))
	if !fault.Is(err, fault.Conflict) || fault.Is(err, fault.Internal) || !errors.Is(err, cause) {
		t.Fatal(err)
	}
	var e *fault.Error
	if !errors.As(err, &e) || e.Key != "error.stale" || e.Args["ref"] != 12 {
		t.Fatalf("%+v", e)
	}
	if s := err.Error(); !strings.Contains(s, "conflict: error.stale") || !strings.Contains(s, "row 7") {
		t.Errorf("for the log: %s", s)
	}
	if fault.KindOf(cause) != fault.Internal || fault.Is(nil, fault.Internal) || fault.Wrap(nil, fault.Denied, "x") != nil {
		t.Error("unclassified, or no error at all")
	}
	// The outermost classification counts: a border below has decided already.
	if outer := fault.Wrap(err, fault.NotFound, "error.gone"); fault.KindOf(outer) != fault.NotFound {
		t.Error(outer)
	}
}

func TestKindNames(t *testing.T) {
	seen := map[string]bool{}
	for k := fault.Internal; k <= fault.Unavailable; k++ {
		if seen[k.String()] {
			t.Errorf("two kinds are called %s", k)
		}
		seen[k.String()] = true
	}
	if fault.Kind(99).String() != "internal" || fault.Kind(-1).String() != "internal" {
		t.Error("an unknown kind is not ours")
	}
}

func TestCheckTellsAllFields(t *testing.T) {
	var c fault.Check
	if c.Err() != nil {
		t.Fatal("nothing is wrong yet")
	}
	c.Require(true, "body.fine")
	c.Require(false, "body.name")
	c.That(true, "body.fine", "error.x")
	c.That(false, "body.age", "error.min", "min", 3)
	c.Add("body.mail", "error.mail")
	err := c.Err()
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != fault.Invalid || len(e.Fields) != 3 {
		t.Fatalf("%+v", err)
	}
	if e.Fields[0].Path != "body.name" || e.Fields[1].Args["min"] != 3 || e.Fields[2].Key != "error.mail" {
		t.Errorf("%+v", e.Fields)
	}
}
