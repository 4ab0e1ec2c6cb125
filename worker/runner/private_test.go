// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/access"
	"github.com/cupel-network/cupel/worker/crypt"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

func newIdentities(t *testing.T) *crypt.Identities {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, crypt.Create(path))
	ids, err := crypt.Load(path)
	require.NoError(t, err)
	return ids
}

const secretInput = "the secret input"

// newPrivate is a worker with one task whose input and result are encrypted.
func newPrivate(t *testing.T, worker, requester *crypt.Identities) *fixture {
	t.Helper()
	to, err := crypt.ParseRecipients([]string{worker.Recipient(), requester.Recipient()})
	require.NoError(t, err)
	var file bytes.Buffer
	require.NoError(t, crypt.Encrypt(&file, strings.NewReader(secretInput), to))
	doc := document(1)
	doc.Template.Stdin = &manifest.Ref{URI: "https://example.com/x", SHA256: digestOf(file.String()), Size: uint64(file.Len()), Encrypted: true}
	doc.ResultsTo = []string{requester.Recipient()}
	f := newFixtureOf(t, doc, 1, 1)
	f.stop()
	f.ids = worker
	f.fetcher.path = filepath.Join(f.home, "file.age")
	require.NoError(t, os.WriteFile(f.fetcher.path, file.Bytes(), 0o600))
	f.start()
	return f
}

// grep fails the test if a file of the home holds the text.
func grep(t *testing.T, dir, text string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		require.NotContains(t, string(raw), text, path)
		return err
	}))
}

func TestPrivateJob(t *testing.T) {
	worker, requester := newIdentities(t), newIdentities(t)
	f := newPrivate(t, worker, requester)
	f.until(f.seat(0, markettypes.SeatRevealed))
	require.NoError(t, f.step())
	run := f.lot(0).Runs[0]
	require.Equal(t, markettypes.OutcomeOK, markettypes.Outcome(run.Outcome), run.Detail)
	require.False(t, f.public(run.Digest), "what everybody could read is not served")
	require.True(t, f.public(run.Sealed))
	require.Equal(t, crypt.SealedName(f.chain.batch.Manifest, run.Digest), hex.EncodeToString(run.Sealed))
	sealed, err := os.Open(filepath.Join(f.home, "sealed", hex.EncodeToString(run.Sealed)))
	require.NoError(t, err)
	defer sealed.Close()
	var plain bytes.Buffer
	require.NoError(t, crypt.Decrypt(&plain, sealed, requester.All()...))
	require.Equal(t, hex.EncodeToString(run.Digest), digestOf(plain.String()), "the digest on the chain is that of the plain result")
	require.Contains(t, plain.String(), secretInput, "the task saw what was encrypted")
	grep(t, f.home, secretInput)
	require.Zero(t, f.fetcher.held.Load())
}

// TestPrivateJobForAnother is encrypted to a key that this worker has not.
func TestPrivateJobForAnother(t *testing.T) {
	f := newPrivate(t, newIdentities(t), newIdentities(t))
	f.stop()
	f.ids = newIdentities(t)
	f.start()
	f.until(f.seat(0, markettypes.SeatRevealed))
	run := f.lot(0).Runs[0]
	require.Equal(t, markettypes.OutcomeInputUnavailable, markettypes.Outcome(run.Outcome))
	require.Zero(t, f.engine.count())
}

// Ask implements KeyAsker: the others tell what peer knows.
func (f *fixture) Ask(_ context.Context, endpoint string, c access.Claims) ([]byte, error) {
	f.asked = append(f.asked, endpoint)
	if f.peer == nil || c.Batch != 5 {
		return nil, errors.New("no seat")
	}
	return f.peer(c)
}

// TestKeyOfAnInputComesFromTheOtherSeats is a worker that was drawn after the
// input was encrypted.
func TestKeyOfAnInputComesFromTheOtherSeats(t *testing.T) {
	first, requester := newIdentities(t), newIdentities(t)
	f := newPrivate(t, first, requester)
	f.stop()
	f.ids = newIdentities(t)
	f.start()
	f.runner.cfg.FetchFor = 2 * time.Second
	lies := 0
	f.peer = func(c access.Claims) ([]byte, error) {
		if lies++; lies == 1 {
			return make([]byte, crypt.FileKeySize), nil // the header shows that it is wrong
		}
		return crypt.NewVault(first, nil).FileKey(c.Digest, f.fetcher.path)
	}
	f.until(f.seat(0, markettypes.SeatRevealed))
	run := f.lot(0).Runs[0]
	require.Equal(t, markettypes.OutcomeOK, markettypes.Outcome(run.Outcome), run.Detail)
	require.Len(t, f.asked, 2)
	grep(t, f.home, secretInput)
}
