// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// openRound opens the round of an epoch with a slot for those members of the
// newest set that have most at stake; see types.Seated. It is nil without a set,
// and if the epoch is too short for a beacon.
func (k *Keeper) openRound(ctx context.Context, epoch types.Epoch) (*types.BeaconRound, error) {
	line, err := k.Line.Get(ctx)
	if err != nil || line.SetId == 0 || epoch.Blocks < types.MinBeaconBlocks {
		return nil, err
	}
	set, err := k.set(ctx, line.SetId)
	if err != nil {
		return nil, err
	}
	var able []types.Staked
	for _, member := range set.Members {
		m, ok, err := k.staked(ctx, epoch.Number, member)
		if err != nil {
			return nil, err
		}
		if ok {
			able = append(able, m)
		}
	}
	r := &types.BeaconRound{Epoch: epoch.Number, SetId: set.ID, Power: set.Total(), Height: epoch.StartHeight}
	for _, m := range types.Seated(able, r.Power) {
		r.Cover = types.LeastCover(r.Cover, m.Stake)
		if err := k.Slots.Set(ctx, collections.Join(epoch.Number, m.Operator), m.Slot); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// staked returns the slot that a member could have and what it could lose; ok is
// false if it is out of the beacon or could lose nothing.
func (k *Keeper) staked(ctx context.Context, epoch uint64, member checkpoint.Member) (m types.Staked, ok bool, err error) {
	key, err := k.Keys.Get(ctx, member.Address[:])
	if err != nil {
		return m, false, err
	}
	operator, err := k.addressCodec.StringToBytes(key.Operator)
	if err != nil {
		return m, false, err
	}
	attestor, err := k.Attestors.Get(ctx, operator)
	if err != nil || !attestor.Active || epoch < attestor.PausedUntil {
		return m, false, err
	}
	stake, err := k.atStake(ctx, operator, member.Power)
	return types.Staked{
		Operator: operator, Stake: stake,
		Slot: types.BeaconSlot{Epoch: epoch, Operator: key.Operator, Key: key.Key, Power: member.Power},
	}, stake > 0, err
}

// atStake returns what a slash of a frozen power could take now, in ucupel: no
// more than the validator still has.
func (k *Keeper) atStake(ctx context.Context, operator sdk.AccAddress, power uint64) (uint64, error) {
	validator, err := k.validator(ctx, operator)
	if errors.Is(err, types.ErrUnknownValidator) {
		return 0, nil
	}
	if err != nil || validator.IsUnbonded() {
		return 0, err
	}
	frozen := sdk.TokensFromConsensusPower(int64(power), k.Staking.PowerReduction(ctx))
	return types.Saturated(frozen, validator.Tokens), nil
}
