// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/market/types"
)

func (k *Keeper) initCommittees(ctx context.Context, g types.GenesisState) error {
	if err := k.NextVerdict.Set(ctx, max(g.NextVerdict, 1)); err != nil {
		return err
	}
	for _, v := range g.Committees {
		if err := k.Committees.Set(ctx, v.Id, v); err != nil {
			return err
		}
		if v.Kind == types.CommitteeQuote && v.Phase != types.CommitteePhaseFinal {
			if err := k.Quotes.Set(ctx, v.Provider, v.Id); err != nil {
				return err
			}
		}
		for _, m := range v.Members {
			if !v.Awaits(m) {
				continue
			}
			if err := k.VoteWork.Set(ctx, collections.Join(m.Provider, v.Id)); err != nil {
				return err
			}
		}
	}
	for _, use := range g.Scored {
		if err := k.Scored.Set(ctx, use.Provider, use); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) exportCommittees(ctx context.Context, g *types.GenesisState) (err error) {
	if g.NextVerdict, err = k.NextVerdict.Peek(ctx); err != nil {
		return err
	}
	err = k.Committees.Walk(ctx, nil, func(_ uint64, v types.Committee) (bool, error) {
		g.Committees = append(g.Committees, v)
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.Scored.Walk(ctx, nil, func(_ uint32, use types.ScoredUse) (bool, error) {
		g.Scored = append(g.Scored, use)
		return false, nil
	})
}

// checkVote checks that a case that waits for a committee has one that is not
// final.
func (k *Keeper) checkVote(ctx context.Context, c types.Case) (bool, error) {
	v, err := k.committee(ctx, c.Verdict)
	if err == nil && (v.Phase == types.CommitteePhaseFinal || v.Task != c.Task) {
		err = types.ErrInvariant.Wrapf("case of task %d waits for verdict %d, which is %s about task %d", c.Task, c.Verdict, v.Phase, v.Task)
	}
	return err != nil, err
}

// checkCommittees checks that every committee has a step in the queue, that the
// work index lists exactly the open votes, and quotes the open ones.
func (k *Keeper) checkCommittees(ctx context.Context) error {
	open, quotes := 0, 0
	err := k.Committees.Walk(ctx, nil, func(id uint64, v types.Committee) (bool, error) {
		if ok, err := k.queued(ctx, types.StepVerdict, types.TaskID(id, 0), v.Queued); err != nil || !ok {
			return true, types.ErrInvariant.Wrapf("verdict %d is %s and in no queue (%v)", id, v.Phase, err)
		}
		if v.Kind == types.CommitteeQuote && v.Phase != types.CommitteePhaseFinal {
			quotes++
			if pending, err := k.Quotes.Get(ctx, v.Provider); err != nil || pending != id {
				return true, types.ErrInvariant.Wrapf("verdict %d is not the pending quote of provider %d (%v)", id, v.Provider, err)
			}
		}
		for _, m := range v.Members {
			if !v.Awaits(m) {
				continue
			}
			open++
			if ok, err := k.VoteWork.Has(ctx, collections.Join(m.Provider, id)); err != nil || !ok {
				return true, types.ErrInvariant.Wrapf("verdict %d: provider %d is not in the work index (%v)", id, m.Provider, err)
			}
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	if err := k.VoteWork.Walk(ctx, nil, func(workKey) (bool, error) { open--; return false, nil }); err != nil {
		return err
	}
	if err := k.Quotes.Walk(ctx, nil, func(uint32, uint64) (bool, error) { quotes--; return false, nil }); err != nil {
		return err
	}
	if open != 0 || quotes != 0 {
		return types.ErrInvariant.Wrapf("the indexes of committees are off by %d votes and %d quotes", open, quotes)
	}
	return nil
}
