// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// finishWithheld punishes the withheld seats of a failed lot after the window.
func (k *Keeper) finishWithheld(ctx context.Context, o *order, l *types.Lot, now moment, b *book) error {
	if err := k.punishWithheld(ctx, o, l, now, b); err != nil {
		return err
	}
	l.Due = 0
	return k.finishLot(ctx, o, l, now)
}

// punishWithheld makes the fate of seats that did not reveal final: the bound
// for those that never did, the no-show fee for the late ones. It does so once.
func (k *Keeper) punishWithheld(ctx context.Context, o *order, l *types.Lot, now moment, b *book) error {
	if l.Punished || countSeats(l, types.SeatWithheld)+countSeats(l, types.SeatLate) == 0 {
		return nil
	}
	l.Punished = true
	for _, s := range l.Seats {
		switch s.Phase {
		case types.SeatWithheld:
			taken, err := k.punish(ctx, o, s.Provider, s.Bound, now, "did not reveal")
			if err != nil {
				return err
			}
			b.add(transfer{target: toBurn, denom: types.BaseDenom, amount: taken})
		case types.SeatLate:
			if err := k.dropPendingSlash(ctx, s.Provider, s.Bound); err != nil {
				return err
			}
			if err := k.fineNoShow(ctx, o, s.Provider, s.Price, b); err != nil {
				return err
			}
		default: // revealed or missed: nothing is pending
		}
	}
	return nil
}

func (k *Keeper) dropPendingSlash(ctx context.Context, provider uint32, amount uint64) error {
	return k.withLoad(ctx, provider, func(l *registrytypes.Load) { l.PendingSlash -= min(l.PendingSlash, amount) })
}

// punish makes a wrong result final: it takes the bound, voids every attempt
// assigned up to now and jails the provider. It returns the coins taken, which
// are in the module account and in no ledger yet.
func (k *Keeper) punish(ctx context.Context, o *order, provider uint32, bound uint64, now moment, why string) (uint64, error) {
	err := k.withLoad(ctx, provider, func(l *registrytypes.Load) {
		l.PendingSlash -= min(l.PendingSlash, bound)
		l.VoidClock = now.tick
	})
	if err != nil {
		return 0, err
	}
	taken, err := k.Registry.Slash(ctx, provider, bound, types.ModuleName, why)
	if err != nil {
		return 0, err
	}
	if err := k.Registry.Jail(ctx, provider, why); err != nil {
		return 0, err
	}
	return taken, k.Reputation.RecordSlash(ctx, provider, o.Class)
}

func (k *Keeper) addPendingSlash(ctx context.Context, provider uint32, amount uint64) error {
	return k.withLoad(ctx, provider, func(l *registrytypes.Load) { l.PendingSlash += amount })
}
