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
	where := e.Host + " is "
	if e.Host != e.Addr.String() {
		where += e.Addr.String() + ", "
	}
	return fmt.Sprintf("%sinside this machine or a private network; start the server with --allow-net %s/%d to allow it",
		where, e.Addr, e.Addr.BitLen())
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

// Addresses that carry another one, which is where they lead.
var (
	nat64      = netip.MustParsePrefix("64:ff9b::/96")   // RFC 6052: in the last four bytes
	nat64Local = netip.MustParsePrefix("64:ff9b:1::/48") // RFC 8215: a network's own, wherever it leads
	sixToFour  = netip.MustParsePrefix("2002::/16")      // RFC 3056: in bytes 2 to 5
	teredo     = netip.MustParsePrefix("2001::/32")      // RFC 4380: the server in bytes 4 to 7, the client inverted at the end
	compatible = netip.MustParsePrefix("::/96")          // RFC 4291 2.5.5.1, long given up: in the last four bytes
)

// carried returns the addresses that one leads to: itself and what is in it.
func carried(a netip.Addr) []netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return []netip.Addr{a}
	}
	b := a.As16()
	four := func(at int) netip.Addr { return netip.AddrFrom4([4]byte(b[at : at+4])) }
	switch {
	case nat64.Contains(a), compatible.Contains(a) && a != netip.IPv6Unspecified() && a != netip.IPv6Loopback():
		return []netip.Addr{a, four(12)}
	case sixToFour.Contains(a):
		return []netip.Addr{a, four(2)}
	case teredo.Contains(a):
		client := four(12).As4()
		for i := range client {
			client[i] ^= 0xff
		}
		return []netip.Addr{a, four(4), netip.AddrFrom4(client)}
	}
	return []netip.Addr{a}
}

// allowed reports whether an address may be dialled: it, or where it leads, is
// allowed by the operator, or it leads only to what is public.
func (d Dialer) allowed(a netip.Addr) bool {
	public := true
	for i, c := range carried(a) {
		if d.named(c) {
			if i == 0 {
				return true
			}
			continue
		}
		public = public && isPublic(c)
	}
	return public
}

func (d Dialer) named(a netip.Addr) bool {
	for _, p := range d.Allow {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func isPublic(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !shared.Contains(a) && !nat64Local.Contains(a)
}
