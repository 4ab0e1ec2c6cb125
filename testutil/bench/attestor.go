// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	sdk "github.com/cosmos/cosmos-sdk/types"

	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// attestor is the validator's part in the beacon and in checkpoints. Without
// it the seed of an epoch would be that of a block id, under which twice as many
// tasks are audited.
type attestor struct {
	// operator is the validator's account, hot signs the messages.
	operator, hot *account
	key           *secp256k1.PrivateKey
	// epoch is the last one that it has dealt with, committed the last one that it
	// committed to, nonce the last one that it signed.
	epoch, committed, nonce uint64
}

func newAttestor() *attestor {
	seed := sha256.Sum256([]byte("attestor"))
	return &attestor{
		operator: newAccount("validator", 0), hot: newAccount("attestor", 0),
		key: secp256k1.PrivKeyFromBytes(seed[:]),
	}
}

// register returns the message that makes the validator an attestor.
func (a *attestor) register() sdk.Msg {
	key := checkpoint.KeyAddress(a.key.PubKey())
	possession := checkpoint.Sign(a.key, checkpoint.NewDomain(chainID).PossessionDigest(a.operator.address, key))
	return &oracletypes.MsgRegisterAttestor{
		Operator: a.operator.text, Key: key[:], Possession: possession[:], Account: a.hot.text,
	}
}

// share is that of an epoch's round.
func (a *attestor) share(epoch uint64) []byte {
	share := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("share"), epoch))
	return share[:]
}

// attest returns what the attestor owes by the last committed state.
func (n *node) attest() ([]sdk.Msg, error) {
	if n.app.LastBlockHeight() == 0 {
		return nil, nil
	}
	a, ctx, oracle := n.people.attestor, n.state(), n.app.OracleKeeper
	line, err := oracle.Line.Get(ctx)
	if err != nil || line.SetId == 0 {
		return nil, err
	}
	epoch, err := oracle.Current.Get(ctx)
	if err != nil {
		return nil, err
	}
	var msgs []sdk.Msg
	if a.epoch == 0 { // the first round is that of the epoch after the set
		a.epoch = epoch.Number
	}
	if epoch.Number > a.epoch {
		msg := &oracletypes.MsgBeacon{
			Account: a.hot.text, Epoch: epoch.Number,
			Commitment: oracletypes.BeaconCommitment(chainID, epoch.Number, a.operator.address, a.share(epoch.Number)),
		}
		if a.committed == epoch.Number-1 {
			msg.Share = a.share(a.committed)
		}
		a.epoch, a.committed = epoch.Number, epoch.Number
		msgs = append(msgs, msg)
	}
	signed := &oracletypes.MsgAttest{Account: a.hot.text}
	for ; a.nonce < line.LastNonce; a.nonce++ {
		c, err := oracle.Checkpoints.Get(ctx, a.nonce+1)
		if err != nil {
			return nil, err
		}
		header, err := c.Header.Decode()
		if err != nil {
			return nil, err
		}
		signature := checkpoint.Sign(a.key, checkpoint.NewDomain(chainID).Digest(header))
		signed.Attestations = append(signed.Attestations, oracletypes.Attestation{Nonce: a.nonce + 1, Signature: signature[:]})
	}
	if len(signed.Attestations) > 0 {
		msgs = append(msgs, signed)
	}
	return msgs, nil
}
