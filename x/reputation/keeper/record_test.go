// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/reputation/types"
)

func TestRecordOutcome(t *testing.T) {
	type effect struct{ successes, failures, counted uint64 }
	tests := map[string]struct {
		edit func(*types.Outcome)
		want effect
		err  error
	}{
		"success":                   {edit: func(*types.Outcome) {}, want: effect{successes: 2_000_000, counted: 2}},
		"of another class":          {edit: func(o *types.Outcome) { o.Class = 2 }, want: effect{successes: 1_000_000, counted: 1}},
		"of another provider":       {edit: func(o *types.Outcome) { o.Provider = 2 }, want: effect{successes: 1_000_000, counted: 1}},
		"of another requester":      {edit: func(o *types.Outcome) { o.Requester, o.Epoch = bob, 1 }, want: effect{successes: 2_000_000, counted: 2}},
		"in the same epoch":         {edit: func(o *types.Outcome) { o.Epoch = 1 }, want: effect{successes: 1_000_000, counted: 1}},
		"in an earlier epoch":       {edit: func(o *types.Outcome) { o.Epoch = 0 }, want: effect{successes: 2_000_000, counted: 2}},
		"hired":                     {edit: func(o *types.Outcome) { o.Drawn = false }, want: effect{successes: 1_000_000, counted: 1}},
		"at the least price":        {edit: func(o *types.Outcome) { o.Price = 1_000_000 }, want: effect{successes: 1_100_000, counted: 2}},
		"below the least price":     {edit: func(o *types.Outcome) { o.Price = 999_999 }, want: effect{successes: 1_000_000, counted: 1}},
		"at a huge price":           {edit: func(o *types.Outcome) { o.Price = 1 << 63 }, want: effect{successes: 2_000_000, counted: 2}},
		"failure":                   {edit: func(o *types.Outcome) { o.Success = false }, want: effect{successes: 1_000_000, failures: 1_000_000, counted: 1}},
		"failure, same epoch":       {edit: func(o *types.Outcome) { o.Success, o.Epoch = false, 1 }, want: effect{successes: 1_000_000, failures: 1_000_000, counted: 1}},
		"failure, hired":            {edit: func(o *types.Outcome) { o.Success, o.Drawn = false, false }, want: effect{successes: 1_000_000, counted: 1}},
		"failure, worth too little": {edit: func(o *types.Outcome) { o.Success, o.Price = false, 0 }, want: effect{successes: 1_000_000, counted: 1}},
		"of nobody":                 {edit: func(o *types.Outcome) { o.Requester = nil }, want: effect{successes: 1_000_000, counted: 1}, err: types.ErrInvalidOutcome},
		"of a giant":                {edit: func(o *types.Outcome) { o.Requester = make(sdk.AccAddress, 256) }, want: effect{successes: 1_000_000, counted: 1}, err: types.ErrInvalidOutcome},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.succeed(1, 1, 1)
			o := outcome(1, 2)
			tc.edit(&o)

			require.ErrorIs(t, f.k.RecordOutcome(f.ctx, o), tc.err)

			r := f.record(1)
			require.Equal(t, tc.want, effect{r.Successes, r.Failures, r.Counted})
			require.Equal(t, uint64(start.Unix()), r.Updated)
			require.NoError(t, f.k.CheckInvariants(f.ctx))
		})
	}
}

func TestFailuresNeverDeduplicate(t *testing.T) {
	f := newFixture(t)
	o := outcome(1, 1)
	o.Success = false
	for range 5 {
		require.NoError(t, f.k.RecordOutcome(f.ctx, o))
	}
	require.Equal(t, uint64(5_000_000), f.record(1).Failures)
	require.Zero(t, f.record(1).Counted, "failing is no way out of the first level")
	require.Equal(t, "first", f.standing(1).Level)
	require.Zero(t, f.seen())
}

func TestSuccessAfterFailureCounts(t *testing.T) {
	f := newFixture(t)
	o := outcome(1, 1)
	o.Success = false
	require.NoError(t, f.k.RecordOutcome(f.ctx, o))
	f.succeed(1, 1, 1)
	require.Equal(t, uint64(1), f.record(1).Counted)
}

func TestStanding(t *testing.T) {
	f := newFixture(t)
	stranger := types.Standing{Score: 500_000, AuditBps: 10_000, Level: "first"}
	require.Equal(t, stranger, f.standing(1))

	f.succeed(1, 1, 5)
	require.Equal(t, "new", f.standing(1).Level)
	f.succeed(1, 6, 200)
	trusted := f.standing(1)
	require.Equal(t, "trusted", trusted.Level)
	require.Equal(t, uint32(500), trusted.AuditBps)
	require.Equal(t, uint64(200), trusted.Counted)
	require.Equal(t, trusted.Score, f.record(1).Score)
	require.Equal(t, stranger, f.standing(2))

	// Half a year of silence leaves a sixty-fourth of the weight.
	f.ctx = f.at(6 * 30 * 86_400)
	later := f.standing(1)
	require.Less(t, later.Score, uint32(750_000))
	require.Greater(t, later.Score, stranger.Score)
	require.Equal(t, "new", later.Level)
	require.Equal(t, trusted.Score, f.record(1).Score, "reading writes nothing")

	f.ctx = f.at(100 * 365 * 86_400)
	require.Equal(t, stranger.Score, f.standing(1).Score)
}

