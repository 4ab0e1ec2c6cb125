// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/journal"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// An answer that is not confirmed is looked up at every look at the chain, one
// that waits for its payout or could not be looked up more rarely; at most
// checksPerStep at once.
const (
	checksPerStep = 20
	checkFailed   = 5 * time.Second
	checkPaid     = 30 * time.Second
	sweepEvery    = time.Minute
	// caseLooks is how many looks at the chain go by between two at a case, whose
	// decision can be appealed for some minutes.
	caseLooks = 10
)

// tracked is an attempt that said something and is not final.
type tracked struct {
	lot  *journal.LotKey
	kase *journal.CaseKey
	vote *journal.VoteKey
	next time.Time
}

func (r *Runner) trackLot(rec journal.Lot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name := "lot/" + rec.Key.String(); r.tracked[name] == nil {
		r.tracked[name] = &tracked{lot: &rec.Key}
	}
}

func (r *Runner) trackCase(rec journal.Case) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name := "case/" + rec.Key.String(); r.tracked[name] == nil {
		r.tracked[name] = &tracked{kase: &rec.Key}
	}
}

func (r *Runner) trackVote(rec journal.Vote) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name := "vote/" + rec.Key.String(); r.tracked[name] == nil {
		r.tracked[name] = &tracked{vote: &rec.Key, next: time.Now().Add(checkPaid)}
	}
}

// restore tracks what an earlier process said.
func (r *Runner) restore() error {
	lots, err := r.Journal.Lots()
	if err != nil {
		return err
	}
	for _, rec := range lots {
		if rec.Step < journal.StepPaid {
			r.trackLot(rec)
		}
	}
	cases, err := r.Journal.Cases()
	if err != nil {
		return err
	}
	for _, rec := range cases {
		if rec.Step < journal.StepPaid {
			r.trackCase(rec)
		}
	}
	votes, err := r.Journal.Votes()
	if err != nil {
		return err
	}
	for _, rec := range votes {
		if rec.Step >= journal.StepCommitted && rec.Step < journal.StepPaid {
			r.trackVote(rec)
		}
	}
	return nil
}

// confirm asks the chain about attempts that do not await this provider.
func (r *Runner) confirm(ctx, work context.Context, me self, todo chain.Work) error {
	waiting := make(map[string]bool, len(todo.Lots)+len(todo.Cases))
	for _, l := range todo.Lots {
		waiting["lot/"+journal.LotKey{Batch: l.Batch, Lot: l.Lot, Attempt: l.Attempt}.String()] = true
	}
	for _, c := range todo.Cases {
		waiting["case/"+journal.CaseKey{Task: c.Task, Attempt: c.Attempt}.String()] = true
	}
	var all []error
	for _, name := range r.due(waiting) {
		done, again, err := r.check(ctx, work, me, name, todo.Height)
		r.mu.Lock()
		if done {
			delete(r.tracked, name)
		} else if t := r.tracked[name]; t != nil {
			t.next = time.Now().Add(again)
		}
		r.mu.Unlock()
		all = append(all, err)
	}
	return errors.Join(all...)
}

func (r *Runner) due(waiting map[string]bool) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	now := time.Now()
	for name, t := range r.tracked {
		if !waiting[name] && r.active[name] == nil && !now.Before(t.next) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return r.tracked[a].next.Compare(r.tracked[b].next) })
	return names[:min(len(names), checksPerStep)]
}

// check looks one attempt up. Done means that it needs no more attention.
func (r *Runner) check(ctx, work context.Context, me self, name string, height int64) (done bool, again time.Duration, err error) {
	r.mu.Lock()
	t := *r.tracked[name]
	r.mu.Unlock()
	switch {
	case t.lot != nil:
		return r.checkLot(ctx, work, me, *t.lot, height)
	case t.vote != nil:
		return r.checkVote(ctx, me, *t.vote)
	default:
		return r.checkCase(ctx, work, me, *t.kase, height)
	}
}

func (r *Runner) checkLot(ctx, work context.Context, me self, key journal.LotKey, height int64) (bool, time.Duration, error) {
	rec, ok, err := r.Journal.Lot(key)
	if err != nil || !ok {
		return !ok && err == nil, checkFailed, err
	}
	lot, err := r.Ledger.Lot(ctx, key.Batch, key.Lot)
	if errors.Is(err, chain.ErrNotFound) {
		// Pruned: the sweep forgets it after the retention.
		return true, 0, r.Guard.Gone(attempt(me, rec, 0))
	}
	if err != nil {
		return false, checkFailed, err
	}
	again := checkPaid
	for _, s := range lot.Seats {
		if s.Provider != me.provider.Id || s.Attempt != key.Attempt {
			continue
		}
		if s.Phase == markettypes.SeatRevealed || s.Phase == markettypes.SeatLate {
			if err := r.confirmLot(rec); err != nil {
				return false, checkFailed, err
			}
			rec.Confirmed = true
		}
	}
	if !rec.Confirmed && rec.Step == journal.StepRevealed {
		again = r.cfg.Poll
	}
	if lot.Cases != 0 {
		again = min(again, caseLooks*r.cfg.Poll)
		if err := r.appealLot(ctx, work, me, rec, lot, height); err != nil {
			return false, checkFailed, err
		}
	}
	if !lot.State.Final() {
		return false, again, nil
	}
	if err := r.Guard.Final(ctx, attempt(me, rec, 0), lot); err != nil {
		return false, checkFailed, err
	}
	r.Log.Info("final", "batch", key.Batch, "lot", key.Lot, "attempt", key.Attempt, "state", lot.State.String(), "reason", lot.Reason.String())
	rec.Step = journal.StepPaid
	return true, 0, r.Journal.PutLot(rec)
}

