// SPDX-License-Identifier: Apache-2.0

package loadgen

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPercentile(t *testing.T) {
	require.Zero(t, percentile(nil, 50))
	require.EqualValues(t, 3, percentile([]int64{5, 1, 3}, 50))
	require.EqualValues(t, 5, percentile([]int64{5, 1, 3}, 100))
}

// TestSustain settles every task of a few batches with one replica, which are
// revealed without a commit.
func TestSustain(t *testing.T) {
	if testing.Short() && os.Getenv("CUPEL_REQUIRE_ALL") == "" {
		t.Skip("-short: this test runs a network for ten seconds")
	}
	c := Config{
		Requesters: 2, Providers: 5, Validators: 1, BlockTime: 200 * time.Millisecond,
		Tasks: 40, Lot: 32, Replicas: 1, Drain: time.Minute,
	}
	s, err := Sustain(t.Context(), c, 6, 4)
	require.NoError(t, err)
	require.Equal(t, 240, s.Tasks)
	require.Positive(t, s.Answers)
	require.Positive(t, s.P50)
	require.Greater(t, s.Took, s.P50)
	t.Logf("%.0f tasks/s, %d answers in %d blocks", s.PerSecond(), s.Answers, s.Blocks)
}
