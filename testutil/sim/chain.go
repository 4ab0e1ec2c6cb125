// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"

	"cosmossdk.io/collections"
	"cosmossdk.io/log"
	"cosmossdk.io/store"
	"cosmossdk.io/store/metrics"
	storetypes "cosmossdk.io/store/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	dbm "github.com/cosmos/cosmos-db"
	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	"github.com/cosmos/cosmos-sdk/runtime"
	sdk "github.com/cosmos/cosmos-sdk/types"

	marketkeeper "github.com/cupel-network/cupel/x/market/keeper"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	oraclekeeper "github.com/cupel-network/cupel/x/oracle/keeper"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
	reputationkeeper "github.com/cupel-network/cupel/x/reputation/keeper"
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

// Constants of every simulated chain.
const (
	ChainID = "cupel-sim-1"
	Class   = "wasm/v1-amd64"
	Denom   = markettypes.BaseDenom
	// CUPEL is one coin in base units.
	CUPEL = uint64(1_000_000)
)

// Addresses is the codec of account addresses.
var Addresses = addresscodec.NewBech32Codec("cupel")

// Gov may send the messages of governance.
var Gov = Addr("gov")

// Addr returns an address of 20 bytes that begins with a name.
func Addr(name string) sdk.AccAddress {
	if len(name) > 20 {
		sum := sha256.Sum256([]byte(name))
		return sum[:20]
	}
	return append([]byte(name), bytes.Repeat([]byte{'.'}, 20-len(name))...)
}

// Text returns the bech32 form of an address.
func Text(a sdk.AccAddress) string {
	s, err := Addresses.BytesToString(a)
	if err != nil {
		panic(err)
	}
	return s
}

// Genesis is the state that a chain starts from.
type Genesis struct {
	Registry   *registrytypes.GenesisState
	Oracle     *oracletypes.GenesisState
	Reputation *reputationtypes.GenesisState
	Market     *markettypes.GenesisState
}

// DefaultGenesis returns the default states of the modules.
func DefaultGenesis() Genesis {
	return Genesis{registrytypes.DefaultGenesis(), oracletypes.DefaultGenesis(), reputationtypes.DefaultGenesis(), markettypes.DefaultGenesis()}
}

// Params returns the market params of the genesis, to be edited.
func (g Genesis) Params() *markettypes.Params { return &g.Market.Params[0].Params }

// Circuit is a breaker with one switch per message.
type Circuit map[string]bool

// IsAllowed implements the market's circuit breaker.
func (c Circuit) IsAllowed(_ context.Context, url string) (bool, error) { return !c[url], nil }

// Chain is the four modules over a memory store.
type Chain struct {
	Ctx        sdk.Context
	Bank       *Bank
	Tripped    Circuit
	Registry   *registrykeeper.Keeper
	Oracle     *oraclekeeper.Keeper
	Reputation *reputationkeeper.Keeper
	Market     *marketkeeper.Keeper
	// Workers act after every block, in order.
	Workers []*Worker
	// BlockTime is the time between blocks.
	BlockTime time.Duration
}

var storeKeys = []string{"bank", registrytypes.StoreKey, oracletypes.StoreKey, reputationtypes.StoreKey, markettypes.StoreKey}

// Empty returns a chain before its genesis.
func Empty() *Chain {
	keys := make(map[string]*storetypes.KVStoreKey, len(storeKeys))
	for _, name := range storeKeys {
		keys[name] = storetypes.NewKVStoreKey(name)
	}
	sb := collections.NewSchemaBuilder(runtime.NewKVStoreService(keys["bank"]))
	bank := &Bank{
		balances: collections.NewMap(sb, collections.NewPrefix(0), "balances", collections.PairKeyCodec(collections.BytesKey, collections.StringKey), collections.Uint64Value),
		supply:   collections.NewMap(sb, collections.NewPrefix(1), "supply", collections.StringKey, collections.Uint64Value),
		Blocked:  map[string]bool{},
	}
	if _, err := sb.Build(); err != nil {
		panic(err)
	}
	passing := storetypes.NewTransientStoreKey("transient_market")
	cdc := codectestutil.CodecOptions{AccAddressPrefix: "cupel"}.NewCodec()
	events := runtime.EventService{}
	c := &Chain{Bank: bank, Tripped: Circuit{}, BlockTime: time.Second}
	c.Ctx = sdk.NewContext(stores(keys, passing), cmtproto.Header{}, false, log.NewNopLogger()).WithChainID(ChainID).
		WithBlockHeight(1).WithBlockTime(time.Unix(1_800_000_000, 0).UTC()).WithHeaderHash(make([]byte, 32))
	c.Registry = registrykeeper.NewKeeper(runtime.NewKVStoreService(keys[registrytypes.StoreKey]), cdc, Addresses, events, bank, Gov)
	c.Oracle = oraclekeeper.NewKeeper(runtime.NewKVStoreService(keys[oracletypes.StoreKey]), cdc, Addresses, events, oraclekeeper.Keepers{
		Staking: validators{}, Slashing: validators{}, Accounts: validators{}, Bank: validators{}, Treasury: bank,
	}, Gov)
	c.Reputation = reputationkeeper.NewKeeper(runtime.NewKVStoreService(keys[reputationtypes.StoreKey]), cdc, Addresses, events, Gov)
	c.Market = marketkeeper.NewKeeper(runtime.NewKVStoreService(keys[markettypes.StoreKey]), runtime.NewTransientStoreService(passing), cdc, Addresses, events, marketkeeper.Keepers{
		Bank: bank, Treasury: bank, Circuit: c.Tripped, Registry: c.Registry, Oracle: c.Oracle, Reputation: c.Reputation,
	}, Gov)
	return c
}

