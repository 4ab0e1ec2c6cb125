// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/cupel-network/cupel/x/market/types"
)

// InitGenesis writes a validated state and checks that the module account
// holds what the ledger says.
func (k *Keeper) InitGenesis(ctx context.Context, g types.GenesisState) error {
	if err := g.Validate(); err != nil {
		return err
	}
	for _, init := range []func(context.Context, types.GenesisState) error{
		k.initParams, k.initBatches, k.initLots, k.initCases, k.initSessions, k.initCommittees, k.initQueues, k.initMoney, k.initLeaves, k.initEarnings,
	} {
		if err := init(ctx, g); err != nil {
			return err
		}
	}
	if err := k.flushQueue(ctx); err != nil {
		return err
	}
	return k.CheckInvariants(ctx)
}

func (k *Keeper) initParams(ctx context.Context, g types.GenesisState) error {
	for _, p := range g.Params {
		if err := k.checkParams(ctx, p.Params); err != nil {
			return errorsmod.Wrapf(err, "version %d", p.Version)
		}
		if err := k.Params.Set(ctx, p.Version, p.Params); err != nil {
			return err
		}
		if err := k.Current.Set(ctx, p.Version); err != nil {
			return err
		}
		if !p.Ended {
			continue
		}
		if err := k.Ended.Set(ctx, p.Version); err != nil {
			return err
		}
	}
	return k.NextBatch.Set(ctx, g.NextBatch)
}

