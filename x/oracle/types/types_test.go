// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"bytes"
	"encoding/hex"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"

	"github.com/cupel-network/cupel/x/oracle/types"
)

func TestParamsValidate(t *testing.T) {
	tests := map[string]struct {
		edit func(*types.Params)
		ok   bool
	}{
		"default":                {edit: func(*types.Params) {}, ok: true},
		"demo":                   {edit: func(p *types.Params) { p.EpochBlocks = 3 }, ok: true},
		"shortest epoch":         {edit: func(p *types.Params) { p.EpochBlocks = 1 }, ok: true},
		"no epoch":               {edit: func(p *types.Params) { p.EpochBlocks = 0 }},
		"longest epoch":          {edit: func(p *types.Params) { p.EpochBlocks = types.MaxEpochBlocks }, ok: true},
		"longer than longest":    {edit: func(p *types.Params) { p.EpochBlocks = types.MaxEpochBlocks + 1 }},
		"unbounded epoch":        {edit: func(p *types.Params) { p.EpochBlocks = math.MaxUint64 }},
		"fewest seeds":           {edit: func(p *types.Params) { p.KeepSeeds = types.MinKeepSeeds }, ok: true},
		"fewer than fewest":      {edit: func(p *types.Params) { p.KeepSeeds = types.MinKeepSeeds - 1 }},
		"most seeds":             {edit: func(p *types.Params) { p.KeepSeeds = types.MaxKeepSeeds }, ok: true},
		"more than most":         {edit: func(p *types.Params) { p.KeepSeeds = types.MaxKeepSeeds + 1 }},
		"checkpoint each block":  {edit: func(p *types.Params) { p.CheckpointBlocks = 1 }, ok: true},
		"no checkpoint":          {edit: func(p *types.Params) { p.CheckpointBlocks = 0 }},
		"rarest checkpoint":      {edit: func(p *types.Params) { p.CheckpointBlocks = types.MaxCheckpointBlocks }, ok: true},
		"rarer than rarest":      {edit: func(p *types.Params) { p.CheckpointBlocks = types.MaxCheckpointBlocks + 1 }},
		"fewest leaves":          {edit: func(p *types.Params) { p.MaxLeaves = types.MinMaxLeaves }, ok: true},
		"fewer leaves":           {edit: func(p *types.Params) { p.MaxLeaves = types.MinMaxLeaves - 1 }},
		"more leaves":            {edit: func(p *types.Params) { p.MaxLeaves = 16_385 }},
		"any change":             {edit: func(p *types.Params) { p.SetChangeBps = 1 }, ok: true},
		"a change of nothing":    {edit: func(p *types.Params) { p.SetChangeBps = 0 }},
		"a change of all":        {edit: func(p *types.Params) { p.SetChangeBps = 10_000 }, ok: true},
		"a change of more":       {edit: func(p *types.Params) { p.SetChangeBps = 10_001 }},
		"shortest set":           {edit: func(p *types.Params) { p.SetSeconds = types.MinSetSeconds }, ok: true},
		"shorter set":            {edit: func(p *types.Params) { p.SetSeconds = types.MinSetSeconds - 1 }},
		"longest set":            {edit: func(p *types.Params) { p.SetSeconds = types.MaxSetSeconds }, ok: true},
		"longer set":             {edit: func(p *types.Params) { p.SetSeconds = types.MaxSetSeconds + 1 }},
		"no grace":               {edit: func(p *types.Params) { p.GraceBlocks = 0 }},
		"longer grace":           {edit: func(p *types.Params) { p.GraceBlocks = types.MaxCheckpointBlocks + 1 }},
		"absent at once":         {edit: func(p *types.Params) { p.MaxMissed = 1 }, ok: true},
		"absent before it began": {edit: func(p *types.Params) { p.MaxMissed = 0 }},
		"hardly ever absent":     {edit: func(p *types.Params) { p.MaxMissed = types.MaxMaxMissed + 1 }},
		"free absence":           {edit: func(p *types.Params) { p.AbsenceSlashBps = 0 }, ok: true},
		"absence of all":         {edit: func(p *types.Params) { p.AbsenceSlashBps = 10_001 }},
		"free equivocation":      {edit: func(p *types.Params) { p.EquivocationSlashBps = 0 }},
		"equivocation of all":    {edit: func(p *types.Params) { p.EquivocationSlashBps = 10_000 }, ok: true},
		"equivocation of more":   {edit: func(p *types.Params) { p.EquivocationSlashBps = 10_001 }},
		"no signatures":          {edit: func(p *types.Params) { p.KeepSignatures = 0 }},
		"more signatures":        {edit: func(p *types.Params) { p.KeepSignatures = types.MaxKeepSignatures + 1 }},
		"params that are unset":  {edit: func(p *types.Params) { *p = types.Params{} }},
		"seeds without an epoch": {edit: func(p *types.Params) { p.EpochBlocks, p.KeepSeeds = 0, 8 }},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			params := types.DefaultParams()
			tc.edit(&params)
			if tc.ok {
				require.NoError(t, params.Validate())
				return
			}
			require.ErrorIs(t, params.Validate(), types.ErrInvalidParams)
		})
	}
}

