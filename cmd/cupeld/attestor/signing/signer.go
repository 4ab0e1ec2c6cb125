// SPDX-License-Identifier: Apache-2.0

package signing

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// Where keys and guard lie in a home.
const (
	keysDir   = "config/attest"
	guardFile = "data/attest/guard.db"
)

// Errors of a signer.
var (
	// ErrUnknownKey is a key that the signer does not hold.
	ErrUnknownKey = errors.New("the signer does not hold the key")
	// ErrBadRequest is a request that no correct attestor makes.
	ErrBadRequest = errors.New("the signer refuses the request")
)

// Signer signs for an attestor. It is given the whole header, never a digest,
// and has a guard of its own.
type Signer interface {
	// Keys lists the addresses that it signs for.
	Keys(ctx context.Context) ([]checkpoint.Address, error)
	// Sign signs a header; ErrSecondDigest, ErrUnknownKey or ErrBadRequest.
	Sign(ctx context.Context, key checkpoint.Address, header checkpoint.Header) (checkpoint.Signature, error)
	// Possession signs that a validator holds the key. Operator is the bytes of
	// its account.
	Possession(ctx context.Context, key checkpoint.Address, operator []byte) (checkpoint.Signature, error)
}

// KeysDir is the folder of the keys of a home.
func KeysDir(home string) string { return filepath.Join(home, keysDir) }

// GuardPath is the guard of a home.
func GuardPath(home string) string { return filepath.Join(home, guardFile) }

// Local signs with key files of this machine.
type Local struct {
	home   string
	chain  string
	domain checkpoint.Domain
	guard  *Guard

	mu   sync.Mutex
	keys map[checkpoint.Address]Key
}

// OpenLocal opens keys and guard of a home. Keys that the guard does not admit
// are an error.
func OpenLocal(home, chainID string) (*Local, error) {
	guard, err := OpenGuard(GuardPath(home), chainID)
	if err != nil {
		return nil, err
	}
	l := &Local{home: home, chain: chainID, domain: checkpoint.NewDomain(chainID), guard: guard}
	if err := l.load(); err != nil {
		return nil, errors.Join(err, guard.Close())
	}
	return l, nil
}

// Close closes the guard.
func (l *Local) Close() error { return l.guard.Close() }

// load reads the folder again. The lock is the caller's.
func (l *Local) load() error {
	keys, err := LoadKeys(KeysDir(l.home))
	if err != nil {
		return err
	}
	loaded := make(map[checkpoint.Address]Key, len(keys))
	for _, key := range keys {
		if err := l.guard.Admits(key); err != nil {
			return err
		}
		loaded[key.Address] = key
	}
	l.keys = loaded
	return nil
}

// Keys implements Signer. Keys that were added since are found.
func (l *Local) Keys(context.Context) ([]checkpoint.Address, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(); err != nil {
		return nil, err
	}
	out := make([]checkpoint.Address, 0, len(l.keys))
	for address := range l.keys {
		out = append(out, address)
	}
	slices.SortFunc(out, func(a, b checkpoint.Address) int { return slices.Compare(a[:], b[:]) })
	return out, nil
}

// Sign implements Signer: the guard has the header on disk before the
// signature exists.
func (l *Local) Sign(_ context.Context, address checkpoint.Address, header checkpoint.Header) (checkpoint.Signature, error) {
	if err := header.Validate(); err != nil {
		return checkpoint.Signature{}, fmt.Errorf("%w: header %d: %w", ErrBadRequest, header.Nonce, err)
	}
	key, err := l.key(address)
	if err != nil {
		return checkpoint.Signature{}, err
	}
	if err := l.guard.Record(header); err != nil {
		return checkpoint.Signature{}, err
	}
	crashGuarded()
	return checkpoint.Sign(key.private, l.domain.Digest(header)), nil
}

// Holds reports whether the guard knows of a header that a key of it has
// signed. That it does not means that the guard is an old copy, or that the
// key signs somewhere else, too.
func (l *Local) Holds(header checkpoint.Header) (bool, error) {
	if header.Nonce <= l.guard.floor {
		return true, nil
	}
	known, found, err := l.guard.Header(header.Nonce)
	return found && known == header, err
}

// Possession implements Signer.
func (l *Local) Possession(_ context.Context, address checkpoint.Address, operator []byte) (checkpoint.Signature, error) {
	if len(operator) == 0 {
		return checkpoint.Signature{}, fmt.Errorf("%w: the operator is empty", ErrBadRequest)
	}
	key, err := l.key(address)
	if err != nil {
		return checkpoint.Signature{}, err
	}
	return Possession(key, l.chain, operator), nil
}

// Possession signs that a validator of a chain holds the key. It needs no
// guard: it is no header.
func Possession(key Key, chainID string, operator []byte) checkpoint.Signature {
	return checkpoint.Sign(key.private, checkpoint.NewDomain(chainID).PossessionDigest(operator, key.Address))
}

// key finds a key; one that was added since is read.
func (l *Local) key(address checkpoint.Address) (Key, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if key, ok := l.keys[address]; ok {
		return key, nil
	}
	if err := l.load(); err != nil {
		return Key{}, err
	}
	key, ok := l.keys[address]
	if !ok {
		return Key{}, fmt.Errorf("%w: %s", ErrUnknownKey, address)
	}
	return key, nil
}
