// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"context"
	"fmt"
	"time"

	"github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	signingtypes "github.com/cosmos/cosmos-sdk/types/tx/signing"
)

// Signer writes unordered transactions of one key of a keyring.
type Signer struct {
	enc     Encoding
	ring    keyring.Keyring
	key     string
	chainID string
	address sdk.AccAddress
	text    string
	granter sdk.AccAddress
}

// NewSigner finds the key. Granter is the bech32 address that pays the fees,
// or empty.
func NewSigner(enc Encoding, ring keyring.Keyring, key, chainID, granter string) (*Signer, error) {
	rec, err := ring.Key(key)
	if err != nil {
		return nil, fmt.Errorf("find key %q in the keyring (its passphrase is asked for, or read from standard input; "+
			"cupel-worker init makes the key): %w", key, err)
	}
	addr, err := rec.GetAddress()
	if err != nil {
		return nil, fmt.Errorf("read key %q: %w", key, err)
	}
	s := &Signer{enc: enc, ring: ring, key: key, chainID: chainID, address: addr}
	if s.text, err = FormatAddress(addr); err != nil {
		return nil, err
	}
	if granter != "" {
		if s.granter, err = ParseAddress(granter); err != nil {
			return nil, fmt.Errorf("fee granter %q: %w", granter, err)
		}
		if s.granter.String() != granter {
			return nil, fmt.Errorf("fee granter %q: the program did not set the address prefix %q", granter, Prefix)
		}
	}
	return s, nil
}

// Address is the bech32 address of the worker.
func (s *Signer) Address() string { return s.text }

// Terms are what a transaction is sent under.
type Terms struct {
	// Account is the account number of the signer.
	Account uint64
	// Timeout is the block time after which the transaction is void. No two
	// transactions of a signer may share one.
	Timeout time.Time
	Gas     uint64
	Fee     sdk.Coins
}

// Sign returns the bytes of an unordered transaction.
func (s *Signer) Sign(ctx context.Context, msg sdk.Msg, terms Terms) ([]byte, error) {
	b := s.enc.TxConfig.NewTxBuilder()
	if err := b.SetMsgs(msg); err != nil {
		return nil, fmt.Errorf("build a transaction: %w", err)
	}
	b.SetGasLimit(terms.Gas)
	b.SetFeeAmount(terms.Fee)
	b.SetUnordered(true)
	b.SetTimeoutTimestamp(terms.Timeout)
	if s.granter != nil {
		b.SetFeeGranter(s.granter)
	}
	f := tx.Factory{}.
		WithTxConfig(s.enc.TxConfig).
		WithKeybase(s.ring).
		WithChainID(s.chainID).
		WithAccountNumber(terms.Account).
		WithSignMode(signingtypes.SignMode_SIGN_MODE_DIRECT).
		WithUnordered(true)
	if err := tx.Sign(ctx, f, s.key, b, true); err != nil {
		return nil, fmt.Errorf("sign a transaction: %w", err)
	}
	return s.enc.TxConfig.TxEncoder()(b.GetTx())
}
