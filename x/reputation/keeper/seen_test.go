// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/reputation/types"
)

// crowd records a success of n requesters in one epoch.
func (f *fixture) crowd(n int, epoch uint64) {
	f.t.Helper()
	for i := range n {
		o := outcome(1, epoch)
		o.Requester = binary.BigEndian.AppendUint64(nil, uint64(i))
		require.NoError(f.t, f.k.RecordOutcome(f.ctx, o))
	}
}

func TestEndBlockForgets(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.k.EndBlock(f.ctx), "nothing to forget")
	f.crowd(250, 1)
	f.crowd(1, 64)
	require.NoError(t, f.k.EndBlock(f.ctx))
	require.Equal(t, 251, f.seen(), "epoch 1 can still count")

	f.crowd(1, 65)
	for _, left := range []int{152, 52, 2, 2} {
		require.NoError(t, f.k.EndBlock(f.ctx))
		require.Equal(t, left, f.seen())
		require.NoError(t, f.k.CheckInvariants(f.ctx))
	}
}

// New entries remove old ones even faster than they come.
func TestMarksForget(t *testing.T) {
	f := newFixture(t)
	f.crowd(100, 1)
	f.crowd(1, 100)
	before := f.seen()
	f.crowd(41, 100) // the first of them is seen already
	require.Equal(t, before+40-80, f.seen())
}

// A forgotten epoch does not count again.
func TestForgottenEpochsDoNotCount(t *testing.T) {
	tests := map[string]struct {
		epoch   uint64
		counted uint64
	}{
		"newest":               {epoch: 100, counted: 2},
		"newer":                {epoch: 101, counted: 3},
		"oldest that counts":   {epoch: 37, counted: 3},
		"youngest forgotten":   {epoch: 36, counted: 2},
		"forgotten and pruned": {epoch: 1, counted: 2},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.succeed(1, 1, 1)
			f.succeed(1, 100, 100)
			require.NoError(t, f.k.EndBlock(f.ctx))
			f.succeed(1, tc.epoch, tc.epoch)
			require.Equal(t, tc.counted, f.record(1).Counted)
			require.NoError(t, f.k.CheckInvariants(f.ctx))
		})
	}
}

func TestFailureOfAForgottenEpochCounts(t *testing.T) {
	f := newFixture(t)
	f.succeed(1, 100, 100)
	o := outcome(1, 1)
	o.Success = false
	require.NoError(t, f.k.RecordOutcome(f.ctx, o))
	require.Equal(t, uint64(1_000_000), f.record(1).Failures)
}

func TestSeenIsPerProviderAndClass(t *testing.T) {
	f := newFixture(t)
	for provider := range uint32(3) {
		for class := range uint32(3) {
			o := outcome(provider, 1)
			o.Class = class
			require.NoError(t, f.k.RecordOutcome(f.ctx, o))
			require.NoError(t, f.k.RecordOutcome(f.ctx, o))
		}
	}
	gs, err := f.k.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Len(t, gs.Records, 9)
	require.Len(t, gs.Seen, 9)
	for _, record := range gs.Records {
		require.Equal(t, types.Record{
			Provider: record.Provider, Class: record.Class, Successes: 1_000_000,
			Updated: uint64(start.Unix()), Counted: 1, Score: record.Score,
		}, record)
	}
}
