// SPDX-License-Identifier: Apache-2.0

package attestor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// History is what a new guard is started from.
type History interface {
	// Line returns how far the headers are.
	Line(ctx context.Context) (types.Line, error)
	// Signatures returns a header with all of its signatures.
	Signatures(ctx context.Context, nonce uint64) (*types.QuerySignaturesResponse, error)
}

// Recovered says what a new guard knows.
type Recovered struct {
	// Floor is the highest nonce that will never be signed any more, Learned
	// how many headers above it the chain shows a signature for.
	Floor   uint64
	Learned int
}

// Recover starts a new guard for the keys of a home whose guard is lost: what
// is sealed is never signed again, and for what is open the chain's record of
// these keys is taken over. A guard that is there and admits all keys is an
// error.
func Recover(ctx context.Context, history History, home, chainID string) (Recovered, error) {
	keys, err := signing.LoadKeys(signing.KeysDir(home))
	if err != nil {
		return Recovered{}, err
	}
	line, err := history.Line(ctx)
	if err != nil {
		return Recovered{}, fmt.Errorf("read the line: %w", err)
	}
	addresses := make([]checkpoint.Address, 0, len(keys))
	for _, key := range keys {
		addresses = append(addresses, key.Address)
	}
	var learned []checkpoint.Header
	for nonce := line.SealedNonce + 1; nonce <= line.LastNonce; nonce++ {
		header, signed, err := signedBy(ctx, history, nonce, addresses)
		if err != nil {
			return Recovered{}, fmt.Errorf("read the signatures of nonce %d: %w", nonce, err)
		}
		if signed {
			learned = append(learned, header)
		}
	}
	guard, err := openOrCreate(signing.GuardPath(home), chainID)
	if err != nil {
		return Recovered{}, err
	}
	var foreign []signing.Key
	for _, key := range keys {
		if err := guard.Admits(key); err != nil {
			foreign = append(foreign, key)
		}
	}
	if len(foreign) == 0 {
		return Recovered{}, errors.Join(errors.New("the guard of these keys is there: no new one is needed"), guard.Close())
	}
	err = guard.Adopt(foreign, line.SealedNonce, learned)
	return Recovered{Floor: line.SealedNonce, Learned: len(learned)}, errors.Join(err, guard.Close())
}

func openOrCreate(path, chainID string) (*signing.Guard, error) {
	guard, err := signing.OpenGuard(path, chainID)
	if errors.Is(err, signing.ErrNoGuard) {
		return signing.CreateGuard(path, chainID)
	}
	return guard, err
}

// ErrStaleGuard is a guard that does not know of a signature on chain.
var ErrStaleGuard = errors.New("the guard does not know what its keys have signed")

// memoryDepth is how many of the newest headers are compared with the guard.
const memoryDepth = 50

// CheckMemory compares the newest headers on chain with the guard. It returns
// ErrStaleGuard if a key of it has signed one that is not in it: the guard is
// an old copy, or the key signs somewhere else, too.
func CheckMemory(ctx context.Context, history History, local *signing.Local) error {
	keys, err := local.Keys(ctx)
	if err != nil {
		return err
	}
	line, err := history.Line(ctx)
	if err != nil {
		return err
	}
	for i := uint64(0); i < min(memoryDepth, line.LastNonce); i++ {
		header, signed, err := signedBy(ctx, history, line.LastNonce-i, keys)
		if err != nil {
			return err
		}
		if !signed {
			continue
		}
		held, err := local.Holds(header)
		if err != nil {
			return err
		}
		if !held {
			return fmt.Errorf("%w: nonce %d has a signature on chain", ErrStaleGuard, header.Nonce)
		}
	}
	return nil
}

func signedBy(ctx context.Context, history History, nonce uint64, keys []checkpoint.Address) (checkpoint.Header, bool, error) {
	res, err := history.Signatures(ctx, nonce)
	if err != nil {
		return checkpoint.Header{}, false, err
	}
	header, err := res.Checkpoint.Header.Decode()
	if err != nil {
		return header, false, err
	}
	own := func(s types.AttestorSignature) bool {
		return slices.ContainsFunc(keys, func(k checkpoint.Address) bool { return string(k[:]) == string(s.Key) })
	}
	return header, slices.ContainsFunc(res.Signatures, own), nil
}
