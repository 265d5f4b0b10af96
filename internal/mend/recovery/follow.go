package recovery

import (
	"context"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	inConversationSQL = `SELECT id FROM recovery_case WHERE conversation_id = $1 ORDER BY id`
	ofCustomerSQL     = `SELECT id FROM recovery_case WHERE customer_id = $1 ORDER BY id`
)

// OnConversationMerged reacts to conversation.merged: cases go with their thread.
func (x *Cases) OnConversationMerged(ctx context.Context, tx *sqldb.Tx, f event.Fact, _ conversation.MergedData) error {
	return house(ctx, tx, x, f.Subject)
}

// OnConversationUnmerged reacts to conversation.unmerged: cases go back with what
// they were opened for.
func (x *Cases) OnConversationUnmerged(ctx context.Context, tx *sqldb.Tx, _ event.Fact, d conversation.UnmergedData) error {
	from, err := x.Threads.ByID(ctx, tx, d.From)
	if err != nil {
		return err
	}
	if from.ID != d.From { // it was merged on meanwhile, and its cases may have gone with it
		if err := house(ctx, tx, x, string(from.ID)); err != nil {
			return err
		}
	}
	return house(ctx, tx, x, string(d.From))
}

// house lets each case of a conversation stand where what it was opened for
// stands at this moment: merges and their undoing may be heard in any order.
func house(ctx context.Context, tx *sqldb.Tx, x *Cases, id string) error {
	ids, err := listIDs(ctx, tx, inConversationSQL, id)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := houseOne(ctx, tx, x, id, ""); err != nil {
			return err
		}
	}
	return nil
}

// houseOne does it for one case. If its conversation is back's, so is the case.
func houseOne(ctx context.Context, tx *sqldb.Tx, x *Cases, id ID, back string) error {
	f, err := x.take(ctx, tx, self(), id)
	if err != nil {
		return err
	}
	origin, err := x.origin(ctx, tx, f.c)
	if err != nil {
		return err
	}
	home, err := x.Threads.ByID(ctx, tx, origin)
	if err != nil {
		return err
	}
	moved, goes := string(home.ID) != f.c.ConversationID, home.CustomerID == back && f.c.CustomerID != back
	if !moved && !goes {
		return nil
	}
	if moved {
		f.c.ConversationID = string(home.ID)
		f.touch("conversation")
	}
	if goes {
		f.c.CustomerID = back
		f.touch("customer")
	}
	return f.save(ctx)
}

// origin is the conversation that a case was opened for: the one the customer was
// asked about, the one that was tagged, or the one in which an agent opened it.
func (x *Cases) origin(ctx context.Context, tx *sqldb.Tx, c Case) (conversation.ID, error) {
	switch c.Source.Kind {
	case FromTag:
		id, _, _ := strings.Cut(c.Source.ID, "/")
		return conversation.ID(id), nil
	case FromResponse:
		r, err := x.Program.ResponseByID(ctx, tx, c.Source.ID)
		if fault.Is(err, fault.NotFound) {
			return conversation.ID(c.ConversationID), nil
		}
		return conversation.ID(r.ConversationID), err
	}
	facts, err := x.Journal.About(ctx, tx, string(c.ID))
	if err != nil {
		return "", err
	}
	for _, f := range facts {
		if f.Name == OpenedFact {
			var d OpenedData
			err := f.Decode(&d)
			return conversation.ID(d.ConversationID), err
		}
	}
	return conversation.ID(c.ConversationID), nil
}

// OnCustomerMerged reacts to customer.merged: cases go with their customer.
func (x *Cases) OnCustomerMerged(ctx context.Context, tx *sqldb.Tx, f event.Fact, d customer.MergedData) error {
	ids, err := listIDs(ctx, tx, ofCustomerSQL, f.Subject)
	if err != nil {
		return err
	}
	for _, id := range ids {
		f, err := x.take(ctx, tx, self(), id)
		if err != nil {
			return err
		}
		f.c.CustomerID = d.Into
		f.touch("customer")
		if err := f.save(ctx); err != nil {
			return err
		}
	}
	return nil
}

// OnCustomerParted reacts to customer.parted: cases go back with the conversations
// that they were opened for.
func (x *Cases) OnCustomerParted(ctx context.Context, tx *sqldb.Tx, _ event.Fact, d customer.PartedData) error {
	for _, holder := range d.Through {
		ids, err := listIDs(ctx, tx, ofCustomerSQL, holder)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := houseOne(ctx, tx, x, id, d.Back); err != nil {
				return err
			}
		}
	}
	return nil
}
