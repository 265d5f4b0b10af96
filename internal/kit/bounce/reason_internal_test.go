package bounce

import "testing"

func TestReasonOf(t *testing.T) {
	for _, c := range []struct {
		said, status string
		cmd          command
		want         Reason
	}{
		{"550 5.1.1 <a@b>: User unknown", "5.1.1", commandUnknown, ReasonUserUnknown},
		{"550 User unknown", "", commandUnknown, ReasonFiltered},
		{"550 User unknown", "", commandRCPT, ReasonUserUnknown},
		{"550 User unknown", "", commandData, ReasonFiltered},
		{"550 <a@ezweb.ne.jp>: User unknown", "", commandData, ReasonUserUnknown},
		{"550 5.2.1 User unknown", "5.2.1", commandUnknown, ReasonFiltered},
		{"552 5.2.2 Over quota", "5.2.2", commandRCPT, ReasonMailboxFull},
		{"メールボックスが一杯のため、送信できませんでした。", "", commandUnknown, ReasonMailboxFull},
		{"554 5.7.1 Client host blocked using zen.spamhaus.org", "5.7.1", commandRCPT, ReasonBlocked},
		{"550 5.7.26 unauthenticated, SPF did not pass", "5.7.26", commandData, ReasonAuthFailure},
		{"571 Reverse DNS required", "", commandUnknown, ReasonRequirePTR},
		{"554 5.7.1 Relay access denied", "5.7.1", commandRCPT, ReasonNoRelaying},
		{"connect to x: Connection timed out", "", commandUnknown, ReasonExpired},
		{"550 Host unknown", "", commandUnknown, ReasonHostUnknown},
		{"552 message size exceeds fixed maximum message size", "", commandUnknown, ReasonTooBig},
		{"domain does not accept mail (nullMX)", "5.1.10", commandUnknown, ReasonNotAccept},
		{"421 too many connections from your IP", "", commandUnknown, ReasonTooMany},
		{"hello", "", commandUnknown, ReasonUndefined},
	} {
		if got := reasonOf(c.said, c.status, c.cmd); got != c.want {
			t.Errorf("reasonOf(%q, %q, %d) = %s, want %s", c.said, c.status, c.cmd, got, c.want)
		}
	}
}

func TestReasonByStatus(t *testing.T) {
	for status, want := range map[string]Reason{
		"5.1.1": ReasonUserUnknown, "5.1.2": ReasonHostUnknown, "5.1.6": ReasonHasMoved, "5.1.10": ReasonNotAccept, "5.1.8": ReasonRejected,
		"5.2.1": ReasonSuspended, "4.2.2": ReasonMailboxFull, "5.2.3": ReasonExceedLimit, "5.3.4": ReasonTooBig, "5.3.0": ReasonSystem,
		"4.4.1": ReasonExpired, "5.4.6": ReasonNetwork, "4.4.9": ReasonExpired, "5.7.1": ReasonSecurity, "2.0.0": ReasonDelivered, "": ReasonUndefined, "5.0.0": ReasonUndefined,
	} {
		if got := reasonByStatus(status); got != want {
			t.Errorf("reasonByStatus(%q) = %s, want %s", status, got, want)
		}
	}
}
