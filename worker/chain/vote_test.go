// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"errors"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/gogoproto/proto"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// voters is a client of which need endpoints must agree.
func voters(need int, nodes ...*node) *Client {
	c := newClient(nodes...)
	c.opts.Agree = need
	return c
}

// working answers with one lot in a phase.
func working(t *testing.T, height int64, phase markettypes.SeatPhase, batch uint64) *node {
	t.Helper()
	raw, err := proto.Marshal(&markettypes.QueryWorkResponse{
		Tick: uint64(height), Lots: []markettypes.LotWork{{Batch: batch, Phase: phase, Replicas: 3}},
	})
	require.NoError(t, err)
	n := healthy(height)
	n.answer = func(string, []byte) abci.ResponseQuery { return abci.ResponseQuery{Value: raw} }
	return n
}

// TestALiarIsOutvoted lets one of three endpoints lie in every way that would
// cost money: about work, heights, the clock and what is in a block.
func TestALiarIsOutvoted(t *testing.T) {
	for _, liar := range []*node{
		working(t, 100, markettypes.SeatCommitted, 1), // the reveal would be early
		working(t, 100, markettypes.SeatAssigned, 9),  // work that nobody assigned
		working(t, 1_000_000, markettypes.SeatAssigned, 1),
		working(t, 1, markettypes.SeatAssigned, 1),
	} {
		good, other := working(t, 100, markettypes.SeatAssigned, 1), working(t, 101, markettypes.SeatAssigned, 1)
		c := voters(2, liar, good, other)
		for range 5 {
			head, err := c.Refresh(t.Context())
			require.NoError(t, err)
			require.LessOrEqual(t, head.Height, int64(101))
			require.False(t, head.Time.After(time.Unix(101, 0)))
			work, err := c.Work(t.Context(), 1)
			require.NoError(t, err)
			require.Len(t, work.Lots, 1)
			require.Equal(t, uint64(1), work.Lots[0].Batch)
			require.Equal(t, markettypes.SeatAssigned, work.Lots[0].Phase)
			require.InDelta(t, 100, work.Height, 1)
			require.InDelta(t, 100, work.Tick, 1, "a false tick would keep heartbeats back")
		}
	}
}

func TestQueriesNeedVotes(t *testing.T) {
	say := func(text string) *node {
		n := healthy(7)
		n.answer = func(string, []byte) abci.ResponseQuery { return abci.ResponseQuery{Value: []byte(text)} }
		return n
	}
	gone := healthy(7)
	gone.answer = func(string, []byte) abci.ResponseQuery {
		return abci.ResponseQuery{Codespace: "sdk", Code: sdkerrors.ErrKeyNotFound.ABCICode()}
	}
	down := healthy(7)
	down.err = errors.New("connection refused")
	hangs := healthy(7)
	hangs.hangs = true

	for name, tc := range map[string]struct {
		nodes []*node
		want  string
		err   error
	}{
		"two of three":             {[]*node{say("x"), gone, say("x")}, "x", nil},
		"one is down":              {[]*node{down, say("x"), say("x")}, "x", nil},
		"one hangs":                {[]*node{hangs, say("x"), say("x")}, "x", nil},
		"gone needs votes too":     {[]*node{gone, say("x"), gone}, "", ErrNotFound},
		"one gone is unknown":      {[]*node{gone, say("x"), down}, "", ErrUnknown},
		"one answer is unknown":    {[]*node{down, hangs, say("x")}, "", ErrUnknown},
		"three different unknown":  {[]*node{say("x"), say("y"), say("z")}, "", ErrUnknown},
		"all are down, so unknown": {[]*node{down, down, down}, "", ErrUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			c := voters(2, tc.nodes...)
			value, _, err := c.query(t.Context(), "/path", nil)
			require.ErrorIs(t, err, tc.err)
			require.Equal(t, tc.want, string(value))
			if errors.Is(err, ErrUnknown) {
				require.NotErrorIs(t, err, ErrNotFound)
			}
		})
	}
	c := voters(2, say("x"), say("y"), say("z"))
	_, _, err := c.query(t.Context(), "/path", nil)
	require.ErrorContains(t, err, "2 of 3 endpoints must agree")
	require.Equal(t, uint64(1), c.Disagreements())
}

func TestBroadcastReachesAll(t *testing.T) {
	swallows, takes, refuses := healthy(1), healthy(1), healthy(1)
	refuses.check = coretypes.ResultBroadcastTx{Codespace: "sdk", Code: sdkerrors.ErrInsufficientFee.ABCICode()}
	require.NoError(t, voters(2, swallows, takes, refuses).Broadcast(t.Context(), []byte("tx")))
	require.Equal(t, 1, takes.calls, "an endpoint that swallows transactions has no effect")

	again := healthy(1)
	again.check = refuses.check
	down := healthy(1)
	down.err = errors.New("reset")
	require.ErrorIs(t, voters(2, refuses, again, down).Broadcast(t.Context(), nil), sdkerrors.ErrInsufficientFee)
	require.ErrorIs(t, voters(2, refuses, down, down).Broadcast(t.Context(), nil), ErrUnknown)
}

func TestTxNeedsVotes(t *testing.T) {
	has, has2, not, not2 := healthy(9), healthy(9), healthy(9), healthy(9)
	has.txs = []*coretypes.ResultTx{{Height: 7}}
	has2.txs = has.txs
	res, err := voters(2, not, has, has2).Tx(t.Context(), []byte{1})
	require.NoError(t, err)
	require.Equal(t, int64(7), res.Height)
	_, err = voters(2, has, not, not2).Tx(t.Context(), []byte{1})
	require.ErrorIs(t, err, ErrNotFound)
	down := healthy(9)
	down.hangs = true
	_, err = voters(2, has, not, down).Tx(t.Context(), []byte{1})
	require.ErrorIs(t, err, ErrUnknown, "one endpoint alone does not end a transaction")
}

func TestEndpointsShowTheirState(t *testing.T) {
	up, down := healthy(5), healthy(5)
	down.err = errors.New("connection refused")
	c := voters(2, up, down, healthy(6))
	require.False(t, c.Endpoints()[0].Up)
	c.Probe(t.Context())
	all := c.Endpoints()
	require.True(t, all[0].Up)
	require.Equal(t, int64(5), all[0].Height)
	require.False(t, all[1].Up)
	require.Contains(t, all[1].Error, "refused")
	since := all[1].Since
	down.err = nil
	c.Probe(t.Context())
	require.True(t, c.Endpoints()[1].Up)
	require.False(t, c.Endpoints()[1].Since.Before(since))
}

func TestAgreeNeedsEnoughEndpoints(t *testing.T) {
	_, err := New(Options{ChainID: "c", Endpoints: []string{"http://a", "http://b"}, Timeout: time.Second, Agree: 3})
	require.ErrorContains(t, err, "only 2 are configured")
}

func TestAProbeBelievesNobody(t *testing.T) {
	good, liar := healthy(5), healthy(1_000_000)
	c := newClient(good, liar)
	c.Probe(t.Context())
	require.Equal(t, int64(1_000_000), c.Endpoints()[1].Height)
	_, err := c.Refresh(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(5), c.Head().Height)
}
