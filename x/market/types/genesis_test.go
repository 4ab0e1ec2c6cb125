// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"

	"github.com/cupel-network/cupel/x/market/types"
)

// fullGenesis has one of everything.
func fullGenesis() *types.GenesisState {
	hash := bytes.Repeat([]byte{1}, types.HashSize)
	batch := func(id uint64) types.BatchRecord {
		return types.BatchRecord{
			Batch: types.Batch{
				Id: id, Requester: hash[:20], Manifest: hash, Class: 1, Count: 3, LotSize: 2, Policy: types.PolicyRedundant,
				Comparator: types.ComparatorExact, Replicas: 2, Denom: types.BaseDenom, MaxPrice: 5, ParamsVersion: 1,
			},
			Tally: types.Tally{NextLot: 1, OpenLots: 2, Escrow: 7, Escrowed: 10, Paid: 1, Treasury: 1, Refunded: 1},
		}
	}
	answer := types.Vector{Results: []types.Result{{Outcome: types.OutcomeOK}, {Outcome: types.OutcomeOK}}}
	seat := types.Seat{Provider: 1, Phase: types.SeatRevealed, Vector: 1, Proofs: append(hash, hash...)}
	step := types.Step{Kind: types.StepLot, Batch: 1, Sub: 0}
	g := types.DefaultGenesis()
	g.NextBatch = 3
	g.Batches = []types.BatchRecord{batch(1), batch(2)}
	g.Lots = []types.LotRecord{
		{Batch: 1, Value: types.Lot{State: types.TaskAgreed, Cases: 1, OpenCases: 1, Vectors: []types.Vector{answer}, Seats: []types.Seat{seat}}},
		{Batch: 2, Value: types.Lot{State: types.TaskAssigned, Seats: []types.Seat{{Provider: 1, Phase: types.SeatAssigned}}}},
	}
	g.Cases = []types.Case{{
		Task: types.TaskID(1, 0), Kind: types.CaseAudit, Phase: types.CasePhaseCommit,
		Seats: []types.CaseSeat{{Provider: 1, Original: true, Phase: types.SeatAssigned}},
	}}
	g.Queue = []types.QueueEntry{{Due: 5, Step: step}}
	g.Ready = []types.ReadyEntry{{Class: 1, Rank: 255, Batch: 2}}
	g.Failed = []types.FailedStep{{Step: step, Failures: 3, Error: "why"}}
	g.Specs = []types.Spec{{Manifest: []byte("{}"), References: 1}}
	g.Claimables = []types.Claimable{{Account: hash[:20], Denom: types.BaseDenom, Amount: 1}}
	g.Pools = []types.Pool{{Denom: types.BaseDenom, Amount: 1}}
	return g
}

func badBatches() map[string]func(*types.GenesisState) {
	return map[string]func(*types.GenesisState){
		"no params":                func(g *types.GenesisState) { g.Params = nil },
		"params from version 2":    func(g *types.GenesisState) { g.Params[0].Version = 2 },
		"params from version 0":    func(g *types.GenesisState) { g.Params[0].Version = 0 },
		"versions twice":           func(g *types.GenesisState) { g.Params = append(g.Params, g.Params[0]) },
		"bad params":               func(g *types.GenesisState) { g.Params[0].Params.Quorum = 1 },
		"empty params":             func(g *types.GenesisState) { g.Params[0].Params = types.Params{} },
		"current version ended":    func(g *types.GenesisState) { g.Params[0].Ended = true },
		"no next batch":            func(g *types.GenesisState) { g.NextBatch = 0 },
		"next batch over 51 bits":  func(g *types.GenesisState) { g.NextBatch = types.MaxBatchID + 1 },
		"next batch not above":     func(g *types.GenesisState) { g.NextBatch = 2 },
		"batch zero":               func(g *types.GenesisState) { g.Batches[0].Batch.Id = 0 },
		"batch twice":              func(g *types.GenesisState) { g.Batches[1].Batch.Id = 1 },
		"batches out of order":     func(g *types.GenesisState) { g.Batches[0], g.Batches[1] = g.Batches[1], g.Batches[0] },
		"batch of no version":      func(g *types.GenesisState) { g.Batches[0].Batch.ParamsVersion = 0 },
		"batch of a later version": func(g *types.GenesisState) { g.Batches[0].Batch.ParamsVersion = 2 },
		"batch without tasks":      func(g *types.GenesisState) { g.Batches[0].Batch.Count = 0 },
		"batch too large":          func(g *types.GenesisState) { g.Batches[0].Batch.Count = 4_097 },
		"lots of nothing":          func(g *types.GenesisState) { g.Batches[0].Batch.LotSize = 0 },
		"lots too large":           func(g *types.GenesisState) { g.Batches[0].Batch.LotSize = 33 },
		"no replicas":              func(g *types.GenesisState) { g.Batches[0].Batch.Replicas = 0 },
		"next lot beyond":          func(g *types.GenesisState) { g.Batches[0].Tally.NextLot = 3 },
		"too many open lots":       func(g *types.GenesisState) { g.Batches[0].Tally.OpenLots = 3 },
		"no requester":             func(g *types.GenesisState) { g.Batches[0].Batch.Requester = nil },
		"no manifest":              func(g *types.GenesisState) { g.Batches[0].Batch.Manifest = nil },
		"manifest of 31 bytes":     func(g *types.GenesisState) { g.Batches[0].Batch.Manifest = make([]byte, 31) },
		"coins unaccounted for":    func(g *types.GenesisState) { g.Batches[0].Tally.Paid++ },
		"coins from nowhere":       func(g *types.GenesisState) { g.Batches[0].Tally.Escrowed-- },
		"no denom":                 func(g *types.GenesisState) { g.Batches[0].Batch.Denom = "" },
		"malformed denom":          func(g *types.GenesisState) { g.Batches[0].Batch.Denom = "u!" },
	}
}

