// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/relayer/solana/svm"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

func TestWrongChain(t *testing.T) {
	t.Parallel()
	l, other, h := newLedger(t, svm.Options{}), newLedger(t, svm.Options{Genesis: "other"}), newHome(4)
	book := openBook(t)
	target := newTarget(t, l.config(h.anchor()), l.payer(t, "payer"), book, l.client, other.client)
	_, err := target.Progress(t.Context())
	require.ErrorIs(t, err, mirror.ErrWrongChain)
	require.ErrorIs(t, try(t, target, h.checkpoint(), time.Second), mirror.ErrWrongChain)
	require.Empty(t, attempts(t, book, 1))
}

// dead answers nothing.
func dead(l *ledger) RPC { return NewClient("http://127.0.0.1:1", time.Second) }

func TestEndpoints(t *testing.T) {
	t.Parallel()
	unknown := func(Landed) (Landed, error) { return Landed{}, fmt.Errorf("%w: pruned", mirror.ErrUnknown) }
	tests := map[string]struct {
		others func(l *ledger) []RPC
		quorum int
		err    error
	}{
		"all agree":         {others: func(l *ledger) []RPC { return []RPC{l.client, l.client} }},
		"one of three dead": {others: func(l *ledger) []RPC { return []RPC{dead(l), l.client} }},
		"two of three dead": {others: func(l *ledger) []RPC { return []RPC{dead(l), dead(l)} }, err: mirror.ErrUnknown},
		"quorum of one":     {others: func(l *ledger) []RPC { return []RPC{dead(l), dead(l)} }, quorum: 1},
		"one is stale": {others: func(l *ledger) []RPC {
			return []RPC{liar{RPC: l.client, clock: func(c Clock) Clock { return Clock{c.Slot - 500, c.Height - 500} }, list: noList}, l.client}
		}},
		"one claims the future": {others: func(l *ledger) []RPC {
			return []RPC{liar{RPC: l.client, clock: func(c Clock) Clock { return Clock{c.Slot + 5000, c.Height + 5000} }}, l.client}
		}},
		"one has no history": {others: func(l *ledger) []RPC { return []RPC{liar{RPC: l.client, list: noList}, l.client} }, err: mirror.ErrDisagreement},
		"one withholds the last": {others: func(l *ledger) []RPC {
			return []RPC{liar{RPC: l.client, list: func(all []Listing) []Listing {
				if len(all) == 0 {
					return all
				}
				return all[1:]
			}}, l.client}
		}, err: mirror.ErrDisagreement},
		"one lost transactions": {others: func(l *ledger) []RPC { return []RPC{liar{RPC: l.client, transaction: unknown}, l.client} }},
		"one says that they failed": {others: func(l *ledger) []RPC {
			return []RPC{liar{RPC: l.client, transaction: func(tx Landed) (Landed, error) { tx.Failed = true; return tx, nil }}, l.client}
		}},
		"one swallows what is sent": {others: func(l *ledger) []RPC {
			return []RPC{liar{RPC: l.client, send: func([]byte) error { return nil }}, l.client}
		}},
		"one says that all is there": {others: func(l *ledger) []RPC {
			return []RPC{liar{RPC: l.client, statuses: func(all []Status) ([]Status, error) {
				for i := range all {
					all[i] = Status{Found: true, Slot: 1, Level: Finalized}
				}
				return all, nil
			}}, l.client}
		}},
		"most lost transactions": {others: func(l *ledger) []RPC {
			return []RPC{liar{RPC: l.client, transaction: unknown}, liar{RPC: l.client, transaction: unknown}}
		}, err: mirror.ErrUnknown},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, h := newLedger(t, svm.Options{FinalizedAfter: 5}), newHome(4)
			anchor, signer := h.anchor(), l.payer(t, "payer")
			honest := l.target(t, anchor, signer, openBook(t))
			submit(t, honest, h.checkpoint())
			submit(t, honest, h.checkpoint())
			require.Eventually(t, func() bool {
				list, err := l.client.Signatures(t.Context(), honest.lookup, [64]byte{}, 10, Finalized)
				require.NoError(t, err)
				return len(list) == 2
			}, 5*time.Second, 20*time.Millisecond)

			cfg := l.config(anchor)
			cfg.Quorum, cfg.MaxLag = tc.quorum, 20
			target := newTarget(t, cfg, signer, openBook(t), append(tc.others(l), l.client)...)
			entry := h.checkpoint()
			time.Sleep(time.Second) // longer than the lag
			_, err := target.Progress(t.Context())
			require.ErrorIs(t, err, tc.err)
			submitted := try(t, target, entry, 3*time.Second)
			require.ErrorIs(t, submitted, tc.err)
			if tc.err == nil {
				l.once(t, anchor, 3, 3)
			} else {
				require.Len(t, l.listed(t), 2, "nothing was sent")
			}
		})
	}
}

func noList([]Listing) []Listing { return nil }

// An endpoint that forgets what it had is not believed.
func TestLostHistory(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{FinalizedAfter: 2}), newHome(4)
	lost := false
	endpoint := liar{RPC: l.client, list: func(all []Listing) []Listing {
		if lost {
			return nil
		}
		return all
	}}
	target := newTarget(t, l.config(h.anchor()), l.payer(t, "payer"), openBook(t), endpoint)
	submit(t, target, h.checkpoint())
	require.Eventually(t, func() bool {
		progress, err := target.Progress(t.Context())
		require.NoError(t, err)
		return progress.Final == 1
	}, 5*time.Second, 20*time.Millisecond)
	lost = true
	_, err := target.Progress(t.Context())
	require.ErrorIs(t, err, ErrHistory)
	require.ErrorIs(t, err, mirror.ErrUnknown)
}

// Two headers of one nonce that the attestors both signed stop the mirror.
func TestTwoHeaders(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	anchor := h.anchor()
	twin := *h
	twin.root = checkpoint.Keccak256([]byte("twin"))
	header := h.header()
	header.Root = twin.root
	recorded := mirror.Entry{Header: header, Set: h.set, Signatures: h.set.Quorum(h.sign(header))}
	submit(t, l.target(t, anchor, l.payer(t, "first"), openBook(t)), recorded)
	err := try(t, l.target(t, anchor, l.payer(t, "second"), openBook(t)), h.checkpoint(), time.Second)
	require.ErrorIs(t, err, mirror.ErrDisagreement)
}
