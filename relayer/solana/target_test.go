// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/relayer/solana/svm"
)

func TestSubmitSets(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		members      int
		transactions int
	}{
		"one member":      {members: 1, transactions: 1},
		"four members":    {members: 4, transactions: 1},
		"eleven members":  {members: 11, transactions: 1},  // 8 signatures
		"twenty members":  {members: 20, transactions: 2},  // 14 signatures
		"hundred members": {members: 100, transactions: 9}, // 67 signatures
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, h := newLedger(t, svm.Options{}), newHome(tc.members)
			anchor, signer := h.anchor(), l.payer(t, "payer")
			target := l.target(t, anchor, signer, openBook(t))
			var entries []mirror.Entry
			for range 2 {
				entries = append(entries, h.checkpoint())
				submit(t, target, entries[len(entries)-1])
			}
			chain := l.chain(t, anchor, Confirmed)
			require.Empty(t, chain.Rejected)
			require.Len(t, chain.Headers, 2)
			for i, entry := range entries {
				require.Equal(t, entry, chain.Headers[i].Entry)
				require.Len(t, chain.Headers[i].Transactions, tc.transactions)
			}
			t.Logf("%d members: %d transactions, %d lamports a checkpoint", tc.members, tc.transactions, target.Spent().Uint64()/2)
		})
	}
}

func TestSubmitSetChange(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ members, parts int }{
		"small":   {members: 22, parts: 1},
		"two":     {members: 23, parts: 2},
		"largest": {members: 200, parts: 9},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, h := newLedger(t, svm.Options{}), newHome(4)
			anchor := h.anchor()
			target := l.target(t, anchor, l.payer(t, "payer"), openBook(t))
			first, change := h.checkpoint(), h.change(tc.members)
			submit(t, target, first)
			submit(t, target, change)
			after := h.checkpoint()
			submit(t, target, after)
			chain := l.chain(t, anchor, Confirmed)
			require.Empty(t, chain.Rejected)
			require.Len(t, chain.Headers, 3)
			require.Equal(t, change, chain.Headers[1].Entry)
			require.Len(t, chain.Headers[1].Transactions, tc.parts+1)
			require.Equal(t, after, chain.Headers[2].Entry)
			require.Equal(t, *change.Next, chain.Set)
		})
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	book := openBook(t)
	target := l.target(t, h.anchor(), l.payer(t, "payer"), book)
	require.NoError(t, l.FreezeFinality(t.Context(), true))
	submit(t, target, h.checkpoint())
	progress, err := target.Progress(t.Context())
	require.NoError(t, err)
	require.Equal(t, mirror.Progress{Sent: 1, Safe: 1, Final: 0}, progress)
	pending, err := target.Pending()
	require.NoError(t, err)
	require.Len(t, pending, 1)

	require.NoError(t, l.FreezeFinality(t.Context(), false))
	require.Eventually(t, func() bool {
		progress, err := target.Progress(t.Context())
		require.NoError(t, err)
		return progress == mirror.Progress{Sent: 1, Safe: 1, Final: 1}
	}, 10*time.Second, 20*time.Millisecond)
	nonces, err := book.Nonces()
	require.NoError(t, err)
	require.Empty(t, nonces, "what is final is forgotten")
}

func TestSubmitRecorded(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	anchor := h.anchor()
	first := l.target(t, anchor, l.payer(t, "first"), openBook(t))
	second := l.target(t, anchor, l.payer(t, "second"), openBook(t))
	entry := h.checkpoint()
	submit(t, first, entry)
	submit(t, second, entry)
	require.Len(t, l.listed(t), 1)
	require.Zero(t, second.Spent().Sign())

	err := try(t, first, func() mirror.Entry { h.checkpoint(); return h.checkpoint() }(), time.Second)
	require.ErrorContains(t, err, "does not follow")
}

