// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// player acts on a world at random. It knows every key that ever was.
type player struct {
	*world
	rt    *rapid.T
	keys  map[checkpoint.Address]*secp256k1.PrivateKey
	fresh uint64
	// lied holds who has signed a header that is not the chain's.
	lied map[int]bool
}

// TestInvariants: whatever attestors do and omit, after every block the headers
// form one line, roots are those of their leaves, and what is sealed and not
// forced has more than two thirds; only liars are tombstoned. In the end the
// state survives a genesis.
func TestInvariants(t *testing.T) {
	var seen struct{ sealed, sets, counted, pruned, forced, left, lied uint64 }
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, 100, 80, 60, 40, 20)
		w.setParams(func(p *types.Params) {
			p.CheckpointBlocks, p.GraceBlocks, p.MaxMissed, p.KeepSignatures = 3, 2, 2, 4
			p.SetSeconds = 60
		})
		p := &player{world: w, rt: rt, keys: map[checkpoint.Address]*secp256k1.PrivateKey{}, lied: map[int]bool{}}
		for i := range w.vals {
			p.keys[w.vals[i].address()] = w.vals[i].key
		}
		height := w.ctx.BlockHeight()
		blocks := rapid.IntRange(5, 30).Draw(rt, "blocks")
		for range blocks {
			for range rapid.IntRange(0, 4).Draw(rt, "steps") {
				p.act()
			}
			p.signAll()
			w.next()
			require.NoError(rt, w.k.CheckInvariants(w.ctx))
			for i := range w.vals {
				if a, err := w.k.Attestor(w.ctx, w.vals[i].operator); err == nil {
					require.Equal(rt, p.lied[i], a.Tombstoned, "validator %d", i)
				}
			}
		}
		require.Equal(rt, height+int64(blocks), w.ctx.BlockHeight())
		requireRoundTrip(rt, w)

		line := w.line()
		seen.sealed, seen.sets, seen.counted, seen.pruned = seen.sealed+line.SealedNonce, seen.sets+line.SetId, seen.counted+line.Counted, seen.pruned+line.Pruned
		seen.lied += uint64(len(p.lied))
		for i := range w.vals {
			if a, err := w.k.Attestor(w.ctx, w.vals[i].operator); err == nil && !a.Active && !a.Tombstoned {
				seen.left++
			}
		}
		for nonce := uint64(1); nonce <= line.LastNonce; nonce++ {
			if w.checkpoint(nonce).Forced {
				seen.forced++
			}
		}
	})
	t.Logf("seen: %+v", seen)
	for name, count := range map[string]uint64{
		"sealed": seen.sealed - seen.forced, "sets": seen.sets, "counted": seen.counted, "pruned": seen.pruned,
		"forced": seen.forced, "left": seen.left, "lied": seen.lied,
	} {
		require.NotZero(t, count, "no run had any %s", name)
	}
}

func (p *player) act() {
	i := rapid.IntRange(0, len(p.vals)-1).Draw(p.rt, "validator")
	v := &p.vals[i]
	switch rapid.IntRange(0, 9).Draw(p.rt, "action") {
	case 0, 1:
		_ = p.register(i) // refused if tombstoned, or after a rotation
	case 2:
		p.fresh++
		fresh := newKey("fresh%d", p.fresh)
		if p.rotate(i, fresh) == nil {
			v.key = fresh
			p.keys[v.address()] = fresh
		}
	case 3:
		p.delegate(i, rapid.Int64Range(1, 50).Draw(p.rt, "more"))
	case 4:
		if stored, err := p.staking.GetValidator(p.ctx, sdk.ValAddress(v.operator)); err == nil && stored.Tokens.GT(stake(20).Amount) {
			p.undelegate(i, rapid.Int64Range(1, 10).Draw(p.rt, "less"))
		}
	case 5:
		p.lie(i)
	case 6:
		line := p.line()
		if line.SealedNonce < line.LastNonce && rapid.IntRange(0, 3).Draw(p.rt, "force") == 0 {
			_, err := p.msgs.ForceSeal(p.ctx, &types.MsgForceSeal{Authority: authority.String(), Nonce: line.SealedNonce + 1})
			require.NoError(p.rt, err)
		}
	case 7:
		p.age(time.Duration(rapid.IntRange(1, 40).Draw(p.rt, "seconds")) * time.Second)
	default:
		p.settle(rapid.SampledFrom([]int{1, 2, 3, 70}).Draw(p.rt, "leaves"))
	}
}

// lie lets a validator sign a header that is not the chain's, and shows it.
func (p *player) lie(i int) {
	if _, err := p.k.Attestor(p.ctx, p.vals[i].operator); err != nil || rapid.IntRange(0, 4).Draw(p.rt, "lie") > 0 {
		return
	}
	h := checkpoint.Header{Nonce: rapid.Uint64Range(0, 5).Draw(p.rt, "nonce"), Root: checkpoint.Hash{1}}
	signature := checkpoint.Sign(p.vals[i].key, p.domain.Digest(h))
	err := p.show(&types.MsgSubmitEvidence{Submitter: named("anyone").String(), Header: types.NewHeader(h), Signature: signature[:]})
	if p.lied[i] {
		require.ErrorIs(p.rt, err, types.ErrTombstoned)
		return
	}
	if err == nil {
		p.lied[i] = true
		return
	}
	require.ErrorIs(p.rt, err, types.ErrUnbonded)
}

// signAll lets each attestor do some of its duties.
func (p *player) signAll() {
	for i, v := range p.vals {
		// The last one is hardly ever there.
		if present := rapid.IntRange(0, 3).Draw(p.rt, "present"); present == 0 || present < 3 && i == len(p.vals)-1 {
			continue
		}
		res, err := p.reads.Duties(p.ctx, &types.QueryDutiesRequest{Account: v.account.String(), Limit: 8})
		if err != nil || len(res.Duties) == 0 {
			continue
		}
		msg := &types.MsgAttest{Account: v.account.String()}
		for _, d := range res.Duties {
			msg.Attestations = append(msg.Attestations, p.attestation(p.keys[checkpoint.Address(d.Key)], d.Checkpoint.Header.Nonce))
		}
		require.True(p.rt, p.k.FeeExempt(p.ctx, []sdk.Msg{msg}), "a duty is free")
		require.NoError(p.rt, p.send(msg), "validator %d", i)
	}
}

// requireRoundTrip: what is exported can be imported and is exported alike; at
// height zero too.
func requireRoundTrip(t require.TestingT, w *world) {
	exported, err := w.k.ExportGenesis(w.ctx)
	require.NoError(t, err)
	require.NoError(t, exported.Validate())
	second := emptyWorld(w.t)
	require.NoError(t, second.k.InitGenesis(second.ctx, *exported))
	require.NoError(t, second.k.CheckInvariants(second.ctx))
	again, err := second.k.ExportGenesis(second.ctx)
	require.NoError(t, err)
	require.Equal(t, exported, again)

	require.NoError(t, second.k.Rebase(second.ctx, 0))
	require.NoError(t, second.k.CheckInvariants(second.ctx))
	rebased, err := second.k.ExportGenesis(second.ctx)
	require.NoError(t, err)
	exported.Rebase(0)
	require.Equal(t, fmt.Sprint(exported), fmt.Sprint(rebased))
	require.Empty(t, rebased.Checkpoints)
}
