// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"bytes"
	"context"
	"fmt"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/cupel-network/cupel/relayer/evm/contract"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// line replays events: it is the contract's state after the last of them.
type line struct {
	*Replay
	domain   checkpoint.Domain
	anchored bool
	nonce    uint64
	root     checkpoint.Hash
	set      checkpoint.Set
}

// apply checks an event and moves on. Events that change none of it, such as
// those of roles, are ignored.
func (l *line) apply(ctx context.Context, log *types.Log) error {
	if len(log.Topics) == 0 {
		return nil
	}
	events := l.abi.GetABI().Events
	event := log.Topics[0]
	if !l.anchored && event != events[contract.CupelMirrorAnchoredEventName].ID {
		switch event {
		case events[contract.CupelMirrorCheckpointSubmittedEventName].ID, events[contract.CupelMirrorAttestorsUpdatedEventName].ID,
			events[contract.CupelMirrorAttestorsInstalledEventName].ID:
			return fmt.Errorf("%w: the event of the deployment is missing: set evm.deploy_block to its block or one before", mirror.ErrForged)
		}
		return nil
	}
	switch event {
	case events[contract.CupelMirrorAnchoredEventName].ID:
		return l.anchor(log)
	case events[contract.CupelMirrorCheckpointSubmittedEventName].ID:
		return l.checkpoint(ctx, log)
	case events[contract.CupelMirrorAttestorsUpdatedEventName].ID:
		return l.setChange(ctx, log)
	case events[contract.CupelMirrorAttestorsInstalledEventName].ID:
		return l.install(log)
	}
	return nil
}

// anchor takes what the contract was deployed with.
func (l *line) anchor(log *types.Log) error {
	event, err := l.abi.UnpackAnchoredEvent(log)
	if err != nil || l.anchored {
		return fmt.Errorf("%w: anchor: repeated or malformed: %w", mirror.ErrForged, err)
	}
	set, err := checkedSet(event.Id, event.Time, event.Members, event.SetHash)
	if err != nil {
		return err
	}
	l.anchored, l.nonce, l.root, l.set = true, event.Nonce, event.Root, set
	l.Nonce, l.Root, l.Set = event.Nonce, event.Root, set
	return nil
}

// checkpoint checks a header that brought leaves.
func (l *line) checkpoint(ctx context.Context, log *types.Log) error {
	event, err := l.abi.UnpackCheckpointSubmittedEvent(log)
	if err != nil {
		return fmt.Errorf("%w: %w", mirror.ErrForged, err)
	}
	set := l.set.Hash()
	return l.record(ctx, log, mirror.Entry{Set: l.set, Header: checkpoint.Header{
		Nonce: event.Nonce, Height: event.Height, Root: event.Root, PrevRoot: l.root, LeafCount: event.LeafCount, Set: set, NextSet: set,
	}})
}

// setChange checks a header that handed over to another set.
func (l *line) setChange(ctx context.Context, log *types.Log) error {
	event, err := l.abi.UnpackAttestorsUpdatedEvent(log)
	if err != nil {
		return fmt.Errorf("%w: %w", mirror.ErrForged, err)
	}
	next, err := checkedSet(event.Id, event.Time, event.Members, event.SetHash)
	if err != nil {
		return err
	}
	return l.record(ctx, log, mirror.Entry{Set: l.set, Next: &next, Header: checkpoint.Header{
		Nonce: event.Nonce, Height: event.Height, Root: l.root, PrevRoot: l.root, Set: l.set.Hash(), NextSet: event.SetHash,
	}})
}

// record finds the signatures of an entry in its transaction, checks them and
// moves on. The header is built from the event and what came before, so that a
// signature that fits it proves both.
func (l *line) record(ctx context.Context, log *types.Log, entry mirror.Entry) error {
	if entry.Header.Nonce != l.nonce+1 {
		return fmt.Errorf("%w: nonce %d follows %d", mirror.ErrForged, entry.Header.Nonce, l.nonce)
	}
	tx, err := ask(ctx, l.pool, func(ctx context.Context, c Client, _ *types.Header) (*types.Transaction, error) {
		tx, _, err := c.TransactionByHash(ctx, log.TxHash)
		if err == nil && tx.Hash() != log.TxHash {
			err = fmt.Errorf("it hashes to %s: the endpoint forges transactions", tx.Hash())
		}
		return tx, err
	})
	if err != nil {
		return fmt.Errorf("%w: transaction %s: %w", mirror.ErrUnknown, log.TxHash, err)
	}
	recorded := Recorded{Entry: entry, Tx: log.TxHash, Block: log.BlockNumber}
	if tx.To() == nil || *tx.To() != l.contract {
		recorded.Indirect = true
		if err := entry.Header.Validate(); err != nil {
			return fmt.Errorf("%w: nonce %d: %w", mirror.ErrForged, entry.Header.Nonce, err)
		}
	} else {
		if recorded.Entry.Signatures, err = l.signatures(tx.Data()); err != nil {
			return fmt.Errorf("%w: transaction %s: %w", mirror.ErrForged, log.TxHash, err)
		}
		if err := recorded.Entry.Verify(l.domain); err != nil {
			return err
		}
	}
	l.Recorded = append(l.Recorded, recorded)
	l.nonce, l.root = entry.Header.Nonce, entry.Header.Root
	if entry.Next != nil {
		l.set = *entry.Next
	}
	return nil
}

