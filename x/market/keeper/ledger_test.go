// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// TestLedger checks that random sequences of every message of market and
// registry, of behaviours, blocks and breakers keep every invariant, that no
// block fails, and that no coin is lost.
func TestLedger(t *testing.T) {
	sized(t, 5_000)
	rapid.Check(t, anything)
}

// FuzzEndBlock is TestLedger with sequences that coverage leads: no block
// fails, whatever state it ends.
func FuzzEndBlock(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(anything))
}

// anything is a random sequence of all that can happen.
func anything(t *rapid.T) {
	w := newWorld(t)
	actions := w.buying()
	for _, more := range []map[string]func(*rapid.T){w.answering(), w.providing(), w.governing(), w.disputing(), w.judging(), newSessionBook(w).trading()} {
		for name, action := range more {
			actions[name] = action
		}
	}
	actions[""] = func(t *rapid.T) { w.check(t) }
	t.Repeat(actions)
}

// try delivers a message that may fail, but not by changing anything.
func (w *world) try(message func(ctx context.Context) error) { _ = w.c.Deliver(message) }

func anyBatch(t *rapid.T) uint64 { return rapid.Uint64Range(0, 8).Draw(t, "batch") }

func (w *world) anyWorker(t *rapid.T) *sim.Worker {
	return w.c.Workers[rapid.IntRange(0, len(w.c.Workers)-1).Draw(t, "signer")]
}

func (w *world) buying() map[string]func(*rapid.T) {
	block := func(t *rapid.T) { w.blocks(t) }
	submit := func(t *rapid.T) {
		m := w.order(t)
		w.try(func(ctx context.Context) error { _, err := w.c.Msgs().Submit(ctx, &m); return err })
	}
	return map[string]func(*rapid.T){
		"block": block, "block again": block, "and again": block,
		"submit": submit, "submit again": submit,
		"behave": func(t *rapid.T) { w.behave(t) },
		"cancel": func(t *rapid.T) {
			m := types.MsgCancel{Requester: sim.Text(buyer(rapid.IntRange(0, buyers).Draw(t, "buyer"))), Batch: anyBatch(t)}
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().Cancel(ctx, &m); return err })
		},
		"crank": func(t *rapid.T) {
			m := types.MsgCrank{Sender: sim.Text(buyer(0))}
			for range rapid.IntRange(0, 4).Draw(t, "steps") {
				kind := types.StepKind(rapid.Int32Range(0, 7).Draw(t, "kind"))
				m.Steps = append(m.Steps, types.Step{Kind: kind, Batch: anyBatch(t), Sub: rapid.Uint32Range(0, 4_096).Draw(t, "sub")})
			}
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().Crank(ctx, &m); return err })
		},
		"block account": func(t *rapid.T) {
			for _, a := range []sdk.AccAddress{buyer(0), w.c.Workers[0].Payout} {
				w.c.Bank.Blocked[string(a)] = rapid.Bool().Draw(t, "blocked")
			}
		},
		"claim": func(t *rapid.T) {
			account := rapid.SampledFrom([]sdk.AccAddress{buyer(0), buyer(1), w.c.Workers[0].Payout}).Draw(t, "account")
			m := types.MsgClaim{Account: sim.Text(account), Denom: rapid.SampledFrom([]string{sim.Denom, otherDenom}).Draw(t, "denom")}
			if rapid.Bool().Draw(t, "elsewhere") {
				m.Recipient = sim.Text(buyer(2))
			}
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().Claim(ctx, &m); return err })
		},
	}
}

// answering sends messages of workers that the workers themselves would not.
func (w *world) answering() map[string]func(*rapid.T) {
	hash := make([]byte, types.HashSize)
	small := func(t *rapid.T, name string) uint32 { return rapid.Uint32Range(0, 4).Draw(t, name) }
	return map[string]func(*rapid.T){
		"commit": func(t *rapid.T) {
			m := types.MsgCommit{Worker: sim.Text(w.anyWorker(t).Hot), Lots: []types.LotCommit{
				{Batch: anyBatch(t), Lot: small(t, "lot"), Attempt: small(t, "attempt"), Commitment: hash},
			}}
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().Commit(ctx, &m); return err })
		},
		"reveal": func(t *rapid.T) {
			k, batch := w.anyWorker(t), anyBatch(t)
			r := k.Reveal(batch, types.LotWork{Lot: small(t, "lot"), Attempt: small(t, "attempt"), Count: small(t, "count")})
			m := types.MsgReveal{Worker: sim.Text(k.Hot), Lots: []types.LotReveal{r}}
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().Reveal(ctx, &m); return err })
		},
		"commit case": func(t *rapid.T) {
			m := types.MsgCommitCase{Worker: sim.Text(w.anyWorker(t).Hot), Cases: []types.CaseCommit{
				{Task: types.TaskID(anyBatch(t), small(t, "index")), Attempt: small(t, "attempt"), Commitment: hash},
			}}
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().CommitCase(ctx, &m); return err })
		},
		"reveal late": func(t *rapid.T) {
			k := w.anyWorker(t)
			g, err := w.c.Market.ExportGenesis(w.c.Ctx)
			require.NoError(t, err)
			w.revealLate(k, g)
		},
	}
}

