// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

// Appeal has a jury hear a decided case, once and before anybody is punished.
// It returns the bond in base units of the batch's denom. See ADR-007.
func (k *Keeper) Appeal(ctx context.Context, sender sdk.AccAddress, task uint64) (uint64, error) {
	c, err := k.caseOf(ctx, task)
	if err != nil {
		return 0, err
	}
	batch, _ := types.SplitTaskID(task)
	o, err := k.order(ctx, batch)
	if err != nil {
		return 0, err
	}
	now, err := k.now(ctx)
	if err != nil {
		return 0, err
	}
	switch {
	case c.Appealed:
		return 0, types.ErrAlreadyAppealed.Wrapf("task %d", task)
	case c.Phase != types.CasePhaseDecided || !o.appealable(&c):
		return 0, types.ErrNotAppealable.Wrapf("case is %s in %s", c.Kind, c.Phase)
	case c.Punished || now.passed(c.Due, c.DueTime):
		return 0, types.ErrTooLate.Wrapf("the window ended at tick %d, now is %d", c.Due, now.tick)
	}
	if err := k.mayAppeal(ctx, o, &c, sender); err != nil {
		return 0, err
	}
	return k.openAppeal(ctx, o, &c, sender, now)
}

// appealable reports whether a decision can be heard by a jury: one of a grown
// set or of a comparison that makes somebody wrong, or that a challenge is lost,
// in a class in which another result proves something.
func (o *order) appealable(c *types.Case) bool {
	if !o.class.Sound || c.State != types.TaskAgreed {
		return false
	}
	return c.Kind == types.CaseGrowth || c.Challenge == types.RulingLost || o.tolerant() && c.HasVerdict(types.VerdictWrong)
}

// mayAppeal checks that an account has lost something by a decision.
func (k *Keeper) mayAppeal(ctx context.Context, o *order, c *types.Case, sender sdk.AccAddress) error {
	if bytes.Equal(sender, o.Requester) || c.Challenge == types.RulingLost && bytes.Equal(sender, c.Challenger) {
		return nil
	}
	for _, id := range c.WrongSeats() {
		p, err := k.Registry.Provider(ctx, id)
		if err != nil {
			return err
		}
		for _, text := range []string{p.Operator, p.Worker} {
			account, err := k.addresses.StringToBytes(text)
			if err != nil {
				return err
			}
			if bytes.Equal(sender, account) {
				return nil
			}
		}
	}
	return types.ErrMayNotAppeal.Wrapf("%s", sender)
}

// openAppeal takes the bond of an appeal and summons the jury. Whoever was
// judged wrong keeps its pending slash until the jury has decided.
func (k *Keeper) openAppeal(ctx context.Context, o *order, c *types.Case, sender sdk.AccAddress, now moment) (uint64, error) {
	jury := int(o.params.Challenge.Jury)
	bond, err := k.takeBond(ctx, o, c, sender, o.params.Challenge.AppealTimes, jury)
	if err != nil {
		return 0, err
	}
	c.Appellant, c.AppealBond, c.Appealed = sender, bond, true
	b := newBook()
	if err := k.summon(ctx, o, c, jury, now, b); err != nil {
		return 0, err
	}
	if err := k.Cases.Set(ctx, c.Task, *c); err != nil {
		return 0, err
	}
	event := types.EventCaseAppealed{Task: c.Task, Bond: o.coin(bond)}
	if event.Appellant, err = k.addresses.BytesToString(sender); err != nil {
		return 0, err
	}
	if err := k.events.EventManager(ctx).Emit(ctx, &event); err != nil {
		return 0, err
	}
	return bond, k.flush(ctx, b)
}

// summon raises the set of a case to a jury. Seats that did not reveal, or did
// so late, pay the no-show fee for the round before and answer again.
func (k *Keeper) summon(ctx context.Context, o *order, c *types.Case, jury int, now moment, b *book) error {
	for i := range c.Seats {
		s := &c.Seats[i]
		if s.Phase != types.SeatWithheld && s.Phase != types.SeatLate {
			continue
		}
		s.Phase = types.SeatWithheld
		if err := k.fineNoShow(ctx, o, s.Provider, s.Price, b); err != nil {
			return err
		}
	}
	c.Kind, c.Redraws = types.CaseAppeal, 0
	return k.growTo(ctx, o, c, max(jury, c.Weight()), now)
}

// callJury has a jury hear a case in which a grown set has no quorum, as an
// appeal that nobody has to pay. Else liars that see themselves outvoted would
// answer otherwise each, and refund their task instead of losing their bounds.
func (k *Keeper) callJury(ctx context.Context, o *order, c *types.Case, now moment) error {
	c.Kind, c.Redraws, c.Appealed = types.CaseAppeal, 0, true
	return k.growTo(ctx, o, c, max(int(o.params.Challenge.Jury), c.Weight()), now)
}

// decideJury ends an appeal by the strict majority of those that answer, for
// good. A jury without one leaves the task without a result.
func (k *Keeper) decideJury(ctx context.Context, o *order, c *types.Case, now moment) error {
	if o.shortOf(c, o.params.Challenge.Jury) {
		return k.refill(ctx, o, c, now)
	}
	right := c.Right(c.Weight()/2 + 1)
	return k.ruleAppeal(ctx, o, c, right, o.jurySlashes(c, right), types.ReasonNoQuorum, now)
}

