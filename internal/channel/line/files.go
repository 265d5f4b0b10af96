package line

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

// prepareEvery is how long to wait while LINE prepares a film.
const prepareEvery = 10 * time.Second

// Fetch implements channel.Fetcher.
func (e *endpoint) Fetch(ctx context.Context, ref string) (io.ReadCloser, string, error) {
	if link, ok := strings.CutPrefix(ref, refURL); ok {
		if !strings.HasPrefix(link, "https://") {
			return nil, "", &channel.RefusedError{Text: "the file's address is not https"}
		}
		return e.read(ctx, fetch.Request{Method: http.MethodGet, URL: link}) // not LINE's: without the token
	}
	id, ok := strings.CutPrefix(ref, refMessage)
	if !ok || id == "" {
		return nil, "", &channel.RefusedError{Text: "nobody knows where the file is"}
	}
	place := e.data + "/v2/bot/message/" + url.PathEscape(id) + "/content"
	header, err := e.credentials(ctx)
	if err != nil {
		return nil, "", err
	}
	r, contentType, err := e.read(ctx, fetch.Request{Method: http.MethodGet, URL: place, Header: header})
	if errors.Is(err, errPreparing) {
		return nil, "", e.preparing(ctx, fetch.Request{Method: http.MethodGet, URL: place + "/transcoding", Header: header})
	}
	return r, contentType, err
}

// errPreparing says that a file is not ready yet.
var errPreparing = errors.New("LINE prepares the file")

// read opens a file. The caller bounds how much it reads.
func (e *endpoint) read(ctx context.Context, r fetch.Request) (io.ReadCloser, string, error) {
	resp, err := fetch.Open(ctx, e.host.Client, r)
	if err != nil {
		return nil, "", err
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, resp.Header.Get("Content-Type"), nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, "", err
	}
	if resp.StatusCode == http.StatusAccepted {
		return nil, "", errPreparing
	}
	return nil, "", e.judge(fetch.Answer{Status: resp.StatusCode, Header: resp.Header, Body: body})
}

// preparing asks how far LINE is with a file.
func (e *endpoint) preparing(ctx context.Context, r fetch.Request) error {
	a, err := fetch.Ask(ctx, e.host.Client, r)
	if err != nil {
		return err
	}
	var state struct {
		Status string `json:"status"`
	}
	if a.OK() && json.Unmarshal(a.Body, &state) == nil && state.Status == "failed" {
		return &channel.RefusedError{Text: "LINE could not prepare the file"}
	}
	return &channel.LaterError{After: prepareEvery, Text: errPreparing.Error()}
}

// Profile implements channel.Profiler.
func (e *endpoint) Profile(ctx context.Context, address string) (p channel.Profile, err error) {
	to, err := recipient(&channel.Outgoing{To: []channel.Address{{Address: address}}})
	if err != nil {
		return p, err
	}
	var got struct {
		DisplayName string `json:"displayName"`
		Language    string `json:"language"`
		PictureURL  string `json:"pictureUrl"`
	}
	if err := e.get(ctx, "/v2/bot/profile/"+url.PathEscape(to), &got); err != nil {
		return p, err
	}
	return channel.Profile{Name: got.DisplayName, Language: got.Language, Picture: got.PictureURL}, nil
}

// Quota implements channel.Metered: of this month, replies not counted.
func (e *endpoint) Quota(ctx context.Context) (used, limit int, err error) {
	var quota struct {
		Type  string `json:"type"`
		Value int    `json:"value"`
	}
	if err := e.get(ctx, "/v2/bot/message/quota", &quota); err != nil {
		return 0, 0, err
	}
	var spent struct {
		TotalUsage int `json:"totalUsage"`
	}
	if err := e.get(ctx, "/v2/bot/message/quota/consumption", &spent); err != nil {
		return 0, 0, err
	}
	if quota.Type != "limited" {
		return spent.TotalUsage, 0, nil
	}
	if quota.Value <= 0 { // a limit of nothing must not look like none
		return spent.TotalUsage, 0, fmt.Errorf("LINE: the limit of messages is %d", quota.Value)
	}
	return spent.TotalUsage, quota.Value, nil
}
