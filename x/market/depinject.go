// SPDX-License-Identifier: Apache-2.0

package market

import (
	"cosmossdk.io/core/address"
	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/core/event"
	"cosmossdk.io/core/store"
	"cosmossdk.io/depinject"
	"cosmossdk.io/depinject/appconfig"
	circuitkeeper "cosmossdk.io/x/circuit/keeper"

	"github.com/cosmos/cosmos-sdk/codec"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/cupel-network/cupel/x/market/keeper"
	"github.com/cupel-network/cupel/x/market/types"
)

var _ depinject.OnePerModuleType = AppModule{}

// IsOnePerModuleType implements depinject.OnePerModuleType.
func (AppModule) IsOnePerModuleType() {}

func init() {
	appconfig.RegisterModule(&types.Module{}, appconfig.Provide(ProvideModule))
}

// ModuleInputs is what x/market needs.
type ModuleInputs struct {
	depinject.In

	Config           *types.Module
	StoreService     store.KVStoreService
	TransientService store.TransientStoreService
	Cdc              codec.Codec
	AddressCodec     address.Codec
	EventService     event.Service
	BankKeeper       types.BankKeeper
	TreasuryKeeper   types.TreasuryKeeper
	CircuitKeeper    circuitkeeper.Keeper
	RegistryKeeper   types.RegistryKeeper
	OracleKeeper     types.OracleKeeper
	ReputationKeeper types.ReputationKeeper
}

// ModuleOutputs is what x/market provides.
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
	k := keeper.NewKeeper(in.StoreService, in.TransientService, in.Cdc, in.AddressCodec, in.EventService, keeper.Keepers{
		Bank:       in.BankKeeper,
		Treasury:   in.TreasuryKeeper,
		Circuit:    &in.CircuitKeeper,
		Registry:   in.RegistryKeeper,
		Oracle:     in.OracleKeeper,
		Reputation: in.ReputationKeeper,
	}, authority)
	return ModuleOutputs{Keeper: k, Module: NewAppModule(k)}, nil
}
