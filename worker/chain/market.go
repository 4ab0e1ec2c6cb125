// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cosmos/cosmos-sdk/types/query"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

// MarketParams returns a version of the params of x/market. A version never
// changes.
func (c *Client) MarketParams(ctx context.Context, version uint32) (markettypes.Params, error) {
	res, err := markettypes.NewQueryClient(c).Params(ctx, &markettypes.QueryParamsRequest{Version: version})
	if err != nil {
		return markettypes.Params{}, err
	}
	return res.Params, nil
}

// Classes lists the registered classes, up to 1,000.
func (c *Client) Classes(ctx context.Context) ([]registrytypes.Class, error) {
	res, err := registrytypes.NewQueryClient(c).Classes(ctx, &registrytypes.QueryClassesRequest{Pagination: &query.PageRequest{Limit: 1000}})
	if err != nil {
		return nil, err
	}
	return res.Classes, nil
}

// RequesterScore returns the score of a requester, in parts per million.
func (c *Client) RequesterScore(ctx context.Context, address string) (uint32, error) {
	res, err := reputationtypes.NewQueryClient(c).Requester(ctx, &reputationtypes.QueryRequesterRequest{Address: address})
	if err != nil {
		return 0, err
	}
	return res.Score, nil
}

// Payments returns what a provider was paid for results in one block, by task, in
// base units of each task's denom. A node that no longer has the block is
// ErrUnknown.
func (c *Client) Payments(ctx context.Context, height int64, provider uint32) (map[uint64]uint64, error) {
	return c.paid(ctx, height, markettypes.EventTaskSettled, provider)
}

// CaseFees is Payments of what cases paid besides results: fees of verification,
// and runtime fees of tasks that failed.
func (c *Client) CaseFees(ctx context.Context, height int64, provider uint32) (map[uint64]uint64, error) {
	return c.paid(ctx, height, markettypes.EventCasePaid, provider)
}

// paid adds up what the events of one kind in a block say of a provider.
func (c *Client) paid(ctx context.Context, height int64, kind string, provider uint32) (map[uint64]uint64, error) {
	ask := func(ctx context.Context, e *endpoint) (map[uint64]uint64, error) {
		res, err := e.rpc.BlockResults(ctx, &height)
		if err != nil {
			return nil, err
		}
		events := slices.Clone(res.FinalizeBlockEvents)
		for _, tx := range res.TxsResults {
			events = append(events, tx.Events...)
		}
		return payments(events, kind, provider)
	}
	if c.voting() {
		return vote(ctx, c, ask, func(m map[uint64]uint64) string { return fmt.Sprint(m) })
	}
	var out map[uint64]uint64
	err := c.call(ctx, func(ctx context.Context, e *endpoint) (err error) {
		out, err = ask(ctx, e)
		return err
	})
	return out, err
}

// payments reads the events of one kind. Providers and amounts are lists of the
// same length. An event whose task cannot be read is not of x/market.
func payments(events []abci.Event, kind string, provider uint32) (map[uint64]uint64, error) {
	out := make(map[uint64]uint64)
	self := strconv.FormatUint(uint64(provider), 10)
	for _, event := range events {
		if event.Type != kind {
			continue
		}
		named := attribute(event, markettypes.AttrTaskID)
		if len(named) != 1 {
			continue
		}
		task, err := strconv.ParseUint(named[0], 10, 64)
		if err != nil {
			continue
		}
		ids, amounts := attribute(event, markettypes.AttrProviders), attribute(event, markettypes.AttrAmounts)
		if len(ids) != len(amounts) {
			return nil, fmt.Errorf("event of task %d: %w", task, errLists)
		}
		for i, id := range ids {
			if id != self {
				continue
			}
			amount, err := strconv.ParseUint(amounts[i], 10, 63)
			if err != nil {
				return nil, fmt.Errorf("event of task %d: %w", task, err)
			}
			out[task] += amount
		}
	}
	return out, nil
}

var errLists = errors.New("the lists of providers and amounts differ in length")

func attribute(event abci.Event, key string) []string {
	for _, a := range event.Attributes {
		if a.Key == key && a.Value != "" {
			return strings.Split(a.Value, ",")
		}
	}
	return nil
}
