// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

func TestChallenge(t *testing.T) {
	type message = types.MsgChallenge
	challenged := func(t *testing.T, c *sim.Chain, task uint64) { challenge(t, c, task, types.ChallengeWrong) }
	blocks := func(n int) func(*testing.T, *sim.Chain, uint64) {
		return func(t *testing.T, c *sim.Chain, _ uint64) { require.NoError(t, c.Blocks(n)) }
	}
	tests := map[string]struct {
		genesis func(sim.Genesis)
		given   func(*testing.T, *sim.Chain, uint64)
		edit    func(*message)
		err     error
	}{
		"wrong":            {edit: func(*message) {}},
		"unavailable":      {edit: func(m *message) { m.Kind = types.ChallengeUnavailable }},
		"by the requester": {edit: func(m *message) { m.Sender = sim.Text(requester) }},
		"no kind":          {edit: func(m *message) { m.Kind = types.ChallengeNone }, err: types.ErrInvalidChallenge},
		"unknown kind":     {edit: func(m *message) { m.Kind = 3 }, err: types.ErrInvalidChallenge},
		"negative kind":    {edit: func(m *message) { m.Kind = -1 }, err: types.ErrInvalidChallenge},
		"no task":          {edit: func(m *message) { m.Task = 0 }, err: types.ErrBatchNotFound},
		"unknown batch":    {edit: func(m *message) { m.Task = types.TaskID(9, 0) }, err: types.ErrBatchNotFound},
		"beyond the batch": {edit: func(m *message) { m.Task++ }, err: types.ErrNotChallengeable},
		"huge task":        {edit: func(m *message) { m.Task = 1<<64 - 1 }, err: types.ErrBatchNotFound},
		"no coins":         {edit: func(m *message) { m.Sender = sim.Text(sim.Addr("poor")) }, err: sdkerrors.ErrInsufficientFunds},
		"bad signer":       {edit: func(m *message) { m.Sender = "x" }, err: sdkerrors.ErrInvalidAddress},
		"twice":            {given: challenged, edit: func(*message) {}, err: types.ErrAlreadyChallenged},
		"in the window":    {genesis: undrawn, given: blocks(15), edit: func(*message) {}},
		"after it is paid": {genesis: undrawn, given: blocks(40), edit: func(*message) {}, err: types.ErrNotChallengeable},
		"wrong where a difference proves nothing": {
			genesis: func(g sim.Genesis) { g.Registry.Classes[0].Sound = false }, edit: func(*message) {}, err: types.ErrInvalidChallenge,
		},
		"unavailable where a difference proves nothing": {
			genesis: func(g sim.Genesis) { g.Registry.Classes[0].Sound = false },
			edit:    func(m *message) { m.Kind = types.ChallengeUnavailable },
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			edits := []func(sim.Genesis){noFirstAudits}
			if tc.genesis != nil {
				edits = append(edits, tc.genesis)
			}
			c, task := challengeable(t, 9, 0, nil, edits...)
			if tc.given != nil {
				tc.given(t, c, task)
			}
			msg := message{Sender: sim.Text(challenger), Task: task, Kind: types.ChallengeWrong}
			tc.edit(&msg)
			attempt(t, c, tc.err, func(ctx context.Context) error {
				_, err := c.Msgs().Challenge(ctx, &msg)
				return err
			})
		})
	}
}

func TestAppeal(t *testing.T) {
	fund := func(t *testing.T, c *sim.Chain, a sdk.AccAddress) string {
		require.NoError(t, c.Fund(a, 100*sim.CUPEL))
		return sim.Text(a)
	}
	tests := map[string]struct {
		sender func(*testing.T, *sim.Chain, types.Case) string
		task   func(uint64) uint64
		later  int
		twice  bool
		err    error
	}{
		"operator": {sender: func(t *testing.T, c *sim.Chain, k types.Case) string {
			return fund(t, c, workerOf(t, c, k.WrongSeats()[0]).Operator)
		}},
		"worker": {sender: func(t *testing.T, c *sim.Chain, k types.Case) string {
			return fund(t, c, workerOf(t, c, k.WrongSeats()[0]).Hot)
		}},
		"requester": {},
		"twice":     {twice: true, err: types.ErrAlreadyAppealed},
		"who is right": {sender: func(t *testing.T, c *sim.Chain, k types.Case) string {
			return fund(t, c, workerOf(t, c, k.Servers()[0]).Operator)
		}, err: types.ErrMayNotAppeal},
		"a stranger": {sender: func(t *testing.T, c *sim.Chain, _ types.Case) string {
			return fund(t, c, sim.Addr("stranger"))
		}, err: types.ErrMayNotAppeal},
		"without coins": {sender: func(t *testing.T, c *sim.Chain, k types.Case) string {
			return sim.Text(workerOf(t, c, k.WrongSeats()[0]).Operator)
		}, err: sdkerrors.ErrInsufficientFunds},
		"bad signer":    {sender: func(*testing.T, *sim.Chain, types.Case) string { return "" }, err: sdkerrors.ErrInvalidAddress},
		"no case":       {task: func(task uint64) uint64 { return task + 1 }, err: types.ErrCaseNotFound},
		"in the window": {later: 15},
		"after it":      {later: 21, err: types.ErrNotAppealable},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c, task, k := liarsOfSeven(t)
			sender := sim.Text(requester)
			if tc.sender != nil {
				sender = tc.sender(t, c, k)
			}
			require.NoError(t, c.Blocks(tc.later))
			if tc.twice {
				appeal(t, c, requester, task)
			}
			if tc.task != nil {
				task = tc.task(task)
			}
			attempt(t, c, tc.err, func(ctx context.Context) error {
				_, err := c.Msgs().Appeal(ctx, &types.MsgAppeal{Sender: sender, Task: task})
				return err
			})
		})
	}
}

