// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/cupel-network/cupel/x/market/types"
)

// session is a session with what rules it, loaded for one step.
type session struct {
	types.Session
	params types.Params
	// ended is set if governance ended the params of the session.
	ended bool
	now   moment
}

// session loads a session. The caller stores it with saveSession.
func (k *Keeper) session(ctx context.Context, id uint64) (*session, error) {
	record, err := k.Sessions.Get(ctx, id)
	if err != nil {
		if errors.Is(err, collections.ErrNotFound) {
			return nil, types.ErrSessionNotFound.Wrapf("session %d", id)
		}
		return nil, err
	}
	s := &session{Session: record}
	if s.params, err = k.Params.Get(ctx, record.ParamsVersion); err != nil {
		return nil, err
	}
	if s.ended, err = k.Ended.Has(ctx, record.ParamsVersion); err != nil {
		return nil, err
	}
	s.now, err = k.now(ctx)
	return s, err
}

// saveSession moves the session in the depletion index, queues its next step
// and stores it.
func (k *Keeper) saveSession(ctx context.Context, s *session) error {
	if depletes := s.DepletesAt(); depletes != s.Depletes {
		if s.Depletes != 0 {
			if err := k.Depletion.Remove(ctx, collections.Join(s.Depletes, s.Id)); err != nil {
				return err
			}
		}
		if depletes != 0 {
			if err := k.Depletion.Set(ctx, collections.Join(depletes, s.Id)); err != nil {
				return err
			}
		}
		s.Depletes = depletes
	}
	if err := k.schedule(ctx, types.StepSession, types.TaskID(s.Id, 0), s.nextStep(), &s.Queued); err != nil {
		return err
	}
	return k.Sessions.Set(ctx, s.Id, s.Session)
}

// nextStep is the tick at which to look at the session again: the end of its
// state, or the warning before.
func (s *session) nextStep() uint64 {
	next := s.now.retry(s.Due, s.DueTime, s.params)
	if s.Due <= s.now.tick { // only seconds are missing: look more often than the fastest blocks need
		next = s.now.tick + max((next-s.now.tick)/4, 1)
	}
	if s.State == types.SessionActive && !s.Low && s.Depletes != 0 {
		next = min(next, max(s.warnAt(), s.now.tick+1))
	}
	return next
}

// warnAt is the tick from which the deposit is nearly used up, at the observed
// rate.
func (s *session) warnAt() uint64 {
	return s.Depletes - min(s.Depletes, s.params.Session.NoticeTicks)
}

// phase is the state by the clock, whatever a step has stored so far.
func (s *session) phase() types.SessionState {
	switch {
	case s.Open() && (s.ended || s.now.passed(s.Expires, s.ExpiresTime)):
		return types.SessionClosing
	case s.State == types.SessionPaused && s.now.passed(s.Due, s.DueTime),
		s.State == types.SessionClosing && s.now.passed(s.Due, s.DueTime):
		return types.SessionClosed
	default:
		return s.State
	}
}

// follow brings the record to where the clock is: it opens the dispute window
// or ends the session. It reports whether anything was due.
func (k *Keeper) follow(ctx context.Context, s *session, b *book) (bool, error) {
	phase := s.phase()
	switch {
	case phase == s.State:
		return false, nil
	case phase == types.SessionClosing && s.ended:
		return true, k.startClosing(ctx, s, types.SessionReasonParamsEnded, b)
	case phase == types.SessionClosing:
		return true, k.startClosing(ctx, s, types.SessionReasonExpired, b)
	case s.State == types.SessionPaused:
		return true, k.finish(ctx, s, types.SessionReasonExhausted, b)
	default:
		return true, k.finish(ctx, s, s.Reason, b)
	}
}

// startClosing opens the dispute window: the deposit stays whole until it has
// passed. A session that holds nothing ends at once.
func (k *Keeper) startClosing(ctx context.Context, s *session, reason types.SessionReason, b *book) error {
	if s.Held() == 0 {
		return k.finish(ctx, s, reason, b)
	}
	due := s.now.after(s.params.Session.DisputeTicks, s.params)
	s.State, s.Reason = types.SessionClosing, reason
	s.Due, s.DueTime = due.tick, max(due.time, s.now.time+int64(s.params.Session.DisputeSeconds))
	return k.emitSessionClosing(ctx, s)
}

// finish refunds what is held and ends the session.
func (k *Keeper) finish(ctx context.Context, s *session, reason types.SessionReason, b *book) error {
	refund := s.Held()
	s.Refunded += refund
	b.add(transfer{target: toAccount, account: s.Requester, denom: s.Denom, amount: refund})
	due := s.now.after(s.params.RetentionTicks, s.params)
	s.State, s.Reason = types.SessionClosed, reason
	s.Due, s.DueTime = due.tick, due.time
	return k.emitSessionClosed(ctx, s, refund)
}

// watch warns the requester of a deposit that is nearly used up, and pauses a
// session whose deposit is.
func (k *Keeper) watch(ctx context.Context, s *session) error {
	if s.State != types.SessionActive {
		return nil
	}
	if s.Held() == 0 {
		due := s.now.after(s.params.Session.GraceTicks, s.params)
		s.State, s.Due, s.DueTime = types.SessionPaused, due.tick, due.time
		return k.emitSessionPaused(ctx, s)
	}
	depletes := s.DepletesAt()
	near := depletes != 0 && depletes <= s.now.tick+s.params.Session.NoticeTicks
	if s.Low || !near && !s.LowShare(s.params.Session.LowBps) {
		return nil
	}
	s.Low = true
	return k.emitSessionLow(ctx, s, depletes)
}

// fireSession does the due step of a session.
func (k *Keeper) fireSession(ctx context.Context, id uint64, sub uint32, now moment, b *book, crank bool) error {
	if sub != 0 {
		return types.ErrInvalidStep.Wrapf("session %d has no part %d", id, sub)
	}
	s, err := k.session(ctx, id)
	if !crank && (errors.Is(err, types.ErrSessionNotFound) || err == nil && stale(s.Queued, now)) {
		return nil // entries are removed lazily
	}
	if err != nil {
		return err
	}
	if err := k.unschedule(ctx, types.StepSession, types.TaskID(id, 0), &s.Queued); err != nil {
		return err
	}
	if s.State == types.SessionClosed && now.passed(s.Due, s.DueTime) {
		return k.pruneSession(ctx, s)
	}
	low := s.Low
	due, err := k.follow(ctx, s, b)
	if err != nil {
		return err
	}
	if err := k.watch(ctx, s); err != nil {
		return err
	}
	if crank && !due && s.Low == low {
		return types.ErrNotDue.Wrapf("session %d is %s until tick %d, now is %d", id, s.State, s.Due, now.tick)
	}
	return k.saveSession(ctx, s)
}

// pruneSession removes a closed session after its retention.
func (k *Keeper) pruneSession(ctx context.Context, s *session) error {
	if err := k.SessionsByOwner.Remove(ctx, collections.Join(s.Requester, s.Id)); err != nil {
		return err
	}
	if err := k.SessionsByProvider.Remove(ctx, collections.Join(s.Provider, s.Id)); err != nil {
		return err
	}
	if err := k.Sessions.Remove(ctx, s.Id); err != nil {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventSessionPruned{Session: s.Id})
}
