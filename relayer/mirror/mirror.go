// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Config is the timing of one mirror.
type Config struct {
	// Name of the target in logs and metrics.
	Name string
	// Poll is the time between two looks at home and target.
	Poll time.Duration
	// SubmitTimeout bounds one Submit, so that progress is read again.
	SubmitTimeout time.Duration
	// Backoff is the wait after a first failure to send. It doubles with every
	// further one, up to MaxBackoff.
	Backoff, MaxBackoff time.Duration
}

// Validate names every field that is wrong.
func (c Config) Validate() error {
	var all []error
	if c.Name == "" {
		all = append(all, errors.New("the mirror has no name"))
	}
	for field, d := range map[string]time.Duration{"poll": c.Poll, "submit timeout": c.SubmitTimeout, "backoff": c.Backoff} {
		if d <= 0 {
			all = append(all, fmt.Errorf("%s is %s, it must be above zero", field, d))
		}
	}
	if c.MaxBackoff < c.Backoff {
		all = append(all, fmt.Errorf("max backoff %s is below backoff %s", c.MaxBackoff, c.Backoff))
	}
	return errors.Join(all...)
}

// Gate says whether the operator paused a target, and why. Nothing is sent
// while it is paused or while that cannot be read.
type Gate interface {
	Paused(name string) (reason string, paused bool, err error)
}

// Observer is told what a mirror does. It must not block.
type Observer interface {
	// Stepped is called after every look with what was seen.
	Stepped(state State)
	// LookFailed is called when home or target could not be read, SendFailed when
	// an entry could not be recorded.
	LookFailed(name string, err error)
	SendFailed(name string, err error)
}

// Mirror carries the headers of one source to one target. Run is called once.
type Mirror struct {
	cfg      Config
	source   Source
	target   Target
	gate     Gate
	observer Observer
	log      *slog.Logger
	backoff  backoff

	// These belong to Run alone: the failures of the last look and of sending,
	// and when headers were first seen.
	lookErr, sendErr error
	sendFailures     int
	pauseReason      string
	marks            marks
	// dated is the oldest pending header and when it was made.
	dated mark

	mu    sync.Mutex
	state State
}

// New returns a mirror that has read nothing yet.
func New(cfg Config, source Source, target Target, gate Gate, observer Observer, log *slog.Logger) (*Mirror, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Mirror{
		cfg: cfg, source: source, target: target, gate: gate, observer: observer,
		log: log.With("target", cfg.Name), backoff: backoff{cfg.Backoff, cfg.MaxBackoff}, state: State{Name: cfg.Name},
	}, nil
}

// State returns what was last seen.
func (m *Mirror) State() State {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}

// Run mirrors until ctx is done and returns ctx.Err(). A failing step is
// logged, counted and tried again at a later tick; it never ends Run.
func (m *Mirror) Run(ctx context.Context) error {
	for {
		behind := m.turn(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if behind {
			continue // do not wait for the next tick
		}
		timer := time.NewTimer(m.wait())
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// maxLookWait bounds the time between two looks at chains that do not answer.
const maxLookWait = time.Minute

// wait is the time to the next look: longer while looks fail, so that an
// endpoint that limits requests can recover.
func (m *Mirror) wait() time.Duration {
	if m.lookErr == nil {
		return m.cfg.Poll
	}
	return backoff{first: m.cfg.Poll, most: max(maxLookWait, m.cfg.Poll)}.after(m.State().Failures - 1)
}

// turn makes one step and takes note of how it ended. It reports whether
// another can follow at once.
func (m *Mirror) turn(ctx context.Context) bool {
	behind, err := m.safely(ctx)
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		m.update(func(s *State) { s.Failures++ })
	}
	m.update(m.explain)
	state := m.State()
	switch {
	case err == nil:
	case m.lookErr != nil:
		m.observer.LookFailed(m.cfg.Name, err)
	default:
		m.observer.SendFailed(m.cfg.Name, err)
	}
	if err != nil {
		m.log.Error("mirror step failed", "err", err, "failures", state.Failures, "stopped", state.Stopped, "next_try", state.NextTry)
	}
	m.observer.Stepped(state)
	return behind
}

// explain sets whether the target is stopped, and the reason if it is that or
// paused or failing.
func (m *Mirror) explain(s *State) {
	s.Stopped, s.Reason = false, ""
	for _, err := range []error{m.sendErr, m.lookErr} {
		if err != nil {
			s.Stopped, s.Reason = s.Stopped || Stops(err), err.Error()
		}
	}
	if s.Paused && s.Reason != "" {
		s.Reason = m.pauseReason + "; " + s.Reason
	} else if s.Paused {
		s.Reason = m.pauseReason
	}
}

// safely makes a panic in a chain's library a failure of this target alone.
func (m *Mirror) safely(ctx context.Context) (behind bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			m.log.Error("mirror step panicked", "panic", p, "stack", string(debug.Stack()))
			behind, err = false, m.sendFailed(fmt.Errorf("panic: %v", p))
		}
	}()
	return m.step(ctx)
}

