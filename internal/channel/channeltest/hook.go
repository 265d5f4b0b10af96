package channeltest

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// maxCall is the largest call that Hook reads, in bytes.
const maxCall = 8 << 20

// Hook is the product's outlet for a channel that is called: it hands every call
// to r and what it brought to d, and answers as the product does. What follows
// "/hook/inbox/" in the address is the call's path.
func Hook(r channel.Receiver, d *Desk) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(io.LimitReader(req.Body, maxCall))
		if err != nil {
			return // the caller went away
		}
		_, rest, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/hook/"), "/")
		got, err := r.Receive(req.Context(), &channel.Call{Method: req.Method, URL: "http://" + req.Host + req.URL.RequestURI(), Path: rest,
			Header: req.Header, Body: body, At: time.Now().UTC()})
		for _, raw := range got.Raws {
			if err == nil {
				err = d.Deliver(req.Context(), raw)
			}
		}
		switch {
		case err == nil:
			if got.ContentType != "" {
				w.Header().Set("Content-Type", got.ContentType)
			}
			w.WriteHeader(max(got.Status, http.StatusOK))
			_, _ = w.Write(got.Body) // a caller who went away has been heard
		case channel.IsUnverified(err):
			w.WriteHeader(http.StatusUnauthorized)
		case channel.IsMalformed(err):
			w.WriteHeader(http.StatusBadRequest)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
}
