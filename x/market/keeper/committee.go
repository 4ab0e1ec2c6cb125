// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// committee loads a committee.
func (k *Keeper) committee(ctx context.Context, id uint64) (types.Committee, error) {
	v, err := k.Committees.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return v, types.ErrVerdictNotFound.Wrapf("verdict %d", id)
	}
	return v, err
}

// openCommittee stores a committee whose members the queue draws in this block
// or the next. The caller says what it decides and who pays it.
func (k *Keeper) openCommittee(ctx context.Context, v types.Committee, p types.Params, now moment) (uint64, error) {
	var err error
	if v.Id, err = k.NextVerdict.Next(ctx); err != nil {
		return 0, err
	}
	v.Round = 1
	if err := k.startMembers(ctx, &v, p, now); err != nil {
		return 0, err
	}
	if err := k.Committees.Set(ctx, v.Id, v); err != nil {
		return 0, err
	}
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(types.VerdictEvent(types.EventFlatVerdictOpened, v))
	return v.Id, k.events.EventManager(ctx).Emit(ctx, &types.EventVerdictOpened{
		Verdict: v.Id, Kind: v.Kind.String(), Task: v.Task, Provider: v.Provider,
	})
}

// startMembers begins the draw of a round.
func (k *Keeper) startMembers(ctx context.Context, v *types.Committee, p types.Params, now moment) error {
	epoch, err := k.epoch(ctx)
	if err != nil {
		return err
	}
	v.Phase, v.OpenedEpoch = types.CommitteePhaseDraw, epoch
	return k.armCommittee(ctx, v, p, now, 0)
}

// armCommittee sets the next deadline of a committee.
func (k *Keeper) armCommittee(ctx context.Context, v *types.Committee, p types.Params, now moment, ticks uint64) error {
	due := now.after(ticks, p)
	v.Due, v.DueTime = due.tick, due.time
	return k.schedule(ctx, types.StepVerdict, types.TaskID(v.Id, 0), v.Due, &v.Queued)
}

// fillCommittee draws the members that a round lacks and opens its commits. If
// they cannot be found it tries again for unfilled_epochs, then goes on with
// those that it has; with none, nothing is decided.
func (k *Keeper) fillCommittee(ctx context.Context, v *types.Committee, p types.Params, now moment, b *book) error {
	pause := max(p.WindowTicks/20, 1)
	if v.Seated(v.Round) < int(p.Committee.Members) {
		more, err := k.drawMembers(ctx, v, int(p.Committee.Members), now)
		if err != nil {
			return err
		}
		if more {
			pause = 1
		}
	}
	epoch, err := k.epoch(ctx)
	if err != nil {
		return err
	}
	seated := v.Seated(v.Round)
	switch {
	case seated < int(p.Committee.Members) && epoch < v.OpenedEpoch+uint64(p.UnfilledEpochs):
		return k.armCommittee(ctx, v, p, now, pause)
	case seated == 0:
		return k.closeRound(ctx, v, p, now, b)
	default:
		return k.openVoting(ctx, v, p, now)
	}
}

// drawMembers draws the members that a round lacks of a size, by ticket, as for
// the added seats of a case: with replacement, if the class has operators
// enough; in a thinner one everybody sits once and the round stays too small to
// slash for a vote. It reports whether tickets are left that it did not look at.
func (k *Keeper) drawMembers(ctx context.Context, v *types.Committee, size int, now moment) (more bool, err error) {
	roster, err := k.Registry.Roster(ctx, v.Class)
	if err != nil {
		return false, err
	}
	taken, free := splitMembers(roster, v)
	again := manyMembers(v, taken, free, size)
	urn := ticketsOf(free)
	for i, e := range free {
		if !again && v.Sits(e.Provider) {
			urn.drop(i)
		}
	}
	seed, err := k.committeeSeed(ctx)
	if err != nil {
		return false, err
	}
	h, err := k.Registry.Horizon(ctx)
	if err != nil {
		return false, err
	}
	rand := oracletypes.NewRand(seed, "market/committee", v.Id, uint64(v.Round), now.tick)
	for tries := drawTries; v.Seated(v.Round) < size; tries-- {
		i, ok := urn.next(rand)
		if !ok || tries == 0 {
			return ok, nil
		}
		if m := v.Current(free[i].Provider); m != nil {
			m.Weight = uint32(m.Votes()) + 1
			continue
		}
		if ok, err = k.maySit(ctx, v, free[i], taken, h); err != nil {
			return false, err
		}
		if !ok {
			urn.drop(i)
			continue
		}
		if err := k.addMember(ctx, v, free[i].Provider, h); err != nil {
			return false, err
		}
		taken = append(taken, free[i])
		if !again {
			urn.drop(i)
		}
	}
	return false, nil
}

