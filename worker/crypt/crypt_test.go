// SPDX-License-Identifier: Apache-2.0

package crypt

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/worker/artifact"
)

func newIdentities(t testing.TB) *Identities {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, Create(path))
	ids, err := Load(path)
	require.NoError(t, err)
	return ids
}

func encrypted(t testing.TB, plain []byte, to ...*Identities) []byte {
	t.Helper()
	var texts []string
	for _, id := range to {
		texts = append(texts, id.Recipient())
	}
	recipients, err := ParseRecipients(texts)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, Encrypt(&out, bytes.NewReader(plain), recipients))
	return out.Bytes()
}

func TestEveryRecipientReadsTheSame(t *testing.T) {
	a, b, other := newIdentities(t), newIdentities(t), newIdentities(t)
	rapid.Check(t, func(rt *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 200_000).Draw(rt, "plain")
		file := encrypted(t, plain, a, b)
		for _, id := range []*Identities{a, b} {
			var out bytes.Buffer
			if err := Decrypt(&out, bytes.NewReader(file), id.All()...); err != nil || !bytes.Equal(plain, out.Bytes()) {
				rt.Fatalf("%v", err)
			}
		}
		if err := Decrypt(new(bytes.Buffer), bytes.NewReader(file), other.All()...); !errors.Is(err, ErrNoKey) {
			rt.Fatalf("another's key: %v", err)
		}
	})
}

func TestDamageIsFound(t *testing.T) {
	id := newIdentities(t)
	plain := bytes.Repeat([]byte("plain"), 30_000)
	file := encrypted(t, plain, id)
	for at := 0; at < len(file); at += 997 {
		damaged := bytes.Clone(file)
		damaged[at] ^= 0x40
		require.Error(t, Decrypt(new(bytes.Buffer), bytes.NewReader(damaged), id.All()...), "bit at %d", at)
	}
	for _, n := range []int{0, 1, 50, 200, 300, len(file) / 2, len(file) - 1} {
		require.ErrorIs(t, Decrypt(new(bytes.Buffer), bytes.NewReader(file[:n]), id.All()...), ErrBroken, "%d bytes", n)
	}
	require.ErrorIs(t, Decrypt(new(bytes.Buffer), strings.NewReader("not encrypted"), id.All()...), ErrBroken)
	require.ErrorIs(t, Decrypt(new(bytes.Buffer), bytes.NewReader(file)), ErrNoKey)
	full := errors.New("disk full")
	require.ErrorIs(t, Decrypt(failing{full}, bytes.NewReader(file), id.All()...), full)
}

type failing struct{ err error }

// Write implements io.Writer.
func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, Create(path))
	require.ErrorIs(t, Create(path), fs.ErrExist)
	first, err := Load(path)
	require.NoError(t, err)
	file := encrypted(t, []byte("old"), first)
	for i := range 3 {
		recipient, err := Rotate(path)
		require.NoError(t, err)
		ids, err := Load(path)
		require.NoError(t, err)
		require.Equal(t, recipient, ids.Recipient())
		require.Equal(t, i+2, ids.Count())
		require.NoError(t, Decrypt(new(bytes.Buffer), bytes.NewReader(file), ids.All()...))
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestIdentitiesAreNotShown(t *testing.T) {
	id := newIdentities(t)
	text := fmt.Sprintf("%v %+v %#v %s", *id, id, *id, id)
	require.NotContains(t, text, "SECRET")
}

func TestLoadRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	_, err := Load(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	for name, tc := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"nothing":      {"", 0o600},
		"another file": {"hello\n", 0o600},
		"for others":   {"", 0o644},
		"too large":    {strings.Repeat("#", maxIdentityFile+1), 0o600},
	} {
		require.NoError(t, os.WriteFile(path, []byte(tc.text), 0o600))
		require.NoError(t, os.Chmod(path, tc.mode))
		_, err := Load(path)
		require.Error(t, err, name)
		_, err = Rotate(path)
		require.Error(t, err, name)
	}
}