func (k *Keeper) initBatches(ctx context.Context, g types.GenesisState) error {
	for _, r := range g.Batches {
		if err := k.Batches.Set(ctx, r.Batch.Id, r.Batch); err != nil {
			return err
		}
		if err := k.Tallies.Set(ctx, r.Batch.Id, r.Tally); err != nil {
			return err
		}
		if err := k.ByOwner.Set(ctx, collections.Join(r.Batch.Requester, r.Batch.Id)); err != nil {
			return err
		}
	}
	for _, s := range g.Specs {
		if err := k.Specs.Set(ctx, types.ManifestHash(s.Manifest), s); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) initLots(ctx context.Context, g types.GenesisState) error {
	for _, r := range g.Lots {
		if err := k.Lots.Set(ctx, collections.Join(r.Batch, r.Lot), r.Value); err != nil {
			return err
		}
		for _, s := range r.Value.Seats {
			if s.Phase != types.SeatAssigned && s.Phase != types.SeatCommitted {
				continue
			}
			if err := k.Work.Set(ctx, collections.Join(s.Provider, types.TaskID(r.Batch, r.Lot))); err != nil {
				return err
			}
		}
	}
	return nil
}

func (k *Keeper) initCases(ctx context.Context, g types.GenesisState) error {
	for _, c := range g.Cases {
		if err := k.Cases.Set(ctx, c.Task, c); err != nil {
			return err
		}
		for _, s := range c.Seats {
			working := s.Phase == types.SeatAssigned || s.Phase == types.SeatCommitted
			if !working || c.Attempt == 0 || s.Round != c.Attempt {
				continue
			}
			if err := k.CaseWork.Set(ctx, collections.Join(s.Provider, c.Task)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (k *Keeper) initQueues(ctx context.Context, g types.GenesisState) error {
	for _, q := range g.Queue {
		if err := k.enqueue(ctx, q.Step.Kind, types.TaskID(q.Step.Batch, q.Step.Sub), q.Due); err != nil {
			return err
		}
	}
	for _, r := range g.Ready {
		if err := k.addReady(ctx, collections.Join3(r.Class, r.Rank, r.Batch)); err != nil {
			return err
		}
	}
	for _, f := range g.Failed {
		key := collections.Join(uint32(f.Step.Kind), types.TaskID(f.Step.Batch, f.Step.Sub))
		if err := k.Failed.Set(ctx, key, f); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) initMoney(ctx context.Context, g types.GenesisState) error {
	for _, c := range g.Claimables {
		if err := k.Claimables.Set(ctx, collections.Join(c.Account, c.Denom), c.Amount); err != nil {
			return err
		}
	}
	for _, p := range g.Pools {
		if err := k.Pools.Set(ctx, p.Denom, p.Amount); err != nil {
			return err
		}
	}
	return nil
}

// ExportGenesis reads the whole state, each list in the order of its keys.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	g := &types.GenesisState{}
	var err error
	if g.NextBatch, err = k.NextBatch.Peek(ctx); err != nil {
		return nil, err
	}
	for _, export := range []func(context.Context, *types.GenesisState) error{
		k.exportParams, k.exportBatches, k.exportSessions, k.exportCommittees, k.exportQueues, k.exportMoney, k.exportLeaves, k.exportEarnings,
	} {
		if err := export(ctx, g); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func (k *Keeper) exportParams(ctx context.Context, g *types.GenesisState) error {
	return k.Params.Walk(ctx, nil, func(version uint32, p types.Params) (bool, error) {
		ended, err := k.Ended.Has(ctx, version)
		g.Params = append(g.Params, types.ParamsVersion{Version: version, Params: p, Ended: ended})
		return false, err
	})
}

func (k *Keeper) exportBatches(ctx context.Context, g *types.GenesisState) error {
	err := k.Batches.Walk(ctx, nil, func(id uint64, b types.Batch) (bool, error) {
		tally, err := k.Tallies.Get(ctx, id)
		g.Batches = append(g.Batches, types.BatchRecord{Batch: b, Tally: tally})
		return false, err
	})
	if err != nil {
		return err
	}
	err = k.Lots.Walk(ctx, nil, func(key lotKey, l types.Lot) (bool, error) {
		g.Lots = append(g.Lots, types.LotRecord{Batch: key.K1(), Lot: key.K2(), Value: l})
		return false, nil
	})
	if err != nil {
		return err
	}
	err = k.Cases.Walk(ctx, nil, func(_ uint64, c types.Case) (bool, error) {
		g.Cases = append(g.Cases, c)
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.Specs.Walk(ctx, nil, func(_ []byte, s types.Spec) (bool, error) {
		g.Specs = append(g.Specs, s)
		return false, nil
	})
}

func (k *Keeper) exportQueues(ctx context.Context, g *types.GenesisState) error {
	queue, err := k.queue(ctx)
	if err != nil {
		return err
	}
	for _, step := range queue {
		batch, sub := types.SplitTaskID(step.ref)
		has := k.Batches.Has
		if types.StepKind(step.kind) == types.StepSession {
			has = k.Sessions.Has
		}
		if types.StepKind(step.kind) == types.StepVerdict {
			has = k.Committees.Has
		}
		ok, err := has(ctx, batch)
		if err != nil {
			return err
		}
		if !ok {
			continue // pruned: the entry would do nothing
		}
		g.Queue = append(g.Queue, types.QueueEntry{Due: step.tick, Step: types.Step{Kind: types.StepKind(step.kind), Batch: batch, Sub: sub}})
	}
	err = k.Ready.Walk(ctx, nil, func(key readyKey) (bool, error) {
		g.Ready = append(g.Ready, types.ReadyEntry{Class: key.K1(), Rank: key.K2(), Batch: key.K3()})
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.Failed.Walk(ctx, nil, func(_ stepKey, f types.FailedStep) (bool, error) {
		g.Failed = append(g.Failed, f)
		return false, nil
	})
}

func (k *Keeper) exportMoney(ctx context.Context, g *types.GenesisState) error {
	err := k.Claimables.Walk(ctx, nil, func(key collections.Pair[[]byte, string], amount uint64) (bool, error) {
		g.Claimables = append(g.Claimables, types.Claimable{Account: key.K1(), Denom: key.K2(), Amount: amount})
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.Pools.Walk(ctx, nil, func(denom string, amount uint64) (bool, error) {
		g.Pools = append(g.Pools, types.Pool{Denom: denom, Amount: amount})
		return false, nil
	})
}
