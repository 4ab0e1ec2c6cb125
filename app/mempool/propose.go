// SPDX-License-Identifier: Apache-2.0

package mempool

import (
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkmempool "github.com/cosmos/cosmos-sdk/types/mempool"
)

// share is what a lane gets of a block at most while others wait, in percent:
// a fifth is left to the open lane, however much is urgent.
func (l Lane) share() uint64 {
	switch l {
	case Answers:
		return 60
	case Disputes:
		return 20
	default:
		return 100
	}
}

// Propose returns the transactions of the next block: lane by lane, within the
// block's bytes and gas; 0 gas is no limit. The sum of the gas limits counts.
func (p *Pool) Propose(maxBytes, maxGas uint64) [][]byte {
	if maxGas == 0 {
		maxGas = math.MaxUint64
	}
	var txs [][]byte
	for _, e := range p.choose(maxBytes, maxGas) {
		txs = append(txs, e.raw)
	}
	return txs
}

// choose returns the transactions of a block in order.
func (p *Pool) choose(maxBytes, maxGas uint64) []*entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := newSelection(maxBytes, maxGas)
	for _, e := range p.entries {
		if !p.config.Rechecked || e.seen == p.generation {
			s.add(e)
		}
	}
	return s.run()
}

// room is what is left of a block or of a lane's share in it.
type room struct{ bytes, gas uint64 }

func (r room) fits(e *entry) bool { return e.size <= r.bytes && e.gas <= r.gas }

func (r *room) take(e *entry) {
	r.bytes -= e.size
	r.gas -= e.gas
}

// selection fills one block. An ordered transaction is ready when those with
// lower sequences of all its signers are in.
type selection struct {
	block  room
	shares [lanes]room
	queues map[string][]*entry
	// waits counts the accounts in whose queues a transaction is not the first.
	waits map[*entry]int
	ready ready
	loose []*entry
}

func newSelection(maxBytes, maxGas uint64) *selection {
	s := &selection{block: room{maxBytes, maxGas}, queues: map[string][]*entry{}, waits: map[*entry]int{}}
	for l := range lanes {
		s.shares[l] = room{maxBytes / 100 * l.share(), maxGas / 100 * l.share()}
	}
	return s
}

func (s *selection) add(e *entry) {
	for _, t := range e.turns {
		s.queues[t.account] = append(s.queues[t.account], e)
	}
	s.waits[e] = len(e.turns)
	if len(e.turns) == 0 {
		s.ready = append(s.ready, e)
	}
}

func (s *selection) run() []*entry {
	for account, queue := range s.queues {
		slices.SortFunc(queue, func(a, b *entry) int {
			return cmp.Or(cmp.Compare(a.sequence(account), b.sequence(account)), cmp.Compare(a.order, b.order))
		})
		s.release(queue[0])
	}
	heap.Init(&s.ready)
	taken := s.fill(s.shares)
	// What the shares have held back may have what nobody else wants.
	s.ready = s.loose
	heap.Init(&s.ready)
	whole := room{math.MaxUint64, math.MaxUint64}
	return append(taken, s.fill([lanes]room{whole, whole, whole, whole})...)
}

// fill takes what is ready until nothing more fits.
func (s *selection) fill(shares [lanes]room) (taken []*entry) {
	for len(s.ready) > 0 {
		e, ok := heap.Pop(&s.ready).(*entry)
		switch {
		case !ok || !s.block.fits(e):
			continue // and what waits for it stays
		case !shares[e.lane].fits(e):
			s.loose = append(s.loose, e)
			continue
		}
		s.block.take(e)
		shares[e.lane].take(e)
		taken = append(taken, e)
		for _, t := range e.turns {
			s.advance(t)
		}
	}
	return taken
}

// advance makes the next of an account the first of its queue. A gap ends the
// queue, and so does a second transaction with the same sequence.
func (s *selection) advance(done turn) {
	queue := s.queues[done.account][1:]
	s.queues[done.account] = queue
	if len(queue) == 0 || queue[0].sequence(done.account) != done.sequence+1 {
		return
	}
	if s.release(queue[0]) {
		heap.Fix(&s.ready, len(s.ready)-1)
	}
}

// release counts that a transaction is the first of one more account, and
// appends it to what is ready when it is the first of all.
func (s *selection) release(e *entry) bool {
	if s.waits[e]--; s.waits[e] > 0 {
		return false
	}
	s.ready = append(s.ready, e)
	return true
}

func (e *entry) sequence(account string) uint64 {
	for _, t := range e.turns {
		if t.account == account {
			return t.sequence
		}
	}
	return 0
}

// ready is a heap of transactions, the most urgent first.
type ready []*entry

// Len implements heap.Interface.
func (r ready) Len() int { return len(r) }

// Less implements heap.Interface.
func (r ready) Less(i, j int) bool {
	a, b := r[i], r[j]
	return cmp.Or(cmp.Compare(a.lane, b.lane), cmp.Compare(b.price, a.price), cmp.Compare(a.order, b.order)) < 0
}

// Swap implements heap.Interface.
func (r ready) Swap(i, j int) { r[i], r[j] = r[j], r[i] }

// Push implements heap.Interface.
func (r *ready) Push(x any) {
	if e, ok := x.(*entry); ok {
		*r = append(*r, e)
	}
}

// Pop implements heap.Interface.
func (r *ready) Pop() any {
	last := len(*r) - 1
	e := (*r)[last]
	*r = (*r)[:last]
	return e
}

// Select implements sdkmempool.Mempool: the order of a block without limits.
func (p *Pool) Select(context.Context, [][]byte) sdkmempool.Iterator {
	return iterate(p.choose(math.MaxUint64, math.MaxUint64))
}

// iterator goes over transactions that are in order.
type iterator []*entry

func iterate(entries []*entry) sdkmempool.Iterator {
	if len(entries) == 0 {
		return nil
	}
	return iterator(entries)
}

// Next implements sdkmempool.Iterator.
func (i iterator) Next() sdkmempool.Iterator { return iterate(i[1:]) }

// Tx implements sdkmempool.Iterator.
func (i iterator) Tx() sdk.Tx { return i[0].tx }
