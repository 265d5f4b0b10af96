package demo

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/whatsapp/whatsappsim"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio/twiliosim"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// The account of the played Twilio.
const (
	twilioSID   = "AC0000000000000000000000000000demo"
	twilioToken = "demonstration-token"
)

func (p *Phone) whatsapp(c clock.Clock) *chatApp {
	const number, id, account, token, secret = "+815000000101", "5001", "5002", "demonstration-token", "demonstration-secret"
	a := &chatApp{kind: "whatsapp", lang: "ja", values: map[string]any{"number": number, "phoneNumberId": id, "accountId": account,
		"accessToken": token, "appSecret": secret, "verifyToken": "demonstration"},
		people: []api.Addr{{Name: "Emma Schmidt", Address: "+4915200000101"}, {Name: "Li Wei", Address: "+6580000101"}}}
	sim := whatsappsim.New(whatsappsim.Config{Number: number, Name: "暮らしの道具店 はなみずき", PhoneNumberID: id, AccountID: account, AppID: "5003",
		AccessToken: token, AppSecret: secret, Hook: a.hook, Client: p.client(), Clock: c})
	a.service = sim
	a.say = func(ctx context.Context, from api.Addr, words string) error {
		who, lines := whatsappsim.Person{Address: from.Address, Name: from.Name}, sim.Screen(from.Address)
		if n := len(lines); n > 0 && slices.Contains(strings.Split(lines[n-1].Choices, "|"), words) {
			return sim.Press(ctx, who, words, "choice:0")
		}
		return sim.Say(ctx, who, words)
	}
	a.screen = func(address string) (out []api.DemoLine) {
		for _, l := range sim.Screen(address) {
			out = append(out, demoLine(api.DemoLine{Ours: l.Ours, Text: l.Text, File: l.File, At: l.At}, l.Choices))
		}
		return out
	}
	return a
}

func (p *Phone) texts(c clock.Clock, origin string) *chatApp {
	const number = "+442000000101"
	a := &chatApp{kind: "sms", lang: "en", values: map[string]any{"number": number, "accountSid": twilioSID, "authToken": twilioToken},
		people: []api.Addr{{Name: "Noah Clarke", Address: "+447700900101"}, {Name: "Aisha Khan", Address: "+447700900102"}}}
	sim := twiliosim.New(twiliosim.Config{AccountSID: twilioSID, AuthToken: twilioToken, Number: number, Hook: a.hook, Origin: origin, Client: p.client(), Clock: c})
	a.service = sim
	a.say = func(ctx context.Context, from api.Addr, words string) error {
		return sim.Say(ctx, twiliosim.Person{Address: from.Address, Name: from.Name}, words)
	}
	a.screen = func(address string) (out []api.DemoLine) {
		for _, l := range sim.Screen(address) {
			out = append(out, api.DemoLine{Ours: l.Ours, Text: l.Text, File: l.File, At: l.At})
		}
		return out
	}
	return a
}

// wishes are the keys with which a caller asks to be called back; whatever else is
// said to the telephone is a call of somebody who says nothing.
var wishes = []string{"1", "2", "3"}

// calls is a telephone that only rings: who calls hears a machine.
func (p *Phone) calls(c clock.Clock, origin string) *chatApp {
	const number = "+815000000102"
	a := &chatApp{kind: "voice", lang: "ja", values: map[string]any{"number": number, "accountSid": twilioSID, "authToken": twilioToken, "language": "both", "callback": true},
		people: []api.Addr{{Name: "佐々木", Address: "+819000000101"}, {Name: "Maya Lopez", Address: "+819000000102"}}}
	sim := twiliosim.New(twiliosim.Config{AccountSID: twilioSID, AuthToken: twilioToken, Number: number, VoiceHook: a.hook, Origin: origin, Client: p.client(), Clock: c})
	a.service = sim
	var mu sync.Mutex
	heard := map[string][]api.DemoLine{}
	a.say = func(ctx context.Context, from api.Addr, words string) error {
		who, said, err := twiliosim.Person{Address: from.Address, Name: from.Name}, []string(nil), error(nil)
		if slices.Contains(wishes, words) {
			said, err = sim.CallBack(ctx, who, words)
			said = around(said, 2*spoken)
		} else {
			words = "☎"
			said, err = sim.HangUp(ctx, who)
			said = said[:min(len(said), spoken)]
		}
		mu.Lock()
		defer mu.Unlock()
		heard[from.Address] = append(heard[from.Address], api.DemoLine{Text: words, At: c.Now()}, api.DemoLine{Ours: true, Text: strings.Join(said, "\n"), At: c.Now()})
		return err
	}
	a.screen = func(address string) []api.DemoLine {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(heard[address])
	}
	return a
}

// spoken is in how many languages the machine says each thing.
const spoken = 2

// around leaves out what a caller does not stay for: they press a key after the
// first n things, and hear the last n.
func around(said []string, n int) []string {
	if len(said) <= 2*n {
		return said
	}
	return slices.Concat(said[:n], said[len(said)-n:])
}

// demoLine is a line with the quick replies below it.
func demoLine(l api.DemoLine, choices string) api.DemoLine {
	if choices != "" {
		l.Choices = strings.Split(choices, "|")
	}
	return l
}
