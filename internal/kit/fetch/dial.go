// Package fetch opens connections to the outside. Addresses come from people
// and from data, so every one is resolved first and refused if it leads into
// this machine or its private networks, unless the operator allowed that.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// Limits of connecting.
const (
	dialTimeout = 15 * time.Second
	maxResolved = 8 // addresses of one name that are tried
)

// RefusedError says that an address leads where it must not.
type RefusedError struct {
	Host string
	Addr netip.Addr
}

// Error implements error with what the operator can do.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s is %s, inside this machine or a private network; start the server with --allow-net %s/%d to allow it",
		e.Host, e.Addr, e.Addr, e.Addr.BitLen())
}

// Dialer dials under the rules. The zero value allows public addresses only.
type Dialer struct {
	// Allow lists networks that are allowed although they are not public.
	Allow []netip.Prefix
	// Resolve looks up names; nil: the machine's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
}

// Dial connects to host:port. The name is resolved once and the checked
// addresses are dialled, so an answer that changes in between leads nowhere.
func (d Dialer) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, err := d.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, a := range addrs[:min(len(addrs), maxResolved)] {
		if !d.allowed(a) {
			errs = append(errs, &RefusedError{Host: host, Addr: a})
			continue
		}
		plain := net.Dialer{Timeout: dialTimeout}
		conn, err := plain.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func (d Dialer) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	if d.Resolve != nil {
		return d.Resolve(ctx, host)
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i] = found[i].Unmap()
	}
	return found, nil
}

// shared is the address space of carriers' translators (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

func (d Dialer) allowed(a netip.Addr) bool {
	for _, p := range d.Allow {
		if p.Contains(a) {
			return true
		}
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !shared.Contains(a)
}
