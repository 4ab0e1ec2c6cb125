// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Times of the book. A session that was seen open pays its vouchers for the
// whole dispute window afterwards, a day at least, so an answer may be old when
// no node gives a newer one.
const (
	bookFresh    = 10 * time.Second
	bookAgain    = time.Second
	bookStale    = time.Hour
	bookMissing  = 30 * time.Second
	bookLookup   = 10 * time.Second
	bookSize     = 10_000
	lookupsBurst = 20
	lookupsEvery = 100 * time.Millisecond
)

// errBusy is a lookup that was not made because there were too many.
var errBusy = errors.New("too many lookups of unknown sessions: try again")

// book remembers what the chain said of sessions.
type book struct {
	chain Chain
	now   func() time.Time

	mu       sync.Mutex
	provider uint32
	entries  map[uint64]*entry
	lookups  bucket
}

// entry is what is known of one session; missing is when the chain said that
// there is none.
type entry struct {
	mu      sync.Mutex
	info    Info
	known   bool
	read    time.Time
	missing time.Time
}

func newBook(c Chain, now func() time.Time) *book {
	return &book{chain: c, now: now, entries: make(map[uint64]*entry), lookups: newBucket(lookupsBurst, lookupsEvery)}
}

// own returns the id of this provider, asking until it is known.
func (b *book) own(ctx context.Context) (uint32, error) {
	b.mu.Lock()
	id := b.provider
	b.mu.Unlock()
	if id != 0 {
		return id, nil
	}
	id, err := b.chain.OwnProvider(ctx)
	if err != nil {
		return 0, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.provider = id
	return id, nil
}

// get returns what the chain says of a session, at most age old, or older if
// no node answers. It returns ErrNoSession, errBusy or what the node gave.
func (b *book) get(ctx context.Context, id uint64, age time.Duration) (Info, error) {
	e := b.entry(id)
	e.mu.Lock()
	defer e.mu.Unlock()
	now := b.now()
	switch {
	case e.known && now.Sub(e.read) < age:
		return e.info, nil
	case !e.known && now.Sub(e.missing) < bookMissing:
		return Info{}, ErrNoSession
	case !e.known && !b.allow(now):
		return Info{}, errBusy
	}
	ctx, cancel := context.WithTimeout(ctx, bookLookup)
	defer cancel()
	info, err := b.chain.Session(ctx, id)
	switch {
	case err == nil:
		if !e.known || info.Height >= e.info.Height {
			e.info = info
		}
		e.known, e.read = true, now
		return e.info, nil
	case errors.Is(err, ErrNoSession):
		e.known, e.missing = false, now
		return Info{}, err
	case e.known && now.Sub(e.read) < bookStale:
		return e.info, nil
	default:
		return Info{}, err
	}
}

func (b *book) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	ok, _ := b.lookups.take(now)
	return ok
}

// entry finds or makes an entry. A full book forgets some other one: what
// matters is on disk.
func (b *book) entry(id uint64) *entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.entries[id]; e != nil {
		return e
	}
	if len(b.entries) >= bookSize {
		for other := range b.entries {
			delete(b.entries, other)
			break
		}
	}
	e := &entry{}
	b.entries[id] = e
	return e
}

// bucket lets through one event every interval, and a burst of size.
type bucket struct {
	size  int
	every time.Duration
	full  time.Time
}

func newBucket(size int, every time.Duration) bucket { return bucket{size: size, every: every} }

// take reports whether an event may pass now, and if not, when the next may.
func (b *bucket) take(now time.Time) (ok bool, wait time.Duration) {
	if b.full.Before(now) {
		b.full = now
	}
	next := b.full.Add(b.every)
	if over := next.Sub(now) - time.Duration(b.size)*b.every; over > 0 {
		return false, over
	}
	b.full = next
	return true, 0
}

// left is how many events may pass now.
func (b *bucket) left(now time.Time) int {
	if b.full.Before(now) {
		return b.size
	}
	return max(b.size-int((b.full.Sub(now)+b.every-1)/b.every), 0)
}
