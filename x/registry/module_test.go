// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	appv1alpha1 "cosmossdk.io/api/cosmos/app/v1alpha1"
	authmodulev1 "cosmossdk.io/api/cosmos/auth/module/v1"
	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/core/appconfig"
	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/depinject"
	"cosmossdk.io/log"
	storetypes "cosmossdk.io/store/types"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/testutil/configurator"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	moduletestutil "github.com/cosmos/cosmos-sdk/types/module/testutil"
	_ "github.com/cosmos/cosmos-sdk/x/auth"
	_ "github.com/cosmos/cosmos-sdk/x/auth/tx/config"
	_ "github.com/cosmos/cosmos-sdk/x/bank"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	_ "github.com/cosmos/cosmos-sdk/x/consensus"
	_ "github.com/cosmos/cosmos-sdk/x/staking"

	"github.com/cupel-network/cupel/x/registry"
	"github.com/cupel-network/cupel/x/registry/keeper"
	"github.com/cupel-network/cupel/x/registry/types"
)

// minter is a module account that makes the coins of the tests.
const minter = "minter"

// chain is an app around the module with the real x/bank.
type chain struct {
	*runtime.App
	k    *keeper.Keeper
	bank bankkeeper.Keeper
}

func newChain(t *testing.T) *chain {
	t.Helper()
	withRegistry := func(config *configurator.Config) {
		config.ModuleConfigs[types.ModuleName] = &appv1alpha1.ModuleConfig{
			Name:   types.ModuleName,
			Config: appconfig.WrapAny(&types.Module{}),
		}
		config.ModuleConfigs["auth"] = &appv1alpha1.ModuleConfig{
			Name: "auth",
			Config: appconfig.WrapAny(&authmodulev1.Module{
				Bech32Prefix: "cosmos",
				ModuleAccountPermissions: []*authmodulev1.ModuleAccountPermission{
					{Account: "fee_collector"},
					{Account: "bonded_tokens_pool", Permissions: []string{"burner", "staking"}},
					{Account: "not_bonded_tokens_pool", Permissions: []string{"burner", "staking"}},
					{Account: types.ModuleName},
					{Account: minter, Permissions: []string{"minter"}},
				},
			}),
		}
		config.EndBlockersOrder = append(config.EndBlockersOrder, types.ModuleName)
		config.InitGenesisOrder = append(config.InitGenesisOrder, types.ModuleName)
	}
	config := configurator.NewAppConfig(configurator.AuthModule(), configurator.BankModule(),
		configurator.StakingModule(), configurator.ConsensusModule(), configurator.TxModule(), withRegistry)
	c := &chain{}
	app, err := simtestutil.Setup(depinject.Configs(config, depinject.Supply(log.NewNopLogger())), &c.k, &c.bank)
	require.NoError(t, err)
	_, err = app.Commit()
	require.NoError(t, err)
	c.App = app
	return c
}

func (c *chain) context() sdk.Context {
	return c.NewUncachedContext(false, c.NewContext(true).BlockHeader())
}

// TestBondIsHeldByTheRealBank registers and leaves over the message router.
func TestBondIsHeldByTheRealBank(t *testing.T) {
	c := newChain(t)
	ctx := c.context()
	operator, worker := sdk.AccAddress("operator............"), sdk.AccAddress("worker..............")
	coins := types.Coins(100_000_000)
	require.NoError(t, c.bank.MintCoins(ctx, minter, coins))
	require.NoError(t, c.bank.SendCoinsFromModuleToAccount(ctx, minter, operator, coins))

	send := func(msg sdk.Msg) {
		_, err := c.MsgServiceRouter().Handler(msg)(ctx, msg)
		require.NoError(t, err)
	}
	send(&types.MsgRegister{
		Operator: operator.String(), Worker: worker.String(), Bond: coins[0], Endpoint: "https://a",
		Resources: []types.Resource{{Class: types.DefaultClass().Name, Count: 1, Price: 1}},
	})
	require.True(t, c.bank.GetBalance(ctx, operator, types.Denom).IsZero())
	require.NoError(t, c.k.CheckInvariants(ctx))

	send(&types.MsgDeregister{Operator: operator.String()})
	require.NoError(t, c.k.Ticks.Set(ctx, types.DefaultParams().UnbondingTicks))
	require.NoError(t, c.k.EndBlock(ctx))
	require.Equal(t, coins[0], c.bank.GetBalance(ctx, operator, types.Denom))
	require.NoError(t, c.k.CheckInvariants(ctx))
}

// newRoot returns a command tree with the commands of the module.
func newRoot(t *testing.T) *cobra.Command {
	t.Helper()
	addresses := address.NewBech32Codec("cosmos")
	root := &cobra.Command{Use: "cupeld"}
	options := autocli.AppOptions{
		Modules:      map[string]appmodule.AppModule{types.ModuleName: registry.NewAppModule(nil, addresses)},
		AddressCodec: addresses, ValidatorAddressCodec: addresses, ConsensusAddressCodec: addresses,
	}
	require.NoError(t, options.EnhanceRootCommand(root))
	return root
}

