// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/net"
)

// settled is an account in which everything adds up: the pool paid 5 of the 8
// that went into it to an auditor.
func settled() account {
	a := account{
		task:   net.Task{State: net.Settled, Providers: []uint32{1, 2, 3}, Right: []uint32{3, 1, 2, 4}},
		tally:  net.Tally{Escrowed: 1_000, Paid: 600, Treasury: 62, Pooled: 8, Burned: 30, Refunded: 300},
		fee:    20,
		before: photograph{requester: 5_000, supply: 9_000, treasury: 10, payouts: []uint64{0, 0, 0, 0}},
		after:  photograph{requester: 4_280, supply: 8_970, treasury: 72, payouts: []uint64{200, 200, 200, 5}, pool: 3, market: 3},
	}
	return a
}

func TestCheck(t *testing.T) {
	require.NoError(t, settled().check())
	tests := map[string]struct {
		edit func(*account)
		says string
	}{
		"a coin is nowhere":             {func(a *account) { a.tally.Refunded-- }, "of the escrow"},
		"escrow is held":                {func(a *account) { a.tally.Escrow = 1 }, "still held"},
		"the requester paid more":       {func(a *account) { a.after.requester-- }, "requester's account"},
		"a provider got less":           {func(a *account) { a.after.payouts[1]-- }, "payout accounts"},
		"the treasury got less":         {func(a *account) { a.after.treasury-- }, "community pool"},
		"coins were not burned":         {func(a *account) { a.after.supply++ }, "supply"},
		"the market keeps coins":        {func(a *account) { a.after.market++ }, "audit pool"},
		"a replica differs":             {func(a *account) { a.task.Right = []uint32{1, 2, 4} }, "replicas that agree"},
		"it is agreed and not yet paid": {func(a *account) { a.task.State = net.Agreed }, "the task is"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			a := settled()
			tc.edit(&a)
			require.ErrorContains(t, a.check(), tc.says)
		})
	}
}

func TestFollow(t *testing.T) {
	lines := strings.Join([]string{
		`{"type":"submitted","batch":1,"task":4096,"escrow":9,"tx_hash":"AB"}`,
		`{"type":"state","state":"ASSIGNED","committed":0,"replicas":3}`,
		`{"type":"state","state":"AGREED","committed":3,"revealed":3,"replicas":3}`,
		`{"type":"state","state":"AGREED","committed":3,"revealed":3,"replicas":3}`,
		`{"type":"state","state":"SETTLED","committed":3,"revealed":3,"replicas":3}`,
		`{"type":"result","outputs":["there"]}`,
	}, "\n")
	var out bytes.Buffer
	d := demo{start: time.Now(), out: &out}
	job, err := d.follow(strings.NewReader(lines))
	require.NoError(t, err)
	require.EqualValues(t, 1, job.batch)
	require.EqualValues(t, 4096, job.task)
	require.Equal(t, "AB", job.txHash)
	require.Equal(t, "there", job.dir)
	require.Positive(t, job.agreed)
	require.GreaterOrEqual(t, job.settled, job.agreed)
	require.Equal(t, 1, strings.Count(out.String(), "AGREED"), "a state is shown once")

	_, err = d.follow(strings.NewReader("no JSON"))
	require.ErrorContains(t, err, "no JSON")
}
