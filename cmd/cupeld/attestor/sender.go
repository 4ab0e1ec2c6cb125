// SPDX-License-Identifier: Apache-2.0

package attestor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/x/oracle/types"
)

const (
	// maxItems is the most signatures of one transaction.
	maxItems = 8
	// gasBase and gasItem stay below what a free transaction may ask for.
	gasBase = 100_000
	gasItem = 75_000
	// txTTL is how long a transaction may wait for a block, in block time.
	txTTL = 30 * time.Second
)

// Sender sends signatures.
type Sender interface {
	// Send broadcasts one transaction of at most 8 attestations and returns the
	// block time after which it can be in no block. Head is the last block's.
	Send(ctx context.Context, items []types.Attestation, head time.Time) (until time.Time, err error)
	// SendBeacon broadcasts one message of the beacon.
	SendBeacon(ctx context.Context, msg types.MsgBeacon, head time.Time) error
}

// ChainSender sends unordered transactions without a fee from the hot account.
type ChainSender struct {
	node   *Node
	signer *chain.Signer

	account *uint64
	last    time.Time
}

// NewChainSender finds the hot account's key in the keyring.
func NewChainSender(node *Node, ring keyring.Keyring, key, chainID string) (*ChainSender, error) {
	switch _, err := ring.Key(key); {
	case errors.Is(err, sdkerrors.ErrKeyNotFound):
		return nil, fmt.Errorf("the keyring has no hot account %q: make it with 'cupeld attest init', or name another with --from", key)
	case err != nil:
		return nil, fmt.Errorf("find the hot account %q in the keyring: %w", key, err)
	}
	enc, err := chain.NewEncoding()
	if err != nil {
		return nil, err
	}
	types.RegisterInterfaces(enc.Codec.InterfaceRegistry())
	signer, err := chain.NewSigner(enc, ring, key, chainID, "")
	if err != nil {
		return nil, err
	}
	return &ChainSender{node: node, signer: signer}, nil
}

// Address is the hot account.
func (s *ChainSender) Address() string { return s.signer.Address() }

// Send implements Sender.
func (s *ChainSender) Send(ctx context.Context, items []types.Attestation, head time.Time) (time.Time, error) {
	msg := &types.MsgAttest{Account: s.signer.Address(), Attestations: items}
	return s.send(ctx, msg, gasBase+gasItem*uint64(len(items)), head)
}

// SendBeacon implements Sender.
func (s *ChainSender) SendBeacon(ctx context.Context, msg types.MsgBeacon, head time.Time) error {
	msg.Account = s.signer.Address()
	_, err := s.send(ctx, &msg, gasBase+gasItem, head)
	return err
}

// send signs and broadcasts one transaction.
func (s *ChainSender) send(ctx context.Context, msg sdk.Msg, gas uint64, head time.Time) (time.Time, error) {
	if s.account == nil {
		number, err := s.node.AccountNumber(ctx, s.signer.Address())
		if err != nil {
			return time.Time{}, fmt.Errorf("find the hot account on chain (registering makes it): %w", err)
		}
		s.account = &number
	}
	// No two unordered transactions of an account may share a timeout: the
	// nanoseconds keep one that a killed process has sent apart, too.
	until := head.Add(txTTL).Truncate(time.Second).Add(time.Duration(time.Now().Nanosecond()))
	if !until.After(s.last) {
		until = s.last.Add(1)
	}
	s.last = until
	tx, err := s.signer.Sign(ctx, msg, chain.Terms{Account: *s.account, Timeout: until, Gas: gas})
	if err != nil {
		return time.Time{}, err
	}
	return until, s.node.Broadcast(ctx, tx)
}
