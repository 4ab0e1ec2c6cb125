// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/relayer/solana/svm"
)

// A random schedule of faults over checkpoints and set changes, with a relayer
// that is restarted and another beside it: the line is whole, each header is in
// it once, and nothing was paid for twice except after a fork or in a race.
func TestFaultSchedule(t *testing.T) {
	t.Parallel()
	const entries = 12
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 0))
			l, h := newLedger(t, svm.Options{SkipEvery: 7}), newHome(12)
			anchor, book, signer := h.anchor(), openBook(t), l.payer(t, "payer")
			other := l.target(t, anchor, l.payer(t, "other"), openBook(t))
			target := l.target(t, anchor, signer, book)
			race := make(chan mirror.Entry, entries)
			defer close(race)
			go func() {
				for entry := range race {
					_ = other.Submit(t.Context(), entry) // too late, or in time
				}
			}()
			excused := false
			var made []mirror.Entry
			for range entries {
				entry := h.next(random)
				made = append(made, entry)
				excused = l.fault(t, random) || excused
				if random.IntN(4) == 0 {
					target = l.target(t, anchor, signer, book) // restarted
				}
				if random.IntN(4) == 0 {
					excused = true
					race <- entry
				}
				l.insist(t, target, made)
			}
			require.Eventually(t, func() bool { return l.chain(t, anchor, Finalized).Nonce >= entries }, 20*time.Second, 50*time.Millisecond)
			chain := l.chain(t, anchor, Finalized)
			for i, entry := range made {
				require.Equal(t, entry.Header, chain.Headers[i].Header)
			}
			if !excused {
				require.Empty(t, chain.Rejected)
			}
			require.NotContains(t, chain.Rejected, ReasonFailed)
		})
	}
}

// next seals a checkpoint or, now and then, a set change.
func (h *home) next(random *rand.Rand) mirror.Entry {
	if random.IntN(4) == 0 {
		return h.change(1 + random.IntN(40))
	}
	return h.checkpoint()
}

// fault injects a fault and reports whether it excuses a second payment.
func (l *ledger) fault(t *testing.T, random *rand.Rand) (fork bool) {
	t.Helper()
	var err error
	switch random.IntN(7) {
	case 0:
		err = l.DropNext(t.Context(), 1+random.IntN(3))
	case 1:
		err = l.FailNext(t.Context(), 1, svm.Lose)
	case 2:
		err = l.FailNext(t.Context(), 1, svm.Land)
	case 3:
		err = l.FailNext(t.Context(), 2, svm.Refuse)
	case 4:
		err = l.ExpireBlockhash(t.Context())
	case 5:
		_, err = l.Rollback(t.Context(), 1+random.IntN(20))
		fork = true
	}
	require.NoError(t, err)
	return fork
}

// insist submits what the target lacks until it has all, as the mirror's loop
// does.
func (l *ledger) insist(t *testing.T, target *Target, made []mirror.Entry) {
	t.Helper()
	require.Eventually(t, func() bool {
		progress, err := target.Progress(t.Context())
		require.NoError(t, err)
		if progress.Sent == uint64(len(made)) {
			return true
		}
		err = try(t, target, made[progress.Sent], 10*time.Second)
		require.True(t, err == nil || errors.Is(err, mirror.ErrRefused), "%v", err)
		return false
	}, 60*time.Second, 20*time.Millisecond)
}
