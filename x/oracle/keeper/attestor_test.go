// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// prove signs a registration with any key, for any operator and domain.
func prove(w *world, domain checkpoint.Domain, operator sdk.AccAddress, signerName string, key checkpoint.Address) []byte {
	w.t.Helper()
	signature := checkpoint.Sign(newKey("%s", signerName), domain.PossessionDigest(operator, key))
	return signature[:]
}

func TestRegisterAttestor(t *testing.T) {
	other := checkpoint.NewDomain("cupel-other-1")
	tests := map[string]struct {
		edit func(w *world, m *types.MsgRegisterAttestor)
		err  error
	}{
		"valid":               {edit: func(*world, *types.MsgRegisterAttestor) {}},
		"operator's account":  {edit: func(_ *world, m *types.MsgRegisterAttestor) { m.Account = m.Operator }},
		"no operator":         {edit: func(_ *world, m *types.MsgRegisterAttestor) { m.Operator = "" }, err: sdkerrors.ErrInvalidAddress},
		"operator by valoper": {edit: func(w *world, m *types.MsgRegisterAttestor) { m.Operator = sdk.ValAddress(w.vals[0].operator).String() }, err: sdkerrors.ErrInvalidAddress},
		"no validator":        {edit: func(w *world, m *types.MsgRegisterAttestor) { m.Operator = w.vals[0].account.String() }, err: types.ErrUnknownValidator},
		"no account":          {edit: func(_ *world, m *types.MsgRegisterAttestor) { m.Account = "" }, err: sdkerrors.ErrInvalidAddress},
		"account of a module": {edit: func(_ *world, m *types.MsgRegisterAttestor) {
			m.Account = authtypes.NewModuleAddress(minttypes.ModuleName).String()
		}, err: types.ErrAccountTaken},
		"account of another": {edit: func(w *world, m *types.MsgRegisterAttestor) { m.Account = w.vals[1].account.String() }, err: types.ErrAccountTaken},
		"no key":             {edit: func(_ *world, m *types.MsgRegisterAttestor) { m.Key = nil }, err: types.ErrInvalidKey},
		"short key":          {edit: func(_ *world, m *types.MsgRegisterAttestor) { m.Key = m.Key[1:] }, err: types.ErrInvalidKey},
		"long key":           {edit: func(_ *world, m *types.MsgRegisterAttestor) { m.Key = append(m.Key, 0) }, err: types.ErrInvalidKey},
		"zero key":           {edit: func(_ *world, m *types.MsgRegisterAttestor) { m.Key = make([]byte, 20) }, err: types.ErrInvalidKey},
		"key of another":     {edit: func(w *world, m *types.MsgRegisterAttestor) { k := w.vals[1].address(); m.Key = k[:] }, err: types.ErrKeyTaken},
		"no proof":           {edit: func(_ *world, m *types.MsgRegisterAttestor) { m.Possession = nil }, err: types.ErrInvalidKey},
		"long proof":         {edit: func(_ *world, m *types.MsgRegisterAttestor) { m.Possession = append(m.Possession, 0) }, err: types.ErrInvalidKey},
		"empty proof":        {edit: func(_ *world, m *types.MsgRegisterAttestor) { m.Possession = make([]byte, 65) }, err: types.ErrInvalidPossession},
		"proof with v 0":     {edit: func(_ *world, m *types.MsgRegisterAttestor) { m.Possession[64] -= 27 }, err: types.ErrInvalidPossession},
		"flipped proof":      {edit: func(_ *world, m *types.MsgRegisterAttestor) { m.Possession[40] ^= 1 }, err: types.ErrInvalidPossession},
		"proof by another key": {edit: func(w *world, m *types.MsgRegisterAttestor) {
			m.Possession = prove(w, w.domain, w.vals[0].operator, "attestor1", w.vals[0].address())
		}, err: types.ErrInvalidPossession},
		"proof of another operator": {edit: func(w *world, m *types.MsgRegisterAttestor) {
			m.Possession = prove(w, w.domain, w.vals[1].operator, "attestor0", w.vals[0].address())
		}, err: types.ErrInvalidPossession},
		"proof on another chain": {edit: func(w *world, m *types.MsgRegisterAttestor) {
			m.Possession = prove(w, other, w.vals[0].operator, "attestor0", w.vals[0].address())
		}, err: types.ErrInvalidPossession},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 100, 100)
			require.NoError(t, w.register(1))
			msg := w.registration(0)
			tc.edit(w, msg)
			w.ctx = w.ctx.WithEventManager(sdk.NewEventManager())

			err := w.deliver(func(ctx sdk.Context) error {
				_, err := w.msgs.RegisterAttestor(ctx, msg)
				return err
			})

			require.ErrorIs(t, err, tc.err)
			require.NoError(t, w.k.CheckInvariants(w.ctx))
			if tc.err != nil {
				require.Empty(t, w.ctx.EventManager().Events())
				return
			}
			require.Equal(t, types.Attestor{
				Operator: msg.Operator, Key: msg.Key, Account: msg.Account, Active: true, RegisteredHeight: 2,
			}, w.attestor(0))
			account, err := sdk.AccAddressFromBech32(msg.Account)
			require.NoError(t, err)
			require.True(t, w.accounts.HasAccount(w.ctx, account))
		})
	}
}

