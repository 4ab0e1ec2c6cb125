// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"fmt"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/sender"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// proved reports whether the tasks of the batch are answered with proofs.
func (j *job) proved() bool { return j.batch.Policy == markettypes.PolicyProof }

// loadCircuit reads the verifying key of a PROOF batch, so that no proof is sent
// that the chain would refuse.
func (r *Runner) loadCircuit(ctx context.Context, j *job) (err error) {
	if !j.proved() || j.unusable() {
		return nil
	}
	if len(j.batch.Statement) != int(j.batch.Count)*markettypes.HashSize {
		j.broken = fmt.Errorf("batch has %d tasks and a statement of %d bytes", j.batch.Count, len(j.batch.Statement))
		return nil
	}
	if j.verifying, err = r.Market.Circuit(ctx, j.batch.Circuit); err != nil {
		return fmt.Errorf("read circuit %d: %w", j.batch.Circuit, err)
	}
	return nil
}

// binding is what ties a proof to a task and to this operator, and the name of
// the execution that makes it.
func (r *Runner) binding(j *job, index uint32) journal.RunKey {
	r.mu.Lock()
	operator := r.self.operator
	r.mu.Unlock()
	return journal.RunKey(markettypes.ProofBinding(r.cfg.ChainID, markettypes.TaskID(j.batch.Id, index), operator))
}

// bind fills in what a task of a PROOF batch is proved with.
func (r *Runner) bind(task *engine.Job, j *job, in inputs, index uint32) {
	if !j.proved() {
		return
	}
	task.Proof = &engine.Proof{
		Constraints: in[j.doc.Proof.Constraints.SHA256].path, Key: in[j.doc.Proof.Key.SHA256].path,
		Verifying: j.verifying, Binding: r.binding(j, index), Statement: [32]byte(j.batch.StatementOf(index)),
	}
}

// provedRun is what one execution of a PROOF task gave. Without a proof there is
// no result, only a fault of the host's. All units are charged: a proof shows
// nothing of the work that went into it.
func provedRun(j *job, res engine.Result, wall time.Duration) journal.Run {
	if len(res.Proof) == 0 {
		outcome := markettypes.Outcome(res.Outcome)
		if !outcome.HostMade() {
			outcome = markettypes.OutcomeHostError
		}
		return fault(j, outcome, fmt.Sprintf("%s: %s", res.Outcome, res.Detail))
	}
	return journal.Run{
		Outcome: uint32(markettypes.OutcomeOK), Digest: res.ArtifactSHA256[:], Proof: res.Proof,
		Units: j.batch.Limits.Units, Wall: wall, Batch: j.batch.Id,
	}
}

// unproved returns the first run of a lot that has no proof, or nil. The chain
// takes the proofs of all its tasks or one fault for all of them.
func unproved(rec journal.Lot) *journal.Run {
	for i := range rec.Runs {
		if len(rec.Runs[i].Proof) == 0 {
			return &rec.Runs[i]
		}
	}
	return nil
}

// sayProofs offers the proofs of a lot, or the fault that kept it from them, which
// frees the seat without a fee. The journal has them first: a proof that was made
// anew would be another one.
func (r *Runner) sayProofs(ctx context.Context, me self, rec journal.Lot, w markettypes.LotWork, height int64) error {
	if w.Phase != markettypes.SeatAssigned {
		return nil
	}
	if err := r.Guard.Said(ctx, attempt(me, rec, w.Replicas)); err != nil {
		r.Log.Error("an answer is not in the book", "err", err)
	}
	if err := r.advanceLot(rec, journal.StepRevealed); err != nil {
		return err
	}
	r.Outbox.Offer(sender.ProveLot(proofs(rec)), height)
	return nil
}

// proofs is the answer to a lot of a PROOF batch.
func proofs(rec journal.Lot) markettypes.LotProof {
	answer := markettypes.LotProof{Batch: rec.Key.Batch, Lot: rec.Key.Lot, Attempt: rec.Key.Attempt}
	failed := unproved(rec)
	for _, run := range rec.Runs {
		if failed != nil {
			answer.Results = append(answer.Results, markettypes.Result{Outcome: markettypes.Outcome(failed.Outcome)})
			continue
		}
		answer.Results = append(answer.Results, result(run))
		answer.Proofs = append(answer.Proofs, run.Proof)
	}
	return answer
}
