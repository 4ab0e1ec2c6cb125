// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// story is a life of a batch, told by events.
type story struct {
	workers int
	genesis func(sim.Genesis)
	// order edits the submit, cast the workers before it.
	order func(*types.MsgSubmit)
	cast  func(*sim.Chain)
	// then happens after the first block, or after a number of them.
	then   func(context.Context, *sim.Chain) error
	after  int
	blocks int
}

func stories() map[string]story {
	wide := func(m *types.MsgSubmit) { m.Count, m.LotSize = 3, 2 }
	return map[string]story{
		"settled":   {workers: 3, blocks: 70},
		"lots":      {workers: 5, blocks: 30, order: wide},
		"expired":   {workers: 0, blocks: 12},
		"cancelled": {workers: 0, blocks: 2, then: cancelFirst},
		"claimed":   {workers: 0, blocks: 2, then: cancelAndClaim},
		"audited": {workers: 4, blocks: 45, genesis: auditRate(10_000), order: func(m *types.MsgSubmit) {
			*m = sim.Optimistic(*m)
		}},
		"disputed": {workers: 8, blocks: 60, cast: func(c *sim.Chain) {
			for i, w := range c.Workers {
				if i%3 == 0 {
					w.Run = sim.Wrong
				}
			}
		}},
		"withheld": {workers: 3, blocks: 60, cast: func(c *sim.Chain) { c.Workers[0].NoReveal = true }},
		"missed":   {workers: 4, blocks: 40, cast: func(c *sim.Chain) { c.Workers[0].Silent, c.Workers[1].Silent = true, true }},
		"faulted": {workers: 3, blocks: 30, cast: func(c *sim.Chain) {
			c.Workers[0].Run, c.Workers[1].Run = sim.Fault(types.OutcomeWall), sim.Fault(types.OutcomeWall)
		}},
		"compared": {workers: 9, blocks: 60, genesis: votes(10_000), cast: differing, order: func(m *types.MsgSubmit) { *m = tolerant(*m) }},
		"rejected": {workers: 6, blocks: 45, genesis: votes(1), order: func(m *types.MsgSubmit) {
			m.Policy, m.Replicas, m.Hire = types.PolicyScored, 1, sim.Text(sim.Addr("w0"))
		}, after: 4, then: func(ctx context.Context, c *sim.Chain) error {
			_, err := c.Msgs().Reject(ctx, &types.MsgReject{Requester: sim.Text(requester), Task: types.TaskID(1, 0)})
			return err
		}},
		"accepted": {workers: 3, blocks: 8, genesis: votes(1), order: func(m *types.MsgSubmit) {
			m.Policy, m.Replicas, m.Hire = types.PolicyScored, 1, sim.Text(sim.Addr("w0"))
		}, after: 4, then: func(ctx context.Context, c *sim.Chain) error {
			_, err := c.Msgs().Accept(ctx, &types.MsgAccept{Requester: sim.Text(requester), Lots: []types.LotRef{{Batch: 1}}})
			return err
		}},
		"attested": {workers: 7, blocks: 60, genesis: votes(1), order: func(m *types.MsgSubmit) {
			m.Policy, m.Replicas, m.Deadline = types.PolicyAttested, 1, 50
		}, then: func(ctx context.Context, c *sim.Chain) error {
			if err := c.Bank.Mint(ctx, c.Workers[0].Operator, sim.Denom, 1_000); err != nil {
				return err
			}
			e, err := c.Oracle.Epoch(ctx)
			if err != nil {
				return err
			}
			m := quote(c, "http://a/genuine")
			m.Epoch = e.Number
			_, err = c.Msgs().SubmitQuote(ctx, &m)
			return err
		}},
		"params_ended": {workers: 0, blocks: 12, then: func(ctx context.Context, c *sim.Chain) error {
			_, same, err := c.Market.CurrentParams(ctx)
			if err != nil {
				return err
			}
			if _, err := c.Market.AddParams(ctx, same); err != nil {
				return err
			}
			return c.Market.EndParams(ctx, 1)
		}},
	}
}

func cancelFirst(ctx context.Context, c *sim.Chain) error {
	_, err := c.Msgs().Cancel(ctx, &types.MsgCancel{Requester: sim.Text(requester), Batch: 1})
	return err
}

func cancelAndClaim(ctx context.Context, c *sim.Chain) error {
	c.Bank.Blocked[string(requester)] = true
	if err := cancelFirst(ctx, c); err != nil {
		return err
	}
	_, err := c.Msgs().Claim(ctx, &types.MsgClaim{Account: sim.Text(requester), Recipient: sim.Text(sim.Addr("vault")), Denom: sim.Denom})
	return err
}

// TestEvents compares everything that the lives of batches emit with
// testdata/events. Explorers, workers and relayers read events: a difference
// is a change of an API.
func TestEvents(t *testing.T) {
	for name, s := range stories() {
		t.Run(name, func(t *testing.T) {
			got := s.tell(t)
			path := filepath.Join("testdata", "events", name+".txt")
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
				require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

func (s story) tell(t *testing.T) string {
	edits := []func(sim.Genesis){shortWindows}
	if s.genesis != nil {
		edits = append(edits, s.genesis)
	}
	c := newMarket(t, s.workers, edits...)
	if s.cast != nil {
		s.cast(c)
	}
	m := sim.Submit(requester)
	m.Deadline, m.Limits.WallSeconds = 10, 1
	if s.order != nil {
		s.order(&m)
	}
	c.Ctx = c.Ctx.WithEventManager(sdk.NewEventManager())
	submit(t, c, m)
	var b strings.Builder
	for i := range s.blocks {
		if i == max(s.after, 1) && s.then != nil {
			require.NoError(t, s.then(c.Ctx, c))
		}
		render(t, &b, i, c.Ctx.EventManager().Events())
		endBlock(t, c, &b, i)
	}
	return b.String()
}

// endBlock ends a block and renders what that emitted: the chain starts the
// next block with a new event manager.
func endBlock(t *testing.T, c *sim.Chain, b *strings.Builder, height int) {
	manager := sdk.NewEventManager()
	c.Ctx = c.Ctx.WithEventManager(manager)
	require.NoError(t, c.Block())
	render(t, b, height, manager.Events())
	require.NoError(t, c.Check())
}

// render writes one line per event and one per attribute. A typed event must
// parse: it is what clients do with it.
func render(t *testing.T, b *strings.Builder, block int, events sdk.Events) {
	for i, event := range events {
		if strings.HasPrefix(event.Type, "cupel.oracle.") {
			continue
		}
		if i == 0 {
			fmt.Fprintf(b, "block %d\n", block)
		}
		if strings.HasPrefix(event.Type, "cupel.") {
			_, err := sdk.ParseTypedEvent(sdk.Events{event}.ToABCIEvents()[0])
			require.NoError(t, err)
		}
		fmt.Fprintln(b, " ", event.Type)
		for _, attribute := range event.Attributes {
			fmt.Fprintf(b, "    %s=%s\n", attribute.Key, attribute.Value)
		}
	}
}
