// SPDX-License-Identifier: Apache-2.0

package job

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// taskJSON is a task in JSON output.
type taskJSON struct {
	Task      uint64 `json:"task"`
	Index     uint32 `json:"index"`
	State     string `json:"state"`
	Reason    string `json:"reason"`
	Outcome   string `json:"outcome"`
	Digest    string `json:"digest"`
	Units     uint64 `json:"units"`
	Committed uint32 `json:"committed"`
	Revealed  uint32 `json:"revealed"`
	Replicas  uint32 `json:"replicas"`
	Disputed  bool   `json:"disputed"`
}

// stateJSON is written whenever a task changes.
type stateJSON struct {
	Type  string `json:"type"`
	Batch uint64 `json:"batch"`
	taskJSON
	ElapsedMS int64 `json:"elapsed_ms"`
}

// figuresJSON are the coins of a batch, in base units of the denom.
type figuresJSON struct {
	Denom    string `json:"denom"`
	Escrowed uint64 `json:"escrowed"`
	Escrow   uint64 `json:"escrow"`
	Paid     uint64 `json:"paid"`
	Treasury uint64 `json:"treasury"`
	Pooled   uint64 `json:"pooled"`
	Burned   uint64 `json:"burned"`
	Refunded uint64 `json:"refunded"`
}

// resultJSON is the last object that a job writes.
type resultJSON struct {
	Type  string `json:"type"`
	Batch uint64 `json:"batch"`
	// Task is the only task, or the first one.
	Task   uint64 `json:"task"`
	State  string `json:"state"`
	Reason string `json:"reason"`
	figuresJSON
	Digests []string   `json:"digests"`
	Tasks   []taskJSON `json:"tasks"`
	// Outputs are the directories of the results that were fetched.
	Outputs []string `json:"outputs"`
	TxHash  string   `json:"tx_hash,omitempty"`
}

func (v snapshot) taskJSON(t markettypes.TaskView) taskJSON {
	return taskJSON{
		Task: t.Task, Index: t.Index, State: stateName(t.State), Reason: reasonName(t.Reason),
		Outcome: outcomeName(t.Result.Outcome), Digest: hex.EncodeToString(t.Result.Digest), Units: t.Result.Units,
		Committed: t.Committed, Revealed: t.Revealed, Replicas: v.replicas(t), Disputed: t.Disputed,
	}
}

func (v snapshot) figures() figuresJSON {
	t := v.Tally
	return figuresJSON{
		Denom: v.Batch.Denom, Escrowed: t.Escrowed, Escrow: t.Escrow, Paid: t.Paid, Treasury: t.Treasury,
		Pooled: t.Pooled, Burned: t.Burned, Refunded: t.Refunded,
	}
}

// result is the last object for a snapshot.
func (v snapshot) result(outputs []string, hash string) resultJSON {
	r := resultJSON{
		Type: "result", Batch: v.Batch.Id, figuresJSON: v.figures(), TxHash: hash,
		Digests: []string{}, Tasks: []taskJSON{}, Outputs: append([]string{}, outputs...),
	}
	for i, t := range v.tasks {
		task := v.taskJSON(t)
		r.Tasks = append(r.Tasks, task)
		if task.Digest != "" {
			r.Digests = append(r.Digests, task.Digest)
		}
		if i == 0 {
			r.Task = t.Task
		}
	}
	if worst := v.worst(); worst != nil {
		r.State, r.Reason = stateName(worst.State), reasonName(worst.Reason)
	}
	return r
}

// worst is the task that stands for the batch: a failed one if there is, else
// the one that has come least far.
func (v snapshot) worst() *markettypes.TaskView {
	var worst *markettypes.TaskView
	for i := range v.tasks {
		t := &v.tasks[i]
		if worst == nil || weight(t.State) < weight(worst.State) {
			worst = t
		}
	}
	return worst
}

// weight orders states from the worst to the best.
func weight(s markettypes.TaskState) int {
	switch s {
	case markettypes.TaskFailed, markettypes.TaskCancelled, markettypes.TaskExpired:
		return -1
	default:
		return int(s)
	}
}

// emit writes one line of JSON to out.
func (s *session) emit(value any) {
	if bz, err := json.Marshal(value); err == nil {
		fmt.Fprintln(s.out, string(bz))
	}
}

// jsonReporter writes one object per task and change.
type jsonReporter struct {
	s    *session
	seen map[uint64]string
}

func (r *jsonReporter) update(v snapshot) {
	for _, t := range v.tasks {
		key := fmt.Sprint(t.State, t.Reason, t.Committed, t.Revealed, t.Disputed)
		if r.seen[t.Task] == key {
			continue
		}
		r.seen[t.Task] = key
		r.s.emit(stateJSON{Type: "state", Batch: t.Batch, taskJSON: v.taskJSON(t), ElapsedMS: v.elapsed.Milliseconds()})
	}
}

func (r *jsonReporter) end() {}
