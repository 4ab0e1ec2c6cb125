// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// order is a batch with everything that rules it, loaded for one step.
type order struct {
	types.Batch
	tally  types.Tally
	params types.Params
	class  registrytypes.Class
	scale  uint64
	// gross is the most that one replica of one task can cost.
	gross uint64
	// escrow is what one task holds from its submit on, committee the part of
	// it that pays committees.
	escrow, committee uint64
	// toPool is what the tally has put into the audit pool and save will.
	toPool uint64
	// payer is the bech32 form of the requester once a task of it is settled.
	payer string
}

// order loads a batch. The caller stores the tally with save.
func (k *Keeper) order(ctx context.Context, batch uint64) (*order, error) {
	b, err := k.Batches.Get(ctx, batch)
	if err != nil {
		if errors.Is(err, collections.ErrNotFound) {
			return nil, types.ErrBatchNotFound.Wrapf("batch %d", batch)
		}
		return nil, err
	}
	tally, err := k.Tallies.Get(ctx, batch)
	if err != nil {
		return nil, err
	}
	params, err := cached(ctx, b.ParamsVersion, k.Params.Get)
	if err != nil {
		return nil, err
	}
	return k.newOrder(ctx, b, tally, params)
}

func (k *Keeper) newOrder(ctx context.Context, b types.Batch, tally types.Tally, params types.Params) (*order, error) {
	class, err := cached(ctx, b.Class, k.Registry.Class)
	if err != nil {
		return nil, err
	}
	o := &order{Batch: b, tally: tally, params: params, class: class, scale: types.Scale(class.Unit)}
	if o.gross, err = b.MaxGross(class.Unit); err != nil {
		return nil, err
	}
	o.escrow, o.committee, err = b.TaskEscrow(params, o.gross)
	return o, err
}

// save stores the part of the order that changes.
func (k *Keeper) save(ctx context.Context, o *order) error {
	if err := k.addPool(ctx, o.Denom, o.toPool); err != nil {
		return err
	}
	o.toPool = 0
	return k.Tallies.Set(ctx, o.Id, o.tally)
}

// ended reports whether governance ended the params of the order.
func (k *Keeper) ended(ctx context.Context, o *order) (bool, error) {
	return k.Ended.Has(ctx, o.ParamsVersion)
}

// lot loads a lot that was assigned.
func (k *Keeper) lot(ctx context.Context, batch uint64, lot uint32) (types.Lot, error) {
	l, err := k.Lots.Get(ctx, collections.Join(batch, lot))
	if errors.Is(err, collections.ErrNotFound) {
		return l, types.ErrLotNotFound.Wrapf("batch %d lot %d does not exist or was not assigned", batch, lot)
	}
	return l, err
}

// ask converts an ask, which is in ucupel, into the denom of the order at the
// rate pinned at submit, rounded up.
func (o *order) ask(price uint64) (uint64, error) {
	if o.burnable() {
		return price, nil
	}
	return types.MulDivCeil(price, types.RateUnit, o.Rate)
}

// dear reports whether an ask is above the ceiling of the order.
func (o *order) dear(price uint64) bool {
	ask, err := o.ask(price)
	return err != nil || ask > o.MaxPrice
}

// cheapness is how far an ask that is not dear is below the ceiling, in parts
// per million of it.
func (o *order) cheapness(price uint64) uint64 {
	ask, err := o.ask(price)
	if err != nil || ask > o.MaxPrice {
		return 0
	}
	part, err := types.MulDivCeil(o.MaxPrice-ask, million, o.MaxPrice)
	if err != nil { // impossible: the part is not above the whole
		return 0
	}
	return part
}

// charge is the gross of a seat for the units used.
func (o *order) charge(price, units uint64) (uint64, error) {
	return types.Gross(price, units, o.scale)
}

// value is what a wrong replica at a price could gain, in ucupel.
func (o *order) value(price uint64) (uint64, error) {
	return o.Value(o.params, price, o.scale)
}

// bound is the bond at risk for a seat.
func (o *order) bound(price uint64, auditBps uint32) (uint64, error) {
	value, err := o.value(price)
	if err != nil {
		return 0, err
	}
	return types.Bound(value, auditBps)
}

// runtimeFee is what a run without a result earns.
func (o *order) runtimeFee() uint64 {
	return types.Bps(o.gross, o.params.RuntimeFeeBps)
}

// noShowFee is what a missed commit of a seat costs, in ucupel.
func (o *order) noShowFee(price uint64) (uint64, error) {
	value, err := o.value(price)
	return types.Bps(value, o.params.NoShowBps), err
}

// burnable reports whether the order is paid in the coin that is burned.
func (o *order) burnable() bool { return o.Denom == types.BaseDenom }

// commitTicks is the commit phase for a number of tasks run one after another,
// at most a day's: a case that waited for everything its busiest seat has to do
// could outlast the bonds. See Params.Liability.
func (o *order) commitTicks(tasks uint32) uint64 {
	wall := min(uint64(o.Limits.WallSeconds)*uint64(tasks), o.params.MaxWallSeconds)
	return o.params.CommitTicks + o.params.WallTicks(wall)
}
