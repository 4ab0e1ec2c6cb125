// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/earnings"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/runner"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

const me = uint32(7)

// market is a chain with one batch of one requester.
type market struct {
	err     error
	params  markettypes.Params
	price   uint64
	kase    markettypes.Case
	paid    map[uint64]uint64
	fees    map[uint64]uint64
	noBlock bool
	// score of every requester.
	score    uint32
	policy   markettypes.Policy
	scoreErr error
}

// RequesterScore implements Market.
func (m *market) RequesterScore(context.Context, string) (uint32, error) { return m.score, m.scoreErr }

// Batch implements Market.
func (m *market) Batch(_ context.Context, id uint64) (*markettypes.QueryBatchResponse, error) {
	return &markettypes.QueryBatchResponse{
		Class: "test/v1", Requester: "alice",
		Batch: markettypes.Batch{Id: id, Denom: markettypes.BaseDenom, Rate: markettypes.RateUnit, Policy: m.policy, ParamsVersion: 1, Limits: markettypes.Limits{Units: 1_000_000_000}},
	}, m.err
}

// Lot implements Market.
func (m *market) Lot(context.Context, uint64, uint32) (markettypes.Lot, error) {
	return markettypes.Lot{Seats: []markettypes.Seat{{Provider: 1, Attempt: 1, Price: 1}, {Provider: me, Attempt: 1, Price: m.price}}}, m.err
}

// Case implements Market.
func (m *market) Case(context.Context, uint64) (markettypes.Case, error) { return m.kase, m.err }

// MarketParams implements Market.
func (m *market) MarketParams(context.Context, uint32) (markettypes.Params, error) {
	return m.params, m.err
}

// Classes implements Market.
func (m *market) Classes(context.Context) ([]registrytypes.Class, error) {
	return []registrytypes.Class{{Name: "test/v1", Unit: registrytypes.UnitFuel}}, m.err
}

// Payments implements Market.
func (m *market) Payments(context.Context, int64, uint32) (map[uint64]uint64, error) {
	if m.noBlock {
		return nil, chain.ErrUnknown
	}
	return m.paid, m.err
}

// CaseFees implements Market.
func (m *market) CaseFees(context.Context, int64, uint32) (map[uint64]uint64, error) {
	if m.noBlock {
		return nil, chain.ErrUnknown
	}
	return m.fees, m.err
}

// flat is a fee for each transaction.
type flat uint64

// Estimate implements Fees.
func (f flat) Estimate(_ int, commit, reveal bool) uint64 {
	n := uint64(0)
	for _, sent := range []bool{commit, reveal} {
		if sent {
			n += uint64(f)
		}
	}
	return n
}

// EstimateProof implements Fees.
func (f flat) EstimateProof(int) uint64 { return 10 * uint64(f) }

type fixture struct {
	*Guard
	market *market
	now    time.Time
}

