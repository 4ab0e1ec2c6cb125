// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"encoding/hex"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// Model returns a model, or ErrModelNotFound.
func (k *Keeper) Model(ctx context.Context, id uint64) (types.Model, error) {
	m, err := k.Models.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return m, types.ErrModelNotFound.Wrapf("model %d", id)
	}
	return m, err
}

// ModelVersion returns a version, or ErrVersionNotFound.
func (k *Keeper) ModelVersion(ctx context.Context, ref types.VersionRef) (types.ModelVersion, error) {
	v, err := k.ModelVersions.Get(ctx, collections.Join(ref.Model, ref.Version))
	if errors.Is(err, collections.ErrNotFound) {
		return v, types.ErrVersionNotFound.Wrapf("model %d version %d", ref.Model, ref.Version)
	}
	return v, err
}

// ModelTerms returns who is paid for the use of a released version, and how much.
func (k *Keeper) ModelTerms(ctx context.Context, model uint64, version uint32) (types.ModelTerms, error) {
	var none types.ModelTerms
	m, err := k.Model(ctx, model)
	if err != nil {
		return none, err
	}
	v, err := k.ModelVersion(ctx, types.VersionRef{Model: model, Version: version})
	if err != nil {
		return none, err
	}
	if !v.Released() {
		return none, types.ErrNotReleased.Wrapf("model %d version %d", model, version)
	}
	owner, err := k.addresses.StringToBytes(m.Owner)
	return types.ModelTerms{Owner: owner, RoyaltyBps: m.RoyaltyBps}, err
}

// draft is what a new model declares.
type draft struct {
	name       string
	royaltyBps uint32
	signers    []string
}

// CreateModel makes a model with a first version; parent is that of a fork.
func (k *Keeper) CreateModel(ctx context.Context, owner sdk.AccAddress, d draft, content types.ModelContent, parent *types.VersionRef) (uint64, error) {
	signers, err := k.signers(d.signers)
	if err != nil {
		return 0, err
	}
	if err := types.ValidateModel(d.name, d.royaltyBps, len(signers)); err != nil {
		return 0, err
	}
	tick, err := k.Tick(ctx)
	if err != nil {
		return 0, err
	}
	last, err := k.LastModel.Get(ctx)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return 0, err
	}
	m := types.Model{Id: last + 1, Owner: k.text(owner), Name: d.name, RoyaltyBps: d.royaltyBps, Signers: signers, Created: tick}
	if err := k.LastModel.Set(ctx, m.Id); err != nil {
		return 0, err
	}
	if err := k.ModelsOf.Set(ctx, collections.Join([]byte(owner), m.Id)); err != nil {
		return 0, err
	}
	err = k.emit(ctx, &types.EventModelCreated{Model: m.Id, Owner: m.Owner, Name: m.Name, RoyaltyBps: m.RoyaltyBps})
	if err != nil {
		return 0, err
	}
	kind, parents := types.VersionInitial, []types.VersionRef(nil)
	if parent != nil {
		kind, parents = types.VersionFork, []types.VersionRef{*parent}
	}
	_, err = k.publish(ctx, m, kind, content, parents)
	return m.Id, err
}

// publish adds a version to a model and stores both.
func (k *Keeper) publish(ctx context.Context, m types.Model, kind types.VersionKind, content types.ModelContent, parents []types.VersionRef) (uint32, error) {
	gas := types.VersionGas + types.ParentGas*uint64(len(parents))
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(gas, "model version")
	if err := content.Validate(); err != nil {
		return 0, err
	}
	if m.Versions >= types.MaxVersions {
		return 0, types.ErrTooManyVersions.Wrapf("%d", m.Versions)
	}
	depth, err := k.depth(ctx, parents)
	if err != nil {
		return 0, err
	}
	tick, err := k.Tick(ctx)
	if err != nil {
		return 0, err
	}
	m.Versions++
	v := types.ModelVersion{
		Model: m.Id, Version: m.Versions, Kind: kind, Content: content,
		Parents: parents, Depth: depth, Signers: m.Signers, Published: tick,
	}
	if err := k.Models.Set(ctx, m.Id, m); err != nil {
		return 0, err
	}
	if err := k.ModelVersions.Set(ctx, collections.Join(v.Model, v.Version), v); err != nil {
		return 0, err
	}
	return v.Version, k.emit(ctx, &types.EventVersionPublished{
		Model: v.Model, Version: v.Version, Kind: kind, ContentHash: hex.EncodeToString(content.ContentHash), Depth: depth,
	})
}

// depth checks that parents exist and are distinct, and returns 1 + the largest
// of theirs. Parents are older than what descends from them, so no version can
// become its own ancestor.
func (k *Keeper) depth(ctx context.Context, parents []types.VersionRef) (uint32, error) {
	if len(parents) > types.MaxParents {
		return 0, types.ErrInvalidLineage.Wrapf("%d parents, at most %d", len(parents), types.MaxParents)
	}
	var depth uint32
	for i, ref := range parents {
		for _, other := range parents[:i] {
			if other == ref {
				return 0, types.ErrInvalidLineage.Wrapf("model %d version %d is given twice", ref.Model, ref.Version)
			}
		}
		parent, err := k.ModelVersion(ctx, ref)
		if err != nil {
			return 0, err
		}
		depth = max(depth, parent.Depth+1)
	}
	if depth > types.MaxDepth {
		return 0, types.ErrInvalidLineage.Wrapf("%d generations, at most %d", depth, types.MaxDepth)
	}
	return depth, nil
}

