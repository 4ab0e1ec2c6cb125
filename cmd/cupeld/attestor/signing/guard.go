// SPDX-License-Identifier: Apache-2.0

package signing

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// guardVersion is the layout of the file; its id lies beside it in plain text.
const (
	guardVersion = "1"
	idSuffix     = ".id"
)

var (
	bucketMeta    = []byte("meta")
	bucketHeaders = []byte("headers")
	bucketAdopted = []byte("adopted")

	metaVersion = []byte("version")
	metaID      = []byte("id")
	metaChain   = []byte("chain")
	metaFloor   = []byte("floor")
)

// Errors of a guard.
var (
	// ErrSecondDigest refuses a header of which the nonce was signed otherwise,
	// or which does not continue the line of what was signed.
	ErrSecondDigest = errors.New("the guard refuses to sign")
	// ErrNoGuard is a guard that is not there.
	ErrNoGuard = errors.New("the guard of the attestor keys is missing")
	// ErrLocked is a guard that another process has open.
	ErrLocked = errors.New("the guard is in use: another attestor runs in this home")
	// ErrForeignKey is a key that was made with another guard.
	ErrForeignKey = errors.New("the key belongs to another guard")
)

// Guard remembers for ever which header was signed for each nonce. It is one
// for all keys of an attestor, since a chain has one header a nonce. It is
// safe for concurrent use.
type Guard struct {
	db    *bbolt.DB
	id    string
	chain string
	floor uint64
}

// CreateGuard makes the guard of a chain. A file that is there is an error.
func CreateGuard(path, chainID string) (*Guard, error) {
	if _, err := os.Stat(path); err == nil {
		return nil, fmt.Errorf("guard %s is there already: never replace it, it is what keeps the keys from signing twice", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the guard's folder: %w", err)
	}
	var random [16]byte
	_, _ = rand.Read(random[:]) // it never fails
	id := hex.EncodeToString(random[:])
	db, err := bbolt.Open(path, keyMode, &bbolt.Options{Timeout: 2 * time.Second})
	if err != nil {
		return nil, fmt.Errorf("create the guard: %w", err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketMeta, bucketHeaders, bucketAdopted} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		meta := tx.Bucket(bucketMeta)
		return errors.Join(
			meta.Put(metaVersion, []byte(guardVersion)), meta.Put(metaID, []byte(id)),
			meta.Put(metaChain, []byte(chainID)),
		)
	})
	if err == nil {
		// The file beside it is for who makes a key while the guard is in use.
		err = errors.Join(os.WriteFile(path+idSuffix, []byte(id), keyMode), syncDir(filepath.Dir(path)))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create the guard: %w", err), db.Close())
	}
	return &Guard{db: db, id: id, chain: chainID}, nil
}

// GuardID returns the id of the guard at a path, which another process may
// have open. ErrNoGuard if there is none.
func GuardID(path, chainID string) (string, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: %s", ErrNoGuard, path)
	}
	if id, err := os.ReadFile(path + idSuffix); err == nil {
		return string(id), nil
	}
	g, err := OpenGuard(path, chainID)
	if err != nil {
		return "", err
	}
	return g.id, g.Close()
}

// OpenGuard opens the guard of a chain. It returns ErrNoGuard if the file is
// missing and ErrLocked if another process has it.
func OpenGuard(path, chainID string) (*Guard, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoGuard, path)
	}
	db, err := bbolt.Open(path, keyMode, &bbolt.Options{Timeout: 2 * time.Second})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("open guard %s: %w", path, err)
	}
	g := &Guard{db: db, chain: chainID}
	if err := db.View(g.readMeta); err != nil {
		return nil, errors.Join(fmt.Errorf("guard %s: %w", path, err), db.Close())
	}
	return g, nil
}

func (g *Guard) readMeta(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil || tx.Bucket(bucketHeaders) == nil || tx.Bucket(bucketAdopted) == nil {
		return errors.New("it is not a guard: restore it from a backup of this moment, or sign with a new key")
	}
	if v := string(meta.Get(metaVersion)); v != guardVersion {
		return fmt.Errorf("it has layout %q, this program knows %s: use the program that wrote it", v, guardVersion)
	}
	if chain := string(meta.Get(metaChain)); chain != g.chain {
		return fmt.Errorf("it belongs to chain %q, not %q: use another home", chain, g.chain)
	}
	g.id = string(meta.Get(metaID))
	if floor := meta.Get(metaFloor); len(floor) == 8 {
		g.floor = binary.BigEndian.Uint64(floor)
	}
	return nil
}

// Close closes the file.
func (g *Guard) Close() error { return g.db.Close() }

// ID is what keys are bound to.
func (g *Guard) ID() string { return g.id }

