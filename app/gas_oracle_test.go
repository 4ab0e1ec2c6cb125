// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"
	"fmt"
	"testing"

	sdkmath "cosmossdk.io/math"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const (
	// setMembers is a full set but for two: the chain's own validator, whom no
	// person operates, and one that has not registered yet.
	setMembers = 198
	// leavers have each a part of the first member's stake unbonding and another
	// redelegated.
	leavers = 20
)

// validators is a chain of many validators, of whom all attest that can but one.
type validators struct {
	attestors
	operators, hots []*person
	keys            []*secp256k1.PrivateKey
}

func newValidators(t *testing.T) *validators {
	t.Helper()
	Configure() // before the first address is written
	v := &validators{attestors: attestors{stranger: newPerson("stranger")}}
	for i := range setMembers + 1 {
		v.operators = append(v.operators, newPerson(fmt.Sprintf("operator %d", i)))
		v.hots = append(v.hots, newPerson(fmt.Sprintf("hot %d", i)))
		seed := checkpoint.Keccak256([]byte(fmt.Sprintf("attestor %d", i)))
		v.keys = append(v.keys, secp256k1.PrivKeyFromBytes(seed[:]))
	}
	v.chain = newChain(t, fundPeople(append([]*person{v.stranger}, v.operators...)), fullSet)
	v.block()
	v.each(v.operators, func(i int) []sdk.Msg { return []sdk.Msg{v.create(i)} })
	first, leaving := v.valoper(0), v.operators[1:leavers+1]
	v.each(leaving, func(i int) []sdk.Msg {
		return []sdk.Msg{stakingtypes.NewMsgDelegate(leaving[i].text, first, coins(200_000)[0])}
	})
	v.each(v.operators[:setMembers], func(i int) []sdk.Msg { return []sdk.Msg{v.register(i, v.keys[i])} })
	v.each(leaving, func(i int) []sdk.Msg {
		return []sdk.Msg{
			stakingtypes.NewMsgUndelegate(leaving[i].text, first, coins(100_000)[0]),
			stakingtypes.NewMsgBeginRedelegate(leaving[i].text, first, v.valoper(i+1), coins(100_000)[0]),
		}
	})
	v.twoHeaders()
	return v
}

// fullSet makes room for a full set, which makes a header with every block.
func fullSet(c *chain, genesis map[string]json.RawMessage) {
	cdc := c.app.AppCodec()
	var oracle oracletypes.GenesisState
	cdc.MustUnmarshalJSON(genesis[oracletypes.ModuleName], &oracle)
	oracle.Params.CheckpointBlocks, oracle.Params.EpochBlocks = 1, 10
	genesis[oracletypes.ModuleName] = cdc.MustMarshalJSON(&oracle)
	var staking stakingtypes.GenesisState
	cdc.MustUnmarshalJSON(genesis[stakingtypes.ModuleName], &staking)
	staking.Params.MaxValidators = setMembers + 2
	genesis[stakingtypes.ModuleName] = cdc.MustMarshalJSON(&staking)
}

// each makes a block of one transaction of each person.
func (v *validators) each(people []*person, msgs func(i int) []sdk.Msg) {
	v.t.Helper()
	var txs [][]byte
	for i, p := range people {
		txs = append(txs, v.sign(p, msgs(i)...))
	}
	for i, result := range v.block(txs...).TxResults {
		require.Zero(v.t, result.Code, "transaction %d: %s", i, result.Log)
	}
}

func (v *validators) valoper(i int) string { return sdk.ValAddress(v.operators[i].address).String() }

func (v *validators) create(i int) *stakingtypes.MsgCreateValidator {
	key, half := ed25519.GenPrivKeyFromSecret([]byte(v.operators[i].text)), sdkmath.LegacyNewDecWithPrec(5, 1)
	msg, err := stakingtypes.NewMsgCreateValidator(v.valoper(i), key.PubKey(), sdk.NewCoin(BaseDenom, sdk.DefaultPowerReduction),
		stakingtypes.NewDescription(fmt.Sprint(i), "", "", "", ""), stakingtypes.NewCommissionRates(half, half, half), sdkmath.OneInt())
	require.NoError(v.t, err)
	return msg
}

// register is the registration of an operator with a key.
func (v *validators) register(i int, key *secp256k1.PrivateKey) *oracletypes.MsgRegisterAttestor {
	address := checkpoint.KeyAddress(key.PubKey())
	possession := checkpoint.Sign(key, checkpoint.NewDomain(testChainID).PossessionDigest(v.operators[i].address, address))
	return &oracletypes.MsgRegisterAttestor{
		Operator: v.operators[i].text, Key: address[:], Possession: possession[:], Account: v.hots[i].text,
	}
}

