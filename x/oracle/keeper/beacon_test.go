// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"crypto/sha256"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// testEpoch is the length of an epoch in these tests.
const testEpoch = 6

// beaconWorld is a world at the start of an epoch whose round is open.
func beaconWorld(t *testing.T, powers ...int64) *world {
	t.Helper()
	w := newWorld(t, powers...)
	w.setParams(func(p *types.Params) { p.EpochBlocks, p.BeaconPauseEpochs = testEpoch, 10 })
	for i := range w.vals {
		require.NoError(t, w.register(i))
	}
	for range 60 {
		if w.beacon().Commits != nil {
			require.NoError(t, w.k.CheckInvariants(w.ctx))
			return w
		}
		w.next()
	}
	require.Fail(t, "no round opens")
	return nil
}

func (w *world) beacon() types.Beacon {
	w.t.Helper()
	b, err := w.k.Beacon.Get(w.ctx)
	require.NoError(w.t, err)
	return b
}

func shareOf(i int, epoch uint64) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "share %d of %d", i, epoch))
	return sum[:]
}

// commitMsg is a validator's valid commitment for the current epoch.
func (w *world) commitMsg(i int) *types.MsgBeacon {
	epoch := w.epoch().Number
	return &types.MsgBeacon{
		Account: w.vals[i].account.String(), Epoch: epoch,
		Commitment: types.BeaconCommitment(testChainID, epoch, w.vals[i].operator, shareOf(i, epoch)),
	}
}

// revealMsg is its valid share of the epoch before.
func (w *world) revealMsg(i int) *types.MsgBeacon {
	epoch := w.epoch().Number
	return &types.MsgBeacon{Account: w.vals[i].account.String(), Epoch: epoch, Share: shareOf(i, epoch-1)}
}

func (w *world) sendBeacon(msg *types.MsgBeacon) error {
	return w.deliver(func(ctx sdk.Context) error {
		_, err := w.msgs.Beacon(ctx, msg)
		return err
	})
}

func (w *world) commits(vals ...int) {
	w.t.Helper()
	for _, i := range vals {
		require.NoError(w.t, w.sendBeacon(w.commitMsg(i)), "validator %d", i)
	}
}

func (w *world) reveals(vals ...int) {
	w.t.Helper()
	for _, i := range vals {
		require.NoError(w.t, w.sendBeacon(w.revealMsg(i)), "validator %d", i)
	}
}

// turn makes blocks until the next epoch begins.
func (w *world) turn() {
	w.t.Helper()
	for epoch := w.epoch().Number; w.epoch().Number == epoch; {
		w.next()
	}
	require.NoError(w.t, w.k.CheckInvariants(w.ctx))
}

// judge asks for the seed of an epoch.
func (w *world) judge(epoch uint64) (seed []byte, doubled, ok bool) {
	w.t.Helper()
	seed, doubled, ok, err := w.k.Judge(w.ctx, epoch)
	require.NoError(w.t, err)
	return seed, doubled, ok
}

// TestBeacon: commit, turn, reveal; the seed is the hash of the shares, there
// with the block of the last of them, and not doubled.
func TestBeacon(t *testing.T) {
	w := beaconWorld(t, 100, 80, 60)
	epoch := w.epoch().Number
	before, ok, err := w.k.Seed(w.ctx, w.beacon().Final)
	require.NoError(t, err)
	require.True(t, ok)
	w.commits(2, 0, 1)
	w.turn()
	_, _, ok = w.judge(epoch)
	require.False(t, ok, "nobody knows it yet")
	w.reveals(1, 2)
	w.next()
	_, _, ok = w.judge(epoch)
	require.False(t, ok, "one share is missing")
	w.reveals(0)
	_, _, ok = w.judge(epoch)
	require.False(t, ok)
	w.next()
	seed, doubled, ok := w.judge(epoch)
	require.True(t, ok)
	require.False(t, doubled)
	var shares []types.OpenShare
	for i := range w.vals {
		shares = append(shares, types.OpenShare{Operator: w.vals[i].operator, Share: shareOf(i, epoch)})
	}
	require.Equal(t, types.BeaconSeed(before, shares), seed)
	query, err := w.reads.Seed(w.ctx, &types.QuerySeedRequest{Epoch: epoch + 1})
	require.NoError(t, err)
	require.Equal(t, types.Seed{Epoch: epoch + 1, Value: seed, Cover: 60_000_000}, query.Seed)

	// It does not depend on any block id, and stays what it is.
	w.turn()
	again, _, _ := w.judge(epoch)
	require.Equal(t, seed, again)
	for i := range w.vals {
		require.Zero(t, w.attestor(i).PausedUntil)
	}
}

