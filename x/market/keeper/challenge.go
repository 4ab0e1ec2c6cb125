// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
)

// Challenge has one agreed task run again before it is paid. It holds a bond
// of the sender and stops the release of that task only. It returns the bond
// in base units of the batch's denom. See ADR-007.
func (k *Keeper) Challenge(ctx context.Context, sender sdk.AccAddress, task uint64, kind types.ChallengeKind) (uint64, error) {
	batch, index := types.SplitTaskID(task)
	o, err := k.order(ctx, batch)
	if err != nil {
		return 0, err
	}
	if err := o.mayChallenge(index, kind); err != nil {
		return 0, err
	}
	now, err := k.now(ctx)
	if err != nil {
		return 0, err
	}
	lot, position := o.LotOf(index)
	l, err := k.lot(ctx, batch, lot)
	if err != nil {
		return 0, err
	}
	switch {
	case l.InCase(position):
		return 0, types.ErrAlreadyChallenged.Wrapf("task %d", task)
	case l.State != types.TaskAgreed:
		return 0, types.ErrNotChallengeable.Wrapf("task %d is %s", task, l.State)
	case l.Judged && now.passed(l.Due, l.DueTime):
		return 0, types.ErrTooLate.Wrapf("the window ended at tick %d, now is %d", l.Due, now.tick)
	}
	held, err := o.dueTo(&l, position)
	if err != nil {
		return 0, err
	}
	c, err := k.newCase(ctx, o, &l, index, kind.Case(), held, now)
	if err != nil {
		return 0, err
	}
	if err := k.openChallenge(ctx, o, &c, sender, kind, now); err != nil {
		return 0, err
	}
	l.Cases |= 1 << position
	l.OpenCases++
	return c.Bond, k.Lots.Set(ctx, collections.Join(batch, lot), l)
}

// mayChallenge checks that a task of the order can be challenged at all.
func (o *order) mayChallenge(index uint32, kind types.ChallengeKind) error {
	switch {
	case index >= o.Count:
		return types.ErrNotChallengeable.Wrapf("batch %d has %d tasks, not %d", o.Id, o.Count, index)
	case kind.Case() == types.CaseUnspecified:
		return types.ErrInvalidChallenge.Wrapf("%s", kind)
	case o.proved() || o.scored(): // the chain has seen the proof; MsgReject disputes a score
		return types.ErrInvalidChallenge.Wrapf("batch %d is %s", o.Id, o.Policy)
	case kind == types.ChallengeWrong && !o.class.Sound:
		return types.ErrInvalidChallenge.Wrapf("in class %s another result proves nothing", o.class.Name)
	default:
		return nil
	}
}

// openChallenge takes the bond of a challenge and draws its added seats: one
// that runs the task again, or several that also look for the artifact.
func (k *Keeper) openChallenge(ctx context.Context, o *order, c *types.Case, sender sdk.AccAddress, kind types.ChallengeKind, now moment) error {
	added := uint32(1)
	if kind == types.ChallengeUnavailable {
		added = o.params.Challenge.UnavailableSeats
	}
	bond, err := k.takeBond(ctx, o, c, sender, o.params.Challenge.BondTimes, int(added))
	if err != nil {
		return err
	}
	c.Challenger, c.Bond, c.Claim = sender, bond, kind
	c.Target = uint32(c.Weight()) + added
	if err := k.startDraw(ctx, o, c, now); err != nil {
		return err
	}
	if err := k.Cases.Set(ctx, c.Task, *c); err != nil {
		return err
	}
	event := types.EventTaskChallenged{Task: c.Task, Kind: kind.String(), Bond: o.coin(bond)}
	if event.Challenger, err = k.addresses.BytesToString(sender); err != nil {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &event)
}

// takeBond holds the bond of a challenge or an appeal and charges the gas of
// the steps that its added seats will cost.
func (k *Keeper) takeBond(ctx context.Context, o *order, c *types.Case, sender sdk.AccAddress, times uint32, added int) (uint64, error) {
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(o.params.StepGas*uint64(max(added, 0)+1), "queued steps")
	bond, err := o.disputeBond(c, times)
	if err != nil {
		return 0, err
	}
	coins := sdk.NewCoins(sdk.NewCoin(o.Denom, math.NewIntFromUint64(bond)))
	return bond, k.Bank.SendCoinsFromAccountToModule(ctx, sender, types.ModuleName, coins)
}

// disputeBond is a number of grosses of the dearest replica for the units of
// the result, and at least min_bond, in base units of the denom.
func (o *order) disputeBond(c *types.Case, times uint32) (uint64, error) {
	gross, err := o.charge(o.dearest(c), firstUnits(c))
	if err != nil {
		return 0, err
	}
	bond, err := types.MulDivCeil(gross, uint64(times), 1)
	if err != nil {
		return 0, err
	}
	least, err := types.MulDivCeil(o.params.Challenge.MinBond, types.RateUnit, o.Rate)
	return max(bond, least), err
}

// firstUnits are those of the decided result, or of the first answer before.
func firstUnits(c *types.Case) uint64 {
	if c.State == types.TaskAgreed {
		return c.Result.Units
	}
	for _, s := range c.Seats {
		if s.Result.Outcome.Deterministic() {
			return s.Result.Units
		}
	}
	return 0
}

// replicaUnits are those of the first replica with an answer.
func replicaUnits(c *types.Case) uint64 {
	for _, s := range c.Seats {
		if s.Original && s.Result.Outcome.Deterministic() {
			return s.Result.Units
		}
	}
	return 0
}

// coin is the text of an amount in the denom of the order.
func (o *order) coin(amount uint64) string {
	return sdk.NewCoin(o.Denom, math.NewIntFromUint64(amount)).String()
}

// decideDelivery ends a challenge of delivery in a class in which a difference
// proves nothing: whoever ran the task earns its share, and the reports of the
// added seats count as anywhere.
func (k *Keeper) decideDelivery(ctx context.Context, o *order, c *types.Case, now moment) error {
	var ran []int
	for i, s := range c.Seats {
		if s.Phase == types.SeatRevealed && s.Result.Outcome.Deterministic() {
			ran = append(ran, i)
		}
	}
	if len(ran) == 0 {
		return k.decideFailed(ctx, o, c, types.ReasonUnavailable, now)
	}
	return k.decideAgreed(ctx, o, c, ran, false, now)
}

// moveDelivery takes the pay from the replicas that do not serve the artifact
// and says who does.
func (k *Keeper) moveDelivery(ctx context.Context, o *order, c *types.Case) error {
	c.MarkMissing()
	if len(c.Missing) == 0 {
		return nil
	}
	if !o.class.Sound || c.Measured { // the escrow covers what the replicas used
		c.Result.Units = min(c.Result.Units, replicaUnits(c))
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventDeliveryMoved{Task: c.Task, Missing: c.Missing, Providers: c.Servers()})
}
