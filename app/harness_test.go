// SPDX-License-Identifier: Apache-2.0

package app

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"testing"
	"time"

	"cosmossdk.io/log"
	sdkmath "cosmossdk.io/math"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto"
	cmted25519 "github.com/cometbft/cometbft/crypto/ed25519"
	cryptoenc "github.com/cometbft/cometbft/crypto/encoding"
	cmtcrypto "github.com/cometbft/cometbft/proto/tendermint/crypto"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

const testChainID = "cupel-test-1"

// chain is one node's application, driven block by block.
type chain struct {
	t      testing.TB
	app    *App
	now    time.Time
	signer *secp256k1.PrivKey
	val    cmttypes.Address
	// initial is the height of the first block; 0 is 1.
	initial int64
	// followers execute the same genesis and blocks and must agree with app.
	followers []*node
}

func appOptions(t testing.TB) servertypes.AppOptions {
	t.Helper()
	return simtestutil.AppOptionsMap{flags.FlagHome: t.TempDir()}
}

func newApp(t testing.TB) *App {
	t.Helper()
	app, err := New(log.NewNopLogger(), dbm.NewMemDB(), nil, true, appOptions(t), baseapp.SetChainID(testChainID))
	require.NoError(t, err)
	return app
}

// edit changes the genesis of a chain before it starts.
type edit func(c *chain, genesis map[string]json.RawMessage)

// newChain starts a chain with one validator and one funded account.
func newChain(t testing.TB, edits ...edit) *chain {
	t.Helper()
	c := &chain{
		t: t, app: newApp(t), signer: secp256k1.GenPrivKeyFromSecret([]byte("signer")),
		now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	pub := cmted25519.GenPrivKeyFromSecret([]byte("validator")).PubKey()
	c.val = pub.Address()
	genesis := c.genesis(pub.(cmted25519.PubKey))
	for _, e := range edits {
		e(c, genesis)
	}
	state, err := json.Marshal(genesis)
	require.NoError(t, err)
	c.start(&abci.RequestInitChain{
		ChainId: testChainID, Time: c.now, InitialHeight: 1, AppStateBytes: state,
		ConsensusParams: consensusParams(),
		Validators:      []abci.ValidatorUpdate{{PubKey: validatorKey(c.t, pub), Power: 1}},
	})
	return c
}

func (c *chain) start(request *abci.RequestInitChain) {
	c.t.Helper()
	response, err := c.app.InitChain(request)
	require.NoError(c.t, err)
	for _, n := range c.followers {
		same, err := n.app.InitChain(request)
		require.NoError(c.t, err)
		require.Equal(c.t, response, same)
	}
}

func consensusParams() *cmtproto.ConsensusParams {
	params := ConsensusParams().ToProto()
	return &params
}

// genesis funds the signer and bonds the validator to it.
func (c *chain) genesis(pub cmted25519.PubKey) map[string]json.RawMessage {
	account := authtypes.NewBaseAccount(sdk.AccAddress(c.signer.PubKey().Address()), c.signer.PubKey(), 0, 0)
	genesis := c.app.DefaultGenesis()
	cdc := c.app.AppCodec()
	genesis[authtypes.ModuleName] = cdc.MustMarshalJSON(authtypes.NewGenesisState(authtypes.DefaultParams(), []authtypes.GenesisAccount{account}))

	key, err := cryptocodec.FromCmtPubKeyInterface(pub)
	require.NoError(c.t, err)
	bonded := sdk.DefaultPowerReduction
	validator, err := stakingtypes.NewValidator(sdk.ValAddress(c.val).String(), key, stakingtypes.Description{Moniker: "one"})
	require.NoError(c.t, err)
	// Unbonded: staking bonds it in InitGenesis and tells the hooks.
	validator.Tokens, validator.DelegatorShares = bonded, bonded.ToLegacyDec()
	delegation := stakingtypes.NewDelegation(account.Address, validator.OperatorAddress, bonded.ToLegacyDec())
	genesis[stakingtypes.ModuleName] = cdc.MustMarshalJSON(stakingtypes.NewGenesisState(
		stakingtypes.DefaultParams(), []stakingtypes.Validator{validator}, []stakingtypes.Delegation{delegation}))

	var bank banktypes.GenesisState
	cdc.MustUnmarshalJSON(genesis[banktypes.ModuleName], &bank)
	bank.Balances = []banktypes.Balance{
		{Address: account.Address, Coins: coins(1_000_000_000)},
		{Address: authtypes.NewModuleAddress(stakingtypes.NotBondedPoolName).String(), Coins: sdk.NewCoins(sdk.NewCoin(BaseDenom, bonded))},
	}
	genesis[banktypes.ModuleName] = cdc.MustMarshalJSON(&bank)
	return genesis
}

// block finalizes and commits one block and returns what its transactions gave.
func (c *chain) block(txs ...[]byte) *abci.ResponseFinalizeBlock {
	c.t.Helper()
	request := c.request(txs)
	response, err := c.app.FinalizeBlock(request)
	require.NoError(c.t, err)
	_, err = c.app.Commit()
	require.NoError(c.t, err)
	require.Equal(c.t, request.Height, c.app.LastBlockHeight())
	for _, n := range c.followers {
		same := n.execute(request)
		require.Equal(c.t, response.AppHash, same.AppHash, "block %d", request.Height)
		require.Equal(c.t, response, same, "block %d", request.Height)
	}
	return response
}

// request is the next block, a second after the last.
func (c *chain) request(txs [][]byte) *abci.RequestFinalizeBlock {
	c.now = c.now.Add(time.Second)
	height := max(c.app.LastBlockHeight()+1, c.initial)
	hash := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(testChainID), uint64(height)))
	return &abci.RequestFinalizeBlock{
		Height: height, Time: c.now, Txs: txs, Hash: hash[:], ProposerAddress: c.val,
		DecidedLastCommit: abci.CommitInfo{Votes: []abci.VoteInfo{{
			Validator: abci.Validator{Address: c.val, Power: 1}, BlockIdFlag: cmtproto.BlockIDFlagCommit,
		}}},
	}
}

// header returns the header of the last block.
func (c *chain) header() cmtproto.Header {
	return cmtproto.Header{ChainID: testChainID, Height: c.app.LastBlockHeight(), Time: c.now}
}

func coins(amount int64) sdk.Coins {
	return sdk.NewCoins(sdk.NewCoin(BaseDenom, sdkmath.NewInt(amount)))
}

func validatorKey(t testing.TB, pub crypto.PubKey) cmtcrypto.PublicKey {
	t.Helper()
	key, err := cryptoenc.PubKeyToProto(pub)
	require.NoError(t, err)
	return key
}
