// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/relayer/solana/svm"
)

// attempts returns how many transactions were signed for an entry.
func attempts(t *testing.T, book *journal.Book, nonce uint64) []journal.Attempt {
	t.Helper()
	all, err := book.Attempts(nonce)
	require.NoError(t, err)
	return all
}

// once requires that exactly the transactions signed last are on the ledger.
func (l *ledger) once(t *testing.T, anchor Anchor, nonce uint64, transactions int) {
	t.Helper()
	chain := l.chain(t, anchor, Confirmed)
	require.Equal(t, nonce, chain.Nonce)
	require.Empty(t, chain.Rejected)
	require.Len(t, l.listed(t), transactions)
}

func TestDroppedIsSentAgain(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{SkipEvery: 5}), newHome(4)
	anchor, book := h.anchor(), openBook(t)
	require.NoError(t, l.DropNext(t.Context(), 2))
	submit(t, l.target(t, anchor, l.payer(t, "payer"), book), h.checkpoint())
	require.Len(t, attempts(t, book, 1), 1)
	l.once(t, anchor, 1, 1)
}

func TestLostConnection(t *testing.T) {
	t.Parallel()
	for _, failure := range []svm.Failure{svm.Lose, svm.Land} {
		t.Run(string(failure), func(t *testing.T) {
			t.Parallel()
			l, h := newLedger(t, svm.Options{}), newHome(4)
			anchor, book := h.anchor(), openBook(t)
			require.NoError(t, l.FailNext(t.Context(), 1, failure))
			submit(t, l.target(t, anchor, l.payer(t, "payer"), book), h.checkpoint())
			require.Len(t, attempts(t, book, 1), 1)
			l.once(t, anchor, 1, 1)
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	anchor, book := h.anchor(), openBook(t)
	target, entry := l.target(t, anchor, l.payer(t, "payer"), book), h.checkpoint()
	require.NoError(t, l.FailNext(t.Context(), 1, svm.Refuse))
	require.ErrorIs(t, try(t, target, entry, time.Second), mirror.ErrRefused)
	require.Empty(t, l.listed(t))
	submit(t, target, entry)
	require.Len(t, attempts(t, book, 1), 1)
	l.once(t, anchor, 1, 1)
}

// A transaction that the runtime refuses is not broadcast.
func TestRejected(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	signer := l.payer(t, "payer")
	a := newAttack(t, h, signer)
	a.proof.DataBytes[len(a.proof.DataBytes)-1] ^= 1
	blockhash, _, err := l.client.LatestBlockhash(t.Context())
	require.NoError(t, err)
	tx, err := solanago.NewTransaction([]solanago.Instruction{a.budget, a.proof, a.memo}, blockhash, solanago.TransactionPayer(signer.Address()))
	require.NoError(t, err)
	message, err := tx.Message.MarshalBinary()
	require.NoError(t, err)
	id, err := signer.Sign(t.Context(), message)
	require.NoError(t, err)
	tx.Signatures = []solanago.Signature{id}
	raw, err := tx.MarshalBinary()
	require.NoError(t, err)
	require.ErrorIs(t, l.client.Send(t.Context(), raw), mirror.ErrRejected)
	require.NoError(t, l.SetBalance(t.Context(), signer.Address().String(), 0))
	require.ErrorIs(t, l.client.Send(t.Context(), raw), mirror.ErrLowBalance)
	require.Empty(t, l.listed(t))
}

func TestExpired(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	anchor, book := h.anchor(), openBook(t)
	require.NoError(t, l.DropNext(t.Context(), 1_000_000))
	target := l.target(t, anchor, l.payer(t, "payer"), book)
	entry := h.checkpoint()
	require.ErrorIs(t, try(t, target, entry, time.Second), context.DeadlineExceeded)
	first := attempts(t, book, 1)
	require.Len(t, first, 1, "one transaction while its blockhash is valid")

	require.NoError(t, l.DropNext(t.Context(), 0))
	require.NoError(t, l.ExpireBlockhash(t.Context()))
	require.ErrorIs(t, l.client.Send(t.Context(), first[0].Raw), mirror.ErrRefused, "the runtime refuses it")
	require.Eventually(t, func() bool {
		err := try(t, target, entry, 5*time.Second)
		require.True(t, err == nil || errors.Is(err, mirror.ErrRefused), "%v", err)
		return err == nil
	}, 20*time.Second, 20*time.Millisecond)
	all := attempts(t, book, 1)
	require.Len(t, all, 2, "signed again exactly once")
	require.NotEqual(t, all[0].Hash, all[1].Hash)
	l.once(t, anchor, 1, 1)
}

// A blockhash that nobody else knows costs time, not money: the next one is
// another endpoint's.
func TestForeignBlockhash(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	anchor, book := h.anchor(), openBook(t)
	foreign := liar{RPC: l.client, blockhash: func(hash solanago.Hash) solanago.Hash { hash[0] ^= 1; return hash }}
	target, entry := newTarget(t, l.config(anchor), l.payer(t, "payer"), book, foreign, l.client), h.checkpoint()
	require.ErrorIs(t, try(t, target, entry, time.Second), mirror.ErrRefused)
	require.NoError(t, l.ExpireBlockhash(t.Context()))
	require.Eventually(t, func() bool { return try(t, target, entry, 5*time.Second) == nil }, 20*time.Second, 20*time.Millisecond)
	require.Len(t, attempts(t, book, 1), 2)
	l.once(t, anchor, 1, 1)
}

// Without an answer about an attempt nothing is signed again.
func TestUnknownIsNotGone(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	book := openBook(t)
	mute := liar{
		RPC:      l.client,
		statuses: func([]Status) ([]Status, error) { return nil, fmt.Errorf("%w: no answer", mirror.ErrUnknown) },
		send:     func([]byte) error { return fmt.Errorf("%w: no answer", mirror.ErrUnknown) },
	}
	target := newTarget(t, l.config(h.anchor()), l.payer(t, "payer"), book, mute)
	entry := h.checkpoint()
	require.ErrorIs(t, try(t, target, entry, 200*time.Millisecond), mirror.ErrUnknown)
	require.NoError(t, l.ExpireBlockhash(t.Context()))
	require.ErrorIs(t, try(t, target, entry, 2*time.Second), mirror.ErrUnknown)
	require.Len(t, attempts(t, book, 1), 1)
}

var errCrash = errors.New("crash")

// crashing dies at the n-th call of a step, as a killed process does.
type crashing struct {
	Signer
	RPC
	step string
	left int
}

func (c *crashing) at(step string) {
	if c.step != step {
		return
	}
	if c.left--; c.left < 0 {
		panic(errCrash)
	}
}

func (c *crashing) Sign(ctx context.Context, message []byte) (solanago.Signature, error) {
	c.at("before signing")
	return c.Signer.Sign(ctx, message)
}

func (c *crashing) Send(ctx context.Context, raw []byte) error {
	c.at("before sending")
	err := c.RPC.Send(ctx, raw)
	c.at("after sending")
	return err
}

func TestCrash(t *testing.T) {
	t.Parallel()
	const transactions = 3
	for _, step := range []string{"before signing", "before sending", "after sending"} {
		for n := range transactions {
			t.Run(fmt.Sprintf("%s %d", step, n), func(t *testing.T) {
				t.Parallel()
				l, h := newLedger(t, svm.Options{}), newHome(28) // 19 signatures
				anchor, book, signer, entry := h.anchor(), openBook(t), l.payer(t, "payer"), h.checkpoint()
				dying := &crashing{Signer: signer, RPC: l.client, step: step, left: n}
				func() {
					defer func() { require.Equal(t, errCrash, recover()) }()
					_ = try(t, newTarget(t, l.config(anchor), dying, book, dying), entry, 10*time.Second)
				}()
				submit(t, l.target(t, anchor, signer, book), entry)
				require.Len(t, attempts(t, book, 1), transactions)
				l.once(t, anchor, 1, transactions)
			})
		}
	}
}

// A confirmed slot that is taken back: the same bytes land in the other fork.
func TestFork(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	anchor, book := h.anchor(), openBook(t)
	target, entry := l.target(t, anchor, l.payer(t, "payer"), book), h.checkpoint()
	require.NoError(t, l.FreezeFinality(t.Context(), true))
	require.NoError(t, l.DropNext(t.Context(), 3)) // lands long after its blockhash
	submit(t, target, entry)
	now, err := l.client.Clock(t.Context(), Confirmed)
	require.NoError(t, err)
	gone, err := l.Rollback(t.Context(), int(now.Slot-l.listed(t)[0].Slot)+15)
	require.NoError(t, err)
	require.Len(t, gone, 1)
	require.Empty(t, l.listed(t))
	progress, err := target.Progress(t.Context())
	require.NoError(t, err)
	require.Zero(t, progress.Sent)

	submit(t, target, entry)
	require.Len(t, attempts(t, book, 1), 1)
	l.once(t, anchor, 1, 1)
	require.NoError(t, l.FreezeFinality(t.Context(), false))
	require.Eventually(t, func() bool {
		progress, err := target.Progress(t.Context())
		require.NoError(t, err)
		return progress.Final == 1
	}, 10*time.Second, 20*time.Millisecond)
	_, err = l.Rollback(t.Context(), 1000)
	require.Error(t, err, "what is final stays")
}

// A record that lands although the one before it was taken back does not count
// and is made again.
func TestForkOutOfOrder(t *testing.T) {
	t.Parallel()
	l, h := newLedger(t, svm.Options{}), newHome(4)
	anchor, book, signer := h.anchor(), openBook(t), l.payer(t, "payer")
	target := l.target(t, anchor, signer, book)
	first, second := h.checkpoint(), h.checkpoint()
	early := l.settle(t, l.send(t, signer, recordOf(t, signer, second, second.Signatures)...))
	require.False(t, early.Failed)
	submit(t, target, first)
	submit(t, target, second)
	chain := l.chain(t, anchor, Confirmed)
	require.Equal(t, uint64(2), chain.Nonce)
	require.Equal(t, map[Reason]uint64{ReasonOrder: 1}, chain.Rejected)
}

// A transaction that failed on the ledger is made again, but not without end.
func TestFailedOnLedger(t *testing.T) {
	t.Parallel()
	for failures, want := range map[int]error{maxFailures - 1: nil, maxFailures: mirror.ErrRejected} {
		t.Run(fmt.Sprint(failures), func(t *testing.T) {
			t.Parallel()
			l, h := newLedger(t, svm.Options{FinalizedAfter: 2}), newHome(4)
			anchor, book, signer, entry := h.anchor(), openBook(t), l.payer(t, "payer"), h.checkpoint()
			for range failures {
				instructions := recordOf(t, signer, entry, entry.Signatures)
				data, err := instructions[1].Data()
				require.NoError(t, err)
				data[1+len(entry.Signatures)*offsetsSize+addressSize+5] ^= 1
				id := l.send(t, signer, instructions...)
				require.True(t, l.settle(t, id).Failed)
				landed, err := l.client.Transaction(t.Context(), id, Confirmed)
				require.NoError(t, err)
				require.NoError(t, book.Put(1, journal.Attempt{Hash: id.String(), Raw: landed.Raw, Created: time.Now(), LastValid: 1 << 40}))
			}
			require.ErrorIs(t, try(t, l.target(t, anchor, signer, book), entry, 10*time.Second), want)
			chain := l.chain(t, anchor, Confirmed)
			require.Equal(t, want == nil, chain.Nonce == 1)
			require.Equal(t, map[Reason]uint64{ReasonFailed: uint64(failures)}, chain.Rejected)
		})
	}
}
