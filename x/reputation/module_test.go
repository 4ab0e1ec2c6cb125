// SPDX-License-Identifier: Apache-2.0

package reputation_test

import (
	"testing"

	appv1alpha1 "cosmossdk.io/api/cosmos/app/v1alpha1"
	"cosmossdk.io/core/appconfig"
	"cosmossdk.io/depinject"
	"cosmossdk.io/log"
	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"

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
	_ "github.com/cosmos/cosmos-sdk/x/staking"

	"github.com/cupel-network/cupel/x/reputation"
	"github.com/cupel-network/cupel/x/reputation/keeper"
	"github.com/cupel-network/cupel/x/reputation/types"
)

// newApp starts an app around the module, at the end of block 1.
func newApp(t *testing.T) (*runtime.App, *keeper.Keeper) {
	t.Helper()
	withReputation := func(config *configurator.Config) {
		config.ModuleConfigs[types.ModuleName] = &appv1alpha1.ModuleConfig{
			Name:   types.ModuleName,
			Config: appconfig.WrapAny(&types.Module{}),
		}
		config.EndBlockersOrder = append(config.EndBlockersOrder, types.ModuleName)
		config.InitGenesisOrder = append(config.InitGenesisOrder, types.ModuleName)
	}
	config := configurator.NewAppConfig(configurator.AuthModule(), configurator.BankModule(),
		configurator.StakingModule(), configurator.ConsensusModule(), configurator.TxModule(), withReputation)
	var k *keeper.Keeper
	app, err := simtestutil.Setup(depinject.Configs(config, depinject.Supply(log.NewNopLogger())), &k)
	require.NoError(t, err)
	_, err = app.Commit()
	require.NoError(t, err)
	return app, k
}

func TestWiring(t *testing.T) {
	app, k := newApp(t)
	standing, err := k.Standing(app.NewUncachedContext(false, app.BaseApp.NewContext(true).BlockHeader()), 1, 1)
	require.NoError(t, err)
	require.Equal(t, "first", standing.Level)
	require.Contains(t, app.ModuleManager.Modules, types.ModuleName)
	require.NotNil(t, app.MsgServiceRouter().HandlerByTypeURL(sdk.MsgTypeURL(&types.MsgUpdateParams{})))
	require.NotNil(t, app.GRPCQueryRouter().Route("/cupel.reputation.v1.Query/Ranking"))

	options := reputation.AppModule{}.AutoCLIOptions()
	require.Equal(t, "cupel.reputation.v1.Query", options.GetQuery().GetService())
	require.Equal(t, "cupel.reputation.v1.Msg", options.GetTx().GetService())
}

func TestModuleGenesis(t *testing.T) {
	am := reputation.AppModule{}
	cdc := moduletestutil.MakeTestEncodingConfig(am).Codec
	require.NoError(t, am.ValidateGenesis(cdc, nil, am.DefaultGenesis(cdc)))
	require.ErrorIs(t, am.ValidateGenesis(cdc, nil, []byte(`{"params":{"half_life":"0"}}`)), types.ErrInvalidParams)
	require.Error(t, am.ValidateGenesis(cdc, nil, []byte(`{"unknown":1}`)))
	require.Error(t, am.ValidateGenesis(cdc, nil, nil))
}

func TestProvideModuleAuthority(t *testing.T) {
	cdc := moduletestutil.MakeTestEncodingConfig(reputation.AppModule{}).Codec
	for authority, ok := range map[string]bool{"": true, "cupel1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqndwgjf": false, "gov": false} {
		_, err := reputation.ProvideModule(reputation.ModuleInputs{
			Config:       &types.Module{Authority: authority},
			StoreService: runtime.NewKVStoreService(storetypes.NewKVStoreKey(types.StoreKey)),
			Cdc:          cdc,
			AddressCodec: address.NewBech32Codec("cupel"),
			EventService: runtime.EventService{},
		})
		require.Equal(t, ok, err == nil, "authority %q", authority)
	}
}
