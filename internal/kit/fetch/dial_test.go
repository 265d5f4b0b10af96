package fetch_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

func TestPrivateAddressesAreRefused(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "fe80::1", "fd00::1", "0.0.0.0", "::ffff:127.0.0.1", "100.64.0.1", "224.0.0.1"} {
		_, err := fetch.Dialer{}.Dial(t.Context(), "tcp", net.JoinHostPort(host, "25"))
		var refused *fetch.RefusedError
		if !errors.As(err, &refused) {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestNamesThatLeadInsideAreRefused(t *testing.T) {
	d := fetch.Dialer{Resolve: func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}}
	var refused *fetch.RefusedError
	if _, err := d.Dial(t.Context(), "tcp", "rebind.example:80"); !errors.As(err, &refused) {
		t.Fatalf("dialled: %v", err)
	}
}

func TestAllowedNetworksAreDialled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	d := fetch.Dialer{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	conn, err := d.Dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}

// TestAddressesThatCarryOthers judges an address by where it leads.
func TestAddressesThatCarryOthers(t *testing.T) {
	inside := netip.MustParsePrefix("10.0.0.0/8")
	for _, c := range []struct {
		address string
		allow   []netip.Prefix
		refused bool
	}{
		{"64:ff9b::7f00:1", nil, true},                                        // NAT64 of 127.0.0.1
		{"64:ff9b::a9fe:a9fe", nil, true},                                     // of 169.254.169.254
		{"64:ff9b::a00:5", nil, true},                                         // of 10.0.0.5
		{"64:ff9b::a00:5", []netip.Prefix{inside}, false},                     // which is allowed
		{"64:ff9b::cb00:7107", nil, false},                                    // of 203.0.113.7
		{"64:ff9b:1::cb00:7107", nil, true},                                   // a network's own prefix
		{"2002:7f00:1::1", nil, true},                                         // 6to4 of 127.0.0.1
		{"2002:a00:5::1", nil, true},                                          // of 10.0.0.5
		{"2002:c0a8:101::", nil, true},                                        // of 192.168.1.1
		{"2002:cb00:7107::1", nil, false},                                     // of 203.0.113.7
		{"2001:0:cb00:7107:0:0:80ff:fffe", nil, true},                         // Teredo of 127.0.0.1 inverted
		{"2001:0:a00:5:0:0:34ff:8ef8", nil, true},                             // whose server is 10.0.0.5
		{"2001:0:cb00:7107:0:0:34ff:8ef8", nil, false},                        // of 203.0.113.7, server public
		{"::ffff:10.0.0.5", nil, true},                                        // IPv4-mapped
		{"::ffff:10.0.0.5", []netip.Prefix{inside}, false},                    // which is allowed
		{"::ffff:203.0.113.7", nil, false},                                    //
		{"::7f00:1", nil, true},                                               // IPv4-compatible of 127.0.0.1
		{"2001:db8::1", nil, false},                                           // an ordinary address
		{"fe80::1%lo", nil, true},                                             // link-local with a zone
		{"fd00::1", []netip.Prefix{netip.MustParsePrefix("fd00::/8")}, false}, // a private network that is allowed
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // nothing is really dialled
		_, err := fetch.Dialer{Allow: c.allow}.Dial(ctx, "tcp", net.JoinHostPort(c.address, "25"))
		var refused *fetch.RefusedError
		if errors.As(err, &refused) != c.refused || err == nil {
			t.Errorf("%s with %v: %v", c.address, c.allow, err)
		}
		// The same from a name.
		d := fetch.Dialer{Allow: c.allow, Resolve: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr(c.address)}, nil
		}}
		if _, err := d.Dial(ctx, "tcp", "name.example:25"); errors.As(err, &refused) != c.refused || err == nil {
			t.Errorf("a name for %s with %v: %v", c.address, c.allow, err)
		}
	}
}

// TestRefusalSaysEachThingOnce reads the words an operator acts on; the settings
// page tells them apart from a server's by the option they name.
func TestRefusalSaysEachThingOnce(t *testing.T) {
	home := netip.MustParseAddr("127.0.0.1")
	for _, c := range []struct{ host, want string }{
		{"127.0.0.1", "127.0.0.1 is inside this machine or a private network; start the server with --allow-net 127.0.0.1/32 to allow it"},
		{"mail.local", "mail.local is 127.0.0.1, inside this machine or a private network; start the server with --allow-net 127.0.0.1/32 to allow it"},
	} {
		if got := (&fetch.RefusedError{Host: c.host, Addr: home}).Error(); got != c.want {
			t.Errorf("%s: %q, want %q", c.host, got, c.want)
		}
	}
}
