// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// InitGenesis writes the genesis to a store that holds no other. Its headers
// must be of this chain id: a chain with another one starts without a line.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := verifySignatures(sdk.UnwrapSDKContext(ctx).ChainID(), gs); err != nil {
		return err
	}
	if err := k.verifyShares(sdk.UnwrapSDKContext(ctx).ChainID(), gs); err != nil {
		return err
	}
	if err := k.Params.Set(ctx, gs.Params); err != nil {
		return err
	}
	if err := k.Current.Set(ctx, gs.Epoch); err != nil {
		return err
	}
	if err := k.Line.Set(ctx, gs.Line); err != nil {
		return err
	}
	for _, seed := range gs.Seeds {
		if err := k.Seeds.Set(ctx, seed.Epoch, seed.Value); err != nil {
			return err
		}
		if seed.Cover > 0 {
			if err := k.Covers.Set(ctx, seed.Epoch, seed.Cover); err != nil {
				return err
			}
		}
		if !seed.FromBlock {
			continue
		}
		if err := k.BlockSeeds.Set(ctx, seed.Epoch); err != nil {
			return err
		}
	}
	if err := k.initAttestors(ctx, gs); err != nil {
		return err
	}
	if err := k.initBeacon(ctx, gs); err != nil {
		return err
	}
	if err := k.initCircuits(ctx, gs); err != nil {
		return err
	}
	return k.initHeaders(ctx, gs)
}

