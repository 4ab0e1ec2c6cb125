// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/journal"
)

// TestTidy: results that a crash left are removed, those of records stay.
func TestTidy(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.Open(filepath.Join(dir, "journal.db"), "cupel-1")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	results, err := artifact.Open(filepath.Join(dir, "results"), 0)
	require.NoError(t, err)
	sealed, err := artifact.Open(filepath.Join(dir, "sealed"), 0)
	require.NoError(t, err)
	name := func(s *artifact.Store, text string) []byte {
		digest, err := s.Put([]byte(text))
		require.NoError(t, err)
		raw, err := hex.DecodeString(digest)
		require.NoError(t, err)
		return raw
	}
	said, left, private := name(results, "said"), name(results, "left"), name(sealed, "private")
	name(sealed, "left")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "results", "put-1.part"), nil, 0o600))
	files := func(store string) int {
		entries, err := os.ReadDir(filepath.Join(dir, store))
		require.NoError(t, err)
		return len(entries)
	}
	log := slog.New(slog.DiscardHandler)

	require.NoError(t, tidy(j, log, results, sealed))
	require.Equal(t, 3, files("results"), "a lost journal loses no result")
	require.Equal(t, 2, files("sealed"))

	plain := sha256.Sum256([]byte("plain"))
	require.NoError(t, j.PutLot(journal.Lot{Key: journal.LotKey{Batch: 1}, Step: journal.StepExecuted, Runs: []journal.Run{
		{Digest: said}, {Digest: plain[:], Sealed: private},
	}}))
	require.NoError(t, tidy(j, log, results, sealed))
	require.Equal(t, 1, files("results"))
	require.Equal(t, 1, files("sealed"))
	_, err = results.Path(hex.EncodeToString(left))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = results.Path(hex.EncodeToString(said))
	require.NoError(t, err)
	_, err = sealed.Path(hex.EncodeToString(private))
	require.NoError(t, err)
}
