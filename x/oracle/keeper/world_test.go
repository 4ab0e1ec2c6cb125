// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"cosmossdk.io/log"
	sdkmath "cosmossdk.io/math"
	storetypes "cosmossdk.io/store/types"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	moduletestutil "github.com/cosmos/cosmos-sdk/types/module/testutil"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/cupel-network/cupel/x/oracle"
	"github.com/cupel-network/cupel/x/oracle/keeper"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const testChainID = "cupel-test-1"

func TestMain(m *testing.M) {
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount("cupel", "cupelpub")
	config.SetBech32PrefixForValidator("cupelvaloper", "cupelvaloperpub")
	config.SetBech32PrefixForConsensusNode("cupelvalcons", "cupelvalconspub")
	os.Exit(m.Run())
}

// validator is a validator with the key of an attestor and its hot account.
type validator struct {
	operator, account sdk.AccAddress
	consensus         sdk.ConsAddress
	key               *secp256k1.PrivateKey
}

func (v validator) address() checkpoint.Address { return checkpoint.KeyAddress(v.key.PubKey()) }

// world is x/oracle on the SDK's own accounts, bank, staking and slashing.
type world struct {
	*fixture
	domain   checkpoint.Domain
	accounts authkeeper.AccountKeeper
	bank     bankkeeper.BaseKeeper
	staking  *stakingkeeper.Keeper
	slashing slashingkeeper.Keeper
	breaker  breaker
	vals     []validator
	tasks    uint64
}

// breaker is the circuit breaker of a world.
type breaker struct{ tripped bool }

// IsAllowed implements types.CircuitKeeper.
func (b *breaker) IsAllowed(context.Context, string) (bool, error) { return !b.tripped, nil }

// emptyWorld is a world before the genesis of x/oracle.
func emptyWorld(t testing.TB) *world {
	t.Helper()
	names := []string{authtypes.StoreKey, banktypes.StoreKey, stakingtypes.StoreKey, slashingtypes.StoreKey, types.StoreKey}
	keys := storetypes.NewKVStoreKeys(names...)
	cdc := moduletestutil.MakeTestEncodingConfig(oracle.AppModule{})
	authtypes.RegisterInterfaces(cdc.InterfaceRegistry)
	stakingtypes.RegisterInterfaces(cdc.InterfaceRegistry)
	accountCodec, authority := address.NewBech32Codec("cupel"), authority.String()
	permissions := map[string][]string{
		minttypes.ModuleName:           {authtypes.Minter},
		stakingtypes.BondedPoolName:    {authtypes.Burner, authtypes.Staking},
		stakingtypes.NotBondedPoolName: {authtypes.Burner, authtypes.Staking},
	}
	w := &world{domain: checkpoint.NewDomain(testChainID)}
	w.accounts = authkeeper.NewAccountKeeper(cdc.Codec, runtime.NewKVStoreService(keys[authtypes.StoreKey]), authtypes.ProtoBaseAccount, permissions, accountCodec, "cupel", authority)
	blocked := map[string]bool{authtypes.NewModuleAddress(minttypes.ModuleName).String(): true}
	w.bank = bankkeeper.NewBaseKeeper(cdc.Codec, runtime.NewKVStoreService(keys[banktypes.StoreKey]), w.accounts, blocked, authority, log.NewNopLogger())
	w.staking = stakingkeeper.NewKeeper(cdc.Codec, runtime.NewKVStoreService(keys[stakingtypes.StoreKey]), w.accounts, w.bank, authority,
		address.NewBech32Codec("cupelvaloper"), address.NewBech32Codec("cupelvalcons"))
	w.slashing = slashingkeeper.NewKeeper(cdc.Codec, cdc.Amino, runtime.NewKVStoreService(keys[slashingtypes.StoreKey]), w.staking, authority)
	w.staking.SetHooks(w.slashing.Hooks())
	k := keeper.NewKeeper(runtime.NewKVStoreService(keys[types.StoreKey]), cdc.Codec, accountCodec, runtime.EventService{}, keeper.Keepers{
		Staking: w.staking, Slashing: w.slashing, Accounts: w.accounts, Bank: w.bank, Circuit: &w.breaker,
	}, sdk.AccAddress("authority___________"))
	ctx := testutil.DefaultContextWithKeys(keys, nil, nil).WithChainID(testChainID).WithBlockHeight(1).
		WithBlockTime(time.Unix(1_800_000_000, 0).UTC()).WithHeaderHash(blockID(1))
	w.fixture = &fixture{ctx: ctx, k: k, msgs: keeper.NewMsgServer(k), reads: keeper.NewQueryServer(k)}
	require.NoError(t, w.accounts.Params.Set(ctx, authtypes.DefaultParams()))
	require.NoError(t, w.staking.SetParams(ctx, stakingtypes.DefaultParams()))
	require.NoError(t, w.slashing.SetParams(ctx, slashingtypes.DefaultParams()))
	return w
}

// shortParams make a checkpoint every 5 blocks, with a grace of 3.
func shortParams() types.Params {
	p := types.DefaultParams()
	p.CheckpointBlocks, p.GraceBlocks, p.MaxMissed = 5, 3, 4
	return p
}

