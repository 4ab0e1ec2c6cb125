// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"context"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/runner"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// purse is what the worker's account has.
type purse uint64

// Balance implements Balances.
func (p purse) Balance(_ context.Context, _, denom string) (sdk.Coin, error) {
	return sdk.NewCoin(denom, math.NewIntFromUint64(uint64(p))), nil
}

// judged is a case whose dearest replica costs 2,000 for the units of the result:
// its appeal holds 28,000 unless min_bond is more.
func judged(bound uint64) runner.AppealCase {
	return runner.AppealCase{Provider: me, Case: markettypes.Case{
		Task: 5 << 12, Result: markettypes.Result{Outcome: markettypes.OutcomeOK, Units: 1_000_000_000},
		Seats: []markettypes.CaseSeat{
			{Provider: 1, Original: true, Price: 2000}, {Provider: me, Original: true, Price: 1000, Bound: bound}, {Provider: 3, Price: 9000},
		},
	}}
}

func TestAppealIsWorthItsBond(t *testing.T) {
	const bond = 28_000
	terms := Appeals{Enabled: true, MaxBond: 100_000, Confidence: 50, Account: func() string { return "worker" }, Keep: 500}
	tests := map[string]struct {
		edit  func(a *Appeals, c *runner.AppealCase, m *market, p *purse)
		never bool
		wait  bool
		bond  uint64
	}{
		"all of it": {edit: func(*Appeals, *runner.AppealCase, *market, *purse) {}, bond: bond},
		"off":       {edit: func(a *Appeals, _ *runner.AppealCase, _ *market, _ *purse) { a.Enabled = false }, never: true},
		"the least bond counts": {
			edit: func(_ *Appeals, _ *runner.AppealCase, m *market, _ *purse) { m.params.Challenge.MinBond = bond + 1 }, bond: bond + 1,
		},
		"dearer than allowed": {edit: func(a *Appeals, _ *runner.AppealCase, _ *market, _ *purse) { a.MaxBond = bond - 1 }, never: true, bond: bond},
		"just allowed":        {edit: func(a *Appeals, _ *runner.AppealCase, _ *market, _ *purse) { a.MaxBond = bond }, bond: bond},
		// Half a chance saves bound + 850 of pay for half a chance to lose 28,000.
		"saves as much as it costs": {edit: func(_ *Appeals, c *runner.AppealCase, _ *market, _ *purse) { *c = judged(bond - 850) }, never: true, bond: bond},
		"saves one more":            {edit: func(_ *Appeals, c *runner.AppealCase, _ *market, _ *purse) { *c = judged(bond - 849) }, bond: bond},
		"no confidence":             {edit: func(a *Appeals, _ *runner.AppealCase, _ *market, _ *purse) { a.Confidence = 0 }, never: true, bond: bond},
		"certain": {edit: func(a *Appeals, c *runner.AppealCase, _ *market, _ *purse) {
			a.Confidence = 100
			*c = judged(0)
		}, bond: bond},
		"others hold too much": {edit: func(a *Appeals, c *runner.AppealCase, _ *market, _ *purse) { c.Held = a.MaxBond - bond + 1 }, wait: true, bond: bond},
		"others hold the rest": {edit: func(a *Appeals, c *runner.AppealCase, _ *market, _ *purse) { c.Held = a.MaxBond - bond }, bond: bond},
		"no coins":             {edit: func(_ *Appeals, _ *runner.AppealCase, _ *market, p *purse) { *p = bond + 499 }, wait: true, bond: bond},
		"just the coins":       {edit: func(_ *Appeals, _ *runner.AppealCase, _ *market, p *purse) { *p = bond + 500 }, bond: bond},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, File{}, 0)
			f.market.params.Challenge.MinBond = 1
			a, c, p := terms, judged(100_000), purse(1_000_000)
			tc.edit(&a, &c, f.market, &p)
			s, err := f.WithAppeals(a, p).Appeal(t.Context(), c)
			require.NoError(t, err)
			require.Equal(t, tc.never, s.Never != "", s.Never)
			require.Equal(t, tc.wait, s.NotNow != "", s.NotNow)
			require.Equal(t, tc.bond, s.Bond)
		})
	}
}

// TestSilenceOfTheChainPutsAnAppealOff: it is not declined for good.
func TestSilenceOfTheChainPutsAnAppealOff(t *testing.T) {
	f := newFixture(t, File{}, 0)
	f.WithAppeals(Appeals{Enabled: true, MaxBond: 1 << 40, Confidence: 80, Account: func() string { return "w" }}, purse(0))
	f.market.err = chain.ErrUnknown
	_, err := f.Appeal(t.Context(), judged(1))
	require.ErrorIs(t, err, chain.ErrUnknown)
}

func TestLostBondIsBooked(t *testing.T) {
	f := newFixture(t, File{}, 0)
	c := judged(1)
	for _, ruling := range []markettypes.Ruling{markettypes.RulingWon, markettypes.RulingOpen, markettypes.RulingLost, markettypes.RulingLost} {
		c.Case.Appeal = ruling
		require.NoError(t, f.AppealClosed(t.Context(), c, 28_000))
	}
	r, err := f.book.Report(1)
	require.NoError(t, err)
	require.Len(t, r.Classes, 1)
	require.EqualValues(t, 28_000, r.Classes[0].Lost)
}

func TestVotesAreBooked(t *testing.T) {
	f := newFixture(t, File{}, 0)
	v := markettypes.Committee{Id: 3, Denom: markettypes.BaseDenom, Phase: markettypes.CommitteePhaseFinal, Members: []markettypes.Member{
		{Provider: me, Round: 1, Paid: 40}, {Provider: 9, Round: 2, Paid: 50}, {Provider: me, Round: 2, Paid: 60},
	}}
	for range 2 {
		require.NoError(t, f.Voted(t.Context(), me, journal.VoteKey{Verdict: 3, Round: 2}, v))
	}
	v.Task = 5 << 12
	require.NoError(t, f.Voted(t.Context(), me, journal.VoteKey{Verdict: 4, Round: 1}, v))
	r, err := f.book.Report(1)
	require.NoError(t, err)
	require.Len(t, r.Classes, 2)
	require.Equal(t, "quotes", r.Classes[0].Class)
	require.EqualValues(t, 1, r.Classes[0].Votes)
	require.EqualValues(t, 60, r.Classes[0].VoteFees)
	require.EqualValues(t, 60, r.Classes[0].Paid)
	require.Equal(t, "test/v1", r.Classes[1].Class)
	require.EqualValues(t, 40, r.Classes[1].Paid)
}

// TestProofsArePricedAsProofs: they cost more than a reveal and need no
// commitment.
func TestProofsArePricedAsProofs(t *testing.T) {
	f := newFixture(t, File{}, 475) // a proof costs ten times as much, see flat
	a := try(1)
	a.Replicas = 1
	require.True(t, f.Start(t.Context(), a))
	f.market.policy = markettypes.PolicyProof
	a.Key.Batch = 2
	require.False(t, f.Start(t.Context(), a))
}