// owned returns a model that the account owns.
func (k *Keeper) owned(ctx context.Context, owner sdk.AccAddress, id uint64) (types.Model, error) {
	m, err := k.Model(ctx, id)
	if err == nil && m.Owner != k.text(owner) {
		return m, types.ErrNotModelOwner.Wrapf("model %d belongs to %s", id, m.Owner)
	}
	return m, err
}

// PublishVersion adds a version that follows the newest one of its model.
func (k *Keeper) PublishVersion(ctx context.Context, owner sdk.AccAddress, model uint64, content types.ModelContent) (uint32, error) {
	m, err := k.owned(ctx, owner, model)
	if err != nil {
		return 0, err
	}
	return k.publish(ctx, m, types.VersionNext, content, []types.VersionRef{{Model: m.Id, Version: m.Versions}})
}

// MergeModels adds a version that was made from two or more versions.
func (k *Keeper) MergeModels(ctx context.Context, owner sdk.AccAddress, model uint64, parents []types.VersionRef, content types.ModelContent) (uint32, error) {
	m, err := k.owned(ctx, owner, model)
	if err != nil {
		return 0, err
	}
	if len(parents) < 2 {
		return 0, types.ErrInvalidLineage.Wrapf("%d parents, a merge has 2 to %d", len(parents), types.MaxParents)
	}
	return k.publish(ctx, m, types.VersionMerge, content, parents)
}

// RollbackModel publishes the content of an older version of a model again.
func (k *Keeper) RollbackModel(ctx context.Context, owner sdk.AccAddress, model uint64, version uint32) (uint32, error) {
	m, err := k.owned(ctx, owner, model)
	if err != nil {
		return 0, err
	}
	if version >= m.Versions {
		return 0, types.ErrInvalidLineage.Wrapf("version %d is not older than the newest, %d", version, m.Versions)
	}
	ref := types.VersionRef{Model: model, Version: version}
	old, err := k.ModelVersion(ctx, ref)
	if err != nil {
		return 0, err
	}
	return k.publish(ctx, m, types.VersionRollback, old.Content, []types.VersionRef{ref})
}

// SignVersion adds a signature and reports whether it was the last one missing.
func (k *Keeper) SignVersion(ctx context.Context, signer sdk.AccAddress, ref types.VersionRef) (bool, error) {
	v, err := k.ModelVersion(ctx, ref)
	if err != nil {
		return false, err
	}
	text := k.text(signer)
	for i, s := range v.Signers {
		if s != text {
			continue
		}
		if v.Signed&(1<<i) != 0 {
			return false, types.ErrAlreadySigned.Wrapf("model %d version %d", ref.Model, ref.Version)
		}
		v.Signed |= 1 << i
		if err := k.ModelVersions.Set(ctx, collections.Join(v.Model, v.Version), v); err != nil {
			return false, err
		}
		released := v.Released()
		return released, k.emit(ctx, &types.EventVersionSigned{Model: v.Model, Version: v.Version, Signer: text, Released: released})
	}
	return false, types.ErrNotSigner.Wrapf("%s for model %d version %d", text, ref.Model, ref.Version)
}

// UpdateModel replaces the royalty of tasks and the signers of versions to come.
func (k *Keeper) UpdateModel(ctx context.Context, owner sdk.AccAddress, model uint64, royaltyBps uint32, signers []string) error {
	m, err := k.owned(ctx, owner, model)
	if err != nil {
		return err
	}
	if m.Signers, err = k.signers(signers); err != nil {
		return err
	}
	m.RoyaltyBps = royaltyBps
	if err := types.ValidateModel(m.Name, m.RoyaltyBps, len(m.Signers)); err != nil {
		return err
	}
	return k.storeModel(ctx, m)
}

// TransferModel gives a model to another account, which publishes and is paid
// from then on; batches submitted before pay whom they pinned.
func (k *Keeper) TransferModel(ctx context.Context, owner sdk.AccAddress, model uint64, to sdk.AccAddress) error {
	m, err := k.owned(ctx, owner, model)
	if err != nil {
		return err
	}
	if k.bank.BlockedAddr(to) {
		return types.ErrBlockedAddress.Wrapf("new owner %s", k.text(to))
	}
	if err := k.ModelsOf.Remove(ctx, collections.Join([]byte(owner), m.Id)); err != nil {
		return err
	}
	if err := k.ModelsOf.Set(ctx, collections.Join([]byte(to), m.Id)); err != nil {
		return err
	}
	m.Owner = k.text(to)
	return k.storeModel(ctx, m)
}

func (k *Keeper) storeModel(ctx context.Context, m types.Model) error {
	if err := k.Models.Set(ctx, m.Id, m); err != nil {
		return err
	}
	return k.emit(ctx, &types.EventModelUpdated{Model: m.Id, Owner: m.Owner, RoyaltyBps: m.RoyaltyBps, Signers: uint32(len(m.Signers))})
}

// signers returns addresses in their usual spelling, each once.
func (k *Keeper) signers(texts []string) ([]string, error) {
	if len(texts) > types.MaxSigners {
		return nil, types.ErrInvalidModel.Wrapf("%d signers, at most %d", len(texts), types.MaxSigners)
	}
	out := make([]string, 0, len(texts))
	for i, text := range texts {
		addr, err := k.addresses.StringToBytes(text)
		if err != nil {
			return nil, types.ErrInvalidModel.Wrapf("signers[%d]: %s", i, err)
		}
		canonical := k.text(addr)
		for _, other := range out {
			if other == canonical {
				return nil, types.ErrInvalidModel.Wrapf("signer %s is given twice", canonical)
			}
		}
		out = append(out, canonical)
	}
	return out, nil
}
