package place

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const kioskPurpose = "sticker kiosk"

// pass is what opens the kiosk of a sticker beside its code: the pass's number, and
// a signature of 128 bits over it. Who only scanned the sticker does not have it: a
// kiosk may send many answers, and late ones.
func pass(key *seal.Key, stickerID string, number int) string {
	n := strconv.Itoa(number)
	return n + "." + key.Sign(kioskPurpose, stickerID+"."+n)
}

// Admission says what a pass opens.
type Admission string

// The admissions.
const (
	Unknown   Admission = ""          // it was not made here, or for another sticker
	Withdrawn Admission = "withdrawn" // another pass was made since
	Ended     Admission = "ended"     // the sticker or its place is out of use
	Admitted  Admission = "admitted"
)

// Admit says what a pass opens at what a code led to.
func (s Opened) Admit(key *seal.Key, given string) Admission {
	n, signature, _ := strings.Cut(given, ".")
	number, err := strconv.Atoi(n)
	switch {
	case err != nil || strconv.Itoa(number) != n || !key.Verify(kioskPurpose, s.Sticker.ID+"."+n, signature):
		return Unknown
	case !s.InUse() || s.Sticker.State != Active:
		return Ended
	case number != s.Sticker.KioskPass:
		return Withdrawn
	}
	return Admitted
}

// Kiosk is where a sticker's kiosk stands; "" unless the sticker is active.
func (x *Places) Kiosk(s Sticker) string {
	if s.State != Active {
		return ""
	}
	return x.Link(s) + "?kiosk=" + pass(x.Key, s.ID, s.KioskPass)
}

const beforeSQL = `WITH RECURSIVE before (id, code) AS (
	SELECT id, code FROM sticker WHERE replaced_by = $1
	UNION SELECT s.id, s.code FROM sticker s JOIN before b ON s.replaced_by = b.id)
	SELECT code FROM before ORDER BY id`

// Before returns the codes that a sticker took the place of, one after the other. A
// kiosk sends what it kept for them.
func (x *Places) Before(ctx context.Context, s Opened) (codes []string, err error) {
	err = x.DB.Read(ctx, func(tx *sqldb.Tx) error {
		codes, err = sqldb.List(ctx, tx, scanCode, beforeSQL, s.Sticker.ID)
		return err
	})
	return codes, err
}

func scanCode(r *sql.Rows) (code string, err error) {
	err = r.Scan(&code)
	return code, err
}
