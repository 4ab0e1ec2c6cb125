// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/judge"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// scored reports whether the results of the batch carry evidence.
func (j *job) scored() bool { return j.batch.Policy == markettypes.PolicyScored }

// runClass is the class as a part of the name of a run. Evidence is of one
// attempt at one batch: no other may take its result from the journal.
func runClass(j *job, attempt uint32) string {
	if !j.scored() {
		return j.class
	}
	return fmt.Sprintf("%s scored %d/%d", j.class, j.batch.Id, attempt)
}

// addEvidence writes the artifact of a SCORED run again with its evidence.
func (r *Runner) addEvidence(j *job, index, attempt uint32, dir string, ended time.Time, res *engine.Result) error {
	if !j.scored() {
		return nil
	}
	r.mu.Lock()
	me := r.self.provider
	r.mu.Unlock()
	e := judge.Evidence{
		Job:  evidenceJob(r.cfg.ChainID, j, markettypes.TaskID(j.batch.Id, index), attempt),
		Node: judge.Node{Operator: me.Operator, Worker: me.Worker},
	}
	e.Ran(*res, ended)
	path := filepath.Join(dir, "evidence.tar")
	var err error
	if res.ArtifactSHA256, err = judge.Seal(res.Artifact, path, e); err != nil {
		return fmt.Errorf("add the evidence: %w", err)
	}
	res.Artifact = path
	return nil
}

func evidenceJob(chainID string, j *job, task uint64, attempt uint32) judge.Job {
	return judge.Job{
		ChainID: chainID, Task: task, Attempt: attempt, Manifest: hex.EncodeToString(j.batch.Manifest),
		Class: j.class, Program: programOf(j.doc),
	}
}

// programOf names what a document runs.
func programOf(doc manifest.Manifest) string {
	if doc.Container != nil {
		return doc.Container.Image
	}
	return doc.Module.SHA256
}
