// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
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
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

const (
	cupel = 1_000_000
	// honestProviders have Standard bonds, honestRequesters buy of whoever is
	// drawn. They are nearly three times a jury: a smaller class runs out of
	// honest jurors, whatever their tickets.
	honestProviders, honestRequesters = 60, 20
	honestBond                        = 4_000 * cupel
	// fortune is what every account but a provider's starts with.
	fortune = 100_000_000 * cupel

	sound, unsound = "wasm/v1-amd64", "container/v1"
	// ask is a price per 10^9 fuel; a task may use 10^9 and uses half of it.
	ask, ceiling = 2 * cupel, 5 * cupel / 2
	limit, used  = 1_000_000_000, 500_000_000
	// costBps of its honest price is what a run costs who runs it.
	costBps = 5_000
)

// identity is a provider: one of the honest, or one of the bot's.
type identity struct {
	id                    uint32
	operator, hot, payout sdk.AccAddress
	salt                  []byte
	bond                  uint64
	standing              string
	bot                   bool
	// spent is set by a bot that will not use the identity again, lost if it may
	// take nothing new.
	spent, lost bool
	// retired is set when it left the active ones.
	retired bool
	// unbonded is set once it has taken out what it could.
	unbonded bool
	// busy is the attack that a patient identity waits for; 0 for none.
	busy uint64
}

func addr(name string) sdk.AccAddress {
	sum := sha256.Sum256([]byte(name))
	return sum[:20]
}

func (w *world) newIdentity(bond uint64, standing string, isBot bool) *identity {
	id := uint32(len(w.people)) + 1
	salt := sha256.Sum256(fmt.Appendf(nil, "salt %d", id))
	who := &identity{
		id: id, operator: addr(fmt.Sprintf("operator %d", id)), hot: addr(fmt.Sprintf("hot %d", id)),
		payout: addr(fmt.Sprintf("payout %d", id)), salt: salt[:], bond: bond, standing: standing, bot: isBot,
	}
	w.people = append(w.people, who)
	return who
}

// populate names everybody who is there from genesis on.
func (w *world) populate() error {
	for i := range honestAttestors + w.bot.attestors {
		if err := w.newAttestor(i >= honestAttestors); err != nil {
			return err
		}
	}
	levels := []string{"trusted", "established", "new", "trusted"}
	if w.bot.strangers {
		levels = []string{""}
	}
	for i := range honestProviders {
		w.newIdentity(honestBond, levels[i%len(levels)], false)
	}
	for i := range honestRequesters {
		w.requesters = append(w.requesters, addr(fmt.Sprintf("requester %d", i)))
	}
	for i := range 5 {
		w.rivals = append(w.rivals, addr(fmt.Sprintf("rival %d", i)))
	}
	for _, n := range w.bot.bonds {
		w.newIdentity(n.bond, n.standing, true)
	}
	return nil
}

// genesis returns the default genesis with a validator, funded accounts,
// providers, what is known of them, and a class in which results prove nothing.
func (w *world) genesis() (map[string]json.RawMessage, error) {
	genesis := w.app.DefaultGenesis()
	staking, err := w.staking()
	if err != nil {
		return nil, err
	}
	var bank banktypes.GenesisState
	w.app.AppCodec().MustUnmarshalJSON(genesis[banktypes.ModuleName], &bank)
	bank.Balances = w.balances()
	for name, state := range map[string]proto.Message{
		stakingtypes.ModuleName:    staking,
		banktypes.ModuleName:       &bank,
		registrytypes.ModuleName:   w.registry(),
		reputationtypes.ModuleName: w.reputation(),
	} {
		if genesis[name], err = w.app.AppCodec().MarshalJSON(state); err != nil {
			return nil, fmt.Errorf("genesis of %s: %w", name, err)
		}
	}
	return genesis, nil
}

