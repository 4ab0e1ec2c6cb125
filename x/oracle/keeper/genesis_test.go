// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/oracle/types"
)

func TestGenesisRoundTrip(t *testing.T) {
	for name, last := range map[string]int64{"new": 0, "first epoch": 1, "running": 100} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.blocks(1, last)
			exported, err := f.k.ExportGenesis(f.ctx)
			require.NoError(t, err)
			require.NoError(t, exported.Validate())

			g := newEmptyFixture(t)
			require.NoError(t, g.k.InitGenesis(g.ctx, *exported))
			again, err := g.k.ExportGenesis(g.ctx)
			require.NoError(t, err)
			require.Equal(t, exported, again)

			// Both chains go on alike.
			f.blocks(last+1, last+40)
			g.blocks(last+1, last+40)
			require.Equal(t, f.epoch(), g.epoch())
		})
	}
}

func TestInitGenesisRejects(t *testing.T) {
	f := newEmptyFixture(t)
	gs := types.DefaultGenesis()
	gs.Seeds = []types.Seed{{Epoch: 1}}
	require.ErrorIs(t, f.k.InitGenesis(f.ctx, *gs), types.ErrInvalidGenesis)
}

func TestCheckInvariants(t *testing.T) {
	tests := map[string]struct {
		spoil func(*fixture) error
		err   error
	}{
		"sound":        {spoil: func(*fixture) error { return nil }},
		"gap":          {spoil: func(f *fixture) error { return f.k.Seeds.Remove(f.ctx, 2) }, err: types.ErrBrokenInvariant},
		"no current":   {spoil: func(f *fixture) error { return f.k.Seeds.Remove(f.ctx, 3) }, err: types.ErrBrokenInvariant},
		"from beyond":  {spoil: func(f *fixture) error { return f.k.Seeds.Set(f.ctx, 4, blockID(4)) }, err: types.ErrBrokenInvariant},
		"short seed":   {spoil: func(f *fixture) error { return f.k.Seeds.Set(f.ctx, 3, []byte{1}) }, err: types.ErrBrokenInvariant},
		"bad params":   {spoil: func(f *fixture) error { return f.k.Params.Set(f.ctx, types.Params{}) }, err: types.ErrBrokenInvariant},
		"epoch undone": {spoil: func(f *fixture) error { return f.k.Current.Set(f.ctx, types.Epoch{}) }, err: types.ErrBrokenInvariant},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.blocks(1, 61)
			require.NoError(t, tc.spoil(f))
			require.ErrorIs(t, f.k.CheckInvariants(f.ctx), tc.err)
		})
	}
}

// A line is that of one chain: under another id it is refused, and so is a
// signature by another key.
func TestInitGenesisVerifiesTheLine(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	w.attestAll(w.checkpointed(1), 0, 1, 2)
	w.next()
	export := func() *types.GenesisState {
		gs, err := w.k.ExportGenesis(w.ctx)
		require.NoError(t, err)
		return gs
	}
	start := func(chainID string, gs *types.GenesisState) error {
		second := emptyWorld(t)
		return second.k.InitGenesis(second.ctx.WithChainID(chainID), *gs)
	}
	require.NoError(t, start(testChainID, export()))
	require.ErrorIs(t, start("cupel-other-1", export()), types.ErrInvalidGenesis)

	forged := export()
	signatures := forged.Signatures[0].Signatures
	signatures[0].Signature, signatures[1].Signature = signatures[1].Signature, signatures[0].Signature
	require.ErrorIs(t, start(testChainID, forged), types.ErrInvalidGenesis)

	// What the error advises is a genesis of another chain.
	fresh := export()
	fresh.Line, fresh.Sets, fresh.Checkpoints, fresh.Signatures, fresh.Leaves = types.Line{}, nil, nil, nil, nil
	for i := range fresh.Keys {
		fresh.Keys[i].SetId = 0
	}
	require.NoError(t, start("cupel-other-1", fresh))
}
