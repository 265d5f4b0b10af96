package chaos

import "testing"

func disk(t *testing.T, h *harness)   {}
func clocks(t *testing.T, h *harness) {}
func power(t *testing.T, h *harness)  {}