func (w *world) staking() (*stakingtypes.GenesisState, error) {
	var validators []stakingtypes.Validator
	var delegations []stakingtypes.Delegation
	for i, a := range w.attestors {
		key, err := cryptocodec.FromCmtPubKeyInterface(a.consensus)
		if err != nil {
			return nil, err
		}
		operator := sdk.ValAddress(a.operator).String()
		v, err := stakingtypes.NewValidator(operator, key, stakingtypes.Description{Moniker: fmt.Sprint(i)})
		if err != nil {
			return nil, err
		}
		v.Tokens = sdkmath.NewInt(attestorStake)
		v.DelegatorShares = v.Tokens.ToLegacyDec()
		validators = append(validators, v)
		delegations = append(delegations, stakingtypes.NewDelegation(a.operator.String(), operator, v.DelegatorShares))
	}
	return stakingtypes.NewGenesisState(stakingtypes.DefaultParams(), validators, delegations), nil
}

func (w *world) balances() []banktypes.Balance {
	coins := func(amount sdkmath.Int) sdk.Coins { return sdk.NewCoins(sdk.NewCoin(app.BaseDenom, amount)) }
	bonds := uint64(0)
	for _, p := range w.people {
		bonds += p.bond
	}
	balances := []banktypes.Balance{
		{Address: authtypes.NewModuleAddress(stakingtypes.NotBondedPoolName).String(), Coins: coins(sdkmath.NewInt(attestorStake * int64(len(w.attestors))))},
		{Address: authtypes.NewModuleAddress(registrytypes.ModuleName).String(), Coins: coins(sdkmath.NewIntFromUint64(bonds))},
	}
	accounts := append(append([]sdk.AccAddress{botPurse}, w.requesters...), w.rivals...)
	for _, p := range w.people {
		if !p.bot { // for the bonds of appeals
			accounts = append(accounts, p.operator)
		}
	}
	for _, a := range accounts {
		balances = append(balances, banktypes.Balance{Address: a.String(), Coins: coins(sdkmath.NewInt(fortune))})
	}
	return balances
}

func profile(p *identity) (region, endpoint string, resources []registrytypes.Resource) {
	return "eu-west", fmt.Sprintf("http://p%d.example.com:8080", p.id), []registrytypes.Resource{
		{Class: sound, Count: 4096, Price: ask}, {Class: unsound, Count: 4096, Price: ask},
	}
}

func (w *world) registry() *registrytypes.GenesisState {
	genesis := registrytypes.DefaultGenesis()
	genesis.Classes = append(genesis.Classes, registrytypes.Class{Id: 2, Name: unsound, Unit: registrytypes.UnitFuel})
	for _, p := range w.people {
		region, endpoint, resources := profile(p)
		genesis.Providers = append(genesis.Providers, registrytypes.Provider{
			Id: p.id, Operator: p.operator.String(), Worker: p.hot.String(), Payout: p.payout.String(),
			Status: registrytypes.ProviderActive, Bond: p.bond, Region: region, Endpoint: endpoint, Resources: resources,
		})
		genesis.Loads = append(genesis.Loads, registrytypes.Load{})
	}
	return genesis
}

// reputation gives every provider the past that its standing asks for: what a
// bot spent on its own is not counted against it.
func (w *world) reputation() *reputationtypes.GenesisState {
	genesis := reputationtypes.DefaultGenesis()
	now := uint64(w.now.Unix())
	for _, p := range w.people {
		r := reputationtypes.Record{Provider: p.id, Class: 1, Updated: now}
		switch p.standing {
		case "trusted":
			r.Counted, r.Successes = 1_000, 1_000*cupel
		case "established":
			r.Counted, r.Successes = 100, 100*cupel
		case "new":
			r.Counted, r.Successes = 10, cupel
		default:
			continue // a stranger has no record
		}
		r.Score = genesis.Params.Score(r, now)
		genesis.Records = append(genesis.Records, r)
	}
	return genesis
}

// gross is what a run of a task with the usual units costs at the ask price.
func gross(units uint64) uint64 {
	amount, err := markettypes.Gross(ask, units, 1_000_000_000)
	if err != nil {
		panic(err)
	}
	return amount
}