// TestBeaconMessages breaks one thing of a valid message at a time.
func TestBeaconMessages(t *testing.T) {
	tests := map[string]struct {
		edit func(w *world, m *types.MsgBeacon)
		err  error
	}{
		"valid":            {edit: func(*world, *types.MsgBeacon) {}},
		"commitment alone": {edit: func(_ *world, m *types.MsgBeacon) { m.Share = nil }},
		"share alone":      {edit: func(_ *world, m *types.MsgBeacon) { m.Commitment = nil }},
		"neither":          {edit: func(_ *world, m *types.MsgBeacon) { m.Share, m.Commitment = nil, nil }, err: types.ErrInvalidBeacon},
		"short commitment": {edit: func(_ *world, m *types.MsgBeacon) { m.Commitment = m.Commitment[1:] }, err: types.ErrInvalidBeacon},
		"long share":       {edit: func(_ *world, m *types.MsgBeacon) { m.Share = append(m.Share, 0) }, err: types.ErrInvalidBeacon},
		"epoch before":     {edit: func(_ *world, m *types.MsgBeacon) { m.Epoch-- }, err: types.ErrWrongEpoch},
		"epoch after":      {edit: func(_ *world, m *types.MsgBeacon) { m.Epoch++ }, err: types.ErrWrongEpoch},
		"a stranger":       {edit: func(_ *world, m *types.MsgBeacon) { m.Account = named("stranger").String() }, err: types.ErrUnknownAttestor},
		"another share":    {edit: func(_ *world, m *types.MsgBeacon) { m.Share[0] ^= 1 }, err: types.ErrWrongShare},
		"another's share":  {edit: func(w *world, m *types.MsgBeacon) { m.Share = shareOf(1, m.Epoch-1) }, err: types.ErrWrongShare},
		"committed twice": {edit: func(w *world, m *types.MsgBeacon) {
			require.NoError(w.t, w.sendBeacon(w.commitMsg(0)))
		}, err: types.ErrSlotFilled},
		"revealed twice": {edit: func(w *world, m *types.MsgBeacon) {
			require.NoError(w.t, w.sendBeacon(w.revealMsg(0)))
		}, err: types.ErrSlotFilled},
		"not committed": {edit: func(w *world, m *types.MsgBeacon) {
			m.Account, m.Share = w.vals[2].account.String(), shareOf(2, m.Epoch-1)
		}, err: types.ErrNoSlot},
		"no member": {edit: func(w *world, m *types.MsgBeacon) {
			w.addValidator(1)
			require.NoError(w.t, w.register(3))
			m.Account, m.Share = w.vals[3].account.String(), nil
		}, err: types.ErrNoSlot},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := beaconWorld(t, 100, 100, 50)
			w.commits(0, 1)
			w.turn()
			msg := w.commitMsg(0)
			msg.Share = w.revealMsg(0).Share
			tc.edit(w, msg)
			before := w.beacon()
			err := w.sendBeacon(msg)
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				require.Equal(t, before, w.beacon())
				return
			}
			require.NoError(t, err)
			require.NoError(t, w.k.CheckInvariants(w.ctx))
			require.Error(t, w.sendBeacon(msg), "it fills no slot twice")
		})
	}
}

