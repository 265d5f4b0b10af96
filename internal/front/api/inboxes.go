package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Inbox is one endpoint at which customers reach us.
type Inbox struct {
	ID         string       `json:"id"`
	BrandID    string       `json:"brandId"`
	Name       string       `json:"name"`
	Kind       string       `json:"kind" doc:"The channel: email, or one of GET /channels."`
	Address    string       `json:"address"`
	Aliases    []string     `json:"aliases" nullable:"false"`
	Active     bool         `json:"active"`
	SenderName string       `json:"senderName"`
	Signature  string       `json:"signature"`
	CatchAll   bool         `json:"catchAll" doc:"Takes what is addressed to no inbox."`
	Receive    InboxReceive `json:"receive"`
	Send       InboxSend    `json:"send"`
	DKIM       InboxDKIM    `json:"dkim"`
	Health     InboxHealth  `json:"health"`
	ExpiresAt  *time.Time   `json:"expiresAt" doc:"When what it signs in with ends, as its vendor says; only for who may change inboxes."`
	InboxChannel
}

// InboxReceive says how mail comes in. Who may not change inboxes sees only the mode.
type InboxReceive struct {
	Mode        string   `json:"mode" enum:"imap,smtp,none"`
	Host        string   `json:"host"`
	Port        int      `json:"port"`
	Security    string   `json:"security" enum:"tls,starttls,plain,"`
	Username    string   `json:"username"`
	Trust       string   `json:"trust,omitempty" doc:"Certificates (PEM) to believe besides the system's."`
	Folders     []string `json:"folders" nullable:"false"`
	Since       string   `json:"since,omitempty" doc:"Older mail stays where it is; empty takes all."`
	HasPassword bool     `json:"hasPassword"`
}

// InboxSend says how mail goes out.
type InboxSend struct {
	Mode        string `json:"mode" enum:"smtp,none"`
	Host        string `json:"host"`
	Port        int    `json:"port"`
	Security    string `json:"security" enum:"tls,starttls,plain,"`
	Username    string `json:"username"`
	Trust       string `json:"trust,omitempty" doc:"Certificates (PEM) to believe besides the system's."`
	HasPassword bool   `json:"hasPassword"`
}

// InboxDKIM says under which name outgoing mail is signed.
type InboxDKIM struct {
	Domain   string `json:"domain"`
	Selector string `json:"selector"`
	HasKey   bool   `json:"hasKey"`
}

// InboxHealth says how the last contacts with the servers went: as a whole, and
// each direction by itself.
type InboxHealth struct {
	ContactHealth
	Receive  ContactHealth  `json:"receive"`
	Send     ContactHealth  `json:"send"`
	Troubles []InboxTrouble `json:"troubles" nullable:"false" doc:"What was wrong in the last week with what came in, while the inbox itself worked; the latest first."`
}

// InboxTrouble is one sort of what was wrong with what came in.
type InboxTrouble struct {
	Sort    string    `json:"sort" enum:"doubted,skewed,garbled,strange,large" doc:"Calls without our secret; clocks that do not agree; broken or not in UTF-8; events nobody has heard of; files larger than what is taken."`
	Times   int       `json:"times"`
	FirstAt time.Time `json:"firstAt"`
	LastAt  time.Time `json:"lastAt"`
	Words   string    `json:"words" doc:"Of the last time: the other side's, or what exactly was wrong; only for who may change inboxes."`
}

// ContactHealth says how the last contacts with one server went.
type ContactHealth struct {
	State         string     `json:"state" enum:"ok,failing,idle"`
	LastSuccessAt *time.Time `json:"lastSuccessAt"`
	LastError     string     `json:"lastError" doc:"The server's own words; empty after a success."`
	LastErrorAt   *time.Time `json:"lastErrorAt"`
}

// ReceiveWrite changes how mail comes in; what is absent stays. A password is never read back.
type ReceiveWrite struct {
	Mode     *string   `json:"mode,omitempty" enum:"imap,smtp,none"`
	Host     *string   `json:"host,omitempty"`
	Port     *int      `json:"port,omitempty" doc:"0: the usual one."`
	Security *string   `json:"security,omitempty" enum:"tls,starttls,plain,"`
	Username *string   `json:"username,omitempty"`
	Password *string   `json:"password,omitempty" doc:"Absent: the stored one stays, unless host or username change."`
	Trust    *string   `json:"trust,omitempty"`
	Folders  *[]string `json:"folders,omitempty"`
	Since    *string   `json:"since,omitempty"`
}

func (w *ReceiveWrite) change() *inbox.ReceiveChange {
	if w == nil {
		return nil
	}
	return &inbox.ReceiveChange{Mode: w.Mode, Host: w.Host, Port: w.Port, Security: w.Security, Username: w.Username,
		Password: w.Password, Trust: w.Trust, Folders: w.Folders, Since: w.Since}
}