// newWorld starts with bonded validators of these powers that do not attest.
func newWorld(t *testing.T, powers ...int64) *world {
	t.Helper()
	w := emptyWorld(t)
	w.t = t
	genesis := types.DefaultGenesis()
	genesis.Params = shortParams()
	require.NoError(t, w.k.InitGenesis(w.ctx, *genesis))
	for _, power := range powers {
		w.addValidator(power)
	}
	w.next()
	return w
}

// attesting is a world whose validators attest; set 1 is formed.
func attesting(t *testing.T, powers ...int64) *world {
	t.Helper()
	w := newWorld(t, powers...)
	for i := range w.vals {
		require.NoError(t, w.register(i))
	}
	w.until("set 1", func() bool { return w.line().SetId == 1 })
	return w
}

func named(format string, args ...any) sdk.AccAddress {
	return sdk.AccAddress(fmt.Sprintf("%-20s", fmt.Sprintf(format, args...)))
}

func newKey(format string, args ...any) *secp256k1.PrivateKey {
	seed := checkpoint.Keccak256([]byte(fmt.Sprintf(format, args...)))
	return secp256k1.PrivKeyFromBytes(seed[:])
}

func stake(power int64) sdk.Coin {
	return sdk.NewCoin(sdk.DefaultBondDenom, sdk.TokensFromConsensusPower(power, sdk.DefaultPowerReduction))
}

func (w *world) fund(to sdk.AccAddress, power int64) {
	w.t.Helper()
	require.NoError(w.t, w.bank.MintCoins(w.ctx, minttypes.ModuleName, sdk.NewCoins(stake(power))))
	require.NoError(w.t, w.bank.SendCoinsFromModuleToAccount(w.ctx, minttypes.ModuleName, to, sdk.NewCoins(stake(power))))
}

// addValidator creates a validator that will be bonded at the end of the block.
func (w *world) addValidator(power int64) {
	w.t.Helper()
	n := len(w.vals)
	consensus := ed25519.GenPrivKeyFromSecret([]byte(fmt.Sprint("consensus", n))).PubKey()
	v := validator{
		operator: named("operator%d", n), account: named("hot%d", n), key: newKey("attestor%d", n),
		consensus: sdk.ConsAddress(consensus.Address()),
	}
	w.fund(v.operator, power)
	msg, err := stakingtypes.NewMsgCreateValidator(sdk.ValAddress(v.operator).String(), consensus, stake(power),
		stakingtypes.NewDescription("v", "", "", "", ""), stakingtypes.NewCommissionRates(sdkmath.LegacyZeroDec(), sdkmath.LegacyZeroDec(), sdkmath.LegacyZeroDec()), sdkmath.OneInt())
	require.NoError(w.t, err)
	_, err = stakingkeeper.NewMsgServerImpl(w.staking).CreateValidator(w.ctx, msg)
	require.NoError(w.t, err)
	w.vals = append(w.vals, v)
}

// delegate adds to the power of a validator.
func (w *world) delegate(i int, power int64) {
	w.t.Helper()
	w.fund(w.vals[i].operator, power)
	_, err := stakingkeeper.NewMsgServerImpl(w.staking).Delegate(w.ctx, stakingtypes.NewMsgDelegate(
		w.vals[i].operator.String(), sdk.ValAddress(w.vals[i].operator).String(), stake(power)))
	require.NoError(w.t, err)
}

// undelegate takes from the power of a validator.
func (w *world) undelegate(i int, power int64) {
	w.t.Helper()
	_, err := stakingkeeper.NewMsgServerImpl(w.staking).Undelegate(w.ctx, stakingtypes.NewMsgUndelegate(
		w.vals[i].operator.String(), sdk.ValAddress(w.vals[i].operator).String(), stake(power)))
	require.NoError(w.t, err)
}

// registration is the valid message of a validator.
func (w *world) registration(i int) *types.MsgRegisterAttestor {
	v := w.vals[i]
	key := v.address()
	possession := checkpoint.Sign(v.key, w.domain.PossessionDigest(v.operator, key))
	return &types.MsgRegisterAttestor{
		Operator: v.operator.String(), Key: key[:], Possession: possession[:], Account: v.account.String(),
	}
}

func (w *world) register(i int) error {
	return w.deliver(func(ctx sdk.Context) error {
		_, err := w.msgs.RegisterAttestor(ctx, w.registration(i))
		return err
	})
}

// rotate gives a validator a new key from the next set on.
func (w *world) rotate(i int, key *secp256k1.PrivateKey) error {
	address := checkpoint.KeyAddress(key.PubKey())
	possession := checkpoint.Sign(key, w.domain.PossessionDigest(w.vals[i].operator, address))
	return w.deliver(func(ctx sdk.Context) error {
		_, err := w.msgs.RotateAttestorKey(ctx, &types.MsgRotateAttestorKey{
			Operator: w.vals[i].operator.String(), Key: address[:], Possession: possession[:],
		})
		return err
	})
}

