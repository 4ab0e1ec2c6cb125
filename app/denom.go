// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"
	"sync"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/bank"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

// What makes an address and a coin a Cupel one.
const (
	Bech32Prefix = "cupel"
	CoinType     = 118

	BaseDenom       = "ucupel"
	DisplayDenom    = "CUPEL"
	DisplayExponent = 6
)

var configureOnce sync.Once

// Configure sets the SDK's process-wide address prefixes, coin type and
// staking denom. Calls after the first do nothing.
func Configure() {
	configureOnce.Do(func() {
		sdk.DefaultBondDenom = BaseDenom
		cfg := sdk.GetConfig()
		cfg.SetBech32PrefixForAccount(Bech32Prefix, Bech32Prefix+"pub")
		cfg.SetBech32PrefixForValidator(Bech32Prefix+"valoper", Bech32Prefix+"valoperpub")
		cfg.SetBech32PrefixForConsensusNode(Bech32Prefix+"valcons", Bech32Prefix+"valconspub")
		cfg.SetCoinType(CoinType)
	})
}

// DenomMetadata describes the native coin to wallets and explorers.
func DenomMetadata() banktypes.Metadata {
	return banktypes.Metadata{
		Description: "The coin that pays for compute, fees and security on Cupel.",
		DenomUnits: []*banktypes.DenomUnit{
			{Denom: BaseDenom, Exponent: 0, Aliases: []string{"microcupel"}},
			{Denom: DisplayDenom, Exponent: DisplayExponent},
		},
		Base:    BaseDenom,
		Display: DisplayDenom,
		Name:    "Cupel",
		Symbol:  DisplayDenom,
	}
}

// bankBasics is x/bank with our denom metadata in its default genesis.
type bankBasics struct {
	bank.AppModuleBasic
}

// DefaultGenesis implements module.HasGenesisBasics.
func (bankBasics) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	genesis := banktypes.DefaultGenesisState()
	genesis.DenomMetadata = []banktypes.Metadata{DenomMetadata()}
	return cdc.MustMarshalJSON(genesis)
}
