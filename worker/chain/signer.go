// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	signingtypes "github.com/cosmos/cosmos-sdk/types/tx/signing"
)

// Signer writes unordered transactions of one key of a keyring at a time. It is
// safe for concurrent use.
type Signer struct {
	enc     Encoding
	ring    keyring.Keyring
	chainID string
	granter sdk.AccAddress

	mu   sync.Mutex
	key  namedKey
	next *namedKey
}

// namedKey is a key of the keyring with its bech32 address.
type namedKey struct {
	name    string
	address string
}

func findKey(ring keyring.Keyring, name string) (namedKey, error) {
	rec, err := ring.Key(name)
	if err != nil {
		return namedKey{}, fmt.Errorf("find key %q in the keyring (its passphrase is asked for, or read from standard input; "+
			"cupel-worker init makes the key): %w", name, err)
	}
	addr, err := rec.GetAddress()
	if err != nil {
		return namedKey{}, fmt.Errorf("read key %q: %w", name, err)
	}
	text, err := FormatAddress(addr)
	return namedKey{name, text}, err
}

// NewSigner finds the key. Granter is the bech32 address that pays the fees,
// or empty.
func NewSigner(enc Encoding, ring keyring.Keyring, key, chainID, granter string) (*Signer, error) {
	found, err := findKey(ring, key)
	if err != nil {
		return nil, err
	}
	s := &Signer{enc: enc, ring: ring, key: found, chainID: chainID}
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

// Add names the key that Switch changes to.
func (s *Signer) Add(key string) error {
	next, err := findKey(s.ring, key)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = &next
	return nil
}

// Address is the bech32 address of the worker.
func (s *Signer) Address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key.address
}

// Other is the address of the key that Switch changes to; ok is false if there
// is none.
func (s *Signer) Other() (address string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		return "", false
	}
	return s.next.address, true
}

// Knows reports whether the address is of one of the two keys.
func (s *Signer) Knows(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return address == s.key.address || s.next != nil && address == s.next.address
}

// Switch changes to the other key. It is a no-op if there is none.
func (s *Signer) Switch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != nil {
		s.key, *s.next = *s.next, s.key
	}
}

// signing is the key that is used now.
func (s *Signer) signing() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key.name
}

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
	if err := tx.Sign(ctx, f, s.signing(), b, true); err != nil {
		return nil, fmt.Errorf("sign a transaction: %w", err)
	}
	return s.enc.TxConfig.TxEncoder()(b.GetTx())
}
