// SPDX-License-Identifier: Apache-2.0

// Package earnings keeps a durable book of what a worker answered, what it was
// paid, what it declined and what it spent on fees. The book decides nothing on
// chain; it holds one record per unreleased attempt and totals per day.
package earnings

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

var (
	bucketOpen = []byte("open")
	bucketDone = []byte("done")
	bucketDays = []byte("days")
	bucketFees = []byte("fees")
)

// ErrLocked is a book that a running worker has open.
var ErrLocked = errors.New("the book is in use by a running worker")

// keepDone is how long a closed key is remembered, so that nothing is booked
// twice after a crash.
const keepDone = 7 * 24 * time.Hour

// Entry is an attempt that was answered or declined.
type Entry struct {
	Key       string `json:"key"`
	Class     string `json:"class"`
	Requester string `json:"requester"`
	// Denom of Price and of what is paid.
	Denom string `json:"denom"`
	// Price of the seat in base units of Denom per price unit.
	Price uint64 `json:"price"`
	Tasks uint32 `json:"tasks"`
	// Units used by all tasks.
	Units uint64 `json:"units"`
	// Share is the pay that is hoped for in base units of Denom, Expected the
	// same in ucupel.
	Share    uint64    `json:"share"`
	Expected uint64    `json:"expected"`
	At       time.Time `json:"at"`
}

// Outcome is how an attempt ended.
type Outcome struct {
	State  string `json:"state"`
	Reason string `json:"reason"`
	// Paid in base units of the entry's denom.
	Paid uint64 `json:"paid"`
	// Estimated is true if Paid was computed and not read from a block.
	Estimated bool `json:"estimated"`
}

// Book is safe for concurrent use.
type Book struct {
	db  *bbolt.DB
	now func() time.Time

	mu     sync.Mutex
	atRisk map[string]uint64
	open   map[string]Entry
}

// Open opens or creates the book at path. It returns ErrLocked if a worker has
// it open.
func Open(path string) (*Book, error) { return open(path, false) }

// View opens an existing book for reading.
func View(path string) (*Book, error) { return open(path, true) }

func open(path string, readOnly bool) (*Book, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 2 * time.Second, ReadOnly: readOnly})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("open the book of earnings: %w", err)
	}
	b := &Book{db: db, now: time.Now, atRisk: make(map[string]uint64), open: make(map[string]Entry)}
	if !readOnly {
		err = b.prepare()
	}
	if err == nil {
		err = b.load()
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return b, nil
}

func (b *Book) prepare() error {
	return b.db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketOpen, bucketDone, bucketDays, bucketFees} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return forgetDone(tx.Bucket(bucketDone), b.now().Add(-keepDone))
	})
}

func forgetDone(done *bbolt.Bucket, before time.Time) error {
	var old [][]byte
	err := done.ForEach(func(k, raw []byte) error {
		var at time.Time
		if err := at.UnmarshalText(raw); err != nil {
			return err
		}
		if at.Before(before) {
			old = append(old, append([]byte(nil), k...))
		}
		return nil
	})
	for _, k := range old {
		err = errors.Join(err, done.Delete(k))
	}
	return err
}

func (b *Book) load() error {
	return b.db.View(func(tx *bbolt.Tx) error {
		return each(tx, bucketOpen, func(_ []byte, e Entry) error {
			b.keep(e)
			return nil
		})
	})
}

func (b *Book) keep(e Entry) {
	b.open[e.Key] = e
	b.atRisk[e.Requester] = add(b.atRisk[e.Requester], e.Expected)
}

// CloseFile closes the file.
func (b *Book) CloseFile() error { return b.db.Close() }

// Has reports whether an attempt is open.
func (b *Book) Has(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.open[key]
	return ok
}

// AtRisk is the expected pay of the open attempts of a requester, in ucupel.
func (b *Book) AtRisk(requester string) uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.atRisk[requester]
}

// MostAtRisk returns the requester with the most at risk, empty if none has any.
func (b *Book) MostAtRisk() (requester string, amount uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for r, v := range b.atRisk {
		if v > amount || v == amount && r < requester {
			requester, amount = r, v
		}
	}
	return requester, amount
}

// ShareOf is the expected pay of an open attempt, in base units of its denom; 0
// if it is not open.
func (b *Book) ShareOf(key string) uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open[key].Share
}

