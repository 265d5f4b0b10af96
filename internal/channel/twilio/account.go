package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

const (
	vendor     = "https://api.twilio.com"
	version    = "/2010-04-01/Accounts/"
	maxFailure = 64 << 10 // bytes that are read of an answer that is no file
)

// Settings are those of every channel over Twilio.
type Settings struct {
	AccountSID string `json:"accountSid"`
	Number     string `json:"number"`  // E.164
	APIBase    string `json:"apiBase"` // "" is Twilio's own
}

// Secrets is the document that is kept sealed.
type Secrets struct {
	AuthToken string `json:"authToken"`
}

// Account calls the interface for one endpoint.
type Account struct {
	Settings
	Token string
	Host  channel.Host
	base  *url.URL
}

// Open reads the papers of an endpoint. Errors: channel.SettingsError.
func Open(settings, secrets []byte, host channel.Host) (*Account, error) {
	a := &Account{Host: host}
	var s Secrets
	if err := channel.ReadPapers(settings, secrets, &a.Settings, &s); err != nil {
		return nil, err
	}
	a.Token, a.Number = s.AuthToken, Number(a.Number)
	if !IsSID(a.AccountSID) {
		return nil, &channel.SettingsError{Err: errors.New("the account SID is none")}
	}
	if !strings.HasPrefix(a.Number, "+") || len(a.Number) < 5 {
		return nil, &channel.SettingsError{Err: errors.New("the number must begin with + and the country code")}
	}
	base, err := fetch.Base(a.APIBase, vendor)
	if err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	if a.base, err = url.Parse(base); err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	return a, nil
}

// Number is a telephone number as the interface writes it: without blanks and
// the marks that people set between digits.
func Number(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -().\u00a0\u3000", r) {
			return -1
		}
		return r
	}, strings.TrimSpace(s))
}

// IsSID reports whether s can be an id of Twilio's, and stand in a path.
func IsSID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// Get asks for path below the account ("/Calls.json") and reads the answer into out.
func (a *Account) Get(ctx context.Context, path string, query url.Values, out any) error {
	return a.do(ctx, fetch.Request{Method: http.MethodGet, URL: a.address(path, query)}, out)
}

// Post sends a form and reads the answer into out.
func (a *Account) Post(ctx context.Context, path string, form url.Values, out any) error {
	return a.do(ctx, fetch.Request{Method: http.MethodPost, URL: a.address(path, nil),
		Body: strings.NewReader(form.Encode()), Type: "application/x-www-form-urlencoded"}, out)
}

func (a *Account) address(path string, query url.Values) string {
	at := a.base.JoinPath(version, a.AccountSID+path)
	at.RawQuery = query.Encode()
	return at.String()
}

func (a *Account) credentials() http.Header {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(a.AccountSID, a.Token)
	return r.Header
}

// do makes a call. An answer that says no is a *Failure.
func (a *Account) do(ctx context.Context, r fetch.Request, out any) error {
	r.Header = a.credentials()
	answer, err := fetch.Ask(ctx, a.Host.Client, r)
	if err != nil {
		return err
	}
	if !answer.OK() {
		return a.failure(answer.Status, answer.Header, answer.Body)
	}
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return fmt.Errorf("the answer is no JSON: %w", err)
	}
	return nil
}

// Fetch opens a file that a call told of. Twilio may answer with the address of
// its store: credentials do not go there. Errors: channel.RefusedError when the
// file is not Twilio's, or gone.
func (a *Account) Fetch(ctx context.Context, ref string) (io.ReadCloser, string, error) {
	at, err := url.Parse(ref)
	if err != nil || !a.owns(at) {
		return nil, "", &channel.RefusedError{Text: "the file is not at a host of Twilio's"}
	}
	once := *a.Host.Client
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := fetch.Open(ctx, &once, fetch.Request{Method: http.MethodGet, URL: at.String(), Header: a.credentials()})
	if err != nil {
		return nil, "", err
	}
	if answer.StatusCode/100 == 3 {
		to, err := answer.Location()
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			return nil, "", err
		}
		if at.Scheme == "https" && to.Scheme != "https" {
			return nil, "", &channel.RefusedError{Text: "the file is at an open address"}
		}
		if answer, err = fetch.Open(ctx, a.Host.Client, fetch.Request{Method: http.MethodGet, URL: to.String()}); err != nil {
			return nil, "", err
		}
	}
	if answer.StatusCode/100 == 2 {
		return answer.Body, answer.Header.Get("Content-Type"), nil
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxFailure))
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return nil, "", err
	}
	return nil, "", Judge(a.failure(answer.StatusCode, answer.Header, body), false)
}

// owns reports whether the credentials may travel to an address.
func (a *Account) owns(at *url.URL) bool {
	if at.Host == a.base.Host && at.Scheme == a.base.Scheme {
		return true
	}
	return at.Scheme == "https" && strings.HasSuffix(at.Hostname(), ".twilio.com")
}

// Line is a telephone number of the account.
type Line struct {
	Number   string `json:"phone_number"`
	SMSURL   string `json:"sms_url"`
	VoiceURL string `json:"voice_url"`
	Status   string `json:"status_callback"`
}

// Check tries the credentials and looks the number up. ok is false if there is
// nothing more to look at.
func (a *Account) Check(ctx context.Context) (steps []channel.Step, line Line, ok bool) {
	var who struct {
		Name   string `json:"friendly_name"`
		Status string `json:"status"`
	}
	step := channel.Step{Part: "send", Name: "login"}
	if err := a.Get(ctx, ".json", nil, &who); err != nil {
		step.Text = err.Error()
		return []channel.Step{step}, line, false
	}
	step.OK, step.Text = who.Status == "active", who.Name+" ("+who.Status+")"
	steps = append(steps, step)
	var found struct {
		Lines []Line `json:"incoming_phone_numbers"`
	}
	step = channel.Step{Part: "send", Name: "number", Text: a.Number}
	if err := a.Get(ctx, "/IncomingPhoneNumbers.json", url.Values{"PhoneNumber": {a.Number}}, &found); err != nil {
		step.Text = err.Error()
		return append(steps, step), line, false
	}
	if len(found.Lines) == 0 {
		step.Text += " is not a number of this account"
		return append(steps, step), line, false
	}
	step.OK = true
	return append(steps, step), found.Lines[0], true
}

// Called is a step that says whether an address of ours is entered at Twilio.
func (a *Account) Called(name, entered, path string) channel.Step {
	step := channel.Step{Part: "receive", Name: name, Text: entered, OK: entered != ""}
	switch wanted := a.Host.Hook + path; {
	case entered == "":
		step.Text = "no address is entered for this number"
	case a.Host.Hook != "" && entered != wanted:
		step.OK, step.Text = false, "Twilio calls "+entered+", and not "+wanted
	}
	return step
}