func badLots() map[string]func(*types.GenesisState) {
	return map[string]func(*types.GenesisState){
		"lot of no batch":          func(g *types.GenesisState) { g.Lots[0].Batch = 9 },
		"lot beyond its batch":     func(g *types.GenesisState) { g.Lots[0].Lot = 2 },
		"lot twice":                func(g *types.GenesisState) { g.Lots[1].Batch = 1 },
		"lots out of order":        func(g *types.GenesisState) { g.Lots[0], g.Lots[1] = g.Lots[1], g.Lots[0] },
		"lot without a state":      func(g *types.GenesisState) { g.Lots[0].Value.State = 0 },
		"lot that is open":         func(g *types.GenesisState) { g.Lots[0].Value.State = types.TaskOpen },
		"lot of unknown state":     func(g *types.GenesisState) { g.Lots[0].Value.State = 10 },
		"lot of negative state":    func(g *types.GenesisState) { g.Lots[0].Value.State = -1 },
		"answer too short":         func(g *types.GenesisState) { g.Lots[0].Value.Vectors[0].Results = nil },
		"seat of nobody":           func(g *types.GenesisState) { g.Lots[0].Value.Seats[0].Provider = 0 },
		"seat without a phase":     func(g *types.GenesisState) { g.Lots[0].Value.Seats[0].Phase = 0 },
		"seat of unknown phase":    func(g *types.GenesisState) { g.Lots[1].Value.Seats[0].Phase = 7 },
		"seat of negative phase":   func(g *types.GenesisState) { g.Lots[1].Value.Seats[0].Phase = -1 },
		"seat of no answer":        func(g *types.GenesisState) { g.Lots[0].Value.Seats[0].Vector = 2 },
		"answer before its reveal": func(g *types.GenesisState) { g.Lots[0].Value.Seats[0].Phase = types.SeatCommitted },
		"reveal without an answer": func(g *types.GenesisState) { g.Lots[0].Value.Seats[0].Vector = 0 },
		"proofs too short":         func(g *types.GenesisState) { g.Lots[0].Value.Seats[0].Proofs = make([]byte, 63) },
		"proofs cut, committed":    func(g *types.GenesisState) { cutProofs(g) },
	}
}

