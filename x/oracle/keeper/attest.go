// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	storetypes "cosmossdk.io/store/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// MaxAttestations is the largest number of signatures of one message.
const MaxAttestations = 8

// slot is the open place of one member's signature in a header.
type slot struct {
	header    types.Checkpoint
	key       checkpoint.Address
	signature []byte
	power     uint64
}

// desk judges attestations of one attestor. It reads what they share once.
type desk struct {
	k        *Keeper
	attestor types.Attestor
	params   types.Params
	// counted is the highest nonce whose absences have been counted.
	counted uint64
	set     checkpoint.Set
}

// desk returns the desk of the attestor that an account sends for.
func (k *Keeper) desk(ctx context.Context, account sdk.AccAddress) (*desk, error) {
	attestor, err := k.attestorOf(ctx, account)
	if err != nil {
		return nil, err
	}
	params, err := k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	line, err := k.Line.Get(ctx)
	return &desk{k: k, attestor: attestor, params: params, counted: line.Counted}, err
}

// Attest stores the signatures of an attestor that fill an open slot, and
// returns their number. If there is none, it returns why the first does not.
func (k *Keeper) Attest(ctx context.Context, account sdk.AccAddress, attestations []types.Attestation) (stored uint32, err error) {
	if len(attestations) == 0 || len(attestations) > MaxAttestations {
		return 0, types.ErrInvalidAttest.Wrapf("%d, want 1 to %d", len(attestations), MaxAttestations)
	}
	desk, err := k.desk(ctx, account)
	if err != nil {
		return 0, err
	}
	var first error
	for _, a := range attestations {
		s, refused, err := desk.slot(ctx, a)
		if err != nil {
			return 0, err
		}
		if refused != nil {
			if first == nil {
				first = refused
			}
			continue
		}
		if err := k.fill(ctx, s); err != nil {
			return 0, err
		}
		stored++
	}
	if stored == 0 {
		return 0, first
	}
	return stored, nil
}

// attestorOf returns the attestor that an account sends for. It may sign.
func (k *Keeper) attestorOf(ctx context.Context, account sdk.AccAddress) (types.Attestor, error) {
	operator, err := k.Accounts.Get(ctx, account)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Attestor{}, types.ErrUnknownAttestor.Wrapf("%s sends for none", account)
	}
	if err != nil {
		return types.Attestor{}, err
	}
	attestor, err := k.Attestors.Get(ctx, operator)
	if err == nil && attestor.Tombstoned {
		err = types.ErrTombstoned.Wrapf("%s has signed two headers of one nonce", attestor.Operator)
	}
	return attestor, err
}

