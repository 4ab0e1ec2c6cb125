// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// actor is the provider that signs a message with many items.
type actor struct {
	registrytypes.Provider
	operator []byte
	// void is the tick up to which its attempts are void.
	void  uint64
	now   moment
	epoch uint64
}

// actor resolves the worker that signs a message.
func (k *Keeper) actor(ctx context.Context, worker sdk.AccAddress) (*actor, error) {
	p, err := k.Registry.ProviderByWorker(ctx, worker)
	if err != nil {
		return nil, types.ErrUnknownProvider.Wrapf("%s: %s", worker, err)
	}
	a := &actor{Provider: p}
	if a.operator, err = k.addresses.StringToBytes(p.Operator); err != nil {
		return nil, err
	}
	load, err := k.Registry.Load(ctx, p.Id)
	if err != nil {
		return nil, err
	}
	a.void = load.VoidClock
	if a.now, err = k.now(ctx); err != nil {
		return nil, err
	}
	a.epoch, err = k.epoch(ctx)
	return a, err
}

// seen notes that whoever acts is alive.
func (k *Keeper) seen(ctx context.Context, a *actor) error {
	return k.withLoad(ctx, a.Id, func(l *registrytypes.Load) { l.LastSeen = a.now.tick })
}

// withLoad changes the load of a provider.
func (k *Keeper) withLoad(ctx context.Context, provider uint32, change func(*registrytypes.Load)) error {
	load, err := k.Registry.Load(ctx, provider)
	if err != nil {
		return err
	}
	change(&load)
	return k.Registry.SetLoad(ctx, provider, load)
}

// voided reports whether a final wrong result voided what was assigned at a tick.
func voided(void, assigned uint64) bool {
	return void != 0 && assigned <= void
}

// isVoid reports whether what a provider was assigned at a tick is void.
func (k *Keeper) isVoid(ctx context.Context, provider uint32, assigned uint64) (bool, error) {
	load, err := k.Registry.Load(ctx, provider)
	return voided(load.VoidClock, assigned), err
}

// seatOf finds the seat of a provider under a fencing token.
func seatOf(l *types.Lot, provider, attempt uint32) (*types.Seat, error) {
	for i := range l.Seats {
		if s := &l.Seats[i]; s.Provider == provider && s.Attempt == attempt {
			return s, nil
		}
	}
	return nil, types.ErrNotSeated.Wrapf("attempt %d; the seat may have been drawn again", attempt)
}

// Commit stores the commitment of a seat. The same commitment again is a
// successful no-op.
func (k *Keeper) Commit(ctx context.Context, a *actor, c types.LotCommit) error {
	if len(c.Commitment) != types.HashSize {
		return types.ErrInvalidCommitment.Wrapf("%d bytes", len(c.Commitment))
	}
	o, err := k.order(ctx, c.Batch)
	if err != nil {
		return err
	}
	l, err := k.lot(ctx, c.Batch, c.Lot)
	if err != nil {
		return err
	}
	s, err := seatOf(&l, a.Id, c.Attempt)
	if err != nil {
		return err
	}
	switch {
	case s.Phase == types.SeatCommitted && bytes.Equal(s.Commitment, c.Commitment):
		return nil
	case s.Phase == types.SeatCommitted:
		return types.ErrCommitmentChanged.Wrapf("batch %d lot %d attempt %d", c.Batch, c.Lot, c.Attempt)
	case l.State != types.TaskAssigned || s.Phase != types.SeatAssigned:
		return types.ErrWrongPhase.Wrapf("lot is %s, seat is %s", l.State, s.Phase)
	case o.Replicas == 1:
		return types.ErrWrongPhase.Wrap("a lot with one seat is revealed without a commit")
	case voided(a.void, s.Assigned):
		return types.ErrVoided.Wrapf("assigned at %d, void up to %d", s.Assigned, a.void)
	case a.now.passed(l.Due, l.DueTime):
		return types.ErrTooLate.Wrapf("commits ended at tick %d, now is %d", l.Due, a.now.tick)
	}
	s.Phase, s.Commitment, s.Elapsed = types.SeatCommitted, c.Commitment, o.stopClock(s.AssignedTime, a.now)
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(types.LotEvent(types.EventResultCommitted, o.Batch, c.Lot,
		types.Attr(types.AttrProvider, uint64(a.Id)), types.Attr(types.AttrAttempt, uint64(c.Attempt))))
	if countSeats(&l, types.SeatCommitted) == int(o.Replicas) {
		if err := k.openReveals(ctx, o, c.Lot, &l, a.now); err != nil {
			return err
		}
	}
	return k.Lots.Set(ctx, collections.Join(c.Batch, c.Lot), l)
}

