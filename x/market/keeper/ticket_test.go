// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/keeper"
	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// coalition is a class of n honest operators with ten tickets each and of a
// coalition of m identities with one each, of which it returns the first id.
func coalition(t *testing.T, n, m int) (*sim.Chain, uint32) {
	c := newMarket(t, n)
	first := uint32(n + 1)
	for i := range m {
		_, err := c.AddWorker(fmt.Sprintf("sybil%d", i), 100, 800)
		require.NoError(t, err)
	}
	return c, first
}

// emptyBatch is a batch whose seats do not matter: the case names others.
func emptyBatch(t *testing.T, c *sim.Chain) uint64 {
	all(c, func(w *sim.Worker) { w.Silent = true })
	return submit(t, c, sim.Submit(requester))
}

// panel draws a set of a kind next to replicas.
func panel(t *testing.T, c *sim.Chain, batch, salt uint64, kind types.CaseKind, target uint32, replicas ...uint32) types.Case {
	ctx, _ := c.Ctx.CacheContext()
	k := types.Case{Task: types.TaskID(batch, 0), Kind: kind, Target: target}
	for _, id := range replicas {
		k.Seats = append(k.Seats, types.CaseSeat{Provider: id, Original: true, Phase: types.SeatRevealed, Price: 800, Result: sim.Honest(1).Result})
	}
	more, err := c.Market.DrawCase(ctx, batch, &k, salt)
	require.NoError(t, err)
	require.False(t, more)
	return k
}

// held are the votes of a case that ids from first on have.
func held(k types.Case, first uint32) int {
	n := 0
	for _, s := range k.Seats {
		if s.Provider >= first {
			n += k.Votes(s)
		}
	}
	return n
}

// TestVotesAreInProportionToTickets: 100 identities of 30 % of the tickets have
// 30 % of the votes of a jury, not those of 100 of 124 operators. Before seats
// were drawn with replacement they had more than half.
func TestVotesAreInProportionToTickets(t *testing.T) {
	const juries = 400
	c, sybil := coalition(t, 24, 100) // 100 of 340 tickets, three of 240 are of replicas
	batch := emptyBatch(t, c)
	p := types.DefaultParams()
	votes, slashes := 0, 0
	for salt := range uint64(juries) {
		k := panel(t, c, batch, salt, types.CaseAppeal, p.Challenge.Jury, 1, 2, 3)
		require.EqualValues(t, p.Challenge.Jury, k.Weight(), "replicas have no vote")
		require.False(t, k.Thin)
		n := held(k, sybil)
		votes += n
		if n >= int(p.Challenge.JurySlash) {
			slashes++
		}
	}
	share := float64(votes) / float64(juries*int(p.Challenge.Jury))
	require.InDelta(t, 100.0/310, share, 0.015, "three standard deviations")
	require.LessOrEqual(t, slashes, 4, "0.1 %% of juries at 30 %%, 0.2 %% at 32 %%")
}

// TestGrownSetIsDrawnByTicket: of seven votes three are of the replicas, the
// others by ticket.
func TestGrownSetIsDrawnByTicket(t *testing.T) {
	const sets = 1_500
	c, sybil := coalition(t, 24, 100)
	batch := emptyBatch(t, c)
	votes, heavy := 0, 0
	for salt := range uint64(sets) {
		k := panel(t, c, batch, salt, types.CaseGrowth, 7, 1, 2, sybil)
		require.Equal(t, 7, k.Weight())
		votes += held(k, sybil) - 1
		for _, s := range k.Seats {
			require.Equal(t, s.Original, s.Weight == 0)
			if s.Weight > 1 {
				heavy++
			}
		}
	}
	require.InDelta(t, 99.0/319, float64(votes)/(4*sets), 0.02)
	require.Positive(t, heavy)
}

// TestCommitteeIsDrawnByTicket is the same for committees.
func TestCommitteeIsDrawnByTicket(t *testing.T) {
	const committees = 1_500
	c, sybil := coalition(t, 24, 100)
	votes := 0
	for salt := range uint64(committees) {
		ctx, _ := c.Ctx.CacheContext()
		v := types.Committee{Id: 1, Round: 1, Class: 1, Value: sim.CUPEL, Seats: []uint32{1, 2, 3}}
		more, err := c.Market.DrawMembers(ctx, &v, 5, salt)
		require.NoError(t, err)
		require.False(t, more)
		require.Equal(t, 5, v.Seated(1))
		for _, m := range v.Members {
			require.NotContains(t, v.Seats, m.Provider)
			if m.Provider >= sybil {
				votes += m.Votes()
			}
		}
	}
	require.InDelta(t, 100.0/310, float64(votes)/(5*committees), 0.02)
}