// A split record that another relayer began is completed, not repeated.
func TestSubmitCompletes(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(20)
	anchor := h.anchor()
	entry := h.checkpoint()
	other := l.payer(t, "other")
	l.settle(t, l.send(t, other, recordOf(t, other, entry, entry.Signatures[3:11])...))
	submit(t, l.target(t, anchor, l.payer(t, "payer"), openBook(t)), entry)
	chain := l.chain(t, anchor, Confirmed)
	require.Equal(t, uint64(1), chain.Nonce)
	require.Len(t, l.listed(t), 2)
	require.Empty(t, chain.Rejected)
}

func TestSubmitRace(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(20)
	anchor := h.anchor()
	targets := []*Target{
		l.target(t, anchor, l.payer(t, "first"), openBook(t)),
		l.target(t, anchor, l.payer(t, "second"), openBook(t)),
	}
	entries := []mirror.Entry{h.checkpoint(), h.checkpoint(), h.change(30), h.checkpoint()}
	done := make(chan error)
	for _, target := range targets {
		go func() {
			for _, entry := range entries {
				if err := target.Submit(t.Context(), entry); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range targets {
		require.NoError(t, <-done)
	}
	chain := l.chain(t, anchor, Confirmed)
	require.Equal(t, uint64(4), chain.Nonce)
	for i, entry := range entries {
		require.Equal(t, entry.Header, chain.Headers[i].Header)
	}
	for reason := range chain.Rejected {
		require.Contains(t, []Reason{ReasonDuplicate, ReasonForged}, reason, "a slower relayer's records come late")
	}
}

func TestSubmitLowBalance(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	signer := l.payer(t, "payer")
	cfg := l.config(h.anchor())
	cfg.Floor = sol
	book := openBook(t)
	target := newTarget(t, cfg, signer, book, l.client)
	require.NoError(t, l.SetBalance(t.Context(), signer.Address().String(), sol-1))
	entry := h.checkpoint()
	require.ErrorIs(t, try(t, target, entry, time.Second), mirror.ErrLowBalance)
	nonces, err := book.Nonces()
	require.NoError(t, err)
	require.Empty(t, nonces)

	require.NoError(t, l.SetBalance(t.Context(), signer.Address().String(), sol))
	submit(t, target, entry)
}

func TestSubmitStaleSet(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	h.set.Time -= 3600
	anchor := h.anchor()
	entry := h.checkpoint()
	anchor.MaxSetAge = time.Hour - time.Minute
	require.ErrorIs(t, try(t, l.target(t, anchor, l.payer(t, "payer"), openBook(t)), entry, time.Second), mirror.ErrStaleSet)
	anchor.MaxSetAge = time.Hour + time.Minute
	submit(t, l.target(t, anchor, l.payer(t, "payer"), openBook(t)), entry)
	require.Equal(t, uint64(1), l.chain(t, anchor, Confirmed).Nonce)
	anchor.MaxSetAge = time.Hour - time.Minute
	require.Equal(t, map[Reason]uint64{ReasonStale: 1}, l.chain(t, anchor, Confirmed).Rejected)
}

// The compute budget that records ask for is enough, with room.
func TestComputeUnits(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	target := l.target(t, h.anchor(), l.payer(t, "payer"), openBook(t))
	submit(t, target, h.checkpoint())
	submit(t, target, h.change(200))
	for _, listing := range l.listed(t) {
		var tx struct {
			Meta struct{ ComputeUnitsConsumed int }
		}
		require.NoError(t, l.Call(t.Context(), &tx, "getTransaction", listing.Signature, options{"encoding": "base64", "commitment": Confirmed}))
		landed, err := l.client.Transaction(t.Context(), listing.Signature, Confirmed)
		require.NoError(t, err)
		parsed, err := parseRecord(landed.Raw, target.lookup)
		require.NoError(t, err)
		size := len(parsed.memo.String())
		require.Less(t, tx.Meta.ComputeUnitsConsumed, (unitsBase+unitsPerByte*size)*9/10)
		t.Logf("kind %c, memo of %d bytes: %d compute units, %d lamports", parsed.memo.Kind, size, tx.Meta.ComputeUnitsConsumed, landed.Fee)
	}
}
