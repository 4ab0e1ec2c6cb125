// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// sessionBook is what a test knows of sessions without asking the chain.
type sessionBook struct {
	w *world
	// deposited and redeemed are, by session, all deposits and what the
	// accepted vouchers have earned.
	deposited, redeemed map[uint64]uint64
}

func newSessionBook(w *world) *sessionBook {
	return &sessionBook{w, map[uint64]uint64{}, map[uint64]uint64{}}
}

// TestSessionLedger checks that random lives of sessions keep every invariant,
// that each is worth exactly its highest voucher, and that all end.
func TestSessionLedger(t *testing.T) {
	sized(t, 5_000)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		b := newSessionBook(w)
		actions := b.trading()
		actions["block"] = func(t *rapid.T) { w.blocks(t) }
		actions["day"] = func(t *rapid.T) { b.day(t) }
		actions["trip"] = func(t *rapid.T) {
			w.c.Tripped[sdk.MsgTypeURL(&types.MsgRedeem{})] = rapid.IntRange(0, 3).Draw(t, "tripped") == 0
		}
		governing, buying := w.governing(), w.buying()
		for _, name := range []string{"update params", "end params"} {
			actions[name] = governing[name]
		}
		for _, name := range []string{"submit", "block account", "claim"} {
			actions[name] = buying[name]
		}
		actions[""] = func(t *rapid.T) { w.check(t); b.check(t) }
		t.Repeat(actions)
		b.end(t)
	})
}

func (b *sessionBook) day(t require.TestingT) {
	b.w.c.BlockTime = 25 * time.Hour
	require.NoError(t, b.w.seen.block())
	b.w.c.BlockTime = time.Second
	for range 9 {
		require.NoError(t, b.w.seen.block())
	}
}

// anySession is a session that may exist.
func anySession(t *rapid.T) uint64 { return rapid.Uint64Range(0, 5).Draw(t, "session") }

// trading sends the messages of sessions.
func (b *sessionBook) trading() map[string]func(*rapid.T) {
	c := b.w.c
	return map[string]func(*rapid.T){
		"open": func(t *rapid.T) {
			m := types.MsgOpenSession{
				Requester: sim.Text(buyer(rapid.IntRange(0, buyers-1).Draw(t, "buyer"))),
				Provider:  sim.Text(b.w.anyWorker(t).Operator), Class: rapid.SampledFrom([]string{sim.Class, unsound}).Draw(t, "class"),
				Denom:    rapid.SampledFrom([]string{sim.Denom, otherDenom}).Draw(t, "denom"),
				Deposit:  rapid.SampledFrom([]uint64{99, 100, 1_001, 50_000}).Draw(t, "deposit"),
				MaxPrice: rapid.SampledFrom([]uint64{799, 5_000}).Draw(t, "price"), VoucherKey: publicKey("k"),
				Duration: rapid.Uint64Range(0, 61).Draw(t, "duration"),
			}
			b.w.try(func(ctx context.Context) error {
				res, err := c.Msgs().OpenSession(ctx, &m)
				if err == nil {
					b.deposited[res.Session] = m.Deposit
				}
				return err
			})
		},
		"redeem": func(t *rapid.T) { b.redeem(t) }, "redeem again": func(t *rapid.T) { b.redeem(t) },
		"top up": func(t *rapid.T) {
			m := types.MsgTopUp{
				Requester: sim.Text(buyer(rapid.IntRange(0, buyers-1).Draw(t, "buyer"))), Session: anySession(t),
				Amount: rapid.SampledFrom([]uint64{0, 1, 7, 1_000}).Draw(t, "amount"),
			}
			b.w.try(func(ctx context.Context) error {
				_, err := c.Msgs().TopUp(ctx, &m)
				if err == nil {
					b.deposited[m.Session] += m.Amount
				}
				return err
			})
		},
		"close": func(t *rapid.T) {
			sender := rapid.SampledFrom([]sdk.AccAddress{buyer(0), buyer(1), c.Workers[0].Hot, c.Workers[0].Operator}).Draw(t, "sender")
			m := types.MsgCloseSession{Sender: sim.Text(sender), Session: anySession(t)}
			b.w.try(func(ctx context.Context) error { _, err := c.Msgs().CloseSession(ctx, &m); return err })
		},
		"crank session": func(t *rapid.T) {
			m := types.MsgCrank{Sender: sim.Text(buyer(0)), Steps: []types.Step{{Kind: types.StepSession, Batch: anySession(t)}, {Kind: types.StepSession, Batch: anySession(t)}}}
			b.w.try(func(ctx context.Context) error { _, err := c.Msgs().Crank(ctx, &m); return err })
		},
	}
}

