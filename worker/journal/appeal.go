// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// ErrAppealed is an attempt to appeal otherwise than was recorded.
var ErrAppealed = errors.New("a recorded appeal never changes")

// Appeal is what this worker does about a decision that judged its seat wrong.
// A task has one record: it is appealed at most once.
type Appeal struct {
	// Task is batch << 12 | index.
	Task uint64 `json:"task"`
	// Step is assigned while the run is repeated, executed once it is known
	// whether to appeal, revealed from before the appeal is sent on, and paid when
	// the case is closed.
	Step Step `json:"step"`
	// Declined is why there is no appeal, from StepExecuted on; empty if there is.
	Declined string `json:"declined,omitempty"`
	// Bond is what the appeal holds, in ucupel, from StepRevealed on.
	Bond uint64 `json:"bond,omitempty"`
	// Account is the address that sends it, and pays the bond.
	Account string    `json:"account,omitempty"`
	Seen    time.Time `json:"seen"`
	Updated time.Time `json:"updated"`
}

func appealKey(task uint64) []byte { return binary.BigEndian.AppendUint64(nil, task) }

// Appeal returns the record of a task; ok is false if there is none.
func (j *Journal) Appeal(task uint64) (rec Appeal, ok bool, err error) {
	ok, err = j.get(bucketAppeals, appealKey(task), &rec)
	return rec, ok, err
}

// PutAppeal is PutLot for an appeal: neither the reason to decline nor the bond
// changes once it is recorded.
func (j *Journal) PutAppeal(rec Appeal) error {
	old, ok, err := j.Appeal(rec.Task)
	if err != nil {
		return err
	}
	if ok {
		switch {
		case rec.Step < old.Step:
			return fmt.Errorf("appeal of task %d: %s after %s: %w", rec.Task, rec.Step, old.Step, errRolledBack)
		case old.Step >= StepExecuted && rec.Declined != old.Declined, old.Step >= StepRevealed && rec.Bond != old.Bond:
			return fmt.Errorf("appeal of task %d: %w", rec.Task, ErrAppealed)
		case rec.Step == old.Step:
			return nil
		}
	}
	rec.Updated = j.now()
	return j.put(bucketAppeals, appealKey(rec.Task), rec)
}

// Appeals returns all records in order of task.
func (j *Journal) Appeals() ([]Appeal, error) {
	var all []Appeal
	err := each(j, bucketAppeals, func(_ []byte, rec Appeal) error {
		all = append(all, rec)
		return nil
	})
	return all, err
}
