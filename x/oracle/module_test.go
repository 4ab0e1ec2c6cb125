// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"bytes"
	"testing"
	"time"

	appv1alpha1 "cosmossdk.io/api/cosmos/app/v1alpha1"
	"cosmossdk.io/core/appconfig"
	"cosmossdk.io/depinject"
	"cosmossdk.io/log"
	storetypes "cosmossdk.io/store/types"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/testutil/configurator"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	moduletestutil "github.com/cosmos/cosmos-sdk/types/module/testutil"
	_ "github.com/cosmos/cosmos-sdk/x/auth"
	_ "github.com/cosmos/cosmos-sdk/x/auth/tx/config"
	_ "github.com/cosmos/cosmos-sdk/x/bank"
	_ "github.com/cosmos/cosmos-sdk/x/consensus"
	_ "github.com/cosmos/cosmos-sdk/x/distribution"
	_ "github.com/cosmos/cosmos-sdk/x/slashing"
	_ "github.com/cosmos/cosmos-sdk/x/staking"

	"github.com/cupel-network/cupel/x/oracle"
	"github.com/cupel-network/cupel/x/oracle/keeper"
	"github.com/cupel-network/cupel/x/oracle/types"
)

// newApp starts an app around the module, at the end of block 1, with
// optimistic execution.
func newApp(t *testing.T) (*runtime.App, *keeper.Keeper) {
	t.Helper()
	withOracle := func(config *configurator.Config) {
		config.ModuleConfigs[types.ModuleName] = &appv1alpha1.ModuleConfig{
			Name:   types.ModuleName,
			Config: appconfig.WrapAny(&types.Module{}),
		}
		config.BeginBlockersOrder = append(config.BeginBlockersOrder, types.ModuleName)
		config.EndBlockersOrder = append(config.EndBlockersOrder, types.ModuleName)
		config.InitGenesisOrder = append(config.InitGenesisOrder, types.ModuleName)
	}
	config := configurator.NewAppConfig(configurator.AuthModule(), configurator.BankModule(),
		configurator.StakingModule(), configurator.SlashingModule(), configurator.DistributionModule(), configurator.ConsensusModule(), configurator.TxModule(), withOracle)
	startup := simtestutil.DefaultStartUpConfig()
	startup.BaseAppOption = baseapp.SetOptimisticExecution()
	var k *keeper.Keeper
	app, err := simtestutil.SetupWithConfiguration(depinject.Configs(config, depinject.Supply(log.NewNopLogger())), startup, &k)
	require.NoError(t, err)
	_, err = app.Commit()
	require.NoError(t, err)
	return app, k
}

// The block id that the seed takes is that of the executed block, also when the
// block was executed before it was decided, and replaced by another.
func TestHeaderHashIsTheBlockID(t *testing.T) {
	app, k := newApp(t)
	epoch := types.Epoch{Number: 1, StartHeight: 1, Blocks: 30}
	for height := int64(2); height <= 31; height++ {
		id, other := bytes.Repeat([]byte{byte(height)}, 32), bytes.Repeat([]byte{0xff}, 32)
		now := time.Unix(1_700_000_000+height, 0)
		for _, hash := range [][]byte{id, other, id} {
			res, err := app.ProcessProposal(&abci.RequestProcessProposal{Height: height, Hash: hash, Time: now})
			require.NoError(t, err)
			require.Equal(t, abci.ResponseProcessProposal_ACCEPT, res.Status)
		}
		if height == 31 {
			id = other // the last proposal is not the decided one
		}
		_, err := app.FinalizeBlock(&abci.RequestFinalizeBlock{Height: height, Hash: id, Time: now})
		require.NoError(t, err)
		_, err = app.Commit()
		require.NoError(t, err)
	}
	ctx := app.NewUncachedContext(false, app.BaseApp.NewContext(true).BlockHeader())
	got, err := k.Epoch(ctx)
	require.NoError(t, err)
	require.Equal(t, epoch.Next(31, 30), got)

	first, ok, err := k.Seed(ctx, 1)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, types.NextSeed(nil, nil, 1), first, "block 1 of the test app has no id")
	second, ok, err := k.Seed(ctx, 2)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, types.NextSeed(first, bytes.Repeat([]byte{0xff}, 32), 31), second)
}

func TestWiring(t *testing.T) {
	app, _ := newApp(t)
	require.Contains(t, app.ModuleManager.Modules, types.ModuleName)
	require.NotNil(t, app.MsgServiceRouter().HandlerByTypeURL(sdk.MsgTypeURL(&types.MsgUpdateParams{})))
	require.NotNil(t, app.GRPCQueryRouter().Route("/cupel.oracle.v1.Query/Seed"))

	options := oracle.AppModule{}.AutoCLIOptions()
	require.Equal(t, "cupel.oracle.v1.Query", options.GetQuery().GetService())
	require.Equal(t, "cupel.oracle.v1.Msg", options.GetTx().GetService())
}

func TestModuleGenesis(t *testing.T) {
	am := oracle.AppModule{}
	cdc := moduletestutil.MakeTestEncodingConfig(am).Codec
	require.NoError(t, am.ValidateGenesis(cdc, nil, am.DefaultGenesis(cdc)))
	require.ErrorIs(t, am.ValidateGenesis(cdc, nil, []byte(`{"params":{"epoch_blocks":"0"}}`)), types.ErrInvalidParams)
	require.Error(t, am.ValidateGenesis(cdc, nil, []byte(`{"unknown":1}`)))
	require.Error(t, am.ValidateGenesis(cdc, nil, nil))
}

func TestProvideModuleAuthority(t *testing.T) {
	cdc := moduletestutil.MakeTestEncodingConfig(oracle.AppModule{}).Codec
	for authority, ok := range map[string]bool{"": true, "cupel1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqndwgjf": false, "gov": false} {
		_, err := oracle.ProvideModule(oracle.ModuleInputs{
			Config:       &types.Module{Authority: authority},
			StoreService: runtime.NewKVStoreService(storetypes.NewKVStoreKey(types.StoreKey)),
			Cdc:          cdc,
			AddressCodec: address.NewBech32Codec("cupel"),
			EventService: runtime.EventService{},
		})
		require.Equal(t, ok, err == nil, "authority %q", authority)
	}
}
