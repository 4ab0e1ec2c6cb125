// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/sender"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// Committees is what the runner asks about verdicts. Verdict returns an error
// that wraps chain.ErrNotFound only if the chain says so.
type Committees interface {
	VerdictWork(ctx context.Context, provider uint32) ([]markettypes.VerdictWork, error)
	Verdict(ctx context.Context, verdict uint64) (markettypes.Committee, error)
}

// pollVotes is the time between two questions for committees: their phases are
// minutes long.
const pollVotes = time.Second

func voteName(w markettypes.VerdictWork) string {
	return "vote/" + journal.VoteKey{Verdict: w.Verdict, Round: w.Round}.String()
}

// driveVotes takes every seat in a committee as far as the chain lets it.
func (r *Runner) driveVotes(ctx, work context.Context, me self, todo chain.Work) error {
	if r.Committees == nil || time.Since(r.voted) < min(pollVotes, 4*r.cfg.Poll) {
		return nil
	}
	votes, err := r.Committees.VerdictWork(ctx, me.provider.Id)
	if err != nil {
		return fmt.Errorf("look for committees: %w", err)
	}
	r.mu.Lock()
	r.votes, r.voted = votes, time.Now()
	r.mu.Unlock()
	var all []error
	for _, w := range votes {
		all = append(all, r.driveVote(work, me, w, todo))
	}
	return errors.Join(all...)
}

func (r *Runner) driveVote(work context.Context, me self, w markettypes.VerdictWork, todo chain.Work) error {
	key := journal.VoteKey{Verdict: w.Verdict, Round: w.Round}
	rec, ok, err := r.Journal.Vote(key)
	if err != nil {
		return err
	}
	if !ok {
		rec = journal.Vote{Key: key, Step: journal.StepAssigned, Seen: time.Now()}
		if w.Due > todo.Tick {
			// What cannot be fetched is tried again for half of what is left.
			rec.Until = todo.Tick + (w.Due-todo.Tick)/2
		}
		if err := r.Journal.PutVote(rec); err != nil {
			return err
		}
		r.Log.Info("drawn for a committee", "verdict", key.Verdict, "round", key.Round, "kind", w.Kind.String(), "due", w.Due)
	}
	if rec.Step < journal.StepExecuted {
		if w.CommitteePhase == markettypes.CommitteePhaseCommit {
			r.launch(work, voteName(w), func(ctx context.Context) error { return r.runVote(ctx, rec, w, todo.Tick < rec.Until) })
		}
		return nil
	}
	return r.sayVote(me, rec, w, todo.Height)
}

// runVote finds out what to vote and records it. While there is patience, it
// comes back for what could not be fetched.
func (r *Runner) runVote(ctx context.Context, rec journal.Vote, w markettypes.VerdictWork, patient bool) error {
	o, err := r.judge(ctx, w)
	if err != nil {
		return err
	}
	if o.incomplete && patient {
		return fmt.Errorf("not all could be fetched: %s", o.detail)
	}
	rec.Step, rec.Vote, rec.Detail = journal.StepExecuted, o.vote, o.detail
	if err := r.Journal.PutVote(rec); err != nil {
		return fmt.Errorf("record the vote: %w", err)
	}
	r.Log.Info("judged", "verdict", rec.Key.Verdict, "round", rec.Key.Round, "vote", fmt.Sprintf("%x", o.vote), "detail", o.detail)
	return nil
}

// sayVote offers what the chain waits for. The journal has it first.
func (r *Runner) sayVote(me self, rec journal.Vote, w markettypes.VerdictWork, height int64) error {
	k := rec.Key
	reveal := markettypes.VoteReveal{
		Verdict: k.Verdict, Round: k.Round, Vote: rec.Vote,
		Salt: r.Secret.Vote(r.cfg.ChainID, k.Verdict, k.Round, me.operator),
	}
	switch {
	case w.CommitteePhase == markettypes.CommitteePhaseReveal && w.Phase == markettypes.MemberCommitted:
		if err := r.advanceVote(rec, journal.StepRevealed); err != nil {
			return err
		}
		r.Outbox.Offer(sender.RevealVote(reveal), height)
	case w.CommitteePhase == markettypes.CommitteePhaseCommit && w.Phase == markettypes.MemberAssigned:
		if err := r.advanceVote(rec, journal.StepCommitted); err != nil {
			return err
		}
		r.Outbox.Offer(sender.CommitVote(markettypes.VoteCommit{
			Verdict: k.Verdict, Round: k.Round, Commitment: markettypes.CommitVote(r.cfg.ChainID, me.operator, reveal),
		}), height)
	}
	return nil
}

func (r *Runner) advanceVote(rec journal.Vote, step journal.Step) error {
	if rec.Step >= step {
		return nil
	}
	rec.Step = step
	if err := r.Journal.PutVote(rec); err != nil {
		return err
	}
	r.trackVote(rec)
	r.Log.Info(step.String(), "verdict", rec.Key.Verdict, "round", rec.Key.Round)
	return nil
}

// checkVote books what a seat in a committee brought, once that is final.
func (r *Runner) checkVote(ctx context.Context, me self, key journal.VoteKey) (bool, time.Duration, error) {
	rec, ok, err := r.Journal.Vote(key)
	if err != nil || !ok {
		return !ok && err == nil, checkFailed, err
	}
	c, err := r.Committees.Verdict(ctx, key.Verdict)
	if errors.Is(err, chain.ErrNotFound) {
		return true, 0, nil
	}
	if err != nil {
		return false, checkFailed, err
	}
	if c.Phase != markettypes.CommitteePhaseFinal {
		return false, checkPaid, nil
	}
	if err := r.Guard.Voted(ctx, me.provider.Id, key, c); err != nil {
		return false, checkFailed, err
	}
	rec.Step = journal.StepPaid
	return true, 0, r.Journal.PutVote(rec)
}

// sweepVotes forgets votes whose committee left the chain, after the retention.
func (r *Runner) sweepVotes(ctx context.Context) error {
	if r.Committees == nil {
		return nil
	}
	votes, err := r.Journal.Votes()
	if err != nil {
		return err
	}
	for _, rec := range votes {
		if time.Since(rec.Updated) < r.cfg.Retention {
			continue
		}
		_, err := r.Committees.Verdict(ctx, rec.Key.Verdict)
		if errors.Is(err, chain.ErrNotFound) {
			err = r.Journal.ForgetVote(rec.Key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