func TestRecipients(t *testing.T) {
	good := newIdentities(t).Recipient()
	for name, texts := range map[string][]string{
		"none": {}, "not one": {"age1"}, "private key": {"AGE-SECRET-KEY-1"}, "ssh": {"ssh-ed25519 AAAA"}, "too many": make([]string, MaxRecipients+1),
		"upper case": {strings.ToUpper(good)},
	} {
		_, err := ParseRecipients(texts)
		require.Error(t, err, name)
	}
	_, err := ParseRecipients([]string{good, good})
	require.NoError(t, err)
}

// TestFileKey passes the key of one file on, and of no other.
func TestFileKey(t *testing.T) {
	first, late := newIdentities(t), newIdentities(t)
	file, other := encrypted(t, []byte("input"), first), encrypted(t, []byte("other"), first)
	dir := t.TempDir()
	path, otherPath := filepath.Join(dir, "file"), filepath.Join(dir, "other")
	require.NoError(t, os.WriteFile(path, file, 0o600))
	require.NoError(t, os.WriteFile(otherPath, other, 0o600))
	store, err := artifact.Open(filepath.Join(dir, "sealed"), 0)
	require.NoError(t, err)

	key, err := NewVault(first, store).FileKey("d", path)
	require.NoError(t, err)
	require.Len(t, key, FileKeySize)
	vault := NewVault(late, store)
	_, err = vault.FileKey("d", path)
	require.ErrorIs(t, err, ErrNoKey)
	_, err = vault.Open(t.Context(), "d", path, dir)
	require.ErrorIs(t, err, ErrNoKey)
	require.ErrorIs(t, vault.Learn("d", path, make([]byte, FileKeySize)), ErrBroken, "a wrong key is found out")
	require.Error(t, vault.Learn("d", path, key[:15]))
	require.ErrorIs(t, vault.Learn("e", otherPath, key), ErrBroken, "it opens no other file")
	require.NoError(t, vault.Learn("d", path, key))
	opened, err := vault.Open(t.Context(), "d", path, dir)
	require.NoError(t, err)
	plain, err := os.ReadFile(opened)
	require.NoError(t, err)
	require.Equal(t, "input", string(plain))
	_, err = vault.Open(t.Context(), "e", otherPath, dir)
	require.ErrorIs(t, err, ErrNoKey)
	again, err := vault.FileKey("d", path)
	require.NoError(t, err)
	require.Equal(t, key, again, "who learned a key can pass it on")
	_, err = NewVault(nil, store).FileKey("d", path)
	require.ErrorIs(t, err, ErrNoKey)
}

func TestSealKeepsTheFirst(t *testing.T) {
	id := newIdentities(t)
	dir := t.TempDir()
	store, err := artifact.Open(filepath.Join(dir, "sealed"), 0)
	require.NoError(t, err)
	vault, name := NewVault(nil, store), SealedName([]byte("manifest"), []byte("digest"))
	var seen [][]byte
	for range 2 {
		path := filepath.Join(dir, "artifact")
		require.NoError(t, os.WriteFile(path, []byte("result"), 0o600))
		require.NoError(t, vault.Seal(path, name, []string{id.Recipient()}))
		file, err := store.Path(name)
		require.NoError(t, err)
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		seen = append(seen, raw)
	}
	require.Equal(t, seen[0], seen[1], "a download may be resumed")
	require.NoError(t, vault.Remove(name))
	require.Error(t, vault.Seal(filepath.Join(dir, "artifact"), name, []string{"age1"}))
}

// TestSealedNames differ wherever manifest or digest do.
func TestSealedNames(t *testing.T) {
	require.NotEqual(t, SealedName([]byte("ab"), []byte("c")), SealedName([]byte("a"), []byte("bc")))
	require.Len(t, SealedName(nil, nil), 64)
	require.Len(t, Name(nil, nil), 32)
}

func FuzzDecrypt(f *testing.F) {
	id := newIdentities(f)
	f.Add(encrypted(f, []byte("plain"), id))
	f.Add([]byte("age-encryption.org/v1\n-> X25519 abc\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		err := Decrypt(new(bytes.Buffer), bytes.NewReader(raw), id.All()...)
		if err != nil && !errors.Is(err, ErrNoKey) && !errors.Is(err, ErrBroken) {
			t.Fatal(err)
		}
	})
}
