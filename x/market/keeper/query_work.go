// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/market/types"
)

// Work implements types.QueryServer.
func (s queryServer) Work(ctx context.Context, req *types.QueryWorkRequest) (*types.QueryWorkResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	res := &types.QueryWorkResponse{}
	var err error
	if res.Tick, err = s.k.Registry.Tick(ctx); err != nil {
		return nil, err
	}
	if res.Cases, err = s.caseWork(ctx, req.Provider); err != nil {
		return nil, err
	}
	res.Lots, res.Pagination, err = query.CollectionPaginate(ctx, s.k.Work, req.Pagination,
		func(key workKey, _ collections.NoValue) (types.LotWork, error) {
			batch, lot := types.SplitTaskID(key.K2())
			return s.lotWork(ctx, key.K1(), batch, lot)
		}, query.WithCollectionPaginationPairPrefix[uint32, uint64](req.Provider))
	return res, err
}

// lotWork describes what a lot wants of a provider. A provider holds one open
// seat of a lot at most, the one it was drawn for last.
func (s queryServer) lotWork(ctx context.Context, provider uint32, batch uint64, lot uint32) (types.LotWork, error) {
	w := types.LotWork{Batch: batch, Lot: lot}
	b, err := s.k.Batches.Get(ctx, batch)
	if err != nil {
		return w, err
	}
	l, err := s.k.lot(ctx, batch, lot)
	if err != nil {
		return w, err
	}
	w.First, w.Count = b.LotTasks(lot)
	w.State, w.Due, w.Replicas = l.State, l.Due, b.Replicas
	for _, seat := range l.Seats {
		if seat.Provider == provider {
			w.Attempt, w.Phase = seat.Attempt, seat.Phase
		}
	}
	return w, nil
}

// caseWork lists the cases that a provider sits in, those that wait for it first:
// if there are more than fit, the others have its answer and can wait.
func (s queryServer) caseWork(ctx context.Context, provider uint32) ([]types.CaseWork, error) {
	var owed, waiting []types.CaseWork
	seen := 0
	rng := collections.NewPrefixedPairRange[uint32, uint64](provider)
	err := s.k.CaseWork.Walk(ctx, rng, func(key collections.Pair[uint32, uint64]) (bool, error) {
		c, err := s.k.caseOf(ctx, key.K2())
		if err != nil {
			return true, err
		}
		w := types.CaseWork{Task: c.Task, Attempt: c.Attempt, CasePhase: c.Phase, Others: c.Others(provider), Due: c.Due}
		if seat := c.Seat(provider); seat != nil {
			w.Phase, w.Original = seat.Phase, seat.Original
		}
		switch {
		case w.Owed():
			owed = append(owed, w)
		case len(waiting) < maxCaseWork:
			waiting = append(waiting, w)
		}
		seen++
		return len(owed) >= maxCaseWork || seen >= maxSeenCases, nil
	})
	all := append(owed, waiting...)
	return all[:min(len(all), maxCaseWork)], err
}