// TestUnavailableShapes refuses reports that say nothing.
func TestUnavailableShapes(t *testing.T) {
	for name, tc := range map[string]struct {
		edit func(*bench, *types.CaseReveal)
		err  error
	}{
		"a replica": {func(b *bench, r *types.CaseReveal) {
			r.Unavailable = []uint32{caseOf(b.t, b.c, b.task).Seats[0].Provider}
		}, nil},
		"itself": {func(b *bench, r *types.CaseReveal) { r.Unavailable = []uint32{b.worker.ID} }, types.ErrInvalidReveal},
		"nobody": {func(_ *bench, r *types.CaseReveal) { r.Unavailable = []uint32{99} }, types.ErrInvalidReveal},
		"twice": {func(b *bench, r *types.CaseReveal) {
			id := caseOf(b.t, b.c, b.task).Seats[0].Provider
			r.Unavailable = []uint32{id, id}
		}, types.ErrInvalidReveal},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			tc.edit(b, &b.reveal)
			b.commits(b.reveal)
			if tc.err == nil {
				silent := b.reveal
				silent.Unavailable = nil
				require.ErrorIs(t, b.open(b.worker, silent), types.ErrCommitmentMismatch, "the report is committed to")
			}
			attempt(t, b.c, tc.err, func(ctx context.Context) error {
				_, err := b.c.Msgs().RevealCase(ctx, &types.MsgRevealCase{Worker: sim.Text(b.worker.Hot), Cases: []types.CaseReveal{b.reveal}})
				return err
			})
		})
	}
}

// TestDisputeEvents compares what challenges and appeals emit with golden files.
func TestDisputeEvents(t *testing.T) {
	stories := map[string]func(*testing.T) (*sim.Chain, func(ctx context.Context) error){
		"challenge_lost": func(t *testing.T) (*sim.Chain, func(context.Context) error) {
			c, task := challengeable(t, 9, 0, nil)
			return c, func(ctx context.Context) error {
				_, err := c.Msgs().Challenge(ctx, &types.MsgChallenge{Sender: sim.Text(challenger), Task: task, Kind: types.ChallengeWrong})
				return err
			}
		},
		"challenge_unavailable": func(t *testing.T) (*sim.Chain, func(context.Context) error) {
			c, task := challengeable(t, 9, 0, nil)
			all(c, func(w *sim.Worker) { w.Unreachable = func(uint32) bool { return true } })
			return c, func(ctx context.Context) error {
				_, err := c.Msgs().Challenge(ctx, &types.MsgChallenge{Sender: sim.Text(challenger), Task: task, Kind: types.ChallengeUnavailable})
				return err
			}
		},
		"appeal": func(t *testing.T) (*sim.Chain, func(context.Context) error) {
			c, task, _ := liarsOfSeven(t)
			return c, func(ctx context.Context) error {
				_, err := c.Msgs().Appeal(ctx, &types.MsgAppeal{Sender: sim.Text(requester), Task: task})
				return err
			}
		},
	}
	for name, tell := range stories {
		t.Run(name, func(t *testing.T) {
			c, message := tell(t)
			c.Ctx = c.Ctx.WithEventManager(sdk.NewEventManager())
			require.NoError(t, message(c.Ctx))
			var b strings.Builder
			render(t, &b, 0, c.Ctx.EventManager().Events())
			for i := range 60 {
				endBlock(t, c, &b, i+1)
			}
			path := filepath.Join("testdata", "events", name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o600))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), b.String())
		})
	}
}
