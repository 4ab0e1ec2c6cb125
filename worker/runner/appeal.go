// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/sender"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// AppealCase is a decision that judged this worker's seat wrong.
type AppealCase struct {
	// Provider is the id of this worker's provider.
	Provider uint32
	Case     markettypes.Case
	// Held is the sum of the bonds of other appeals that are open, in ucupel.
	Held uint64
}

// Stake is what a Guard says of an appeal.
type Stake struct {
	// Bond of the appeal in ucupel, which Account pays.
	Bond    uint64
	Account string
	// Never is why this decision is not appealed, whatever comes; empty if it is.
	Never string
	// NotNow is what has to change before it can be: it is asked again.
	NotNow string
}

// Results of an appeal, as metrics name them.
const (
	AppealFiled    = "filed"
	AppealDeclined = "declined"
	AppealWon      = "won"
	AppealLost     = "lost"
	AppealOpen     = "open"
)

// unjust returns the seat of a decided case that says of this provider's answer
// that it is wrong, while an appeal is possible.
func unjust(c markettypes.Case, provider uint32) *markettypes.CaseSeat {
	if c.Phase != markettypes.CasePhaseDecided || c.State != markettypes.TaskAgreed || c.Appealed || c.Punished {
		return nil
	}
	s := c.Seat(provider)
	if s == nil || s.Verdict != markettypes.VerdictWrong || !s.Result.Outcome.Deterministic() {
		return nil // who withheld its reveal can still send it, and has nothing to appeal
	}
	if s.Phase != markettypes.SeatRevealed && s.Phase != markettypes.SeatMissed {
		return nil
	}
	return s
}

// appeal asks for a jury where a decision contradicts what this worker has in
// its journal, once the run was repeated and gave the same again. run is that of
// the journal, own whether it is what the seat revealed.
func (r *Runner) appeal(ctx, work context.Context, me self, c markettypes.Case, run journal.Run, height int64) error {
	s := unjust(c, me.provider.Id)
	if s == nil {
		return nil
	}
	rec, ok, err := r.Journal.Appeal(c.Task)
	if err != nil {
		return err
	}
	if !ok {
		rec = journal.Appeal{Task: c.Task, Step: journal.StepAssigned, Seen: time.Now()}
		if err := r.Journal.PutAppeal(rec); err != nil {
			return err
		}
		r.Log.Error("judged wrong", "task", c.Task, "ours", fmt.Sprintf("%x", run.Digest), "decided", fmt.Sprintf("%x", c.Result.Digest), "bound", s.Bound)
	}
	if rec.Step < journal.StepExecuted {
		if !s.Result.Same(result(run), true) {
			return r.declineAppeal(rec, "the journal has another result than the seat revealed")
		}
		stake, err := r.stake(ctx, me, c)
		if err != nil {
			return err
		}
		if stake.Never != "" {
			return r.declineAppeal(rec, stake.Never)
		}
		r.launch(work, fmt.Sprintf("%s%d", appealPrefix, c.Task), func(ctx context.Context) error { return r.repeat(ctx, rec, run) })
		return nil
	}
	if rec.Declined != "" {
		return nil
	}
	return r.sayAppeal(ctx, me, rec, c, height)
}

// appealPrefix begins the names of runs that are repeated. The chain does not
// await those.
const appealPrefix = "appeal/"

// isAppeal reports whether an attempt under way is a repeated run.
func isAppeal(name string) bool { return strings.HasPrefix(name, appealPrefix) }

// stake asks the guard about an appeal beside all others that are open.
func (r *Runner) stake(ctx context.Context, me self, c markettypes.Case) (Stake, error) {
	all, err := r.Journal.Appeals()
	if err != nil {
		return Stake{}, err
	}
	a := AppealCase{Provider: me.provider.Id, Case: c}
	for _, rec := range all {
		if rec.Task != c.Task && rec.Step == journal.StepRevealed {
			a.Held += rec.Bond
		}
	}
	return r.Guard.Appeal(ctx, a)
}