// SendWrite changes how mail goes out; what is absent stays. A password is never read back.
type SendWrite struct {
	Mode     *string `json:"mode,omitempty" enum:"smtp,none"`
	Host     *string `json:"host,omitempty"`
	Port     *int    `json:"port,omitempty" doc:"0: the usual one."`
	Security *string `json:"security,omitempty" enum:"tls,starttls,plain,"`
	Username *string `json:"username,omitempty"`
	Password *string `json:"password,omitempty" doc:"Absent: the stored one stays, unless host or username change."`
	Trust    *string `json:"trust,omitempty"`
}

func (w *SendWrite) change() *inbox.SendChange {
	if w == nil {
		return nil
	}
	return &inbox.SendChange{Mode: w.Mode, Host: w.Host, Port: w.Port, Security: w.Security, Username: w.Username, Password: w.Password, Trust: w.Trust}
}

// DKIMWrite changes the signature of outgoing mail. Empty domain and selector end it.
type DKIMWrite struct {
	Domain   *string `json:"domain,omitempty"`
	Selector *string `json:"selector,omitempty"`
	Key      *string `json:"key,omitempty" doc:"Private key in PEM; never read back."`
}

// InboxPatch names what changes of an inbox; what is absent stays.
type InboxPatch struct {
	BrandID    *string       `json:"brandId,omitempty"`
	Name       *string       `json:"name,omitempty"`
	Address    *string       `json:"address,omitempty"`
	Settings   ChannelValues `json:"settings,omitempty" doc:"Of channels that are not email: values by the names of the channel's fields. null or an empty text empties one; an absent secret stays."`
	Aliases    *[]string     `json:"aliases,omitempty"`
	Active     *bool         `json:"active,omitempty"`
	SenderName *string       `json:"senderName,omitempty"`
	Signature  *string       `json:"signature,omitempty"`
	CatchAll   *bool         `json:"catchAll,omitempty"`
	Receive    *ReceiveWrite `json:"receive,omitempty"`
	Send       *SendWrite    `json:"send,omitempty"`
	DKIM       *DKIMWrite    `json:"dkim,omitempty"`
}

func (p InboxPatch) change() inbox.Change {
	ch := inbox.Change{
		BrandID: p.BrandID, Name: p.Name, Address: p.Address, Aliases: p.Aliases, Active: p.Active, SenderName: p.SenderName,
		Signature: p.Signature, CatchAll: p.CatchAll, Values: inbox.Values(p.Settings), Receive: p.Receive.change(), Send: p.Send.change(),
	}
	if p.DKIM != nil {
		ch.DKIM = &inbox.DKIMChange{Domain: p.DKIM.Domain, Selector: p.DKIM.Selector, Key: p.DKIM.Key}
	}
	return ch
}

type newInboxInput struct {
	Body struct {
		InboxPatch
		Kind string `json:"kind,omitempty" default:"email" maxLength:"40" doc:"The channel: email, or one of GET /channels."`
	}
}

type inboxPatchInput struct {
	ByID
	Body InboxPatch
}

func addInboxes(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/inboxes", Permission: team.SettingsRead, Summary: "List all inboxes"},
		func(ctx context.Context, who Caller, _ *struct{}) (Page[Inbox], error) {
			page := Page[Inbox]{Items: []Inbox{}}
			err := r.DB.Read(ctx, func(tx *sqldb.Tx) error {
				list, err := r.Inboxes.List(ctx, tx)
				if err != nil {
					return err
				}
				for _, i := range list {
					v, err := viewInbox(ctx, r, tx, inboxFor{i, who})
					if err != nil {
						return err
					}
					page.Items = append(page.Items, v)
				}
				return nil
			})
			return page, err
		})
	Handle(r, Op{Method: http.MethodGet, Path: "/inboxes/{id}", Permission: team.SettingsRead, Summary: "Read an inbox"},
		func(ctx context.Context, who Caller, in *ByID) (Inbox, error) { return inboxByID(ctx, r, who, in.ID) })
	Handle(r, Op{Method: http.MethodPost, Path: "/inboxes", Permission: team.InboxWrite, Summary: "Make an inbox", Status: http.StatusCreated},
		func(ctx context.Context, who Caller, in *newInboxInput) (Inbox, error) {
			ch := in.Body.change()
			ch.Kind = in.Body.Kind
			i, err := r.Inboxes.Create(ctx, who.Actor, ch)
			if err != nil {
				return Inbox{}, err
			}
			return inboxByID(ctx, r, who, i.ID)
		})
	Handle(r, Op{Method: http.MethodPatch, Path: "/inboxes/{id}", Permission: team.InboxWrite, Summary: "Change an inbox"},
		func(ctx context.Context, who Caller, in *inboxPatchInput) (Inbox, error) {
			if _, err := r.Inboxes.Change(ctx, who.Actor, in.ID, in.Body.change()); err != nil {
				return Inbox{}, err
			}
			return inboxByID(ctx, r, who, in.ID)
		})
	HandleEmpty(r, Op{Method: http.MethodDelete, Path: "/inboxes/{id}", Permission: team.InboxWrite, Summary: "Remove an inbox that was never used"},
		func(ctx context.Context, who Caller, in *ByID) error { return r.Inboxes.Delete(ctx, who.Actor, in.ID) })
	HandleEmpty(r, Op{Method: http.MethodDelete, Path: "/inboxes/{id}/troubles", Permission: team.InboxWrite, Summary: "Forget what was wrong with what came in: somebody has looked at it"},
		func(ctx context.Context, _ Caller, in *ByID) error { return inbox.Settle(ctx, r.Inboxes, in.ID) })
	addInboxChecks(r)
	addArrival(r)
}