func newFixture(t *testing.T, file File, fee uint64) *fixture {
	t.Helper()
	book, err := earnings.Open(filepath.Join(t.TempDir(), "earnings.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, book.CloseFile()) })
	f := &fixture{market: &market{params: markettypes.DefaultParams(), price: 1000}, now: time.Now()}
	f.market.params.MinValue = 1000 // a no-show costs 100
	f.Guard = NewGuard(Fixed(file).File, f.market, flat(fee), book, slog.New(slog.DiscardHandler))
	f.Guard.now = func() time.Time { return f.now }
	return f
}

func try(batch uint64, units ...uint64) runner.Attempt {
	a := runner.Attempt{Key: journal.LotKey{Batch: batch, Attempt: 1}, Provider: me, Count: 1, Replicas: 3}
	for _, u := range units {
		a.Runs = append(a.Runs, journal.Run{Outcome: uint32(markettypes.OutcomeOK), Units: u})
	}
	return a
}

func TestFeesAgainstPay(t *testing.T) {
	// Pay for all units is 850, a no-show costs 100, two transactions are sent.
	for fee, want := range map[uint64]bool{0: true, 475: true, 476: false} {
		f := newFixture(t, File{}, fee)
		require.Equal(t, want, f.Start(t.Context(), try(1)), "fee %d", fee)
		require.Equal(t, want, f.Commit(t.Context(), try(2, 1_000_000_000)), "fee %d", fee)
	}
	// Half of the units were used: the pay is 425.
	f := newFixture(t, File{}, 263)
	require.True(t, f.Start(t.Context(), try(1)))
	require.False(t, f.Commit(t.Context(), try(1, 500_000_000)))
	// A lot with one seat is not committed to: one transaction.
	f = newFixture(t, File{}, 900)
	single := try(1)
	single.Replicas = 1
	require.True(t, f.Start(t.Context(), single))
	// A run without a result earns nothing, but not saying so costs 100.
	for fee, want := range map[uint64]bool{50: true, 51: false} {
		f = newFixture(t, File{}, fee)
		failed := try(1, 5)
		failed.Runs[0].Outcome = uint32(markettypes.OutcomeHostError)
		require.Equal(t, want, f.Commit(t.Context(), failed))
	}
}

func TestOwnCostsCount(t *testing.T) {
	for floor, want := range map[uint64]bool{950: true, 951: false} {
		f := newFixture(t, File{Classes: map[string]Class{"test/v1": {Ask: 2000, Floor: floor}}}, 0)
		require.Equal(t, want, f.Start(t.Context(), try(1)), "pay 850 and no-show fee 100 against %d", floor)
		require.True(t, f.Commit(t.Context(), try(2, 1_000_000_000)), "once it has run, the cost is spent")
	}
}

func TestSilenceIsNoReasonToDecline(t *testing.T) {
	f := newFixture(t, File{}, 1<<60)
	f.market.err = chain.ErrUnknown
	require.True(t, f.Start(t.Context(), try(1)))
	require.True(t, f.Commit(t.Context(), try(1, 1)))
	require.NoError(t, f.Said(t.Context(), try(1, 1)))
	f.market.err = nil
	require.False(t, f.Start(t.Context(), try(1)), "once the terms are known they count")
	f.market.err = chain.ErrUnknown
	f.now = f.now.Add(time.Minute)
	require.False(t, f.Start(t.Context(), try(1)), "they are pinned: nobody need be asked again")
}

func TestDeclinedIsCountedOnce(t *testing.T) {
	f := newFixture(t, File{}, 1000)
	for range 5 {
		require.False(t, f.Start(t.Context(), try(1)))
		f.now = f.now.Add(time.Minute)
	}
	r, err := f.book.Report(1)
	require.NoError(t, err)
	require.Equal(t, uint64(1), r.Classes[0].Declined)
}

func TestMaxAtRisk(t *testing.T) {
	f := newFixture(t, File{MaxAtRisk: 1700, OverLimit: OverDecline}, 0)
	for batch := range uint64(2) {
		require.True(t, f.Start(t.Context(), try(batch)))
		require.NoError(t, f.Said(t.Context(), try(batch, 1_000_000_000)))
		require.NoError(t, f.Said(t.Context(), try(batch, 1_000_000_000)), "told twice, booked once")
	}
	require.Equal(t, uint64(1700), f.book.AtRisk("alice"))
	require.False(t, f.Start(t.Context(), try(2)))
	require.True(t, f.Commit(t.Context(), try(0, 1_000_000_000)), "what was begun is finished")

	f.market.paid = map[uint64]uint64{markettypes.TaskID(0, 0): 850}
	require.NoError(t, f.Final(t.Context(), try(0, 1_000_000_000), markettypes.Lot{State: markettypes.TaskSettled, SettledHeight: 9}))
	require.Equal(t, uint64(850), f.book.AtRisk("alice"))
	f.now = f.now.Add(declineFor)
	require.True(t, f.Start(t.Context(), try(2)), "there is room again")

	drains := newFixture(t, File{MaxAtRisk: 1, OverLimit: OverDrain}, 0)
	require.True(t, drains.Start(t.Context(), try(1)), "with drain, what is assigned is served")
}

func TestMinRequesterScore(t *testing.T) {
	for name, tc := range map[string]struct {
		least, score uint32
		err          error
		serves       bool
	}{
		"not asked for": {score: 1, serves: true},
		"below":         {least: 400_000, score: 399_999},
		"at the least":  {least: 400_000, score: 400_000, serves: true},
		"not known":     {least: 400_000, err: chain.ErrUnknown, serves: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, File{OverLimit: OverDrain, MinRequesterScore: tc.least}, 0)
			f.market.score, f.market.scoreErr = tc.score, tc.err
			require.Equal(t, tc.serves, f.Start(t.Context(), try(1)))
		})
	}
	_, err := Parse([]byte("min_requester_score: 1000001"))
	require.ErrorContains(t, err, "min_requester_score is 1000001")
}

