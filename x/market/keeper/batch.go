// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"encoding/hex"
	"errors"
	stdmath "math"
	"math/bits"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

// maxShares is more than the times that the fees and bonds of a task's disputes
// can take what it holds: their sums fit 64 bits.
const maxShares = 64

// Submit escrows the coins of a batch and opens it. It charges the gas of
// every step that the queues will do for it later.
func (k *Keeper) Submit(ctx context.Context, requester sdk.AccAddress, msg types.MsgSubmit) (types.MsgSubmitResponse, error) {
	var none types.MsgSubmitResponse
	msg = msg.WithDefaults()
	o, err := k.newBatch(ctx, requester, msg)
	if err != nil {
		return none, err
	}
	if most := uint64(stdmath.MaxInt64 / maxShares); o.escrow > most {
		return none, types.ErrAmountTooLarge.Wrapf("a task holds %d%s, at most %d: lower max_price or the limits", o.escrow, o.Denom, most)
	}
	escrow, err := types.MulDivCeil(o.escrow, uint64(o.Count), 1)
	if err != nil {
		return none, err
	}
	lots := o.Lots()
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(o.stepGas(), "queued steps")
	coin := sdk.NewCoin(o.Denom, math.NewIntFromUint64(escrow))
	if err := k.Bank.SendCoinsFromAccountToModule(ctx, requester, types.ModuleName, sdk.NewCoins(coin)); err != nil {
		return none, err
	}

	if o.Id, err = k.NextBatch.Next(ctx); err != nil {
		return none, err
	}
	o.tally = types.Tally{OpenLots: lots, Escrow: escrow, Escrowed: escrow}
	if err := k.storeBatch(ctx, o, msg.ManifestInline); err != nil {
		return none, err
	}
	if err := k.Reputation.RecordRequester(ctx, requester, reputationtypes.BatchSubmitted); err != nil {
		return none, err
	}
	first := types.TaskID(o.Id, 0)
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(sdk.NewEvent(types.EventTaskSubmitted,
		types.Attr(types.AttrTaskFirst, first), types.Attr(types.AttrTaskCount, uint64(o.Count)),
		types.Attr(types.AttrBatch, o.Id), sdk.NewAttribute(types.AttrRequester, msg.Requester),
		sdk.NewAttribute(types.AttrAmount, coin.String())))
	return types.MsgSubmitResponse{Batch: o.Id, Escrow: escrow}, k.events.EventManager(ctx).Emit(ctx, &types.EventBatchSubmitted{
		Batch: o.Id, Requester: msg.Requester, Manifest: hex.EncodeToString(o.Manifest),
		Count: o.Count, LotSize: o.LotSize, Replicas: o.Replicas, Escrow: coin.String(),
	})
}

// newBatch checks a submit and pins everything that will rule it.
func (k *Keeper) newBatch(ctx context.Context, requester sdk.AccAddress, msg types.MsgSubmit) (*order, error) {
	now, err := k.now(ctx)
	if err != nil {
		return nil, err
	}
	version, params, err := k.CurrentParams(ctx)
	if err != nil {
		return nil, err
	}
	if err := msg.Validate(params); err != nil {
		return nil, err
	}
	class, err := k.Registry.ClassByName(ctx, msg.Class)
	if err != nil {
		return nil, types.ErrInvalidClass.Wrapf("%q: %s", msg.Class, err)
	}
	if class.Unit == registrytypes.UnitToken {
		return nil, types.ErrInvalidClass.Wrapf("%s is metered in tokens and sold in sessions: open one with MsgOpenSession", class.Name)
	}
	if alone := msg.Policy == types.PolicyOptimistic || msg.Policy == types.PolicyAttested; alone && !class.Sound && msg.Hire == "" {
		return nil, types.ErrInvalidPolicy.Wrapf("results of class %s cannot be audited: use %s", class.Name, types.PolicyRedundant)
	}
	rate, err := params.Rate(msg.Denom, now.time)
	if err != nil {
		return nil, err
	}
	hire, err := k.hired(ctx, msg.Hire)
	if err != nil {
		return nil, err
	}
	if err := k.checkCircuit(ctx, msg); err != nil {
		return nil, err
	}
	due := now.after(msg.Deadline, params)
	batch := types.Batch{
		Requester: requester, Manifest: msg.Manifest, ManifestUri: msg.ManifestUri,
		Class: class.Id, Count: msg.Count, LotSize: msg.LotSize,
		Policy: msg.Policy, Comparator: msg.Comparator, Tolerance: msg.Tolerance, Replicas: msg.Replicas,
		Limits: msg.Limits, Requirements: msg.Requirements,
		Denom: msg.Denom, MaxPrice: msg.MaxPrice, Tip: msg.Tip, ValueAtStake: msg.ValueAtStake,
		Hire: hire, ParamsVersion: version, Rate: rate,
		Created: now.tick, Deadline: due.tick, DeadlineTime: due.time,
		Circuit: msg.Circuit, Statement: msg.Statement,
	}
	if err := k.pinModel(ctx, msg, params, &batch); err != nil {
		return nil, err
	}
	o, err := k.newOrder(ctx, batch, types.Tally{}, params)
	if err != nil {
		return nil, err
	}
	if err := o.checkScored(); err != nil {
		return nil, err
	}
	// The bound must be expressible, or no provider could ever be eligible.
	_, err = o.bound(o.MaxPrice+o.Tip, params.AuditFloorBps)
	return o, err
}

