// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/cupel-network/cupel/worker/session"
)

// certMargin is how long before its end a certificate is worth a warning.
const certMargin = 14 * 24 * time.Hour

// Sessions checks what token sales need: the inference server with the models on
// sale, and TLS where strangers connect. Paths in cfg are absolute. Nothing is
// checked while the front is off.
func Sessions(cfg session.Config) []Check {
	if !cfg.Enabled() {
		return nil
	}
	return []Check{
		{"inference", func(ctx context.Context) []Finding { return judgeUpstream(ctx, cfg) }},
		{"tls", func(context.Context) []Finding { return []Finding{judgeTLS(cfg, time.Now())} }},
	}
}

// judgeUpstream asks the server for its models, as clients ask the front.
func judgeUpstream(ctx context.Context, cfg session.Config) []Finding {
	names, err := session.UpstreamModels(ctx, cfg.Upstream)
	if err != nil {
		return []Finding{fail("start the inference server, or correct sessions.upstream.url and .key_file in config.yaml", "%v", err)}
	}
	all := []Finding{okay("%s answers with %d models", cfg.Upstream.URL, len(names))}
	for _, m := range cfg.Models {
		if !slices.Contains(names, m.UpstreamName()) {
			all = append(all, fail("set upstream of sessions.models to one of: "+strings.Join(names[:min(len(names), 20)], ", "),
				"%s is on sale, but the server has no model %q", m.Name, m.UpstreamName()))
		}
	}
	return all
}

// judgeTLS looks at the certificate, or at who could connect without one.
func judgeTLS(cfg session.Config, now time.Time) Finding {
	if !cfg.TLS.Enabled() {
		host, _, err := net.SplitHostPort(cfg.Listen)
		if ip := net.ParseIP(host); err == nil && (host == "localhost" || ip != nil && ip.IsLoopback()) {
			return okay("the front is on loopback: end TLS in the proxy before it")
		}
		return warn("set sessions.tls.cert and .key, or listen on loopback behind a proxy that ends TLS",
			"%s takes vouchers in the clear: who reads one can use what is left of it", cfg.Listen)
	}
	cert, err := cfg.TLS.Certificate()
	if err != nil {
		return fail("correct sessions.tls.cert and .key, or take both out", "%v", err)
	}
	switch left := cert.Leaf.NotAfter.Sub(now); {
	case now.Before(cert.Leaf.NotBefore):
		return fail("check this machine's clock", "the certificate is valid from %s on", cert.Leaf.NotBefore.UTC().Format(time.DateTime))
	case left <= 0:
		return fail("renew it; the worker reads the new files by itself", "the certificate ended on %s", cert.Leaf.NotAfter.UTC().Format(time.DateTime))
	case left < certMargin:
		return warn("renew it; the worker reads the new files by itself", "the certificate ends in %d days", int(left.Hours()/24))
	default:
		return okay("the certificate for %s is valid for %d days", strings.Join(certNames(cert.Leaf.DNSNames, cert.Leaf.IPAddresses), ", "), int(left.Hours()/24))
	}
}

func certNames(names []string, ips []net.IP) []string {
	all := slices.Clone(names)
	for _, ip := range ips {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return []string{"no name"}
	}
	return all
}
