// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"
	"pgregory.net/rapid"
)

func open(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func attempt(hash string) Attempt {
	return Attempt{Hash: hash, Raw: []byte("raw " + hash), Part: 1, AccountNonce: 7, LastValid: 9, Created: time.Unix(1, 0).UTC(), Sent: time.Unix(2, 0).UTC()}
}

func TestAttemptsOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path)
	book := j.Book("base")
	got, err := book.Attempts(1)
	require.NoError(t, err)
	require.Empty(t, got)
	require.NoError(t, book.Put(1, attempt("a")))
	require.NoError(t, book.Put(1, attempt("b")))
	again := attempt("a")
	again.Sent = time.Unix(9, 0).UTC()
	require.NoError(t, book.Put(1, again))
	require.NoError(t, j.Close())

	book = open(t, path).Book("base")
	got, err = book.Attempts(1)
	require.NoError(t, err)
	require.Equal(t, []Attempt{again, attempt("b")}, got, "oldest first, the same hash replaced")

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestOneProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	open(t, path)
	_, err := Open(path)
	require.ErrorContains(t, err, "in use")
	_, err = Open(filepath.Join(t.TempDir(), "none", "journal.db"))
	require.Error(t, err)
}

func TestDamageIsAnError(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal.db"))
	book := j.Book("base")
	require.NoError(t, book.Put(3, attempt("a")))
	require.NoError(t, j.db.Update(func(tx *bolt.Tx) error { return tx.Bucket([]byte("base")).Put(key(3), []byte("{")) }))
	_, err := book.Attempts(3)
	require.ErrorContains(t, err, "nonce 3")
	require.Error(t, book.Put(3, attempt("b")), "what may be in flight is never overwritten unread")
}

// TestBooks compares two books of one file with maps under random writes and
// prunings.
func TestBooks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		books := []*Book{j.Book(fmt.Sprint("base", round)), j.Book(fmt.Sprint("solana", round))}
		models := []map[uint64][]string{{}, {}}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			i := rapid.IntRange(0, 1).Draw(rt, "book")
			nonce := rapid.Uint64Range(250, 260).Draw(rt, "nonce")
			if rapid.Bool().Draw(rt, "prune") {
				require.NoError(rt, books[i].Prune(nonce))
				for n := range models[i] {
					if n <= nonce {
						delete(models[i], n)
					}
				}
				continue
			}
			hash := rapid.StringMatching("[a-d]").Draw(rt, "hash")
			if rapid.IntRange(0, 3).Draw(rt, "forget") == 0 {
				require.NoError(rt, books[i].Forget(nonce, map[string]bool{hash: true}))
				models[i][nonce] = slices.DeleteFunc(models[i][nonce], func(h string) bool { return h == hash })
				if len(models[i][nonce]) == 0 {
					delete(models[i], nonce)
				}
				continue
			}
			require.NoError(rt, books[i].Put(nonce, attempt(hash)))
			if !slices.Contains(models[i][nonce], hash) {
				models[i][nonce] = append(models[i][nonce], hash)
			}
		}
		for i, model := range models {
			nonces, err := books[i].Nonces()
			require.NoError(rt, err)
			require.True(rt, slices.IsSorted(nonces))
			require.Len(rt, nonces, len(model))
			for _, nonce := range nonces {
				attempts, err := books[i].Attempts(nonce)
				require.NoError(rt, err)
				var hashes []string
				for _, a := range attempts {
					hashes = append(hashes, a.Hash)
				}
				require.Equal(rt, model[nonce], hashes)
			}
		}
	})
}