// openReveals opens the reveal phase of a lot.
func (k *Keeper) openReveals(ctx context.Context, o *order, lot uint32, l *types.Lot, now moment) error {
	l.State = types.TaskCommitted
	return k.armLot(ctx, o, lot, l, now, o.params.RevealTicks)
}

func countSeats(l *types.Lot, phase types.SeatPhase) int {
	n := 0
	for _, s := range l.Seats {
		if s.Phase == phase {
			n++
		}
	}
	return n
}

// Reveal opens the commitment of a seat, or takes the answer of a lot with one
// seat. The same reveal again is a successful no-op.
func (k *Keeper) Reveal(ctx context.Context, a *actor, r types.LotReveal, b *book) error {
	o, err := k.order(ctx, r.Batch)
	if err != nil {
		return err
	}
	if r.Lot >= o.Lots() {
		return types.ErrLotNotFound.Wrapf("batch %d has %d lots, not %d", r.Batch, o.Lots(), r.Lot)
	}
	if o.proved() {
		return types.ErrWrongPhase.Wrapf("batch %d is %s: prove it", o.Id, o.Policy)
	}
	if err := o.validateReveal(r); err != nil {
		return err
	}
	l, err := k.lot(ctx, r.Batch, r.Lot)
	if err != nil {
		return err
	}
	s, err := seatOf(&l, a.Id, r.Attempt)
	if err != nil {
		return err
	}
	if s.Phase == types.SeatRevealed && bytes.Equal(s.Proofs, r.Proofs) && sameVector(l.Vectors[s.Vector-1], o.metered(r.Results, s.Elapsed)) {
		return nil
	}
	if s.Phase == types.SeatWithheld {
		return k.revealLate(ctx, o, a, &l, s, r)
	}
	if err := o.mayReveal(sdk.UnwrapSDKContext(ctx).ChainID(), a, &l, s, r); err != nil {
		return err
	}
	l.Epoch = a.epoch
	if err := k.storeReveal(ctx, o, a, &l, s, r); err != nil {
		return err
	}
	if err := k.expose(ctx, o, &l, s); err != nil {
		return err
	}
	if countSeats(&l, types.SeatRevealed) == int(o.Replicas) {
		if err := k.conclude(ctx, o, r.Lot, &l, a.now, b); err != nil {
			return err
		}
	}
	return k.Lots.Set(ctx, collections.Join(r.Batch, r.Lot), l)
}

// validateReveal checks the shape of a reveal of an existing lot.
func (o *order) validateReveal(r types.LotReveal) error {
	_, count := o.LotTasks(r.Lot)
	if len(r.Results) != int(count) || len(r.Proofs) != int(count)*types.HashSize {
		return types.ErrInvalidReveal.Wrapf("%d results and %d bytes of run proofs for %d tasks", len(r.Results), len(r.Proofs), count)
	}
	if len(r.Salt) != types.HashSize && (o.Replicas > 1 || len(r.Salt) != 0) {
		return types.ErrInvalidReveal.Wrapf("salt has %d bytes, must be %d", len(r.Salt), types.HashSize)
	}
	for i, result := range r.Results {
		if err := o.validateResult(result); err != nil {
			return errorsmod.Wrapf(err, "result %d", i)
		}
	}
	return nil
}

