// SPDX-License-Identifier: Apache-2.0

package jobs_test

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/compare"
	"github.com/cupel-network/cupel/worker/jobfile"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// TestFloats runs the job, moves the last bit of every number, and finds both
// close under the comparators of its job files.
func TestFloats(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(run(t, "floats")[0], "out", "wave.f32"))
	require.NoError(t, err)
	require.Len(t, raw, 4*4096)
	other := make([]byte, 0, len(raw))
	for at := 0; at < len(raw); at += 4 {
		v := math.Float32frombits(binary.LittleEndian.Uint32(raw[at:]))
		require.InDelta(t, math.Sin(2*math.Pi*float64(at/4)/97.3)*math.Exp(-float64(at/4)/1000), v, 1e-6)
		other = binary.LittleEndian.AppendUint32(other, math.Float32bits(v)^1)
	}
	for file, want := range map[string]markettypes.Comparator{
		"job.yaml": markettypes.ComparatorTolerance, "topk.yaml": markettypes.ComparatorTopK,
	} {
		text, err := os.ReadFile(filepath.Join("floats", file))
		require.NoError(t, err)
		f, err := jobfile.Parse(text)
		require.NoError(t, err)
		require.Equal(t, want, f.Comparator)
		rule, err := compare.FromTask(f.Comparator, f.Tolerance)
		require.NoError(t, err)
		require.True(t, rule.Arrays(raw, other), file)
		far := append([]byte(nil), raw...)
		for i := range 100 { // other peaks
			binary.LittleEndian.PutUint32(far[4*(4000-i):], math.Float32bits(float32(2+i)))
		}
		require.False(t, rule.Arrays(raw, far), file)
	}
}

// TestPolicies: the job has a file for each policy of one replica that is not
// audited as others are.
func TestPolicies(t *testing.T) {
	for file, want := range map[string]markettypes.Policy{"scored.yaml": markettypes.PolicyScored, "attested.yaml": markettypes.PolicyAttested} {
		text, err := os.ReadFile(filepath.Join("floats", file))
		require.NoError(t, err)
		f, err := jobfile.Parse(text)
		require.NoError(t, err, file)
		require.Equal(t, want, f.Policy)
		require.EqualValues(t, 1, f.Replicas)
		require.Equal(t, want == markettypes.PolicyScored, f.Hire != "")
	}
}
