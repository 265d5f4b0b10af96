package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/builtin"
	"github.com/kintsugi-desk/kintsugi/internal/channel/line/linesim"
	"github.com/kintsugi-desk/kintsugi/internal/channel/telegram/telegramsim"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// Phone is the customers' telephone: the services on it are played, so that
// channels can be tried without an account. It is safe for concurrent use once
// the desk is built.
type Phone struct {
	desk   http.Handler // answers what the services call
	origin string       // of the desk
	apps   []*chatApp
	shops  []api.DemoShop
}

// chatApp is one played service with the account of one company in it.
type chatApp struct {
	kind, lang string
	origin     string // of the desk, as the inbox shows it: a test of the connection compares
	inboxID    string
	values     map[string]any // settings of the inbox
	people     []api.Addr
	service    http.Handler                    // its interface for us
	begin      func(ctx context.Context) error // what has happened already; nil: nothing
	say        func(ctx context.Context, from api.Addr, words string) error
	screen     func(address string) []api.DemoLine
}

// NewPhone returns a telephone with LINE, WhatsApp, Instagram and calls for the
// Japanese company, and with Telegram, Messenger and text messages for the English one. origin is the
// desk's public URL, over which Twilio signs.
func NewPhone(c clock.Clock, origin string) *Phone {
	p := &Phone{origin: strings.TrimRight(origin, "/")}
	p.apps = []*chatApp{p.line(c), p.telegram(c), p.whatsapp(c), p.instagram(c), p.messenger(c), p.texts(c, origin), p.calls(c, origin)}
	for _, a := range p.apps {
		a.origin = p.origin
	}
	return p
}

func (p *Phone) line(c clock.Clock) *chatApp {
	const secret, token, id = "demonstration-secret", "demonstration-token", "@hanamizuki"
	a := &chatApp{kind: "line", lang: "ja", values: map[string]any{"channelSecret": secret, "channelAccessToken": token, "basicId": id},
		people: []api.Addr{{Name: "みき", Address: "U0000000000000000000000000000a001"}, {Name: "たくや", Address: "U0000000000000000000000000000a002"}, {Name: "陽子", Address: "U0000000000000000000000000000a003"}}}
	sim := linesim.New(linesim.Config{Secret: secret, Token: token, BasicID: id, Name: "暮らしの道具店 はなみずき", Clock: c, Client: p.client(), Hook: a.hook})
	a.service = sim
	a.say = func(ctx context.Context, from api.Addr, words string) error {
		return sim.Say(ctx, linesim.Person{Address: from.Address, Name: from.Name}, words)
	}
	a.screen = func(address string) (out []api.DemoLine) {
		for _, l := range sim.Screen(address) {
			out = append(out, demoLine(api.DemoLine{Ours: l.Ours, Text: l.Text, File: l.File, At: l.At}, l.Choices))
		}
		return out
	}
	return a
}

func (p *Phone) telegram(c clock.Clock) *chatApp {
	const token, name = "7000000001:demonstration-of-a-bot-token-000000", "LarkfieldCoffeeBot"
	a := &chatApp{kind: "telegram", lang: "en", values: map[string]any{"mode": "webhook", "botToken": token, "username": name},
		people: []api.Addr{{Name: "Priya Nair", Address: "70001"}, {Name: "Tom Ellis", Address: "70002"}, {Name: "Grace Okafor", Address: "70003"}}}
	sim := telegramsim.New(telegramsim.Config{Token: token, Username: name, Name: "Larkfield Coffee", Clock: c, Client: p.client(), Hook: a.hook})
	a.service = sim
	a.say = func(ctx context.Context, from api.Addr, words string) error {
		return sim.Say(ctx, telegramsim.Person{Address: from.Address, Name: from.Name}, words)
	}
	a.screen = func(address string) (out []api.DemoLine) {
		for _, l := range sim.Screen(address) {
			out = append(out, demoLine(api.DemoLine{Ours: l.Ours, Text: l.Text, File: l.File, At: l.At}, l.Choices))
		}
		return out
	}
	return a
}

// hook is where the desk takes the service's calls.
func (a *chatApp) hook() string { return a.origin + "/hook/" + a.inboxID }

// Kinds lists all channels: mail goes by the office, and the played services
// stand where the real ones are.
func (p *Phone) Kinds(office channel.Kind) []channel.Kind {
	kinds := builtin.Kinds()
	for i, k := range kinds {
		if k.Name == office.Name {
			kinds[i] = office
		}
		for _, a := range p.apps {
			if a.kind != k.Name {
				continue
			}
			open := k.Open
			kinds[i].Open = func(settings, secrets []byte, host channel.Host) (channel.Channel, error) {
				host.Client = &http.Client{Transport: inProcess(func() http.Handler { return a.service })}
				return open(settings, secrets, host)
			}
		}
	}
	return kinds
}

func (p *Phone) client() *http.Client {
	return &http.Client{Transport: inProcess(func() http.Handler { return p.desk })}
}

// Channels implements api.Phone.
func (p *Phone) Channels() []api.DemoChannel {
	out := []api.DemoChannel{}
	for _, a := range p.apps {
		out = append(out, api.DemoChannel{Kind: a.kind, InboxID: a.inboxID, Locale: a.lang, People: a.people})
	}
	return out
}

func (p *Phone) app(kind string) (*chatApp, error) {
	i := slices.IndexFunc(p.apps, func(a *chatApp) bool { return a.kind == kind })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "error.notFound")
	}
	return p.apps[i], nil
}

// Screen implements api.Phone.
func (p *Phone) Screen(kind, address string) ([]api.DemoLine, error) {
	a, err := p.app(kind)
	if err != nil {
		return nil, err
	}
	return append([]api.DemoLine{}, a.screen(address)...), nil
}

// Say implements api.Phone.
func (p *Phone) Say(ctx context.Context, kind string, from api.Addr, words string) error {
	a, err := p.app(kind)
	if err != nil {
		return err
	}
	if at := slices.IndexFunc(a.people, func(one api.Addr) bool { return one.Address == from.Address }); at >= 0 {
		return a.say(ctx, a.people[at], words)
	}
	return fault.New(fault.NotFound, "error.notFound")
}

// inProcess carries requests to a handler of this program: nothing leaves it.
type inProcess func() http.Handler

// RoundTrip implements http.RoundTripper.
func (to inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	h := to()
	if h == nil {
		return nil, fmt.Errorf("%s: the other side is not there yet", r.URL.Host)
	}
	r = r.Clone(r.Context())
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.RemoteAddr, r.RequestURI = "127.0.0.1:1", r.URL.RequestURI()
	w := &kept{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(w, r)
	return &http.Response{Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.header,
		Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r}, nil
}

// kept is an answer in memory.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (k *kept) Header() http.Header { return k.header }

// WriteHeader implements http.ResponseWriter.
func (k *kept) WriteHeader(status int) { k.status = status }

// Write implements http.ResponseWriter.
func (k *kept) Write(b []byte) (int, error) { return k.body.Write(b) }

// SetReadDeadline lets the desk's pace pass: what is in memory has come.
func (k *kept) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline lets the desk's pace pass.
func (k *kept) SetWriteDeadline(time.Time) error { return nil }
