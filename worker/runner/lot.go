// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"fmt"
	"time"

	"github.com/cupel-network/cupel/worker/crash"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/sender"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// driveLot takes one attempt at a lot as far as the chain lets it.
func (r *Runner) driveLot(work context.Context, me self, w markettypes.LotWork, height int64) error {
	key := journal.LotKey{Batch: w.Batch, Lot: w.Lot, Attempt: w.Attempt}
	rec, ok, err := r.Journal.Lot(key)
	if err != nil {
		return err
	}
	if !ok {
		crash.At(crash.Seen, w.Batch)
		rec = journal.Lot{Key: key, Step: journal.StepAssigned, First: w.First, Count: w.Count, Seen: time.Now()}
		if err := r.Journal.PutLot(rec); err != nil {
			return err
		}
		r.Log.Info("assigned", "batch", key.Batch, "lot", key.Lot, "attempt", key.Attempt, "tasks", w.Count, "due", w.Due)
	}
	if rec.Step < journal.StepExecuted {
		r.launch(work, "lot/"+key.String(), func(ctx context.Context) error { return r.runLot(ctx, me, w, rec) })
		return nil
	}
	if rec.Proved {
		return r.sayProofs(work, me, rec, w, height)
	}
	return r.sayLot(work, me, rec, w, height)
}

// sayLot offers what the chain waits for. The journal has it first.
func (r *Runner) sayLot(ctx context.Context, me self, rec journal.Lot, w markettypes.LotWork, height int64) error {
	reveal := r.lotReveal(me, rec)
	switch {
	case w.Phase == markettypes.SeatAssigned && w.Replicas == 1,
		w.Phase == markettypes.SeatCommitted && w.State == markettypes.TaskCommitted,
		w.Phase == markettypes.SeatWithheld:
		if err := r.Guard.Said(ctx, attempt(me, rec, w.Replicas)); err != nil {
			r.Log.Error("an answer is not in the book", "err", err)
		}
		if err := r.advanceLot(rec, journal.StepRevealed); err != nil {
			return err
		}
		r.Outbox.Offer(sender.RevealLot(reveal), height)
	case w.Phase == markettypes.SeatAssigned:
		a := attempt(me, rec, w.Replicas)
		if rec.Step < journal.StepCommitted && !r.Guard.Commit(ctx, a) {
			return nil
		}
		if err := r.Guard.Said(ctx, a); err != nil {
			r.Log.Error("an answer is not in the book", "err", err)
		}
		if err := r.advanceLot(rec, journal.StepCommitted); err != nil {
			return err
		}
		r.Outbox.Offer(sender.CommitLot(markettypes.LotCommit{
			Batch: rec.Key.Batch, Lot: rec.Key.Lot, Attempt: rec.Key.Attempt,
			Commitment: markettypes.CommitLot(r.cfg.ChainID, me.operator, reveal),
		}), height)
	}
	return nil
}

// advanceLot makes a step durable. A step that was made already is a no-op.
func (r *Runner) advanceLot(rec journal.Lot, step journal.Step) error {
	if rec.Step >= step {
		return nil
	}
	rec.Step = step
	if err := r.Journal.PutLot(rec); err != nil {
		return err
	}
	r.trackLot(rec)
	r.Log.Info(step.String(), "batch", rec.Key.Batch, "lot", rec.Key.Lot, "attempt", rec.Key.Attempt)
	return nil
}

// lotReveal is a pure function of the record, the secret and the operator.
func (r *Runner) lotReveal(me self, rec journal.Lot) markettypes.LotReveal {
	k := rec.Key
	reveal := markettypes.LotReveal{
		Batch: k.Batch, Lot: k.Lot, Attempt: k.Attempt,
		Salt: r.Secret.Lot(r.cfg.ChainID, k.Batch, k.Lot, k.Attempt, me.operator),
	}
	for i, run := range rec.Runs {
		proof := make([]byte, markettypes.HashSize)
		if len(run.Memory) > 0 {
			proof = markettypes.RunProof(markettypes.TaskID(k.Batch, rec.First+uint32(i)), me.operator, run.Memory)
		}
		reveal.Results = append(reveal.Results, result(run))
		reveal.Proofs = append(reveal.Proofs, proof...)
	}
	return reveal
}

func result(run journal.Run) markettypes.Result {
	return markettypes.Result{Outcome: markettypes.Outcome(run.Outcome), Digest: run.Digest, Units: run.Units}
}

// runLot executes all tasks of a lot and records the results.
func (r *Runner) runLot(ctx context.Context, me self, w markettypes.LotWork, rec journal.Lot) error {
	start := time.Now()
	if rec.Step < journal.StepRunning && !r.Guard.Start(ctx, attempt(me, rec, w.Replicas)) {
		return nil
	}
	crash.At(crash.Taken, rec.Key.Batch)
	j, err := r.load(ctx, rec.Key.Batch)
	if err != nil {
		return err
	}
	crash.At(crash.Loaded, rec.Key.Batch)
	defer r.hold(j, rec.First, rec.Count)()
	inputs, err := r.fetch(ctx, j, rec.First, rec.Count, r.lotMirrors(rec.Key.Batch, rec.Key.Lot))
	if err != nil {
		return err
	}
	r.Observer.Stage("fetch", time.Since(start))
	for _, step := range []journal.Step{journal.StepFetched, journal.StepRunning} {
		if rec.Step < step {
			rec.Step = step
			if err := r.Journal.PutLot(rec); err != nil {
				return err
			}
		}
	}
	running := time.Now()
	if rec.Runs, err = r.runAll(ctx, j, inputs, rec.First, rec.Count, rec.Key.Attempt); err != nil {
		return err
	}
	r.Observer.Stage("run", time.Since(running))
	rec.Step, rec.Proved = journal.StepExecuted, j.proved()
	if err := r.Journal.PutLot(rec); err != nil {
		return fmt.Errorf("record the results: %w", err)
	}
	r.trackLot(rec)
	for _, run := range rec.Runs {
		r.Observer.JobDone(markettypes.Outcome(run.Outcome).String(), j.class, run.Wall)
	}
	if failed := unproved(rec); rec.Proved && failed != nil {
		r.Log.Error("no proof, so the lot is left to another operator", "batch", rec.Key.Batch, "lot", rec.Key.Lot, "attempt", rec.Key.Attempt, "reason", failed.Detail)
	}
	r.Log.Info("executed", "batch", rec.Key.Batch, "lot", rec.Key.Lot, "attempt", rec.Key.Attempt, "took", time.Since(start))
	return nil
}
