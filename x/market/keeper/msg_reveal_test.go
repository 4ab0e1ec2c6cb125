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

type revealCase struct {
	given func(*desk)
	edit  func(*desk, *types.LotReveal)
	err   error
}

func committed(d *desk) { d.commits(3) }

func revealShapes() map[string]revealCase {
	bad := types.ErrInvalidReveal
	result := func(f func(*types.Result)) func(*desk, *types.LotReveal) {
		return func(_ *desk, r *types.LotReveal) { f(&r.Results[1]) }
	}
	return map[string]revealCase{
		"no results":            {committed, func(_ *desk, r *types.LotReveal) { r.Results = nil }, bad},
		"a result too few":      {committed, func(_ *desk, r *types.LotReveal) { r.Results = r.Results[:2] }, bad},
		"a result too many":     {committed, func(_ *desk, r *types.LotReveal) { r.Results = append(r.Results, r.Results[0]) }, bad},
		"no proofs":             {committed, func(_ *desk, r *types.LotReveal) { r.Proofs = nil }, bad},
		"proofs too short":      {committed, func(_ *desk, r *types.LotReveal) { r.Proofs = r.Proofs[:95] }, bad},
		"proofs too long":       {committed, func(_ *desk, r *types.LotReveal) { r.Proofs = append(r.Proofs, 0) }, bad},
		"outcome missing":       {committed, result(func(r *types.Result) { r.Outcome = 0 }), bad},
		"outcome between kinds": {committed, result(func(r *types.Result) { r.Outcome = 6 }), bad},
		"outcome unknown":       {committed, result(func(r *types.Result) { r.Outcome = 20 }), bad},
		"outcome negative":      {committed, result(func(r *types.Result) { r.Outcome = -1 }), bad},
		"digest missing":        {committed, result(func(r *types.Result) { r.Digest = nil }), bad},
		"digest of 31 bytes":    {committed, result(func(r *types.Result) { r.Digest = r.Digest[:31] }), bad},
		"digest of 33 bytes":    {committed, result(func(r *types.Result) { r.Digest = append(r.Digest, 0) }), bad},
		"units over the limit":  {committed, result(func(r *types.Result) { r.Units = 1_000_000_001 }), bad},
		"fault with a digest":   {committed, result(func(r *types.Result) { r.Outcome, r.Units = types.OutcomeWall, 0 }), bad},
		"fault with units":      {committed, result(func(r *types.Result) { r.Outcome, r.Digest = types.OutcomeWall, nil }), bad},
	}
}

func revealStates() map[string]revealCase {
	none := func(*desk, *types.LotReveal) {}
	lie := func(_ *desk, r *types.LotReveal) { r.Results[0] = sim.Wrong(1).Result }
	return map[string]revealCase{
		"valid":                   {committed, none, nil},
		"unknown batch":           {committed, func(_ *desk, r *types.LotReveal) { r.Batch = 99 }, types.ErrBatchNotFound},
		"unknown lot":             {committed, func(_ *desk, r *types.LotReveal) { r.Lot = 1 }, types.ErrLotNotFound},
		"greatest lot":            {committed, func(_ *desk, r *types.LotReveal) { r.Lot = 1<<32 - 1 }, types.ErrLotNotFound},
		"no attempt":              {committed, func(_ *desk, r *types.LotReveal) { r.Attempt = 0 }, types.ErrNotSeated},
		"attempt of another":      {committed, func(_ *desk, r *types.LotReveal) { r.Attempt++ }, types.ErrNotSeated},
		"before any commit":       {nil, none, types.ErrWrongPhase},
		"before all have":         {func(d *desk) { d.commits(2) }, none, types.ErrWrongPhase},
		"another result":          {committed, lie, types.ErrCommitmentMismatch},
		"another salt":            {committed, func(_ *desk, r *types.LotReveal) { r.Salt = make([]byte, 32) }, types.ErrCommitmentMismatch},
		"no salt":                 {committed, func(_ *desk, r *types.LotReveal) { r.Salt = nil }, types.ErrInvalidReveal},
		"another proof":           {committed, func(_ *desk, r *types.LotReveal) { r.Proofs[0] ^= 1 }, types.ErrCommitmentMismatch},
		"fewer units":             {committed, func(_ *desk, r *types.LotReveal) { r.Results[2].Units-- }, types.ErrCommitmentMismatch},
		"results swapped":         {committed, func(_ *desk, r *types.LotReveal) { r.Results[0], r.Results[1] = r.Results[1], r.Results[0] }, types.ErrCommitmentMismatch},
		"identical repeat":        {func(d *desk) { d.reveals(1) }, none, nil},
		"repeat after agreement":  {func(d *desk) { d.reveals(3) }, none, nil},
		"another after the first": {func(d *desk) { d.reveals(1) }, lie, types.ErrWrongPhase},
		"void attempt":            {func(d *desk) { d.commits(3); d.void() }, none, types.ErrVoided},
		"past the deadline":       {func(d *desk) { d.commits(3); d.blocks(4) }, none, types.ErrTooLate},
		"late":                    {func(d *desk) { d.withholds() }, none, nil},
		"late and other":          {func(d *desk) { d.withholds() }, lie, types.ErrCommitmentMismatch},
		"late and final":          {func(d *desk) { d.withholds(); d.blocks(30) }, none, types.ErrTooLate},
		"late, nobody revealed":   {func(d *desk) { d.commits(3); d.blocks(6) }, none, nil},
		"failed and final":        {func(d *desk) { d.commits(3); d.blocks(30) }, none, types.ErrTooLate},
		"settled":                 {func(d *desk) { d.reveals(3); d.blocks(40) }, none, types.ErrWrongPhase},
	}
}