// twoHeaders makes what the set has to sign; its last member is the one that
// attests.
func (v *validators) twoHeaders() {
	v.t.Helper()
	set, err := v.app.OracleKeeper.Sets.Get(v.app.NewContext(true), 1)
	require.NoError(v.t, err)
	members, err := checkpoint.UnpackMembers(set.Members)
	require.NoError(v.t, err)
	require.Len(v.t, members, setMembers)
	v.hot, v.key = v.hots[setMembers-1], v.keys[setMembers-1]
	v.hot.number = v.app.AccountKeeper.GetAccount(v.app.NewContext(true), v.hot.address).GetAccountNumber()
	for i := range 2 {
		v.write(func(ctx sdk.Context) {
			leaf := oracletypes.Settled{Task: uint64(i), Leaf: checkpoint.Keccak256([]byte(fmt.Sprint(i)))}
			require.NoError(v.t, v.app.OracleKeeper.AddLeaves(ctx, []oracletypes.Settled{leaf}))
		})
	}
	v.block()
	require.EqualValues(v.t, 2, v.line().LastNonce)
}

// evidence is a header that the chain never made, signed with a key.
func (v *validators) evidence(key *secp256k1.PrivateKey) *oracletypes.MsgSubmitEvidence {
	v.t.Helper()
	c, err := v.app.OracleKeeper.Checkpoints.Get(v.app.NewContext(true), 1)
	require.NoError(v.t, err)
	header, err := c.Header.Decode()
	require.NoError(v.t, err)
	header.Root[0] ^= 1
	signature := checkpoint.Sign(key, checkpoint.NewDomain(testChainID).Digest(header))
	return &oracletypes.MsgSubmitEvidence{Submitter: v.stranger.text, Header: oracletypes.NewHeader(header), Signature: signature[:]}
}

// gasOfAttestors measures what validators and their accusers pay for.
func (v *validators) gasOfAttestors(g *gauge) {
	newcomer, member, fresh := v.operators[setMembers], v.operators[1], v.keys[setMembers]
	g.message(newcomer, v.register(setMembers, fresh))
	g.named("MsgRegisterAttestor again", member, v.register(1, v.keys[1]))
	rotation := v.register(1, fresh)
	g.message(member, &oracletypes.MsgRotateAttestorKey{Operator: rotation.Operator, Key: rotation.Key, Possession: rotation.Possession})
	g.message(v.stranger, v.evidence(v.keys[2]))
	g.named(fmt.Sprintf("MsgSubmitEvidence after %d left", leavers), v.stranger, v.evidence(v.keys[0]))

	// Who is refused has made the chain recover a signer as well.
	forged := v.register(setMembers, v.keys[2])
	forged.Key = v.register(setMembers, fresh).Key
	g.refused("MsgRegisterAttestor of a forger", oracletypes.ErrInvalidPossession, newcomer, forged)
	g.refused("MsgSubmitEvidence against nobody", oracletypes.ErrUnknownAttestor, v.stranger, v.evidence(fresh))
	g.refused("MsgSubmitEvidence of no offence", oracletypes.ErrNoOffence, v.stranger, v.innocent())
}

// innocent is evidence of a header that the chain has made.
func (v *validators) innocent() *oracletypes.MsgSubmitEvidence {
	msg := v.evidence(v.key)
	msg.Header.Root[0] ^= 1
	msg.Signature = v.attest(1).Attestations[0].Signature
	return msg
}

// TestGasOfAttestors: what goes without a fee takes no more time than its gas
// says, for others wait meanwhile; nor does what it takes to be an attestor.
func TestGasOfAttestors(t *testing.T) {
	a := newAttestors(t)
	g := newGauge(a.chain, a.stranger)
	a.gasOfAttestations(g, "attestation")
	g.done()
	b := newBeacon(t)
	g = newGauge(b.chain, b.stranger)
	g.tx("beacon", b.free(b.owed()))
	g.done()

	v := newValidators(t)
	g = newGauge(v.chain, v.stranger)
	v.gasOfAttestations(g, "*types.MsgAttest")
	v.gasOfAttestors(g)
	v.gasOfBeacon(g)
	g.done()
	for _, name := range ofAttestors() {
		require.True(t, g.measured(name), name)
	}
}

// ofAttestors are the messages that TestGasOfAttestors measures.
func ofAttestors() []string {
	return []string{"MsgAttest", "MsgBeacon", "MsgRegisterAttestor", "MsgRotateAttestorKey", "MsgSubmitEvidence"}
}

// gasOfBeacon measures a commitment to a round of most of the set.
func (v *validators) gasOfBeacon(g *gauge) {
	for range 20 {
		if v.beacon().Commits != nil {
			break
		}
		v.block()
	}
	require.NotNil(v.t, v.beacon().Commits, "no round opens")
	epoch, operator := v.beacon().Commits.Epoch, v.operators[setMembers-1].address
	g.tx("*types.MsgBeacon", v.free(&oracletypes.MsgBeacon{
		Account: v.hot.text, Epoch: epoch, Commitment: oracletypes.BeaconCommitment(testChainID, epoch, operator, testShare),
	}))
}

func (a *attestors) gasOfAttestations(g *gauge, name string) {
	g.tx(name, a.free(a.attest(1)))
	g.tx(name+" of two", a.free(a.attest(1, 2)))
}

// free is a transaction of the attestor without a fee.
func (a *attestors) free(msg sdk.Msg) []byte {
	a.t.Helper()
	return a.encode(attestTx{from: a.hot, msgs: []sdk.Msg{msg}, gas: 300_000, unordered: true})
}
