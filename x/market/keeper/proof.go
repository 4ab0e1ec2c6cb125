// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"slices"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// proved reports whether the tasks of the order are paid on a proof.
func (o *order) proved() bool { return o.Policy == types.PolicyProof }

// checkCircuit checks the circuit that a submit names. Seats are drawn for
// audited ones only: with another a provider could be handed what nobody can
// prove, or what proves nothing; who hires knows whom it trusts with what.
func (k *Keeper) checkCircuit(ctx context.Context, msg types.MsgSubmit) error {
	if msg.Policy != types.PolicyProof {
		return nil
	}
	c, err := k.Oracle.CircuitByID(ctx, msg.Circuit)
	if err != nil {
		return types.ErrInvalidCircuit.Wrap(err.Error())
	}
	if c.Inputs != types.ProofInputs {
		return types.ErrInvalidCircuit.Wrapf("circuit %d has %d public inputs, tasks have %d", c.Id, c.Inputs, types.ProofInputs)
	}
	if !c.Audited && msg.Hire == "" {
		return types.ErrInvalidCircuit.Wrapf("circuit %d is not audited: hire a provider for it", c.Id)
	}
	return nil
}

// Prove takes the results of a lot with their proofs, pays it and makes its
// leaves: agreed and settled in one step. The same results again are a
// successful no-op. See ADR-011.
func (k *Keeper) Prove(ctx context.Context, a *actor, r types.LotProof, b *book) error {
	o, err := k.order(ctx, r.Batch)
	if err != nil {
		return err
	}
	if err := o.validateProofs(r); err != nil {
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
	if s.Phase == types.SeatRevealed && sameVector(l.Vectors[s.Vector-1], r.Results) {
		return nil
	}
	if err := mayProve(a, &l, s); err != nil {
		return err
	}
	if fault := r.Fault(); fault != types.OutcomeUnspecified {
		err = k.reportFault(ctx, o, a, &l, s, r, fault, b)
	} else {
		err = k.settleProved(ctx, o, a, &l, s, r, b)
	}
	if err != nil {
		return err
	}
	return k.Lots.Set(ctx, collections.Join(r.Batch, r.Lot), l)
}

// validateProofs checks the shape of an answer before any proof is looked at.
// A proof shows nothing of the work that went into it, so the units are fixed.
func (o *order) validateProofs(r types.LotProof) error {
	if !o.proved() {
		return types.ErrInvalidProof.Wrapf("batch %d is %s: reveal it", o.Id, o.Policy)
	}
	if r.Lot >= o.Lots() {
		return types.ErrLotNotFound.Wrapf("batch %d has %d lots, not %d", r.Batch, o.Lots(), r.Lot)
	}
	_, count := o.LotTasks(r.Lot)
	fault := r.Fault() != types.OutcomeUnspecified
	if len(r.Results) != int(count) || !fault && len(r.Proofs) != int(count) {
		return types.ErrInvalidProof.Wrapf("%d results and %d proofs for %d tasks", len(r.Results), len(r.Proofs), count)
	}
	for i, result := range r.Results {
		if err := o.validateResult(result); err != nil {
			return errorsmod.Wrapf(err, "result %d", i)
		}
		if fault {
			continue
		}
		if result.Outcome != types.OutcomeOK || result.Units != o.Limits.Units {
			return types.ErrInvalidProof.Wrapf("result %d is %s with %d units; a proof is of %s and charged as %d", i, result.Outcome, result.Units, types.OutcomeOK, o.Limits.Units)
		}
	}
	return nil
}

// mayProve checks that the only seat of a lot may answer now.
func mayProve(a *actor, l *types.Lot, s *types.Seat) error {
	switch {
	case l.State != types.TaskAssigned || s.Phase != types.SeatAssigned:
		return types.ErrWrongPhase.Wrapf("lot is %s, seat is %s", l.State, s.Phase)
	case a.Status != registrytypes.ProviderActive && a.Status != registrytypes.ProviderDraining:
		return types.ErrWrongPhase.Wrapf("provider is %s", a.Status)
	case voided(a.void, s.Assigned):
		return types.ErrVoided.Wrapf("assigned at %d, void up to %d", s.Assigned, a.void)
	case a.now.passed(l.Due, l.DueTime):
		return types.ErrTooLate.Wrapf("proofs were due at tick %d, now is %d", l.Due, a.now.tick)
	}
	return nil
}

// reportFault takes what a host made of a lot instead of proofs: nobody can
// prove files that are none. The seat leaves without a fee and another operator
// is drawn; what two report ends the lot. A report shows no run, so it earns
// nothing: the runtime fees go to the audit pool, as those of any such report.
// A provider that was hired has no stand-in, and its word alone costs nothing.
func (k *Keeper) reportFault(ctx context.Context, o *order, a *actor, l *types.Lot, s *types.Seat, r types.LotProof, fault types.Outcome, b *book) error {
	twice := slices.ContainsFunc(l.Seats, func(other types.Seat) bool {
		return other.Phase == types.SeatRevealed && l.Vectors[other.Vector-1].Results[0].Outcome == fault
	})
	s.Phase, s.Vector = types.SeatRevealed, vectorOf(l, r.Results)
	if err := k.dropWork(ctx, o, r.Lot, a.Id, false); err != nil {
		return err
	}
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(types.LotEvent(types.EventResultRevealed, o.Batch, r.Lot,
		types.Attr(types.AttrProvider, uint64(a.Id)), types.Attr(types.AttrAttempt, uint64(r.Attempt))))
	if !twice && o.Hire == 0 {
		return k.armLot(ctx, o, r.Lot, l, a.now, 0) // the queue draws another seat
	}
	if err := k.unschedule(ctx, types.StepLot, types.TaskID(o.Id, r.Lot), &l.Queued); err != nil {
		return err
	}
	return k.failLot(ctx, o, r.Lot, l, fault.Reason(), a.now, b)
}

// faultFee moves the runtime fee of a reported fault into the audit pool, if two
// operators reported it.
func (o *order) faultFee(l *types.Lot, s *types.Seat, reason types.Reason, fee uint64) (uint64, error) {
	if l.Vectors[s.Vector-1].Results[0].Outcome.Reason() != reason || o.Hire != 0 {
		return 0, nil
	}
	return fee, o.pool(fee)
}

// verifyLot checks the proof of every task of a lot. Its gas is charged before
// each of them.
func (k *Keeper) verifyLot(ctx context.Context, o *order, a *actor, r types.LotProof) error {
	chainID := sdk.UnwrapSDKContext(ctx).ChainID()
	first, _ := o.LotTasks(r.Lot)
	for i, result := range r.Results {
		index := first + uint32(i)
		task := types.TaskID(o.Id, index)
		inputs := types.PublicInputs(types.ProofBinding(chainID, task, a.operator), result.Digest, o.StatementOf(index))
		if err := k.Oracle.VerifyProof(ctx, o.Circuit, r.Proofs[i], inputs); err != nil {
			return types.ErrInvalidProof.Wrapf("task %d: %s", task, err)
		}
	}
	return nil
}

// settleProved checks the proofs of a lot and pays it: nothing of it can be audited or disputed, so
// nothing waits for a window and no share goes to the audit pool.
func (k *Keeper) settleProved(ctx context.Context, o *order, a *actor, l *types.Lot, s *types.Seat, r types.LotProof, b *book) error {
	if err := k.verifyLot(ctx, o, a, r); err != nil {
		return err
	}
	s.Phase, s.Vector = types.SeatRevealed, vectorOf(l, r.Results)
	if err := k.dropWork(ctx, o, r.Lot, a.Id, false); err != nil {
		return err
	}
	if err := k.withLoad(ctx, a.Id, func(l *registrytypes.Load) { l.Completed++ }); err != nil {
		return err
	}
	if err := k.unschedule(ctx, types.StepLot, types.TaskID(o.Id, r.Lot), &l.Queued); err != nil {
		return err
	}
	manager := sdk.UnwrapSDKContext(ctx).EventManager()
	manager.EmitEvent(types.LotEvent(types.EventResultRevealed, o.Batch, r.Lot,
		types.Attr(types.AttrProvider, uint64(a.Id)), types.Attr(types.AttrAttempt, uint64(r.Attempt))))
	manager.EmitEvent(types.LotEvent(types.EventTaskAgreed, o.Batch, r.Lot, types.Attr("disputed", 0)))
	if err := k.payProved(ctx, o, l, s, r, b); err != nil {
		return err
	}
	l.State, l.AgreedAt, l.Epoch, l.Judged = types.TaskSettled, a.now.tick, a.epoch, true
	l.Due, l.Queued, l.SettledHeight = 0, 0, sdk.UnwrapSDKContext(ctx).BlockHeight()
	return k.finishLot(ctx, o, l, a.now)
}

// payProved refunds what the lot did not cost and pays the rest.
func (k *Keeper) payProved(ctx context.Context, o *order, l *types.Lot, s *types.Seat, r types.LotProof, b *book) error {
	first, count := o.LotTasks(r.Lot)
	gross, err := o.charge(s.Price, o.Limits.Units)
	if err != nil {
		return err
	}
	if gross > o.gross {
		return types.ErrInvariant.Wrapf("a task of batch %d costs %d, escrow is %d", o.Id, gross, o.gross)
	}
	if err := o.refund(b, (o.gross-gross)*uint64(count)); err != nil {
		return err
	}
	payees := []payee{{provider: s.Provider, price: s.Price, assigned: s.Assigned}}
	for i, result := range r.Results {
		if _, err := k.payReplicas(ctx, o, types.TaskID(o.Id, first+uint32(i)), l.Attempt, result, payees, 0, b); err != nil {
			return err
		}
	}
	return nil
}

// leafResult returns what the leaves of a task carry: its digest, or what ties
// the digest to the circuit that vouches for it.
func (k *Keeper) leafResult(ctx context.Context, o *order, digest []byte) ([]byte, error) {
	if !o.proved() {
		return digest, nil
	}
	c, err := k.Oracle.CircuitByID(ctx, o.Circuit)
	return types.ProofLeaf(c.Id, c.KeyHash, digest), err
}
