// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/guests"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/worker/judge"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// verdict is a committee as the chain shows it.
type verdict struct {
	ID      uint64 `json:"id,string"`
	Kind    string
	Phase   string
	Round   uint32
	Seats   []uint32
	Vote    []byte
	Members []struct {
		Provider uint32
		Phase    string
		Weight   uint32
		Paid     uint64 `json:",string"`
		Slashed  uint64 `json:",string"`
		Vote     []byte
	}
}

// newCourt is a network with committees of three, none of which is voted again.
func newCourt(t testing.TB, window uint64, edit func(*net.Setup)) *world {
	p := params()
	p.WindowTicks = window
	return newWorld(t, 6, 5*time.Minute, p, func(s *net.Setup) {
		const market = "app_state.market.params.0.params."
		s.Edits = append(s.Edits,
			net.Edit{Path: market + "committee.members", Value: 3},
			net.Edit{Path: market + "committee.again_bps", Value: 1},
		)
		if edit != nil {
			edit(s)
		}
	})
}

// floats writes the job floats with other terms in place of its comparator.
func (w *world) floats(name string, edits map[string]string) string {
	w.t.Helper()
	module, err := guests.Compile(w.ctx, filepath.Join(w.root, "testutil", "jobs", "floats"))
	require.NoError(w.t, err)
	source, dir := filepath.Join(w.root, "testutil", "jobs", "floats"), filepath.Join(w.Dir, "jobs", name)
	require.NoError(w.t, os.CopyFS(filepath.Join(dir, "input"), os.DirFS(filepath.Join(source, "input"))))
	program, err := os.ReadFile(module)
	require.NoError(w.t, err)
	require.NoError(w.t, os.WriteFile(filepath.Join(dir, "floats.wasm"), program, 0o600))
	text, err := os.ReadFile(filepath.Join(source, "job.yaml"))
	require.NoError(w.t, err)
	edited := string(text)
	edits["max: 50ucupel"] = fmt.Sprintf("max: %ducupel", ceiling)
	for old, replacement := range edits {
		require.Equal(w.t, 1, strings.Count(edited, old), old)
		edited = strings.Replace(edited, old, replacement, 1)
	}
	file := filepath.Join(dir, "job.yaml")
	require.NoError(w.t, os.WriteFile(file, []byte(edited), 0o600))
	return file
}

// decided waits until a committee is final.
func (w *world) decided(id uint64) verdict {
	w.t.Helper()
	var res struct{ Committee verdict }
	require.NoError(w.t, net.Until(w.ctx, 200*time.Millisecond, func() (bool, error) {
		err := w.Query(w.ctx, 0, fmt.Sprintf("/cupel/market/v1/verdicts/%d", id), &res)
		return res.Committee.Phase == "COMMITTEE_PHASE_FINAL", err
	}), "%+v", res)
	return res.Committee
}

// checkMembers: all voted alike in the first round, and were paid for it. Who was
// drawn several times votes once and counts as often.
func (v verdict) checkMembers(t testing.TB, vote []byte) {
	t.Helper()
	require.EqualValues(t, 1, v.Round)
	require.Equal(t, hex.EncodeToString(vote), hex.EncodeToString(v.Vote))
	var votes uint32
	for _, m := range v.Members {
		votes += max(m.Weight, 1)
		require.Equal(t, "MEMBER_PHASE_VOTED", m.Phase)
		require.Equal(t, vote, m.Vote)
		require.NotZero(t, m.Paid)
		require.Zero(t, m.Slashed)
	}
	require.EqualValues(t, 3, votes)
}

// TestFloatsAgreeByCommittee lets one worker compute the last bits of every
// number otherwise. Its digest differs from the other two; a committee fetches
// the three artifacts, finds them close, and all are paid.
func TestFloatsAgreeByCommittee(t *testing.T) {
	need(t)
	const odd = 0
	drifting := build(t, "drift", "./testutil/e2e/liar")
	w := newCourt(t, 5, func(s *net.Setup) {
		s.Workers[odd] = drifting
		s.Offers[odd].Price = ask / 2 // the cheapest, to be drawn soon
	})
	require.NoError(t, w.StartWorkers())
	file := w.floats("floats", map[string]string{})
	batch := w.submitUntilSeated(file, w.Providers[odd])
	task := w.final(batch)
	require.Equal(t, net.Settled, task.State, task.Reason)
	// If the audit draw hits, a fourth result is compared with these.
	require.GreaterOrEqual(t, len(task.Right), 3)
	v := w.decided(1)
	require.Equal(t, "COMMITTEE_KIND_COMPARE", v.Kind)
	require.Len(t, v.Seats, 3)
	v.checkMembers(t, markettypes.CompareVote(0b111, 0))
	w.checkLedger(batch)
	for _, p := range w.Providers {
		if slices.Contains(v.Seats, p.ID) {
			require.NotZero(t, w.earned(p), p.Name)
		}
		require.EqualValues(t, net.Bond, w.provider(p).Bond, p.Name)
	}
	require.NoError(t, w.Results(w.ctx, batch, filepath.Join(w.Dir, "results")))
}

// submitUntilSeated submits a job again and again until a provider has a seat.
func (w *world) submitUntilSeated(file string, p *net.Provider) uint64 {
	w.t.Helper()
	for range 30 {
		batch := w.submit(file)
		var seats []net.Seat
		require.NoError(w.t, net.Until(w.ctx, 100*time.Millisecond, func() (bool, error) {
			var err error
			seats, err = w.Lot(w.ctx, batch, 0)
			if errors.Is(err, net.ErrNotFound) {
				return false, nil
			}
			return len(seats) > 0, err
		}))
		if slices.ContainsFunc(seats, func(s net.Seat) bool { return s.Provider == p.ID }) {
			return batch
		}
		w.final(batch)
	}
	require.Fail(w.t, "the provider was not drawn for any of 30 jobs")
	return 0
}

// TestRejectedRunIsScored has a hired provider run a SCORED job, whose requester
// rejects it: a committee finds all of the evidence, and half is paid.
func TestRejectedRunIsScored(t *testing.T) {
	need(t)
	w := newCourt(t, 60, nil)
	require.NoError(t, w.StartWorkers())
	hired := w.Providers[0]
	batch := w.submit(w.floats("scored", map[string]string{
		"replicas: 3": "policy: scored\nhire: " + hired.Operator.Address,
		"comparator: {kind: tolerance, dtype: float32, abs: 1e-9, rel: 1e-5}\n": "",
	}))
	task := net.TaskOf(batch)
	require.NoError(t, net.Until(w.ctx, 100*time.Millisecond, func() (bool, error) {
		view, err := w.Task(w.ctx, 0, task)
		return view.State == net.Agreed, err
	}))
	out, err := w.requester("job", "reject", fmt.Sprintf("%d/0", batch), "--from", w.Requester.Name, "--yes", "-o", "json")
	require.NoError(t, err)
	_, number, ok := strings.Cut(out, `"verdict":`)
	require.True(t, ok, out)
	id, err := strconv.ParseUint(strings.TrimRight(strings.SplitN(number, ",", 2)[0], "}\n"), 10, 64)
	require.NoError(t, err)
	v := w.decided(id)
	require.Equal(t, "COMMITTEE_KIND_SCORE", v.Kind)
	v.checkMembers(t, []byte{judge.All})

	view := w.final(batch)
	require.Equal(t, net.Settled, view.State, view.Reason)
	tally := w.checkLedger(batch)
	require.NotZero(t, tally.Paid)
	require.NotZero(t, tally.Refunded)
}