// revealLate opens every commitment of a worker that it withheld.
func (w *world) revealLate(k *sim.Worker, g *types.GenesisState) {
	for _, l := range g.Lots {
		b, err := w.c.Market.Batches.Get(w.c.Ctx, l.Batch)
		if err != nil {
			continue
		}
		first, count := b.LotTasks(l.Lot)
		for _, s := range l.Value.Seats {
			if s.Provider == k.ID && s.Phase == types.SeatWithheld {
				r := k.Reveal(l.Batch, types.LotWork{Lot: l.Lot, Attempt: s.Attempt, First: first, Count: count})
				w.try(func(ctx context.Context) error {
					_, err := w.c.Msgs().Reveal(ctx, &types.MsgReveal{Worker: sim.Text(k.Hot), Lots: []types.LotReveal{r}})
					return err
				})
			}
		}
	}
	for _, c := range g.Cases {
		if s := c.Seat(k.ID); s == nil || s.Phase != types.SeatWithheld {
			continue
		}
		r, err := k.CaseReveal(w.c, types.CaseWork{Task: c.Task, Attempt: c.Attempt, Others: c.Others(k.ID)})
		if err != nil {
			continue
		}
		w.try(func(ctx context.Context) error {
			_, err := w.c.Msgs().RevealCase(ctx, &types.MsgRevealCase{Worker: sim.Text(k.Hot), Cases: []types.CaseReveal{r}})
			return err
		})
	}
}

// providing sends the messages of operators.
func (w *world) providing() map[string]func(*rapid.T) {
	msgs := registrykeeper.NewMsgServer(w.c.Registry)
	coin := func(t *rapid.T) sdk.Coin {
		return sdk.NewCoin(sim.Denom, math.NewIntFromUint64(rapid.SampledFrom([]uint64{1, 50, 900, 1_000}).Draw(t, "amount")*sim.CUPEL))
	}
	return map[string]func(*rapid.T){
		"bond": func(t *rapid.T) {
			m := registrytypes.MsgBond{Operator: sim.Text(w.anyWorker(t).Operator), Amount: coin(t)}
			w.try(func(ctx context.Context) error { _, err := msgs.Bond(ctx, &m); return err })
		},
		"unbond": func(t *rapid.T) {
			m := registrytypes.MsgUnbond{Operator: sim.Text(w.anyWorker(t).Operator), Amount: coin(t)}
			w.try(func(ctx context.Context) error { _, err := msgs.Unbond(ctx, &m); return err })
		},
		"drain": func(t *rapid.T) {
			m := registrytypes.MsgDrain{Signer: sim.Text(w.anyWorker(t).Operator), Drain: rapid.Bool().Draw(t, "drain")}
			w.try(func(ctx context.Context) error { _, err := msgs.Drain(ctx, &m); return err })
		},
		"jail": func(t *rapid.T) {
			id := w.anyWorker(t).ID
			w.try(func(ctx context.Context) error { return w.c.Registry.Jail(ctx, id, "test") })
		},
		"unjail": func(t *rapid.T) {
			for _, k := range w.c.Workers {
				m := registrytypes.MsgUnjail{Operator: sim.Text(k.Operator)}
				w.try(func(ctx context.Context) error { _, err := msgs.Unjail(ctx, &m); return err })
			}
		},
		"deregister": func(t *rapid.T) {
			if rapid.IntRange(0, 3).Draw(t, "really") > 0 {
				return
			}
			m := registrytypes.MsgDeregister{Operator: sim.Text(w.anyWorker(t).Operator)}
			w.try(func(ctx context.Context) error { _, err := msgs.Deregister(ctx, &m); return err })
		},
		"rotate": func(t *rapid.T) {
			k := w.anyWorker(t)
			hot := sim.Addr(string(k.Operator[:3]) + rapid.StringN(1, 4, 4).Draw(t, "key"))
			m := registrytypes.MsgRotateWorker{Operator: sim.Text(k.Operator), Worker: sim.Text(hot)}
			w.try(func(ctx context.Context) error {
				_, err := msgs.RotateWorker(ctx, &m)
				if err == nil {
					k.Hot = hot
				}
				return err
			})
		},
		"update": func(t *rapid.T) {
			k := w.anyWorker(t)
			m := registrytypes.MsgUpdateProvider{Operator: sim.Text(k.Operator), Endpoint: "http://same", Resources: []registrytypes.Resource{
				{Class: sim.Class, Count: rapid.Uint32Range(0, 3).Draw(t, "count"), Price: rapid.SampledFrom([]uint64{1, 800, 5_000}).Draw(t, "ask")},
				{Class: unsound, Count: 2, Price: 1},
			}}
			w.try(func(ctx context.Context) error { _, err := msgs.UpdateProvider(ctx, &m); return err })
		},
	}
}