// Open records that an attempt is answered. It is a no-op for one that is open
// or was closed.
func (b *Book) Open(e Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.open[e.Key]; ok {
		return nil
	}
	e.At = b.now().UTC()
	isNew := false
	err := b.update(func(tx *bbolt.Tx) error {
		if tx.Bucket(bucketDone).Get([]byte(e.Key)) != nil {
			return nil
		}
		isNew = true
		raw, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if err := tx.Bucket(bucketOpen).Put([]byte(e.Key), raw); err != nil {
			return err
		}
		return b.total(tx, e, func(t *Totals) { t.answered(e) })
	})
	if err == nil && isNew {
		b.keep(e)
	}
	return err
}

// Decline counts an attempt that is not served, once per key.
func (b *Book) Decline(e Entry) error {
	return b.once("declined/"+e.Key, e, func(t *Totals) { t.Declined++ })
}

// Close books the end of an open attempt; it is a no-op for any other.
func (b *Book) Close(key string, out Outcome) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.open[key]
	if !ok {
		return nil
	}
	err := b.update(func(tx *bbolt.Tx) error {
		if err := tx.Bucket(bucketOpen).Delete([]byte(key)); err != nil {
			return err
		}
		if err := b.mark(tx, []byte(key)); err != nil {
			return err
		}
		return b.total(tx, e, func(t *Totals) { t.ended(e, out) })
	})
	if err != nil {
		return err
	}
	delete(b.open, key)
	b.atRisk[e.Requester] -= min(e.Expected, b.atRisk[e.Requester])
	if b.atRisk[e.Requester] == 0 {
		delete(b.atRisk, e.Requester)
	}
	return nil
}

// Verified books the pay of a verification seat, once per key.
func (b *Book) Verified(e Entry, out Outcome) error {
	return b.once("case/"+e.Key, e, func(t *Totals) { t.verified(out) })
}

// Voted books the fee of a seat in a committee, once per key.
func (b *Book) Voted(e Entry, out Outcome) error {
	return b.once("vote/"+e.Key, e, func(t *Totals) { t.voted(out) })
}

// Lost books a bond that was lost, in base units of the entry's denom, once per
// key.
func (b *Book) Lost(key string, e Entry, amount uint64) error {
	return b.once("lost/"+key, e, func(t *Totals) { t.Lost = add(t.Lost, amount) })
}

// once changes the totals of an entry unless that was done before under key.
func (b *Book) once(key string, e Entry, change func(*Totals)) error {
	return b.update(func(tx *bbolt.Tx) error {
		if tx.Bucket(bucketDone).Get([]byte(key)) != nil {
			return nil
		}
		if err := b.mark(tx, []byte(key)); err != nil {
			return err
		}
		return b.total(tx, e, change)
	})
}

// Fee books the fee of a transaction that is in a block, in ucupel.
func (b *Book) Fee(kind string, amount uint64) error {
	return b.update(func(tx *bbolt.Tx) error {
		bucket, key := tx.Bucket(bucketFees), []byte(b.day()+"/"+kind)
		var f Fees
		if err := get(bucket, key, &f); err != nil {
			return err
		}
		f.Transactions, f.Amount = f.Transactions+1, add(f.Amount, amount)
		return put(bucket, key, f)
	})
}

func (b *Book) mark(tx *bbolt.Tx, key []byte) error {
	text, err := b.now().UTC().MarshalText()
	if err != nil {
		return err
	}
	return tx.Bucket(bucketDone).Put(key, text)
}

func (b *Book) day() string { return b.now().UTC().Format(time.DateOnly) }

// total changes the totals of today, the class and the denom of an entry.
func (b *Book) total(tx *bbolt.Tx, e Entry, change func(*Totals)) error {
	bucket, key := tx.Bucket(bucketDays), []byte(b.day()+"|"+e.Class+"|"+e.Denom)
	var t Totals
	if err := get(bucket, key, &t); err != nil {
		return err
	}
	change(&t)
	return put(bucket, key, t)
}

func (b *Book) update(fn func(*bbolt.Tx) error) error {
	if err := b.db.Update(fn); err != nil {
		return fmt.Errorf("write the book of earnings: %w", err)
	}
	return nil
}

func get(b *bbolt.Bucket, key []byte, v any) error {
	raw := b.Get(key)
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, v)
}

func put(b *bbolt.Bucket, key []byte, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.Put(key, raw)
}

// each reads the records of a bucket; one that does not exist is empty.
func each[T any](tx *bbolt.Tx, bucket []byte, fn func(key []byte, v T) error) error {
	b := tx.Bucket(bucket)
	if b == nil {
		return nil
	}
	return b.ForEach(func(k, raw []byte) error {
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return fmt.Errorf("read the book of earnings: record %q: %w", k, err)
		}
		return fn(k, v)
	})
}

// add is a + b, or the largest number if that does not fit.
func add(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		return math.MaxUint64
	}
	return sum
}