// TestGeneratedTransactions types commands and reads the messages they make.
func TestGeneratedTransactions(t *testing.T) {
	signer, worker := sdk.AccAddress("operator............").String(), sdk.AccAddress("worker..............").String()
	profile := filepath.Join(t.TempDir(), "provider.yaml")
	require.NoError(t, os.WriteFile(profile, []byte("worker: "+worker+"\nbond: 100000000ucupel\nendpoint: https://a\nresources: [{class: wasm/v1-amd64, count: 1, price: 1}]\n"), 0o600))
	tests := map[string][]string{
		`"@type":"/cupel.registry.v1.MsgDrain","signer":"` + signer + `","drain":true`:                 {"drain", "true"},
		`"@type":"/cupel.registry.v1.MsgDrain","signer":"` + signer + `","drain":false`:                {"drain", "false"},
		`"amount":{"denom":"ucupel","amount":"5"}`:                                                     {"unbond", "5ucupel"},
		`"@type":"/cupel.registry.v1.MsgRotateWorker","operator":"` + signer + `","worker":"` + worker: {"rotate-worker", worker},
		`"@type":"/cupel.registry.v1.MsgHeartbeat","worker":"` + signer:                                {"heartbeat"},
		`"bond":{"denom":"ucupel","amount":"100000000"}`:                                               {"register", profile},
	}
	for want, args := range tests {
		encoding := moduletestutil.MakeTestEncodingConfig(registry.AppModule{})
		var out bytes.Buffer
		ctx := client.Context{}.WithCodec(encoding.Codec).WithInterfaceRegistry(encoding.InterfaceRegistry).
			WithTxConfig(encoding.TxConfig).WithLegacyAmino(encoding.Amino).WithOutput(&out).WithKeyring(keyring.NewInMemory(encoding.Codec))
		root := newRoot(t)
		root.SetOut(&out)
		root.SetArgs(append([]string{"tx", "registry"}, append(args, "--generate-only", "--offline", "--account-number=1", "--sequence=1",
			"--gas=1", "--from="+signer)...))
		require.NoError(t, root.ExecuteContext(context.WithValue(context.Background(), client.ClientContextKey, &ctx)))
		require.Contains(t, out.String(), want)
	}
}

// TestCommands finds every command that a person types, generated or not.
func TestCommands(t *testing.T) {
	root := newRoot(t)
	paths := [][]string{
		{"query", "registry", "params"},
		{"query", "registry", "clock"},
		{"query", "registry", "provider"},
		{"query", "registry", "providers"},
		{"query", "registry", "classes"},
		{"query", "registry", "roster"},
		{"query", "registry", "unbondings"},
		{"tx", "registry", "register"},
		{"tx", "registry", "update-provider"},
		{"tx", "registry", "rotate-worker"},
		{"tx", "registry", "bond"},
		{"tx", "registry", "unbond"},
		{"tx", "registry", "heartbeat"},
		{"tx", "registry", "drain"},
		{"tx", "registry", "unjail"},
		{"tx", "registry", "deregister"},
	}
	for _, path := range paths {
		cmd, rest, err := root.Find(path)
		require.NoError(t, err)
		require.Empty(t, rest, "%v", path)
		require.Equal(t, path[2], cmd.Name())
	}
	for _, name := range []string{"add-class", "update-params"} {
		_, rest, err := root.Find([]string{"tx", "registry", name})
		require.True(t, err != nil || len(rest) > 0, "%s is for proposals", name)
	}
}

func TestModuleGenesis(t *testing.T) {
	addresses := address.NewBech32Codec("cupel")
	am := registry.NewAppModule(nil, addresses)
	cdc := moduletestutil.MakeTestEncodingConfig(am).Codec
	require.NoError(t, am.ValidateGenesis(cdc, nil, am.DefaultGenesis(cdc)))
	require.ErrorIs(t, am.ValidateGenesis(cdc, nil, []byte(`{"tick":"1"}`)), types.ErrInvalidParams)
	require.Error(t, am.ValidateGenesis(cdc, nil, []byte(`{"unknown":1}`)))
	require.Error(t, am.ValidateGenesis(cdc, nil, nil))
}

func TestProvideModuleAuthority(t *testing.T) {
	cdc := moduletestutil.MakeTestEncodingConfig(registry.AppModule{}).Codec
	for authority, ok := range map[string]bool{"": true, "gov": false, "cosmos1qypqxpq9qcrsszgszyfpx9q4zct3sxfq0fzduj": false} {
		_, err := registry.ProvideModule(registry.ModuleInputs{
			Config:       &types.Module{Authority: authority},
			StoreService: runtime.NewKVStoreService(storetypes.NewKVStoreKey(types.StoreKey)),
			Cdc:          cdc,
			AddressCodec: address.NewBech32Codec("cupel"),
			EventService: runtime.EventService{},
		})
		require.Equal(t, ok, err == nil, "authority %q", authority)
	}
}

// TestLedgerNames checks that a hardware wallet can show every message.
func TestLedgerNames(t *testing.T) {
	amino := moduletestutil.MakeTestEncodingConfig(registry.AppModule{}).Amino
	for _, msg := range []sdk.Msg{
		&types.MsgRegister{}, &types.MsgUpdateProvider{}, &types.MsgRotateWorker{}, &types.MsgBond{},
		&types.MsgUnbond{}, &types.MsgHeartbeat{}, &types.MsgDrain{}, &types.MsgUnjail{},
		&types.MsgDeregister{}, &types.MsgAddClass{}, &types.MsgUpdateParams{},
	} {
		data, err := amino.MarshalJSON(msg)
		require.NoError(t, err)
		require.Contains(t, string(data), "cupel/registry/Msg")
	}
}

// TestReadmeNamesErrors checks that every registered error is documented.
func TestReadmeNamesErrors(t *testing.T) {
	readme, err := os.ReadFile(filepath.Clean("README.md"))
	require.NoError(t, err)
	source, err := os.ReadFile(filepath.Join("types", "errors.go"))
	require.NoError(t, err)
	names := regexp.MustCompile(`(?m)^\tErr(\w+)`).FindAllStringSubmatch(string(source), -1)
	require.NotEmpty(t, names)
	for _, name := range names {
		require.Contains(t, string(readme), name[1])
	}
}
