// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// turnBeacon moves the rounds on at the start of an epoch: the round whose
// shares were due is closed, the one that took commitments takes shares, and a
// new one opens. See ADR-003.
func (k *Keeper) turnBeacon(ctx context.Context, epoch types.Epoch, params types.Params) error {
	b, err := k.Beacon.Get(ctx)
	if err != nil {
		return err
	}
	if err := k.closeRound(ctx, b.Reveals, epoch, params); err != nil {
		return err
	}
	carried, cover := b.CarriedOver()
	if err := k.countIdle(ctx, b.Commits, params); err != nil {
		return err
	}
	b.Reveals, b.Commits = b.Commits, nil
	exposed, err := k.exposed(ctx)
	if err != nil {
		return err
	}
	if err := k.Exposed.Set(ctx, 0); err != nil {
		return err
	}
	if b.Reveals != nil {
		b.Reveals.Exposed, b.Reveals.Cover = max(exposed, carried), types.LeastCover(b.Reveals.Cover, cover)
	}
	if b.Commits, err = k.openRound(ctx, epoch); err != nil {
		return err
	}
	return k.seedsFromBlock(ctx, &b, epoch, params)
}

// resetBeacon drops the rounds after turnBeacon failed, which no input can
// cause: draws go on with seeds from block ids, and new rounds open with the
// next epoch.
func (k *Keeper) resetBeacon(ctx context.Context, epoch types.Epoch, params types.Params) error {
	b, err := k.Beacon.Get(ctx)
	if err != nil {
		return err
	}
	if err := k.Slots.Clear(ctx, nil); err != nil {
		return err
	}
	b.Commits, b.Reveals = nil, nil
	return k.seedsFromBlock(ctx, &b, epoch, params)
}

// closeRound ends a round whose shares are due no more and removes its slots.
// Who has withheld a share is punished if the round needed it.
func (k *Keeper) closeRound(ctx context.Context, r *types.BeaconRound, epoch types.Epoch, params types.Params) error {
	if r == nil {
		return nil
	}
	slots, err := k.slots(ctx, r.Epoch)
	if err != nil {
		return err
	}
	outcome := r.Outcome()
	for _, s := range slots {
		operator, err := k.addressCodec.StringToBytes(s.Operator)
		if err != nil {
			return err
		}
		if outcome == types.RoundWithheld && len(s.Commitment) > 0 && len(s.Share) == 0 {
			if err := k.punishWithheld(ctx, operator, *r, s, epoch, params); err != nil {
				return err
			}
		}
		if err := k.Slots.Remove(ctx, collections.Join(r.Epoch, operator)); err != nil {
			return err
		}
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventBeaconClosed{
		Epoch: r.Epoch, Outcome: outcome, Commits: r.Commits, Reveals: r.Reveals, Committed: r.Committed, Power: r.Power,
	})
}

// countIdle counts, for each slot of a round that takes no more commitments,
// whether there is one.
func (k *Keeper) countIdle(ctx context.Context, r *types.BeaconRound, params types.Params) error {
	if r == nil || r.Excused {
		return nil
	}
	slots, err := k.slots(ctx, r.Epoch)
	if err != nil {
		return err
	}
	for _, s := range slots {
		if err := k.countSlot(ctx, *r, s, params); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) countSlot(ctx context.Context, r types.BeaconRound, s types.BeaconSlot, params types.Params) error {
	operator, err := k.addressCodec.StringToBytes(s.Operator)
	if err != nil {
		return err
	}
	attestor, err := k.Attestors.Get(ctx, operator)
	if err != nil {
		return err
	}
	committed := len(s.Commitment) > 0
	switch {
	case !attestor.Active, committed && attestor.BeaconMissed == 0:
		return nil
	case committed:
		attestor.BeaconMissed = 0
	default:
		attestor.BeaconMissed++
	}
	if attestor.BeaconMissed >= params.BeaconMaxMissed {
		attestor.Active, attestor.BeaconMissed = false, 0
		if err := k.penalize(ctx, operator, r, s, bpsFraction(params.AbsenceSlashBps), types.ReasonIdle); err != nil {
			return err
		}
	}
	return k.Attestors.Set(ctx, operator, attestor)
}

// endBeacon makes the seed as soon as the last share is there: nothing that
// comes later could change it. It notes that the circuit breaker stops
// MsgBeacon: nobody is punished for what could not be sent.
func (k *Keeper) endBeacon(ctx context.Context) error {
	b, err := k.Beacon.Get(ctx)
	if err != nil {
		return err
	}
	if b.Commits == nil && b.Reveals == nil {
		return nil
	}
	if err := k.excuse(ctx, &b); err != nil {
		return err
	}
	if r := b.Reveals; r == nil || b.Final > r.Epoch || !r.Full() {
		return nil
	}
	return k.seedFromShares(ctx, &b)
}

// stopped reports whether the circuit breaker stops a message.
func (k *Keeper) stopped(ctx context.Context, msg sdk.Msg) (bool, error) {
	if k.Circuit == nil {
		return false, nil
	}
	allowed, err := k.Circuit.IsAllowed(ctx, sdk.MsgTypeURL(msg))
	return !allowed, err
}

// excuse marks the open rounds while MsgBeacon is tripped.
func (k *Keeper) excuse(ctx context.Context, b *types.Beacon) error {
	stopped, err := k.stopped(ctx, &types.MsgBeacon{})
	if err != nil || !stopped {
		return err
	}
	changed := false
	for _, r := range []*types.BeaconRound{b.Commits, b.Reveals} {
		if r != nil && !r.Excused {
			r.Excused, changed = true, true
		}
	}
	if !changed {
		return nil
	}
	return k.Beacon.Set(ctx, *b)
}

// slots returns the slots of a round, ascending by operator.
func (k *Keeper) slots(ctx context.Context, epoch uint64) ([]types.BeaconSlot, error) {
	var out []types.BeaconSlot
	of := collections.NewPrefixedPairRange[uint64, []byte](epoch)
	err := k.Slots.Walk(ctx, of, func(_ slotKey, s types.BeaconSlot) (stop bool, err error) {
		out = append(out, s)
		return false, nil
	})
	return out, err
}

// exposed returns the exposure of the current epoch.
func (k *Keeper) exposed(ctx context.Context) (uint64, error) {
	bound, err := k.Exposed.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return bound, err
}

// Expose says that a round fixed in this epoch stands behind a bond bound in
// ucupel and is audited at less than every time: a share that is withheld costs
// at least the largest of them. It reads one key and seldom writes it.
func (k *Keeper) Expose(ctx context.Context, bound uint64) error {
	known, err := k.exposed(ctx)
	if err != nil || bound <= known {
		return err
	}
	return k.Exposed.Set(ctx, bound)
}

// openShares returns the shares of a round, ascending by operator.
func (k *Keeper) openShares(ctx context.Context, epoch uint64) ([]types.OpenShare, error) {
	slots, err := k.slots(ctx, epoch)
	if err != nil {
		return nil, err
	}
	slots = slices.DeleteFunc(slots, func(s types.BeaconSlot) bool { return len(s.Share) == 0 })
	out := make([]types.OpenShare, len(slots))
	for i, s := range slots {
		operator, err := k.addressCodec.StringToBytes(s.Operator)
		if err != nil {
			return nil, err
		}
		out[i] = types.OpenShare{Operator: operator, Share: s.Share}
	}
	return out, nil
}
