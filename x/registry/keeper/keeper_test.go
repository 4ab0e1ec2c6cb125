// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"
	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"

	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/cupel-network/cupel/x/registry/keeper"
	"github.com/cupel-network/cupel/x/registry/types"
)

const (
	cupel   = uint64(1_000_000)
	wasm    = "wasm/v1-amd64"
	gpu     = "nvidia/h100-80gb"
	ageKey  = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
	balance = 1_000_000 * cupel
)

var (
	alice, aliceHot = addr("alice"), addr("alice worker")
	bob, bobHot     = addr("bob"), addr("bob worker")
	poor, vault     = addr("poor"), addr("vault")
	gov             = addr("gov")
)

var addresses = addresscodec.NewBech32Codec("cupel")

// addr returns an address of 20 bytes that begins with a name.
func addr(name string) sdk.AccAddress {
	return sdk.AccAddress(append([]byte(name), bytes.Repeat([]byte{'.'}, 20-len(name))...))
}

func text(a sdk.AccAddress) string {
	s, err := addresses.BytesToString(a)
	if err != nil {
		panic(err)
	}
	return s
}

func coin(amount uint64) sdk.Coin {
	return sdk.Coin{Denom: types.Denom, Amount: sdkmath.NewIntFromUint64(amount)}
}

// bank is a ledger of ucupel in the same store as the module, so that a failed
// message leaves it as it was.
type bank struct {
	balances collections.Map[[]byte, uint64]
	blocked  map[string]bool
	// refuse fails or panics for recipients of a test's choice.
	refuse func(recipient sdk.AccAddress) error
}

func (b *bank) GetBalance(ctx context.Context, a sdk.AccAddress, denom string) sdk.Coin {
	amount, err := b.balances.Get(ctx, a)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		panic(err)
	}
	return sdk.NewCoin(denom, sdkmath.NewIntFromUint64(amount))
}

func (b *bank) BlockedAddr(a sdk.AccAddress) bool { return b.blocked[string(a)] }

func (b *bank) SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, to string, amt sdk.Coins) error {
	return b.move(ctx, from, authtypes.NewModuleAddress(to), amt)
}

func (b *bank) SendCoinsFromModuleToAccount(ctx context.Context, from string, to sdk.AccAddress, amt sdk.Coins) error {
	return b.move(ctx, authtypes.NewModuleAddress(from), to, amt)
}

func (b *bank) SendCoinsFromModuleToModule(ctx context.Context, from, to string, amt sdk.Coins) error {
	return b.move(ctx, authtypes.NewModuleAddress(from), authtypes.NewModuleAddress(to), amt)
}

func (b *bank) move(ctx context.Context, from, to sdk.AccAddress, amt sdk.Coins) error {
	if b.refuse != nil {
		if err := b.refuse(to); err != nil {
			return err
		}
	}
	if len(amt) != 1 || amt[0].Denom != types.Denom {
		return fmt.Errorf("unexpected coins %s", amt)
	}
	amount, has := amt.AmountOf(types.Denom).Uint64(), b.GetBalance(ctx, from, types.Denom).Amount.Uint64()
	if has < amount {
		return sdkerrors.ErrInsufficientFunds
	}
	if err := b.balances.Set(ctx, from, has-amount); err != nil {
		return err
	}
	return b.balances.Set(ctx, to, b.GetBalance(ctx, to, types.Denom).Amount.Uint64()+amount)
}

// fixture is the module over a memory store and a ledger.
type fixture struct {
	t       require.TestingT
	ctx     sdk.Context
	bank    *bank
	k       *keeper.Keeper
	msgs    types.MsgServer
	queries types.QueryServer
}

// newFixture starts from the default genesis and a second class; alice and bob
// hold coins.
func newFixture(t require.TestingT) *fixture {
	f := emptyFixture(t)
	genesis := types.DefaultGenesis()
	genesis.Classes = append(genesis.Classes, types.Class{Id: 2, Name: gpu, Unit: types.UnitSecond})
	require.NoError(t, f.k.InitGenesis(f.ctx, genesis))
	f.fund(alice, balance)
	f.fund(bob, balance)
	f.fund(poor, 99*cupel)
	return f
}

