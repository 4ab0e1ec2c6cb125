// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAppeals: what was decided about an appeal never changes, outlives the
// process, and goes with its batch.
func TestAppeals(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := Open(path, "c")
	require.NoError(t, err)
	task := uint64(5<<12 | 1)
	_, ok, err := j.Appeal(task)
	require.NoError(t, err)
	require.False(t, ok)
	rec := Appeal{Task: task, Step: StepAssigned}
	require.NoError(t, j.PutAppeal(rec))
	rec.Step = StepExecuted
	require.NoError(t, j.PutAppeal(rec))
	declined := rec
	declined.Declined = "another thought"
	require.ErrorIs(t, j.PutAppeal(declined), ErrAppealed)
	rec.Step, rec.Bond, rec.Account = StepRevealed, 14, "a"
	require.NoError(t, j.PutAppeal(rec))
	dearer := rec
	dearer.Bond = 15
	require.ErrorIs(t, j.PutAppeal(dearer), ErrAppealed)
	back := rec
	back.Step = StepExecuted
	require.ErrorIs(t, j.PutAppeal(back), errRolledBack)
	require.NoError(t, j.PutAppeal(Appeal{Task: 6 << 12, Step: StepExecuted, Declined: "no"}))
	require.NoError(t, j.Close())

	j, err = Open(path, "c")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	all, err := j.Appeals()
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, "no", all[1].Declined)
	require.EqualValues(t, 14, all[0].Bond)
	_, err = j.Forget(5)
	require.NoError(t, err)
	all, err = j.Appeals()
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.EqualValues(t, 6<<12, all[0].Task)
}

func TestRepeats(t *testing.T) {
	run := Run{Outcome: 1, Digest: []byte{1}, Units: 5, Memory: []byte{2}, Detail: "x"}
	tests := map[string]struct {
		edit              func(*Run)
		exactly, measured bool
	}{
		"the same":        {func(r *Run) { r.Detail, r.Wall, r.Batch = "y", 9, 9 }, true, true},
		"another outcome": {func(r *Run) { r.Outcome = 2 }, false, false},
		"another digest":  {func(r *Run) { r.Digest = []byte{2} }, false, false},
		"other units":     {func(r *Run) { r.Units = 6 }, false, true},
		"another memory":  {func(r *Run) { r.Memory = nil }, false, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			again := run
			tc.edit(&again)
			require.Equal(t, tc.exactly, run.Repeats(again, false))
			require.Equal(t, tc.measured, run.Repeats(again, true))
		})
	}
}
