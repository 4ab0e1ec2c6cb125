// SPDX-License-Identifier: Apache-2.0

package session

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// storeVersion is that of the layout on disk.
const storeVersion = 1

var (
	bucketMeta     = []byte("meta")
	bucketSessions = []byte("sessions")
	keyVersion     = []byte("version")
	keyChain       = []byte("chain")
)

// ErrLocked is a store that another process has open.
var ErrLocked = errors.New("the store of vouchers is in use: another worker runs in this home")

// errLower is an attempt to put a lower voucher in the place of a higher one.
var errLower = errors.New("a voucher never goes down")

// Record is what is kept of a session.
type Record struct {
	Session uint64 `json:"session"`
	// Voucher is the highest one, as its header.
	Voucher string `json:"voucher"`
	Amount  uint64 `json:"amount"`
	// Used is what calls have cost so far, in base units; Milli the thousandths
	// beyond it.
	Used  uint64 `json:"used"`
	Milli uint64 `json:"milli"`
	// Open is what streams under way have cost so far, in thousandths. It
	// becomes Used when they end, or when the worker starts after a crash.
	Open uint64 `json:"open,omitempty"`
	// Redeemed is the cumulative amount that the chain has seen.
	Redeemed uint64 `json:"redeemed"`
	// Waiting is since when there is something to redeem.
	Waiting time.Time `json:"waiting,omitzero"`
	// Gone is since when the chain says that the session pays nothing more.
	Gone time.Time `json:"gone,omitzero"`
}

// signed returns the highest voucher.
func (r Record) signed() (voucher.Signed, error) {
	s, err := voucher.ParseHeader(r.Voucher)
	if err != nil {
		return s, fmt.Errorf("read the voucher of session %d: %w", r.Session, err)
	}
	return s, nil
}

// charge adds a cost in thousandths.
func (r *Record) charge(milli uint64) {
	total := r.Milli + milli
	r.Used, r.Milli = r.Used+total/tokenScale, total%tokenScale
}

// spent is Used with the thousandths rounded up.
func (r Record) spent() uint64 {
	if r.Milli > 0 {
		return r.Used + 1
	}
	return r.Used
}

// unredeemed is what the chain has not seen yet.
func (r Record) unredeemed() uint64 { return r.Amount - min(r.Redeemed, r.Amount) }

// Store keeps the highest voucher of every session: each write is on disk when
// it returns. It is safe for concurrent use.
type Store struct{ db *bbolt.DB }

// OpenStore opens or creates the store at path for one chain. It returns
// ErrLocked if the file is in use.
func OpenStore(path, chainID string) (*Store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 2 * time.Second})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("open the store of vouchers: %w", err)
	}
	err = db.Update(func(tx *bbolt.Tx) error { return prepareStore(tx, chainID) })
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{db: db}, nil
}

func prepareStore(tx *bbolt.Tx, chainID string) error {
	meta, err := tx.CreateBucketIfNotExists(bucketMeta)
	if err != nil {
		return err
	}
	if v := meta.Get(keyVersion); v != nil && string(v) != string(binary.BigEndian.AppendUint32(nil, storeVersion)) {
		return fmt.Errorf("the store of vouchers has layout %x, this program knows %d: use the program that wrote it", v, storeVersion)
	}
	if c := meta.Get(keyChain); c != nil && string(c) != chainID {
		return fmt.Errorf("the store of vouchers belongs to chain %q, the configuration names %q: use another home", c, chainID)
	}
	if err := meta.Put(keyChain, []byte(chainID)); err != nil {
		return err
	}
	if err := meta.Put(keyVersion, binary.BigEndian.AppendUint32(nil, storeVersion)); err != nil {
		return err
	}
	_, err = tx.CreateBucketIfNotExists(bucketSessions)
	return err
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Get returns the record of a session; ok is false if there is none.
func (s *Store) Get(id uint64) (rec Record, ok bool, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		raw := tx.Bucket(bucketSessions).Get(storeKey(id))
		if raw == nil {
			return nil
		}
		ok = true
		return json.Unmarshal(raw, &rec)
	})
	if err != nil {
		return Record{}, false, fmt.Errorf("read the store of vouchers: %w", err)
	}
	return rec, ok, nil
}

// Put writes a record durably. It is an error if an amount goes down.
func (s *Store) Put(rec Record) error {
	raw, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("encode session %d: %w", rec.Session, err)
	}
	err = s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketSessions)
		if old := b.Get(storeKey(rec.Session)); old != nil {
			var before Record
			if err := json.Unmarshal(old, &before); err != nil {
				return err
			}
			if rec.Amount < before.Amount || rec.Used < before.Used || rec.Redeemed < before.Redeemed {
				return errLower
			}
		}
		return b.Put(storeKey(rec.Session), raw)
	})
	if err != nil {
		return fmt.Errorf("write session %d to the store of vouchers: %w", rec.Session, err)
	}
	return nil
}

// Delete forgets a session that can pay nothing any more.
func (s *Store) Delete(id uint64) error {
	return s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketSessions).Delete(storeKey(id)) })
}

// All returns all records in order of session.
func (s *Store) All() ([]Record, error) {
	var all []Record
	err := s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketSessions).ForEach(func(k, raw []byte) error {
			var rec Record
			if err := json.Unmarshal(raw, &rec); err != nil {
				return fmt.Errorf("record %x: %w", k, err)
			}
			all = append(all, rec)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the store of vouchers: %w", err)
	}
	return all, nil
}

func storeKey(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }
