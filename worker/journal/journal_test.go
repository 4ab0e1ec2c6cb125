// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var key = LotKey{Batch: 9, Lot: 1, Attempt: 2}

func digest(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func open(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := Open(path, "cupel-1")
	require.NoError(t, err)
	t.Cleanup(func() { j.Close() })
	return j
}

func ok(d byte) Run {
	return Run{Outcome: 1, Digest: digest(d), Units: 5, Memory: digest(d + 1), Batch: 9}
}

// steps is the life of a lot, one record a step.
func steps() []Lot {
	var all []Lot
	rec := Lot{Key: key, First: 2, Count: 2}
	for s := StepAssigned; s <= StepPaid; s++ {
		rec.Step = s
		if s == StepExecuted {
			rec.Runs = []Run{ok(1), {Outcome: 16}}
		}
		all = append(all, rec)
	}
	return all
}

// TestEveryStepIsDurable copies the file right after each step, as a crash
// leaves it, and opens the copy.
func TestEveryStepIsDurable(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	j := open(t, path)
	for _, want := range steps() {
		require.NoError(t, j.PutLot(want))
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		copied := filepath.Join(dir, want.Step.String())
		require.NoError(t, os.WriteFile(copied, raw, 0o600))

		after := open(t, copied)
		got, found, err := after.Lot(key)
		require.NoError(t, err)
		require.True(t, found)
		got.Updated = want.Updated
		require.Equal(t, want, got)
	}
}

func TestStepsOnlyGoForward(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "j"))
	all := steps()
	require.NoError(t, j.PutLot(all[4]))
	for _, rec := range all[:4] {
		require.ErrorIs(t, j.PutLot(rec), errRolledBack)
	}
	require.NoError(t, j.PutLot(all[4]), "the same again is a no-op")
	require.NoError(t, j.PutLot(all[5]))
}

func TestResultsNeverChange(t *testing.T) {
	tests := map[string]func(*Lot){
		"outcome": func(l *Lot) { l.Runs[0].Outcome = 2 },
		"digest":  func(l *Lot) { l.Runs[0].Digest = digest(9) },
		"units":   func(l *Lot) { l.Runs[0].Units++ },
		"memory":  func(l *Lot) { l.Runs[0].Memory = digest(9) },
		"number":  func(l *Lot) { l.Runs = l.Runs[:1] },
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			j := open(t, filepath.Join(t.TempDir(), "j"))
			require.NoError(t, j.PutLot(steps()[3]))
			next := steps()[4]
			edit(&next)
			require.ErrorIs(t, j.PutLot(next), ErrChanged)
		})
	}
}

func TestCaseAnswerNeverChanges(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "j"))
	run := ok(1)
	rec := Case{Key: CaseKey{Task: 9 << 12, Attempt: 1}, Step: StepExecuted, Run: &run, Proof: digest(3), Cross: []Cross{{4, digest(4)}}}
	require.NoError(t, j.PutCase(rec))
	for name, edit := range map[string]func(*Case){
		"proof": func(c *Case) { c.Proof = digest(9) },
		"cross": func(c *Case) { c.Cross = []Cross{{5, digest(4)}} },
		"less":  func(c *Case) { c.Cross = nil },
		"run":   func(c *Case) { r := ok(8); c.Run = &r },
		"none":  func(c *Case) { c.Run = nil },
	} {
		next := rec
		next.Step = StepCommitted
		edit(&next)
		require.ErrorIs(t, j.PutCase(next), ErrChanged, name)
	}
	rec.Step = StepAssigned
	require.ErrorIs(t, j.PutCase(rec), errRolledBack)
}

func TestOneProcessOneChain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	_, err := Open(path, "cupel-1")
	require.ErrorIs(t, err, ErrLocked)
	require.NoError(t, j.Close())
	_, err = Open(path, "cupel-2")
	require.ErrorContains(t, err, "cupel-1")
	open(t, path)
}