func seedOf(epoch uint64) types.Seed {
	return types.Seed{Epoch: epoch, Value: bytes.Repeat([]byte{byte(epoch)}, types.SeedSize)}
}

func validGenesis() *types.GenesisState {
	return &types.GenesisState{
		Params: types.DefaultParams(),
		Epoch:  types.Epoch{Number: 9, StartHeight: 241, Blocks: 30},
		Seeds:  []types.Seed{seedOf(7), seedOf(8), seedOf(9)},
	}
}

func TestGenesisValidate(t *testing.T) {
	tests := map[string]struct {
		edit func(*types.GenesisState)
		err  error
	}{
		"running chain":           {edit: func(*types.GenesisState) {}},
		"new chain":               {edit: func(gs *types.GenesisState) { *gs = *types.DefaultGenesis() }},
		"all seeds":               {edit: func(gs *types.GenesisState) { gs.Epoch.Number, gs.Seeds = 2, []types.Seed{seedOf(1), seedOf(2)} }},
		"invalid params":          {edit: func(gs *types.GenesisState) { gs.Params.KeepSeeds = 0 }, err: types.ErrInvalidParams},
		"seed before epoch 1":     {edit: func(gs *types.GenesisState) { gs.Epoch = types.Epoch{} }, err: types.ErrInvalidGenesis},
		"start before epoch 1":    {edit: func(gs *types.GenesisState) { gs.Epoch, gs.Seeds = types.Epoch{StartHeight: 1}, nil }, err: types.ErrInvalidGenesis},
		"length before epoch 1":   {edit: func(gs *types.GenesisState) { gs.Epoch, gs.Seeds = types.Epoch{Blocks: 1}, nil }, err: types.ErrInvalidGenesis},
		"epoch without seed":      {edit: func(gs *types.GenesisState) { gs.Seeds = nil }, err: types.ErrInvalidGenesis},
		"epoch without length":    {edit: func(gs *types.GenesisState) { gs.Epoch.Blocks = 0 }, err: types.ErrInvalidGenesis},
		"epoch of unbounded size": {edit: func(gs *types.GenesisState) { gs.Epoch.Blocks = math.MaxUint64 }, err: types.ErrInvalidGenesis},
		"negative start":          {edit: func(gs *types.GenesisState) { gs.Epoch.StartHeight = -1 }, err: types.ErrInvalidGenesis},
		"more seeds than epochs":  {edit: func(gs *types.GenesisState) { gs.Epoch.Number = 2 }, err: types.ErrInvalidGenesis},
		"seed of a later epoch":   {edit: func(gs *types.GenesisState) { gs.Epoch.Number = 8 }, err: types.ErrInvalidGenesis},
		"no current seed":         {edit: func(gs *types.GenesisState) { gs.Epoch.Number = 10 }, err: types.ErrInvalidGenesis},
		"gap":                     {edit: func(gs *types.GenesisState) { gs.Seeds[0].Epoch = 6 }, err: types.ErrInvalidGenesis},
		"twice":                   {edit: func(gs *types.GenesisState) { gs.Seeds[1].Epoch = 9 }, err: types.ErrInvalidGenesis},
		"descending": {edit: func(gs *types.GenesisState) {
			gs.Seeds[0], gs.Seeds[1] = gs.Seeds[1], gs.Seeds[0]
		}, err: types.ErrInvalidGenesis},
		"short seed": {edit: func(gs *types.GenesisState) { gs.Seeds[1].Value = gs.Seeds[1].Value[1:] }, err: types.ErrInvalidGenesis},
		"long seed":  {edit: func(gs *types.GenesisState) { gs.Seeds[1].Value = make([]byte, 33) }, err: types.ErrInvalidGenesis},
		"no seed":    {edit: func(gs *types.GenesisState) { gs.Seeds[1].Value = nil }, err: types.ErrInvalidGenesis},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			gs := validGenesis()
			tc.edit(gs)
			require.ErrorIs(t, gs.Validate(), tc.err)
		})
	}
}

