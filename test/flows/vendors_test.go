package flows

import (
	"context"
	"strconv"

	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/messenger/messengersim"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/metasim"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/whatsapp/whatsappsim"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio/twiliosim"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
)

// The secrets of the played Meta and Twilio.
const (
	metaApp     = "77001"
	metaToken   = "EAAG-played-token"
	metaSecret  = "played-app-secret"
	metaVerify  = "played-verify-token"
	twilioSID   = "AC00000000000000000000000000000001"
	twilioToken = "played-auth-token"
)

// number is the telephone number of a name.
func number(name string) string {
	n, err := strconv.ParseUint(digits(name)[:6], 16, 64)
	if err != nil {
		panic(err) // digits are hexadecimal
	}
	return "+8190" + strconv.FormatUint(10_000_000+n, 10)
}

// whatsapp +815012345678: an inbox of WhatsApp, and WhatsApp.
func openWhatsApp(w *world, l line) {
	r := &room{address: number}
	sim := whatsappsim.New(whatsappsim.Config{Number: l.word(1), Name: l.word(1), PhoneNumberID: "5001", AccountID: "5002", AppID: metaApp,
		AccessToken: metaToken, AppSecret: metaSecret, Hook: w.hook(r), Client: w.outside(), Clock: w.clock})
	who := func(name string) whatsappsim.Person { return whatsappsim.Person{Address: number(name), Name: name} }
	r.acts = map[string]func(context.Context, string, string) error{
		"says":  func(ctx context.Context, name, words string) error { return sim.Say(ctx, who(name), words) },
		"gets":  func(ctx context.Context, name, _ string) error { return sim.Deliver(ctx, who(name)) },
		"reads": func(ctx context.Context, name, _ string) error { return sim.Read(ctx, who(name)) },
		"shows": func(ctx context.Context, name, words string) error {
			return sim.Picture(ctx, who(name), "picture.jpg", []byte(words), "")
		},
		"presses": func(ctx context.Context, name, words string) error {
			return sim.Press(ctx, who(name), words, "choice:0")
		},
		"reacts": func(ctx context.Context, name, words string) error {
			return sim.React(ctx, who(name), words, "wamid.B1")
		},
		"loses": func(ctx context.Context, name, _ string) error {
			lines := sim.Screen(number(name))
			return sim.Undelivered(ctx, who(name), lines[len(lines)-1].ID, 131026, "Message undeliverable")
		},
	}
	r.screen = metaScreen(sim.Stage, number)
	w.room(r, l.word(1), inbox.Change{Kind: "whatsapp", Values: inbox.Values{"number": l.word(1), "phoneNumberId": "5001", "accountId": "5002",
		"accessToken": metaToken, "appSecret": metaSecret, "verifyToken": metaVerify, "apiBase": w.vendor(sim)}})
}

// page "Utsuwa" [human=yes]: an inbox of Messenger that takes comments, and Messenger.
func openPage(w *world, l line) {
	address := func(name string) string { return number(name)[1:] }
	r := &room{address: address}
	human := l.set("human", "") == "yes"
	sim := messengersim.New(messengersim.Config{ID: "6001", Name: l.word(1), HumanAgent: human, AppID: metaApp, AccessToken: metaToken, AppSecret: metaSecret,
		Hook: w.hook(r), Client: w.outside(), Clock: w.clock})
	who := func(name string) messengersim.Person { return messengersim.Person{Address: address(name), Name: name} }
	r.acts = map[string]func(context.Context, string, string) error{
		"says":    func(ctx context.Context, name, words string) error { return sim.Say(ctx, who(name), words) },
		"gets":    func(ctx context.Context, name, _ string) error { return sim.Deliver(ctx, who(name)) },
		"unsends": func(ctx context.Context, name, _ string) error { return sim.Unsend(ctx, who(name)) },
		"presses": func(ctx context.Context, name, words string) error { return sim.Choose(ctx, who(name), words) },
		"comments": func(ctx context.Context, name, words string) error {
			return sim.Comment(ctx, who(name), "6001_1", words)
		},
	}
	r.screen = metaScreen(sim.Stage, address)
	w.room(r, l.word(1), inbox.Change{Kind: "messenger", Values: inbox.Values{"name": l.word(1), "id": "6001", "comments": true, "humanAgent": human,
		"accessToken": metaToken, "appSecret": metaSecret, "verifyToken": metaVerify, "apiBase": w.vendor(sim)}})
}

