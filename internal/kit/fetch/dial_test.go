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