func badCases() map[string]func(*types.GenesisState) {
	return map[string]func(*types.GenesisState){
		"case of no batch":       func(g *types.GenesisState) { g.Cases[0].Task = types.TaskID(9, 0) },
		"case beyond its batch":  func(g *types.GenesisState) { g.Cases[0].Task = types.TaskID(1, 3) },
		"case twice":             func(g *types.GenesisState) { g.Cases = append(g.Cases, g.Cases[0]) },
		"case without a kind":    func(g *types.GenesisState) { g.Cases[0].Kind = 0 },
		"case of unknown kind":   func(g *types.GenesisState) { g.Cases[0].Kind = types.CaseScore + 1 },
		"case without a phase":   func(g *types.GenesisState) { g.Cases[0].Phase = 0 },
		"case of unknown phase":  func(g *types.GenesisState) { g.Cases[0].Phase = types.CasePhaseVote + 1 },
		"case of negative phase": func(g *types.GenesisState) { g.Cases[0].Phase = -1 },
		"case without seats":     func(g *types.GenesisState) { g.Cases[0].Seats = nil },
		"case seat of nobody":    func(g *types.GenesisState) { g.Cases[0].Seats[0].Provider = 0 },
		"case seat of no phase":  func(g *types.GenesisState) { g.Cases[0].Seats[0].Phase = 0 },
		"case seat twice":        func(g *types.GenesisState) { g.Cases[0].Seats = append(g.Cases[0].Seats, g.Cases[0].Seats[0]) },
	}
}

func badQueues() map[string]func(*types.GenesisState) {
	return map[string]func(*types.GenesisState){
		"step of no batch":       func(g *types.GenesisState) { g.Queue[0].Step.Batch = 9 },
		"step without a kind":    func(g *types.GenesisState) { g.Queue[0].Step.Kind = 0 },
		"step of unknown kind":   func(g *types.GenesisState) { g.Queue[0].Step.Kind = 6 },
		"step of negative kind":  func(g *types.GenesisState) { g.Queue[0].Step.Kind = -1 },
		"step beyond its batch":  func(g *types.GenesisState) { g.Queue[0].Step.Sub = 3 },
		"failure of no batch":    func(g *types.GenesisState) { g.Failed[0].Step.Batch = 9 },
		"ready without a batch":  func(g *types.GenesisState) { g.Ready[0].Batch = 9 },
		"ready in another class": func(g *types.GenesisState) { g.Ready[0].Class = 2 },
		"empty document":         func(g *types.GenesisState) { g.Specs[0].Manifest = nil },
		"document too long":      func(g *types.GenesisState) { g.Specs[0].Manifest = make([]byte, types.MaxInlineManifest+1) },
		"document nobody uses":   func(g *types.GenesisState) { g.Specs[0].References = 0 },
		"claim of nobody":        func(g *types.GenesisState) { g.Claimables[0].Account = nil },
		"claim of nothing":       func(g *types.GenesisState) { g.Claimables[0].Amount = 0 },
		"claim in no denom":      func(g *types.GenesisState) { g.Claimables[0].Denom = "" },
		"pool in no denom":       func(g *types.GenesisState) { g.Pools[0].Denom = "" },
		"pool twice":             func(g *types.GenesisState) { g.Pools = append(g.Pools, g.Pools[0]) },
		"claim twice":            func(g *types.GenesisState) { g.Claimables = append(g.Claimables, g.Claimables[0]) },
		"document twice":         func(g *types.GenesisState) { g.Specs = append(g.Specs, g.Specs[0]) },
	}
}

// cutProofs shortens the proofs of a seat that waits for the other reveals.
func cutProofs(g *types.GenesisState) {
	g.Lots[0].Value.State = types.TaskCommitted
	g.Lots[0].Value.Seats[0].Proofs = nil
}

func TestGenesisValidate(t *testing.T) {
	require.NoError(t, types.DefaultGenesis().Validate())
	require.NoError(t, fullGenesis().Validate())
	require.Error(t, types.GenesisState{}.Validate())
	for _, bad := range []map[string]func(*types.GenesisState){badBatches(), badLots(), badCases(), badQueues()} {
		for name, edit := range bad {
			t.Run(name, func(t *testing.T) {
				g := fullGenesis()
				edit(g)
				require.Error(t, g.Validate())
			})
		}
	}
}

// FuzzGenesis checks that no file makes the validation panic.
func FuzzGenesis(f *testing.F) {
	cdc := codec.NewProtoCodec(codectestutil.CodecOptions{AccAddressPrefix: "cupel"}.NewInterfaceRegistry())
	f.Add([]byte("{}"))
	f.Add([]byte(`{"batches":[{}],"lots":[{}],"cases":[{}]}`))
	f.Add(cdc.MustMarshalJSON(fullGenesis()))
	f.Fuzz(func(_ *testing.T, bz []byte) {
		var g types.GenesisState
		if cdc.UnmarshalJSON(bz, &g) == nil {
			_ = g.Validate()
		}
	})
}
