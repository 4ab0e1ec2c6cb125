// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"fmt"

	"cosmossdk.io/core/address"
	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/core/event"
	"cosmossdk.io/core/store"
	"cosmossdk.io/depinject"
	"cosmossdk.io/depinject/appconfig"

	"github.com/cosmos/cosmos-sdk/codec"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/cupel-network/cupel/x/oracle/keeper"
	"github.com/cupel-network/cupel/x/oracle/types"
)

func init() {
	appconfig.RegisterModule(&types.Module{}, appconfig.Provide(ProvideModule))
}

// ModuleInputs is what the app provides to x/oracle.
type ModuleInputs struct {
	depinject.In

	Config       *types.Module
	StoreService store.KVStoreService
	Cdc          codec.Codec
	AddressCodec address.Codec
	EventService event.Service

	StakingKeeper  types.StakingKeeper
	SlashingKeeper types.SlashingKeeper
	AccountKeeper  types.AccountKeeper
	BankKeeper     types.BankKeeper
	// CircuitKeeper is optional: without it no message is ever tripped.
	CircuitKeeper  types.CircuitKeeper `optional:"true"`
	TreasuryKeeper types.TreasuryKeeper
}

// ModuleOutputs is what x/oracle provides to the app.
type ModuleOutputs struct {
	depinject.Out

	Keeper *keeper.Keeper
	Module appmodule.AppModule
}

// ProvideModule builds the keeper and the module. The authority is the account
// that the config names, else the governance module's.
func ProvideModule(in ModuleInputs) (ModuleOutputs, error) {
	authority := authtypes.NewModuleAddress(govtypes.ModuleName)
	if in.Config.Authority != "" {
		named, err := in.AddressCodec.StringToBytes(in.Config.Authority)
		if err != nil {
			return ModuleOutputs{}, fmt.Errorf("authority of x/oracle: %w", err)
		}
		authority = named
	}
	k := keeper.NewKeeper(in.StoreService, in.Cdc, in.AddressCodec, in.EventService, keeper.Keepers{
		Staking: in.StakingKeeper, Slashing: in.SlashingKeeper, Accounts: in.AccountKeeper, Bank: in.BankKeeper, Circuit: in.CircuitKeeper, Treasury: in.TreasuryKeeper,
	}, authority)
	return ModuleOutputs{Keeper: k, Module: NewAppModule(k)}, nil
}