// TestThinClassVotesOnce: where fewer operators than a grown set has votes can
// be drawn, each sits once, and no ticket outweighs the others.
func TestThinClassVotesOnce(t *testing.T) {
	c := newMarket(t, 6)
	_, err := c.AddWorker("whale", 100_000, 800)
	require.NoError(t, err)
	batch := emptyBatch(t, c)
	for kind, tc := range map[types.CaseKind]struct {
		replicas []uint32
		weight   int
		thin     bool
	}{
		types.CaseGrowth: {[]uint32{1, 2, 3}, 7, false},
		types.CaseAppeal: {[]uint32{1, 2, 3}, 7, true},
	} {
		k := panel(t, c, batch, 0, kind, 21, tc.replicas...)
		require.Equal(t, tc.thin, k.Thin, kind)
		if tc.thin {
			require.Len(t, k.Seats, 7)
			require.Equal(t, 7, k.Weight(), "also the replicas")
		}
	}
	k := panel(t, c, batch, 0, types.CaseAudit, 4, 1, 2, 3)
	require.Len(t, k.Seats, 4)
	k = panel(t, c, batch, 0, types.CaseChallengeUnavailable, 6, 1, 2, 3)
	require.Len(t, k.Seats, 6, "an artifact is looked for by as many operators")
}

// counted is a registry that counts reads.
type counted struct {
	types.RegistryKeeper
	loads int
}

func (r *counted) Load(ctx context.Context, provider uint32) (registrytypes.Load, error) {
	r.loads++
	return r.RegistryKeeper.Load(ctx, provider)
}

// TestDrawReadsAreBounded: a class full of operators that may not sit costs a
// step no more than it looks at; the draw goes on in the next.
func TestDrawReadsAreBounded(t *testing.T) {
	c := newMarket(t, 160)
	for _, w := range c.Workers[10:] {
		load := loadOf(t, c, w)
		load.PendingSlash = 1_000 * sim.CUPEL // all of its bond
		require.NoError(t, c.Registry.SetLoad(c.Ctx, w.ID, load))
	}
	batch := emptyBatch(t, c)
	reads := &counted{RegistryKeeper: c.Market.Registry}
	c.Market.Registry = reads
	k := types.Case{Task: types.TaskID(batch, 0), Kind: types.CaseAppeal, Target: 21}
	v := types.Committee{Id: 1, Round: 1, Class: 1, Value: sim.CUPEL}
	for name, draw := range map[string]func(uint64) (bool, int){
		"case": func(salt uint64) (bool, int) {
			more, err := c.Market.DrawCase(c.Ctx, batch, &k, salt)
			require.NoError(t, err)
			return more, k.Weight()
		},
		"committee": func(salt uint64) (bool, int) {
			more, err := c.Market.DrawMembers(c.Ctx, &v, 21, salt)
			require.NoError(t, err)
			return more, v.Seated(1)
		},
	} {
		steps, more, weight := uint64(0), true, 0
		for more && steps < 90 {
			reads.loads = 0
			more, weight = draw(steps)
			require.LessOrEqual(t, reads.loads, 2*keeper.DrawTries, name)
			steps++
		}
		require.Greater(t, steps, uint64(1), "%s: 150 of 160 may not sit", name)
		require.Equal(t, 21, weight, name)
	}
}

// TestWhoWaitsForAJurySitsInOthers: a pending slash does not take the votes of
// the honest, whom a coalition has outvoted in some sets, out of every jury.
func TestWhoWaitsForAJurySitsInOthers(t *testing.T) {
	c, sybil := coalition(t, 24, 100)
	for _, w := range c.Workers[:24] {
		load := loadOf(t, c, w)
		load.PendingSlash = sim.CUPEL
		require.NoError(t, c.Registry.SetLoad(c.Ctx, w.ID, load))
	}
	batch := emptyBatch(t, c)
	votes := 0
	for salt := range uint64(100) {
		votes += held(panel(t, c, batch, salt, types.CaseAppeal, 21, 1, 2, 3), sybil)
	}
	require.InDelta(t, 100.0/310, float64(votes)/2_100, 0.03)
}
