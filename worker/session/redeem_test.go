// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

func (f *fixture) redeem() {
	f.t.Helper()
	require.NoError(f.t, f.front.Redeem(context.Background()))
}

// TestThousandCalls shows that any number of calls settle with one voucher.
func TestThousandCalls(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Limits.PerMinute = 100_000 })
	for i := range uint64(1000) {
		res := f.post(pay(t, i+1, 17*i+129).Header(), hello)
		require.Equal(t, http.StatusOK, res.status, res.body)
	}
	require.Equal(t, uint64(17_000), f.record().Used)
	f.clock.add(time.Hour)
	f.redeem()
	require.Len(t, f.chain.offered, 1)
	require.Equal(t, uint64(17*999+129), f.chain.paid)
	f.clock.add(time.Minute)
	f.redeem()
	require.Len(t, f.chain.offered, 1, "what is redeemed is not offered again")
	require.Equal(t, f.chain.paid, f.record().Redeemed)
	require.Zero(t, f.counts.open)
}

// TestWhen shows when a voucher goes to the chain.
func TestWhen(t *testing.T) {
	tests := map[string]struct {
		amount uint64
		wait   time.Duration
		edit   func(*Info)
		want   int
	}{
		"too early":               {amount: 2000, want: 0},
		"on schedule":             {amount: 2000, wait: time.Hour, want: 1},
		"not worth it":            {amount: 999, wait: 10 * time.Hour, want: 0},
		"above the limit":         {amount: 50_000, want: 1},
		"soon over":               {amount: 2000, wait: 15 * time.Minute, edit: func(i *Info) { i.Left = 59 * time.Minute }, want: 1},
		"soon over, just now":     {amount: 2000, edit: func(i *Info) { i.Left = 59 * time.Minute }, want: 0},
		"closing":                 {amount: 2000, edit: func(i *Info) { i.State, i.Left = Closing, 0 }, want: 1},
		"closing, a little":       {amount: 150, edit: func(i *Info) { i.State, i.Left = Closing, 0 }, want: 1},
		"ended":                   {amount: 2000, wait: time.Hour, edit: func(i *Info) { i.State = Ended }, want: 0},
		"redeemed by another way": {amount: 2000, wait: time.Hour, edit: func(i *Info) { i.Redeemed = 2000 }, want: 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, func(c *Config) { c.Redeem.Above, c.Redeem.Least = 50_000, 1000 })
			require.Equal(t, http.StatusOK, f.post(pay(t, 1, tc.amount).Header(), hello).status)
			if tc.edit != nil {
				f.chain.edit(sid, tc.edit)
			}
			f.clock.add(max(tc.wait, redeemLook))
			f.redeem()
			f.redeem()
			require.Len(t, f.chain.offered, tc.want)
		})
	}
}

// TestTogether shows that the schedule of one session takes the others with it.
func TestTogether(t *testing.T) {
	f := newFixture(t)
	for id := uint64(100); id < 120; id++ {
		f.chain.sessions[id] = openInfo(id)
		v := sign(t, voucher.Voucher{ChainID: testChain, Session: id, Sequence: 1, Amount: 3000, Units: 3000})
		require.Equal(t, http.StatusOK, f.post(v.Header(), hello).status)
		f.clock.add(time.Minute)
	}
	f.clock.add(time.Hour - 20*time.Minute)
	f.redeem()
	require.Len(t, f.chain.offered, 20)
	require.Equal(t, uint64(60_000), f.chain.paid)
}

// TestUnknownIsNotGone shows that an unreachable chain costs nothing but time.
func TestUnknownIsNotGone(t *testing.T) {
	f := newFixture(t)
	require.Equal(t, http.StatusOK, f.post(pay(t, 1, 5000).Header(), hello).status)
	f.chain.err = errors.New("no endpoint answered")
	f.clock.add(100 * time.Hour)
	f.redeem()
	require.Empty(t, f.chain.offered)
	require.Equal(t, uint64(5000), f.record().Amount)
	f.chain.err = nil
	f.redeem()
	require.Len(t, f.chain.offered, 1)
}

