// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"fmt"
	"time"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/sender"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// driveCase takes one attempt at a case as far as the chain lets it. The
// answer is fixed only while commits are awaited, when the set is complete.
func (r *Runner) driveCase(work context.Context, me self, w markettypes.CaseWork, height int64) error {
	key := journal.CaseKey{Task: w.Task, Attempt: w.Attempt}
	rec, ok, err := r.Journal.Case(key)
	if err != nil {
		return err
	}
	if !ok {
		rec = journal.Case{Key: key, Step: journal.StepAssigned, Seen: time.Now()}
		if err := r.Journal.PutCase(rec); err != nil {
			return err
		}
		r.Log.Info("drawn for a case", "task", key.Task, "attempt", key.Attempt, "original", w.Original, "others", len(w.Others), "due", w.Due)
	}
	if rec.Step < journal.StepExecuted {
		r.launch(work, "case/"+key.String(), func(ctx context.Context) error { return r.runCase(ctx, me, rec, w) })
		return nil
	}
	return r.sayCase(me, rec, w, height)
}

// sayCase offers what the chain waits for. The journal has it first.
func (r *Runner) sayCase(me self, rec journal.Case, w markettypes.CaseWork, height int64) error {
	reveal := r.caseReveal(me, rec)
	switch {
	case w.CasePhase == markettypes.CasePhaseReveal && w.Phase == markettypes.SeatCommitted,
		w.Phase == markettypes.SeatWithheld:
		if err := r.advanceCase(rec, journal.StepRevealed); err != nil {
			return err
		}
		r.Outbox.Offer(sender.RevealCase(reveal), height)
	case w.CasePhase == markettypes.CasePhaseCommit && w.Phase == markettypes.SeatAssigned:
		if err := r.advanceCase(rec, journal.StepCommitted); err != nil {
			return err
		}
		r.Outbox.Offer(sender.CommitCase(markettypes.CaseCommit{
			Task: rec.Key.Task, Attempt: rec.Key.Attempt,
			Commitment: markettypes.CommitCaseAnswer(r.cfg.ChainID, me.operator, reveal),
		}), height)
	}
	return nil
}

func (r *Runner) advanceCase(rec journal.Case, step journal.Step) error {
	if rec.Step >= step {
		return nil
	}
	rec.Step = step
	if err := r.Journal.PutCase(rec); err != nil {
		return err
	}
	r.trackCase(rec)
	r.Log.Info(step.String(), "case", rec.Key.Task, "attempt", rec.Key.Attempt)
	return nil
}

// caseReveal is a pure function of the record, the secret and the operator.
func (r *Runner) caseReveal(me self, rec journal.Case) markettypes.CaseReveal {
	reveal := markettypes.CaseReveal{
		Task: rec.Key.Task, Attempt: rec.Key.Attempt,
		Salt:   r.Secret.Case(r.cfg.ChainID, rec.Key.Task, rec.Key.Attempt, me.operator),
		Result: result(*rec.Run), Proof: rec.Proof, Unavailable: rec.Unavailable,
	}
	for _, c := range rec.Cross {
		reveal.Cross = append(reveal.Cross, markettypes.CrossProof{Provider: c.Provider, Proof: c.Proof})
	}
	return reveal
}

// runCase executes the task, or takes the result of an earlier run of it, and
// records the answer once the set of operators is complete.
func (r *Runner) runCase(ctx context.Context, me self, rec journal.Case, w markettypes.CaseWork) error {
	batch, index := markettypes.SplitTaskID(w.Task)
	j, err := r.load(ctx, batch)
	if err != nil {
		return err
	}
	defer r.hold(j, index, 1)()
	inputs, err := r.fetch(ctx, j, index, 1, caseMirrors(w.Task, w.Others))
	if err != nil {
		return err
	}
	for _, step := range []journal.Step{journal.StepFetched, journal.StepRunning} {
		if rec.Step < step {
			rec.Step = step
			if err := r.Journal.PutCase(rec); err != nil {
				return err
			}
		}
	}
	runs, err := r.runAll(ctx, j, inputs, index, 1, rec.Key.Attempt)
	if err != nil {
		return err
	}
	if w.CasePhase == markettypes.CasePhaseDraw {
		return nil // the result waits in the journal for the set
	}
	rec.Run = &runs[0]
	if err := r.prove(ctx, me, &rec, w.Others); err != nil {
		return err
	}
	if rec.Unavailable, err = r.missing(ctx, w, *rec.Run); err != nil {
		return err
	}
	rec.Step = journal.StepExecuted
	if err := r.Journal.PutCase(rec); err != nil {
		return fmt.Errorf("record the answer: %w", err)
	}
	r.trackCase(rec)
	r.Observer.JobDone(markettypes.Outcome(rec.Run.Outcome).String(), j.class, rec.Run.Wall)
	return nil
}

// prove fills in the run proofs. A host-made outcome has none.
func (r *Runner) prove(ctx context.Context, me self, rec *journal.Case, others []uint32) error {
	if len(rec.Run.Memory) == 0 {
		return nil
	}
	rec.Proof = markettypes.RunProof(rec.Key.Task, me.operator, rec.Run.Memory)
	rec.Cross = nil
	for _, id := range others {
		res, err := r.Directory.ProviderByID(ctx, id)
		if err != nil {
			return fmt.Errorf("look up provider %d: %w", id, err)
		}
		operator, err := chain.ParseAddress(res.Provider.Operator)
		if err != nil {
			return fmt.Errorf("operator of provider %d: %w", id, err)
		}
		rec.Cross = append(rec.Cross, journal.Cross{Provider: id, Proof: markettypes.RunProof(rec.Key.Task, operator, rec.Run.Memory)})
	}
	return nil
}
