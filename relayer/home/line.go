// SPDX-License-Identifier: Apache-2.0

package home

import (
	"fmt"
	"sync"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// keepEntries bounds the entries kept in memory: several targets ask for the
// same ones.
const keepEntries = 512

// reign is a set and the last nonce that it does not sign: it signs what
// follows, up to the change to the next.
type reign struct {
	after uint64
	set   checkpoint.Hash
}

// line is what follows from the anchor: the sets, each handed over to by the
// one before, and the entries that they signed.
type line struct {
	domain checkpoint.Domain
	anchor Anchor

	mu      sync.Mutex
	reigns  []reign
	entries map[uint64]mirror.Entry
	order   []uint64
}

func newLine(domain checkpoint.Domain, anchor Anchor) *line {
	if anchor.Nonce == 0 && anchor.Root.IsZero() {
		anchor.Root = domain.GenesisRoot()
	}
	return &line{
		domain: domain, anchor: anchor,
		reigns:  []reign{{after: anchor.Nonce, set: anchor.Set}},
		entries: make(map[uint64]mirror.Entry),
	}
}

// entry returns an entry that was added.
func (l *line) entry(nonce uint64) (mirror.Entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[nonce]
	return e, ok
}

// last returns the newest set that is known.
func (l *line) last() reign {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reigns[len(l.reigns)-1]
}

// signer returns the set that must sign a nonce, as far as the sets are known:
// known tells that no later set can have signed it.
func (l *line) signer(nonce uint64) (set checkpoint.Hash, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.reigns) - 1; i >= 0; i-- {
		if l.reigns[i].after < nonce {
			return l.reigns[i].set, i+1 < len(l.reigns) || nonce == l.reigns[i].after+1
		}
	}
	return checkpoint.Hash{}, true
}

// verify checks what an entry proves by itself and that its set is the one of
// the line.
func (l *line) verify(e mirror.Entry) error {
	if err := e.Verify(l.domain); err != nil {
		return err
	}
	if set, _ := l.signer(e.Header.Nonce); set != e.Header.Set {
		return fmt.Errorf("%w: nonce %d is signed by set %s, the line from the anchor leads to %s", mirror.ErrForged, e.Header.Nonce, e.Header.Set, set)
	}
	return nil
}

// follows checks that an entry continues the one before it.
func follows(e mirror.Entry, root, next checkpoint.Hash) error {
	if e.Header.PrevRoot != root {
		return fmt.Errorf("%w: nonce %d continues root %s, the one before has %s", mirror.ErrForged, e.Header.Nonce, e.Header.PrevRoot, root)
	}
	if e.Header.Set != next {
		return fmt.Errorf("%w: nonce %d is signed by set %s, the one before hands over to %s", mirror.ErrForged, e.Header.Nonce, e.Header.Set, next)
	}
	return nil
}

// add keeps a verified entry; a set change becomes the newest set if it is the
// newest set's own.
func (l *line) add(e mirror.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	newest := l.reigns[len(l.reigns)-1]
	if e.Header.IsSetChange() && e.Header.Nonce > newest.after && e.Header.Set == newest.set {
		l.reigns = append(l.reigns, reign{after: e.Header.Nonce, set: e.Header.NextSet})
	}
	if _, ok := l.entries[e.Header.Nonce]; !ok {
		l.order = append(l.order, e.Header.Nonce)
	}
	l.entries[e.Header.Nonce] = e
	for len(l.order) > keepEntries {
		delete(l.entries, l.order[0])
		l.order = l.order[1:]
	}
}