// mayReveal checks that a seat may reveal now, and that the reveal opens its
// commitment.
func (o *order) mayReveal(chainID string, a *actor, l *types.Lot, s *types.Seat, r types.LotReveal) error {
	single := o.Replicas == 1 && l.State == types.TaskAssigned && s.Phase == types.SeatAssigned
	switch {
	case !single && (l.State != types.TaskCommitted || s.Phase != types.SeatCommitted):
		return types.ErrWrongPhase.Wrapf("lot is %s, seat is %s", l.State, s.Phase)
	case voided(a.void, s.Assigned):
		return types.ErrVoided.Wrapf("assigned at %d, void up to %d", s.Assigned, a.void)
	case a.now.passed(l.Due, l.DueTime):
		return types.ErrTooLate.Wrapf("reveals ended at tick %d, now is %d", l.Due, a.now.tick)
	case !single && !bytes.Equal(s.Commitment, types.CommitLot(chainID, a.operator, r)):
		return types.ErrCommitmentMismatch.Wrapf("batch %d lot %d attempt %d", r.Batch, r.Lot, r.Attempt)
	}
	return nil
}

// storeReveal writes an answer into its seat and takes the lot off the provider.
func (k *Keeper) storeReveal(ctx context.Context, o *order, a *actor, l *types.Lot, s *types.Seat, r types.LotReveal) error {
	s.Phase, s.Commitment, s.Proofs = types.SeatRevealed, nil, r.Proofs
	if o.Replicas == 1 {
		s.Elapsed = o.stopClock(s.AssignedTime, a.now)
	}
	s.Vector = vectorOf(l, o.metered(r.Results, s.Elapsed))
	err := k.withLoad(ctx, a.Id, func(l *registrytypes.Load) {
		l.InFlight -= min(l.InFlight, 1)
		l.Completed++
	})
	if err != nil {
		return err
	}
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(types.LotEvent(types.EventResultRevealed, o.Batch, r.Lot,
		types.Attr(types.AttrProvider, uint64(a.Id)), types.Attr(types.AttrAttempt, uint64(r.Attempt))))
	return k.Work.Remove(ctx, collections.Join(a.Id, types.TaskID(r.Batch, r.Lot)))
}

// equalsAgreed checks a late result against the agreed one, or against that of
// the task's case, which must have been decided.
func (k *Keeper) equalsAgreed(ctx context.Context, o *order, l *types.Lot, r types.LotReveal, position uint32, result types.Result) error {
	agreed, ok := l.Agreed(position)
	if l.InCase(position) {
		first, _ := o.LotTasks(r.Lot)
		c, err := k.caseOf(ctx, types.TaskID(r.Batch, first+position))
		if err != nil {
			return err
		}
		if c.State == types.TaskUnspecified {
			return types.ErrWrongPhase.Wrapf("the case of task %d is not decided yet: reveal again then", c.Task)
		}
		agreed, ok = c.Result, c.State == types.TaskAgreed
	}
	if ok && !agreed.Same(result, o.measured()) {
		return types.ErrInvalidReveal.Wrapf("result %d is late and not equal to the agreed one", position)
	}
	return nil
}

// vectorOf returns 1 + the index of an answer among the distinct ones of the
// lot, and adds it if it is new.
func vectorOf(l *types.Lot, results []types.Result) uint32 {
	for i, v := range l.Vectors {
		if sameVector(v, results) {
			return uint32(i) + 1
		}
	}
	l.Vectors = append(l.Vectors, types.Vector{Results: results})
	return uint32(len(l.Vectors))
}

func sameVector(v types.Vector, results []types.Result) bool {
	if len(v.Results) != len(results) {
		return false
	}
	for i := range results {
		if !v.Results[i].Equal(results[i]) {
			return false
		}
	}
	return true
}

// revealLate takes a reveal after its deadline and before the withheld seat is
// final: if it opens the commitment and equals the agreed answer, the seat
// loses the no-show fee only.
func (k *Keeper) revealLate(ctx context.Context, o *order, a *actor, l *types.Lot, s *types.Seat, r types.LotReveal) error {
	if l.Due == 0 || l.Punished {
		return types.ErrTooLate.Wrap("the loss of the seat is final")
	}
	if !bytes.Equal(s.Commitment, types.CommitLot(sdk.UnwrapSDKContext(ctx).ChainID(), a.operator, r)) {
		return types.ErrCommitmentMismatch.Wrapf("batch %d lot %d attempt %d", r.Batch, r.Lot, r.Attempt)
	}
	for i, result := range r.Results {
		if err := k.equalsAgreed(ctx, o, l, r, uint32(i), result); err != nil {
			return err
		}
	}
	s.Phase = types.SeatLate
	return k.Lots.Set(ctx, collections.Join(r.Batch, r.Lot), *l)
}
