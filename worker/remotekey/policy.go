// SPDX-License-Identifier: Apache-2.0

// Package remotekey keeps the hot key in another process. The worker sends what
// is to be signed; the signer reads it, refuses what a worker has no business
// to sign, and answers with a signature. See worker/adr/011-remote-signer.md.
package remotekey

import (
	"errors"
	"fmt"
	"slices"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/gogoproto/proto"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// ErrRefused is what the signer answers to something that it does not sign.
var ErrRefused = errors.New("the signer refuses to sign")

// Allowed are the messages of a worker: none of them changes the payout or the
// bond, and the only coins that one moves are those of an appeal, which the chain
// takes for a seat of this provider that was judged wrong, once.
func Allowed() []string {
	return []string{
		sdk.MsgTypeURL(&markettypes.MsgCommit{}), sdk.MsgTypeURL(&markettypes.MsgReveal{}), sdk.MsgTypeURL(&markettypes.MsgProve{}),
		sdk.MsgTypeURL(&markettypes.MsgCommitCase{}), sdk.MsgTypeURL(&markettypes.MsgRevealCase{}),
		sdk.MsgTypeURL(&markettypes.MsgCommitVote{}), sdk.MsgTypeURL(&markettypes.MsgRevealVote{}),
		sdk.MsgTypeURL(&markettypes.MsgAppeal{}),
		sdk.MsgTypeURL(&registrytypes.MsgHeartbeat{}), sdk.MsgTypeURL(&registrytypes.MsgDrain{}),
	}
}

// Policy is what a signer signs.
type Policy struct {
	ChainID string
	// Messages are the type URLs that are allowed.
	Messages []string
	// MaxFee is the most of Denom that a transaction may pay.
	MaxFee uint64
	Denom  string
	// MaxAhead is how far a timeout may be in the future.
	MaxAhead time.Duration
}

// Check returns ErrRefused with the reason unless doc, the bytes that
// SIGN_MODE_DIRECT signs, is a transaction that the policy allows.
func (p Policy) Check(doc []byte, now time.Time) error {
	var sign txtypes.SignDoc
	if err := strict(doc, &sign); err != nil {
		return refuse("it is not a transaction: %s", err)
	}
	if sign.ChainId != p.ChainID {
		return refuse("it is for chain %q, not %q", sign.ChainId, p.ChainID)
	}
	var body txtypes.TxBody
	if err := strict(sign.BodyBytes, &body); err != nil {
		return refuse("its body cannot be read: %s", err)
	}
	var auth txtypes.AuthInfo
	if err := strict(sign.AuthInfoBytes, &auth); err != nil {
		return refuse("its fee cannot be read: %s", err)
	}
	return errors.Join(p.checkBody(&body, now), p.checkFee(&auth))
}

// strict decodes and encodes again: what does not come out the same has fields
// that this program does not know, and could mean more than it seems.
func strict(raw []byte, v proto.Message) error {
	if err := proto.Unmarshal(raw, v); err != nil {
		return err
	}
	again, err := proto.Marshal(v)
	if err != nil {
		return err
	}
	if !slices.Equal(raw, again) {
		return errors.New("it has fields that are not known")
	}
	return nil
}

func (p Policy) checkBody(body *txtypes.TxBody, now time.Time) error {
	if len(body.Messages) != 1 {
		return refuse("it has %d messages, a worker sends one", len(body.Messages))
	}
	if url := body.Messages[0].TypeUrl; !slices.Contains(p.Messages, url) {
		return refuse("%s is not a message of a worker", url)
	}
	if body.Memo != "" || len(body.ExtensionOptions)+len(body.NonCriticalExtensionOptions) > 0 {
		return refuse("a worker sends neither memos nor extensions")
	}
	if !body.Unordered || body.TimeoutTimestamp == nil {
		return refuse("a worker sends unordered transactions with a timeout")
	}
	if body.TimeoutTimestamp.After(now.Add(p.MaxAhead)) {
		return refuse("its timeout %s is more than %s ahead", body.TimeoutTimestamp, p.MaxAhead)
	}
	return nil
}

func (p Policy) checkFee(auth *txtypes.AuthInfo) error {
	if auth.Fee == nil || len(auth.SignerInfos) != 1 {
		return refuse("it needs a fee and one signer")
	}
	if auth.Tip != nil {
		return refuse("a worker gives no tips")
	}
	for _, coin := range auth.Fee.Amount {
		if coin.Denom != p.Denom || !coin.Amount.IsUint64() || coin.Amount.Uint64() > p.MaxFee {
			return refuse("its fee %s is above %d%s", auth.Fee.Amount, p.MaxFee, p.Denom)
		}
	}
	return nil
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...))
}