func emptyFixture(t require.TestingT) *fixture {
	key, bankKey := storetypes.NewKVStoreKey(types.StoreKey), storetypes.NewKVStoreKey("bank")
	ctx := testutil.DefaultContextWithKeys(map[string]*storetypes.KVStoreKey{types.StoreKey: key, "bank": bankKey}, nil, nil)
	sb := collections.NewSchemaBuilder(runtime.NewKVStoreService(bankKey))
	b := &bank{
		balances: collections.NewMap(sb, collections.NewPrefix(0), "balances", collections.BytesKey, collections.Uint64Value),
		blocked:  map[string]bool{string(vault): true},
	}
	_, err := sb.Build()
	require.NoError(t, err)
	cdc := codectestutil.CodecOptions{AccAddressPrefix: "cupel"}.NewCodec()
	k := keeper.NewKeeper(runtime.NewKVStoreService(key), cdc, addresses, runtime.EventService{}, b, gov)
	return &fixture{t: t, ctx: ctx, bank: b, k: k, msgs: keeper.NewMsgServer(k), queries: keeper.NewQueryServer(k)}
}

func (f *fixture) fund(a sdk.AccAddress, amount uint64) {
	require.NoError(f.t, f.bank.balances.Set(f.ctx, a, amount))
}

func (f *fixture) has(a sdk.AccAddress) uint64 {
	return f.bank.GetBalance(f.ctx, a, types.Denom).Amount.Uint64()
}

func (f *fixture) bonded() uint64 { return f.has(authtypes.NewModuleAddress(types.ModuleName)) }

// deliver runs a message as a block would: a failed one changes nothing.
func (f *fixture) deliver(message func(ctx context.Context) error) error {
	ctx, write := f.ctx.CacheContext()
	err := message(ctx)
	if err == nil {
		write()
	}
	require.NoError(f.t, f.k.CheckInvariants(f.ctx))
	return err
}

// skip moves the clock on and ends the block.
func (f *fixture) skip(ticks uint64) {
	tick, err := f.k.Tick(f.ctx)
	require.NoError(f.t, err)
	require.NoError(f.t, f.k.Ticks.Set(f.ctx, tick+ticks))
	require.NoError(f.t, f.k.EndBlock(f.ctx))
	require.NoError(f.t, f.k.CheckInvariants(f.ctx))
}

func (f *fixture) provider(id uint32) types.Provider {
	provider, err := f.k.Provider(f.ctx, id)
	require.NoError(f.t, err)
	return provider
}

func (f *fixture) load(id uint32) types.Load {
	load, err := f.k.Load(f.ctx, id)
	require.NoError(f.t, err)
	return load
}

func (f *fixture) setLoad(id uint32, edit func(*types.Load)) {
	load := f.load(id)
	edit(&load)
	require.NoError(f.t, f.k.SetLoad(f.ctx, id, load))
}

// rostered lists the providers that can be drawn in a class.
func (f *fixture) rostered(class uint32) []uint32 {
	entries, err := f.k.Roster(f.ctx, class)
	require.NoError(f.t, err)
	ids := []uint32{}
	for _, entry := range entries {
		ids = append(ids, entry.Provider)
	}
	return ids
}

func registration(operator, worker sdk.AccAddress) types.MsgRegister {
	return types.MsgRegister{
		Operator: text(operator), Worker: text(worker), Payout: text(operator),
		Bond: coin(1_000 * cupel), Region: "eu-west", Endpoint: "https://worker.example.com:8443/artifacts",
		EncryptionKey: ageKey,
		Resources: []types.Resource{
			{Class: wasm, Count: 4, Price: 1_000},
			{Class: gpu, Count: 8, VramMib: 81_559, ComputeCapability: 90, Driver: "550.54.15", Price: 90},
		},
	}
}

// register makes a provider with a bond.
func (f *fixture) register(operator, worker sdk.AccAddress, bond uint64) uint32 {
	msg := registration(operator, worker)
	msg.Bond = coin(bond)
	res, err := f.msgs.Register(f.ctx, &msg)
	require.NoError(f.t, err)
	return res.Provider
}

// msgCase edits one valid message, or the state before it, and says what
// comes of it.
type msgCase[M any] struct {
	given func(*fixture)
	edit  func(*M)
	err   error
}

// runCases sends one message per case to a fresh fixture.
func runCases[M, R any](
	t *testing.T, tests map[string]msgCase[M], given func(*fixture), valid func() M,
	send func(types.MsgServer, context.Context, *M) (R, error), check func(*testing.T, *fixture, M, R),
) {
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			given(f)
			if tc.given != nil {
				tc.given(f)
			}
			msg := valid()
			if tc.edit != nil {
				tc.edit(&msg)
			}
			var res R
			err := f.deliver(func(ctx context.Context) (err error) {
				res, err = send(f.msgs, ctx, &msg)
				return err
			})
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			check(t, f, msg, res)
		})
	}
}

func nothing(*fixture) {}

func hasAlice(f *fixture) { f.register(alice, aliceHot, 1_000*cupel) }
