// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
)

// ballot loads a committee and the member that an actor is in its current round.
func (k *Keeper) ballot(ctx context.Context, a *actor, id uint64, round uint32) (types.Committee, *types.Member, types.Params, error) {
	v, err := k.committee(ctx, id)
	if err != nil {
		return v, nil, types.Params{}, err
	}
	m := v.Current(a.Id)
	if m == nil || round != v.Round {
		return v, nil, types.Params{}, types.ErrNotSeated.Wrapf("verdict %d round %d, it is at %d", id, round, v.Round)
	}
	p, err := k.Params.Get(ctx, v.ParamsVersion)
	return v, m, p, err
}

// CommitVote stores the commitment of a member. The same commitment again is a
// successful no-op.
func (k *Keeper) CommitVote(ctx context.Context, a *actor, c types.VoteCommit) error {
	if len(c.Commitment) != types.HashSize {
		return types.ErrInvalidCommitment.Wrapf("%d bytes", len(c.Commitment))
	}
	v, m, p, err := k.ballot(ctx, a, c.Verdict, c.Round)
	if err != nil {
		return err
	}
	switch {
	case m.Phase == types.MemberCommitted && bytes.Equal(m.Commitment, c.Commitment):
		return nil
	case m.Phase == types.MemberCommitted:
		return types.ErrCommitmentChanged.Wrapf("verdict %d round %d", c.Verdict, c.Round)
	case v.Phase != types.CommitteePhaseCommit || m.Phase != types.MemberAssigned:
		return types.ErrWrongPhase.Wrapf("verdict is %s, member is %s", v.Phase, m.Phase)
	case voided(a.void, m.Assigned):
		return types.ErrVoided.Wrapf("assigned at %d, void up to %d", m.Assigned, a.void)
	case a.now.passed(v.Due, v.DueTime):
		return types.ErrTooLate.Wrapf("commits ended at tick %d, now is %d", v.Due, a.now.tick)
	}
	m.Phase, m.Commitment = types.MemberCommitted, c.Commitment
	if v.Count(types.MemberAssigned) == 0 {
		if err := k.openVotes(ctx, &v, p, a.now); err != nil {
			return err
		}
	}
	return k.Committees.Set(ctx, v.Id, v)
}

// RevealVote opens the commitment of a member. The same vote again is a
// successful no-op. The queue counts the votes after the last one, so that it
// costs nobody the gas of what is decided.
func (k *Keeper) RevealVote(ctx context.Context, a *actor, r types.VoteReveal) error {
	v, m, p, err := k.ballot(ctx, a, r.Verdict, r.Round)
	if err != nil {
		return err
	}
	if m.Phase == types.MemberVoted && bytes.Equal(m.Vote, r.Vote) {
		return nil
	}
	if err := v.ValidateVote(r.Vote); err != nil {
		return err
	}
	switch {
	case len(r.Salt) != types.HashSize:
		return types.ErrInvalidVote.Wrapf("salt has %d bytes, must be %d", len(r.Salt), types.HashSize)
	case v.Phase != types.CommitteePhaseReveal || m.Phase != types.MemberCommitted:
		return types.ErrWrongPhase.Wrapf("verdict is %s, member is %s", v.Phase, m.Phase)
	case voided(a.void, m.Assigned):
		return types.ErrVoided.Wrapf("assigned at %d, void up to %d", m.Assigned, a.void)
	case a.now.passed(v.Due, v.DueTime):
		return types.ErrTooLate.Wrapf("votes ended at tick %d, now is %d", v.Due, a.now.tick)
	case !bytes.Equal(m.Commitment, types.CommitVote(sdk.UnwrapSDKContext(ctx).ChainID(), a.operator, r)):
		return types.ErrCommitmentMismatch.Wrapf("verdict %d round %d", r.Verdict, r.Round)
	}
	m.Vote = r.Vote
	if err := k.dropMember(ctx, &v, m, types.MemberVoted); err != nil {
		return err
	}
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(types.VerdictEvent(types.EventFlatVerdictVoted, v,
		types.Attr(types.AttrProvider, uint64(a.Id)), types.Attr(types.AttrRound, uint64(v.Round))))
	if v.Count(types.MemberCommitted) == 0 {
		if err := k.armCommittee(ctx, &v, p, a.now, 0); err != nil {
			return err
		}
	}
	return k.Committees.Set(ctx, v.Id, v)
}
