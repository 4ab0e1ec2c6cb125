// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/registry/types"
)

// Class returns a class by id, or ErrClassNotFound.
func (k *Keeper) Class(ctx context.Context, id uint32) (types.Class, error) {
	class, err := k.Classes.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Class{}, types.ErrClassNotFound.Wrapf("id %d", id)
	}
	return class, err
}

// ClassByName returns a class by name, or ErrClassNotFound.
func (k *Keeper) ClassByName(ctx context.Context, name string) (types.Class, error) {
	id, err := k.ClassNames.Get(ctx, name)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Class{}, types.ErrClassNotFound.Wrapf("name %.64q", name)
	}
	if err != nil {
		return types.Class{}, err
	}
	return k.Class(ctx, id)
}

// AddClass stores a new class under the next id.
func (k *Keeper) AddClass(ctx context.Context, class types.Class) (types.Class, error) {
	if err := class.Validate(); err != nil {
		return types.Class{}, err
	}
	taken, err := k.ClassNames.Has(ctx, class.Name)
	if err != nil {
		return types.Class{}, err
	}
	if taken {
		return types.Class{}, types.ErrClassExists.Wrapf("%q", class.Name)
	}
	class.Id, err = nextID(ctx, k.Classes)
	if err != nil {
		return types.Class{}, err
	}
	if err := k.storeClass(ctx, class); err != nil {
		return types.Class{}, err
	}
	return class, k.emit(ctx, &types.EventClassAdded{Class: class.Id, Name: class.Name})
}

func (k *Keeper) storeClass(ctx context.Context, class types.Class) error {
	if err := k.Classes.Set(ctx, class.Id, class); err != nil {
		return err
	}
	return k.ClassNames.Set(ctx, class.Name, class.Id)
}
