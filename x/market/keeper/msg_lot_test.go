// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

// desk is a lot of three tasks with its first seat and the honest answer of it.
type desk struct {
	t      *testing.T
	c      *sim.Chain
	batch  uint64
	seats  []types.Seat
	worker *sim.Worker
	reveal types.LotReveal
}

// lotOrder is a submit of one lot of three tasks.
func lotOrder() types.MsgSubmit {
	m := sim.Submit(requester)
	m.Count, m.LotSize, m.Deadline, m.Limits.WallSeconds = 3, 3, 10, 1
	return m
}

func newDesk(t *testing.T, m types.MsgSubmit) *desk {
	d := &desk{t: t, c: passive(t, 5)}
	d.batch, d.seats = assigned(t, d.c, m)
	d.worker = workerOf(t, d.c, d.seats[0].Provider)
	d.reveal = d.answer(d.seats[0])
	return d
}

// answer is what the worker of a seat would reveal.
func (d *desk) answer(s types.Seat) types.LotReveal {
	return workerOf(d.t, d.c, s.Provider).Reveal(d.batch, types.LotWork{Attempt: s.Attempt, Count: 3})
}

func (d *desk) commitment(s types.Seat) types.LotCommit {
	operator := workerOf(d.t, d.c, s.Provider).Operator
	return types.LotCommit{Batch: d.batch, Attempt: s.Attempt, Commitment: types.CommitLot(sim.ChainID, operator, d.answer(s))}
}

func (d *desk) commit(w *sim.Worker, items ...types.LotCommit) error {
	return d.c.Deliver(func(ctx context.Context) error {
		_, err := d.c.Msgs().Commit(ctx, &types.MsgCommit{Worker: sim.Text(w.Hot), Lots: items})
		return err
	})
}

func (d *desk) opens(w *sim.Worker, items ...types.LotReveal) error {
	return d.c.Deliver(func(ctx context.Context) error {
		_, err := d.c.Msgs().Reveal(ctx, &types.MsgReveal{Worker: sim.Text(w.Hot), Lots: items})
		return err
	})
}

// commits commits the first n seats.
func (d *desk) commits(n int) {
	for _, s := range d.seats[:n] {
		require.NoError(d.t, d.commit(workerOf(d.t, d.c, s.Provider), d.commitment(s)))
	}
}

// reveals opens the first n seats after all have committed.
func (d *desk) reveals(n int) {
	d.commits(3)
	for _, s := range d.seats[:n] {
		require.NoError(d.t, d.opens(workerOf(d.t, d.c, s.Provider), d.answer(s)))
	}
}

func (d *desk) blocks(n int) { require.NoError(d.t, d.c.Blocks(n)) }

// void makes a wrong result of the worker final.
func (d *desk) void() {
	load, err := d.c.Registry.Load(d.c.Ctx, d.worker.ID)
	require.NoError(d.t, err)
	load.VoidClock, err = d.c.Registry.Tick(d.c.Ctx)
	require.NoError(d.t, err)
	require.NoError(d.t, d.c.Registry.SetLoad(d.c.Ctx, d.worker.ID, load))
}

type commitCase struct {
	given func(*desk)
	edit  func(*desk, *types.MsgCommit)
	err   error
}