// TestOneNodeErrs shows that a node that does not know a session costs nothing.
func TestOneNodeErrs(t *testing.T) {
	f := newFixture(t)
	require.Equal(t, http.StatusOK, f.post(pay(t, 1, 5000).Header(), hello).status)
	info := f.chain.sessions[sid]
	delete(f.chain.sessions, sid)
	f.clock.add(time.Hour)
	f.redeem()
	require.False(t, f.record().Gone.IsZero())
	f.chain.sessions[sid] = info
	f.clock.add(time.Hour)
	f.redeem()
	require.Len(t, f.chain.offered, 1)
	require.True(t, f.record().Gone.IsZero())

	f.chain.edit(sid, func(i *Info) { i.State = Ended })
	for range 3 {
		f.clock.add(goneKept)
		f.redeem()
	}
	all, err := f.store.All()
	require.NoError(t, err)
	require.Empty(t, all, "an ended session is forgotten after a day")
}

// TestLostTransaction shows that a redeem that no block took is said again.
func TestLostTransaction(t *testing.T) {
	f := newFixture(t)
	require.Equal(t, http.StatusOK, f.post(pay(t, 1, 5000).Header(), hello).status)
	f.chain.silent = true
	f.clock.add(time.Hour)
	f.redeem()
	f.redeem()
	require.Len(t, f.chain.offered, 2)
	f.chain.silent = false
	f.redeem()
	f.redeem()
	require.Len(t, f.chain.offered, 3)
	require.Equal(t, uint64(5000), f.chain.paid)
}

// TestDrain shows that calls under way end well, or are cut off and charged.
func TestDrain(t *testing.T) {
	f := newFixture(t)
	sent, gate := make(chan struct{}), make(chan struct{})
	f.serve = func(w http.ResponseWriter, r *http.Request) {
		write := func(text string) {
			_, _ = w.Write([]byte(`data: {"choices":[{"index":0,"delta":{"content":"` + text + `"},"finish_reason":null}]}` + "\n\n"))
			_ = http.NewResponseController(w).Flush()
		}
		write("one")
		close(sent)
		select {
		case <-gate:
			write("two")
			_, _ = w.Write([]byte("data: [DONE]\n\n"))
		case <-r.Context().Done():
		}
	}
	body := strings.Replace(hello, `,"max`, `,"stream":true,"max`, 1)
	first := make(chan reply)
	go func() { first <- f.post(pay(t, 1, 500).Header(), body) }()
	<-sent
	drained := make(chan struct{})
	go func() {
		f.front.Drain(context.Background())
		close(drained)
	}()
	require.Eventually(t, func() bool { return f.post(pay(t, 1, 500).Header(), body).status == http.StatusServiceUnavailable }, 5*time.Second, time.Millisecond)
	close(gate)
	res := <-first
	require.Contains(t, res.body, "two")
	require.True(t, strings.HasSuffix(res.body, "data: [DONE]\n\n"))
	<-drained
}

func TestDrainCutsOff(t *testing.T) {
	f := newFixture(t)
	sent := make(chan struct{})
	f.serve = func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`data: {"choices":[{"index":0,"delta":{"content":"one"},"finish_reason":null}]}` + "\n\n"))
		_ = http.NewResponseController(w).Flush()
		close(sent)
		<-r.Context().Done()
	}
	first := make(chan reply)
	go func() {
		first <- f.post(pay(t, 1, 500).Header(), strings.Replace(hello, `,"max`, `,"stream":true,"max`, 1))
	}()
	<-sent
	// The front has the piece once the account shows a call with output.
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	f.front.Drain(ctx)
	res := <-first
	require.Contains(t, res.body, `"finish_reason":"length"`)
	require.True(t, strings.HasSuffix(res.body, "data: [DONE]\n\n"))
	require.Equal(t, uint64(3+2), f.record().Used)
}