// Adopt lets keys of a lost guard sign under this one, in one step: nonces up
// to floor are never signed again, and learned are headers that the chain shows
// a signature of these keys for.
func (g *Guard) Adopt(keys []Key, floor uint64, learned []checkpoint.Header) error {
	floor = max(floor, g.floor)
	err := g.db.Update(func(tx *bbolt.Tx) error {
		for _, header := range learned {
			if err := put(tx, header); err != nil {
				return err
			}
		}
		for _, key := range keys {
			if err := tx.Bucket(bucketAdopted).Put(key.Address[:], []byte(key.Guard)); err != nil {
				return err
			}
		}
		return tx.Bucket(bucketMeta).Put(metaFloor, nonceKey(floor))
	})
	if err != nil {
		return fmt.Errorf("adopt keys: %w", err)
	}
	g.floor = floor
	return nil
}

// Admits returns ErrForeignKey for a key that is neither this guard's nor
// adopted.
func (g *Guard) Admits(key Key) error {
	if key.Guard == g.id {
		return nil
	}
	return g.db.View(func(tx *bbolt.Tx) error {
		if string(tx.Bucket(bucketAdopted).Get(key.Address[:])) == key.Guard {
			return nil
		}
		return fmt.Errorf("%w: %s was made elsewhere and may sign there at this moment", ErrForeignKey, key.Address)
	})
}

// Record writes down that a header is about to be signed, and returns once
// that is on disk. It is a no-op for the header that is recorded, and
// ErrSecondDigest for any other of that nonce and for one that does not
// continue the recorded neighbours.
func (g *Guard) Record(header checkpoint.Header) error {
	known, found, err := g.Header(header.Nonce)
	if err != nil || (found && known == header) {
		return err
	}
	return g.db.Update(func(tx *bbolt.Tx) error {
		if _, found, err := headerOf(tx, header.Nonce); err != nil {
			return err
		} else if !found && header.Nonce <= g.floor {
			return fmt.Errorf("%w: nonce %d is older than this guard, which replaces a lost one", ErrSecondDigest, header.Nonce)
		}
		return put(tx, header)
	})
}

// put keeps a header unless it contradicts what is kept.
func put(tx *bbolt.Tx, header checkpoint.Header) error {
	old, found, err := headerOf(tx, header.Nonce)
	switch {
	case err != nil:
		return err
	case found && old != header:
		return fmt.Errorf("%w: nonce %d was signed with root %s and next set %s", ErrSecondDigest, header.Nonce, old.Root, old.NextSet)
	case found:
		return nil
	}
	if err := checkNeighbours(tx, header); err != nil {
		return err
	}
	raw, err := json.Marshal(header)
	if err != nil {
		return err
	}
	headers := tx.Bucket(bucketHeaders)
	headers.FillPercent = 0.9 // nonces ascend: half-full pages would stay so for ever
	return headers.Put(nonceKey(header.Nonce), raw)
}

// checkNeighbours: what one attestor signs is one line.
func checkNeighbours(tx *bbolt.Tx, header checkpoint.Header) error {
	before, found, err := headerOf(tx, header.Nonce-1)
	if err != nil {
		return err
	}
	if found && !follows(before, header) {
		return fmt.Errorf("%w: nonce %d does not continue the header of nonce %d that was signed", ErrSecondDigest, header.Nonce, before.Nonce)
	}
	after, found, err := headerOf(tx, header.Nonce+1)
	if err != nil {
		return err
	}
	if found && !follows(header, after) {
		return fmt.Errorf("%w: the header of nonce %d that was signed does not continue nonce %d", ErrSecondDigest, after.Nonce, header.Nonce)
	}
	return nil
}

func follows(before, after checkpoint.Header) bool {
	return after.PrevRoot == before.Root && after.Set == before.NextSet && after.Height >= before.Height
}

// Last returns the highest nonce that was recorded, 0 for none.
func (g *Guard) Last() (uint64, error) {
	var last uint64
	err := g.db.View(func(tx *bbolt.Tx) error {
		if key, _ := tx.Bucket(bucketHeaders).Cursor().Last(); key != nil {
			last = binary.BigEndian.Uint64(key)
		}
		return nil
	})
	return last, err
}

// Header returns the header that was recorded for a nonce.
func (g *Guard) Header(nonce uint64) (header checkpoint.Header, found bool, err error) {
	err = g.db.View(func(tx *bbolt.Tx) error {
		header, found, err = headerOf(tx, nonce)
		return err
	})
	return header, found, err
}

func headerOf(tx *bbolt.Tx, nonce uint64) (checkpoint.Header, bool, error) {
	var header checkpoint.Header
	raw := tx.Bucket(bucketHeaders).Get(nonceKey(nonce))
	if raw == nil {
		return header, false, nil
	}
	if err := json.Unmarshal(raw, &header); err != nil {
		return header, false, fmt.Errorf("the guard's record of nonce %d is damaged: %w", nonce, err)
	}
	return header, true, nil
}

func nonceKey(nonce uint64) []byte { return binary.BigEndian.AppendUint64(nil, nonce) }
