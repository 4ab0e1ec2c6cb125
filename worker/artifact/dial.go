// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

const maxRedirects = 5

// newHTTPClient follows at most five redirects, to http and https only, and
// unless private is set never connects to an address that is not public: what
// a requester names must not reach the provider's own network. The address is
// checked when it is dialled, after the name was resolved.
func newHTTPClient(private bool) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	if !private {
		dialer.Control = refusePrivate
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 nil,
			DialContext:           dialer.DialContext,
			ForceAttemptHTTP2:     true,
			MaxIdleConnsPerHost:   4,
			IdleConnTimeout:       time.Minute,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: 30 * time.Second,
			DisableCompression:    true,
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errors.New("too many redirects")
			}
			if s := req.URL.Scheme; s != "http" && s != "https" {
				return fmt.Errorf("redirect to scheme %q: %w", s, ErrForbidden)
			}
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
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || sharedRange.Contains(ip) {
		return fmt.Errorf("address %s is not public (artifacts.private_hosts): %w", ip, ErrForbidden)
	}
	return nil
}

// sharedRange is the carrier-grade NAT range, which clouds use inside.
var sharedRange = netip.MustParsePrefix("100.64.0.0/10")
