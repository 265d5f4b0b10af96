package app

import (
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/desk/reception"
	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// Inside is the instance's handles, for those who drive it without HTTP: the
// demonstration and the flows.
type Inside struct {
	DB         *sqldb.DB
	IDs        *id.Source
	Queue      *job.Queue
	Journal    *event.Journal
	Words      *phrase.Catalogue
	Agents     *team.Agents
	Teams      *team.Teams
	Brands     *brand.Brands
	Tags       *tag.Tags
	Customers  *customer.Book
	Inboxes    *inbox.Inboxes
	Contacts   *contact.Points
	Receptions *reception.Receptions
	Outbox     *delivery.Post
	Threads    *conversation.Threads
	Door       *intake.Door
	Finder     *search.Finder
	Program    *survey.Program
	Places     *place.Places
	Recovery   recovery.Handles
}

// Inside returns the instance's handles.
func (a *App) Inside() Inside {
	return Inside{
		DB: a.db, IDs: a.ids, Queue: a.queue, Journal: a.journal, Words: a.words,
		Agents: a.agents, Teams: a.teams, Brands: a.brands, Tags: a.tags, Customers: a.customers, Inboxes: a.inboxes, Contacts: a.contacts, Receptions: a.reception,
		Outbox: a.outbox, Threads: a.threads, Door: a.door, Finder: a.finder, Program: a.program, Places: a.places, Recovery: a.recovery,
	}
}