// stores mounts the trees of the modules in memory.
func stores(keys map[string]*storetypes.KVStoreKey, passing *storetypes.TransientStoreKey) storetypes.CommitMultiStore {
	multi := store.NewCommitMultiStore(dbm.NewMemDB(), log.NewNopLogger(), metrics.NewNoOpMetrics())
	for _, name := range storeKeys {
		multi.MountStoreWithDB(keys[name], storetypes.StoreTypeIAVL, nil)
	}
	multi.MountStoreWithDB(passing, storetypes.StoreTypeTransient, nil)
	if err := multi.LoadLatestVersion(); err != nil {
		panic(err)
	}
	return multi
}

// Commit saves a version of the trees, as a node does after every block. A
// simulated chain needs it only where the cost of reading matters.
func (c *Chain) Commit() {
	stores, ok := c.Ctx.MultiStore().(storetypes.CommitMultiStore)
	if !ok {
		panic("the chain's context is a branch")
	}
	stores.Commit()
}

// New returns a chain that starts from the default genesis with edits.
func New(edits ...func(Genesis)) (*Chain, error) {
	g := DefaultGenesis()
	for _, edit := range edits {
		edit(g)
	}
	c := Empty()
	if err := c.Init(g); err != nil {
		return nil, err
	}
	return c, c.Block()
}

// Init writes a genesis.
func (c *Chain) Init(g Genesis) error {
	if err := c.Registry.InitGenesis(c.Ctx, g.Registry); err != nil {
		return err
	}
	if err := c.Oracle.InitGenesis(c.Ctx, *g.Oracle); err != nil {
		return err
	}
	if err := c.Reputation.InitGenesis(c.Ctx, *g.Reputation); err != nil {
		return err
	}
	return c.Market.InitGenesis(c.Ctx, *g.Market)
}

// Block ends the current block, lets the workers act in the next one, and
// checks nothing: see Check.
func (c *Chain) Block() error {
	for _, end := range []func(context.Context) error{c.Registry.EndBlock, c.Reputation.EndBlock, c.Market.EndBlock, c.Oracle.EndBlock} {
		if err := end(c.Ctx); err != nil {
			return err
		}
	}
	height := c.Ctx.BlockHeight() + 1
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], uint64(height))
	hash := sha256.Sum256(append(number[:], ChainID...))
	c.Ctx = c.Ctx.WithBlockHeight(height).WithBlockTime(c.Ctx.BlockTime().Add(c.BlockTime)).WithHeaderHash(hash[:]).
		WithEventManager(sdk.NewEventManager())
	for _, begin := range []func(context.Context) error{c.Market.BeginBlock, c.Oracle.BeginBlock} {
		if err := begin(c.Ctx); err != nil {
			return err
		}
	}
	for _, w := range c.Workers {
		if err := w.act(c); err != nil {
			return err
		}
	}
	return nil
}

// Blocks runs n blocks and checks the invariants after each.
func (c *Chain) Blocks(n int) error {
	for range n {
		if err := c.Block(); err != nil {
			return err
		}
		if err := c.Check(); err != nil {
			return err
		}
	}
	return nil
}

// Until runs blocks until done, at most limit, and checks the invariants.
func (c *Chain) Until(limit int, done func() (bool, error)) (bool, error) {
	for range limit {
		if ok, err := done(); err != nil || ok {
			return ok, err
		}
		if err := c.Blocks(1); err != nil {
			return false, err
		}
	}
	return done()
}

// Check runs the invariants of all modules.
func (c *Chain) Check() error {
	for _, check := range []func(context.Context) error{
		c.Registry.CheckInvariants, c.Oracle.CheckInvariants, c.Reputation.CheckInvariants, c.Market.CheckInvariants,
	} {
		if err := check(c.Ctx); err != nil {
			return err
		}
	}
	return nil
}

// Deliver runs a message: a failed one changes nothing.
func (c *Chain) Deliver(message func(ctx context.Context) error) error {
	ctx, write := c.Ctx.CacheContext()
	if err := message(ctx); err != nil {
		return err
	}
	write()
	return nil
}

// Msgs is the market's message service.
func (c *Chain) Msgs() markettypes.MsgServer { return marketkeeper.NewMsgServer(c.Market) }

// Query is the market's query service.
func (c *Chain) Query() markettypes.QueryServer { return marketkeeper.NewQueryServer(c.Market) }

// Balance returns the base units of ucupel that an account holds.
func (c *Chain) Balance(a sdk.AccAddress) uint64 {
	return c.Bank.GetBalance(c.Ctx, a, Denom).Amount.Uint64()
}

// Fund gives an account coins.
func (c *Chain) Fund(a sdk.AccAddress, amount uint64) error {
	return c.Bank.Mint(c.Ctx, a, Denom, amount)
}

// Events returns the events of a kind in the current block.
func (c *Chain) Events(kind string) []sdk.Event {
	var out []sdk.Event
	for _, e := range c.Ctx.EventManager().Events() {
		if strings.HasSuffix(e.Type, kind) {
			out = append(out, e)
		}
	}
	return out
}
