package app

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// lateLimit is how late the oldest duty may be before the instance says it is not ready.
const lateLimit = time.Minute

// readyTimeout bounds how long a readiness check may take.
const readyTimeout = 5 * time.Second

// Readiness is what /readyz says.
type Readiness struct {
	Ready    bool            `json:"ready"`
	Database DatabaseHealth  `json:"database"`
	Storage  StorageHealth   `json:"storage"`
	Jobs     JobsHealth      `json:"jobs"`
	Inboxes  []InboxHealth   `json:"inboxes"`
	Nodes    ConnectionCount `json:"live"`
}

// StorageHealth tells whether the data folder takes files.
type StorageHealth struct {
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

// DatabaseHealth tells whether the database answers, takes what is written, and
// has this program's schema, or a newer one.
type DatabaseHealth struct {
	OK     bool   `json:"ok"`
	Engine string `json:"engine"`
	Schema int64  `json:"schema"`
	Wanted int64  `json:"wanted"`
	Note   string `json:"note,omitempty"`
	Error  string `json:"error,omitempty"`
}

// JobsHealth tells how the queue stands.
type JobsHealth struct {
	OK          bool    `json:"ok"`
	Ready       int     `json:"ready"`
	Running     int     `json:"running"`
	Dead        int     `json:"dead"`
	LateSeconds float64 `json:"lateSeconds"`

	// Stranded are due for an hour and of kinds that this node does not do. They
	// do not make it unready: it could not hurry them.
	Stranded []StrandedJobs `json:"stranded,omitempty"`
}

// StrandedJobs tells how many duties of a kind nobody takes.
type StrandedJobs struct {
	Kind  string    `json:"kind"`
	Count int       `json:"count"`
	Since time.Time `json:"since"`
}

// InboxHealth tells how an inbox does: as a whole, and each direction by itself.
type InboxHealth struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	ContactHealth
	Receive ContactHealth `json:"receive"`
	Send    ContactHealth `json:"send"`
}

// ContactHealth tells when a mail server last worked and failed.
type ContactHealth struct {
	OK            bool       `json:"ok"`
	LastSuccessAt *time.Time `json:"lastSuccessAt"`
	LastErrorAt   *time.Time `json:"lastErrorAt"`
	LastError     string     `json:"lastError,omitempty"`
}

// ConnectionCount tells how many browsers are connected.
type ConnectionCount struct {
	Connections int `json:"connections"`
}

// Ready examines the instance. A failing inbox is shown but does not make the
// instance unready: the others work on.
func (a *App) Ready(ctx context.Context) Readiness {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	r := Readiness{Database: DatabaseHealth{Engine: a.db.Dialect().String()}, Inboxes: []InboxHealth{}}
	r.Nodes.Connections = a.hub.Count()
	var lag job.Lag
	err := a.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		if lag, err = a.queue.Lag(ctx, tx); err != nil {
			return err
		}
		r.Inboxes, err = inboxHealth(ctx, tx)
		return err
	})
	if err == nil {
		r.Database.Schema, r.Database.Wanted, err = a.db.Migrations(ctx)
	}
	if err != nil {
		r.Database.Error = "the database does not answer"
		if !fault.Is(err, fault.Unavailable) {
			r.Database.Error = "the database answers with an error; see the log"
		}
		a.log.WarnContext(ctx, "not ready", "error", err)
		return r
	}
	r.Database.OK = r.Database.Schema >= r.Database.Wanted
	if r.Database.Schema > r.Database.Wanted {
		r.Database.Note = newerSchema
		a.newerSchema.Do(func() {
			a.log.WarnContext(ctx, newerSchema, "schema", r.Database.Schema, "wanted", r.Database.Wanted)
		})
	}
	r.Jobs = jobsHealth(lag)
	if err := a.pulse.check(ctx, a.db, a.cfg.blobPath(), &r); err != nil {
		a.log.WarnContext(ctx, "not ready", "error", err)
	}
	r.Ready = r.Database.OK && r.Storage.OK && r.Jobs.OK
	return r
}

// newerSchema is said of a rolling upgrade. Steps only add (docs/SQL.md), so what
// this program reads and writes is still there; Migrate lets none that is older
// start on it.
const newerSchema = "a newer program has changed the schema; this one works on and should be replaced soon"

func jobsHealth(lag job.Lag) JobsHealth {
	h := JobsHealth{OK: lag.Late < lateLimit, Ready: lag.Ready, Running: lag.Running, Dead: lag.Dead, LateSeconds: lag.Late.Seconds()}
	for _, s := range lag.Stranded {
		h.Stranded = append(h.Stranded, StrandedJobs{Kind: s.Kind, Count: s.Count, Since: s.Since})
	}
	return h
}

func serveHealth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Server", serverName)
	_, _ = w.Write([]byte("ok\n")) // who asked may be gone
}

// States is what a stranger hears of readiness: enough for a balancer, and
// nothing of what the instance is made of.
type States struct {
	Ready    bool `json:"ready"`
	Database bool `json:"database"`
	Storage  bool `json:"storage"`
	Jobs     bool `json:"jobs"`
	Inboxes  bool `json:"inboxes"`
}

func (r Readiness) states() States {
	s := States{Ready: r.Ready, Database: r.Database.OK, Storage: r.Storage.OK, Jobs: r.Jobs.OK, Inboxes: true}
	for _, i := range r.Inboxes {
		s.Inboxes = s.Inboxes && i.OK
	}
	return s
}

// serveReady tells this machine, and whoever may read jobs, all there is to
// know; strangers only the states.
func (a *App) serveReady(w http.ResponseWriter, r *http.Request) {
	ready := a.Ready(r.Context())
	var shown any = ready.states()
	if a.mayWatch(r) {
		shown = ready
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !ready.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	if err := json.NewEncoder(w).Encode(shown); err != nil {
		a.log.DebugContext(r.Context(), "writing readiness", "error", err)
	}
}