func metaScreen(stage *metasim.Stage, address func(string) string) func(name string) []object {
	return func(name string) (out []object) {
		for _, s := range stage.Screen(address(name)) {
			out = append(out, object{"ours": s.Ours, "text": s.Text, "file": s.File, "choices": s.Choices, "public": s.Public})
		}
		return out
	}
}

// texts +815012345678: an inbox of text messages, and Twilio.
func openTexts(w *world, l line) {
	r := &room{address: number}
	sim := twiliosim.New(twiliosim.Config{AccountSID: twilioSID, AuthToken: twilioToken, Number: l.word(1), Hook: w.hook(r),
		Origin: "https://desk.example", Client: w.outside(), Clock: w.clock})
	who := func(name string) twiliosim.Person { return twiliosim.Person{Address: number(name), Name: name} }
	r.acts = map[string]func(context.Context, string, string) error{
		"says":    func(ctx context.Context, name, words string) error { return sim.Say(ctx, who(name), words) },
		"gets":    func(ctx context.Context, name, _ string) error { return sim.Deliver(ctx, who(name)) },
		"loses":   func(ctx context.Context, name, _ string) error { return sim.Undelivered(ctx, who(name), 30005) },
		"blocks":  func(ctx context.Context, name, _ string) error { return sim.Block(ctx, who(name)) },
		"follows": func(ctx context.Context, name, _ string) error { return sim.Unblock(ctx, who(name)) },
	}
	r.screen = func(name string) (out []object) {
		for _, s := range sim.Screen(number(name)) {
			out = append(out, object{"ours": s.Ours, "text": s.Text, "file": s.File})
		}
		return out
	}
	w.room(r, l.word(1), inbox.Change{Kind: "sms", Values: inbox.Values{"number": l.word(1), "accountSid": twilioSID, "authToken": twilioToken, "apiBase": w.vendor(sim)}})
}

// phone +815012345678: an inbox of calls, and Twilio.
func openPhone(w *world, l line) {
	r := &room{address: number}
	sim := twiliosim.New(twiliosim.Config{AccountSID: twilioSID, AuthToken: twilioToken, Number: l.word(1), VoiceHook: w.hook(r),
		Origin: "https://desk.example", Client: w.outside(), Clock: w.clock})
	base := w.vendor(sim)
	who := func(name string) twiliosim.Person { return twiliosim.Person{Address: number(name), Name: name} }
	// A telephone call is several calls of the inbox: more is how many beside the first.
	heard := func(more int, err error) error {
		w.sentIn += more
		return err
	}
	r.acts = map[string]func(context.Context, string, string) error{
		"rings": func(ctx context.Context, name, _ string) error {
			_, err := sim.HangUp(ctx, who(name))
			return heard(1, err)
		},
		"speaks": func(ctx context.Context, name, words string) error {
			_, err := sim.Voicemail(ctx, who(name), base, []byte(words))
			return heard(2, err)
		},
		"waits": func(ctx context.Context, name, digits string) error {
			_, err := sim.CallBack(ctx, who(name), digits)
			return heard(2, err)
		},
	}
	r.screen = func(string) []object { return nil }
	w.room(r, l.word(1), inbox.Change{Kind: "voice", Values: inbox.Values{"number": l.word(1), "accountSid": twilioSID, "authToken": twilioToken,
		"language": "ja", "callback": true, "apiBase": base}})
}
