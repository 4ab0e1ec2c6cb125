// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// punishWithheld takes who has committed to a share and not revealed it out of
// the beacon for a time, and slashes it by the largest bound that the seed could
// have let escape. If there was none, nothing could be won: whoever was down
// loses its slots and no stake.
func (k *Keeper) punishWithheld(ctx context.Context, operator sdk.AccAddress, r types.BeaconRound, s types.BeaconSlot, epoch types.Epoch, params types.Params) error {
	attestor, err := k.Attestors.Get(ctx, operator)
	if err != nil {
		return err
	}
	attestor.PausedUntil = epoch.Number + uint64(params.BeaconPauseEpochs)
	if err := k.Attestors.Set(ctx, operator, attestor); err != nil {
		return err
	}
	if r.Exposed == 0 {
		return k.emitPunished(ctx, r, s, types.ReasonWithheld, sdkmath.ZeroInt())
	}
	amount := sdkmath.NewIntFromUint64(max(r.AtRisk(), params.BeaconSlashFloor))
	stake := sdk.TokensFromConsensusPower(int64(s.Power), k.Staking.PowerReduction(ctx))
	fraction := sdkmath.LegacyOneDec()
	if amount.LT(stake) {
		fraction = sdkmath.LegacyNewDecFromInt(amount).QuoRoundUp(sdkmath.LegacyNewDecFromInt(stake))
	}
	return k.penalize(ctx, operator, r, s, fraction, types.ReasonWithheld)
}

// penalize takes a fraction of the power that a slot was frozen with. A
// validator that cannot be slashed any more loses nothing; that holds nobody
// else up.
func (k *Keeper) penalize(ctx context.Context, operator sdk.AccAddress, r types.BeaconRound, s types.BeaconSlot, fraction sdkmath.LegacyDec, reason string) error {
	slashed := sdkmath.ZeroInt()
	err := isolated(ctx, func(ctx context.Context) error {
		validator, err := k.validator(ctx, operator)
		if err != nil {
			return err
		}
		height := min(r.Height, sdk.UnwrapSDKContext(ctx).BlockHeight())
		slashed, err = k.slash(ctx, operator, validator, fraction, int64(s.Power), height)
		return err
	})
	if err != nil {
		sdk.UnwrapSDKContext(ctx).Logger().Error("attestor cannot be slashed for its share", "operator", s.Operator, "err", err)
		slashed = sdkmath.ZeroInt()
	}
	return k.emitPunished(ctx, r, s, reason, slashed)
}

func (k *Keeper) emitPunished(ctx context.Context, r types.BeaconRound, s types.BeaconSlot, reason string, slashed sdkmath.Int) error {
	return k.events.EventManager(ctx).Emit(ctx, &types.EventAttestorPunished{
		Operator: s.Operator, Key: checkpoint.Address(s.Key).String(), Epoch: r.Epoch, Reason: reason, Slashed: slashed.String(),
	})
}

// bpsFraction returns basis points as a fraction.
func bpsFraction(bps uint32) sdkmath.LegacyDec { return sdkmath.LegacyNewDecWithPrec(int64(bps), 4) }
