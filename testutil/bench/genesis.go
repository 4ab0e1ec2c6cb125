// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"

	sdkmath "cosmossdk.io/math"

	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/app"
	"github.com/cupel-network/cupel/testutil/sim"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

const (
	// funds of every account, and the bond of a provider, in ucupel: Enterprise,
	// so that slots do not limit.
	funds = 1_000_000_000_000_000
	bond  = 1_000_000_000_000
	// ask is the price of a provider per 10^9 fuel, ceiling what a requester pays
	// at most. A task uses half of 10^9: it is worth 1 CUPEL and counts.
	ask     = 2_000_000
	ceiling = 2_500_000
	// windowTicks and epochBlocks are short; a draw is judged the first time that
	// it is looked at, as with the default params.
	windowTicks = 72
	epochBlocks = 8
	// power of the only validator.
	power = 1_000_000
	// trusted is the best standing, audited at the floor of 5 %, and fresh that
	// of a provider with five counted tasks, of which a quarter are audited.
	trusted, fresh = "trusted", "new"
	million        = 1_000_000
)

// genesisParams are what a run of the benchmark decides.
type genesisParams struct {
	// retention is how long settled tasks stay, in ticks.
	retention uint64
	// standing is the name of the level in x/reputation that every provider has.
	standing string
}

// genesis returns the default genesis with a validator, funded accounts and
// the providers, who have had their standing since before.
func (n *node) genesis(params genesisParams) (map[string]json.RawMessage, error) {
	genesis := n.app.DefaultGenesis()
	states := map[string]proto.Message{
		authtypes.ModuleName:       n.auth(),
		registrytypes.ModuleName:   n.registry(),
		reputationtypes.ModuleName: n.reputation(params.standing),
		markettypes.ModuleName:     market(params),
		oracletypes.ModuleName:     oracle(),
	}
	staking, err := n.staking()
	if err != nil {
		return nil, err
	}
	states[stakingtypes.ModuleName] = staking
	var bank banktypes.GenesisState
	n.app.AppCodec().MustUnmarshalJSON(genesis[banktypes.ModuleName], &bank)
	bank.Balances = n.balances()
	states[banktypes.ModuleName] = &bank
	for name, state := range states {
		if genesis[name], err = n.app.AppCodec().MarshalJSON(state); err != nil {
			return nil, fmt.Errorf("genesis of %s: %w", name, err)
		}
	}
	return genesis, nil
}

func oracle() *oracletypes.GenesisState {
	genesis := oracletypes.DefaultGenesis()
	genesis.Params.EpochBlocks = epochBlocks
	return genesis
}

func (n *node) auth() *authtypes.GenesisState {
	var accounts []authtypes.GenesisAccount
	for i, a := range n.people.all() {
		accounts = append(accounts, authtypes.NewBaseAccount(a.address, a.key.PubKey(), uint64(i), 0))
	}
	return authtypes.NewGenesisState(authtypes.DefaultParams(), accounts)
}

func (n *node) staking() (*stakingtypes.GenesisState, error) {
	key, err := cryptocodec.FromCmtPubKeyInterface(n.validator)
	if err != nil {
		return nil, err
	}
	operator := sdk.ValAddress(n.people.attestor.operator.address).String()
	validator, err := stakingtypes.NewValidator(operator, key, stakingtypes.Description{Moniker: "one"})
	if err != nil {
		return nil, err
	}
	validator.Tokens = sdk.DefaultPowerReduction.MulRaw(power)
	validator.DelegatorShares = validator.Tokens.ToLegacyDec()
	delegation := stakingtypes.NewDelegation(n.people.attestor.operator.text, operator, validator.DelegatorShares)
	return stakingtypes.NewGenesisState(stakingtypes.DefaultParams(),
		[]stakingtypes.Validator{validator}, []stakingtypes.Delegation{delegation}), nil
}

func (n *node) balances() []banktypes.Balance {
	coins := func(amount sdkmath.Int) sdk.Coins { return sdk.NewCoins(sdk.NewCoin(app.BaseDenom, amount)) }
	balances := []banktypes.Balance{
		{
			Address: authtypes.NewModuleAddress(stakingtypes.NotBondedPoolName).String(),
			Coins:   coins(sdk.DefaultPowerReduction.MulRaw(power)),
		},
		{
			Address: authtypes.NewModuleAddress(registrytypes.ModuleName).String(),
			Coins:   coins(sdkmath.NewInt(bond).MulRaw(providers)),
		},
	}
	for _, a := range n.people.all() {
		balances = append(balances, banktypes.Balance{Address: a.text, Coins: coins(sdkmath.NewInt(funds))})
	}
	return balances
}

func (n *node) registry() *registrytypes.GenesisState {
	genesis := registrytypes.DefaultGenesis()
	for _, p := range n.people.providers {
		genesis.Providers = append(genesis.Providers, registrytypes.Provider{
			Id: p.id, Operator: p.operator.String(), Worker: p.text, Payout: p.payout.text,
			Status: registrytypes.ProviderActive, Bond: bond, Region: "eu-west",
			Endpoint:  fmt.Sprintf("http://p%d.example.com:8080", p.id),
			Resources: []registrytypes.Resource{{Class: sim.Class, Count: 4096, Price: ask}},
		})
		genesis.Loads = append(genesis.Loads, registrytypes.Load{})
	}
	return genesis
}

// reputation gives every provider a standing. A task weighs next to nothing, so
// that successes are recorded and the standing stays.
func (n *node) reputation(standing string) *reputationtypes.GenesisState {
	genesis := reputationtypes.DefaultGenesis()
	genesis.Params.FullWeight = reputationtypes.MaxFullWeight
	record := reputationtypes.Record{Class: 1, Updated: uint64(n.now.Unix())}
	for _, level := range genesis.Params.Levels {
		if level.Name == standing {
			record.Counted = level.MinCounted
		}
	}
	if standing == trusted {
		record.Successes = 10_000 * million
	}
	record.Score = genesis.Params.Score(record, record.Updated)
	for _, p := range n.people.providers {
		record.Provider = p.id
		genesis.Records = append(genesis.Records, record)
	}
	return genesis
}

// market has budgets that never limit a block and short windows.
func market(params genesisParams) *markettypes.GenesisState {
	genesis := markettypes.DefaultGenesis()
	p := &genesis.Params[0].Params
	p.WindowTicks, p.CommitTicks, p.RevealTicks = windowTicks, 1_000, 1_000
	p.MaxItems, p.MaxLots, p.BlockGas = 100_000, 100_000, 100_000_000_000
	p.RetentionTicks = params.retention
	return genesis
}
