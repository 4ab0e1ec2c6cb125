// SPDX-License-Identifier: Apache-2.0

package earnings

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files")

func newBook(t testing.TB, path string, now *time.Time) *Book {
	t.Helper()
	b, err := Open(path)
	require.NoError(t, err)
	b.now = func() time.Time { return *now }
	return b
}

func entry(key, class, requester string, price, expected uint64) Entry {
	return Entry{Key: key, Class: class, Requester: requester, Denom: "ucupel", Price: price, Tasks: 2, Units: 10, Share: expected, Expected: expected}
}

func TestReport(t *testing.T) {
	path := filepath.Join(t.TempDir(), "earnings.db")
	now := time.Date(2026, 11, 1, 23, 0, 0, 0, time.UTC)
	b := newBook(t, path, &now)
	require.NoError(t, b.Open(entry("1/0/1", "wasm/v1-amd64", "alice", 50, 100)))
	require.NoError(t, b.Close("1/0/1", Outcome{State: "SETTLED", Paid: 100}))
	require.NoError(t, b.Fee("commit", 300))
	now = now.Add(2 * time.Hour) // the next day
	require.NoError(t, b.Open(entry("2/0/1", "wasm/v1-amd64", "alice", 30, 80)))
	require.NoError(t, b.Open(entry("2/1/1", "wasm/v1-amd64", "bob", 41, 90)))
	require.NoError(t, b.Open(entry("2/2/1", "container/v1", "bob", 7, 9)))
	require.NoError(t, b.Close("2/0/1", Outcome{State: "SETTLED", Paid: 80, Estimated: true}))
	require.NoError(t, b.Close("2/2/1", Outcome{State: "FAILED"}))
	require.NoError(t, b.Decline(entry("2/3/1", "wasm/v1-amd64", "eve", 1, 1)))
	require.NoError(t, b.Verified(entry("4096/1", "wasm/v1-amd64", "eve", 1, 1), Outcome{State: "SETTLED", Paid: 18}))
	require.NoError(t, b.Voted(entry("3/1", "quotes", "", 0, 0), Outcome{Paid: 5}))
	require.NoError(t, b.Lost("appeal/4096", entry("", "wasm/v1-amd64", "", 0, 0), 14))
	require.NoError(t, b.Fee("commit", 310))
	require.NoError(t, b.Fee("reveal", 500))

	_, err := View(path)
	require.ErrorIs(t, err, ErrLocked)
	require.NoError(t, b.CloseFile())
	b, err = View(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, b.CloseFile()) }()
	b.now = func() time.Time { return now }

	r, err := b.Report(1)
	require.NoError(t, err)
	require.Equal(t, uint64(98), r.Classes[2].Paid, "only today")
	require.Equal(t, uint64(810), r.FeeSum)
	r, err = b.Report(30)
	require.NoError(t, err)
	r.Classes[2].Ask = 40
	var text bytes.Buffer
	require.NoError(t, r.Print(&text))
	raw, err := json.MarshalIndent(r, "", "  ")
	require.NoError(t, err)
	for name, got := range map[string]string{"earnings.golden": text.String(), "earnings.json.golden": string(raw) + "\n"} {
		name = filepath.Join("testdata", name)
		if *update {
			require.NoError(t, os.WriteFile(name, []byte(got), 0o600))
		}
		want, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, string(want), got)
	}
}

