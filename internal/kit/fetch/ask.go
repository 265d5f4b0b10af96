package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// maxAnswer is how much of an answer is read, in bytes: interfaces answer with
// documents, not files.
const maxAnswer = 1 << 20

// Request is one call of an HTTP interface.
type Request struct {
	Method string
	URL    string
	Header http.Header
	Body   io.Reader // nil: none
	Type   string    // of Body
	Size   int64     // of Body in bytes, where it is known and Body does not tell
}

// JSON returns a request that carries a document.
func JSON(method, url string, header http.Header, doc []byte) Request {
	return Request{Method: method, URL: url, Header: header, Body: bytes.NewReader(doc), Type: "application/json"}
}

// Answer is what came back, read whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// OK reports whether the other side did what it was asked.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Ask makes a request and reads its answer, at most one MiB of it. Errors say
// what went wrong with the connection and never name the address, in which some
// interfaces want their credentials. See Unsent.
func Ask(ctx context.Context, c *http.Client, r Request) (Answer, error) {
	resp, err := Open(ctx, c, r)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = resp.Body.Close() }() // everything wanted of it was read
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return Answer{}, nameless(err)
	}
	if len(body) > maxAnswer {
		return Answer{}, errors.New("the answer is longer than 1 MiB")
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

// Open makes a request and returns its answer for reading; the caller closes its
// Body and bounds what it reads. Only what reads is led on by an answer that
// points elsewhere: a request that does something would become one that does
// nothing, and look as if it were done. Errors as of Ask.
func Open(ctx context.Context, c *http.Client, r Request) (*http.Response, error) {
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, r.Body)
	if err != nil {
		return nil, &unsent{errors.New("the address is not one that can be called")}
	}
	for name, values := range r.Header {
		req.Header[name] = values
	}
	if r.Type != "" {
		req.Header.Set("Content-Type", r.Type)
	}
	if r.Size > 0 {
		req.ContentLength = r.Size
	}
	if r.Method != "" && r.Method != http.MethodGet && r.Method != http.MethodHead {
		stays := *c
		stays.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		c = &stays
	}
	resp, err := c.Do(req)
	switch {
	case err == nil:
		return resp, nil
	case wrote.Load():
		return nil, nameless(err)
	}
	return nil, &unsent{nameless(err)}
}

// nameless takes the address out of an error.
func nameless(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// unsent tells its cause and does not wrap it: after the point of no return the
// product takes an error of the network for a lost answer.
type unsent struct{ error }

// Unsent reports whether err came before anything of a request was written: the
// other side cannot have it.
func Unsent(err error) bool {
	var none *unsent
	return errors.As(err, &none)
}

// RetryAfter returns how long an answer asks to wait, in whole seconds or until a
// date; otherwise what is usual.
func RetryAfter(h http.Header, now time.Time, otherwise time.Duration) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.Atoi(v); err == nil && n >= 0 {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(now), 0)
	}
	return otherwise
}

// Base checks the address of an interface that somebody entered and returns it
// without a slash at its end; usual where nothing was entered. Credentials go
// there, so it must be https, but on this machine.
func Base(entered, usual string) (string, error) {
	entered = strings.TrimRight(strings.TrimSpace(entered), "/")
	if entered == "" {
		return usual, nil
	}
	u, err := url.Parse(entered)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%q is not the address of an interface", entered)
	}
	ip := net.ParseIP(u.Hostname())
	here := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return "", fmt.Errorf("%q is not https", entered)
	}
	return entered, nil
}
