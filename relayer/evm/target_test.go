// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/mirror"
)

func TestTarget(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	book := openJournal(t)
	target := c.target(account(0), book, newManual(func() { c.commit(1) }), c.client)
	deployed, err := target.Check(t.Context())
	require.NoError(t, err)
	require.Zero(t, deployed.Nonce)

	entries := []mirror.Entry{c.home.checkpoint(3)}
	entries = append(entries, c.home.change(c.home.newSet(2, c.home.set.Time+1, 7)), c.home.checkpoint(1))
	for _, entry := range entries {
		require.NoError(t, target.Submit(t.Context(), entry))
		require.NoError(t, target.Submit(t.Context(), entry), "an entry that is recorded is a no-op")
	}
	require.Equal(t, []uint64{1, 2, 3}, c.events())
	require.EqualValues(t, 3, c.sent(account(0)))
	require.Positive(t, target.Spent().Sign())

	progress, err := target.Progress(t.Context())
	require.NoError(t, err)
	require.Equal(t, mirror.Progress{Sent: 3, Safe: 3}, progress)
	pending, err := target.Pending()
	require.NoError(t, err)
	require.Len(t, pending, 3)

	c.commit(32)
	progress, err = target.Progress(t.Context())
	require.NoError(t, err)
	require.Equal(t, mirror.Progress{Sent: 3, Safe: 3, Final: 3}, progress)
	pending, err = target.Pending()
	require.NoError(t, err)
	require.Empty(t, pending, "what is final leaves the journal")
}