// redeem redeems a few vouchers, some of them wrong or old.
func (b *sessionBook) redeem(t *rapid.T) {
	m := types.MsgRedeem{Sender: sim.Text(buyer(0))}
	for i := range rapid.IntRange(1, 3).Draw(t, "vouchers") {
		v := voucher.Voucher{
			Session: anySession(t), Sequence: uint64(i + 1), Units: voucher.MaxAmount,
			Amount: rapid.SampledFrom([]uint64{1, 2, 99, 101, 1_000, 49_999, 60_000}).Draw(t, "amount"),
		}
		if v.Session == 0 {
			continue
		}
		key := rapid.SampledFrom([]string{"k", "k", "k", "k", "thief"}).Draw(t, "key")
		m.Vouchers = append(m.Vouchers, signOn(t, sim.ChainID, key, v))
	}
	var res *types.MsgRedeemResponse
	b.w.try(func(ctx context.Context) (err error) { res, err = b.w.c.Msgs().Redeem(ctx, &m); return err })
	if res == nil {
		return
	}
	failed := map[uint32]bool{}
	for _, e := range res.Errors {
		failed[e.Index] = true
	}
	for i, v := range m.Vouchers {
		if failed[uint32(i)] {
			require.Zero(t, res.Earned[i])
			continue
		}
		total := max(b.redeemed[v.Session], min(v.Amount, b.deposited[v.Session]))
		require.Equal(t, total-b.redeemed[v.Session], res.Earned[i])
		b.redeemed[v.Session] = total
	}
}

// check compares the chain with the book of the test.
func (b *sessionBook) check(t require.TestingT) {
	g, err := b.w.c.Market.ExportGenesis(b.w.c.Ctx)
	require.NoError(t, err)
	for _, s := range g.Sessions {
		require.Equal(t, []uint64{b.deposited[s.Id], b.redeemed[s.Id]}, []uint64{s.Deposit, s.Redeemed}, "session %d", s.Id)
		split := g.Params[s.ParamsVersion-1].Params.Split
		require.Equal(t, s.Redeemed-types.Bps(s.Redeemed, split.TreasuryBps+split.BurnBps), s.Paid, "session %d, on totals", s.Id)
		if s.Denom == sim.Denom {
			burn := types.Bps(s.Redeemed, split.BurnBps)
			require.LessOrEqual(t, s.Burned, burn)
			require.LessOrEqual(t, burn-s.Burned, uint64(1))
		} else {
			require.Zero(t, s.Burned)
		}
	}
}

// end lets time pass: every session is refunded and forgotten.
func (b *sessionBook) end(t require.TestingT) {
	clear(b.w.c.Tripped)
	for range 4 {
		b.w.c.BlockTime = 25 * time.Hour
		for range 16 {
			require.NoError(t, b.w.seen.block())
		}
		for id := range b.deposited {
			_ = b.w.c.Deliver(func(context.Context) error { return crankSession(b.w.c, id) })
		}
		b.w.c.BlockTime = time.Second
		for range 50 {
			require.NoError(t, b.w.seen.block())
		}
	}
	g, err := b.w.c.Market.ExportGenesis(b.w.c.Ctx)
	require.NoError(t, err)
	for _, s := range g.Sessions {
		require.Equal(t, types.SessionClosed, s.State)
	}
	b.w.check(t)
}