// install takes a set that the owner installed.
func (l *line) install(log *types.Log) error {
	event, err := l.abi.UnpackAttestorsInstalledEvent(log)
	if err != nil {
		return fmt.Errorf("%w: %w", mirror.ErrForged, err)
	}
	set, err := checkedSet(event.Id, event.Time, event.Members, event.SetHash)
	if err != nil {
		return err
	}
	if event.Nonce < l.nonce {
		return fmt.Errorf("%w: a set was installed at nonce %d after %d", mirror.ErrForged, event.Nonce, l.nonce)
	}
	l.nonce, l.root, l.set = event.Nonce, event.Root, set
	l.Installs = append(l.Installs, Install{Nonce: event.Nonce, Root: event.Root, Set: set, Tx: log.TxHash, Block: log.BlockNumber})
	return nil
}

// ends compares the end of the line with the contract's own state: an event
// that was held back shows.
func (l *line) ends() error {
	switch {
	case !l.anchored:
		return fmt.Errorf("%w: the event of the deployment is missing: set evm.deploy_block to its block or one before", mirror.ErrForged)
	case l.nonce != l.Head.Nonce, l.root != l.Head.Root, l.set.Hash() != l.Head.SetHash:
		return fmt.Errorf("%w: the events end at nonce %d with root %s, the contract is at %d with %s", mirror.ErrDisagreement, l.nonce, l.root, l.Head.Nonce, l.Head.Root)
	}
	return nil
}

// signatures reads those that a transaction to the contract carried.
func (l *line) signatures(data []byte) ([]checkpoint.Signed, error) {
	parsed := l.abi.GetABI()
	method, err := parsed.MethodById(data)
	if err != nil {
		return nil, err
	}
	values, err := method.Inputs.Unpack(data[4:])
	if err != nil {
		return nil, err
	}
	if len(values) < 3 {
		return nil, fmt.Errorf("method %s carries no signatures", method.Name)
	}
	packed, ok := values[len(values)-1].([]byte)
	if !ok {
		return nil, fmt.Errorf("method %s carries no signatures", method.Name)
	}
	set, ok := abi.ConvertType(values[1], new(contract.CupelMirrorAttestorSet)).(*contract.CupelMirrorAttestorSet)
	if !ok || !bytes.Equal(set.Members, l.set.Packed()) {
		return nil, fmt.Errorf("it brings another set than %d", l.set.ID)
	}
	return unpackSignatures(l.set, packed)
}

const signatureSize = 66

// unpackSignatures reads what contract.EncodeSignatures wrote.
func unpackSignatures(set checkpoint.Set, packed []byte) ([]checkpoint.Signed, error) {
	if len(packed)%signatureSize != 0 {
		return nil, fmt.Errorf("signatures have %d bytes, not a multiple of %d", len(packed), signatureSize)
	}
	var out []checkpoint.Signed
	for ; len(packed) > 0; packed = packed[signatureSize:] {
		index := int(packed[0])
		if index >= len(set.Members) {
			return nil, fmt.Errorf("signer %d of %d", index, len(set.Members))
		}
		out = append(out, checkpoint.Signed{Address: set.Members[index].Address, Signature: checkpoint.Signature(packed[1:signatureSize])})
	}
	return out, nil
}

// checkedSet returns the set of an event, whose hash must be that of the event.
func checkedSet(id, time uint64, members []byte, hash common.Hash) (checkpoint.Set, error) {
	set, err := contract.ToSet(id, time, members)
	if err != nil {
		return set, fmt.Errorf("%w: set %d: %w", mirror.ErrForged, id, err)
	}
	if set.Hash() != checkpoint.Hash(hash) {
		return set, fmt.Errorf("%w: set %d hashes to %s, the event says %s", mirror.ErrForged, id, set.Hash(), hash)
	}
	return set, nil
}
