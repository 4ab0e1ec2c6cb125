// SPDX-License-Identifier: Apache-2.0

package sender

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/crash"
)

// maxBackoff bounds the wait before a refused item is offered again.
const maxBackoff = time.Minute

// flight is a transaction that was signed and is not in a block yet.
type flight struct {
	kind    Kind
	items   []Item
	raw     []byte
	hash    []byte
	timeout time.Time
	fee     uint64
	gas     uint64
	sent    time.Time
	tries   int
}

// byKind orders flights so that reveals are looked after first.
func byKind(a, b *flight) int { return cmp.Compare(a.kind, b.kind) }

// broadcast sends the bytes of a flight. Only a refusal with a code ends the
// flight; a silent endpoint leaves it for the next tick.
func (s *Sender) broadcast(ctx context.Context, f *flight) {
	f.sent = time.Now()
	f.tries++
	err := s.chain.Broadcast(ctx, f.raw)
	var refused *chain.AnswerError
	switch {
	case err == nil:
		f.reached(KindCommit, crash.CommitSent)
		f.reached(KindReveal, crash.RevealSent)
		f.reached(KindProve, crash.RevealSent)
	case errors.As(err, &refused) && !errors.Is(err, sdkerrors.ErrTxInMempoolCache) && !errors.Is(err, sdkerrors.ErrMempoolIsFull):
		// The nonce of a transaction that is in the mempool already is refused
		// as an invalid request: the block or the timeout decides then.
		if errors.Is(err, sdkerrors.ErrInvalidRequest) && f.resent() {
			return
		}
		s.land(f, chain.TxResult{Codespace: refused.Codespace, Code: refused.Code, Log: refused.Log})
	default:
		s.log.Debug("broadcast is undecided", "kind", f.kind, "err", err)
	}
}

// reached is where the crash tests may kill the worker.
func (f *flight) reached(kind Kind, p crash.Point) {
	if f.kind != kind {
		return
	}
	for _, it := range f.items {
		crash.At(p, max(it.Commit.Batch, it.Reveal.Batch, it.Prove.Batch))
	}
}

// resent reports whether the bytes were handed over before.
func (f *flight) resent() bool { return f.tries > 1 }

// follow looks up every transaction in flight.
func (s *Sender) follow(ctx context.Context) {
	s.mu.Lock()
	flights := slices.SortedStableFunc(slices.Values(s.flights), byKind)
	s.mu.Unlock()
	if len(flights) == 0 {
		return
	}
	// The clock is read before the lookups: a transaction that is not in a
	// block whose time is past its timeout can never be in one.
	head, err := s.chain.Refresh(ctx)
	if err != nil {
		s.log.Warn("the chain does not answer", "err", err)
		return
	}
	for _, f := range flights {
		if ctx.Err() != nil {
			return
		}
		s.followOne(ctx, f, head)
	}
}

func (s *Sender) followOne(ctx context.Context, f *flight, head chain.Head) {
	res, err := s.chain.Tx(ctx, f.hash)
	switch {
	case err == nil:
		s.land(f, res)
	case !errors.Is(err, chain.ErrNotFound):
		s.log.Debug("lookup is undecided", "kind", f.kind, "err", err)
	case head.Time.After(f.timeout):
		s.log.Warn("transaction expired", "kind", f.kind, "items", len(f.items))
		s.expire(f)
	case time.Since(f.sent) >= s.cfg.Resend:
		s.broadcast(ctx, f)
	}
}

// land ends a flight with what the chain said of it.
func (s *Sender) land(f *flight, res chain.TxResult) {
	failed := make(map[int]uint32, len(res.Items))
	for _, e := range res.Items {
		failed[int(e.Index)] = e.Code
		if int(e.Index) < len(f.items) {
			s.log.Warn("item refused", "item", f.items[e.Index].ID, "codespace", e.Codespace, "code", e.Code, "message", e.Message)
		}
	}
	outOfGas := (&chain.AnswerError{Codespace: res.Codespace, Code: res.Code}).Is(sdkerrors.ErrOutOfGas)
	if res.Code != 0 {
		s.log.Warn("transaction refused", "kind", f.kind, "items", len(f.items), "codespace", res.Codespace, "code", res.Code, "log", res.Log)
	}
	if res.Code == 0 && res.Height > 0 {
		f.reached(KindCommit, crash.CommitConfirmed)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(f)
	s.gas.learn(f.kind, f.items, uint64(max(res.GasUsed, 0)), outOfGas)
	if res.Height == 0 {
		s.budget.refund(f.fee)
	} else {
		s.obs.FeePaid(f.kind, f.fee)
	}
	if (&chain.AnswerError{Codespace: res.Codespace, Code: res.Code}).Is(sdkerrors.ErrUnauthorized) {
		s.account = nil // the account may have been made anew
	}
	for i, it := range f.items {
		_, bad := failed[i]
		s.settle(it, res.Height, bad || res.Code != 0, outOfGas)
	}
	s.obs.TxDone(f.kind, resultName(res, len(failed)))
}

// settle notes what became of an item. A refused one waits before it may be
// offered again, longer each time.
func (s *Sender) settle(it Item, height int64, refused, again bool) {
	if !it.Kind.lasting() {
		delete(s.known, it.ID)
		if refused {
			s.known[it.ID] = &state{until: time.Now().Add(maxBackoff)}
		}
		return
	}
	st := s.known[it.ID]
	st.busy = false
	switch {
	case !refused:
		st.refused, st.included = 0, max(st.included, height)
	case !again:
		st.refused++
		st.until = time.Now().Add(min(time.Second<<min(st.refused, 8), maxBackoff))
	}
}

// expire frees the items of a transaction that can never be in a block: the
// runner offers them again if the chain still waits for them.
func (s *Sender) expire(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(f)
	s.budget.refund(f.fee)
	for _, it := range f.items {
		s.known[it.ID].busy = false
	}
	s.obs.TxDone(f.kind, "expired")
}

func (s *Sender) remove(f *flight) {
	s.flights = slices.DeleteFunc(s.flights, func(o *flight) bool { return o == f })
}

func resultName(res chain.TxResult, failed int) string {
	switch {
	case res.Code != 0:
		return "refused"
	case failed > 0:
		return "partial"
	default:
		return "ok"
	}
}

// Forget drops what is known of items for which drop is true, so that the
// memory does not grow with the age of the process.
func (s *Sender) Forget(drop func(id string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, st := range s.known {
		if !st.busy && drop(id) {
			delete(s.known, id)
		}
	}
}
