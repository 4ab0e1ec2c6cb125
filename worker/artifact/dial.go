// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

const maxRedirects = 5

// maxHeader bounds the headers of an answer.
const maxHeader = 64 << 10

// newTransport never connects to an address that is not public, unless private
// is set: what a requester names must not reach the provider's own network.
// The address is checked when it is dialled, after the name was resolved.
// Trusted is a host:port that the operator chose and that may be anywhere.
func newTransport(private bool, trusted string) *http.Transport {
	free := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	guarded := &net.Dialer{Timeout: free.Timeout, KeepAlive: free.KeepAlive, Control: refusePrivate}
	return &http.Transport{
		Proxy: nil,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if private || trusted != "" && address == trusted {
				return free.DialContext(ctx, network, address)
			}
			return guarded.DialContext(ctx, network, address)
		},
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        time.Minute,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  30 * time.Second,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true,
	}
}

// newHTTPClient follows at most five redirects, to http and https only, and
// connects as newTransport says. It sends no referrer: where a job's input
// came from is nobody's business.
func newHTTPClient(private bool, trusted string) *http.Client {
	return &http.Client{
		Transport: newTransport(private, trusted),
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errors.New("too many redirects")
			}
			if s := req.URL.Scheme; s != "http" && s != "https" {
				return fmt.Errorf("redirect to scheme %q: %w", s, ErrForbidden)
			}
			req.Header.Del("Referer")
			return nil
		},
	}
}

func refusePrivate(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := ap.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || slices.ContainsFunc(inside, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return fmt.Errorf("address %s is not public (artifacts.private_hosts): %w", ip, ErrForbidden)
	}
	return nil
}

// inside are ranges that are not public though they look it: carrier-grade
// NAT, which clouds use inside, reserved and test ranges, and those of IPv6
// that stand for an address of IPv4.
var inside = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("::/96"),
}

// NewHTTPClient returns a client that connects to public addresses only,
// unless private is set, for other uses than fetching.
func NewHTTPClient(private bool) *http.Client { return newHTTPClient(private, "") }
