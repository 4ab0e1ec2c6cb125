// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"
	"time"

	"cosmossdk.io/collections"
	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	moduletestutil "github.com/cosmos/cosmos-sdk/types/module/testutil"

	"github.com/cupel-network/cupel/x/reputation"
	"github.com/cupel-network/cupel/x/reputation/keeper"
	"github.com/cupel-network/cupel/x/reputation/types"
)

var update = flag.Bool("update", false, "write the golden files")

var (
	authority = sdk.AccAddress("authority___________")
	alice     = sdk.AccAddress("alice_______________")
	bob       = sdk.AccAddress("bob_________________")

	start = time.Unix(1_800_000_000, 0).UTC()
)

// fixture is a keeper over an empty store at genesis.
type fixture struct {
	t     *testing.T
	ctx   sdk.Context
	k     *keeper.Keeper
	msgs  types.MsgServer
	reads types.QueryServer
}

func newFixture(t *testing.T) *fixture {
	f := newEmptyFixture(t)
	require.NoError(t, f.k.InitGenesis(f.ctx, *types.DefaultGenesis()))
	return f
}

func newEmptyFixture(t *testing.T) *fixture {
	t.Helper()
	key := storetypes.NewKVStoreKey(types.StoreKey)
	cdc := moduletestutil.MakeTestEncodingConfig(reputation.AppModule{}).Codec
	k := keeper.NewKeeper(runtime.NewKVStoreService(key), cdc, address.NewBech32Codec("cupel"), runtime.EventService{}, authority)
	ctx := testutil.DefaultContextWithDB(t, key, storetypes.NewTransientStoreKey("transient")).Ctx.WithBlockTime(start)
	return &fixture{t: t, ctx: ctx, k: k, msgs: keeper.NewMsgServer(k), reads: keeper.NewQueryServer(k)}
}

// at returns the fixture's context some seconds after the start.
func (f *fixture) at(seconds int64) sdk.Context {
	return f.ctx.WithBlockTime(start.Add(time.Duration(seconds) * time.Second))
}

// outcome is one that counts.
func outcome(provider uint32, epoch uint64) types.Outcome {
	return types.Outcome{
		Provider: provider, Class: 1, Requester: alice, Epoch: epoch,
		Price: types.DefaultParams().FullWeight, Drawn: true, Success: true,
	}
}

// succeed records one success per epoch, from first to last.
func (f *fixture) succeed(provider uint32, first, last uint64) {
	f.t.Helper()
	for epoch := first; epoch <= last; epoch++ {
		require.NoError(f.t, f.k.RecordOutcome(f.ctx, outcome(provider, epoch)))
	}
}

func (f *fixture) standing(provider uint32) types.Standing {
	f.t.Helper()
	standing, err := f.k.Standing(f.ctx, provider, 1)
	require.NoError(f.t, err)
	return standing
}

func (f *fixture) record(provider uint32) types.Record {
	f.t.Helper()
	record, err := f.k.Records.Get(f.ctx, collections.Join(provider, uint32(1)))
	require.NoError(f.t, err)
	return record
}

func (f *fixture) seen() int {
	f.t.Helper()
	gs, err := f.k.ExportGenesis(f.ctx)
	require.NoError(f.t, err)
	return len(gs.Seen)
}

// golden compares the events of the context with a file.
func (f *fixture) golden(path string) {
	f.t.Helper()
	got, err := json.MarshalIndent(f.ctx.EventManager().Events(), "", "  ")
	require.NoError(f.t, err)
	got = append(got, '\n')
	if *update {
		require.NoError(f.t, os.WriteFile(path, got, 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(f.t, err)
	require.Equal(f.t, string(want), string(got))
}
