package api

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/claim"
	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/desk/reception"
	"github.com/kintsugi-desk/kintsugi/internal/desk/review"
	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/notice"
	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// New builds the API on a mux and registers every resource.
func New(mux *http.ServeMux, d Deps) *Routes {
	cfg := huma.DefaultConfig("Kintsugi", d.Version)
	cfg.OpenAPIPath = "/openapi"
	cfg.DocsPath, cfg.SchemasPath = "", ""
	cfg.CreateHooks = nil // no "$schema" in bodies
	cfg.Info.Description = "Customer service and service recovery: one desk for every channel, honest surveys, and every disappointment an owned case."
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: CookieName},
		"bearer":  {Type: "http", Scheme: "bearer"},
	}
	cfg.Formats = formats()
	r := &Routes{Deps: d}
	// The framework keeps its error constructor in a variable; all our servers
	// in one process share the same catalogue, so setting it again changes nothing.
	huma.NewErrorWithContext = r.invalidInput
	r.api = humago.New(mux, cfg)
	r.api.UseMiddleware(r.clean, r.authenticate)
	r.register()
	return r
}

// register is the table of contents of the API.
func (r *Routes) register() {
	addSetup(r)
	addSessions(r)
	addMe(r)
	addAgents(r)
	addTeams(r)
	addKeys(r)
	addBrands(r)
	addInboxes(r)
	addChannels(r)
	addTemplates(r)
	addForms(r)
	addReceptions(r)
	addTags(r)
	addCustomers(r)
	addSurveys(r)
	addPlaces(r)
	addResponses(r)
	addCases(r)
	addRemedies(r)
	addAuthorities(r)
	addReports(r)
	addNotices(r)
	addConversations(r)
	addMessages(r)
	addRecords(r)
	addContacts(r)
	addReviews(r)
	addDrafts(r)
	addAttachments(r)
	addSearch(r)
	addLedger(r)
	addJobs(r)
	addDemo(r)
}

// Deps is what the resources work with.
type Deps struct {
	DB      *sqldb.DB
	Journal *event.Journal
	Queue   *job.Queue
	Blobs   *blob.Store
	Log     *slog.Logger
	Phrases *phrase.Catalogue
	Version string

	Agents    *team.Agents
	Teams     *team.Teams
	Setup     *team.Setup
	Brands    *brand.Brands
	Tags      *tag.Tags
	Customers *customer.Book
	Inboxes   *inbox.Inboxes
	Outbox    *delivery.Post
	Threads   *conversation.Threads
	Drafts    *conversation.Drafts
	Files     *conversation.Files
	Key       *seal.Key
	Finder    *search.Finder
	Door      *intake.Door
	Forms     *form.Forms
	Claims    *claim.Claims
	Contacts  *contact.Points
	Reviews   review.Reader
	Reception *reception.Receptions

	// MailServer tells where the built-in mail server takes mail, host:port under
	// the name it greets with; "" when it does not run. Nil: it never does.
	MailServer func() string
	// CheckInbox tries a channel's settings, saved or not, and returns the other
	// side's words: "test connection".
	CheckInbox func(ctx context.Context, inboxID, kind string, settings, secrets []byte) ([]channel.Step, error)
	// InboxTemplates lists the approved texts of an inbox's channel.
	InboxTemplates func(ctx context.Context, id string) ([]channel.Template, error)
	// InboxQuota returns how many messages an inbox sent and may send; ok is false
	// where nobody counts.
	InboxQuota func(ctx context.Context, id string) (used, limit int, ok bool, err error)
	// FetchInbox lets an inbox look for mail now.
	FetchInbox func(id string)
	// PostOffice plays the customers of a demonstration; nil elsewhere.
	PostOffice PostOffice
	// Phone plays the services on customers' telephones; nil elsewhere.
	Phone Phone

	Surveys *survey.Program
	Places  *place.Places
	// Font returns the typeface in which stickers are printed; nil bytes for none.
	Font  func() ([]byte, error)
	Cases recovery.Handles
	Bell  *notice.Bell
	// ClientAddress returns the address of the client behind trusted proxies.
	ClientAddress func(*http.Request) string
	// Origin is the public address, "https://desk.example".
	Origin string
	// Secure says that the public address is https: cookies are marked so.
	Secure bool
}