// confirmLot lets the artifacts be served, now that the chain has the answer.
func (r *Runner) confirmLot(rec journal.Lot) error {
	if rec.Confirmed {
		return nil
	}
	if !rec.Proved { // a proved result is on the chain and no file
		if err := r.publish(rec.Key.Batch, rec.Runs...); err != nil {
			return err
		}
	}
	rec.Confirmed = true
	r.Log.Info("reveal confirmed", "batch", rec.Key.Batch, "lot", rec.Key.Lot, "attempt", rec.Key.Attempt)
	return r.Journal.PutLot(rec)
}

func (r *Runner) checkCase(ctx, work context.Context, me self, key journal.CaseKey, height int64) (bool, time.Duration, error) {
	rec, ok, err := r.Journal.Case(key)
	if err != nil || !ok {
		return !ok && err == nil, checkFailed, err
	}
	c, err := r.Ledger.Case(ctx, key.Task)
	if errors.Is(err, chain.ErrNotFound) {
		return true, 0, nil
	}
	if err != nil {
		return false, checkFailed, err
	}
	for _, s := range c.Seats {
		revealed := s.Phase == markettypes.SeatRevealed || s.Phase == markettypes.SeatLate
		if s.Provider != me.provider.Id || !revealed || rec.Confirmed || rec.Run == nil || c.Attempt != key.Attempt {
			continue
		}
		batch, _ := markettypes.SplitTaskID(key.Task)
		if err := r.publish(batch, *rec.Run); err != nil {
			return false, checkFailed, err
		}
		rec.Confirmed = true
		if err := r.Journal.PutCase(rec); err != nil {
			return false, checkFailed, err
		}
	}
	if c.Attempt == key.Attempt && c.Phase != markettypes.CasePhaseClosed {
		if rec.Run != nil {
			err = r.appeal(ctx, work, me, c, *rec.Run, height)
		}
		return false, min(checkPaid, caseLooks*r.cfg.Poll), err
	}
	if err := r.appealClosed(ctx, me, c); err != nil {
		return false, checkFailed, err
	}
	if c.Attempt == key.Attempt && rec.Run != nil {
		if err := r.Guard.CaseClosed(ctx, CaseAttempt{Key: key, Provider: me.provider.Id, Run: *rec.Run}, c); err != nil {
			return false, checkFailed, err
		}
	}
	rec.Step = journal.StepPaid
	return true, 0, r.Journal.PutCase(rec)
}

func (r *Runner) publish(batch uint64, runs ...journal.Run) error {
	var digests [][]byte
	for _, run := range runs {
		if len(run.Sealed) > 0 {
			digests = append(digests, run.Sealed)
		} else if len(run.Digest) > 0 {
			digests = append(digests, run.Digest)
		}
	}
	return r.Journal.Publish(batch, digests...)
}

// sweep forgets batches that left the chain longer ago than the retention.
func (r *Runner) sweep(ctx context.Context) error {
	if time.Since(r.swept) < min(sweepEvery, r.cfg.Retention) {
		return nil
	}
	r.swept = time.Now()
	lots, err := r.Journal.Lots()
	if err != nil {
		return err
	}
	newest := make(map[uint64]time.Time)
	for _, rec := range lots {
		if rec.Updated.After(newest[rec.Key.Batch]) {
			newest[rec.Key.Batch] = rec.Updated
		}
	}
	cases, err := r.Journal.Cases()
	if err != nil {
		return err
	}
	for _, rec := range cases {
		if batch, _ := markettypes.SplitTaskID(rec.Key.Task); rec.Updated.After(newest[batch]) {
			newest[batch] = rec.Updated
		}
	}
	for batch, updated := range newest {
		if time.Since(updated) < r.cfg.Retention {
			continue
		}
		if err := r.forget(ctx, batch); err != nil {
			return err
		}
	}
	return r.sweepVotes(ctx)
}

// forget removes a batch if the chain says that it is gone.
func (r *Runner) forget(ctx context.Context, batch uint64) error {
	_, err := r.Market.Batch(ctx, batch)
	if err == nil {
		return nil
	}
	if !errors.Is(err, chain.ErrNotFound) {
		return err
	}
	orphans, err := r.Journal.Forget(batch)
	if err != nil {
		return err
	}
	all := make([]error, 0, 2*len(orphans))
	for _, d := range orphans {
		name := hex.EncodeToString(d)
		all = append(all, r.Results.Remove(name), r.Vault.Remove(name))
	}
	r.Log.Info("forgot a batch that left the chain", "batch", batch, "files", len(orphans))
	return errors.Join(all...)
}