func inboxByID(ctx context.Context, r *Routes, who Caller, id string) (v Inbox, err error) {
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		i, err := r.Inboxes.ByID(ctx, tx, id)
		if err == nil {
			v, err = viewInbox(ctx, r, tx, inboxFor{i, who})
		}
		return err
	})
	return v, err
}

// inboxFor is an inbox and who is to see it.
type inboxFor struct {
	inbox.Inbox
	who Caller
}

// viewHealth shows a server's words only to who may change the inbox.
func viewHealth(h inbox.Health, words bool) InboxHealth {
	view := func(c inbox.Contact) ContactHealth {
		v := ContactHealth{State: string(c.State()), LastSuccessAt: moment(c.SuccessAt), LastErrorAt: moment(c.ErrorAt)}
		if words {
			v.LastError = c.Error
		}
		return v
	}
	return InboxHealth{ContactHealth: view(h.Sum()), Receive: view(h.Receive), Send: view(h.Send)}
}

func viewTroubles(ctx context.Context, tx *sqldb.Tx, i inboxFor) ([]InboxTrouble, error) {
	list, err := inbox.Troubles(ctx, tx, i.ID)
	out := []InboxTrouble{}
	for _, t := range list {
		v := InboxTrouble{Sort: string(t.Sort), Times: t.Times, FirstAt: t.FirstAt, LastAt: t.LastAt}
		if i.who.Can(team.InboxWrite) {
			v.Words = t.Words
		}
		out = append(out, v)
	}
	return out, err
}

func viewInbox(ctx context.Context, r *Routes, tx *sqldb.Tx, i inboxFor) (Inbox, error) {
	v := Inbox{
		ID: i.ID, BrandID: i.BrandID, Name: i.Name, Kind: i.Kind, Address: i.Address, Aliases: append([]string{}, i.Aliases...),
		Active: i.Active, SenderName: i.SenderName, Signature: i.Signature, CatchAll: i.CatchAll,
		Health: viewHealth(i.Health, i.who.Can(team.InboxWrite)),
	}
	v.Sends = r.Inboxes.Sends(i.Inbox)
	var err error
	if v.Health.Troubles, err = viewTroubles(ctx, tx, i); err != nil {
		return v, err
	}
	if i.who.Can(team.InboxWrite) {
		v.ExpiresAt = moment(i.ExpiresAt)
	}
	if i.Kind != inbox.Email {
		return v, viewChannel(ctx, r, tx, i, &v)
	}
	m, err := i.Mail()
	if err != nil {
		return v, err
	}
	v.Settings, v.Stored = ChannelValues{}, []string{}
	v.Receive, v.Send = InboxReceive{Mode: m.Receive.Mode, Folders: []string{}}, InboxSend{Mode: m.Send.Mode}
	if !i.who.Can(team.InboxWrite) {
		return v, nil
	}
	has, err := r.Inboxes.Has(ctx, tx, i.ID)
	v.Receive = InboxReceive{
		Mode: m.Receive.Mode, Host: m.Receive.Host, Port: m.Receive.Port, Security: m.Receive.Security, Username: m.Receive.Username,
		Trust: m.Receive.Trust, Folders: append([]string{}, m.Receive.Folders...), Since: m.Receive.Since, HasPassword: has["receivePassword"],
	}
	v.Send = InboxSend{
		Mode: m.Send.Mode, Host: m.Send.Host, Port: m.Send.Port, Security: m.Send.Security, Username: m.Send.Username,
		Trust: m.Send.Trust, HasPassword: has["sendPassword"],
	}
	v.DKIM = InboxDKIM{Domain: m.DKIM.Domain, Selector: m.DKIM.Selector, HasKey: has["dkimKey"]}
	return v, err
}
