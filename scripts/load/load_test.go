// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// small is a short run on an own network.
func small() config {
	return config{
		requesters: 3, providers: 5, validators: 1, blockTime: 300 * time.Millisecond,
		tasks: 8, lot: 4, replicas: 3, rate: 2, factor: 2, steps: 1, step: 4 * time.Second, drain: 25 * time.Second,
	}
}

func need(t *testing.T) {
	t.Helper()
	if testing.Short() && os.Getenv("CUPEL_REQUIRE_ALL") == "" {
		t.Skip("-short: this test runs a network for half a minute")
	}
}

func TestLoad(t *testing.T) {
	need(t)
	r, err := run(t.Context(), small(), os.Stderr)
	require.NoError(t, err)
	require.Len(t, r.Rows, 1)
	require.Zero(t, r.Failed, r.FirstFailure)
	require.Zero(t, r.Rows[0].Missing)
	require.Positive(t, r.Rows[0].Tasks)
	require.Positive(t, r.Rows[0].P50)
	require.GreaterOrEqual(t, r.Rows[0].P95, r.Rows[0].P50)
	require.Positive(t, r.Answers)
}

// TestSpamDelaysNoAnswer: transfers fill the blocks and the mempool up to its
// last fifth; commits and reveals are in a block as soon as without.
func TestSpamDelaysNoAnswer(t *testing.T) {
	need(t)
	const place = 400
	t.Setenv("CUPELD_MEMPOOL_SIZE", "400")
	c := small()
	c.spam, c.maxGas, c.rate, c.step, c.drain = 8, 6_000_000, 1, 6*time.Second, 6*time.Second
	r, err := run(t.Context(), c, os.Stderr)
	require.NoError(t, err)
	require.Greater(t, r.FullBlocks*2, r.Blocks, "the spam fills most blocks")
	require.Greater(t, r.SpamSent-r.SpamBlocks, place, "there is more of it than the mempool has places")
	require.Positive(t, r.SpamRefused)
	require.Greater(t, r.Answers, 10)
	require.LessOrEqual(t, r.AnswerP99, int64(2), "blocks until an answer is in one")
	require.LessOrEqual(t, r.AnswerMax, int64(3), "one that is sent while the test has not seen the last block yet")
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{
		{"x"}, {"-replicas", "1"}, {"-providers", "2"}, {"-factor", "1"}, {"-tasks", "5000"}, {"-node", "http://x"}, {"-spam", "-1"},
	} {
		_, err := parse(args)
		require.Error(t, err, args)
	}
	_, err := parse(nil)
	require.NoError(t, err)
}

func TestPercentile(t *testing.T) {
	require.Zero(t, percentile(nil, 50))
	require.EqualValues(t, 3, percentile([]int64{5, 1, 3}, 50))
	require.EqualValues(t, 5, percentile([]int64{5, 1, 3}, 100))
}
