// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// setDue reports whether the block looks at the validators: one of every
// checkpoint_blocks does.
func setDue(_ types.Line, params types.Params, height int64) bool {
	return params.CheckpointBlocks > 0 && uint64(height)%params.CheckpointBlocks == 0
}

// formSet freezes the active attestors as the next set, with a set change that
// the current set shall sign; set 1 has none. It is a no-op while the current
// set is neither old nor different, while its own set change is not sealed, and
// while the attestors hold less than two thirds of the bonded power.
func (k *Keeper) formSet(ctx context.Context, line *types.Line, params types.Params) error {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	var current types.AttestorSet
	if line.SetId > 0 {
		var err error
		if current, err = k.Sets.Get(ctx, line.SetId); err != nil {
			return err
		}
		if current.Nonce > line.SealedNonce {
			return nil
		}
	}
	members, bonded, err := k.snapshot(ctx)
	if err != nil {
		return err
	}
	next := checkpoint.Set{ID: line.SetId + 1, Time: unixTime(sdkCtx), Members: members}
	if !twoThirds(next.Total(), bonded) {
		return nil
	}
	if line.SetId > 0 {
		due, err := replaceable(current, next, params)
		if err != nil || !due {
			return err
		}
	}
	if err := next.Validate(); err != nil {
		return types.ErrBrokenInvariant.Wrapf("set %d: %s", next.ID, err)
	}
	return k.handOver(ctx, line, next, bonded)
}

// handOver stores a set and, after set 1, appends its set change.
func (k *Keeper) handOver(ctx context.Context, line *types.Line, next checkpoint.Set, bonded uint64) error {
	var change types.Checkpoint
	if line.SetId > 0 {
		var err error
		if change, err = k.nextHeader(ctx, *line); err != nil {
			return err
		}
	}
	stored := types.NewAttestorSet(next, sdk.UnwrapSDKContext(ctx).BlockHeight(), change.Header.Nonce, bonded)
	if err := k.Sets.Set(ctx, next.ID, stored); err != nil {
		return err
	}
	for _, member := range next.Members {
		key, err := k.Keys.Get(ctx, member.Address[:])
		if err != nil {
			return err
		}
		key.SetId = next.ID
		if err := k.Keys.Set(ctx, member.Address[:], key); err != nil {
			return err
		}
	}
	err := k.events.EventManager(ctx).Emit(ctx, &types.EventAttestorSetFormed{
		Id: next.ID, Hash: types.Hex(stored.Hash), Members: uint32(len(next.Members)), Power: next.Total(), Nonce: stored.Nonce,
	})
	if err != nil {
		return err
	}
	if line.SetId == 0 {
		line.SetId = next.ID
		return k.Line.Set(ctx, *line)
	}
	change.NextSetId, change.Header.NextSet = next.ID, stored.Hash
	return k.append(ctx, line, change)
}

// snapshot returns the bonded attestors that are active, ascending by key, at
// most checkpoint.MaxMembers of them, and the power of all bonded validators.
func (k *Keeper) snapshot(ctx context.Context) (members []checkpoint.Member, bonded uint64, err error) {
	validators, err := k.Staking.GetBondedValidatorsByPower(ctx)
	if err != nil {
		return nil, 0, err
	}
	reduction, addresses := k.Staking.PowerReduction(ctx), k.Staking.ValidatorAddressCodec()
	for _, v := range validators {
		power := v.GetConsensusPower(reduction)
		if v.IsJailed() || power <= 0 {
			continue
		}
		bonded += uint64(power)
		operator, err := addresses.StringToBytes(v.GetOperator())
		if err != nil {
			return nil, 0, err
		}
		attestor, err := k.Attestors.Get(ctx, operator)
		if errors.Is(err, collections.ErrNotFound) || err == nil && !attestor.Active {
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		members = append(members, checkpoint.Member{Address: checkpoint.Address(attestor.Key), Power: uint64(power)})
	}
	members = members[:min(len(members), checkpoint.MaxMembers)] // the heaviest come first
	slices.SortFunc(members, func(a, b checkpoint.Member) int { return bytes.Compare(a.Address[:], b.Address[:]) })
	return members, bonded, nil
}

// twoThirds reports whether power is at least two thirds of a total above 0.
func twoThirds(power, total uint64) bool {
	return total > 0 && sdkmath.NewIntFromUint64(power).MulRaw(3).GTE(sdkmath.NewIntFromUint64(total).MulRaw(2))
}

// replaceable reports whether a set is old, or the power that was gained or
// lost since is a large enough share of its own.
func replaceable(frozen types.AttestorSet, next checkpoint.Set, params types.Params) (bool, error) {
	if next.Time >= frozen.Time+params.SetSeconds {
		return true, nil
	}
	members, err := checkpoint.UnpackMembers(frozen.Members)
	if err != nil {
		return false, err
	}
	current := checkpoint.Set{ID: frozen.Id, Time: frozen.Time, Members: members}
	differs := max(gained(current, next), gained(next, current))
	share := sdkmath.NewIntFromUint64(current.Total()).MulRaw(int64(params.SetChangeBps))
	return sdkmath.NewIntFromUint64(differs).MulRaw(types.BasisPoints).GTE(share) && differs > 0, nil
}

// gained returns the power that members have in to and had not in from.
func gained(from, to checkpoint.Set) uint64 {
	var sum uint64
	for _, member := range to.Members {
		if before := from.Power(member.Address); member.Power > before {
			sum += member.Power - before
		}
	}
	return sum
}

// set returns a set as it signs.
func (k *Keeper) set(ctx context.Context, id uint64) (checkpoint.Set, error) {
	frozen, err := k.Sets.Get(ctx, id)
	if err != nil {
		return checkpoint.Set{}, err
	}
	members, err := checkpoint.UnpackMembers(frozen.Members)
	return checkpoint.Set{ID: frozen.Id, Time: frozen.Time, Members: members}, err
}
