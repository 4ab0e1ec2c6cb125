// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// judged makes some random orders ones that committees decide.
func judged(t *rapid.T, c *sim.Chain, m *types.MsgSubmit) {
	switch rapid.IntRange(0, 5).Draw(t, "judged") {
	case 0:
		*m = tolerant(*m)
	case 1:
		m.Comparator, m.Tolerance = types.ComparatorTopK, &types.Tolerance{K: 3, Dtype: types.DTypeInt32}
	case 2:
		*m = scored(c, *m)
	case 3:
		m.Policy, m.Replicas = types.PolicyAttested, 1
	default: // none of them
	}
}

// voting makes a random worker vote otherwise from now on.
func voting(t *rapid.T, k *sim.Worker) {
	k.SkipVotes = rapid.IntRange(0, 9).Draw(t, "skips votes") == 0
	k.Vote = nil
	switch rapid.IntRange(0, 5).Draw(t, "vote") {
	case 0:
		k.Vote = func(v types.VerdictWork) []byte { return lie(v.Kind) }
	case 1:
		k.Vote = func(v types.VerdictWork) []byte {
			if v.Round == 1 {
				return lie(v.Kind)
			}
			return sim.Vote(v)
		}
	default: // honest
	}
}

func lie(kind types.CommitteeKind) []byte {
	switch kind {
	case types.CommitteeCompare:
		return types.CompareVote(0, 1)
	case types.CommitteeScore:
		return []byte{0b010101}
	default:
		return types.QuoteVote(true, 0)
	}
}

// judging sends the messages of committees and of what they decide.
func (w *world) judging() map[string]func(*rapid.T) {
	near := func(t *rapid.T) {
		w.anyWorker(t).Run = sim.Near(byte(rapid.IntRange(0, 3).Draw(t, "near")))
	}
	return map[string]func(*rapid.T){
		"near": near, "nearer": near,
		"vote otherwise": func(t *rapid.T) { voting(t, w.anyWorker(t)) },
		"commit vote": func(t *rapid.T) {
			m := types.MsgCommitVote{Worker: sim.Text(w.anyWorker(t).Hot), Votes: []types.VoteCommit{{
				Verdict: anyBatch(t), Round: rapid.Uint32Range(0, 3).Draw(t, "round"), Commitment: make([]byte, types.HashSize),
			}}}
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().CommitVote(ctx, &m); return err })
		},
		"reveal vote": func(t *rapid.T) {
			k := w.anyWorker(t)
			kind := types.CommitteeKind(rapid.Int32Range(0, 4).Draw(t, "kind"))
			r := types.VoteReveal{Verdict: anyBatch(t), Round: rapid.Uint32Range(0, 3).Draw(t, "round"), Vote: lie(kind), Salt: make([]byte, types.HashSize)}
			m := types.MsgRevealVote{Worker: sim.Text(k.Hot), Votes: []types.VoteReveal{r}}
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().RevealVote(ctx, &m); return err })
		},
		"quote": func(t *rapid.T) {
			k := w.anyWorker(t)
			e, err := w.c.Oracle.Epoch(w.c.Ctx)
			require.NoError(t, err)
			m := types.MsgSubmitQuote{
				Sender: sim.Text(k.Operator), Class: sim.Class, Tee: types.TEESEVSNP, Sha256: make([]byte, types.HashSize), Epoch: e.Number,
				Uri: rapid.SampledFrom([]string{"http://a/genuine", "http://a/forged"}).Draw(t, "uri"),
			}
			w.try(func(ctx context.Context) error {
				if err := w.c.Bank.Mint(ctx, k.Operator, sim.Denom, 1_000); err != nil {
					return err
				}
				_, err := w.c.Msgs().SubmitQuote(ctx, &m)
				return err
			})
		},
		"accept": func(t *rapid.T) {
			m := types.MsgAccept{Requester: sim.Text(buyer(rapid.IntRange(0, buyers-1).Draw(t, "buyer"))), Lots: []types.LotRef{
				{Batch: anyBatch(t), Lot: rapid.Uint32Range(0, 3).Draw(t, "lot")},
			}}
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().Accept(ctx, &m); return err })
		},
		"reject": func(t *rapid.T) {
			m := types.MsgReject{
				Requester: sim.Text(buyer(rapid.IntRange(0, buyers-1).Draw(t, "buyer"))),
				Task:      types.TaskID(anyBatch(t), rapid.Uint32Range(0, 3).Draw(t, "index")),
			}
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().Reject(ctx, &m); return err })
		},
	}
}

// loadCommittees adds the seats of committees to the counters of providers.
func loadCommittees(g *types.GenesisState, want map[uint32]*registrytypes.Load) {
	for _, v := range g.Committees {
		for _, m := range v.Members {
			if m.Phase == types.MemberAssigned || m.Phase == types.MemberCommitted {
				want[m.Provider].Verifying++
			}
		}
	}
}

// TestJudgedLedger is TestLedger with little but what committees decide.
func TestJudgedLedger(t *testing.T) {
	sized(t, 2_000)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		actions := w.judging()
		block := func(t *rapid.T) { w.blocks(t) }
		actions["block"], actions["block again"], actions["and again"] = block, block, block
		actions["submit"] = func(t *rapid.T) {
			m := w.order(t)
			if rapid.Bool().Draw(t, "tolerant") {
				m.Policy, m.Hire = types.PolicyRedundant, ""
				m = tolerant(m)
			}
			m.MaxPrice, m.Deadline, m.Replicas = 1_000, 30, 0
			w.try(func(ctx context.Context) error { _, err := w.c.Msgs().Submit(ctx, &m); return err })
		}
		actions[""] = func(t *rapid.T) { w.check(t) }
		t.Repeat(actions)
	})
}
