// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSource edits a policy file under a worker: what is valid comes into force,
// what is not leaves the last policy, and either is told once.
func TestSource(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	_, err := Open(path)
	require.ErrorContains(t, err, "policy.file")
	write := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	write("classes: {c: {ask: 1, floor: 2}}")
	_, err = Open(path)
	require.ErrorContains(t, err, "below the floor", "it must be valid at first")
	write("max_at_risk: 1")
	s, err := Open(path)
	require.NoError(t, err)

	step := func(changed, fails bool, inForce uint64) {
		t.Helper()
		got, err := s.Refresh()
		require.Equal(t, changed, got)
		require.Equal(t, fails, err != nil, err)
		require.Equal(t, inForce, s.File().MaxAtRisk)
	}
	step(false, false, 1)
	write("max_at_risk: 2")
	step(true, false, 2)
	step(false, false, 2)
	write("max_at_risk: three")
	step(true, true, 2)
	step(false, true, 2)
	write("")
	step(true, true, 2)
	require.NoError(t, os.Remove(path))
	step(true, true, 2)
	step(false, true, 2)
	write("max_at_risk: 4")
	step(true, false, 4)
	require.Equal(t, OverDrain, s.File().OverLimit, "defaults are the same as at the start")

	fixed := Fixed(File{MaxAtRisk: 9})
	changed, err := fixed.Refresh()
	require.NoError(t, err)
	require.False(t, changed)
	require.EqualValues(t, 9, fixed.File().MaxAtRisk)
}
