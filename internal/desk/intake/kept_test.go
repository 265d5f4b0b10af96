package intake_test

import (
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// TestFilesOfWhatWaits keeps the files of an entry that a person has not looked at
// yet in a table, where sweeping and backups find them.
func TestFilesOfWhatWaits(t *testing.T) {
	on(t, func(t *testing.T, h *hall) {
		key, size, err := h.Blobs.Put(t.Context(), strings.NewReader("a photograph"))
		if err != nil {
			t.Fatal(err)
		}
		kept := func() (n int) {
			h.Read(func(tx *sqldb.Tx) error {
				return tx.QueryRow(t.Context(), `SELECT COUNT(*) FROM ledger_file WHERE blob_key = $1`, key).Scan(&n)
			})
			return n
		}
		m := person("k1@x.example")
		m.Parts = []channel.Part{{Name: "p.jpg", ContentType: "image/jpeg", Size: size, Stored: key}}
		h.want(h.accept(m), intake.Linked, "")
		if n := kept(); n != 0 {
			t.Errorf("%d rows for a message that names its files", n)
		}
		m = person("k2@x.example")
		m.Auto, m.Parts = "loop", []channel.Part{{Name: "p.jpg", ContentType: "image/jpeg", Size: size, Stored: key}}
		e := h.accept(m)
		h.want(e, intake.Quarantined, intake.ReasonLoop)
		h.accept(m) // delivered again
		if n := kept(); n != 1 {
			t.Errorf("%d rows for a file that waits", n)
		}
	})
}