// disputing challenges and appeals, by anybody and of anything.
func (w *world) disputing() map[string]func(*rapid.T) {
	sender := func(t *rapid.T) string {
		k := w.anyWorker(t)
		return sim.Text(rapid.SampledFrom([]sdk.AccAddress{buyer(0), buyer(1), k.Operator, k.Hot}).Draw(t, "sender"))
	}
	task := func(t *rapid.T) uint64 {
		return types.TaskID(anyBatch(t), rapid.Uint32Range(0, 40).Draw(t, "index"))
	}
	challenge := func(t *rapid.T) {
		m := types.MsgChallenge{Sender: sender(t), Task: task(t), Kind: types.ChallengeKind(rapid.Int32Range(0, 3).Draw(t, "kind"))}
		w.try(func(ctx context.Context) error { _, err := w.c.Msgs().Challenge(ctx, &m); return err })
	}
	return map[string]func(*rapid.T){
		"challenge": challenge, "challenge agreed": func(t *rapid.T) { w.challengeAny(t) },
		"appeal": func(t *rapid.T) { w.appealAny(t) },
		"appeal blindly": func(t *rapid.T) {
			m := types.MsgAppeal{Sender: sender(t), Task: task(t)}
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().Appeal(ctx, &m); return err })
		},
		"unreachable": func(t *rapid.T) {
			odd := rapid.Uint32Range(1, 4).Draw(t, "of")
			w.anyWorker(t).Unreachable = func(id uint32) bool { return id%odd == 0 }
		},
	}
}

// challengeAny challenges the first agreed task that can be.
func (w *world) challengeAny(t *rapid.T) {
	kind := rapid.SampledFrom([]types.ChallengeKind{types.ChallengeWrong, types.ChallengeUnavailable}).Draw(t, "kind")
	from := sim.Text(buyer(rapid.IntRange(0, 2).Draw(t, "buyer")))
	g, err := w.c.Market.ExportGenesis(w.c.Ctx)
	require.NoError(t, err)
	for _, l := range g.Lots {
		b, err := w.c.Market.Batches.Get(w.c.Ctx, l.Batch)
		require.NoError(t, err)
		first, _ := b.LotTasks(l.Lot)
		m := types.MsgChallenge{Sender: from, Task: types.TaskID(l.Batch, first), Kind: kind}
		if w.c.Deliver(func(ctx context.Context) error { _, err := w.c.Msgs().Challenge(ctx, &m); return err }) == nil {
			return
		}
	}
}

// appealAny has every party appeal the first case that can be.
func (w *world) appealAny(t require.TestingT) {
	g, err := w.c.Market.ExportGenesis(w.c.Ctx)
	require.NoError(t, err)
	senders := []sdk.AccAddress{buyer(0), buyer(1), buyer(2)}
	for _, k := range w.c.Workers {
		senders = append(senders, k.Operator)
	}
	for _, c := range g.Cases {
		for _, from := range senders {
			m := types.MsgAppeal{Sender: sim.Text(from), Task: c.Task}
			if w.c.Deliver(func(ctx context.Context) error { _, err := w.c.Msgs().Appeal(ctx, &m); return err }) == nil {
				return
			}
		}
	}
}

// governing trips breakers and changes params.
func (w *world) governing() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"trip": func(t *rapid.T) {
			w.c.Tripped[sdk.MsgTypeURL(&types.MsgReveal{})] = rapid.IntRange(0, 3).Draw(t, "tripped") == 0
		},
		"update params": func(t *rapid.T) {
			_, p, err := w.c.Market.CurrentParams(w.c.Ctx)
			require.NoError(t, err)
			p.WindowTicks = rapid.Uint64Range(1, 25).Draw(t, "window")
			p.MaxItems = rapid.SampledFrom([]uint32{1, 3, 1_000}).Draw(t, "items")
			p.MaxLots = rapid.SampledFrom([]uint32{1, 3, 1_000}).Draw(t, "lots")
			p.RetentionTicks = rapid.Uint64Range(0, 40).Draw(t, "retention")
			p.Split.BurnBps = rapid.Uint32Range(0, 6_000).Draw(t, "burn")
			m := types.MsgUpdateParams{Authority: sim.Text(sim.Gov), Params: p}
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().UpdateParams(ctx, &m); return err })
		},
		"end params": func(t *rapid.T) {
			m := types.MsgEndParams{Authority: sim.Text(sim.Gov), Version: rapid.Uint32Range(0, 4).Draw(t, "version")}
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().EndParams(ctx, &m); return err })
		},
	}
}
