// SPDX-License-Identifier: Apache-2.0

package session

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// account is the running account of one session: what vouchers promise, what
// calls have cost, what calls under way may still cost.
type account struct {
	mu  sync.Mutex
	rec Record
	// highest is the voucher of rec; its zero value is no voucher.
	highest voucher.Signed
	// reserved is what calls under way may cost, in thousandths.
	reserved uint64
	calls    int
	rate     bucket
	// touched is the Unix second of the last use.
	touched atomic.Int64
}

// accounts holds the accounts of sessions that were used lately.
type accounts struct {
	store  *Store
	limits LimitsConfig
	now    func() time.Time
	// at is told of each step that a crash can fall behind; tests die there.
	at func(step string)

	mu  sync.Mutex
	all map[uint64]*account
}

// Steps of a call, each named once it is done.
const (
	stepVoucher = "voucher kept"
	stepAnswer  = "answer read"
	stepCharge  = "charge kept"
	stepSent    = "answer sent"
	stepOffered = "redeem offered"
)

func newAccounts(store *Store, limits LimitsConfig, now func() time.Time, at func(string)) *accounts {
	return &accounts{store: store, limits: limits, now: now, at: at, all: make(map[uint64]*account)}
}

// open returns the account of a session, reading it from disk if needed.
func (a *accounts) open(id uint64) (*account, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if acc := a.all[id]; acc != nil {
		acc.touched.Store(a.now().Unix())
		return acc, nil
	}
	rec, ok, err := a.store.Get(id)
	if err != nil {
		return nil, err
	}
	// Streams that a crash cut off are charged for what they had cost.
	rec.charge(rec.Open)
	rec.Open = 0
	acc := &account{rec: rec, rate: newBucket(a.limits.PerMinute, time.Minute/time.Duration(a.limits.PerMinute))}
	acc.rec.Session = id
	acc.touched.Store(a.now().Unix())
	if ok {
		if acc.highest, err = rec.signed(); err != nil {
			return nil, err
		}
	}
	a.all[id] = acc
	return acc, nil
}

// trim forgets accounts in memory that nobody has used for a while.
func (a *accounts) trim(idle time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, acc := range a.all {
		if acc.mu.TryLock() {
			if acc.calls == 0 && a.now().Sub(time.Unix(acc.touched.Load(), 0)) > idle {
				delete(a.all, id)
			}
			acc.mu.Unlock()
		}
	}
}

// redeemed takes note of what the chain has seen of a session.
func (a *accounts) redeemed(id, amount uint64) error {
	acc, err := a.open(id)
	if err != nil {
		return err
	}
	acc.mu.Lock()
	defer acc.mu.Unlock()
	if amount <= acc.rec.Redeemed {
		return nil
	}
	rec := acc.rec
	rec.Redeemed = amount
	rec.Waiting = time.Time{}
	if rec.unredeemed() > 0 {
		rec.Waiting = a.now()
	}
	if err := a.store.Put(rec); err != nil {
		return err
	}
	acc.rec = rec
	return nil
}

// gone notes that a session pays nothing any more, and forgets it when that has
// been so for a day: one node that errs costs nothing. It reports whether this
// is new.
func (a *accounts) gone(id uint64) (bool, error) {
	acc, err := a.open(id)
	if err != nil {
		return false, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	acc.mu.Lock()
	defer acc.mu.Unlock()
	switch {
	case acc.rec.Gone.IsZero():
		acc.rec.Gone = a.now()
		return true, a.store.Put(acc.rec)
	case acc.calls == 0 && a.now().Sub(acc.rec.Gone) > goneKept:
		delete(a.all, id)
		return false, a.store.Delete(id)
	}
	return false, nil
}

// back notes that a session exists after all.
func (a *accounts) back(id uint64) error {
	acc, err := a.open(id)
	if err != nil {
		return err
	}
	acc.mu.Lock()
	defer acc.mu.Unlock()
	acc.rec.Gone = time.Time{}
	return a.store.Put(acc.rec)
}

// goneKept is how long the record of an ended session is kept.
const goneKept = 24 * time.Hour
