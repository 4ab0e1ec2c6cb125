// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/reputation/types"
)

func validGenesis() *types.GenesisState {
	return &types.GenesisState{
		Params: types.DefaultParams(),
		Records: []types.Record{
			{Provider: 1, Class: 1, Successes: task, Updated: 10, Counted: 1, Score: 578_000},
			{Provider: 1, Class: 2, Failures: task, Updated: 10, Score: 300_000},
			{Provider: 2, Class: 1, Successes: task, Updated: 10, Counted: 2, Score: 578_000},
		},
		Seen: []types.Seen{
			{Epoch: 3, Provider: 2, Class: 1, Requester: []byte("a")},
			{Epoch: 4, Provider: 1, Class: 1, Requester: []byte("a")},
			{Epoch: 4, Provider: 1, Class: 1, Requester: []byte("b")},
			{Epoch: 4, Provider: 2, Class: 1, Requester: []byte("a")},
		},
	}
}

func TestGenesisValidate(t *testing.T) {
	tests := map[string]struct {
		edit func(*types.GenesisState)
		err  error
	}{
		"running chain":     {edit: func(*types.GenesisState) {}},
		"new chain":         {edit: func(gs *types.GenesisState) { *gs = *types.DefaultGenesis() }},
		"invalid params":    {edit: func(gs *types.GenesisState) { gs.Params.Levels = nil }, err: types.ErrInvalidParams},
		"record twice":      {edit: func(gs *types.GenesisState) { gs.Records[1].Class = 1 }, err: types.ErrInvalidGenesis},
		"records unordered": {edit: func(gs *types.GenesisState) { gs.Records[2].Provider = 0 }, err: types.ErrInvalidGenesis},
		"most successes":    {edit: func(gs *types.GenesisState) { gs.Records[0].Successes = types.MaxWeight }},
		"more than most":    {edit: func(gs *types.GenesisState) { gs.Records[0].Successes = types.MaxWeight + 1 }, err: types.ErrInvalidGenesis},
		"too many failures": {edit: func(gs *types.GenesisState) { gs.Records[0].Failures = types.MaxWeight + 1 }, err: types.ErrInvalidGenesis},
		"perfect score":     {edit: func(gs *types.GenesisState) { gs.Records[0].Score = task }},
		"above perfect":     {edit: func(gs *types.GenesisState) { gs.Records[0].Score = task + 1 }, err: types.ErrInvalidGenesis},
		"seen twice":        {edit: func(gs *types.GenesisState) { gs.Seen[2].Requester = []byte("a") }, err: types.ErrInvalidGenesis},
		"seen unordered":    {edit: func(gs *types.GenesisState) { gs.Seen[0].Epoch = 5 }, err: types.ErrInvalidGenesis},
		"seen of nobody":    {edit: func(gs *types.GenesisState) { gs.Seen[0].Requester = nil }, err: types.ErrInvalidGenesis},
		"seen of a giant":   {edit: func(gs *types.GenesisState) { gs.Seen[0].Requester = make([]byte, 256) }, err: types.ErrInvalidGenesis},
		"requesters": {edit: func(gs *types.GenesisState) {
			gs.Requesters = []types.RequesterRecord{{Requester: []byte("a"), Kept: types.MaxWeight}, {Requester: []byte("b")}}
		}},
		"requester twice": {edit: func(gs *types.GenesisState) {
			gs.Requesters = []types.RequesterRecord{{Requester: []byte("a")}, {Requester: []byte("a")}}
		}, err: types.ErrInvalidGenesis},
		"requester without address": {edit: func(gs *types.GenesisState) { gs.Requesters = make([]types.RequesterRecord, 1) }, err: types.ErrInvalidGenesis},
		"requester kept too much": {edit: func(gs *types.GenesisState) {
			gs.Requesters = []types.RequesterRecord{{Requester: []byte("a"), Kept: types.MaxWeight + 1}}
		}, err: types.ErrInvalidGenesis},
		"requester broke too much": {edit: func(gs *types.GenesisState) {
			gs.Requesters = []types.RequesterRecord{{Requester: []byte("a"), Broken: types.MaxWeight + 1}}
		}, err: types.ErrInvalidGenesis},
		"seen unrecorded": {edit: func(gs *types.GenesisState) { gs.Seen[3].Class = 2 }, err: types.ErrInvalidGenesis},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			gs := validGenesis()
			tc.edit(gs)
			require.ErrorIs(t, gs.Validate(), tc.err)
		})
	}
}
