// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// entry is what a MsgBeacon writes.
type entry struct {
	beacon   types.Beacon
	operator []byte
	// commit and reveal are the slots as they will be; nil for none.
	commit, reveal *types.BeaconSlot
}

// SendBeacon stores a commitment for the current epoch, the share of the one
// before, or both. All of the message holds or none.
func (k *Keeper) SendBeacon(ctx context.Context, account sdk.AccAddress, msg *types.MsgBeacon) error {
	e, err := k.entry(ctx, account, msg)
	if err != nil {
		return err
	}
	if err := k.enter(ctx, e); err != nil {
		return err
	}
	name, err := k.addressCodec.BytesToString(e.operator)
	if err != nil {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventBeaconSent{
		Operator: name, Epoch: msg.Epoch, Committed: e.commit != nil, Revealed: e.reveal != nil,
	})
}

// entry checks a message. A tombstoned attestor may still reveal: its share is
// owed.
func (k *Keeper) entry(ctx context.Context, account sdk.AccAddress, msg *types.MsgBeacon) (entry, error) {
	var e entry
	if len(msg.Commitment) == 0 && len(msg.Share) == 0 {
		return e, types.ErrInvalidBeacon.Wrap("neither commitment nor share")
	}
	for _, field := range [][]byte{msg.Commitment, msg.Share} {
		if len(field) != 0 && len(field) != types.ShareSize {
			return e, types.ErrInvalidBeacon.Wrapf("%d bytes, want %d", len(field), types.ShareSize)
		}
	}
	var err error
	e.operator, err = k.Accounts.Get(ctx, account)
	if errors.Is(err, collections.ErrNotFound) {
		return e, types.ErrUnknownAttestor.Wrapf("%s sends for none", account)
	}
	if err != nil {
		return e, err
	}
	epoch, err := k.Current.Get(ctx)
	if err != nil {
		return e, err
	}
	if msg.Epoch != epoch.Number {
		return e, types.ErrWrongEpoch.Wrapf("%d, the chain is in %d", msg.Epoch, epoch.Number)
	}
	if e.beacon, err = k.Beacon.Get(ctx); err != nil {
		return e, err
	}
	if len(msg.Commitment) > 0 {
		if e.commit, err = k.commitSlot(ctx, &e, msg); err != nil {
			return e, err
		}
	}
	if len(msg.Share) > 0 {
		e.reveal, err = k.revealSlot(ctx, &e, msg)
	}
	return e, err
}

// commitSlot returns the sender's slot with its commitment.
func (k *Keeper) commitSlot(ctx context.Context, e *entry, msg *types.MsgBeacon) (*types.BeaconSlot, error) {
	s, err := k.slotOf(ctx, e.beacon.Commits, msg.Epoch, e.operator)
	if err != nil {
		return nil, err
	}
	if len(s.Commitment) > 0 {
		return nil, types.ErrSlotFilled.Wrapf("commitment of %s in epoch %d", s.Operator, s.Epoch)
	}
	s.Commitment = msg.Commitment
	return &s, nil
}

// revealSlot returns the sender's slot of the epoch before with its share.
func (k *Keeper) revealSlot(ctx context.Context, e *entry, msg *types.MsgBeacon) (*types.BeaconSlot, error) {
	r := e.beacon.Reveals
	if r != nil && !r.Quorum() {
		return nil, types.ErrNoSlot.Wrapf("epoch %d has commitments of power %d of %d: no share is due", r.Epoch, r.Committed, r.Power)
	}
	s, err := k.slotOf(ctx, r, msg.Epoch-1, e.operator)
	switch {
	case err != nil:
		return nil, err
	case len(s.Commitment) == 0:
		return nil, types.ErrNoSlot.Wrapf("%s has not committed in epoch %d", s.Operator, s.Epoch)
	case len(s.Share) > 0:
		return nil, types.ErrSlotFilled.Wrapf("share of %s in epoch %d", s.Operator, s.Epoch)
	}
	want := types.BeaconCommitment(sdk.UnwrapSDKContext(ctx).ChainID(), s.Epoch, e.operator, msg.Share)
	if !bytes.Equal(want, s.Commitment) {
		return nil, types.ErrWrongShare.Wrapf("%s in epoch %d", s.Operator, s.Epoch)
	}
	s.Share = msg.Share
	return &s, nil
}

// slotOf returns the slot of an operator in a round, or ErrNoSlot.
func (k *Keeper) slotOf(ctx context.Context, r *types.BeaconRound, epoch uint64, operator []byte) (types.BeaconSlot, error) {
	if r == nil || r.Epoch != epoch {
		return types.BeaconSlot{}, types.ErrNoSlot.Wrapf("epoch %d has no round", epoch)
	}
	s, err := k.Slots.Get(ctx, collections.Join(epoch, operator))
	if errors.Is(err, collections.ErrNotFound) {
		return s, types.ErrNoSlot.Wrapf("the operator is not in set %d, or is out of the beacon for a time", r.SetId)
	}
	return s, err
}

// enter stores what a message brings and counts it.
func (k *Keeper) enter(ctx context.Context, e entry) error {
	for _, s := range []*types.BeaconSlot{e.commit, e.reveal} {
		if s == nil {
			continue
		}
		if err := k.Slots.Set(ctx, collections.Join(s.Epoch, e.operator), *s); err != nil {
			return err
		}
	}
	if e.commit != nil {
		e.beacon.Commits.Commits++
		e.beacon.Commits.Committed += e.commit.Power
	}
	if e.reveal != nil {
		e.beacon.Reveals.Reveals++
	}
	return k.Beacon.Set(ctx, e.beacon)
}