func TestRegisterAgain(t *testing.T) {
	w := newWorld(t, 100, 100)
	require.NoError(t, w.register(0))

	// With another key it is a rotation.
	old := w.vals[0].key
	w.vals[0].key = newKey("other")
	require.ErrorIs(t, w.register(0), types.ErrAttestorExists)
	w.vals[0].key = old

	// With the same key it changes the account, and frees the old one.
	before := w.vals[0].account
	w.vals[0].account = named("second hot")
	require.NoError(t, w.register(0))
	require.Equal(t, w.vals[0].account.String(), w.attestor(0).Account)
	require.NoError(t, w.k.CheckInvariants(w.ctx))
	w.vals[1].account = before
	require.NoError(t, w.register(1))

	// The proof is wanted again.
	msg := w.registration(0)
	msg.Possession[3] ^= 1
	_, err := w.msgs.RegisterAttestor(w.ctx, msg)
	require.ErrorIs(t, err, types.ErrInvalidPossession)
}

func TestTombstonedValidatorDoesNotRegister(t *testing.T) {
	w := newWorld(t, 100, 100)
	require.NoError(t, w.slashing.Tombstone(w.ctx, w.vals[0].consensus))
	require.ErrorIs(t, w.register(0), types.ErrTombstoned)
}

func TestRotateAttestorKey(t *testing.T) {
	tests := map[string]struct {
		edit func(w *world, m *types.MsgRotateAttestorKey)
		err  error
	}{
		"valid":          {edit: func(*world, *types.MsgRotateAttestorKey) {}},
		"no operator":    {edit: func(_ *world, m *types.MsgRotateAttestorKey) { m.Operator = "" }, err: sdkerrors.ErrInvalidAddress},
		"not registered": {edit: func(w *world, m *types.MsgRotateAttestorKey) { m.Operator = w.vals[2].operator.String() }, err: types.ErrUnknownAttestor},
		"by another":     {edit: func(w *world, m *types.MsgRotateAttestorKey) { m.Operator = w.vals[1].operator.String() }, err: types.ErrInvalidPossession},
		"no key":         {edit: func(_ *world, m *types.MsgRotateAttestorKey) { m.Key = nil }, err: types.ErrInvalidKey},
		"long key":       {edit: func(_ *world, m *types.MsgRotateAttestorKey) { m.Key = append(m.Key, 1) }, err: types.ErrInvalidKey},
		"its own key":    {edit: func(w *world, m *types.MsgRotateAttestorKey) { k := w.vals[0].address(); m.Key = k[:] }, err: types.ErrKeyTaken},
		"another's key":  {edit: func(w *world, m *types.MsgRotateAttestorKey) { k := w.vals[1].address(); m.Key = k[:] }, err: types.ErrKeyTaken},
		"no proof":       {edit: func(_ *world, m *types.MsgRotateAttestorKey) { m.Possession = nil }, err: types.ErrInvalidKey},
		"a wrong proof":  {edit: func(_ *world, m *types.MsgRotateAttestorKey) { m.Possession[7] ^= 1 }, err: types.ErrInvalidPossession},
		"by the old key": {edit: func(w *world, m *types.MsgRotateAttestorKey) {
			m.Possession = prove(w, w.domain, w.vals[0].operator, "attestor0", checkpoint.Address(m.Key))
		}, err: types.ErrInvalidPossession},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 100, 100, 100)
			require.NoError(t, w.register(0))
			require.NoError(t, w.register(1))
			key := checkpoint.KeyAddress(newKey("next").PubKey())
			msg := &types.MsgRotateAttestorKey{
				Operator: w.vals[0].operator.String(), Key: key[:],
				Possession: prove(w, w.domain, w.vals[0].operator, "next", key),
			}
			tc.edit(w, msg)
			err := w.deliver(func(ctx sdk.Context) error {
				_, err := w.msgs.RotateAttestorKey(ctx, msg)
				return err
			})
			require.ErrorIs(t, err, tc.err)
			require.NoError(t, w.k.CheckInvariants(w.ctx))
			require.Equal(t, tc.err == nil, bytes.Equal(w.attestor(0).Key, key[:]))
		})
	}
}

// The old key signs until its set is replaced, the new one from then on; the
// key that was rotated away never comes back.
func TestRotationOverlap(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	old, fresh := w.vals[0].key, newKey("fresh")
	first := w.checkpointed(1)
	require.NoError(t, w.rotate(0, fresh))
	send := func(nonce uint64, name string) error {
		key := old
		if name == "fresh" {
			key = fresh
		}
		return w.send(&types.MsgAttest{Account: w.vals[0].account.String(), Attestations: []types.Attestation{w.attestation(key, nonce)}})
	}
	require.ErrorIs(t, send(first, "fresh"), types.ErrNotMember)
	require.NoError(t, send(first, "old"))
	w.attestAll(first, 1, 2)

	w.until("the set change", func() bool { return w.line().SetId == 2 })
	change := w.line().LastNonce
	require.True(t, w.checkpoint(change).IsSetChange())
	require.ErrorIs(t, send(change, "fresh"), types.ErrNotMember, "the old set signs the change")
	require.NoError(t, send(change, "old"))

	after := w.checkpointed(1)
	require.ErrorIs(t, send(after, "old"), types.ErrNotMember)
	require.NoError(t, send(after, "fresh"), "the new set signs before the change is sealed")
	w.attestAll(after, 1, 2)
	w.next()
	require.Less(t, w.line().SealedNonce, change, "nothing seals before the change")
	w.attestAll(change, 1, 2)
	w.next()
	require.Equal(t, after, w.line().SealedNonce)

	require.ErrorIs(t, w.rotate(0, old), types.ErrKeyTaken)
	require.ErrorIs(t, w.rotate(1, old), types.ErrKeyTaken)
	w.nexts(6)
}
