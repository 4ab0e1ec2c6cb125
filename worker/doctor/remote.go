// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/worker/chain"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Node is what the checks ask the chain.
type Node interface {
	Refresh(ctx context.Context) (chain.Head, error)
	Provider(ctx context.Context, address string) (*registrytypes.QueryProviderResponse, error)
	Balance(ctx context.Context, address, denom string) (sdk.Coin, error)
	AccountNumber(ctx context.Context, address string) (uint64, error)
}

// maxSkew is how far the clock may be from the newest block.
const maxSkew = 30 * time.Second

// Endpoint checks one RPC endpoint: that it answers, follows the chain and
// agrees with this machine's clock.
func Endpoint(url string, node Node) Check {
	return Check{"rpc", func(ctx context.Context) []Finding {
		head, err := node.Refresh(ctx)
		if err != nil {
			return []Finding{fail("check chain.rpc and chain.id in config.yaml, and that the node runs", "%s: %v", url, err)}
		}
		all := []Finding{okay("%s is at height %d", url, head.Height)}
		if skew := time.Since(head.Time); skew > maxSkew || skew < -maxSkew {
			all = append(all, warn("synchronize this machine's clock, and see whether the chain makes blocks",
				"the newest block is %s away from this machine's clock", skew.Round(time.Second)))
		}
		return all
	}}
}

// Provider checks that a provider has this worker, and its state.
func Provider(node Node, worker, endpoint string, classes []string) Check {
	return Check{"provider", func(ctx context.Context) []Finding {
		res, err := node.Provider(ctx, worker)
		var answer *chain.AnswerError
		switch {
		case errors.As(err, &answer):
			return []Finding{fail("run cupeld tx registry register with the file that init wrote, or rotate-worker", "no provider has the worker %s", worker)}
		case err != nil:
			return []Finding{fail("see the check of the RPC endpoints", "%v", err)}
		}
		p := res.Provider
		all := []Finding{okay("provider %d of operator %s, bond %d%s, tier %q, %d slots", p.Id, p.Operator, p.Bond, chain.Denom, res.Tier, res.Slots)}
		if p.Status != registrytypes.ProviderActive {
			all = append(all, warn(statusFix(p.Status), "status is %s: no new work", p.Status))
		}
		if p.Endpoint != endpoint {
			all = append(all, warn("make http.endpoint and the registered endpoint the same", "the chain has endpoint %q, config.yaml %q", p.Endpoint, endpoint))
		}
		return append(all, offered(p, classes)...)
	}}
}

func statusFix(s registrytypes.ProviderStatus) string {
	switch s {
	case registrytypes.ProviderDraining:
		return "run cupel-worker drain --undo"
	case registrytypes.ProviderJailed:
		return "find out why in the log, then run cupeld tx registry unjail with the operator's key"
	default:
		return "register a new provider"
	}
}

// offered checks that there is an engine for every class that is offered.
func offered(p registrytypes.Provider, classes []string) []Finding {
	known := make(map[string]bool, len(classes))
	for _, c := range classes {
		known[c] = true
	}
	var all []Finding
	for _, r := range p.Resources {
		if !known[r.Class] {
			all = append(all, fail("take it out with cupeld tx registry update-provider", "the provider offers %s, for which this worker has no engine", r.Class))
		}
	}
	return all
}

// Funds checks that somebody can pay the fees.
func Funds(node Node, worker, granter string, least uint64) Check {
	return Check{"funds", func(ctx context.Context) []Finding {
		if _, err := node.AccountNumber(ctx, worker); errors.Is(err, chain.ErrNotFound) {
			return []Finding{fail("send it coins, or grant it a fee allowance", "account %s does not exist on chain", worker)}
		}
		payer := worker
		if granter != "" {
			payer = granter
		}
		coin, err := node.Balance(ctx, payer, chain.Denom)
		if err != nil {
			return []Finding{fail("see the check of the RPC endpoints", "%v", err)}
		}
		if !coin.Amount.IsUint64() || coin.Amount.Uint64() >= least {
			return []Finding{okay("%s has %s", payer, coin)}
		}
		return []Finding{fail(fmt.Sprintf("send %s coins, set fees.granter, or lower fees.min_balance", payer),
			"%s has %s, less than fees.min_balance (%d)", payer, coin, least)}
	}}
}

// Market is what the check of appeals asks the chain.
type Market interface {
	Balance(ctx context.Context, address, denom string) (sdk.Coin, error)
	// MarketParams returns a version of the params, of 0 the newest.
	MarketParams(ctx context.Context, version uint32) (markettypes.Params, error)
}

// Appeals checks that the worker's own account has the least bond of an appeal on
// top of what fees need; a fee grant pays no bonds.
func Appeals(node Market, worker string, enabled bool, keep uint64) Check {
	return Check{"appeals", func(ctx context.Context) []Finding {
		if !enabled {
			return []Finding{okay("appeal.enabled is false: appeal with the operator's key, within the window of a decision")}
		}
		coin, err := node.Balance(ctx, worker, chain.Denom)
		if err != nil {
			return []Finding{fail("see the check of the RPC endpoints", "%v", err)}
		}
		params, err := node.MarketParams(ctx, 0)
		if err != nil {
			return []Finding{fail("see the check of the RPC endpoints", "%v", err)}
		}
		least := keep + params.Challenge.MinBond
		if !coin.Amount.IsUint64() || coin.Amount.Uint64() >= least {
			return []Finding{okay("%s has %s, enough for the least bond of an appeal", worker, coin)}
		}
		return []Finding{warn(fmt.Sprintf("send %s coins, or appeal with the operator's key and set appeal.enabled to false", worker),
			"%s has %s, an appeal against a wrong decision needs %d%s or more", worker, coin, least, chain.Denom)}
	}}
}

// Reachable asks the public endpoint for its health, as another replica would.
func Reachable(endpoint string) Check {
	return Check{"endpoint", func(ctx context.Context) []Finding {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/healthz", nil)
		if err != nil {
			return []Finding{fail("correct http.endpoint", "%v", err)}
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return []Finding{warn("start the worker, then open the port or correct http.endpoint", "%s does not answer: %v", endpoint, err)}
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return []Finding{warn("see "+endpoint+"/healthz", "%s answers %s", endpoint, res.Status)}
		}
		return []Finding{okay("%s answers", endpoint)}
	}}
}