// repeat runs a task again, as if it was never run, and compares. Nothing of the
// second run is kept.
func (r *Runner) repeat(ctx context.Context, rec journal.Appeal, before journal.Run) error {
	// Somebody else may have repeated it since the record was read.
	if now, _, err := r.Journal.Appeal(rec.Task); err != nil || now.Step >= journal.StepExecuted {
		return err
	}
	batch, index := markettypes.SplitTaskID(rec.Task)
	j, err := r.load(ctx, batch)
	if err != nil {
		return err
	}
	defer r.hold(j, index, 1)()
	in, err := r.fetch(ctx, j, index, 1, caseMirrors(rec.Task, nil))
	if err != nil {
		return err
	}
	l := j.batch.Limits
	// Another name: an engine must not hand out what it knows of the first run.
	key := journal.NewRunKey(j.batch.Manifest, index, j.class+" repeated", l.Units, l.MemoryMib, l.OutputKib)
	drop := func(*job, *journal.Run, string) error { return nil }
	again, err := r.execute(ctx, j, in, index, 0, key, drop)
	if err != nil {
		return err
	}
	if markettypes.Outcome(again.Outcome).HostMade() {
		return fmt.Errorf("the run could not be repeated: %s", again.Detail)
	}
	if !before.Repeats(again, j.measured()) {
		return r.declineAppeal(rec, "another run gave another result")
	}
	rec.Step = journal.StepExecuted
	return r.Journal.PutAppeal(rec)
}

func (r *Runner) declineAppeal(rec journal.Appeal, why string) error {
	rec.Step, rec.Declined = journal.StepExecuted, why
	r.Log.Error("a decision against this worker is not appealed", "task", rec.Task, "reason", why)
	r.Observer.Appeal(AppealDeclined)
	return r.Journal.PutAppeal(rec)
}

// sayAppeal offers the appeal. The chain takes one per task, so that what is
// said again after a crash costs a fee at most.
func (r *Runner) sayAppeal(ctx context.Context, me self, rec journal.Appeal, c markettypes.Case, height int64) error {
	if rec.Step < journal.StepRevealed {
		stake, err := r.stake(ctx, me, c)
		if err != nil {
			return err
		}
		if stake.Never != "" {
			stake.NotNow = stake.Never
		}
		if stake.NotNow != "" {
			if r.waits[c.Task] != stake.NotNow { // said once, looked at often
				r.Log.Error("an appeal waits", "task", rec.Task, "reason", stake.NotNow, "due", c.Due)
			}
			r.waits[c.Task] = stake.NotNow
			return nil
		}
		rec.Step, rec.Bond, rec.Account = journal.StepRevealed, stake.Bond, stake.Account
		if err := r.Journal.PutAppeal(rec); err != nil {
			return err
		}
		delete(r.waits, c.Task)
		r.Log.Warn("a jury is asked for", "task", rec.Task, "bond", rec.Bond)
		r.Observer.Appeal(AppealFiled)
	}
	r.Outbox.Offer(sender.Appeal(rec.Task), height)
	return nil
}

// appealClosed notes how an appeal ended, once its case is closed.
func (r *Runner) appealClosed(ctx context.Context, me self, c markettypes.Case) error {
	rec, ok, err := r.Journal.Appeal(c.Task)
	if err != nil || !ok || rec.Step != journal.StepRevealed || c.Phase != markettypes.CasePhaseClosed {
		return err
	}
	account, err := chain.ParseAddress(rec.Account)
	if err != nil {
		return err
	}
	if bytes.Equal(c.Appellant, account) {
		if err := r.Guard.AppealClosed(ctx, AppealCase{Provider: me.provider.Id, Case: c}, rec.Bond); err != nil {
			return err
		}
		r.Log.Info("an appeal has ended", "task", rec.Task, "ruling", c.Appeal.String(), "bond", rec.Bond)
		r.Observer.Appeal(appealResult(c.Appeal))
	}
	rec.Step = journal.StepPaid
	return r.Journal.PutAppeal(rec)
}

func appealResult(ruling markettypes.Ruling) string {
	switch ruling {
	case markettypes.RulingWon:
		return AppealWon
	case markettypes.RulingLost:
		return AppealLost
	default:
		return AppealOpen
	}
}

// appealLot looks at the cases of a lot in which this provider did not answer:
// who was away when a set grew can be judged wrong as well.
func (r *Runner) appealLot(ctx, work context.Context, me self, rec journal.Lot, lot markettypes.Lot, height int64) error {
	var all []error
	for i, run := range rec.Runs {
		task := markettypes.TaskID(rec.Key.Batch, rec.First+uint32(i))
		if lot.Cases&(1<<i) == 0 || r.tracksCase(task) {
			continue
		}
		c, err := r.Ledger.Case(ctx, task)
		if errors.Is(err, chain.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		all = append(all, r.appeal(ctx, work, me, c, run, height), r.appealClosed(ctx, me, c))
	}
	return errors.Join(all...)
}

// tracksCase reports whether an answer to the case of a task is looked up anyway.
func (r *Runner) tracksCase(task uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.tracked {
		if t.kase != nil && t.kase.Task == task {
			return true
		}
	}
	return false
}