// hired resolves the operator of a direct hire; 0 means that seats are drawn.
func (k *Keeper) hired(ctx context.Context, operator string) (uint32, error) {
	if operator == "" {
		return 0, nil
	}
	addr, err := k.addresses.StringToBytes(operator)
	if err != nil {
		return 0, types.ErrInvalidHire.Wrapf("operator: %s", err)
	}
	p, err := k.Registry.ProviderByOperator(ctx, addr)
	if err != nil {
		return 0, types.ErrInvalidHire.Wrapf("%s is not an operator: %s", operator, err)
	}
	return p.Id, nil
}

func (k *Keeper) storeBatch(ctx context.Context, o *order, inline []byte) error {
	if err := k.Batches.Set(ctx, o.Id, o.Batch); err != nil {
		return err
	}
	if err := k.save(ctx, o); err != nil {
		return err
	}
	if err := k.ByOwner.Set(ctx, collections.Join(o.Requester, o.Id)); err != nil {
		return err
	}
	if err := k.addReady(ctx, o.readyKey()); err != nil {
		return err
	}
	if err := k.enqueue(ctx, types.StepDeadline, types.TaskID(o.Id, 0), o.Deadline); err != nil {
		return err
	}
	if len(inline) == 0 {
		return nil
	}
	spec, err := k.Specs.Get(ctx, o.Manifest)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	return k.Specs.Set(ctx, o.Manifest, types.Spec{Manifest: inline, References: spec.References + 1})
}

// readyKey ranks batches by the size of their tip, then by age.
func (o *order) readyKey() readyKey {
	return collections.Join3(o.Class, uint32(255-bits.Len64(o.Tip)), o.Id)
}

// Cancel ends the lots of a batch that were never assigned and refunds them.
func (k *Keeper) Cancel(ctx context.Context, requester sdk.AccAddress, batch uint64) (types.MsgCancelResponse, error) {
	var none types.MsgCancelResponse
	o, err := k.order(ctx, batch)
	if err != nil {
		return none, err
	}
	if !requester.Equals(sdk.AccAddress(o.Requester)) {
		return none, types.ErrNotRequester.Wrapf("batch %d", batch)
	}
	now, err := k.now(ctx)
	if err != nil {
		return none, err
	}
	if o.unassigned() == 0 {
		return none, types.ErrNotOpen.Wrapf("batch %d: every lot was assigned or has ended", batch)
	}
	b := newBook()
	tasks, refund, err := k.endOpen(ctx, o, types.TaskCancelled, types.ReasonCancelled, now, b)
	if err != nil {
		return none, err
	}
	if err := k.Reputation.RecordRequester(ctx, requester, reputationtypes.BatchCancelled); err != nil {
		return none, err
	}
	return types.MsgCancelResponse{Tasks: tasks, Refund: refund}, k.flush(ctx, b)
}

// unassigned returns the number of lots that can still be assigned.
func (o *order) unassigned() uint32 {
	if o.tally.Ended != types.TaskUnspecified {
		return 0
	}
	return o.Lots() - o.tally.NextLot
}

// endOpen ends the lots that were never assigned and refunds them.
func (k *Keeper) endOpen(ctx context.Context, o *order, state types.TaskState, reason types.Reason, now moment, b *book) (uint32, uint64, error) {
	lots := o.unassigned()
	first := o.tally.NextLot * o.LotSize
	tasks := o.Count - first
	refund, err := types.MulDivCeil(o.escrow, uint64(tasks), 1)
	if err != nil {
		return 0, 0, err
	}
	o.tally.Ended, o.tally.Reason = state, reason
	o.tally.OpenLots -= lots
	if err := o.refund(b, refund); err != nil {
		return 0, 0, err
	}
	if err := k.dropReady(ctx, o.readyKey()); err != nil {
		return 0, 0, err
	}
	if err := k.closeBatch(ctx, o, now); err != nil {
		return 0, 0, err
	}
	coin := sdk.NewCoin(o.Denom, math.NewIntFromUint64(refund))
	return tasks, refund, k.events.EventManager(ctx).Emit(ctx, &types.EventBatchEnded{
		Batch: o.Id, TaskFirst: types.TaskID(o.Id, first), TaskCount: tasks,
		State: state.String(), Reason: reason.String(), Refund: coin.String(),
	})
}

// closeBatch stores the tally, and queues the pruning once no lot is open.
func (k *Keeper) closeBatch(ctx context.Context, o *order, now moment) error {
	if o.tally.OpenLots == 0 {
		if o.tally.Escrow != 0 {
			return types.ErrInvariant.Wrapf("batch %d is final and holds %d", o.Id, o.tally.Escrow)
		}
		if err := k.enqueue(ctx, types.StepPrune, types.TaskID(o.Id, 0), now.tick+o.params.RetentionTicks); err != nil {
			return err
		}
	}
	return k.save(ctx, o)
}

// deadline expires the lots that nobody was drawn for in time.
func (k *Keeper) deadline(ctx context.Context, o *order, now moment, b *book) error {
	if o.unassigned() == 0 {
		return nil
	}
	_, _, err := k.endOpen(ctx, o, types.TaskExpired, types.ReasonDeadline, now, b)
	return err
}

// stepGas pays for every step that the queues will do for the batch, also for
// those of committees if they decide about its tasks.
func (o *order) stepGas() uint64 {
	steps := uint64(o.Lots()) * uint64(o.Replicas+1)
	if o.tolerant() {
		steps += uint64(o.Count) * voteSteps
	}
	return o.params.StepGas * steps
}
