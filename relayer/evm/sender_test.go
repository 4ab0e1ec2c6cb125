// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/evm/contract"
	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
)

// attemptsOf returns the journal's transactions of an entry.
func attemptsOf(t *testing.T, book *journal.Book, nonce uint64) []*types.Transaction {
	t.Helper()
	all, err := book.Attempts(nonce)
	require.NoError(t, err)
	var out []*types.Transaction
	for _, a := range all {
		tx := new(types.Transaction)
		require.NoError(t, tx.UnmarshalBinary(a.Raw))
		require.Equal(t, tx.Hash().Hex(), a.Hash)
		require.Equal(t, tx.Nonce(), a.AccountNonce)
		out = append(out, tx)
	}
	return out
}

func TestSendFaults(t *testing.T) {
	tests := map[string]struct {
		fault func(t *testing.T, c *chain, f *faulty)
		// attempts is how many transactions are signed for the entry.
		attempts int
		err      error
	}{
		"nothing fails": {func(*testing.T, *chain, *faulty) {}, 1, nil},
		"the first is dropped after it was taken": {func(_ *testing.T, _ *chain, f *faulty) {
			f.swallow = func(*types.Transaction) bool { return f.sends == 1 }
		}, 2, nil},
		"the first five are dropped": {func(_ *testing.T, _ *chain, f *faulty) {
			f.swallow = func(*types.Transaction) bool { return f.sends <= 5 }
		}, 6, nil},
		"the connection breaks before the transaction leaves": {func(_ *testing.T, _ *chain, f *faulty) {
			f.before = failFirst("SendTransaction", 3)
		}, 1, nil},
		"the connection breaks after the transaction left": {func(_ *testing.T, _ *chain, f *faulty) {
			f.after = failFirst("SendTransaction", 1)
		}, 1, nil},
		"it left without an answer and cannot be looked up": {func(_ *testing.T, _ *chain, f *faulty) {
			f.after = failFirst("SendTransaction", 1)
			f.before = failFirst("TransactionByHash", 1)
		}, 1, nil},
		"an unknown transaction sits on the nonce": {func(t *testing.T, c *chain, _ *faulty) {
			require.NoError(t, c.client.SendTransaction(t.Context(), c.transaction(account(0), &c.mirror, nil, 2*gwei)))
		}, 0, nil},
		"the account's nonce was used elsewhere": {func(t *testing.T, c *chain, f *faulty) {
			seen := false
			f.before = func(method string) error {
				if method == "SendTransaction" && !seen {
					seen = true
					c.execute(account(0), &c.nobody, nil)
				}
				return nil
			}
		}, 2, nil},
		"the endpoint shows an old nonce of the account": {func(t *testing.T, c *chain, f *faulty) {
			c.execute(account(0), &c.nobody, nil)
			f.accountNonce = func(n uint64) uint64 { return n - 1 }
		}, 1, mirror.ErrUnknown},
		"the endpoint shows a nonce that is ahead, for a while": {func(_ *testing.T, _ *chain, f *faulty) {
			reads := 0
			f.accountNonce = func(n uint64) uint64 {
				if reads++; reads <= 3 {
					return n + 1
				}
				return n
			}
		}, 2, nil},
		"no endpoint takes it": {func(_ *testing.T, _ *chain, f *faulty) {
			f.before = failFirst("SendTransaction", 1_000_000)
		}, 1, mirror.ErrUnknown},
		"every one is dropped": {func(_ *testing.T, _ *chain, f *faulty) {
			f.swallow = func(*types.Transaction) bool { return true }
		}, 0, mirror.ErrUnknown},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChain(t)
			f := &faulty{Client: c.client}
			tc.fault(t, c, f)
			book := openJournal(t)
			target := c.target(account(0), book, newManual(func() { c.commit(1) }), f)

			err := target.Submit(t.Context(), c.home.checkpoint(1))

			sent := attemptsOf(t, book, 1)
			if tc.attempts > 0 {
				require.Len(t, sent, tc.attempts)
			}
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				require.Empty(t, c.events())
				return
			}
			require.NoError(t, err)
			require.Equal(t, []uint64{1}, c.events())
			for i, tx := range sent[1:] {
				if tx.Nonce() == sent[i].Nonce() {
					require.GreaterOrEqual(t, tx.GasFeeCap().Cmp(target.cfg.Sender.raised(sent[i].GasFeeCap())), 0)
					require.GreaterOrEqual(t, tx.GasTipCap().Cmp(target.cfg.Sender.raised(sent[i].GasTipCap())), 0)
				}
			}
		})
	}
}

// failFirst returns a hook that breaks the first calls of a method.
func failFirst(method string, times int) func(string) error {
	return func(called string) error {
		if called != method || times == 0 {
			return nil
		}
		times--
		return errLost
	}
}

