// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"encoding/hex"
	"errors"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/internal/groth16"
	"github.com/cupel-network/cupel/x/oracle/types"
)

// feeDenom is the coin of the registration fee.
const feeDenom = "ucupel"

// CircuitByID returns a circuit, or ErrUnknownCircuit.
func (k *Keeper) CircuitByID(ctx context.Context, id uint64) (types.Circuit, error) {
	c, err := k.Circuits.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return c, types.ErrUnknownCircuit.Wrapf("circuit %d", id)
	}
	return c, err
}

// RegisterCircuit stores a verifying key under the next id. The gas of its
// checks is charged and its size compared before a point is decoded; the fee
// goes to the treasury.
func (k *Keeper) RegisterCircuit(ctx context.Context, owner sdk.AccAddress, name string, inputs uint32, key []byte) (uint64, error) {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	c := types.Circuit{Name: name, Inputs: inputs, KeyHash: types.HashKey(key), Height: sdkCtx.BlockHeight()}
	if err := c.Validate(); err != nil {
		return 0, err
	}
	sdkCtx.GasMeter().ConsumeGas(types.CircuitGas+types.CircuitInputGas*uint64(inputs), "verifying key")
	if _, err := groth16.ParseKey(key, int(inputs)); err != nil {
		return 0, types.ErrInvalidCircuit.Wrap(err.Error())
	}
	if err := k.chargeCircuit(ctx, owner); err != nil {
		return 0, err
	}
	id, err := k.LastCircuit.Get(ctx)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return 0, err
	}
	c.Id = id + 1
	if c.Owner, err = k.addressCodec.BytesToString(owner); err != nil {
		return 0, err
	}
	if err := k.storeCircuit(ctx, c, key); err != nil {
		return 0, err
	}
	return c.Id, k.events.EventManager(ctx).Emit(ctx, &types.EventCircuitRegistered{
		Circuit: c.Id, Owner: c.Owner, Name: c.Name, KeyHash: hex.EncodeToString(c.KeyHash),
	})
}

func (k *Keeper) chargeCircuit(ctx context.Context, owner sdk.AccAddress) error {
	params, err := k.Params.Get(ctx)
	if err != nil || params.CircuitFee == 0 {
		return err
	}
	coin := sdk.NewCoin(feeDenom, sdkmath.NewIntFromUint64(params.CircuitFee))
	return k.Treasury.FundCommunityPool(ctx, sdk.NewCoins(coin), owner)
}

// storeCircuit writes the newest circuit and its key.
func (k *Keeper) storeCircuit(ctx context.Context, c types.Circuit, key []byte) error {
	if err := k.Circuits.Set(ctx, c.Id, c); err != nil {
		return err
	}
	if err := k.CircuitKeys.Set(ctx, c.Id, key); err != nil {
		return err
	}
	return k.LastCircuit.Set(ctx, c.Id)
}

// AuditCircuit marks a circuit as audited, or takes the mark back. What was
// submitted before keeps its terms.
func (k *Keeper) AuditCircuit(ctx context.Context, id uint64, audited bool, note string) error {
	c, err := k.CircuitByID(ctx, id)
	if err != nil {
		return err
	}
	c.Audited, c.Note = audited, note
	if err := c.Validate(); err != nil {
		return err
	}
	if err := k.Circuits.Set(ctx, id, c); err != nil {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventCircuitAudited{Circuit: id, Audited: audited, Note: note})
}

// VerifyProof returns nil iff the proof shows that the circuit holds for the
// public inputs, 32 bytes each. Its gas is charged before anything is decoded.
func (k *Keeper) VerifyProof(ctx context.Context, id uint64, proof []byte, inputs [][]byte) error {
	c, err := k.CircuitByID(ctx, id)
	if err != nil {
		return err
	}
	bytes, err := k.CircuitKeys.Get(ctx, id)
	if err != nil {
		return err
	}
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(c.VerifyGas(), "groth16 proof")
	// The points were checked when the key came in, at registration or genesis.
	key, err := groth16.TrustedKey(bytes, int(c.Inputs))
	if err != nil {
		return types.ErrInvalidCircuit.Wrap(err.Error())
	}
	if err := key.Verify(proof, inputs); err != nil {
		return types.ErrInvalidProof.Wrapf("circuit %d: %s", id, err)
	}
	return nil
}

func (k *Keeper) initCircuits(ctx context.Context, gs types.GenesisState) error {
	for i, c := range gs.Circuits {
		key := gs.CircuitKeys[i].Key
		if _, err := groth16.ParseKey(key, int(c.Inputs)); err != nil {
			return types.ErrInvalidGenesis.Wrapf("circuit %d: %s", c.Id, err)
		}
		if _, err := k.account("owner", c.Owner); err != nil {
			return types.ErrInvalidGenesis.Wrapf("circuit %d: %s", c.Id, err)
		}
		if err := k.storeCircuit(ctx, c, key); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) exportCircuits(ctx context.Context, gs *types.GenesisState) error {
	return k.Circuits.Walk(ctx, nil, func(id uint64, c types.Circuit) (bool, error) {
		key, err := k.CircuitKeys.Get(ctx, id)
		gs.Circuits = append(gs.Circuits, c)
		gs.CircuitKeys = append(gs.CircuitKeys, types.CircuitKey{Circuit: id, Key: key})
		return false, err
	})
}
