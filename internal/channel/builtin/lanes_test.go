package builtin_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
	"github.com/kintsugi-desk/kintsugi/internal/channel/vonage"
)

// The secrets with which the tests' calls are signed.
const (
	secret   = "0123456789abcdef0123456789abcdef"
	botToken = "1:s3cret"
	outlet   = "https://desk.example/hook/ib_1"
)

// lane is how the files of a folder reach a channel.
type lane struct {
	kind, settings, secrets string
	aside                   string // member of an event that is kept for another number or page
	calls                   func(t *testing.T, doc []byte) []*channel.Call
}

func lanes(folder string) (lane, bool) {
	papers := `{"accessToken":"t","appSecret":"` + secret + `","verifyToken":"v"}`
	l, ok := map[string]lane{
		"line":           {"line", `{}`, `{"channelSecret":"` + secret + `","channelAccessToken":"t"}`, "", lineCalls},
		"whatsapp":       {"whatsapp", `{"phoneNumberId":"1","accountId":"1"}`, papers, "elsewhere", whatsappCalls},
		"messenger":      {"messenger", `{"id":"111","comments":true}`, papers, "aside", pageCalls},
		"messenger-feed": {"messenger", `{"id":"111","comments":true}`, papers, "aside", pageCalls},
		"instagram":      {"instagram", `{"id":"111","comments":true}`, papers, "aside", pageCalls},
		"telegram":       {"telegram", `{}`, `{"botToken":"` + botToken + `"}`, "", telegramCalls},
		"twilio":         {"sms", `{"accountSid":"AC1","number":"+815012345678"}`, `{"authToken":"` + secret + `"}`, "", twilioCalls},
		"vonage":         {"vonage", `{"number":"+815012345678","apiKey":"k","method":"sha256"}`, `{"apiSecret":"s","signatureSecret":"` + secret + `"}`, "", vonageCalls},
	}[folder]
	return l, ok
}

// noCall names the files that hold something else than a call, with the reason.
func noCall(name string) string {
	return map[string]string{
		"whatsapp/netflie-WhatsAppCloudApiTest-01.json": "the answer to a message of the business",
		"instagram/restfb-instagram-conversation.json":  "an answer of the interface: who takes part in a conversation",
		"instagram/restfb-instagram-message-story.json": "an answer of the interface: one message",
	}[name]
}

// ours makes an event one for our own number or page, whatever its file says.
func (l lane) ours(t *testing.T, raw []byte) []byte {
	t.Helper()
	if l.aside == "" {
		return raw
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	delete(doc, l.aside)
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// post is a call with a body and a header field.
func post(body []byte, field, value string) *channel.Call {
	h := http.Header{"Content-Type": {"application/json"}}
	h.Set(field, value)
	return &channel.Call{Method: http.MethodPost, URL: outlet, Header: h, Body: body, At: time.Now()}
}

// membersOf reads the members of a file. Some begin with a mark of their encoding.
func membersOf(t *testing.T, doc []byte) map[string]json.RawMessage {
	t.Helper()
	var out map[string]json.RawMessage
	if err := json.Unmarshal(doc, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func lineCalls(t *testing.T, doc []byte) []*channel.Call {
	if membersOf(t, doc)["events"] == nil { // one event alone
		doc = []byte(`{"destination":"U0","events":[` + string(doc) + `]}`)
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(doc)
	return []*channel.Call{post(doc, "X-Line-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))}
}

// whatsappCalls reads files that hold a call, several by name, or only what
// stands inside one.
func whatsappCalls(t *testing.T, doc []byte) (out []*channel.Call) {
	members := membersOf(t, doc)
	if members["messages"] != nil {
		doc = []byte(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":` + string(doc) + `}]}]}`)
		members = membersOf(t, doc)
	}
	if members["entry"] != nil {
		return []*channel.Call{post(doc, meta.SignatureHeader, meta.Sign(secret, doc))}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		out = append(out, whatsappCalls(t, members[name])...)
	}
	return out
}

func pageCalls(t *testing.T, doc []byte) []*channel.Call {
	doc = bytes.TrimPrefix(doc, []byte("\xef\xbb\xbf"))
	if membersOf(t, doc)["entry"] == nil { // one event alone
		doc = []byte(`{"object":"page","entry":[{"id":"111","messaging":[` + string(doc) + `]}]}`)
	}
	return []*channel.Call{post(doc, meta.SignatureHeader, meta.Sign(secret, doc))}
}

var (
	camel   = regexp.MustCompile(`"[a-z]+[A-Z][A-Za-z]*"\s*:`)
	capital = regexp.MustCompile(`[A-Z]`)
)

// telegramCalls reads files that hold an update, a message alone, or the answer to
// a request for updates. One client renames all members.
func telegramCalls(t *testing.T, doc []byte) (out []*channel.Call) {
	doc = camel.ReplaceAllFunc(doc, func(m []byte) []byte {
		return capital.ReplaceAllFunc(m, func(c []byte) []byte { return append([]byte("_"), bytes.ToLower(c)...) })
	})
	mac := hmac.New(sha256.New, []byte("https://api.telegram.org/bot"+botToken+"/"))
	mac.Write([]byte("webhook"))
	sign := func(b []byte) *channel.Call {
		return post(b, "X-Telegram-Bot-Api-Secret-Token", hex.EncodeToString(mac.Sum(nil)))
	}
	members := membersOf(t, doc)
	var list []json.RawMessage
	switch {
	case members["update_id"] != nil:
		return []*channel.Call{sign(doc)}
	case members["message_id"] != nil:
		return []*channel.Call{sign([]byte(`{"update_id":1,"message":` + string(doc) + `}`))}
	case members["result"] != nil && json.Unmarshal(members["result"], &list) == nil:
		for _, one := range list {
			out = append(out, sign(one))
		}
	}
	return out
}

func twilioCalls(t *testing.T, doc []byte) []*channel.Call {
	form := url.Values{}
	var params map[string]any
	if err := json.Unmarshal(doc, &params); err != nil {
		t.Fatal(err)
	}
	for name, v := range params {
		form.Set(name, fmt.Sprint(v))
	}
	c := post([]byte(form.Encode()), twilio.SignatureHeader, twilio.Sign(secret, outlet, form))
	c.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return []*channel.Call{c}
}

// vonageCalls reads calls that somebody wrote down as a file: the body alone, or
// the whole request. They are years old, so that their time goes.
func vonageCalls(t *testing.T, doc []byte) []*channel.Call {
	params := vonageMembers(t, doc)
	delete(params, "timestamp")
	params["sig"] = vonage.Sign("sha256", secret, params)
	form := url.Values{}
	for name, v := range params {
		form.Set(name, v)
	}
	c := post([]byte(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	return []*channel.Call{c}
}

func vonageMembers(t *testing.T, doc []byte) map[string]string {
	query, body := "", doc
	if !bytes.HasPrefix(doc, []byte("{")) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(slices.Concat(doc, []byte("\r\n\r\n")))))
		if err != nil {
			t.Fatal(err)
		}
		query = r.URL.RawQuery
		for _, gap := range []string{"\r\n\r\n", "\n\n"} {
			if _, after, ok := bytes.Cut(doc, []byte(gap)); ok {
				body = after
			}
		}
	}
	out := map[string]string{}
	if body = bytes.TrimSpace(body); query == "" && !bytes.HasPrefix(body, []byte("{")) {
		query = string(body)
	}
	if query == "" {
		for name, raw := range membersOf(t, body) {
			out[name] = strings.Trim(string(raw), `"`)
		}
		return out
	}
	form, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range form {
		out[name] = v[0]
	}
	return out
}
