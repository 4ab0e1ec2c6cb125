// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"context"
	"net"
	"net/netip"
	"net/url"

	"github.com/cupel-network/cupel/worker/chain"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Registry is what the checks of bond and payout ask the chain.
type Registry interface {
	Provider(ctx context.Context, address string) (*registrytypes.QueryProviderResponse, error)
	RegistryParams(ctx context.Context) (registrytypes.Params, error)
}

// Bond compares the free bond with the tier that the slots of the worker need.
func Bond(node Registry, worker string, slots int) Check {
	return Check{"bond", func(ctx context.Context) []Finding {
		res, err := node.Provider(ctx, worker)
		if err != nil {
			return []Finding{fail("see the check of the provider", "%v", err)}
		}
		params, err := node.RegistryParams(ctx)
		if err != nil {
			return []Finding{fail("see the check of the RPC endpoints", "%v", err)}
		}
		return judgeBond(res, params.Tiers, slots)
	}}
}

func judgeBond(res *registrytypes.QueryProviderResponse, tiers []registrytypes.Tier, slots int) []Finding {
	p := res.Provider
	free := p.Bond - min(p.Unbonding, p.Bond)
	all := []Finding{}
	if pending := res.Load.PendingSlash; pending > 0 {
		all = append(all, warn("find out why in the log; nothing new is assigned until it is decided",
			"a slash of %d%s is pending", pending, chain.Denom))
	}
	if len(tiers) > 0 && free < tiers[0].Bond {
		return append(all, fail("run cupeld tx registry bond with the operator's key",
			"%d%s are free, the least tier %q needs %d: no work is assigned", free, chain.Denom, tiers[0].Name, tiers[0].Bond))
	}
	if res.Slots != 0 && int(res.Slots) < slots {
		fix := "lower work.slots"
		for _, t := range tiers {
			if t.Slots == 0 || int(t.Slots) >= slots {
				fix = "bond more: tier " + t.Name + " allows it, or lower work.slots"
				break
			}
		}
		return append(all, warn(fix, "tier %q allows %d tasks at once, work.slots is %d", res.Tier, res.Slots, slots))
	}
	return append(all, okay("%d%s are free, tier %q is enough for %d slots", free, chain.Denom, res.Tier, slots))
}

// Payout checks that earnings do not go to a key that is on this machine.
func Payout(node Registry, worker string) Check {
	return Check{"payout", func(ctx context.Context) []Finding {
		res, err := node.Provider(ctx, worker)
		if err != nil {
			return []Finding{fail("see the check of the provider", "%v", err)}
		}
		return []Finding{judgePayout(res.Provider)}
	}}
}

func judgePayout(p registrytypes.Provider) Finding {
	const fix = "set payout to a cold account with cupeld tx registry update-provider"
	switch p.Payout {
	case p.Worker:
		return fail(fix, "earnings go to the hot key %s: whoever takes this machine takes them", p.Payout)
	case p.Operator:
		return okay("earnings go to the operator %s; keep its key off this machine", p.Payout)
	}
	return okay("earnings go to %s, bond stays with the operator", p.Payout)
}

// Outside checks what can be known from here about whether strangers reach the
// endpoint. Only a request from another machine proves it.
func Outside(endpoint, listen string, resolve func(ctx context.Context, host string) ([]netip.Addr, error)) Check {
	return Check{"outside", func(ctx context.Context) []Finding {
		u, err := url.Parse(endpoint)
		if err != nil || u.Hostname() == "" {
			return []Finding{fail("correct http.endpoint", "%q is not a URL", endpoint)}
		}
		addrs, err := addresses(ctx, u.Hostname(), resolve)
		if err != nil {
			return []Finding{warn("correct the name in http.endpoint, or its DNS record", "%s: %v", u.Hostname(), err)}
		}
		return judgeOutside(u, addrs, listen)
	}}
}

func addresses(ctx context.Context, host string, resolve func(context.Context, string) ([]netip.Addr, error)) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	return resolve(ctx, host)
}

func judgeOutside(u *url.URL, addrs []netip.Addr, listen string) []Finding {
	for _, a := range addrs {
		if a = a.Unmap(); a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsUnspecified() {
			return []Finding{warn("set http.endpoint to an address that others reach, and register the same",
				"%s is %s, which only this network reaches: results cannot be downloaded, and audits of them fail", u.Hostname(), a)}
		}
	}
	all := []Finding{okay("%s is a public address; from another machine run cupel-worker doctor --remote %s", u.Hostname(), u)}
	if host, _, err := net.SplitHostPort(listen); err == nil {
		if a, err := netip.ParseAddr(host); err == nil && a.IsLoopback() {
			all = append(all, warn("let a reverse proxy on this machine forward to it, or set http.listen to 0.0.0.0 and open the port",
				"http.listen is %s: others reach it only through a proxy", listen))
		}
	}
	if u.Scheme == "http" {
		all = append(all, warn("put TLS in front and use an https:// endpoint", "the endpoint is not encrypted: others on the path see what is downloaded"))
	}
	return all
}
