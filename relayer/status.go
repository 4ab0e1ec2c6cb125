// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"context"
	"math/big"
	"sync"
	"time"

	"github.com/cupel-network/cupel/relayer/metrics"
	"github.com/cupel-network/cupel/relayer/mirror"
)

// Status is what status shows.
type Status struct {
	Version string `json:"version"`
	// Running tells that a running relayer answered; else the chains were asked.
	Running bool           `json:"running"`
	Home    HomeStatus     `json:"home"`
	Targets []TargetStatus `json:"targets"`
}

// HomeStatus is the home chain as the relayer sees it.
type HomeStatus struct {
	ChainID string `json:"chain_id"`
	Height  int64  `json:"height,string"`
	// Head is the highest nonce up to which every header is sealed.
	Head uint64 `json:"head,string"`
	// Refused says of each endpoint without an answer why.
	Refused map[string]string `json:"refused,omitempty"`
}

// TargetStatus is one target.
type TargetStatus struct {
	mirror.State
	Type string `json:"type"`
	// Lag is the number of sealed headers that the target does not have,
	// OldestPendingSeconds the age of the oldest of them.
	Lag                  uint64  `json:"lag,string"`
	OldestPendingSeconds float64 `json:"oldest_pending_seconds"`
	Address              string  `json:"address,omitempty"`
	// Balance and Floor are in wei or lamports; Balance is nil until read.
	Balance *big.Int `json:"balance"`
	Floor   *big.Int `json:"floor"`
	Spent   *big.Int `json:"spent"`
}

// TargetPending is what of one target is not final.
type TargetPending struct {
	Name string `json:"name"`
	// Entries that the home chain has sealed and that are not final.
	Entries []PendingEntry `json:"entries"`
	// More is how many further ones there are.
	More uint64 `json:"more,string"`
	// Error says why the transactions in flight could not be read.
	Error string `json:"error,omitempty"`
}

// PendingEntry is an entry on its way.
type PendingEntry struct {
	Nonce uint64 `json:"nonce,string"`
	// State is waiting, in_flight, sent or safe.
	State string `json:"state"`
	// Hashes of the transactions in flight, oldest first.
	Hashes []string `json:"hashes,omitempty"`
}

// wallet is what was last read of an account.
type wallet struct {
	mu      sync.Mutex
	balance *big.Int
}

func (w *wallet) set(balance *big.Int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.balance = balance
}

func (w *wallet) last() *big.Int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.balance
}

// watchEvery is the time between two looks at accounts and endpoints.
const watchEvery = 15 * time.Second

// watch keeps what metrics show beside the loop's own state.
func (s *Service) watch(ctx context.Context, l *lane) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		s.look(ctx, l)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func (s *Service) look(ctx context.Context, l *lane) {
	ctx, cancel := context.WithTimeout(ctx, watchEvery)
	defer cancel()
	// A balance that could not be read stays what it was: unknown is not zero.
	if balance, err := l.peer.Balance(ctx); err == nil {
		l.wallet.set(balance)
		s.metrics.Wallet(l.cfg.Name, l.peer.Address(), balance, l.peer.Floor(), l.peer.Spent())
	}
	var height uint64
	for _, e := range l.peer.Endpoints(ctx) {
		if e.Err == nil {
			height = max(height, e.Height)
		}
	}
	if height > 0 {
		s.metrics.Height(l.cfg.Name, int64(height))
	}
}

// watchHome keeps the home chain's height.
func (s *Service) watchHome(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		s.metrics.Height(s.cfg.Home.ChainID, s.source.Height())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Status returns what every mirror last saw.
func (s *Service) Status() Status {
	out := Status{Version: s.version, Running: true, Home: HomeStatus{ChainID: s.cfg.Home.ChainID, Height: s.source.Height(), Refused: make(map[string]string)}}
	for node, err := range s.source.Refused() {
		out.Home.Refused[node] = err.Error()
	}
	for _, l := range s.lanes {
		st := NewTargetStatus(l.cfg, l.mirror.State())
		st.Address, st.Balance, st.Floor, st.Spent = l.peer.Address(), l.wallet.last(), l.peer.Floor(), l.peer.Spent()
		out.Home.Head = max(out.Home.Head, st.Head)
		out.Targets = append(out.Targets, st)
	}
	return out
}

// NewTargetStatus adds to a state what follows from it.
func NewTargetStatus(t TargetConfig, state mirror.State) TargetStatus {
	st := TargetStatus{State: state, Type: t.Type, Lag: state.Lag()}
	if !state.PendingSince.IsZero() {
		st.OldestPendingSeconds = time.Since(state.PendingSince).Seconds()
	}
	return st
}

// Pending returns what of every target is not final.
func (s *Service) Pending() []TargetPending {
	var out []TargetPending
	for _, l := range s.lanes {
		flying, err := l.peer.Pending()
		p := NewTargetPending(l.mirror.State(), flying)
		if err != nil {
			p.Error = err.Error()
		}
		out = append(out, p)
	}
	return out
}

// maxPending bounds the entries that are listed of one target.
const maxPending = 100

// NewTargetPending lists the entries between what is final on a target and
// what is sealed at home, with the transactions in flight.
func NewTargetPending(state mirror.State, flying []mirror.Pending) TargetPending {
	hashes := make(map[uint64][]string)
	for _, p := range flying {
		hashes[p.Nonce] = append(hashes[p.Nonce], p.Hash)
	}
	out := TargetPending{Name: state.Name, Entries: []PendingEntry{}}
	last := max(state.Head, state.Progress.Sent)
	for nonce := state.Progress.Final + 1; nonce <= last; nonce++ {
		if len(out.Entries) == maxPending {
			out.More = last - nonce + 1
			break
		}
		e := PendingEntry{Nonce: nonce, State: "waiting", Hashes: hashes[nonce]}
		switch {
		case nonce <= state.Progress.Safe:
			e.State = "safe"
		case nonce <= state.Progress.Sent:
			e.State = "sent"
		case len(e.Hashes) > 0:
			e.State = "in_flight"
		}
		out.Entries = append(out.Entries, e)
	}
	return out
}

// unseenFor is how long a target may go without a look before it is unhealthy.
const unseenFor = 2 * time.Minute

// Health says whether every target is looked at and none has stopped itself. A
// paused target is healthy.
func (s *Service) Health() metrics.Health {
	h := metrics.Health{OK: true, Targets: make(map[string]string)}
	for _, l := range s.lanes {
		state := l.mirror.State()
		problem := ""
		switch {
		case state.Stopped:
			problem = "stopped: " + state.Reason
		case state.Seen.IsZero():
			problem = "home and target have not been read yet"
			if state.Reason != "" {
				problem += ": " + state.Reason
			}
		case time.Since(state.Seen) > unseenFor+l.cfg.SubmitTimeout:
			problem = "home or target do not answer: " + state.Reason
		}
		h.Targets[l.cfg.Name] = problem
		h.OK = h.OK && problem == ""
	}
	return h
}
