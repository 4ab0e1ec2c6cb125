// SPDX-License-Identifier: Apache-2.0

package salt

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVectors(t *testing.T) {
	s := New([Size]byte(bytes.Repeat([]byte{7}, Size)))
	operator := bytes.Repeat([]byte{1}, 20)
	require.Equal(t, lotVector, hex.EncodeToString(s.Lot("cupel-1", 5, 6, 7, operator)))
	require.Equal(t, caseVector, hex.EncodeToString(s.Case("cupel-1", 5, 6, operator)))
}

// The salts are part of what a restart relies on: these never change.
const (
	lotVector  = "df7fc3928e0f133a4186dab1c42e8859722ea15ddb5ac4836dd479413614d0b8"
	caseVector = "f9a66ddc9efebb2152191426f50e06589a1dbfbbc75a340d2651b93d41db76ea"
)

func TestEveryFieldCounts(t *testing.T) {
	s := New([Size]byte{1})
	a, b := []byte("operator-a"), []byte("operator-b")
	salts := [][]byte{
		s.Lot("c", 1, 2, 3, a), s.Lot("d", 1, 2, 3, a), s.Lot("c", 2, 2, 3, a), s.Lot("c", 1, 3, 3, a),
		s.Lot("c", 1, 2, 4, a), s.Lot("c", 1, 2, 3, b), s.Case("c", 1, 2, a), s.Case("c", 1, 3, a),
		s.Case("c", 2, 2, a), s.Case("c", 1, 2, b), s.Case("d", 1, 2, a), New([Size]byte{2}).Lot("c", 1, 2, 3, a),
	}
	seen := map[string]bool{}
	for _, v := range salts {
		require.Len(t, v, Size)
		seen[string(v)] = true
	}
	require.Len(t, seen, len(salts))
	require.Equal(t, salts[0], s.Lot("c", 1, 2, 3, a))
}

func TestSecretIsNotPrinted(t *testing.T) {
	s := New([Size]byte(bytes.Repeat([]byte{0xab}, Size)))
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		require.Equal(t, "<secret>", fmt.Sprintf(format, s))
	}
}

func TestCreateAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	_, err := Load(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, Create(path))
	first, err := Load(path)
	require.NoError(t, err)
	require.ErrorIs(t, Create(path), fs.ErrExist)
	again, err := Load(path)
	require.NoError(t, err)
	require.Equal(t, first, again)
}

func TestLoadRefuses(t *testing.T) {
	tests := map[string]struct {
		content []byte
		mode    fs.FileMode
	}{
		"readable by others": {bytes.Repeat([]byte{1}, Size), 0o640},
		"too short":          {bytes.Repeat([]byte{1}, Size-1), 0o600},
		"too long":           {bytes.Repeat([]byte{1}, Size+1), 0o600},
		"empty":              {nil, 0o600},
		"zero":               {make([]byte, Size), 0o600},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secret")
			require.NoError(t, os.WriteFile(path, tc.content, 0o600))
			require.NoError(t, os.Chmod(path, tc.mode))
			_, err := Load(path)
			require.Error(t, err)
		})
	}
}

// TestVoteSalts: the salt of a vote depends on all that names it and is never
// that of a case with the same numbers.
func TestVoteSalts(t *testing.T) {
	s := New([Size]byte(bytes.Repeat([]byte{7}, Size)))
	seen := map[string]string{}
	add := func(name string, salt []byte) {
		require.Len(t, salt, Size)
		require.Empty(t, seen[string(salt)], name)
		seen[string(salt)] = name
	}
	add("base", s.Vote("c", 1, 2, []byte{3}))
	add("chain", s.Vote("d", 1, 2, []byte{3}))
	add("verdict", s.Vote("c", 2, 2, []byte{3}))
	add("round", s.Vote("c", 1, 3, []byte{3}))
	add("operator", s.Vote("c", 1, 2, []byte{4}))
	add("case", s.Case("c", 1, 2, []byte{3}))
	require.Equal(t, s.Vote("c", 1, 2, []byte{3}), s.Vote("c", 1, 2, []byte{3}))
}