// withholds lets the other seats reveal and the first one miss its deadline.
func (d *desk) withholds() {
	d.commits(3)
	for _, s := range d.seats[1:] {
		require.NoError(d.t, d.opens(workerOf(d.t, d.c, s.Provider), d.answer(s)))
	}
	d.blocks(6)
	require.Equal(d.t, types.SeatWithheld, lotOf(d.t, d.c, d.batch, 0).Seats[0].Phase)
}

func TestReveal(t *testing.T) {
	tests := revealShapes()
	for name, tc := range revealStates() {
		tests[name] = tc
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, lotOrder())
			if tc.given != nil {
				tc.given(d)
			}
			tc.edit(d, &d.reveal)
			msg := types.MsgReveal{Worker: sim.Text(d.worker.Hot), Lots: []types.LotReveal{d.reveal}}
			attempt(t, d.c, tc.err, func(ctx context.Context) error {
				_, err := d.c.Msgs().Reveal(ctx, &msg)
				return err
			})
		})
	}
}

func TestRevealSigners(t *testing.T) {
	tests := map[string]struct {
		worker func(*desk) string
		err    error
	}{
		"seat of another":  {func(d *desk) string { return sim.Text(workerOf(d.t, d.c, d.seats[1].Provider).Hot) }, types.ErrNotSeated},
		"without a seat":   {func(d *desk) string { return sim.Text(outsider(d.t, d.c, d.seats).Hot) }, types.ErrNotSeated},
		"operator signs":   {func(d *desk) string { return sim.Text(d.worker.Operator) }, types.ErrUnknownProvider},
		"not a provider":   {func(*desk) string { return sim.Text(requester) }, types.ErrUnknownProvider},
		"authority signs":  {func(*desk) string { return sim.Text(sim.Gov) }, types.ErrUnknownProvider},
		"of other network": {func(*desk) string { return "cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a" }, sdkerrors.ErrInvalidAddress},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, lotOrder())
			d.commits(3)
			msg := types.MsgReveal{Worker: tc.worker(d), Lots: []types.LotReveal{d.reveal}}
			attempt(t, d.c, tc.err, func(ctx context.Context) error {
				_, err := d.c.Msgs().Reveal(ctx, &msg)
				return err
			})
		})
	}
	for n, want := range map[int]error{0: types.ErrNoItems, 1_000: types.ErrBatchNotFound, 1_001: types.ErrTooManyItems} {
		d := newDesk(t, lotOrder())
		attempt(t, d.c, want, func(ctx context.Context) error {
			_, err := d.c.Msgs().Reveal(ctx, &types.MsgReveal{Worker: sim.Text(d.worker.Hot), Lots: make([]types.LotReveal, n)})
			return err
		})
	}
}

// TestCopiedCommitment checks that who repeats another's commitment cannot
// open it: the operator is part of it.
func TestCopiedCommitment(t *testing.T) {
	d := newDesk(t, lotOrder())
	victim, thief := d.seats[0], d.seats[1]
	copied := d.commitment(victim)
	copied.Attempt = thief.Attempt
	w := workerOf(t, d.c, thief.Provider)
	require.NoError(t, d.commit(w, copied))
	for _, s := range []types.Seat{d.seats[0], d.seats[2]} {
		require.NoError(t, d.commit(workerOf(t, d.c, s.Provider), d.commitment(s)))
	}
	require.NoError(t, d.opens(d.worker, d.reveal))
	stolen := d.reveal
	for _, token := range []uint32{victim.Attempt, thief.Attempt} {
		stolen.Attempt = token
		want := types.ErrNotSeated
		if token == thief.Attempt {
			want = types.ErrCommitmentMismatch
		}
		attempt(t, d.c, want, func(ctx context.Context) error {
			_, err := d.c.Msgs().Reveal(ctx, &types.MsgReveal{Worker: sim.Text(w.Hot), Lots: []types.LotReveal{stolen}})
			return err
		})
	}
}

// TestRevealOfOneSeat takes an answer without a commit, once.
func TestRevealOfOneSeat(t *testing.T) {
	d := newDesk(t, sim.Optimistic(lotOrder()))
	other := d.answer(d.seats[0])
	require.NoError(t, d.opens(d.worker, d.reveal))
	require.NoError(t, d.opens(d.worker, d.reveal), "an identical repeat")
	other.Results[0].Units--
	require.ErrorIs(t, d.opens(d.worker, other), types.ErrWrongPhase)
	require.Equal(t, types.TaskAgreed, lotOf(t, d.c, d.batch, 0).State)
	require.NoError(t, d.c.Check())
}
