// SPDX-License-Identifier: Apache-2.0

// Package journal is the worker's memory of what it said: one record per
// attempt, durable before the act it names. See
// worker/adr/003-journal-and-salts.md.
package journal

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/cupel-network/cupel/worker/crash"
)

// Version of the layout on disk.
const Version = 1

var (
	bucketMeta    = []byte("meta")
	bucketLots    = []byte("lots")
	bucketCases   = []byte("cases")
	bucketRuns    = []byte("runs")
	bucketPublic  = []byte("public")
	bucketVotes   = []byte("votes")
	bucketAppeals = []byte("appeals")
	keyVersion    = []byte("version")
	keyChain      = []byte("chain")
	allBuckets    = [][]byte{bucketMeta, bucketLots, bucketCases, bucketRuns, bucketPublic, bucketVotes, bucketAppeals}
	errRolledBack = errors.New("a step never goes back")
)

// ErrChanged is an attempt to alter results that were already recorded.
var ErrChanged = errors.New("recorded results never change")

// ErrLocked is a journal that another process has open.
var ErrLocked = errors.New("the journal is in use: another worker runs in this home")

// Journal is safe for concurrent use.
type Journal struct {
	db *bbolt.DB
	// now stamps the records; the journal decides nothing by it.
	now func() time.Time
}

// Open opens or creates the journal at path for one chain. A journal of
// another chain or of a newer layout is an error. It returns ErrLocked if the
// file is in use.
func Open(path, chainID string) (*Journal, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 2 * time.Second})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	j := &Journal{db: db, now: time.Now}
	if err := j.prepare(chainID); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return j, nil
}

func (j *Journal) prepare(chainID string) error {
	return j.db.Update(func(tx *bbolt.Tx) error {
		for _, name := range allBuckets {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		meta := tx.Bucket(bucketMeta)
		if v := meta.Get(keyVersion); v != nil && binary.BigEndian.Uint32(v) != Version {
			return fmt.Errorf("journal has layout %d, this program knows %d: use the program that wrote it", binary.BigEndian.Uint32(v), Version)
		}
		if c := meta.Get(keyChain); c != nil && string(c) != chainID {
			return fmt.Errorf("journal belongs to chain %q, the configuration names %q: use another home", c, chainID)
		}
		if err := meta.Put(keyChain, []byte(chainID)); err != nil {
			return err
		}
		return meta.Put(keyVersion, binary.BigEndian.AppendUint32(nil, Version))
	})
}

// Close closes the file.
func (j *Journal) Close() error { return j.db.Close() }

// Ping writes and syncs nothing but proves that the journal can be written.
func (j *Journal) Ping() error {
	return j.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketMeta).Put(keyVersion, binary.BigEndian.AppendUint32(nil, Version))
	})
}

// Lot returns the record of an attempt; ok is false if there is none.
func (j *Journal) Lot(key LotKey) (rec Lot, ok bool, err error) {
	ok, err = j.get(bucketLots, key.encode(), &rec)
	return rec, ok, err
}

// PutLot writes a record durably. It is a no-op if nothing changed, and an
// error if the step goes back or recorded results change.
func (j *Journal) PutLot(rec Lot) error {
	old, ok, err := j.Lot(rec.Key)
	if err != nil {
		return err
	}
	if ok {
		if rec.Step < old.Step {
			return fmt.Errorf("lot %s: %s after %s: %w", rec.Key, rec.Step, old.Step, errRolledBack)
		}
		if old.Step >= StepExecuted && !sameRuns(old.Runs, rec.Runs) {
			return fmt.Errorf("lot %s: %w", rec.Key, ErrChanged)
		}
		if rec.Step == old.Step && rec.Confirmed == old.Confirmed {
			return nil
		}
	}
	rec.Updated = j.now()
	if err := j.put(bucketLots, rec.Key.encode(), rec); err != nil {
		return err
	}
	if !ok || rec.Step != old.Step {
		crash.At(crash.Point(rec.Step.String()), rec.Key.Batch)
	}
	return nil
}

// Lots returns all records in order of key.
func (j *Journal) Lots() ([]Lot, error) {
	var all []Lot
	err := each(j, bucketLots, func(_ []byte, rec Lot) error {
		all = append(all, rec)
		return nil
	})
	return all, err
}

// Case returns the record of an attempt; ok is false if there is none.
func (j *Journal) Case(key CaseKey) (rec Case, ok bool, err error) {
	ok, err = j.get(bucketCases, key.encode(), &rec)
	return rec, ok, err
}

// PutCase is PutLot for a case.
func (j *Journal) PutCase(rec Case) error {
	old, ok, err := j.Case(rec.Key)
	if err != nil {
		return err
	}
	if ok {
		if rec.Step < old.Step {
			return fmt.Errorf("case %s: %s after %s: %w", rec.Key, rec.Step, old.Step, errRolledBack)
		}
		if old.Step >= StepExecuted && !sameAnswer(old, rec) {
			return fmt.Errorf("case %s: %w", rec.Key, ErrChanged)
		}
		if rec.Step == old.Step && rec.Confirmed == old.Confirmed {
			return nil
		}
	}
	rec.Updated = j.now()
	if err := j.put(bucketCases, rec.Key.encode(), rec); err != nil {
		return err
	}
	if !ok || rec.Step != old.Step {
		crash.At(crash.Point(rec.Step.String()), rec.Key.Task>>taskIndexBits)
	}
	return nil
}

// Cases returns all records in order of key.
func (j *Journal) Cases() ([]Case, error) {
	var all []Case
	err := each(j, bucketCases, func(_ []byte, rec Case) error {
		all = append(all, rec)
		return nil
	})
	return all, err
}

// Run returns an earlier execution; ok is false if there is none.
func (j *Journal) Run(key RunKey) (run Run, ok bool, err error) {
	ok, err = j.get(bucketRuns, key[:], &run)
	return run, ok, err
}

// PutRun keeps the result of an execution for later attempts. Host-made
// outcomes must not be kept: another attempt may do better.
func (j *Journal) PutRun(key RunKey, run Run) error {
	return j.put(bucketRuns, key[:], run)
}

func (j *Journal) get(bucket, key []byte, v any) (bool, error) {
	found := false
	err := j.db.View(func(tx *bbolt.Tx) error {
		raw := tx.Bucket(bucket).Get(key)
		if raw == nil {
			return nil
		}
		found = true
		return json.Unmarshal(raw, v)
	})
	if err != nil {
		return false, fmt.Errorf("read the journal: %w", err)
	}
	return found, nil
}

// put returns once the record is on disk: bbolt syncs every transaction.
func (j *Journal) put(bucket, key []byte, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode a record: %w", err)
	}
	err = j.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucket).Put(key, raw) })
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

func each[T any](j *Journal, bucket []byte, fn func(key []byte, rec T) error) error {
	return j.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucket).ForEach(func(k, raw []byte) error {
			var rec T
			if err := json.Unmarshal(raw, &rec); err != nil {
				return fmt.Errorf("read the journal: record %x: %w", k, err)
			}
			return fn(k, rec)
		})
	})
}