// TestWithheldShare: who withholds loses the largest exposed bound and is out;
// the next full seed judges the epoch.
func TestWithheldShare(t *testing.T) {
	const floor = 10_000_000
	for name, tc := range map[string]struct{ exposed, want int64 }{
		"nothing exposed": {0, 0}, // nothing could be won: it may have been down
		"below the floor": {floor / 2, floor},
		"a bound":         {37_654_321, 37_654_321},
		"more than all":   {1_000_000_000, 100_000_000},
	} {
		t.Run(name, func(t *testing.T) {
			w := beaconWorld(t, 100, 100, 100)
			epoch := w.epoch().Number
			require.NoError(t, w.k.Expose(w.ctx, uint64(tc.exposed)))
			require.NoError(t, w.k.Expose(w.ctx, uint64(tc.exposed/3)))
			w.commits(0, 1, 2)
			w.turn()
			w.reveals(0, 2)
			w.commits(0, 1, 2)
			w.turn()
			require.Equal(t, 100_000_000-tc.want, w.tokens(1))
			require.Equal(t, w.epoch().Number+10, w.attestor(1).PausedUntil)
			require.Equal(t, [2]int64{100_000_000, 100_000_000}, [2]int64{w.tokens(0), w.tokens(2)})
			_, _, ok := w.judge(epoch)
			require.False(t, ok)
			require.GreaterOrEqual(t, w.beacon().Reveals.Exposed, uint64(tc.exposed), "its seed judges that epoch, too")

			require.ErrorIs(t, w.sendBeacon(w.commitMsg(1)), types.ErrNoSlot)
			w.reveals(0, 1, 2)
			w.commits(0, 2)
			w.next()
			first, doubled, ok := w.judge(epoch)
			require.True(t, ok)
			require.False(t, doubled)
			second, _, _ := w.judge(epoch + 1)
			require.Equal(t, first, second)
		})
	}
}

// TestCover: a seed lets nothing escape whose bound is above what each of those
// could lose who could have withheld a share of it, and who has least is left out.
func TestCover(t *testing.T) {
	w := beaconWorld(t, 100, 60, 40, 9, 5)
	epoch := w.epoch().Number
	require.Equal(t, uint64(40_000_000), w.beacon().Commits.Cover, "200 of 214 have slots")
	require.ErrorIs(t, w.sendBeacon(w.commitMsg(3)), types.ErrNoSlot)
	w.commits(0, 1, 2)
	w.turn()
	require.NoError(t, w.k.Expose(w.ctx, 1))
	cover, err := w.k.Cover(w.ctx, epoch)
	require.NoError(t, err)
	require.Zero(t, cover, "there is no seed yet")
	w.reveals(0, 1, 2)
	w.next()
	cover, err = w.k.Cover(w.ctx, epoch)
	require.NoError(t, err)
	require.Equal(t, uint64(40_000_000), cover)
	query, err := w.reads.Seed(w.ctx, &types.QuerySeedRequest{Epoch: epoch + 1})
	require.NoError(t, err)
	require.Equal(t, cover, query.Seed.Cover)
	require.NoError(t, w.k.CheckInvariants(w.ctx))
}

// TestCoverIsOfWhatIsLeft: stake that has gone since the set was frozen covers
// nothing, and who has none left gets no slot.
func TestCoverIsOfWhatIsLeft(t *testing.T) {
	w := beaconWorld(t, 100, 100, 100)
	w.setTokens(2, 30_000_000)
	w.turn()
	require.Equal(t, uint64(30_000_000), w.beacon().Commits.Cover)
	w.setTokens(2, 0)
	w.turn()
	require.Equal(t, uint64(100_000_000), w.beacon().Commits.Cover)
	require.ErrorIs(t, w.sendBeacon(w.commitMsg(2)), types.ErrNoSlot)
	w.commits(0, 1)
	require.True(t, w.beacon().Commits.Quorum(), "two of three are two thirds of all")
}

// TestCoverOfABlockSeed: a seed of a block id, under which rates are doubled, has
// no cover.
func TestCoverOfABlockSeed(t *testing.T) {
	w := beaconWorld(t, 100, 100, 100)
	epoch := w.epoch().Number
	for range 5 {
		w.turn()
	}
	_, doubled, ok := w.judge(epoch)
	require.True(t, ok && doubled)
	cover, err := w.k.Cover(w.ctx, epoch)
	require.NoError(t, err)
	require.Equal(t, uint64(math.MaxUint64), cover)
}

// TestWithheldCoverIsHandedOn: the next round's seed judges the epoch too, and who
// withheld the first is part of what stands behind it.
func TestWithheldCoverIsHandedOn(t *testing.T) {
	w := beaconWorld(t, 100, 90, 30)
	epoch := w.epoch().Number
	require.Equal(t, uint64(30_000_000), w.beacon().Commits.Cover)
	w.commits(0, 1, 2)
	w.turn()
	w.reveals(0, 1) // the smallest withholds
	w.commits(0, 1)
	w.turn() // and is paused
	require.Equal(t, uint64(30_000_000), w.beacon().Reveals.Cover)
	require.Equal(t, uint64(90_000_000), w.beacon().Commits.Cover)
	w.reveals(0, 1)
	w.next()
	cover, err := w.k.Cover(w.ctx, epoch)
	require.NoError(t, err)
	require.Equal(t, uint64(30_000_000), cover)
}

// TestWithheldShareCostsWhatIsAtRisk: somebody's large bound does not cost a large
// attestor that was down all that it has. What is above the cover is audited anyway.
func TestWithheldShareCostsWhatIsAtRisk(t *testing.T) {
	w := beaconWorld(t, 100, 60, 40)
	require.NoError(t, w.k.Expose(w.ctx, 1_000_000_000))
	w.commits(0, 1, 2)
	w.turn()
	w.reveals(1, 2)
	w.turn()
	require.EqualValues(t, 60_000_000, w.tokens(0), "the least stake of the round")
	require.NotZero(t, w.attestor(0).PausedUntil)
}

// TestShortRound: without two thirds no share is due and nobody is punished;
// after three epochs a block id takes the seed's place, and rates are doubled.
func TestShortRound(t *testing.T) {
	w := beaconWorld(t, 100, 100, 101)
	epoch := w.epoch().Number
	w.commits(0, 1) // 200 of 301
	w.turn()
	require.ErrorIs(t, w.sendBeacon(w.revealMsg(0)), types.ErrNoSlot)
	for range 2 {
		_, _, ok := w.judge(epoch)
		require.False(t, ok)
		w.turn()
	}
	_, _, ok := w.judge(epoch)
	require.False(t, ok)
	before, _, err := w.k.Seed(w.ctx, epoch)
	require.NoError(t, err)
	w.turn() // epoch + 4
	seed, doubled, ok := w.judge(epoch)
	require.True(t, ok)
	require.True(t, doubled)
	require.Equal(t, types.NextSeed(before, w.ctx.HeaderHash(), w.ctx.BlockHeight()), seed)
	_, _, ok = w.judge(epoch + 1)
	require.False(t, ok, "that one waits three epochs of its own")
	for i := range w.vals {
		require.Zero(t, w.attestor(i).PausedUntil)
	}

	// The beacon comes back and judges what waits.
	w.commits(0, 1, 2)
	last := w.epoch().Number
	w.turn()
	w.reveals(0, 1, 2)
	w.next()
	_, doubled, ok = w.judge(last)
	require.True(t, ok)
	require.False(t, doubled)
	require.Equal(t, last+1, w.beacon().Final)
}

// TestTwoThirds: both sides of the boundary.
func TestTwoThirds(t *testing.T) {
	for power, want := range map[uint64]bool{0: false, 199: false, 200: true, 300: true} {
		require.Equal(t, want, types.BeaconRound{Power: 300, Committed: power}.Quorum(), "%d", power)
	}
	require.False(t, types.BeaconRound{}.Quorum())
	require.True(t, types.BeaconRound{Power: 1 << 63, Committed: 1 << 63}.Quorum(), "no overflow")
	require.False(t, types.BeaconRound{Power: 3, Committed: 3, Commits: 2, Reveals: 1}.Full())
}

// TestNoSetNoBeacon: seeds come at once, flagged, from chains without a set and
// from those whose epochs are too short.
func TestNoSetNoBeacon(t *testing.T) {
	f := newFixture(t)
	f.blocks(1, 31)
	_, doubled, ok, err := f.k.Judge(f.ctx, 1)
	require.NoError(t, err)
	require.True(t, ok)
	require.True(t, doubled)
	_, _, ok, err = f.k.Judge(f.ctx, 2)
	require.NoError(t, err)
	require.False(t, ok)

	w := newWorld(t, 100)
	w.setParams(func(p *types.Params) { p.EpochBlocks = types.MinBeaconBlocks - 1 })
	require.NoError(t, w.register(0))
	w.nexts(60)
	require.NotZero(t, w.line().SetId)
	require.Nil(t, w.beacon().Commits)
	require.Equal(t, w.epoch().Number, w.beacon().Final)
}

// TestIdleAttestor: who never commits is absent in the end, who does is not.
func TestIdleAttestor(t *testing.T) {
	w := beaconWorld(t, 100, 100, 30)
	w.setParams(func(p *types.Params) { p.BeaconMaxMissed, p.AbsenceSlashBps = 3, 100 })
	for range 3 {
		require.True(t, w.attestor(2).Active)
		w.commits(0, 1)
		if w.beacon().Reveals != nil {
			w.reveals(0, 1)
		}
		w.turn()
	}
	require.False(t, w.attestor(2).Active)
	require.EqualValues(t, 29_700_000, w.tokens(2))
	require.Zero(t, w.attestor(0).BeaconMissed)
	require.ErrorIs(t, w.sendBeacon(w.commitMsg(2)), types.ErrNoSlot)
	require.NoError(t, w.register(2))
	require.Zero(t, w.attestor(2).BeaconMissed)
}

