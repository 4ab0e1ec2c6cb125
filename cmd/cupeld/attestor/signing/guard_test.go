// SPDX-License-Identifier: Apache-2.0

package signing

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const chainID = "cupel-test-1"

func hash(b byte) checkpoint.Hash {
	var h checkpoint.Hash
	h[31], h[0] = b, 1
	return h
}

// header is the nonce-th header of a line of checkpoints under one set.
func header(nonce uint64) checkpoint.Header {
	return checkpoint.Header{
		Nonce: nonce, Height: 10 * nonce, Root: hash(byte(nonce)), PrevRoot: hash(byte(nonce - 1)),
		LeafCount: 1, Set: hash(200), NextSet: hash(200),
	}
}

func newGuard(t *testing.T) (*Guard, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "attest", "guard.db")
	g, err := CreateGuard(path, chainID)
	require.NoError(t, err)
	t.Cleanup(func() { _ = g.Close() })
	return g, path
}

func TestGuardRefusesASecondDigest(t *testing.T) {
	edits := map[string]func(*checkpoint.Header){
		"height":     func(h *checkpoint.Header) { h.Height++ },
		"root":       func(h *checkpoint.Header) { h.Root = hash(99) },
		"prev root":  func(h *checkpoint.Header) { h.PrevRoot = hash(99) },
		"leaf count": func(h *checkpoint.Header) { h.LeafCount++ },
		"set":        func(h *checkpoint.Header) { h.Set = hash(99) },
		"next set":   func(h *checkpoint.Header) { h.NextSet = hash(99) },
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			g, path := newGuard(t)
			require.NoError(t, g.Record(header(5)))
			second := header(5)
			edit(&second)
			require.ErrorIs(t, g.Record(second), ErrSecondDigest)
			require.NoError(t, g.Record(header(5)), "the same header may be signed again")

			// For ever: after a restart, and after newer headers.
			require.NoError(t, g.Record(header(6)))
			require.NoError(t, g.Close())
			g, err := OpenGuard(path, chainID)
			require.NoError(t, err)
			defer g.Close()
			require.ErrorIs(t, g.Record(second), ErrSecondDigest)
			last, err := g.Last()
			require.NoError(t, err)
			require.EqualValues(t, 6, last)
		})
	}
}

func TestGuardKeepsOneLine(t *testing.T) {
	tests := map[string]struct {
		nonce uint64
		edit  func(*checkpoint.Header)
		ok    bool
	}{
		"continues":             {nonce: 6, edit: func(*checkpoint.Header) {}, ok: true},
		"fills a gap":           {nonce: 4, edit: func(*checkpoint.Header) {}, ok: true},
		"far from what is kept": {nonce: 9, edit: func(h *checkpoint.Header) { h.PrevRoot = hash(99) }, ok: true},
		"another root before":   {nonce: 6, edit: func(h *checkpoint.Header) { h.PrevRoot = hash(99) }},
		"another set":           {nonce: 6, edit: func(h *checkpoint.Header) { h.Set, h.NextSet = hash(99), hash(99) }},
		"an older block":        {nonce: 6, edit: func(h *checkpoint.Header) { h.Height = 1 }},
		"another root after":    {nonce: 4, edit: func(h *checkpoint.Header) { h.Root = hash(99) }},
		"another set after":     {nonce: 4, edit: func(h *checkpoint.Header) { h.NextSet = hash(99) }},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			g, _ := newGuard(t)
			require.NoError(t, g.Record(header(5)))
			h := header(tc.nonce)
			tc.edit(&h)
			err := g.Record(h)
			if tc.ok {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ErrSecondDigest)
			_, found, err := g.Header(tc.nonce)
			require.NoError(t, err)
			require.False(t, found, "what is refused is not kept")
		})
	}
}

// TestGuardUnderConcurrency lets many sign different headers of one nonce:
// exactly one wins.
func TestGuardUnderConcurrency(t *testing.T) {
	g, _ := newGuard(t)
	var wg sync.WaitGroup
	var allowed atomic.Int64
	for i := range 16 {
		wg.Go(func() {
			h := header(5)
			h.Height += uint64(i)
			if g.Record(h) == nil {
				allowed.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, allowed.Load())
}

func TestGuardFile(t *testing.T) {
	g, path := newGuard(t)
	_, err := CreateGuard(path, chainID)
	require.ErrorContains(t, err, "never replace it")
	_, err = OpenGuard(path, chainID)
	require.ErrorIs(t, err, ErrLocked)
	id, err := GuardID(path, chainID)
	require.NoError(t, err, "the id is there while the guard is in use")
	require.Equal(t, g.ID(), id)
	require.NoError(t, g.Close())

	_, err = OpenGuard(path, "cupel-other-1")
	require.ErrorContains(t, err, "belongs to chain")
	_, err = OpenGuard(path+".not", chainID)
	require.ErrorIs(t, err, ErrNoGuard)
	_, err = GuardID(path+".not", chainID)
	require.ErrorIs(t, err, ErrNoGuard)
	require.NoError(t, os.Remove(path+idSuffix))
	again, err := GuardID(path, chainID)
	require.NoError(t, err)
	require.Equal(t, id, again)

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
}

func TestNewGuardSignsNothingOld(t *testing.T) {
	g, path := newGuard(t)
	lost := Key{Address: checkpoint.Address{7}, Guard: "lost"}
	require.ErrorIs(t, g.Admits(lost), ErrForeignKey)
	require.NoError(t, g.Adopt([]Key{lost}, 7, []checkpoint.Header{header(8)}))
	require.NoError(t, g.Close())

	g, err := OpenGuard(path, chainID)
	require.NoError(t, err)
	defer g.Close()
	require.NoError(t, g.Admits(lost))
	require.ErrorIs(t, g.Admits(Key{Address: checkpoint.Address{7}, Guard: "another"}), ErrForeignKey)
	require.ErrorIs(t, g.Record(header(7)), ErrSecondDigest, "it may have been signed otherwise")
	require.NoError(t, g.Record(header(8)), "the chain shows what was signed")
	second := header(8)
	second.Height++
	require.ErrorIs(t, g.Record(second), ErrSecondDigest)
	require.NoError(t, g.Record(header(9)))
}