// TestNothingIsBookedTwice replays what a crash between book and journal makes
// the runner say again.
func TestNothingIsBookedTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "earnings.db")
	now := time.Now()
	for range 3 {
		b := newBook(t, path, &now)
		require.NoError(t, b.Open(entry("1/0/1", "c", "alice", 5, 7)))
		require.NoError(t, b.Decline(entry("9/0/1", "c", "alice", 5, 7)))
		require.NoError(t, b.Verified(entry("4096/1", "c", "alice", 5, 7), Outcome{Paid: 3}))
		require.NoError(t, b.Voted(entry("3/1", "c", "", 5, 7), Outcome{Paid: 2}))
		require.NoError(t, b.Lost("appeal/1", entry("", "c", "", 5, 7), 14))
		require.NoError(t, b.CloseFile())
	}
	b := newBook(t, path, &now)
	require.Equal(t, uint64(7), b.AtRisk("alice"))
	for range 3 {
		require.NoError(t, b.Close("1/0/1", Outcome{Paid: 7}))
		require.NoError(t, b.Open(entry("1/0/1", "c", "alice", 5, 7)))
	}
	r, err := b.Report(1)
	require.NoError(t, err)
	require.Equal(t, Totals{Answered: 1, Declined: 1, Settled: 1, Tasks: 2, Units: 10, Paid: 12, Verified: 1, Verification: 3, Votes: 1, VoteFees: 2, Lost: 14, PriceMin: 5, PriceMax: 5, PriceSum: 5}, r.Classes[0].Totals)
	require.Zero(t, b.AtRisk("alice"))
	require.False(t, b.Has("1/0/1"))
	require.NoError(t, b.CloseFile())

	now = time.Now().Add(keepDone + time.Hour) // what is done is forgotten one day
	b = newBook(t, path, &now)
	b.now = func() time.Time { return now }
	require.NoError(t, b.prepare())
	require.NoError(t, b.Open(entry("1/0/1", "c", "alice", 5, 7)))
	require.True(t, b.Has("1/0/1"))
	require.NoError(t, b.CloseFile())
}

// TestBookBalances lets random things happen: what is at risk is always the sum
// of what is open, also after a restart, and nothing ever wraps around.
func TestBookBalances(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		path := filepath.Join(dir, fmt.Sprint(n))
		b, err := Open(path)
		require.NoError(t, err)
		b.db.NoSync = true
		open := map[string]Entry{}
		seen := map[string]bool{}
		amounts := rapid.OneOf(rapid.Uint64Range(0, 1000), rapid.Uint64Range(1<<60, 1<<61))
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			key := fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "key"))
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				e := entry(key, "c", rapid.SampledFrom([]string{"a", "b"}).Draw(t, "who"), amounts.Draw(t, "price"), amounts.Draw(t, "pay")/8)
				require.NoError(t, b.Open(e))
				if _, ok := open[key]; !ok && !seen[key] {
					open[key], seen[key] = e, true
				}
			case 1:
				require.NoError(t, b.Close(key, Outcome{Paid: amounts.Draw(t, "paid")}))
				delete(open, key)
			case 2:
				require.NoError(t, b.CloseFile())
				b, err = Open(path)
				require.NoError(t, err)
				b.db.NoSync = true
			}
			sums := map[string]uint64{}
			for _, e := range open {
				sums[e.Requester] += e.Expected
			}
			require.Equal(t, sums["a"], b.AtRisk("a"))
			require.Equal(t, sums["b"], b.AtRisk("b"))
			who, most := b.MostAtRisk()
			require.Equal(t, max(sums["a"], sums["b"]), most)
			require.Equal(t, most > 0, who != "")
		}
		require.NoError(t, b.CloseFile())
	})
}

func TestTotalsSaturate(t *testing.T) {
	var all Totals
	one := Totals{Answered: 1, PriceMin: 3, PriceMax: 9, PriceSum: math.MaxUint64, Paid: math.MaxUint64 - 1}
	all.merge(one)
	all.merge(Totals{Declined: 4})
	all.merge(Totals{Answered: 1, PriceMin: 2, PriceMax: 4, PriceSum: 6, Paid: 5})
	require.Equal(t, Totals{Answered: 2, Declined: 4, PriceMin: 2, PriceMax: 9, PriceSum: math.MaxUint64, Paid: math.MaxUint64}, all)
	require.Equal(t, uint64(math.MaxUint64/2), all.PriceMean())
	require.Zero(t, Totals{}.PriceMean())
}
