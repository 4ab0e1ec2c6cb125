// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVotes: what is voted never changes, steps never go back, and both outlive
// the process.
func TestVotes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := Open(path, "c")
	require.NoError(t, err)
	key := VoteKey{Verdict: 7, Round: 2}
	_, ok, err := j.Vote(key)
	require.NoError(t, err)
	require.False(t, ok)
	rec := Vote{Key: key, Step: StepAssigned, Until: 9}
	require.NoError(t, j.PutVote(rec))
	rec.Step, rec.Vote = StepExecuted, []byte{1, 0}
	require.NoError(t, j.PutVote(rec))
	changed := rec
	changed.Vote = []byte{0, 3}
	require.ErrorIs(t, j.PutVote(changed), ErrChanged)
	rec.Step = StepRevealed
	require.NoError(t, j.PutVote(rec))
	back := rec
	back.Step = StepCommitted
	require.ErrorIs(t, j.PutVote(back), errRolledBack)
	require.NoError(t, j.PutVote(Vote{Key: VoteKey{Verdict: 7, Round: 1}, Step: StepAssigned}))
	require.NoError(t, j.Close())

	j, err = Open(path, "c")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	all, err := j.Votes()
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, []byte{1, 0}, all[1].Vote)
	require.Equal(t, StepRevealed, all[1].Step)
	require.EqualValues(t, 9, all[1].Until)
	require.NoError(t, j.ForgetVote(key))
	require.NoError(t, j.ForgetVote(key))
	all, err = j.Votes()
	require.NoError(t, err)
	require.Len(t, all, 1)
}
