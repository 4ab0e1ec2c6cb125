// SPDX-License-Identifier: Apache-2.0

package signing

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// newHome makes a guard and a key of it.
func newHome(t *testing.T) (string, Key) {
	t.Helper()
	home := t.TempDir()
	guard, err := CreateGuard(GuardPath(home), chainID)
	require.NoError(t, err)
	key, err := NewKey(KeysDir(home), guard.ID())
	require.NoError(t, err)
	require.NoError(t, guard.Close())
	return home, key
}

func TestKeyFiles(t *testing.T) {
	home, key := newHome(t)
	path := filepath.Join(KeysDir(home), key.Address.String()+keySuffix)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var good keyFile
	require.NoError(t, json.Unmarshal(text, &good))

	order := "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
	tests := map[string]struct {
		edit func(*keyFile)
		mode os.FileMode
		err  string
	}{
		"good":                {edit: func(*keyFile) {}},
		"readable by a group": {edit: func(*keyFile) {}, mode: 0o640, err: "may be read by others"},
		"readable by all":     {edit: func(*keyFile) {}, mode: 0o604, err: "may be read by others"},
		"no private key":      {edit: func(k *keyFile) { k.PrivateKey = "" }, err: "not 64 hex digits"},
		"short":               {edit: func(k *keyFile) { k.PrivateKey = k.PrivateKey[2:] }, err: "not 64 hex digits"},
		"not hex":             {edit: func(k *keyFile) { k.PrivateKey = strings.Repeat("z", 64) }, err: "not 64 hex digits"},
		"zero":                {edit: func(k *keyFile) { k.PrivateKey = strings.Repeat("0", 64) }, err: "order of the curve"},
		"the order":           {edit: func(k *keyFile) { k.PrivateKey = order }, err: "order of the curve"},
		"another's key":       {edit: func(k *keyFile) { k.PrivateKey = strings.Repeat("1", 64) }, err: "address says"},
		"another's address":   {edit: func(k *keyFile) { k.Address = checkpoint.Address{1} }, err: "address says"},
		"no guard":            {edit: func(k *keyFile) { k.Guard = "" }, err: "guard is missing"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			file, mode := good, os.FileMode(0o600)
			tc.edit(&file)
			if tc.mode != 0 {
				mode = tc.mode
			}
			dir := t.TempDir()
			text, err := json.Marshal(file)
			require.NoError(t, err)
			at := filepath.Join(dir, filepath.Base(path))
			require.NoError(t, os.WriteFile(at, text, 0o600))
			require.NoError(t, os.Chmod(at, mode))
			keys, err := LoadKeys(dir)
			if tc.err == "" {
				require.NoError(t, err)
				require.Equal(t, key.Address, keys[0].Address)
				return
			}
			require.ErrorContains(t, err, tc.err)
			require.NotContains(t, err.Error(), good.PrivateKey, "the error tells the secret")
		})
	}

	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other.json"), text, 0o600))
	_, err = LoadKeys(dir)
	require.ErrorContains(t, err, "name it")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other.json"), []byte("{"), 0o600))
	_, err = LoadKeys(dir)
	require.ErrorContains(t, err, "not a JSON key file")
	_, err = LoadKeys(filepath.Join(dir, "nowhere"))
	require.ErrorIs(t, err, ErrNoKeys)
}

// TestCopiedKey: a key without its guard signs nothing, and neither does one
// in a home with another guard.
func TestCopiedKey(t *testing.T) {
	home, key := newHome(t)
	text, err := os.ReadFile(filepath.Join(KeysDir(home), key.Address.String()+keySuffix))
	require.NoError(t, err)

	bare := t.TempDir()
	require.NoError(t, os.MkdirAll(KeysDir(bare), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(KeysDir(bare), key.Address.String()+keySuffix), text, 0o600))
	_, err = OpenLocal(bare, chainID)
	require.ErrorIs(t, err, ErrNoGuard)

	other, _ := newHome(t)
	require.NoError(t, os.WriteFile(filepath.Join(KeysDir(other), key.Address.String()+keySuffix), text, 0o600))
	_, err = OpenLocal(other, chainID)
	require.ErrorIs(t, err, ErrForeignKey)
}
