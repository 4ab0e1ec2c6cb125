// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	moduletestutil "github.com/cosmos/cosmos-sdk/types/module/testutil"

	"github.com/cupel-network/cupel/x/oracle"
	"github.com/cupel-network/cupel/x/oracle/keeper"
	"github.com/cupel-network/cupel/x/oracle/types"
)

// update is the flag that writes the golden files. A package that the SDK's
// keepers bring along defines a flag of this name and use.
var update = func() flag.Value {
	if flag.Lookup("update") == nil {
		flag.Bool("update", false, "write the golden files")
	}
	return flag.Lookup("update").Value
}()

var authority = sdk.AccAddress("authority___________")

// fixture is a keeper over an empty store at genesis.
type fixture struct {
	t     testing.TB
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
	cdc := moduletestutil.MakeTestEncodingConfig(oracle.AppModule{}).Codec
	k := keeper.NewKeeper(runtime.NewKVStoreService(key), cdc, address.NewBech32Codec("cupel"), runtime.EventService{}, keeper.Keepers{}, authority)
	ctx := testutil.DefaultContextWithDB(t, key, storetypes.NewTransientStoreKey("transient")).Ctx
	return &fixture{t: t, ctx: ctx, k: k, msgs: keeper.NewMsgServer(k), reads: keeper.NewQueryServer(k)}
}

// block runs the begin of the block at height, whose id is a function of it.
func (f *fixture) block(height int64) {
	f.t.Helper()
	f.ctx = f.ctx.WithBlockHeight(height).WithHeaderHash(blockID(height)).WithEventManager(sdk.NewEventManager())
	require.NoError(f.t, f.k.BeginBlock(f.ctx))
}

// blocks runs the blocks from first to last and checks the invariants.
func (f *fixture) blocks(first, last int64) {
	f.t.Helper()
	for height := first; height <= last; height++ {
		f.block(height)
	}
	require.NoError(f.t, f.k.CheckInvariants(f.ctx))
}

func (f *fixture) epoch() types.Epoch {
	f.t.Helper()
	epoch, err := f.k.Epoch(f.ctx)
	require.NoError(f.t, err)
	return epoch
}

func (f *fixture) setParams(epochBlocks, keepSeeds uint64) {
	f.t.Helper()
	params := types.DefaultParams()
	params.EpochBlocks, params.KeepSeeds = epochBlocks, keepSeeds
	require.NoError(f.t, f.k.Params.Set(f.ctx, params))
}

func blockID(height int64) []byte {
	return types.NextSeed(nil, []byte("block"), height)
}

// golden compares the events of the context with a file.
func (f *fixture) golden(path string) {
	f.t.Helper()
	got, err := json.MarshalIndent(f.ctx.EventManager().Events(), "", "  ")
	require.NoError(f.t, err)
	got = append(got, '\n')
	if update.String() == "true" {
		require.NoError(f.t, os.WriteFile(path, got, 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(f.t, err)
	require.Equal(f.t, string(want), string(got))
}