func TestRecordSlash(t *testing.T) {
	f := newFixture(t)
	f.succeed(1, 1, 200)
	require.NoError(t, f.k.RecordSlash(f.ctx, 1, 1))

	require.Equal(t, uint64(1_000_000), f.record(1).Failures)
	require.Equal(t, uint64(200), f.record(1).Counted)
	require.Equal(t, uint64(start.Unix())+14*86_400, f.record(1).CappedUntil)
	require.Equal(t, types.Standing{Score: 600_000, AuditBps: 2_500, Level: "new", Counted: 200}, f.standing(1))

	f.ctx = f.at(14*86_400 - 1)
	require.Equal(t, uint32(600_000), f.standing(1).Score)
	f.ctx = f.at(14 * 86_400)
	require.Greater(t, f.standing(1).Score, uint32(900_000))

	// A second slash starts the time anew.
	require.NoError(t, f.k.RecordSlash(f.ctx, 1, 1))
	require.Equal(t, uint32(600_000), f.standing(1).Score)
	f.ctx = f.at(28*86_400 - 1)
	require.Equal(t, uint32(600_000), f.standing(1).Score)
	require.NoError(t, f.k.CheckInvariants(f.ctx))
}

func TestSlashOfAStranger(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.k.RecordSlash(f.ctx, 9, 1))
	require.Less(t, f.standing(9).Score, uint32(500_000))
	require.Equal(t, "first", f.standing(9).Level)
	require.NoError(t, f.k.CheckInvariants(f.ctx))
}

// A shorter cap set later does not end an earlier one sooner.
func TestSlashNeverShortensACap(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.k.RecordSlash(f.ctx, 1, 1))
	until := f.record(1).CappedUntil
	params := types.DefaultParams()
	params.CapSeconds = 1
	require.NoError(t, f.k.Params.Set(f.ctx, params))
	require.NoError(t, f.k.RecordSlash(f.ctx, 1, 1))
	require.Equal(t, until, f.record(1).CappedUntil)
}

func TestPreHistoricBlockTime(t *testing.T) {
	f := newFixture(t)
	f.ctx = f.ctx.WithBlockTime(start.AddDate(-2000, 0, 0))
	f.succeed(1, 1, 1)
	require.Zero(t, f.record(1).Updated)
}

// No sequence of calls breaks the ranking or a bound.
func TestSequencesKeepInvariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(t)
		seconds, epoch := int64(0), uint64(1)
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			seconds += rapid.Int64Range(0, 20*86_400).Draw(rt, "seconds")
			epoch += rapid.Uint64Range(0, 20).Draw(rt, "epochs")
			f.ctx = f.at(seconds)
			o := outcome(rapid.Uint32Range(0, 3).Draw(rt, "provider"), epoch-rapid.Uint64Range(0, min(epoch, 70)).Draw(rt, "late"))
			o.Class = rapid.Uint32Range(0, 2).Draw(rt, "class")
			o.Price = rapid.Uint64Range(0, 20_000_000).Draw(rt, "price")
			o.Drawn = rapid.IntRange(0, 4).Draw(rt, "hired") > 0
			o.Success = rapid.Bool().Draw(rt, "success")
			if rapid.IntRange(0, 9).Draw(rt, "slash") == 0 {
				require.NoError(rt, f.k.RecordSlash(f.ctx, o.Provider, o.Class))
			}
			require.NoError(rt, f.k.RecordOutcome(f.ctx, o))
			require.NoError(rt, f.k.EndBlock(f.ctx))
			require.NoError(rt, f.k.CheckInvariants(f.ctx))
		}
	})
}

func TestEvents(t *testing.T) {
	f := newFixture(t)
	f.succeed(1, 1, 4)
	require.Empty(t, f.ctx.EventManager().Events())
	f.succeed(1, 5, 200)
	require.NoError(t, f.k.RecordSlash(f.ctx, 1, 1))
	f.golden("testdata/events.json")

	names := []string{}
	for _, event := range f.ctx.EventManager().ABCIEvents() {
		_, err := sdk.ParseTypedEvent(event)
		require.NoError(t, err)
		names = append(names, event.Type)
	}
	level, capped := "cupel.reputation.v1.EventLevelChanged", "cupel.reputation.v1.EventScoreCapped"
	require.Equal(t, []string{level, level, level, level, capped}, names)
}