// splitMembers parts the entries of those who are or were members, or are
// judged, from those that a ticket may seat: the others whose bond covers the
// value, and the members of the round.
func splitMembers(roster []registrytypes.RosterEntry, v *types.Committee) (taken, free []registrytypes.RosterEntry) {
	for _, e := range roster {
		sits := v.Sits(e.Provider)
		if sits {
			taken = append(taken, e)
		}
		if v.Current(e.Provider) != nil || !sits && e.FreeBond >= v.Value {
			free = append(free, e)
		}
	}
	return taken, free
}

// manyMembers reports whether a class has as many operators as a committee has
// votes, those of the round among them.
func manyMembers(v *types.Committee, taken, free []registrytypes.RosterEntry, size int) bool {
	n := 0
	for _, m := range v.Members {
		if m.Round == v.Round {
			n++
		}
	}
	return reaches(n, taken, free, size)
}

// maySit reports whether an entry may be a member: eligible for what a wrong
// vote costs, of another operator group than the other members and those who
// are judged, and not who pays.
func (k *Keeper) maySit(ctx context.Context, v *types.Committee, e registrytypes.RosterEntry, taken []registrytypes.RosterEntry, h registrytypes.Horizon) (bool, error) {
	if clashesAny(e, taken) {
		return false, nil
	}
	if ok, err := k.Eligible(ctx, e, v.Value, h); err != nil || !ok {
		return false, err
	}
	p, err := k.Registry.Provider(ctx, e.Provider)
	if err != nil {
		return false, err
	}
	operator, err := k.addresses.StringToBytes(p.Operator)
	return !bytes.Equal(operator, v.Payer), err
}

func (k *Keeper) addMember(ctx context.Context, v *types.Committee, provider uint32, h registrytypes.Horizon) error {
	v.Members = append(v.Members, types.Member{
		Provider: provider, Phase: types.MemberAssigned, Round: v.Round, Assigned: h.Tick, Weight: 1,
	})
	return k.withLoad(ctx, provider, func(l *registrytypes.Load) {
		l.Verifying++
		l.RaiseBound(v.Value, h)
	})
}

// openVoting opens the commit phase of a round.
func (k *Keeper) openVoting(ctx context.Context, v *types.Committee, p types.Params, now moment) error {
	v.Phase = types.CommitteePhaseCommit
	var busiest uint32
	for _, m := range v.Members {
		if m.Round != v.Round {
			continue
		}
		if err := k.VoteWork.Set(ctx, collections.Join(m.Provider, v.Id)); err != nil {
			return err
		}
		load, err := k.Registry.Load(ctx, m.Provider)
		if err != nil {
			return err
		}
		busiest = max(busiest, load.Verifying)
	}
	return k.armCommittee(ctx, v, p, now, p.Committee.VoteTicks(busiest))
}

// dropMember takes a committee off a member, which then is in the given phase.
func (k *Keeper) dropMember(ctx context.Context, v *types.Committee, m *types.Member, phase types.MemberPhase) error {
	m.Phase, m.Commitment = phase, nil
	if err := k.VoteWork.Remove(ctx, collections.Join(m.Provider, v.Id)); err != nil {
		return err
	}
	return k.withLoad(ctx, m.Provider, func(l *registrytypes.Load) { l.Verifying -= min(l.Verifying, 1) })
}

