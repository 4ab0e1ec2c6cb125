// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"cosmossdk.io/core/address"
	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/core/event"
	"cosmossdk.io/core/store"
	"cosmossdk.io/depinject"
	"cosmossdk.io/depinject/appconfig"

	"github.com/cosmos/cosmos-sdk/codec"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/cupel-network/cupel/x/registry/keeper"
	"github.com/cupel-network/cupel/x/registry/types"
)

var _ depinject.OnePerModuleType = AppModule{}

// IsOnePerModuleType implements depinject.OnePerModuleType.
func (AppModule) IsOnePerModuleType() {}

func init() {
	appconfig.RegisterModule(&types.Module{}, appconfig.Provide(ProvideModule))
}

// ModuleInputs is what x/registry needs.
type ModuleInputs struct {
	depinject.In

	Config       *types.Module
	StoreService store.KVStoreService
	Cdc          codec.Codec
	AddressCodec address.Codec
	EventService event.Service
	BankKeeper   types.BankKeeper
}

// ModuleOutputs is what x/registry provides.
type ModuleOutputs struct {
	depinject.Out

	Keeper *keeper.Keeper
	Module appmodule.AppModule
}

// ProvideModule builds the module. An empty authority means x/gov.
func ProvideModule(in ModuleInputs) (ModuleOutputs, error) {
	authority := authtypes.NewModuleAddress(govtypes.ModuleName)
	if in.Config.Authority != "" {
		addr, err := in.AddressCodec.StringToBytes(in.Config.Authority)
		if err != nil {
			return ModuleOutputs{}, err
		}
		authority = addr
	}
	k := keeper.NewKeeper(in.StoreService, in.Cdc, in.AddressCodec, in.EventService, in.BankKeeper, authority)
	return ModuleOutputs{Keeper: k, Module: NewAppModule(k, in.AddressCodec)}, nil
}
