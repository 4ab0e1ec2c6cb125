// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"

	"github.com/cupel-network/cupel/x/registry/types"
)

// CheckInvariants reads the whole store and returns what does not add up. It
// is for tests and for operators, never for a block.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	return errors.Join(
		k.checkBonds(ctx),
		k.checkUnbondings(ctx),
		k.checkRosters(ctx),
		k.checkIndexes(ctx),
		k.checkSilence(ctx),
		k.checkModels(ctx),
	)
}

// checkBonds: the sum of all bonds is at most the balance of the module.
func (k *Keeper) checkBonds(ctx context.Context) error {
	total := sdkmath.ZeroInt()
	err := k.Providers.Walk(ctx, nil, func(_ uint32, provider types.Provider) (bool, error) {
		total = total.Add(sdkmath.NewIntFromUint64(provider.Bond))
		if provider.Unbonding > provider.Bond {
			return true, fmt.Errorf("provider %d: unbonding %d of %d", provider.Id, provider.Unbonding, provider.Bond)
		}
		if provider.Status == types.ProviderUnbonding && (provider.FreeBond() > 0 || provider.Bond == 0) {
			return true, fmt.Errorf("provider %d has deregistered with %d free of %d", provider.Id, provider.FreeBond(), provider.Bond)
		}
		if provider.Status == types.ProviderRetired && provider.Bond > 0 {
			return true, fmt.Errorf("provider %d is retired with a bond of %d", provider.Id, provider.Bond)
		}
		return false, nil
	})
	if held := k.held(ctx); err == nil && held.LT(total) {
		return fmt.Errorf("the bonds are %s and the module account holds %s", total, held)
	}
	return err
}

// checkUnbondings: a provider's entries add up to its unbonding amount, both
// orders of the queue agree, and there are few of them.
func (k *Keeper) checkUnbondings(ctx context.Context) error {
	entries := 0
	err := k.Unbondings.Walk(ctx, nil, func(collections.Pair[uint64, uint32], uint64) (bool, error) {
		entries++
		return false, nil
	})
	if err != nil {
		return err
	}
	err = k.Providers.Walk(ctx, nil, func(id uint32, provider types.Provider) (bool, error) {
		own, err := k.unbondingsOf(ctx, id)
		if err != nil {
			return true, err
		}
		sum := uint64(0)
		for _, entry := range own {
			sum += entry.Amount
		}
		if sum != provider.Unbonding || len(own) > types.MaxUnbondings {
			return true, fmt.Errorf("provider %d: %d entries of %d for an unbonding of %d", id, len(own), sum, provider.Unbonding)
		}
		entries -= len(own)
		return false, nil
	})
	if err == nil && entries != 0 {
		return fmt.Errorf("%d unbonding entries belong to nobody", entries)
	}
	return err
}

// checkRosters: the rosters are what a rebuild from the providers gives. While
// new params are carried in, only the providers done are compared.
func (k *Keeper) checkRosters(ctx context.Context) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	pending, err := k.Refresh.Get(ctx)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	isDone := func(id uint32) bool { return pending == 0 || id < pending }
	return k.Classes.Walk(ctx, nil, func(id uint32, class types.Class) (bool, error) {
		var want []types.RosterEntry
		err := k.Providers.Walk(ctx, nil, func(id uint32, provider types.Provider) (bool, error) {
			resource, ok := provider.Resource(class.Name)
			if !ok || !isDone(id) {
				return false, nil
			}
			if entry, ok := types.NewRosterEntry(params, provider, resource); ok {
				want = append(want, entry)
			}
			return false, nil
		})
		if err != nil {
			return true, err
		}
		have, err := k.Roster(ctx, id)
		if err != nil {
			return true, err
		}
		have = slices.DeleteFunc(have, func(entry types.RosterEntry) bool { return !isDone(entry.Provider) })
		if !slices.Equal(have, want) {
			return true, fmt.Errorf("class %d: the roster is %v and should be %v", id, have, want)
		}
		return false, nil
	})
}

// checkIndexes: operators and workers lead to their providers and back, for
// all that are not retired.
func (k *Keeper) checkIndexes(ctx context.Context) error {
	live := 0
	err := k.Providers.Walk(ctx, nil, func(id uint32, provider types.Provider) (bool, error) {
		if provider.Status == types.ProviderRetired {
			return false, nil
		}
		live++
		operator, err := k.addresses.StringToBytes(provider.Operator)
		if err != nil {
			return true, err
		}
		worker, err := k.addresses.StringToBytes(provider.Worker)
		if err != nil {
			return true, err
		}
		byOperator, err := k.ByOperator.Get(ctx, operator)
		if err != nil || byOperator != id {
			return true, errors.Join(fmt.Errorf("provider %d: its operator leads to %d", id, byOperator), err)
		}
		byWorker, err := k.ByWorker.Get(ctx, worker)
		if err != nil || byWorker != id {
			return true, errors.Join(fmt.Errorf("provider %d: its worker leads to %d", id, byWorker), err)
		}
		return false, nil
	})
	return errors.Join(err, countIs(ctx, k.ByOperator, live), countIs(ctx, k.ByWorker, live))
}

func countIs(ctx context.Context, index collections.Map[[]byte, uint32], want int) error {
	count := 0
	err := index.Walk(ctx, nil, func([]byte, uint32) (bool, error) {
		count++
		return false, nil
	})
	if err == nil && count != want {
		return fmt.Errorf("%s holds %d addresses of %d providers", index.GetName(), count, want)
	}
	return err
}

// checkSilence: each provider that has not left is looked at once, no later
// than its silence would be too long.
func (k *Keeper) checkSilence(ctx context.Context) error {
	looks := map[uint32]int{}
	err := k.Silence.Walk(ctx, nil, func(key collections.Pair[uint64, uint32]) (bool, error) {
		looks[key.K2()]++
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.Providers.Walk(ctx, nil, func(id uint32, provider types.Provider) (bool, error) {
		if looks[id] > 1 || (looks[id] == 0 && !provider.IsLeaving()) {
			return true, fmt.Errorf("provider %d (%s) is queued %d times", id, provider.Status, looks[id])
		}
		return false, nil
	})
}