// deliver runs a message as a transaction does: a failed one leaves no trace.
func (w *world) deliver(message func(ctx sdk.Context) error) error {
	ctx, write := w.ctx.CacheContext()
	err := message(ctx)
	if err == nil {
		write()
	}
	return err
}

// attestation signs the chain's header of a nonce.
func (w *world) attestation(key *secp256k1.PrivateKey, nonce uint64) types.Attestation {
	w.t.Helper()
	signature := checkpoint.Sign(key, w.domain.Digest(w.header(nonce)))
	return types.Attestation{Nonce: nonce, Signature: signature[:]}
}

// attest sends the signatures of a validator's key.
func (w *world) attest(i int, nonces ...uint64) error {
	w.t.Helper()
	msg := &types.MsgAttest{Account: w.vals[i].account.String()}
	for _, nonce := range nonces {
		msg.Attestations = append(msg.Attestations, w.attestation(w.vals[i].key, nonce))
	}
	return w.send(msg)
}

func (w *world) send(msg *types.MsgAttest) error {
	return w.deliver(func(ctx sdk.Context) error {
		_, err := w.msgs.Attest(ctx, msg)
		return err
	})
}

// attestAll lets validators sign a header.
func (w *world) attestAll(nonce uint64, vals ...int) {
	w.t.Helper()
	for _, i := range vals {
		require.NoError(w.t, w.attest(i, nonce), "validator %d", i)
	}
}

// settle adds leaves of new tasks.
func (w *world) settle(n int) {
	w.t.Helper()
	settled := make([]types.Settled, n)
	for i := range settled {
		w.tasks++
		settled[i] = types.Settled{Task: w.tasks, Leaf: checkpoint.Keccak256([]byte(fmt.Sprint("leaf", w.tasks)))}
	}
	require.NoError(w.t, w.k.AddLeaves(w.ctx, settled))
}

// next ends the block and begins the next one, a second later.
func (w *world) next() {
	w.t.Helper()
	_, err := w.staking.EndBlocker(w.ctx)
	require.NoError(w.t, err)
	require.NoError(w.t, w.k.EndBlock(w.ctx))
	height := w.ctx.BlockHeight() + 1
	w.ctx = w.ctx.WithBlockHeight(height).WithHeaderHash(blockID(height)).
		WithBlockTime(w.ctx.BlockTime().Add(time.Second)).WithEventManager(sdk.NewEventManager())
	require.NoError(w.t, w.k.BeginBlock(w.ctx))
}

func (w *world) nexts(n int) {
	w.t.Helper()
	for range n {
		w.next()
	}
	require.NoError(w.t, w.k.CheckInvariants(w.ctx))
}

// until makes blocks until something is so.
func (w *world) until(what string, done func() bool) {
	w.t.Helper()
	for range 50 {
		if done() {
			require.NoError(w.t, w.k.CheckInvariants(w.ctx))
			return
		}
		w.next()
	}
	require.Fail(w.t, "never: "+what)
}

// checkpointed settles leaves and waits for their checkpoint.
func (w *world) checkpointed(leaves int) uint64 {
	w.t.Helper()
	nonce := w.line().LastNonce + 1
	w.settle(leaves)
	w.until("a checkpoint", func() bool { return w.line().LastNonce >= nonce })
	return w.line().LastNonce
}

func (w *world) line() types.Line {
	w.t.Helper()
	line, err := w.k.Line.Get(w.ctx)
	require.NoError(w.t, err)
	return line
}

func (w *world) checkpoint(nonce uint64) types.Checkpoint {
	w.t.Helper()
	c, err := w.k.Checkpoints.Get(w.ctx, nonce)
	require.NoError(w.t, err)
	return c
}

func (w *world) header(nonce uint64) checkpoint.Header {
	w.t.Helper()
	header, err := w.checkpoint(nonce).Header.Decode()
	require.NoError(w.t, err)
	return header
}

func (w *world) attestor(i int) types.Attestor {
	w.t.Helper()
	attestor, err := w.k.Attestor(w.ctx, w.vals[i].operator)
	require.NoError(w.t, err)
	return attestor
}

func (w *world) tokens(i int) int64 {
	w.t.Helper()
	v, err := w.staking.GetValidator(w.ctx, sdk.ValAddress(w.vals[i].operator))
	require.NoError(w.t, err)
	return v.Tokens.Int64()
}

// setTokens changes what a validator has behind the back of everybody.
func (w *world) setTokens(i int, tokens int64) {
	w.t.Helper()
	v, err := w.staking.GetValidator(w.ctx, sdk.ValAddress(w.vals[i].operator))
	require.NoError(w.t, err)
	v.Tokens = sdkmath.NewInt(tokens)
	require.NoError(w.t, w.staking.SetValidator(w.ctx, v))
}

func (w *world) setParams(edit func(*types.Params)) {
	w.t.Helper()
	params, err := w.k.Params.Get(w.ctx)
	require.NoError(w.t, err)
	edit(&params)
	_, err = w.msgs.UpdateParams(w.ctx, &types.MsgUpdateParams{Authority: authority.String(), Params: params})
	require.NoError(w.t, err)
}
