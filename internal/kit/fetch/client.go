package fetch

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// Limits of a request.
const (
	requestTimeout = 60 * time.Second // altogether, the body included
	headerTimeout  = 30 * time.Second // until the answer begins
	idleConns      = 4                // kept open a host
	idleTimeout    = 90 * time.Second
	maxRedirects   = 3
)

// ErrElsewhere says that an answer leads to another host, which a request with
// credentials must not follow.
var ErrElsewhere = errors.New("the answer leads to another host")

// Client returns a client that connects by dial only: the rules of Dialer hold
// for every request, no proxy of the environment stands between.
func Client(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Client {
	return &http.Client{
		Timeout: requestTimeout,
		Transport: &http.Transport{
			DialContext: dial, ResponseHeaderTimeout: headerTimeout, MaxIdleConnsPerHost: idleConns,
			IdleConnTimeout: idleTimeout, TLSHandshakeTimeout: dialTimeout, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects || r.URL.Host != via[0].URL.Host || via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
				return ErrElsewhere
			}
			return nil
		},
	}
}