// step looks at both chains and sends at most one entry: the one that follows
// the target's own last nonce.
func (m *Mirror) step(ctx context.Context) (behind bool, err error) {
	m.lookErr = m.look(ctx)
	if m.lookErr != nil {
		return false, m.lookErr
	}
	state := m.State()
	if state.Lag() == 0 || m.sendErr == nil {
		m.clear()
	}
	if state.Paused || state.Lag() == 0 || time.Now().Before(state.NextTry) {
		return false, nil
	}
	if err := m.send(ctx, state.Progress.Sent+1); err != nil {
		return false, m.sendFailed(err)
	}
	m.clear()
	m.update(func(s *State) { s.Relayed++ })
	return true, nil
}

// look reads how far home and target are, and whether the target is paused.
func (m *Mirror) look(ctx context.Context) error {
	reason, paused, err := m.gate.Paused(m.cfg.Name)
	if err != nil {
		return fmt.Errorf("read whether the target is paused: %w", err)
	}
	m.pauseReason = reason
	m.update(func(s *State) { s.Paused = paused })
	progress, err := m.target.Progress(ctx)
	if err != nil {
		return fmt.Errorf("read the target's progress: %w", err)
	}
	if err := m.follow(progress); err != nil {
		return err
	}
	head, err := m.source.Head(ctx)
	if err != nil {
		return fmt.Errorf("read the home chain's head: %w", err)
	}
	now := time.Now()
	m.marks.seen(head, now)
	m.marks.forget(progress.Final)
	since := time.Time{}
	if progress.Sent < head {
		since = m.since(ctx, progress.Sent+1)
	}
	m.update(func(s *State) {
		s.Head, s.Seen, s.PendingSince = head, now, since
	})
	return nil
}

// since is when a sealed header was made, or was first seen if the source does
// not know. It is for people to read: a node may say what it likes.
func (m *Mirror) since(ctx context.Context, nonce uint64) time.Time {
	if m.dated.head == nonce {
		return m.dated.at
	}
	seen := m.marks.since(nonce)
	dated, ok := m.source.(Dated)
	if !ok {
		return seen
	}
	made, err := dated.Made(ctx, nonce)
	if err != nil {
		return seen
	}
	m.dated = mark{nonce, made}
	return made
}

// follow takes note of the target's progress. What was final never goes away:
// a target that says so contradicts itself.
func (m *Mirror) follow(progress Progress) error {
	last := m.State().Progress
	switch {
	case progress.Sent < progress.Safe || progress.Safe < progress.Final:
		return fmt.Errorf("%w: sent %d, safe %d, final %d are out of order", ErrDisagreement, progress.Sent, progress.Safe, progress.Final)
	case progress.Sent < last.Final:
		return fmt.Errorf("%w: nonce %d was final, the target's newest is now %d", ErrDisagreement, last.Final, progress.Sent)
	case progress.Sent < last.Sent:
		m.log.Warn("the target was reorganized", "had", last.Sent, "has", progress.Sent)
		m.update(func(s *State) { s.Reorgs++ })
	}
	if progress.Sent != last.Sent {
		m.clear() // another entry is next, whoever recorded the one before
	}
	m.update(func(s *State) { s.Progress = progress })
	return nil
}

// send submits one entry.
func (m *Mirror) send(ctx context.Context, nonce uint64) error {
	ctx, cancel := context.WithTimeout(ctx, m.cfg.SubmitTimeout)
	defer cancel()
	entry, err := m.source.Entry(ctx, nonce)
	if err != nil {
		return fmt.Errorf("read entry %d: %w", nonce, err)
	}
	if entry.Header.Nonce != nonce {
		return fmt.Errorf("%w: asked for nonce %d, got %d", ErrForged, nonce, entry.Header.Nonce)
	}
	started := time.Now()
	if err := m.target.Submit(ctx, entry); err != nil {
		return fmt.Errorf("submit entry %d: %w", nonce, err)
	}
	m.log.Info("entry recorded", "nonce", nonce, "leaves", entry.Header.LeafCount, "took", time.Since(started))
	return nil
}

// sendFailed sets when something is sent again after a failure.
func (m *Mirror) sendFailed(err error) error {
	m.sendErr = err
	wait := m.backoff.after(m.sendFailures)
	m.sendFailures++
	m.update(func(s *State) { s.NextTry = time.Now().Add(wait) })
	return err
}

// clear ends a row of failures to send: the target has moved, or has all.
func (m *Mirror) clear() {
	if m.sendErr != nil {
		m.log.Info("the target goes on", "after", m.sendErr.Error())
	}
	m.sendErr, m.sendFailures = nil, 0
	m.update(func(s *State) { s.Failures, s.NextTry = 0, time.Time{} })
}

func (m *Mirror) update(change func(*State)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.state)
}