func TestGenesisRebase(t *testing.T) {
	gs := validGenesis()
	seeds := gs.Seeds
	gs.Rebase(0)
	require.NoError(t, gs.Validate())
	require.Equal(t, types.Epoch{Number: 9, StartHeight: 0, Blocks: 30}, gs.Epoch)
	require.Equal(t, seeds, gs.Seeds)

	gs.Rebase(-5)
	require.Zero(t, gs.Epoch.StartHeight)
	gs.Rebase(7)
	require.Equal(t, int64(7), gs.Epoch.StartHeight)

	fresh := types.DefaultGenesis()
	fresh.Rebase(7)
	require.Equal(t, types.DefaultGenesis(), fresh)
}

func TestEpochDue(t *testing.T) {
	running := types.Epoch{Number: 4, StartHeight: 100, Blocks: 30}
	tests := map[string]struct {
		epoch  types.Epoch
		height int64
		due    bool
	}{
		"before epoch 1":         {height: 1, due: true},
		"first block":            {epoch: running, height: 100},
		"last block":             {epoch: running, height: 129},
		"block after":            {epoch: running, height: 130, due: true},
		"long after":             {epoch: running, height: math.MaxInt64, due: true},
		"height of another life": {epoch: running, height: 1, due: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.due, tc.epoch.Due(tc.height))
		})
	}
}

// The vectors, computed by another program, fix the encoding: a node that
// computes another seed forks.
func TestNextSeedVectors(t *testing.T) {
	block := bytes.Repeat([]byte{0xab}, 32)
	first := types.NextSeed(nil, block, 1)
	tests := map[string]struct {
		seed []byte
		want string
	}{
		"first":                  {seed: first, want: "a190974c9c646c7f456482c797b915687c9a4ee4ed0cc11ee93dda0c0ae1b7c2"},
		"second":                 {seed: types.NextSeed(first, block, 31), want: "2ead40751809fb6f639e210d7727aec6246c0d68fe197cc785b25ae731f77cd6"},
		"without a block id":     {seed: types.NextSeed(nil, nil, 1), want: "bd9f2a71c3a52509be5ecf38524316b7826a8d451c2c19cfc4c47b011b4687db"},
		"later without block id": {seed: types.NextSeed(first, []byte{}, 31), want: "4f79ff15a5a2d4f5dbded36060a5c63954b5326c8b8a9257cf562c23a5b61815"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, hex.EncodeToString(tc.seed))
		})
	}
	require.Equal(t, first, types.NextSeed(nil, block, 2), "the block id alone decides")
	require.NotEqual(t, types.NextSeed(nil, nil, 1), types.NextSeed(nil, nil, 2))
	require.NotEqual(t, types.NextSeed([]byte{1}, []byte{2, 3}, 1), types.NextSeed([]byte{1, 2}, []byte{3}, 1))
}

func TestCodec(t *testing.T) {
	registry := codectypes.NewInterfaceRegistry()
	types.RegisterInterfaces(registry)
	_, err := registry.Resolve("/cupel.oracle.v1.MsgUpdateParams")
	require.NoError(t, err)

	amino := codec.NewLegacyAmino()
	types.RegisterLegacyAminoCodec(amino)
	bz, err := amino.MarshalJSON(&types.MsgUpdateParams{Authority: "cupel1", Params: types.DefaultParams()})
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"cupel/oracle/MsgUpdateParams","value":{"authority":"cupel1","params":{
		"epoch_blocks":"30","keep_seeds":"200","checkpoint_blocks":"60","max_leaves":16384,"set_change_bps":500,"set_seconds":"604800",
		"grace_blocks":"60","max_missed":500,"absence_slash_bps":1,"equivocation_slash_bps":500,"keep_signatures":"10000",
		"beacon_slash_floor":"10000000","beacon_pause_epochs":100,"beacon_max_missed":500,"fallback_epochs":3,"circuit_fee":"100000000"}}}`, string(bz))
}
