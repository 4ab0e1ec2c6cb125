// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cosmossdk.io/core/appmodule"
	storetypes "cosmossdk.io/store/types"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	"github.com/cosmos/ibc-go/modules/capability"
	capabilitykeeper "github.com/cosmos/ibc-go/modules/capability/keeper"
	capabilitytypes "github.com/cosmos/ibc-go/modules/capability/types"
	"github.com/cosmos/ibc-go/v8/modules/apps/transfer"
	transferkeeper "github.com/cosmos/ibc-go/v8/modules/apps/transfer/keeper"
	transfertypes "github.com/cosmos/ibc-go/v8/modules/apps/transfer/types"
	ibc "github.com/cosmos/ibc-go/v8/modules/core"
	porttypes "github.com/cosmos/ibc-go/v8/modules/core/05-port/types"
	ibcexported "github.com/cosmos/ibc-go/v8/modules/core/exported"
	ibckeeper "github.com/cosmos/ibc-go/v8/modules/core/keeper"
	ibctm "github.com/cosmos/ibc-go/v8/modules/light-clients/07-tendermint"
)

// ibcKeepers are the keepers of the IBC modules. ibc-go v8 has no depinject
// wiring, so this file is all of it: moving to another version changes no
// other file.
type ibcKeepers struct {
	CapabilityKeeper *capabilitykeeper.Keeper
	IBCKeeper        *ibckeeper.Keeper
	TransferKeeper   transferkeeper.Keeper
}

// registerIBC builds the IBC core, the transfer application and the
// 07-tendermint light client and adds them to the app. The keepers' params
// subspace is nil: only migrations from before v8 read it.
func (app *App) registerIBC() error {
	keys := storetypes.NewKVStoreKeys(capabilitytypes.StoreKey, ibcexported.StoreKey, transfertypes.StoreKey)
	memKey := storetypes.NewMemoryStoreKey(capabilitytypes.MemStoreKey)
	if err := app.RegisterStores(
		keys[capabilitytypes.StoreKey], keys[ibcexported.StoreKey], keys[transfertypes.StoreKey], memKey,
	); err != nil {
		return err
	}
	authority := authtypes.NewModuleAddress(govtypes.ModuleName).String()

	app.CapabilityKeeper = capabilitykeeper.NewKeeper(app.appCodec, keys[capabilitytypes.StoreKey], memKey)
	scopedIBC := app.CapabilityKeeper.ScopeToModule(ibcexported.ModuleName)
	scopedTransfer := app.CapabilityKeeper.ScopeToModule(transfertypes.ModuleName)
	app.CapabilityKeeper.Seal()

	app.IBCKeeper = ibckeeper.NewKeeper(
		app.appCodec, keys[ibcexported.StoreKey], nil, app.StakingKeeper, app.UpgradeKeeper, scopedIBC, authority,
	)
	app.TransferKeeper = transferkeeper.NewKeeper(
		app.appCodec, keys[transfertypes.StoreKey], nil, app.IBCKeeper.ChannelKeeper, app.IBCKeeper.ChannelKeeper,
		app.IBCKeeper.PortKeeper, app.AccountKeeper, app.BankKeeper, scopedTransfer, authority,
	)
	app.IBCKeeper.SetRouter(porttypes.NewRouter().
		AddRoute(transfertypes.ModuleName, transfer.NewIBCModule(app.TransferKeeper)))

	if err := app.RegisterModules(
		capability.NewAppModule(app.appCodec, *app.CapabilityKeeper, false),
		ibc.NewAppModule(app.IBCKeeper),
		transfer.NewAppModule(app.TransferKeeper),
		ibctm.NewAppModule(),
	); err != nil {
		return err
	}
	// The versions that depinject gave x/upgrade know no IBC.
	app.UpgradeKeeper.SetInitVersionMap(app.ModuleManager.GetVersionMap())
	return nil
}

// AddIBCModules registers the IBC modules' types and adds the modules to the
// maps that commands are built from. The modules have no keepers: they serve
// no state.
func AddIBCModules(
	registry codectypes.InterfaceRegistry, amino *codec.LegacyAmino,
	basics module.BasicManager, modules map[string]appmodule.AppModule,
) {
	ibcModules := []interface {
		module.AppModuleBasic
		appmodule.AppModule
	}{
		capability.AppModule{},
		ibc.AppModule{},
		transfer.AppModule{},
		ibctm.AppModule{},
	}
	for _, m := range ibcModules {
		m.RegisterInterfaces(registry)
		m.RegisterLegacyAminoCodec(amino)
		basics[m.Name()] = m
		modules[m.Name()] = m
	}
}
