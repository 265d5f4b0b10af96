package app

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/desk/review"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/front/chat"
	"github.com/kintsugi-desk/kintsugi/internal/front/contact"
	"github.com/kintsugi-desk/kintsugi/internal/front/forms"
	"github.com/kintsugi-desk/kintsugi/internal/front/handout"
	"github.com/kintsugi-desk/kintsugi/internal/front/live"
	"github.com/kintsugi-desk/kintsugi/internal/front/public"
	"github.com/kintsugi-desk/kintsugi/internal/front/scan"
	"github.com/kintsugi-desk/kintsugi/internal/front/webhook"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/web"
)

// outlets builds everything that answers HTTP.
func (a *App) outlets() error {
	a.metrics = newMetrics(a)
	a.hub = live.New(a.db, a.journal, a.log, a.viewer)
	mux := http.NewServeMux()
	a.api = api.New(mux, api.Deps{
		DB: a.db, Journal: a.journal, Queue: a.queue, Blobs: a.blobs, Log: a.log, Phrases: a.words, Version: a.cfg.Version, Key: a.key,
		Agents: a.agents, Teams: a.teams, Setup: a.setup, Brands: a.brands, Tags: a.tags, Customers: a.customers, Inboxes: a.inboxes,
		Outbox: a.outbox, Threads: a.threads, Drafts: a.drafts, Files: a.files, Finder: a.finder, Door: a.door, Forms: a.forms, Claims: a.claims, Contacts: a.contacts, Reviews: review.Reader{DB: a.db, Inboxes: a.inboxes, Brands: a.brands, Threads: a.threads, Tags: a.tags, Door: a.door}, Reception: a.reception,
		Surveys: a.program, Places: a.places, Font: web.Font, Cases: a.recovery, Bell: a.bell,
		CheckInbox: a.exchange.check, InboxTemplates: a.exchange.templates, InboxQuota: a.exchange.quota, FetchInbox: a.exchange.fetch, MailServer: func() string { return mailServer(a) }, PostOffice: a.cfg.PostOffice, Phone: a.cfg.Phone,
		ClientAddress: a.clientAddress, Origin: a.cfg.PublicURL, Secure: strings.HasPrefix(a.cfg.PublicURL, "https://"),
	})
	mux.Handle("GET "+api.Base+"/live", a.hub)
	mux.HandleFunc("GET /healthz", serveHealth)
	mux.HandleFunc("GET /readyz", a.serveReady)
	mux.HandleFunc("GET /metrics", a.serveMetrics)
	pages, err := newSPA(web.Dist())
	if err != nil {
		return err
	}
	mux.Handle("/", pages)
	surveys, err := public.New(public.Deps{Surveys: a.program, Words: a.words, Clock: a.cfg.Clock, Log: a.log, ClientAddress: a.clientAddress})
	if err != nil {
		return err
	}
	entries, err := forms.New(forms.Deps{DB: a.db, Forms: a.forms, Claims: a.claims, Brands: a.brands, Inboxes: a.inboxes, Key: a.key, Words: a.words, Clock: a.cfg.Clock, Log: a.log,
		Keep: a.blobs.Put, ClientAddress: a.clientAddress})
	if err != nil {
		return err
	}
	stickers, err := scan.New(scan.Deps{Places: a.places, Key: a.key, Words: a.words, Clock: a.cfg.Clock, Log: a.log, ClientAddress: a.clientAddress})
	if err != nil {
		return err
	}
	ways, err := contact.New(contact.Deps{DB: a.db, Points: a.contacts, Brands: a.brands, Words: a.words, Clock: a.cfg.Clock, Log: a.log,
		Origin: strings.TrimRight(a.cfg.PublicURL, "/"), ClientAddress: a.clientAddress})
	if err != nil {
		return err
	}
	if a.chat, err = newChat(a); err != nil {
		return err
	}
	// Customers' pages set headers of their own and carry no cookie to protect.
	outer := http.NewServeMux()
	outer.Handle("/s/", surveys)
	outer.Handle(forms.Base, entries)
	outer.Handle(scan.Base, stickers)
	outer.Handle(scan.Capitals, stickers)
	outer.Handle(contact.Base, ways)
	outer.Handle(contact.Script, ways)
	outer.Handle(chat.Script, a.chat)
	outer.Handle(chat.Base, a.chat)
	outer.Handle(webhook.Base, outside{a}.called())
	outer.Handle(handout.Base, outside{a}.handed())
	outer.Handle("/", a.secured(compressed(mux)))
	a.handler = a.observed(paced(a.cfg, outer))
	return nil
}

// viewer tells the hub who opens a connection. Browsers send cookies with a
// WebSocket whatever page opens it, so the origin must be ours.
func (a *App) viewer(r *http.Request) (live.Viewer, error) {
	if origin := r.Header.Get("Origin"); origin != "" && origin != a.cfg.PublicURL && !strings.HasSuffix(origin, "://"+r.Host) {
		return live.Viewer{}, nil
	}
	who, err := a.api.Identify(r)
	if err != nil || who.Agent.ID == "" {
		return live.Viewer{}, err
	}
	token := who.Token
	return live.Viewer{AgentID: who.Agent.ID, Valid: func(ctx context.Context) bool {
		_, _, err := a.agents.Session(ctx, token)
		return !fault.Is(err, fault.Unauthenticated) && !fault.Is(err, fault.NotFound) // a database that is away signs nobody out
	}}, nil
}

// fromHere reports whether a request comes from this machine, no proxy between.
func fromHere(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || r.Header.Get("X-Forwarded-For") != "" {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// Handler answers every request, for tests.
func (a *App) Handler() http.Handler { return a.handler }