func (k *Keeper) initBeacon(ctx context.Context, gs types.GenesisState) error {
	if err := k.Beacon.Set(ctx, gs.FilledBeacon()); err != nil {
		return err
	}
	if err := k.Exposed.Set(ctx, gs.Exposed); err != nil {
		return err
	}
	for _, s := range gs.Slots {
		operator, err := k.account("operator", s.Operator)
		if err != nil {
			return err
		}
		if err := k.Slots.Set(ctx, collections.Join(s.Epoch, []byte(operator)), s); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) initAttestors(ctx context.Context, gs types.GenesisState) error {
	for _, attestor := range gs.Attestors {
		operator, err := k.account("operator", attestor.Operator)
		if err != nil {
			return err
		}
		account, err := k.account("account", attestor.Account)
		if err != nil {
			return err
		}
		if err := k.Attestors.Set(ctx, operator, attestor); err != nil {
			return err
		}
		if err := k.Accounts.Set(ctx, account, operator); err != nil {
			return err
		}
	}
	for _, key := range gs.Keys {
		if err := k.Keys.Set(ctx, key.Key, key); err != nil {
			return err
		}
	}
	for _, set := range gs.Sets {
		if err := k.Sets.Set(ctx, set.Id, set); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) initHeaders(ctx context.Context, gs types.GenesisState) error {
	for _, c := range gs.Checkpoints {
		if err := k.Checkpoints.Set(ctx, c.Header.Nonce, c); err != nil {
			return err
		}
	}
	for _, of := range gs.Signatures {
		for _, s := range of.Signatures {
			if err := k.Signatures.Set(ctx, collections.Join(of.Nonce, s.Key), s.Signature); err != nil {
				return err
			}
		}
	}
	var first uint64
	for _, block := range gs.Leaves {
		if err := k.Leaves.Set(ctx, first, block); err != nil {
			return err
		}
		first += uint64(len(block.Tasks))
	}
	return nil
}

// verifySignatures returns ErrInvalidGenesis unless the line begins with the
// chain's domain and every signature is by the key that it is stored for.
func verifySignatures(chainID string, gs types.GenesisState) error {
	if len(gs.Checkpoints) == 0 {
		return nil
	}
	domain := checkpoint.NewDomain(chainID)
	if root := domain.GenesisRoot(); string(root[:]) != string(gs.Checkpoints[0].Header.PrevRoot) {
		return types.ErrInvalidGenesis.Wrapf("the headers are not of chain %q: start a chain with another id without line, sets, checkpoints, signatures, leaves and the set_id of keys", chainID)
	}
	for _, of := range gs.Signatures {
		header, err := gs.Checkpoints[of.Nonce-1].Header.Decode()
		if err != nil {
			return err
		}
		digest := domain.Digest(header)
		for _, s := range of.Signatures {
			signed, err := s.Decode()
			if err != nil {
				return err
			}
			if by, err := signed.Signature.Recover(digest); err != nil || by != signed.Address {
				return types.ErrInvalidGenesis.Wrapf("signature of nonce %d is not by %s", of.Nonce, signed.Address)
			}
		}
	}
	return nil
}

// verifyShares returns ErrInvalidGenesis unless every share is the one that its
// slot is committed to.
func (k *Keeper) verifyShares(chainID string, gs types.GenesisState) error {
	for _, s := range gs.Slots {
		operator, err := k.account("operator", s.Operator)
		if err != nil {
			return err
		}
		if len(s.Share) > 0 && !bytes.Equal(s.Commitment, types.BeaconCommitment(chainID, s.Epoch, operator, s.Share)) {
			return types.ErrInvalidGenesis.Wrapf("share of %s in epoch %d is not the one committed to on chain %q", s.Operator, s.Epoch, chainID)
		}
	}
	return nil
}

// ExportGenesis returns the whole state.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	gs := &types.GenesisState{}
	var err error
	if gs.Params, err = k.Params.Get(ctx); err != nil {
		return nil, err
	}
	if gs.Epoch, err = k.Current.Get(ctx); err != nil {
		return nil, err
	}
	if err := k.exportCircuits(ctx, gs); err != nil {
		return nil, err
	}
	if gs.Line, err = k.Line.Get(ctx); err != nil {
		return nil, err
	}
	if gs.Seeds, err = k.seeds(ctx); err != nil {
		return nil, err
	}
	if gs.Beacon, err = k.Beacon.Get(ctx); err != nil {
		return nil, err
	}
	if gs.Exposed, err = k.exposed(ctx); err != nil {
		return nil, err
	}
	if gs.Slots, err = values(ctx, k.Slots); err != nil {
		return nil, err
	}
	if gs.Attestors, err = values(ctx, k.Attestors); err != nil {
		return nil, err
	}
	if gs.Keys, err = values(ctx, k.Keys); err != nil {
		return nil, err
	}
	if gs.Sets, err = values(ctx, k.Sets); err != nil {
		return nil, err
	}
	if gs.Checkpoints, err = values(ctx, k.Checkpoints); err != nil {
		return nil, err
	}
	if gs.Leaves, err = values(ctx, k.Leaves); err != nil {
		return nil, err
	}
	gs.Signatures, err = k.allSignatures(ctx)
	return gs, err
}

// values returns what a map holds in the order of its keys.
func values[K, V any](ctx context.Context, m collections.Map[K, V]) ([]V, error) {
	var out []V
	err := m.Walk(ctx, nil, func(_ K, value V) (stop bool, err error) {
		out = append(out, value)
		return false, nil
	})
	return out, err
}

func (k *Keeper) allSignatures(ctx context.Context) ([]types.HeaderSignatures, error) {
	var out []types.HeaderSignatures
	err := k.Signatures.Walk(ctx, nil, func(key signatureKey, signature []byte) (stop bool, err error) {
		if n := len(out); n == 0 || out[n-1].Nonce != key.K1() {
			out = append(out, types.HeaderSignatures{Nonce: key.K1()})
		}
		of := &out[len(out)-1]
		of.Signatures = append(of.Signatures, types.AttestorSignature{Key: key.K2(), Signature: signature})
		return false, nil
	})
	return out, err
}

func (k *Keeper) seeds(ctx context.Context) ([]types.Seed, error) {
	var seeds []types.Seed
	err := k.Seeds.Walk(ctx, nil, func(epoch uint64, value []byte) (stop bool, err error) {
		seed, err := k.describe(ctx, epoch, value)
		seeds = append(seeds, seed)
		return err != nil, err
	})
	return seeds, err
}

// describe adds what is known of a seed to its value.
func (k *Keeper) describe(ctx context.Context, epoch uint64, value []byte) (types.Seed, error) {
	seed := types.Seed{Epoch: epoch, Value: value}
	var err error
	if seed.FromBlock, err = k.BlockSeeds.Has(ctx, epoch); err != nil {
		return seed, err
	}
	seed.Cover, err = k.coverOf(ctx, epoch)
	return seed, err
}

// Rebase moves the state to a height; see types.GenesisState.Rebase. Only an
// export may call it.
func (k *Keeper) Rebase(ctx context.Context, height int64) error {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	gs.Rebase(height)
	if err := k.clearLine(ctx); err != nil {
		return err
	}
	return k.InitGenesis(ctx, *gs)
}

// clearLine removes everything that a genesis writes entry by entry.
func (k *Keeper) clearLine(ctx context.Context) error {
	for _, clear := range []func() error{
		func() error { return k.Attestors.Clear(ctx, nil) },
		func() error { return k.Keys.Clear(ctx, nil) },
		func() error { return k.Accounts.Clear(ctx, nil) },
		func() error { return k.Sets.Clear(ctx, nil) },
		func() error { return k.Checkpoints.Clear(ctx, nil) },
		func() error { return k.Signatures.Clear(ctx, nil) },
		func() error { return k.Leaves.Clear(ctx, nil) },
		func() error { return k.Slots.Clear(ctx, nil) },
	} {
		if err := clear(); err != nil {
			return err
		}
	}
	return nil
}
