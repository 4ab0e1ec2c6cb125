// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/loadgen"
)

// small is a short run on an own network.
func small() loadgen.Config {
	return loadgen.Config{
		Requesters: 3, Providers: 5, Validators: 1, BlockTime: 300 * time.Millisecond,
		Tasks: 8, Lot: 4, Replicas: 3, Rate: 2, Factor: 2, Steps: 1, Step: 4 * time.Second, Drain: 25 * time.Second,
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
	r, err := loadgen.Run(t.Context(), small(), os.Stderr)
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
	c.Spam, c.MaxGas, c.Rate, c.Step, c.Drain = 8, 6_000_000, 1, 6*time.Second, 6*time.Second
	r, err := loadgen.Run(t.Context(), c, os.Stderr)
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
		{"x"}, {"-replicas", "0"}, {"-replicas", "1", "-providers", "3"}, {"-providers", "2"}, {"-factor", "1"}, {"-tasks", "5000"}, {"-node", "http://x"}, {"-spam", "-1"},
	} {
		_, err := parse(args)
		require.Error(t, err, args)
	}
	for _, args := range [][]string{nil, {"-replicas", "1", "-providers", "4"}} {
		_, err := parse(args)
		require.NoError(t, err, args)
	}
}
