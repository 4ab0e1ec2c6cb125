// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/market/types"
)

// Verdict implements types.QueryServer.
func (s queryServer) Verdict(ctx context.Context, req *types.QueryVerdictRequest) (*types.QueryVerdictResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	v, err := s.k.committee(ctx, req.Verdict)
	if err != nil {
		return nil, queryError(err)
	}
	return &types.QueryVerdictResponse{Committee: v}, nil
}

// VerdictWork implements types.QueryServer.
func (s queryServer) VerdictWork(ctx context.Context, req *types.QueryVerdictWorkRequest) (*types.QueryVerdictWorkResponse, error) {
	if req == nil {
		return nil, errEmptyRequest
	}
	res := &types.QueryVerdictWorkResponse{}
	var err error
	if res.Tick, err = s.k.Registry.Tick(ctx); err != nil {
		return nil, err
	}
	res.Verdicts, res.Pagination, err = query.CollectionPaginate(ctx, s.k.VoteWork, req.Pagination,
		func(key workKey, _ collections.NoValue) (types.VerdictWork, error) {
			return s.verdictWork(ctx, key.K1(), key.K2())
		},
		query.WithCollectionPaginationPairPrefix[uint32, uint64](req.Provider))
	return res, err
}

// verdictWork describes what a committee wants of a provider.
func (s queryServer) verdictWork(ctx context.Context, provider uint32, id uint64) (types.VerdictWork, error) {
	v, err := s.k.committee(ctx, id)
	if err != nil {
		return types.VerdictWork{}, err
	}
	w := types.VerdictWork{
		Verdict: id, Kind: v.Kind, Round: v.Round, CommitteePhase: v.Phase, Due: v.Due,
		Subject: v.Subject, Task: v.Task, Quote: v.Quote,
	}
	if m := v.Current(provider); m != nil {
		w.Phase = m.Phase
	}
	if v.Kind == types.CommitteeQuote {
		p, err := s.k.Registry.Provider(ctx, v.Provider)
		w.Operator = p.Operator
		return w, err
	}
	batch, _ := types.SplitTaskID(v.Task)
	b, err := s.k.Batches.Get(ctx, batch)
	if err != nil {
		return w, err
	}
	w.Comparator, w.Tolerance = b.Comparator, b.Tolerance
	w.Answers, err = s.verdictAnswers(ctx, v)
	return w, err
}

// verdictAnswers lists the answers of a case in order of the bits of a vote.
func (s queryServer) verdictAnswers(ctx context.Context, v types.Committee) ([]types.VerdictAnswer, error) {
	c, err := s.k.caseOf(ctx, v.Task)
	if err != nil {
		return nil, err
	}
	out := make([]types.VerdictAnswer, 0, len(v.Seats))
	for _, id := range v.Seats {
		seat := c.Seat(id)
		if seat == nil {
			return nil, types.ErrInvariant.Wrapf("verdict %d is about provider %d, which has no seat", v.Id, id)
		}
		p, err := s.k.Registry.Provider(ctx, id)
		if err != nil {
			return nil, err
		}
		a := types.VerdictAnswer{Provider: id, Endpoint: p.Endpoint, Votes: uint32(c.Votes(*seat))}
		if seat.Phase == types.SeatRevealed {
			a.Result = seat.Result
		}
		out = append(out, a)
	}
	return out, nil
}