func commitCases() map[string]commitCase {
	item := func(f func(*desk, *types.LotCommit)) func(*desk, *types.MsgCommit) {
		return func(d *desk, m *types.MsgCommit) { f(d, &m.Lots[0]) }
	}
	size := func(n int) func(*desk, *types.MsgCommit) {
		return item(func(_ *desk, l *types.LotCommit) { l.Commitment = make([]byte, n) })
	}
	none := item(func(*desk, *types.LotCommit) {})
	return map[string]commitCase{
		"valid":                  {nil, none, nil},
		"any 32 bytes":           {nil, size(32), nil},
		"empty":                  {nil, size(0), types.ErrInvalidCommitment},
		"31 bytes":               {nil, size(31), types.ErrInvalidCommitment},
		"33 bytes":               {nil, size(33), types.ErrInvalidCommitment},
		"unknown batch":          {nil, item(func(_ *desk, l *types.LotCommit) { l.Batch = 99 }), types.ErrBatchNotFound},
		"no batch":               {nil, item(func(_ *desk, l *types.LotCommit) { l.Batch = 0 }), types.ErrBatchNotFound},
		"unknown lot":            {nil, item(func(_ *desk, l *types.LotCommit) { l.Lot = 1 }), types.ErrLotNotFound},
		"greatest lot":           {nil, item(func(_ *desk, l *types.LotCommit) { l.Lot = 1<<32 - 1 }), types.ErrLotNotFound},
		"no attempt":             {nil, item(func(_ *desk, l *types.LotCommit) { l.Attempt = 0 }), types.ErrNotSeated},
		"attempt of another":     {nil, item(func(_ *desk, l *types.LotCommit) { l.Attempt++ }), types.ErrNotSeated},
		"another worker":         {nil, func(d *desk, m *types.MsgCommit) { m.Worker = sim.Text(outsider(d.t, d.c, d.seats).Hot) }, types.ErrNotSeated},
		"operator signs":         {nil, func(d *desk, m *types.MsgCommit) { m.Worker = sim.Text(d.worker.Operator) }, types.ErrUnknownProvider},
		"requester signs":        {nil, func(_ *desk, m *types.MsgCommit) { m.Worker = sim.Text(requester) }, types.ErrUnknownProvider},
		"no items":               {nil, func(_ *desk, m *types.MsgCommit) { m.Lots = nil }, types.ErrNoItems},
		"1,001 items":            {nil, func(_ *desk, m *types.MsgCommit) { m.Lots = make([]types.LotCommit, 1_001) }, types.ErrTooManyItems},
		"1,000 bad items":        {nil, func(_ *desk, m *types.MsgCommit) { m.Lots = make([]types.LotCommit, 1_000) }, types.ErrInvalidCommitment},
		"identical repeat":       {func(d *desk) { d.commits(1) }, none, nil},
		"another commitment":     {func(d *desk) { d.commits(1) }, size(32), types.ErrCommitmentChanged},
		"repeat after the phase": {func(d *desk) { d.commits(3) }, none, nil},
		"change after the phase": {func(d *desk) { d.commits(3) }, size(32), types.ErrCommitmentChanged},
		"after the reveal":       {func(d *desk) { d.reveals(1) }, none, types.ErrWrongPhase},
		"after the agreement":    {func(d *desk) { d.reveals(3) }, none, types.ErrWrongPhase},
		"in the last tick":       {func(d *desk) { d.blocks(5) }, none, nil},
		"void attempt":           {func(d *desk) { d.void() }, none, types.ErrVoided},
		"drawn again":            {func(d *desk) { d.blocks(8) }, none, types.ErrWrongPhase},
		"past the deadline":      {func(d *desk) { d.blocks(6) }, none, types.ErrTooLate},
	}
}

func TestCommit(t *testing.T) {
	tests := commitCases()
	for name, address := range addressCases() {
		tests["worker "+name] = commitCase{nil, func(_ *desk, m *types.MsgCommit) { m.Worker = address }, sdkerrors.ErrInvalidAddress}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, lotOrder())
			if tc.given != nil {
				tc.given(d)
			}
			msg := types.MsgCommit{Worker: sim.Text(d.worker.Hot), Lots: []types.LotCommit{d.commitment(d.seats[0])}}
			tc.edit(d, &msg)
			attempt(t, d.c, tc.err, func(ctx context.Context) error {
				_, err := d.c.Msgs().Commit(ctx, &msg)
				return err
			})
			if tc.err == nil {
				require.NotEmpty(t, lotOf(t, d.c, d.batch, 0).Seats[0].Commitment)
			}
		})
	}
}

// TestCommitOfOneSeat checks that a lot with one seat takes no commit.
func TestCommitOfOneSeat(t *testing.T) {
	d := newDesk(t, sim.Optimistic(lotOrder()))
	msg := types.MsgCommit{Worker: sim.Text(d.worker.Hot), Lots: []types.LotCommit{d.commitment(d.seats[0])}}
	attempt(t, d.c, types.ErrWrongPhase, func(ctx context.Context) error {
		_, err := d.c.Msgs().Commit(ctx, &msg)
		return err
	})
}

// TestItemsFailAlone checks that the good items of a message take effect and
// the bad ones are listed with their codes.
func TestItemsFailAlone(t *testing.T) {
	d := newDesk(t, lotOrder())
	good := d.commitment(d.seats[0])
	bad, changed := good, good
	bad.Batch, changed.Commitment = 99, make([]byte, 32)

	res, err := d.c.Msgs().Commit(d.c.Ctx, &types.MsgCommit{Worker: sim.Text(d.worker.Hot), Lots: []types.LotCommit{bad, good, good, changed}})

	require.NoError(t, err)
	require.Len(t, res.Errors, 2)
	require.EqualValues(t, []uint32{0, 18, 3, 29}, []uint32{res.Errors[0].Index, res.Errors[0].Code, res.Errors[1].Index, res.Errors[1].Code})
	for _, e := range res.Errors {
		require.Equal(t, types.ModuleName, e.Codespace)
		require.NotEmpty(t, e.Message)
	}
	require.Equal(t, types.SeatCommitted, lotOf(t, d.c, d.batch, 0).Seats[0].Phase)
	require.NoError(t, d.c.Check())
}
