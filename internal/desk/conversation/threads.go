package conversation

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Rules of time.
const (
	DefaultHold = 10 * time.Second    // how long what an agent wrote can be taken back
	reopenUntil = 30 * 24 * time.Hour // after its resolution an answer still reopens a conversation
	maxSnooze   = 2 * 365 * 24 * time.Hour
)

// Threads is the handle on conversations. Make it with New; it is safe for concurrent use.
type Threads struct {
	*core
	Reader
}

// core is what all parts of the handle share; each part is a view of it with
// the methods of one act.
type core struct{ Tools }

type (
	patcher  struct{ *core } // changes fields
	writer   struct{ *core } // writes to customers, and takes back
	joiner   struct{ *core } // merges and splits
	matcher  struct{ *core } // finds where a message belongs
	receiver struct{ *core } // takes messages in
	recorder struct{ *core } // writes down what was said elsewhere
)

func (t *core) toPatcher() patcher   { return patcher{t} }
func (t *core) toWriter() writer     { return writer{t} }
func (t *core) toJoiner() joiner     { return joiner{t} }
func (t *core) toMatcher() matcher   { return matcher{t} }
func (t *core) toReceiver() receiver { return receiver{t} }
func (t *core) toRecorder() recorder { return recorder{t} }

// Reader is the reading half of Threads.
type Reader struct{ *core }

// Reactor follows the facts of others: what became of a letter, of a customer,
// of an agent.
type Reactor struct{ *core }

// Clerk does what reaches beyond one conversation: joins those of one person, and
// writes down what was said beside the channels.
type Clerk struct{ *core }

// ClerkOf returns the clerk of the threads.
func ClerkOf(t *Threads) Clerk { return Clerk{t.core} }

// Reactor returns what listens for the threads.
func (t *Threads) Reactor() Reactor { return Reactor{t.core} }

// Tools are what Threads work with.
type Tools struct {
	DB        *sqldb.DB
	IDs       *id.Source
	Journal   *event.Journal
	Queue     *job.Queue
	Outbox    *delivery.Post
	Inboxes   *inbox.Inboxes
	Brands    *brand.Brands
	Customers *customer.Book
	Agents    *team.Agents
	Teams     *team.Teams
	Tags      *tag.Tags
	Phrases   *phrase.Catalogue
	Key       *seal.Key
	// Looked is told after an agent has read a conversation up to a moment, and must
	// not wait. Nil: nobody is.
	Looked func(id ID, at time.Time)
}

const wakeDuty = "conversation.wake"

// New returns the threads of a database and registers their duties.
func New(t Tools) *Threads {
	c := &core{t}
	threads := &Threads{core: c, Reader: Reader{c}}
	t.Queue.Do(wakeDuty, threads.wake)
	t.Queue.Do(releaseDuty, threads.release)
	return threads
}

// maxMerges bounds how often a conversation may have been merged on.
const maxMerges = 64

// follow reads a conversation; the id of a merged one gives the one that took it in.
func follow(ctx context.Context, tx *sqldb.Tx, id ID) (c Conversation, err error) {
	for range maxMerges {
		if c, err = byID(ctx, tx, id); err != nil || c.MergedInto == "" {
			return c, err
		}
		id = c.MergedInto
	}
	return c, fault.New(fault.Conflict, "error.stale")
}

// hold is follow for a change: the row is locked before it is read.
func hold(ctx context.Context, tx *sqldb.Tx, id ID) (Conversation, error) {
	for range maxMerges { // it may be merged between reading and locking, but not for ever
		c, err := follow(ctx, tx, id)
		if err != nil {
			return c, err
		}
		if err := tx.Lock(ctx, "conversation", string(c.ID)); err != nil {
			return c, err
		}
		c, err = byID(ctx, tx, c.ID)
		if err != nil || c.MergedInto == "" {
			return c, err
		}
		id = c.MergedInto
	}
	return Conversation{}, fault.New(fault.Conflict, "error.stale")
}

// ByID returns a conversation with its tags. The id of a merged one gives the
// one that took it in. fault.NotFound if there is none.
func (t Reader) ByID(ctx context.Context, tx *sqldb.Tx, id ID) (Conversation, error) {
	c, err := follow(ctx, tx, id)
	if err != nil {
		return c, err
	}
	c.TagIDs, err = tagsOf(ctx, tx, c.ID)
	return c, err
}

// Itself returns a conversation as it stands by itself, without its tags: one that
// was merged as it was then, and not the one that took it in.
func Itself(ctx context.Context, tx *sqldb.Tx, id ID) (Conversation, error) {
	return byID(ctx, tx, id)
}

func (c Conversation) place() Place {
	return Place{BrandID: c.BrandID, InboxID: c.InboxID, CustomerID: c.CustomerID}
}