// fireCommittee does the due step of a committee and stores or forgets it.
func (k *Keeper) fireCommittee(ctx context.Context, id uint64, sub uint32, now moment, b *book, crank bool) error {
	if sub != 0 {
		return types.ErrInvalidStep.Wrapf("verdict %d has no part %d", id, sub)
	}
	v, err := k.committee(ctx, id)
	if !crank && (errors.Is(err, types.ErrVerdictNotFound) || err == nil && stale(v.Queued, now)) {
		return nil // entries are removed lazily
	}
	if err != nil {
		return err
	}
	p, err := k.Params.Get(ctx, v.ParamsVersion)
	if err != nil {
		return err
	}
	due := now.passed(v.Due, v.DueTime)
	if crank && !due {
		return types.ErrNotDue.Wrapf("verdict %d is %s and due at tick %d, now is %d", id, v.Phase, v.Due, now.tick)
	}
	if err := k.unschedule(ctx, types.StepVerdict, types.TaskID(id, 0), &v.Queued); err != nil {
		return err
	}
	if !due {
		if err := k.schedule(ctx, types.StepVerdict, types.TaskID(id, 0), now.retry(v.Due, v.DueTime, p), &v.Queued); err != nil {
			return err
		}
		return k.Committees.Set(ctx, id, v)
	}
	if v.Phase == types.CommitteePhaseFinal {
		return k.pruneCommittee(ctx, &v)
	}
	if err := k.stepCommittee(ctx, &v, p, now, b); err != nil {
		return err
	}
	return k.Committees.Set(ctx, id, v)
}

func (k *Keeper) stepCommittee(ctx context.Context, v *types.Committee, p types.Params, now moment, b *book) error {
	switch v.Phase {
	case types.CommitteePhaseDraw:
		return k.fillCommittee(ctx, v, p, now, b)
	case types.CommitteePhaseCommit:
		return k.commitVotesDeadline(ctx, v, p, now, b)
	case types.CommitteePhaseReveal:
		return k.revealVotesDeadline(ctx, v, p, now, b)
	case types.CommitteePhaseDecided:
		return k.drawAgain(ctx, v, p, now, b)
	default:
		return types.ErrInvariant.Wrapf("verdict %d is %s", v.Id, v.Phase)
	}
}

// commitVotesDeadline fines the members that did not commit and opens the
// votes of the others.
func (k *Keeper) commitVotesDeadline(ctx context.Context, v *types.Committee, p types.Params, now moment, b *book) error {
	for i := range v.Members {
		m := &v.Members[i]
		if m.Round != v.Round || m.Phase != types.MemberAssigned {
			continue
		}
		if err := k.dropMember(ctx, v, m, types.MemberMissed); err != nil {
			return err
		}
		void, err := k.isVoid(ctx, m.Provider, m.Assigned)
		if err != nil {
			return err
		}
		if void { // it was not allowed to commit
			continue
		}
		if m.Slashed, err = k.burnBond(ctx, m.Provider, types.Bps(v.Value, p.NoShowBps), "missed a vote", b); err != nil {
			return err
		}
	}
	if v.Count(types.MemberCommitted) == 0 {
		return k.closeRound(ctx, v, p, now, b)
	}
	return k.openVotes(ctx, v, p, now)
}

// burnBond takes coins from the bond of a provider and burns them.
func (k *Keeper) burnBond(ctx context.Context, provider uint32, amount uint64, why string, b *book) (uint64, error) {
	taken, err := k.Registry.Slash(ctx, provider, amount, types.ModuleName, why)
	b.add(transfer{target: toBurn, denom: types.BaseDenom, amount: taken})
	return taken, err
}

// openVotes opens the reveal phase of a round.
func (k *Keeper) openVotes(ctx context.Context, v *types.Committee, p types.Params, now moment) error {
	v.Phase = types.CommitteePhaseReveal
	return k.armCommittee(ctx, v, p, now, p.Committee.RevealTicks)
}

// revealVotesDeadline notes who committed and did not vote, and counts.
func (k *Keeper) revealVotesDeadline(ctx context.Context, v *types.Committee, p types.Params, now moment, b *book) error {
	for i := range v.Members {
		m := &v.Members[i]
		if m.Round != v.Round || m.Phase != types.MemberCommitted {
			continue
		}
		phase := types.MemberWithheld
		void, err := k.isVoid(ctx, m.Provider, m.Assigned)
		if err != nil {
			return err
		}
		if void { // it was not allowed to vote
			phase = types.MemberMissed
		}
		if err := k.dropMember(ctx, v, m, phase); err != nil {
			return err
		}
	}
	return k.closeRound(ctx, v, p, now, b)
}

// pruneCommittee forgets a final committee.
func (k *Keeper) pruneCommittee(ctx context.Context, v *types.Committee) error {
	if err := k.Committees.Remove(ctx, v.Id); err != nil {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventVerdictPruned{Verdict: v.Id})
}
