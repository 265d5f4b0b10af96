package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

// Fetch implements channel.Fetcher. Telegram gives bots no file above 20 MB.
func (e *endpoint) Fetch(ctx context.Context, ref string) (io.ReadCloser, string, error) {
	id, ok := strings.CutPrefix(ref, refFile)
	if !ok || id == "" {
		return nil, "", &channel.RefusedError{Text: "nobody knows where the file is"}
	}
	var got struct {
		Path string `json:"file_path"`
	}
	if err := e.call(ctx, "getFile", map[string]string{"file_id": id}, &got); err != nil {
		return nil, "", err
	}
	if got.Path == "" {
		return nil, "", &channel.RefusedError{Text: "Telegram has no place for the file"}
	}
	resp, err := fetch.Open(ctx, e.host.Client, fetch.Request{Method: http.MethodGet, URL: e.store + (&url.URL{Path: got.Path}).EscapedPath()})
	if err != nil {
		return nil, "", err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close() // its words do not matter
		if resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone {
			return nil, "", &channel.RefusedError{Code: resp.StatusCode, Text: "the file is gone"}
		}
		return nil, "", fmt.Errorf("telegram: %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	contentType := resp.Header.Get("Content-Type")
	if contentType == "application/octet-stream" { // Telegram says so of all files; the message knew better
		contentType = ""
	}
	return resp.Body, contentType, nil
}

// Profile implements channel.Profiler.
func (e *endpoint) Profile(ctx context.Context, address string) (channel.Profile, error) {
	if !chatForm.MatchString(address) {
		return channel.Profile{}, &channel.RefusedError{Text: "the address is not one of Telegram's"}
	}
	var got person
	if err := e.call(ctx, "getChat", map[string]any{"chat_id": json.Number(address)}, &got); err != nil {
		return channel.Profile{}, err
	}
	return channel.Profile{Name: got.name()}, nil
}