// TestReorgResends is what the loop does after a reorganization: entries that
// were recorded are submitted again, as the same bytes.
func TestReorgResends(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	book := openJournal(t)
	target := c.target(account(0), book, newManual(func() { c.commit(1) }), c.client)
	before, err := c.client.HeaderByNumber(t.Context(), nil)
	require.NoError(t, err)
	entries := []mirror.Entry{c.home.checkpoint(1), c.home.checkpoint(2), c.home.checkpoint(3)}
	for _, entry := range entries {
		require.NoError(t, target.Submit(t.Context(), entry))
	}

	require.NoError(t, c.backend.Fork(before.Hash()))
	c.backend.Rollback()
	c.commit(5) // longer than what it replaces

	require.Empty(t, c.events())
	for _, entry := range entries {
		require.NoError(t, target.Submit(t.Context(), entry))
		require.Len(t, attemptsOf(t, book, entry.Header.Nonce), 1, "no new transaction is signed")
	}
	require.Equal(t, []uint64{1, 2, 3}, c.events())
	require.EqualValues(t, 3, c.sent(account(0)))
}

// TestUnfunded: an account without money for 24 hours, looked at every second.
func TestUnfunded(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	poor := account(100)
	require.Empty(t, c.sent(poor))
	f := &faulty{Client: c.client}
	cfg := DefaultSenderConfig()
	cfg.BalanceFloor = new(big.Int) // or nothing would be sent at all
	clock := newManual(func() { c.commit(1) })
	book := openJournal(t)
	target := c.targetOf(poor, book, clock, cfg, f)
	entry := c.home.checkpoint(1)
	data, err := contract.PackEntry(entry)
	require.NoError(t, err)
	call := Call{Key: 1, To: c.mirror, Data: data, Done: func(context.Context) (bool, error) { return false, nil }}
	end := clock.at.Add(24 * time.Hour)
	for clock.at.Before(end) {
		err := target.sender.Send(t.Context(), call)
		require.ErrorIs(t, err, mirror.ErrRefused)
		clock.at = clock.at.Add(10 * time.Second)
	}
	require.LessOrEqual(t, f.sends, 200)
	require.GreaterOrEqual(t, f.sends, 24*4, "it goes on trying")
	require.Len(t, attemptsOf(t, book, 1), 1)
	t.Logf("%d sends in 24 hours", f.sends)

	// Once funded it goes on by itself.
	c.fund(poor)
	clock.at = clock.at.Add(cfg.MaxRefusedBackoff * 2)
	require.NoError(t, target.Submit(t.Context(), entry))
	require.Equal(t, []uint64{1}, c.events())
}

func TestLowBalance(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	f := &faulty{Client: c.client}
	cfg := DefaultSenderConfig()
	cfg.BalanceFloor = new(big.Int).Mul(big.NewInt(101), big.NewInt(ether))
	book := openJournal(t)
	target := c.targetOf(account(0), book, newManual(func() { c.commit(1) }), cfg, f)
	entry := c.home.checkpoint(1)
	require.ErrorIs(t, target.Submit(t.Context(), entry), mirror.ErrLowBalance)
	require.Zero(t, f.sends)
	require.Empty(t, attemptsOf(t, book, 1))

	f.before = failFirst("BalanceAt", 1)
	err := target.Submit(t.Context(), entry)
	require.ErrorIs(t, err, mirror.ErrUnknown, "a balance that cannot be read is not zero")
	require.NotErrorIs(t, err, mirror.ErrLowBalance)
}

// greedy suggests a tip that nobody asks for.
type greedy struct{ Client }

func (greedy) SuggestGasTipCap(context.Context) (*big.Int, error) { return big.NewInt(90 * gwei), nil }

// TestTip: one endpoint cannot make the account overpay.
func TestTip(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	target := c.target(account(0), openJournal(t), newManual(func() { c.commit(1) }), greedy{c.client}, c.client)
	require.NoError(t, target.Submit(t.Context(), c.home.checkpoint(1)))
	require.Less(t, target.Spent().Uint64(), uint64(10*gwei)*100_000)
	require.Positive(t, target.Spent().Sign())
}

func TestFees(t *testing.T) {
	cfg := DefaultSenderConfig()
	cfg.MaxFeeCap = big.NewInt(1000)
	wei := func(tip, feeCap int64) fees { return fees{big.NewInt(tip), big.NewInt(feeCap)} }
	at := func(base, tip int64) market { return market{big.NewInt(base), big.NewInt(tip)} }

	got, err := cfg.initial(at(100, 5))
	require.NoError(t, err)
	require.Equal(t, wei(5, 205), got)
	got, err = cfg.initial(at(990, 5))
	require.NoError(t, err, "the next block can be paid")
	require.Equal(t, wei(5, 1000), got)
	_, err = cfg.initial(at(5000, 5)) // x50
	require.ErrorIs(t, err, mirror.ErrFeeTooHigh)

	got, err = cfg.bump(wei(5, 205), at(100, 5))
	require.NoError(t, err)
	require.Equal(t, wei(6, 226), got, "10 % more, rounded up")
	got, err = cfg.bump(wei(5, 205), at(400, 5))
	require.NoError(t, err)
	require.Equal(t, wei(6, 805), got, "what the chain suggests is more")
	_, err = cfg.bump(wei(5, 205), at(18, 5))
	require.ErrorIs(t, err, mirror.ErrFeeTooHigh, "226 is above five times the suggested 41")
	_, err = cfg.bump(wei(5, 950), at(100, 5))
	require.ErrorIs(t, err, mirror.ErrFeeTooHigh, "1045 is above the configured limit")
	got, err = cfg.bump(wei(0, 1), at(1, 0))
	require.NoError(t, err)
	require.Equal(t, wei(1, 2), got, "always at least one wei more")
}