// TestTrippedBeacon: nobody is punished for what the circuit breaker stops.
func TestTrippedBeacon(t *testing.T) {
	w := beaconWorld(t, 100, 100, 100)
	w.commits(0, 1, 2)
	w.turn()
	w.reveals(0)
	w.breaker.tripped = true
	w.next()
	w.breaker.tripped = false
	w.turn()
	for i := range w.vals {
		require.EqualValues(t, 100_000_000, w.tokens(i))
		require.Zero(t, w.attestor(i).PausedUntil)
		require.Zero(t, w.attestor(i).BeaconMissed)
	}
}

// TestBeaconDuties says what is due, and nothing once it is done.
func TestBeaconDuties(t *testing.T) {
	w := beaconWorld(t, 100, 100, 100)
	duty := func() *types.BeaconDuty {
		res, err := w.reads.Duties(w.ctx, &types.QueryDutiesRequest{Account: w.vals[0].account.String()})
		require.NoError(t, err)
		return res.Beacon
	}
	require.True(t, duty().Commit)
	require.Empty(t, duty().Commitment)
	msg := w.commitMsg(0)
	w.commits(0, 1, 2)
	require.False(t, duty().Commit)
	w.turn()
	require.Equal(t, msg.Commitment, duty().Commitment)
	require.True(t, duty().Commit)
	require.Equal(t, w.vals[0].operator.String(), duty().Operator)
	require.Equal(t, w.epoch().StartHeight, duty().StartHeight)
	w.reveals(0)
	require.Empty(t, duty().Commitment)
	w.turn() // the others have withheld
	w.turn()
	state, err := w.reads.Beacon(w.ctx, &types.QueryBeaconRequest{})
	require.NoError(t, err)
	require.Len(t, state.Slots, 2, "of two rounds, the one that may take part")
	require.Equal(t, w.beacon(), state.Beacon)
}

// TestBeaconGenesis: a chain goes on from an export with open rounds.
func TestBeaconGenesis(t *testing.T) {
	w := beaconWorld(t, 100, 100, 100)
	w.commits(0, 1, 2)
	require.NoError(t, w.k.Expose(w.ctx, 77))
	w.turn()
	w.reveals(0)
	w.commits(1)
	require.NoError(t, w.k.Expose(w.ctx, 78))
	requireRoundTrip(t, w)

	spoil := map[string]func(gs *types.GenesisState){
		"another share":    func(gs *types.GenesisState) { gs.Slots[0].Share[0] ^= 1 },
		"a share too many": func(gs *types.GenesisState) { gs.Slots[1].Share = shareOf(1, 1) },
		"power":            func(gs *types.GenesisState) { gs.Slots[0].Power++ },
		"a slot missing":   func(gs *types.GenesisState) { gs.Slots = gs.Slots[1:] },
		"a slot twice":     func(gs *types.GenesisState) { gs.Slots[1] = gs.Slots[0] },
		"a later round":    func(gs *types.GenesisState) { gs.Beacon.Commits.Epoch++ },
		"no round":         func(gs *types.GenesisState) { gs.Beacon.Reveals = nil },
		"no set":           func(gs *types.GenesisState) { gs.Beacon.Reveals.SetId = 9 },
		"final":            func(gs *types.GenesisState) { gs.Beacon.Final++ },
		"committed":        func(gs *types.GenesisState) { gs.Beacon.Commits.Committed++ },
		"reveals":          func(gs *types.GenesisState) { gs.Beacon.Reveals.Reveals++ },
	}
	for name, edit := range spoil {
		t.Run(name, func(t *testing.T) {
			gs, err := w.k.ExportGenesis(w.ctx)
			require.NoError(t, err)
			edit(gs)
			second := emptyWorld(t)
			require.ErrorIs(t, second.k.InitGenesis(second.ctx, *gs), types.ErrInvalidGenesis)
		})
	}

	require.NoError(t, w.k.Rebase(w.ctx, 0))
	require.NoError(t, w.k.CheckInvariants(w.ctx))
}

