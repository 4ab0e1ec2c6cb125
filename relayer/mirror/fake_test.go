// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// homeChain is a Source whose head grows. It fails as told.
type homeChain struct {
	mu     sync.Mutex
	head   uint64
	err    error
	forged map[uint64]error
	asked  map[uint64]int
}

func (h *homeChain) set(change func(*homeChain)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(h)
}

// Head implements Source.
func (h *homeChain) Head(context.Context) (uint64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.head, h.err
}

// Entry implements Source.
func (h *homeChain) Entry(_ context.Context, nonce uint64) (Entry, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.asked == nil {
		h.asked = make(map[uint64]int)
	}
	h.asked[nonce]++
	if err := h.forged[nonce]; err != nil {
		return Entry{}, err
	}
	if h.err != nil || nonce > h.head {
		return Entry{}, errors.Join(ErrNotSealed, h.err)
	}
	return Entry{Header: checkpoint.Header{Nonce: nonce}}, nil
}

// targetChain is a Target as a contract with a nonce is: it takes the next
// nonce only, and says what was sent out of turn.
type targetChain struct {
	mu       sync.Mutex
	recorded []uint64 // in the order of recording, reorganized ones removed
	final    int
	lookErr  error
	sendErr  error
	// chaos makes one of so many calls fail, before or after it worked.
	chaos   *rand.Rand
	latency time.Duration
	sends   int
	skipped []uint64
	panics  bool
}

var errChaos = fmt.Errorf("%w: connection reset", ErrUnknown)

func (c *targetChain) set(change func(*targetChain)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
}

func (c *targetChain) fails() bool { return c.chaos != nil && c.chaos.IntN(4) == 0 }

// Progress implements Target.
func (c *targetChain) Progress(context.Context) (Progress, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lookErr != nil {
		return Progress{}, c.lookErr
	}
	if c.fails() {
		return Progress{}, errChaos
	}
	return Progress{Sent: uint64(len(c.recorded)), Safe: uint64(c.final), Final: uint64(c.final)}, nil
}

// Submit implements Target.
func (c *targetChain) Submit(ctx context.Context, entry Entry) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrUnknown, ctx.Err())
	case <-time.After(c.latency):
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sends++
	if c.panics {
		panic("a library broke")
	}
	if c.sendErr != nil {
		return c.sendErr
	}
	if c.fails() {
		return fmt.Errorf("%w: nonce too low", ErrRefused)
	}
	nonce := entry.Header.Nonce
	switch next := uint64(len(c.recorded)) + 1; {
	case nonce == next:
		c.recorded = append(c.recorded, nonce)
	case nonce > next:
		c.skipped = append(c.skipped, nonce)
		return ErrRejected
	}
	if c.fails() {
		return errChaos // recorded, and nobody knows
	}
	return nil
}

// reorg takes back what is not final, up to depth.
func (c *targetChain) reorg(depth int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recorded = c.recorded[:max(c.final, len(c.recorded)-depth)]
}

func (c *targetChain) finalize() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.final = len(c.recorded)
}

func (c *targetChain) snapshot() []uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]uint64(nil), c.recorded...)
}

// switches is a Gate.
type switches struct {
	mu     sync.Mutex
	reason string
	err    error
}

func (s *switches) set(reason string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reason, s.err = reason, err
}

// Paused implements Gate.
func (s *switches) Paused(string) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reason, s.reason != "", s.err
}

// counts is an Observer.
type counts struct {
	mu                  sync.Mutex
	looks, sends, steps int
}

// Stepped implements Observer.
func (c *counts) Stepped(State) { c.add(&c.steps) }

// LookFailed implements Observer.
func (c *counts) LookFailed(string, error) { c.add(&c.looks) }

// SendFailed implements Observer.
func (c *counts) SendFailed(string, error) { c.add(&c.sends) }

func (c *counts) add(n *int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*n++
}

var testConfig = Config{Name: "base", Poll: time.Second, SubmitTimeout: time.Minute, Backoff: 2 * time.Second, MaxBackoff: time.Minute}

func newMirror(t require.TestingT, source Source, target Target) (*Mirror, *switches, *counts) {
	gate, seen := &switches{}, &counts{}
	m, err := New(testConfig, source, target, gate, seen, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.NoError(t, err)
	return m, gate, seen
}

// start runs a mirror until the returned function is called.
func start(t testing.TB, m *Mirror) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	return func() {
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
	}
}

// upTo is 1, 2 … n.
func upTo(n uint64) []uint64 {
	var out []uint64
	for i := range n {
		out = append(out, i+1)
	}
	return out
}
