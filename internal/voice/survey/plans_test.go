package survey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// Every list and the figure are served by an index: no statement looks at all
// rows or sorts more than one conversation's or customer's.
func TestListsUseIndexes(t *testing.T) {
	db := dbtest.SQLite(t, clock.NewManual(dbtest.Start))
	at := dbtest.Start
	type statement struct {
		query string
		args  []any
		sorts bool // a handful of rows may be sorted
	}
	all := map[string]statement{
		"figure":      {tallySQL, []any{at.UnixMilli(), at.UnixMilli(), "brand_1"}, true},
		"asked since": {askedSinceSQL, []any{"cust_1", "inv_1", at.UnixMilli()}, false},
		"opted out":   {optedOutSQL, []any{"a@b", "cust_1"}, false},
		"by token":    {invitationByTokenSQL, []any{"hash"}, false},
		"last asked":  {lastAskedSQL, []any{"conv_1", "follow-up", "case_1"}, false},
	}
	for name, q := range map[string]InvitationQuery{
		"all": {}, "state": {State: Skipped}, "reason": {Reason: CoolDown}, "inbox": {InboxID: "inb_1", Cursor: "inv_1"},
		"state and inbox": {State: Planned, InboxID: "inb_1"}, "conversation": {ConversationID: "conv_1"}, "customer": {CustomerID: "cust_1"},
	} {
		query, args := q.text(51)
		all["invitations by "+name] = statement{query, args, q.ConversationID+q.CustomerID != ""}
	}
	for name, q := range map[string]ResponseQuery{
		"all": {}, "band": {Band: Dissatisfied}, "brand": {BrandID: "brand_1", Cursor: writeCursor(at, "resp_1")}, "agent": {AgentID: "agt_1"},
		"brand and period": {BrandID: "brand_1", From: at, To: at.Add(time.Hour)}, "conversation": {ConversationID: "conv_1"}, "customer": {CustomerID: "cust_1"},
	} {
		query, args, err := q.text(51)
		if err != nil {
			t.Fatal(err)
		}
		all["responses by "+name] = statement{query, args, q.ConversationID+q.CustomerID != ""}
	}
	for name, s := range all {
		plan := explain(t, db, s.query, s.args)
		if strings.Contains(plan, "SCAN") && !strings.Contains(plan, "USING INDEX") && !strings.Contains(plan, "USING COVERING INDEX") {
			t.Errorf("%s looks at every row:\n%s", name, plan)
		}
		if strings.Contains(plan, "TEMP B-TREE") && !s.sorts {
			t.Errorf("%s sorts:\n%s", name, plan)
		}
	}
}

func explain(t *testing.T, db *sqldb.DB, query string, args []any) string {
	t.Helper()
	var out strings.Builder
	err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		rows, err := tx.Query(t.Context(), "EXPLAIN QUERY PLAN "+query, args...) // arch:sqlite-only
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				return err
			}
			fmt.Fprintln(&out, detail)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
