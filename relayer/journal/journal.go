// SPDX-License-Identifier: Apache-2.0

// Package journal keeps the signed transactions that may be in flight. Every
// transaction is written, with fsync, before it is sent, so that after a crash
// the same bytes are sent again instead of new ones. It holds nothing else:
// what is done, the target chain says.
package journal

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/cupel-network/cupel/relayer/mirror"
)

// Attempt is one signed transaction for one step of an entry.
type Attempt struct {
	// Hash identifies the transaction on its chain.
	Hash string `json:"hash"`
	// Raw is what is sent, byte for byte.
	Raw []byte `json:"raw"`
	// Part is the step of an entry that takes several transactions, from 0.
	Part int `json:"part"`
	// AccountNonce is the sender's nonce on an EVM chain.
	AccountNonce uint64 `json:"account_nonce,omitempty"`
	// LastValid is the last Solana block height at which it can land.
	LastValid uint64 `json:"last_valid,omitempty"`
	// Created is when it was signed, Sent when it was last sent.
	Created time.Time `json:"created"`
	Sent    time.Time `json:"sent"`
}

// Journal is one file. It is safe for concurrent use; a second process cannot
// open it.
type Journal struct{ db *bolt.DB }

// Open opens or makes the file. It fails after a second if another process
// holds it.
func Open(path string) (*Journal, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("journal %s is in use: another relayer runs with this home", path)
	}
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	return &Journal{db}, nil
}

// Close releases the file.
func (j *Journal) Close() error { return j.db.Close() }

// Book returns the part of the journal that belongs to a target.
func (j *Journal) Book(target string) *Book { return &Book{db: j.db, target: []byte(target)} }

// Book holds the attempts of one target by the nonce of the entry.
type Book struct {
	db     *bolt.DB
	target []byte
}

// Attempts returns what was written for an entry, oldest first.
func (b *Book) Attempts(nonce uint64) ([]Attempt, error) {
	var out []Attempt
	err := b.db.View(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(b.target)
		if bucket == nil {
			return nil
		}
		return read(bucket, nonce, &out)
	})
	return out, err
}

// Put writes an attempt and syncs it to disk; one of the same hash is replaced.
func (b *Book) Put(nonce uint64, attempt Attempt) error {
	replaced, first := false, false
	err := b.db.Update(func(tx *bolt.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists(b.target)
		if err != nil {
			return err
		}
		var all []Attempt
		if err := read(bucket, nonce, &all); err != nil {
			return err
		}
		for i := range all {
			if all[i].Hash == attempt.Hash {
				all[i], replaced = attempt, true
			}
		}
		if !replaced {
			all = append(all, attempt)
		}
		first = len(all) == 1
		text, err := json.Marshal(all)
		if err != nil {
			return err
		}
		return bucket.Put(key(nonce), text)
	})
	switch {
	case err != nil || replaced:
	case first:
		b.Reached(Stored)
	default:
		b.Reached(Raised)
	}
	return err
}

// Forget drops attempts of an entry that can not land any more.
func (b *Book) Forget(nonce uint64, hashes map[string]bool) error {
	return b.db.Update(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(b.target)
		if bucket == nil {
			return nil
		}
		var all []Attempt
		if err := read(bucket, nonce, &all); err != nil {
			return err
		}
		kept := slices.DeleteFunc(all, func(a Attempt) bool { return hashes[a.Hash] })
		if len(kept) == 0 {
			return bucket.Delete(key(nonce))
		}
		text, err := json.Marshal(kept)
		if err != nil {
			return err
		}
		return bucket.Put(key(nonce), text)
	})
}

// Nonces returns the entries that have attempts, ascending.
func (b *Book) Nonces() ([]uint64, error) {
	var out []uint64
	err := b.db.View(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(b.target)
		if bucket == nil {
			return nil
		}
		return bucket.ForEach(func(k, _ []byte) error {
			out = append(out, binary.BigEndian.Uint64(k))
			return nil
		})
	})
	return out, err
}

// Prune forgets the attempts of all entries up to a nonce, which must be final
// on the target.
func (b *Book) Prune(upTo uint64) error {
	nonces, err := b.Nonces()
	if err != nil || len(nonces) == 0 || nonces[0] > upTo {
		return err
	}
	err = b.db.Update(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(b.target)
		for _, nonce := range nonces {
			if nonce > upTo {
				return nil
			}
			if err := bucket.Delete(key(nonce)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		b.Reached(Final)
	}
	return err
}

func read(bucket *bolt.Bucket, nonce uint64, out *[]Attempt) error {
	text := bucket.Get(key(nonce))
	if text == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("journal entry of nonce %d: %w", nonce, err)
	}
	return nil
}

func key(nonce uint64) []byte { return binary.BigEndian.AppendUint64(nil, nonce) }

// Pending returns the transactions of all entries, which may be in flight or
// not final yet, ascending by entry.
func (b *Book) Pending() ([]mirror.Pending, error) {
	nonces, err := b.Nonces()
	if err != nil {
		return nil, err
	}
	var out []mirror.Pending
	for _, nonce := range nonces {
		attempts, err := b.Attempts(nonce)
		if err != nil {
			return nil, err
		}
		for _, a := range attempts {
			out = append(out, mirror.Pending{Nonce: nonce, Hash: a.Hash})
		}
	}
	return out, nil
}
