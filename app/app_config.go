// SPDX-License-Identifier: Apache-2.0

package app

import (
	"time"

	runtimev1alpha1 "cosmossdk.io/api/cosmos/app/runtime/v1alpha1"
	appv1alpha1 "cosmossdk.io/api/cosmos/app/v1alpha1"
	authmodulev1 "cosmossdk.io/api/cosmos/auth/module/v1"
	authzmodulev1 "cosmossdk.io/api/cosmos/authz/module/v1"
	bankmodulev1 "cosmossdk.io/api/cosmos/bank/module/v1"
	circuitmodulev1 "cosmossdk.io/api/cosmos/circuit/module/v1"
	consensusmodulev1 "cosmossdk.io/api/cosmos/consensus/module/v1"
	distrmodulev1 "cosmossdk.io/api/cosmos/distribution/module/v1"
	evidencemodulev1 "cosmossdk.io/api/cosmos/evidence/module/v1"
	feegrantmodulev1 "cosmossdk.io/api/cosmos/feegrant/module/v1"
	genutilmodulev1 "cosmossdk.io/api/cosmos/genutil/module/v1"
	govmodulev1 "cosmossdk.io/api/cosmos/gov/module/v1"
	groupmodulev1 "cosmossdk.io/api/cosmos/group/module/v1"
	mintmodulev1 "cosmossdk.io/api/cosmos/mint/module/v1"
	slashingmodulev1 "cosmossdk.io/api/cosmos/slashing/module/v1"
	stakingmodulev1 "cosmossdk.io/api/cosmos/staking/module/v1"
	txconfigv1 "cosmossdk.io/api/cosmos/tx/config/v1"
	upgrademodulev1 "cosmossdk.io/api/cosmos/upgrade/module/v1"
	vestingmodulev1 "cosmossdk.io/api/cosmos/vesting/module/v1"
	"cosmossdk.io/depinject"
	"cosmossdk.io/depinject/appconfig"
	_ "cosmossdk.io/x/circuit" // registers the module's wiring
	circuitkeeper "cosmossdk.io/x/circuit/keeper"
	circuittypes "cosmossdk.io/x/circuit/types"
	_ "cosmossdk.io/x/evidence" // registers the module's wiring
	evidencetypes "cosmossdk.io/x/evidence/types"
	"cosmossdk.io/x/feegrant"
	_ "cosmossdk.io/x/feegrant/module" // registers the module's wiring
	_ "cosmossdk.io/x/upgrade"         // registers the module's wiring
	upgradetypes "cosmossdk.io/x/upgrade/types"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/types/module"
	_ "github.com/cosmos/cosmos-sdk/x/auth"           // registers the module's wiring
	_ "github.com/cosmos/cosmos-sdk/x/auth/tx/config" // registers the module's wiring
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	_ "github.com/cosmos/cosmos-sdk/x/auth/vesting" // registers the module's wiring
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	_ "github.com/cosmos/cosmos-sdk/x/authz/module" // registers the module's wiring
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	_ "github.com/cosmos/cosmos-sdk/x/consensus" // registers the module's wiring
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	_ "github.com/cosmos/cosmos-sdk/x/distribution" // registers the module's wiring
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	_ "github.com/cosmos/cosmos-sdk/x/gov" // registers the module's wiring
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	"github.com/cosmos/cosmos-sdk/x/group"
	_ "github.com/cosmos/cosmos-sdk/x/group/module" // registers the module's wiring
	_ "github.com/cosmos/cosmos-sdk/x/mint"         // registers the module's wiring
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	_ "github.com/cosmos/cosmos-sdk/x/slashing" // registers the module's wiring
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	_ "github.com/cosmos/cosmos-sdk/x/staking" // registers the module's wiring
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	gogoproto "github.com/cosmos/gogoproto/proto"
	capabilitytypes "github.com/cosmos/ibc-go/modules/capability/types"
	transfertypes "github.com/cosmos/ibc-go/v8/modules/apps/transfer/types"
	ibcexported "github.com/cosmos/ibc-go/v8/modules/core/exported"

	_ "github.com/cupel-network/cupel/x/market" // registers the module's wiring
	markettypes "github.com/cupel-network/cupel/x/market/types"
	_ "github.com/cupel-network/cupel/x/oracle" // registers the module's wiring
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	_ "github.com/cupel-network/cupel/x/registry" // registers the module's wiring
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
	_ "github.com/cupel-network/cupel/x/reputation" // registers the module's wiring
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

// Limits of x/group proposals.
const (
	maxGroupExecutionPeriod = 14 * 24 * time.Hour
	maxGroupMetadataLen     = 255
)

// Name is the name of the application, as blocks and genesis carry it.
const Name = "cupel"

// The orders below are consensus rules. A list names the modules that have
// the hook and no others; TestModuleOrders keeps it so.

// preBlockers run before the block's first transaction. upgrade is first, so
// that an upgrade has happened before anything else reads the state.
func preBlockers() []string {
	return []string{
		upgradetypes.ModuleName,
		authtypes.ModuleName, // forgets expired unordered nonces
	}
}

// beginBlockers: capability restores its memory store before IBC needs it;
// mint pays the pool that distribution shares out; distribution reads the
// votes before slashing and evidence change who was bonded; the market's
// clock moves before anything reads it, and oracle sets the epoch's seed.
func beginBlockers() []string {
	return []string{
		capabilitytypes.ModuleName,
		minttypes.ModuleName,
		distrtypes.ModuleName,
		slashingtypes.ModuleName,
		evidencetypes.ModuleName,
		stakingtypes.ModuleName,
		ibcexported.ModuleName,
		authz.ModuleName,
		markettypes.ModuleName, // advances the market clock
		oracletypes.ModuleName,
	}
}

// endBlockers: governance acts first, so that what it decided holds for this
// block's staking and settlement; staking fixes the validator set before the
// modules that read power. Of ours, the lower module comes first; market reads
// all the others; oracle is last, so that what the market has settled in a
// block can be in that block's checkpoint.
func endBlockers() []string {
	return []string{
		govtypes.ModuleName,
		group.ModuleName,
		feegrant.ModuleName,
		stakingtypes.ModuleName,
		registrytypes.ModuleName,
		reputationtypes.ModuleName,
		markettypes.ModuleName,
		oracletypes.ModuleName,
	}
}

// genesisOrder: capability first, because ports are bound in InitGenesis;
// accounts and coins before who holds them; genutil after staking, because it
// delivers the genesis transactions.
func genesisOrder() []string {
	return []string{
		capabilitytypes.ModuleName,
		authtypes.ModuleName,
		banktypes.ModuleName,
		distrtypes.ModuleName,
		stakingtypes.ModuleName,
		slashingtypes.ModuleName,
		govtypes.ModuleName,
		minttypes.ModuleName,
		ibcexported.ModuleName,
		genutiltypes.ModuleName,
		evidencetypes.ModuleName,
		authz.ModuleName,
		transfertypes.ModuleName,
		feegrant.ModuleName,
		upgradetypes.ModuleName,
		vestingtypes.ModuleName,
		group.ModuleName,
		circuittypes.ModuleName,
		oracletypes.ModuleName,
		registrytypes.ModuleName,
		reputationtypes.ModuleName,
		markettypes.ModuleName,
	}
}

// moduleAccounts lists the accounts that modules hold coins in and what each
// may do with supply.
func moduleAccounts() []*authmodulev1.ModuleAccountPermission {
	return []*authmodulev1.ModuleAccountPermission{
		{Account: authtypes.FeeCollectorName},
		{Account: distrtypes.ModuleName},
		{Account: minttypes.ModuleName, Permissions: []string{authtypes.Minter}},
		{Account: stakingtypes.BondedPoolName, Permissions: []string{authtypes.Burner, authtypes.Staking}},
		{Account: stakingtypes.NotBondedPoolName, Permissions: []string{authtypes.Burner, authtypes.Staking}},
		{Account: govtypes.ModuleName, Permissions: []string{authtypes.Burner}},
		{Account: transfertypes.ModuleName, Permissions: []string{authtypes.Minter, authtypes.Burner}},
		{Account: markettypes.ModuleName, Permissions: []string{authtypes.Burner}},
		{Account: registrytypes.ModuleName, Permissions: []string{authtypes.Burner}},
		{Account: oracletypes.ModuleName},
	}
}

// blockedAccounts are the module accounts that a plain transfer cannot send
// to. gov is not among them: a community spend may fund it.
func blockedAccounts() []string {
	var blocked []string
	for _, account := range moduleAccounts() {
		if account.GetAccount() != govtypes.ModuleName {
			blocked = append(blocked, account.GetAccount())
		}
	}
	return blocked
}

// Config is the wiring of every module that depinject builds. The IBC modules
// are added by hand in ibc.go.
func Config() depinject.Config {
	return depinject.Configs(
		appconfig.Compose(&appv1alpha1.Config{Modules: moduleConfigs()}),
		depinject.Supply(map[string]module.AppModuleBasic{
			genutiltypes.ModuleName: genutil.NewAppModuleBasic(genutiltypes.DefaultMessageValidator),
			banktypes.ModuleName:    bankBasics{},
		}),
		depinject.Provide(ProvideCircuitKeeper),
	)
}

// ProvideCircuitKeeper gives modules the circuit breaker. x/circuit provides a
// value, whose methods need a pointer. It is exported for depinject.
func ProvideCircuitKeeper(k circuitkeeper.Keeper) *circuitkeeper.Keeper { return &k }

func moduleConfigs() []*appv1alpha1.ModuleConfig {
	return []*appv1alpha1.ModuleConfig{
		wrap(runtime.ModuleName, &runtimev1alpha1.Module{
			AppName:       Name,
			PreBlockers:   preBlockers(),
			BeginBlockers: beginBlockers(),
			EndBlockers:   endBlockers(),
			InitGenesis:   genesisOrder(),
			OverrideStoreKeys: []*runtimev1alpha1.StoreKeyConfig{
				{ModuleName: authtypes.ModuleName, KvStoreKey: authtypes.StoreKey},
			},
			SkipStoreKeys: []string{"tx"},
		}),
		wrap(authtypes.ModuleName, &authmodulev1.Module{
			Bech32Prefix:                Bech32Prefix,
			ModuleAccountPermissions:    moduleAccounts(),
			EnableUnorderedTransactions: true,
		}),
		wrap(banktypes.ModuleName, &bankmodulev1.Module{BlockedModuleAccountsOverride: blockedAccounts()}),
		wrap(vestingtypes.ModuleName, &vestingmodulev1.Module{}),
		wrap(stakingtypes.ModuleName, &stakingmodulev1.Module{
			Bech32PrefixValidator: Bech32Prefix + "valoper",
			Bech32PrefixConsensus: Bech32Prefix + "valcons",
		}),
		wrap(slashingtypes.ModuleName, &slashingmodulev1.Module{}),
		wrap(distrtypes.ModuleName, &distrmodulev1.Module{}),
		wrap(minttypes.ModuleName, &mintmodulev1.Module{}),
		wrap(govtypes.ModuleName, &govmodulev1.Module{}),
		wrap(consensustypes.ModuleName, &consensusmodulev1.Module{}),
		wrap(genutiltypes.ModuleName, &genutilmodulev1.Module{}),
		wrap(upgradetypes.ModuleName, &upgrademodulev1.Module{}),
		wrap(evidencetypes.ModuleName, &evidencemodulev1.Module{}),
		wrap(feegrant.ModuleName, &feegrantmodulev1.Module{}),
		wrap(authz.ModuleName, &authzmodulev1.Module{}),
		wrap(group.ModuleName, &groupmodulev1.Module{
			MaxExecutionPeriod: durationpb.New(maxGroupExecutionPeriod),
			MaxMetadataLen:     maxGroupMetadataLen,
		}),
		wrap(circuittypes.ModuleName, &circuitmodulev1.Module{}),
		wrap(markettypes.ModuleName, &markettypes.Module{}),
		wrap(oracletypes.ModuleName, &oracletypes.Module{}),
		wrap(registrytypes.ModuleName, &registrytypes.Module{}),
		wrap(reputationtypes.ModuleName, &reputationtypes.Module{}),
		// The ante handler is ours: see ante.go.
		wrap("tx", &txconfigv1.Config{SkipAnteHandler: true}),
	}
}

func wrap(name string, config gogoproto.Message) *appv1alpha1.ModuleConfig {
	return &appv1alpha1.ModuleConfig{Name: name, Config: appconfig.WrapAny(config)}
}