func TestPayIsReadFromBlocks(t *testing.T) {
	settled := markettypes.Lot{State: markettypes.TaskSettled, SettledHeight: 9}
	report := func(f *fixture) earnings.ClassReport {
		r, err := f.book.Report(1)
		require.NoError(t, err)
		require.Empty(t, r.Open)
		return r.Classes[0]
	}
	a := try(3, 1_000_000_000)

	f := newFixture(t, File{}, 0)
	require.NoError(t, f.Said(t.Context(), a))
	f.market.paid = map[uint64]uint64{markettypes.TaskID(3, 0): 777, markettypes.TaskID(4, 0): 1}
	require.NoError(t, f.Final(t.Context(), a, settled))
	require.Equal(t, uint64(777), report(f).Paid)
	require.Equal(t, uint64(1), report(f).Settled)

	f = newFixture(t, File{}, 0) // the task had a case, which was paid elsewhere
	require.NoError(t, f.Said(t.Context(), a))
	f.market.paid, f.market.kase = map[uint64]uint64{markettypes.TaskID(3, 0): 5}, markettypes.Case{SettledHeight: 12}
	require.NoError(t, f.Final(t.Context(), a, markettypes.Lot{State: markettypes.TaskSettled, Cases: 1}))
	require.Equal(t, uint64(5), report(f).Paid)

	f = newFixture(t, File{}, 0) // the node forgot the block
	require.NoError(t, f.Said(t.Context(), a))
	f.market.noBlock = true
	for range maxMisses - 1 {
		require.ErrorIs(t, f.Final(t.Context(), a, settled), chain.ErrUnknown)
	}
	require.NoError(t, f.Final(t.Context(), a, settled))
	require.Equal(t, uint64(850), report(f).Paid)
	require.Equal(t, uint64(850), report(f).Estimated)

	f = newFixture(t, File{}, 0)
	require.NoError(t, f.Said(t.Context(), a))
	require.NoError(t, f.Final(t.Context(), a, markettypes.Lot{State: markettypes.TaskFailed}))
	require.Equal(t, uint64(1), report(f).Unpaid)

	f = newFixture(t, File{}, 0)
	require.NoError(t, f.Said(t.Context(), a))
	require.NoError(t, f.Gone(a))
	require.Equal(t, uint64(1), report(f).Unpaid)
	require.NoError(t, f.Final(t.Context(), try(99), settled), "what was never answered is not booked")
}

func TestVerificationIsBooked(t *testing.T) {
	task := markettypes.TaskID(3, 0)
	a := runner.CaseAttempt{Key: journal.CaseKey{Task: task, Attempt: 2}, Provider: me, Run: journal.Run{Units: 1_000_000_000}}
	closed := func(original bool, height int64) markettypes.Case {
		return markettypes.Case{
			Task: task, Attempt: 2, SettledHeight: height, Result: markettypes.Result{Units: 1_000_000_000},
			Seats: []markettypes.CaseSeat{{Provider: 1, Original: true}, {Provider: me, Price: 1000, Original: original}},
		}
	}
	tests := map[string]struct {
		c          markettypes.Case
		fees, paid map[uint64]uint64
		noBlock    bool
		want       earnings.Totals
	}{
		"a fee":                   {closed(false, 9), map[uint64]uint64{task: 180, task + 1: 5}, nil, false, earnings.Totals{Verified: 1, Verification: 180, Paid: 180}},
		"in a replica's place":    {closed(false, 9), nil, map[uint64]uint64{task: 850}, false, earnings.Totals{Verified: 1, Verification: 850, Paid: 850}},
		"wrong, so unpaid":        {closed(false, 9), nil, nil, false, earnings.Totals{Verified: 1}},
		"the node forgot":         {closed(false, 9), nil, nil, true, earnings.Totals{Verified: 1, Verification: 850, Paid: 850, Estimated: 850}},
		"a replica, by its lot":   {closed(true, 9), nil, map[uint64]uint64{task: 850}, false, earnings.Totals{}},
		"without a result":        {closed(false, 0), nil, nil, false, earnings.Totals{}},
		"another provider's case": {markettypes.Case{SettledHeight: 9}, nil, nil, false, earnings.Totals{}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, File{}, 0)
			f.market.fees, f.market.paid, f.market.noBlock = tc.fees, tc.paid, tc.noBlock
			if tc.noBlock {
				for range maxMisses - 1 {
					require.ErrorIs(t, f.CaseClosed(t.Context(), a, tc.c), chain.ErrUnknown)
				}
			}
			for range 2 { // told twice, booked once
				require.NoError(t, f.CaseClosed(t.Context(), a, tc.c))
				f.market.noBlock = false
			}
			r, err := f.book.Report(1)
			require.NoError(t, err)
			if tc.want == (earnings.Totals{}) {
				require.Empty(t, r.Classes)
				return
			}
			require.Equal(t, tc.want, r.Classes[0].Totals)
		})
	}
}

func TestForgottenTermsDoNotPileUp(t *testing.T) {
	f := newFixture(t, File{}, 0)
	require.NoError(t, f.Said(t.Context(), try(0, 1)))
	for i := range uint64(3 * maxSeats) {
		f.Start(t.Context(), try(i+1))
		f.now = f.now.Add(seatAge / 100)
	}
	require.Less(t, len(f.seats), maxSeats+101)
	require.Contains(t, f.seats, try(0).Key, "what is open is kept")
}