// slot returns the open slot that an attestation fills, or why there is none.
func (d *desk) slot(ctx context.Context, a types.Attestation) (s slot, refused, err error) {
	c, err := d.k.Checkpoints.Get(ctx, a.Nonce)
	if errors.Is(err, collections.ErrNotFound) {
		return s, types.ErrUnknownCheckpoint.Wrapf("nonce %d", a.Nonce), nil
	}
	if err != nil {
		return s, nil, err
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	// Counted headers stay closed when grace_blocks grows or heights start anew:
	// their signatures may have left the state.
	if a.Nonce <= d.counted || !c.Open(sdkCtx.BlockHeight(), d.params.GraceBlocks) {
		return s, types.ErrHeaderClosed.Wrapf("nonce %d was sealed at height %d", a.Nonce, c.SealedHeight), nil
	}
	sdkCtx.GasMeter().ConsumeGas(recoverGas, "recover the signer")
	key, err := signer(sdkCtx, c.Header, a.Signature)
	if err != nil {
		return s, err, nil
	}
	if d.set.ID != c.SetId {
		if d.set, err = d.k.set(ctx, c.SetId); err != nil {
			return s, nil, err
		}
	}
	s = slot{header: c, key: key, signature: a.Signature, power: d.set.Power(key)}
	if s.power == 0 {
		return s, types.ErrNotMember.Wrapf("%s is not in set %d: another header or chain was signed, or another key", key, c.SetId), nil
	}
	owner, err := d.k.Keys.Get(ctx, key[:])
	if err != nil {
		return s, nil, err
	}
	if owner.Operator != d.attestor.Operator {
		return s, types.ErrWrongAccount.Wrapf("%s belongs to %s", key, owner.Operator), nil
	}
	filled, err := d.k.Signatures.Has(ctx, collections.Join(a.Nonce, key[:]))
	if err != nil {
		return s, nil, err
	}
	if filled {
		return s, types.ErrAlreadySigned.Wrapf("nonce %d by %s", a.Nonce, key), nil
	}
	return s, nil, nil
}

// fill stores a signature and adds its power.
func (k *Keeper) fill(ctx context.Context, s slot) error {
	nonce := s.header.Header.Nonce
	if err := k.Signatures.Set(ctx, collections.Join(nonce, s.key[:]), s.signature); err != nil {
		return err
	}
	s.header.SignedPower += s.power
	return k.Checkpoints.Set(ctx, nonce, s.header)
}

// signer returns the key that signed a header of this chain.
func signer(ctx sdk.Context, h types.Header, signature []byte) (checkpoint.Address, error) {
	parsed, err := checkpoint.ToSignature(signature)
	if err != nil {
		return checkpoint.Address{}, types.ErrInvalidKey.Wrap(err.Error())
	}
	header, err := h.Decode()
	if err != nil {
		return checkpoint.Address{}, err
	}
	key, err := parsed.Recover(checkpoint.NewDomain(ctx.ChainID()).Digest(header))
	if err != nil {
		return checkpoint.Address{}, types.ErrInvalidKey.Wrap(err.Error())
	}
	return key, nil
}

// FeeExempt reports whether messages may go without a fee: all are attestations
// of one account, at most MaxAttestations, and at most one MsgBeacon of it, and
// each fills an open slot. It takes no gas. In CheckTx it takes the slots: a
// second transaction is not free.
func (k *Keeper) FeeExempt(ctx context.Context, msgs []sdk.Msg) bool {
	sent, ok := k.oneSender(msgs)
	if !ok {
		return false
	}
	// The work is bounded, and a signature shall not cost its gas twice.
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	free := sdkCtx.WithGasMeter(storetypes.NewInfiniteGasMeter())
	slots, ok := k.openSlots(free, sent.account, sent.attestations) //nolint:contextcheck // free is made of ctx
	if !ok {
		return false
	}
	var e entry
	if sent.beacon != nil {
		var err error
		if e, err = k.entry(free, sent.account, sent.beacon); err != nil { //nolint:contextcheck // free is made of ctx
			return false
		}
	}
	if !sdkCtx.IsCheckTx() {
		return true
	}
	for _, s := range slots {
		if k.fill(free, s) != nil { //nolint:contextcheck // free is made of ctx
			return false
		}
	}
	return sent.beacon == nil || k.enter(free, e) == nil //nolint:contextcheck // free is made of ctx
}

// owedBy is what one account sends of what it owes.
type owedBy struct {
	account      sdk.AccAddress
	attestations []types.Attestation
	beacon       *types.MsgBeacon
}

// oneSender returns what messages bring by one account. ok is false if that is
// nothing, too much, or anything else.
func (k *Keeper) oneSender(msgs []sdk.Msg) (sent owedBy, ok bool) {
	var sender string
	for i, msg := range msgs {
		var from string
		switch msg := msg.(type) {
		case *types.MsgAttest:
			if len(msg.Attestations) == 0 {
				return sent, false
			}
			from = msg.Account
			sent.attestations = append(sent.attestations, msg.Attestations...)
		case *types.MsgBeacon:
			if sent.beacon != nil {
				return sent, false
			}
			from, sent.beacon = msg.Account, msg
		default:
			return sent, false
		}
		if i > 0 && from != sender {
			return sent, false
		}
		sender = from
	}
	if len(msgs) == 0 || len(sent.attestations) > MaxAttestations {
		return sent, false
	}
	var err error
	sent.account, err = k.account("account", sender)
	return sent, err == nil
}

// openSlots returns the slots that attestations fill. ok is false unless every
// one fills a slot of its own.
func (k *Keeper) openSlots(ctx context.Context, account sdk.AccAddress, all []types.Attestation) (slots []slot, ok bool) {
	if len(all) == 0 {
		return nil, true
	}
	desk, err := k.desk(ctx, account)
	if err != nil {
		return nil, false
	}
	seen := make(map[uint64]bool, len(all))
	for _, a := range all {
		s, refused, err := desk.slot(ctx, a)
		if refused != nil || err != nil || seen[a.Nonce] {
			return nil, false
		}
		seen[a.Nonce] = true
		slots = append(slots, s)
	}
	return slots, true
}