// TestBeaconLife: whatever attestors commit, reveal, withhold and omit, an epoch
// never has two seeds and is judged within fallback_epochs; what is not doubled
// is made of the shares of two thirds; only who withholds is paused.
func TestBeaconLife(t *testing.T) {
	var full, doubledSeeds, withheld int
	rapid.Check(t, func(rt *rapid.T) {
		w := beaconWorld(t, 100, 90, 80, 70)
		first := w.epoch().Number
		seeds := map[uint64]string{}
		committed := map[int]bool{}
		owes := map[int]bool{}
		for range rapid.IntRange(2, 12).Draw(rt, "epochs") {
			clear(committed)
			quorum := w.beacon().Reveals != nil && w.beacon().Reveals.Quorum()
			strike := rapid.IntRange(0, 2).Draw(rt, "strike") == 0
			commitAt, revealAt := make([]int, len(w.vals)), make([]int, len(w.vals))
			for i := range w.vals { // at a block of the epoch, or never
				commitAt[i] = rapid.IntRange(0, testEpoch).Draw(rt, "commit")
				revealAt[i] = rapid.IntRange(0, testEpoch+3).Draw(rt, "reveal")
			}
			for at := range testEpoch - 1 {
				for i := range w.vals {
					if commitAt[i] == at && !strike {
						committed[i] = w.sendBeacon(w.commitMsg(i)) == nil
					}
					if owes[i] && revealAt[i]%(testEpoch-1) == at && revealAt[i] <= testEpoch+1 {
						owes[i] = w.sendBeacon(w.revealMsg(i)) != nil
					}
				}
				w.next()
			}
			epoch := w.epoch().Number
			w.turn()
			for i := range w.vals {
				paused := w.attestor(i).PausedUntil == epoch+1+10
				require.Equal(rt, quorum && owes[i], paused, "validator %d in epoch %d", i, epoch)
				if paused {
					withheld++
				}
				owes[i] = committed[i]
			}
			for e := first; e <= epoch; e++ {
				seed, doubled, ok := w.judge(e)
				if !ok {
					require.Less(rt, w.epoch().Number-(e+1), uint64(types.DefaultParams().FallbackEpochs), "epoch %d waits", e)
					continue
				}
				text := fmt.Sprintf("%x %t", seed, doubled)
				if before, known := seeds[e]; known {
					require.Equal(rt, before, text, "two seeds of epoch %d", e)
					continue
				}
				seeds[e] = text
				if doubled {
					doubledSeeds++
				} else {
					full++
				}
			}
			require.NoError(rt, w.k.CheckInvariants(w.ctx))
		}
		requireRoundTrip(rt, w)
	})
	t.Logf("%d epochs judged by shares, %d by block ids, %d shares withheld", full, doubledSeeds, withheld)
	require.NotZero(t, full)
	require.NotZero(t, doubledSeeds)
	require.NotZero(t, withheld)
}

// TestBeaconEvents: the events of a round are an API.
func TestBeaconEvents(t *testing.T) {
	w := beaconWorld(t, 100, 100, 100)
	require.NoError(t, w.k.Expose(w.ctx, 1))
	var all sdk.Events
	collect := func() {
		all = append(all, beaconEvents(w.ctx.EventManager().Events())...)
		w.ctx = w.ctx.WithEventManager(sdk.NewEventManager())
	}
	turn := func() {
		for epoch := w.epoch().Number; w.epoch().Number == epoch; {
			require.NoError(t, w.k.EndBlock(w.ctx))
			collect()
			w.next()
			collect()
		}
	}
	direct := func(msg *types.MsgBeacon) {
		_, err := w.msgs.Beacon(w.ctx, msg)
		require.NoError(t, err)
		collect()
	}
	for i := range w.vals {
		direct(w.commitMsg(i))
	}
	turn()
	for i := range w.vals {
		direct(w.revealMsg(i))
		direct(w.commitMsg(i))
	}
	turn()
	direct(w.revealMsg(0))
	turn()
	w.ctx.EventManager().EmitEvents(all)
	w.golden("testdata/beacon.json")
}

func beaconEvents(events sdk.Events) (out sdk.Events) {
	for _, e := range events {
		switch e.Type {
		case "cupel.oracle.v1.EventSeedMade", "cupel.oracle.v1.EventBeaconSent", "cupel.oracle.v1.EventBeaconClosed",
			"cupel.oracle.v1.EventAttestorPunished", "cupel.oracle.v1.EventEpochStarted":
			out = append(out, e)
		}
	}
	return out
}
