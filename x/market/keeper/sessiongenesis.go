// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/market/types"
)

// initSessions writes the sessions; their indexes are rebuilt.
func (k *Keeper) initSessions(ctx context.Context, g types.GenesisState) error {
	for _, s := range g.Sessions {
		if err := k.Sessions.Set(ctx, s.Id, s); err != nil {
			return err
		}
		if err := k.SessionsByOwner.Set(ctx, collections.Join(s.Requester, s.Id)); err != nil {
			return err
		}
		if err := k.SessionsByProvider.Set(ctx, collections.Join(s.Provider, s.Id)); err != nil {
			return err
		}
		if s.Depletes == 0 {
			continue
		}
		if err := k.Depletion.Set(ctx, collections.Join(s.Depletes, s.Id)); err != nil {
			return err
		}
	}
	return k.NextSession.Set(ctx, max(g.NextSession, 1))
}

func (k *Keeper) exportSessions(ctx context.Context, g *types.GenesisState) error {
	var err error
	if g.NextSession, err = k.NextSession.Peek(ctx); err != nil {
		return err
	}
	return k.Sessions.Walk(ctx, nil, func(_ uint64, s types.Session) (bool, error) {
		g.Sessions = append(g.Sessions, s)
		return false, nil
	})
}

// checkSessions checks that every session adds up, that it has a step in the
// queue, and that the indexes list exactly the sessions.
func (k *Keeper) checkSessions(ctx context.Context) error {
	sessions, depleting := 0, 0
	err := k.Sessions.Walk(ctx, nil, func(id uint64, s types.Session) (bool, error) {
		sessions++
		if s.Depletes != 0 {
			depleting++
		}
		return false, k.checkSession(ctx, id, s)
	})
	if err != nil {
		return err
	}
	owned, provided, listed := 0, 0, 0
	for _, walk := range []func() error{
		func() error {
			return k.SessionsByOwner.Walk(ctx, nil, func(collections.Pair[[]byte, uint64]) (bool, error) { owned++; return false, nil })
		},
		func() error {
			return k.SessionsByProvider.Walk(ctx, nil, func(workKey) (bool, error) { provided++; return false, nil })
		},
		func() error {
			return k.Depletion.Walk(ctx, nil, func(depletionKey) (bool, error) { listed++; return false, nil })
		},
	} {
		if err := walk(); err != nil {
			return err
		}
	}
	if owned != sessions || provided != sessions || listed != depleting {
		return types.ErrInvariant.Wrapf("%d sessions, %d by requester, %d by provider; %d deplete, %d listed", sessions, owned, provided, depleting, listed)
	}
	return nil
}

func (k *Keeper) checkSession(ctx context.Context, id uint64, s types.Session) error {
	if err := s.Validate(); err != nil {
		return err
	}
	ok, err := k.queued(ctx, types.StepSession, types.TaskID(id, 0), s.Queued)
	if err == nil && !ok {
		err = types.ErrInvariant.Wrapf("session %d is %s and in no queue", id, s.State)
	}
	if err != nil {
		return err
	}
	owned, err := k.SessionsByOwner.Has(ctx, collections.Join(s.Requester, id))
	if err != nil {
		return err
	}
	provided, err := k.SessionsByProvider.Has(ctx, collections.Join(s.Provider, id))
	if err != nil {
		return err
	}
	listed, err := k.Depletion.Has(ctx, collections.Join(s.Depletes, id))
	if err == nil && (!owned || !provided || listed != (s.Depletes != 0)) {
		err = types.ErrInvariant.Wrapf("session %d is missing in an index: requester %t, provider %t, depletion %t", id, owned, provided, listed)
	}
	return err
}