func TestRunsAreKeyedByAllThatDecides(t *testing.T) {
	m := digest(1)
	keys := map[RunKey]bool{
		NewRunKey(m, 0, "c", 1, 1, 1): true, NewRunKey(m, 1, "c", 1, 1, 1): true, NewRunKey(m, 0, "d", 1, 1, 1): true,
		NewRunKey(m, 0, "c", 2, 1, 1): true, NewRunKey(m, 0, "c", 1, 2, 1): true, NewRunKey(m, 0, "c", 1, 1, 2): true,
		NewRunKey(digest(2), 0, "c", 1, 1, 1): true,
	}
	require.Len(t, keys, 7)
	j := open(t, filepath.Join(t.TempDir(), "j"))
	for k := range keys {
		_, found, err := j.Run(k)
		require.NoError(t, err)
		require.False(t, found)
		require.NoError(t, j.PutRun(k, ok(k[0])))
		got, found, err := j.Run(k)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, ok(k[0]), got)
	}
}

func TestForget(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "j"))
	for _, batch := range []uint64{8, 9} {
		run := ok(byte(batch))
		run.Batch = batch
		require.NoError(t, j.PutLot(Lot{Key: LotKey{Batch: batch}, Step: StepAssigned}))
		require.NoError(t, j.PutCase(Case{Key: CaseKey{Task: batch<<12 | 4}, Step: StepAssigned}))
		require.NoError(t, j.PutRun(NewRunKey(digest(byte(batch)), 0, "c", 1, 1, 1), run))
		require.NoError(t, j.Publish(batch, digest(byte(batch)), digest(100)))
	}
	orphans, err := j.Forget(9)
	require.NoError(t, err)
	require.Equal(t, [][]byte{digest(9)}, orphans, "what batch 8 needs stays")

	lots, err := j.Lots()
	require.NoError(t, err)
	require.Len(t, lots, 1)
	cases, err := j.Cases()
	require.NoError(t, err)
	require.Len(t, cases, 1)
	_, found, err := j.Run(NewRunKey(digest(9), 0, "c", 1, 1, 1))
	require.NoError(t, err)
	require.False(t, found)
	for d, want := range map[byte]bool{8: true, 9: false, 100: true, 101: false} {
		got, err := j.Public(digest(d))
		require.NoError(t, err)
		require.Equal(t, want, got, fmt.Sprint(d))
	}
}

// TestForgetFindsAllFiles: results that were never said are found too, and what
// another batch's attempt holds stays.
func TestForgetFindsAllFiles(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "j"))
	put := func(batch uint64, runs ...Run) {
		require.NoError(t, j.PutLot(Lot{Key: LotKey{Batch: batch}, Step: StepExecuted, Runs: runs}))
	}
	sealed := ok(2)
	sealed.Sealed = digest(102)
	put(8, ok(1))
	put(9, ok(1), sealed, ok(3))
	run := ok(4)
	run.Batch = 9
	require.NoError(t, j.PutRun(NewRunKey(digest(4), 0, "c", 1, 1, 1), run))
	drawn := ok(5)
	require.NoError(t, j.PutCase(Case{Key: CaseKey{Task: 9 << 12}, Step: StepExecuted, Run: &drawn}))
	files, err := j.Files()
	require.NoError(t, err)
	require.Len(t, files, 6)

	orphans, err := j.Forget(9)
	require.NoError(t, err)
	want := [][]byte{sealed.Digest, ok(3).Digest, ok(4).Digest, ok(5).Digest, digest(102)}
	slices.SortFunc(want, bytes.Compare)
	require.Equal(t, want, orphans)
	files, err = j.Files()
	require.NoError(t, err)
	require.Equal(t, map[string]bool{string(ok(1).Digest): true}, files)
}

func TestDamagedRecordIsAnError(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "j"))
	require.NoError(t, j.put(bucketLots, key.encode(), "not a record"))
	_, _, err := j.Lot(key)
	require.Error(t, err)
	_, err = j.Lots()
	require.Error(t, err)
	require.Error(t, j.PutLot(steps()[0]))
	_, err = j.Files()
	require.Error(t, err)
}

func TestStepNames(t *testing.T) {
	require.Equal(t, "assigned", StepAssigned.String())
	require.Equal(t, "paid", StepPaid.String())
	require.Equal(t, "Step(0)", Step(0).String())
	require.Equal(t, "Step(8)", Step(8).String())
}
