package recovery_test

import (
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
)

// A merge, its undoing and another merge may be heard late and in any order: in
// the end every case stands where what it was opened for stands.
func TestCasesFollowWhatIs(t *testing.T) {
	each(t, func(s *shop) {
		one, other, third := s.mail("a@x.example"), s.mail("b@x.example"), s.mail("c@x.example")
		f, err := s.Cases.Open(s.ctx, s.mori, recovery.ManualOpening{ConversationID: string(other.ID), Harm: 1, Reason: "it broke"})
		s.must(err)
		at := func(want conversation.ID) {
			s.Helper()
			if got := s.load(f.ID).ConversationID; got != string(want) {
				s.Errorf("the case stands in %s, want %s", got, want)
			}
		}
		merge := func(from, into conversation.ID) {
			s.Helper()
			_, err := s.threads.Merge(s.ctx, s.mori, from, into)
			s.must(err)
		}
		undo := func(in conversation.ID) {
			s.Helper()
			var entry string
			s.read(func(tx *sqldb.Tx) error {
				return tx.QueryRow(s.ctx, `SELECT id FROM message WHERE conversation_id = $1 AND event ->> 'name' = 'merged' ORDER BY id DESC LIMIT 1`, string(in)).Scan(&entry)
			})
			_, err := s.threads.Split(s.ctx, s.mori, in, conversation.MessageID(entry))
			s.must(err)
		}
		merge(other.ID, one.ID)
		undo(one.ID)
		s.rest() // both are heard now: the merge is no more
		at(other.ID)

		merge(other.ID, one.ID)
		s.rest()
		at(one.ID)
		undo(one.ID)
		merge(other.ID, third.ID)
		s.rest()
		at(third.ID)

		undo(third.ID)
		s.rest()
		merge(other.ID, one.ID)
		s.rest()
		undo(one.ID)
		merge(one.ID, third.ID) // the case stood in one, which goes on; its own comes back
		s.must(s.db.Write(s.ctx, func(tx *sqldb.Tx) error {
			return s.Cases.OnConversationMerged(s.ctx, tx, event.Fact{Subject: string(one.ID)}, conversation.MergedData{Into: third.ID})
		}))
		at(other.ID)
		s.rest()
		at(other.ID)
	})
}