// jurySlashes reports whether those that a jury finds right have the votes to
// slash the others. That takes more than to be paid: a third of the tickets has
// the majority of one jury in forty. See ADR-013.
func (o *order) jurySlashes(c *types.Case, right []int) bool {
	if c.Thin {
		return o.slashes(c, right)
	}
	return len(right) > 1 && c.VotesOf(right) >= int(o.params.Challenge.JurySlash)
}

// shortOf reports whether a set is below a size that re-draws may still fill.
func (o *order) shortOf(c *types.Case, size uint32) bool {
	n := c.Weight()
	return n+stayedAway(c) < int(size) && c.Redraws < o.params.MaxRedraws && int(c.Target) > n
}

// slashes reports whether the others lose their bounds on the word of those that
// are right: in a full set, and not on that of one operator, however often it
// was drawn.
func (o *order) slashes(c *types.Case, right []int) bool { return o.grown(c) && len(right) > 1 }

// grown reports whether a set is large enough to slash for an answer.
func (o *order) grown(c *types.Case) bool {
	return c.Weight()+stayedAway(c) >= int(o.params.GrowTo)
}

// ruleAppeal replaces the verdicts of a case by those of its jury: who is right,
// or for what reason nobody is. The appeal is won if the result, the challenge or
// somebody who was judged before comes out otherwise.
func (k *Keeper) ruleAppeal(ctx context.Context, o *order, c *types.Case, right []int, slash bool, reason types.Reason, now moment) error {
	result, challenge := c.Result, c.Challenge
	before := make([]types.Verdict, len(c.Seats))
	for i, s := range c.Seats {
		before[i] = s.Verdict
	}
	err := k.reopen(ctx, c)
	switch {
	case err != nil:
		return err
	case len(right) > 0:
		err = k.decideAgreed(ctx, o, c, right, slash, now)
	default:
		err = k.decideFailed(ctx, o, c, reason, now)
	}
	if err != nil {
		return err
	}
	c.Appeal = types.RulingLost
	switch {
	case len(c.Appellant) == 0:
		c.Appeal = types.RulingNone
	case c.State != types.TaskAgreed:
		c.Appeal = types.RulingOpen
	case !c.Result.Equal(result), c.Challenge != challenge, turned(c, before):
		c.Appeal = types.RulingWon
	}
	return nil
}

// turned reports whether a jury finds somebody right who was wrong, or wrong who
// was not. Jurors were not judged before. Who is not slashed for want of votes,
// or withholds its answer, has turned nothing.
func turned(c *types.Case, before []types.Verdict) bool {
	for i, s := range c.Seats {
		was, is := before[i] == types.VerdictWrong, s.Verdict == types.VerdictWrong
		if was && s.Verdict == types.VerdictRight || is && !was && before[i] != types.VerdictUnspecified && s.Phase != types.SeatWithheld {
			return true
		}
	}
	return false
}

// reopen takes back the verdicts of a case, and with them the pending slashes.
func (k *Keeper) reopen(ctx context.Context, c *types.Case) error {
	for i := range c.Seats {
		s := &c.Seats[i]
		if s.Verdict == types.VerdictWrong {
			if err := k.dropPendingSlash(ctx, s.Provider, s.Bound); err != nil {
				return err
			}
		}
		s.Verdict = types.VerdictUnspecified
	}
	return nil
}

// recordRuling tells x/reputation how a challenge ended. An appeal says nothing
// of a requester: mostly a provider appeals.
func (k *Keeper) recordRuling(ctx context.Context, challenger []byte, ruling types.Ruling, appeal bool) error {
	switch {
	case appeal:
		return nil
	case ruling == types.RulingWon:
		return k.Reputation.RecordRequester(ctx, challenger, reputationtypes.ChallengeWon)
	case ruling == types.RulingLost:
		return k.Reputation.RecordRequester(ctx, challenger, reputationtypes.ChallengeLost)
	default:
		return nil
	}
}

// releaseBonds returns the bonds of a decided case that were not lost, and
// gives what the added seats left of the others to the audit pool: it must not
// profit who answered.
func (k *Keeper) releaseBonds(ctx context.Context, o *order, c *types.Case, left uint64, b *book) error {
	for _, held := range []struct {
		account []byte
		amount  uint64
		ruling  types.Ruling
		appeal  bool
	}{{c.Appellant, c.AppealBond, c.Appeal, true}, {c.Challenger, c.Bond, c.Challenge, false}} {
		if held.amount == 0 {
			continue
		}
		event := types.EventBondReleased{Task: c.Task, Appeal: held.appeal, Ruling: held.ruling.String()}
		var returned, pooled uint64
		if held.ruling == types.RulingLost {
			pooled = min(left, held.amount)
			left -= pooled
		} else {
			returned = held.amount
		}
		if err := k.recordRuling(ctx, held.account, held.ruling, held.appeal); err != nil {
			return err
		}
		b.add(transfer{target: toAccount, account: held.account, denom: o.Denom, amount: returned})
		if err := k.addPool(ctx, o.Denom, pooled); err != nil {
			return err
		}
		var err error
		if event.Account, err = k.addresses.BytesToString(held.account); err != nil {
			return err
		}
		event.Returned, event.Pooled = o.coin(returned), o.coin(pooled)
		if err := k.events.EventManager(ctx).Emit(ctx, &event); err != nil {
			return err
		}
	}
	c.Bond, c.AppealBond = 0, 0
	return nil
}
