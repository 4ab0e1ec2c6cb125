// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"testing"

	"cosmossdk.io/collections"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/scale"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// TestNobodyProfits plays every bot.
func TestNobodyProfits(t *testing.T) {
	require.NoError(t, contest(t.Output(), bots(), scale.Of(t, 60, 2_000), 2))
}

func TestBotsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range bots() {
		require.NotEmpty(t, b.tries)
		require.False(t, seen[b.name], b.name)
		seen[b.name] = true
	}
	require.GreaterOrEqual(t, len(seen), 16)
	_, err := choose("garbage, no such bot")
	require.Error(t, err)
}

// noAudits is the chain with its audit rate broken: what is drawn is judged at
// a rate of zero, while the bonds are those of the real one.
func noAudits(ctx context.Context, w *world) error {
	market := w.app.MarketKeeper
	lots, err := market.Lots.Iterate(ctx, nil)
	if err != nil {
		return err
	}
	all, err := lots.KeyValues()
	if err != nil {
		return err
	}
	for _, kv := range all {
		if kv.Value.State != markettypes.TaskAssigned {
			continue
		}
		for i := range kv.Value.Seats {
			kv.Value.Seats[i].AuditBps = 0
		}
		if err := market.Lots.Set(ctx, collections.Join(kv.Key.K1(), kv.Key.K2()), kv.Value); err != nil {
			return err
		}
	}
	return nil
}

// TestABrokenRuleIsNoticed: without audits a liar profits, and the harness says so.
func TestABrokenRuleIsNoticed(t *testing.T) {
	b := garbage()
	b.market = []shape{optimistic, optimistic}
	out, err := playOne(b, 60, 1, func(w *world) { w.sabotage = noAudits })
	require.NoError(t, err)
	require.Positive(t, out.profit)
	require.Positive(t, out.honestLoss, "somebody paid for garbage")
	require.Zero(t, out.detected)
	require.ErrorContains(t, out.problem(), "gains")
	r := newReport(t.Output(), 60)
	r.add(out)
	require.ErrorContains(t, r.end(), "gains")
}

// TestAnHonestSlashIsNoticed: where machines of a sound class differ, honest
// work is slashed, and the harness says so.
func TestAnHonestSlashIsNoticed(t *testing.T) {
	b := honest()
	b.baseline, b.requester = false, true
	b.market = nil
	b.each = func(w *world, open bool) error {
		forked := redundant
		forked.job = func(who *identity, task uint64) (answer, uint64) {
			a := truth(task)
			if who.id%6 == 0 {
				a.result.Digest = hashOf("forked", task)
			}
			return a, used
		}
		return buying(forked)(w, open)
	}
	out, err := playOne(b, 20, 1, nil)
	require.NoError(t, err)
	require.Positive(t, out.honestSlashes)
	require.ErrorContains(t, out.problem(), "honest providers")
}
