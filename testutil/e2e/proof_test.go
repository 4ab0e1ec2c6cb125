// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/circuits"
	"github.com/cupel-network/cupel/testutil/guests"
	"github.com/cupel-network/cupel/testutil/net"
)

// proofClass is the class of proved work.
const proofClass = "groth16/v1"

// proofJob writes the proved example with its circuit, hiring a provider. It
// proves a secret of one byte.
func (w *world) proofJob(s *circuits.System, secret byte, hire string) (file string) {
	w.t.Helper()
	source := filepath.Join(w.root, "testutil", "jobs", "proof")
	dir := filepath.Join(w.Dir, "jobs", fmt.Sprintf("proof%d", secret))
	require.NoError(w.t, os.MkdirAll(filepath.Join(dir, "input"), 0o755))
	require.NoError(w.t, s.Write(dir))
	number := append(make([]byte, 31), secret)
	require.NoError(w.t, os.WriteFile(filepath.Join(dir, "input", "secret.bin"), number, 0o600))
	module, err := guests.Compile(w.ctx, source)
	require.NoError(w.t, err)
	program, err := os.ReadFile(module)
	require.NoError(w.t, err)
	require.NoError(w.t, os.WriteFile(filepath.Join(dir, "proof.wasm"), program, 0o600))
	text, err := os.ReadFile(filepath.Join(source, "proof.yaml"))
	require.NoError(w.t, err)
	edited := strings.NewReplacer(
		fmt.Sprintf("%064x", 49), fmt.Sprintf("%x", circuits.Square(number)), "max: 50ucupel", fmt.Sprintf("max: %ducupel", ceiling),
	).Replace(string(text)) + "hire: " + hire + "\n"
	file = filepath.Join(dir, "proof.yaml")
	require.NoError(w.t, os.WriteFile(file, []byte(edited), 0o600))
	return file
}

// TestProvedJob runs proved jobs from the registration of their circuit to the
// payment: one whose worker is killed while it works, after one that is not.
func TestProvedJob(t *testing.T) {
	need(t)
	w := newWorld(t, 1, 10*time.Minute, params(), func(s *net.Setup) {
		s.Edits = append(s.Edits, net.Edit{Path: "app_state.registry.classes", Value: []any{
			map[string]any{"id": 1, "name": net.Class, "unit": "UNIT_FUEL", "sound": true},
			map[string]any{"id": 2, "name": proofClass, "unit": "UNIT_FUEL", "sound": false},
		}})
		s.Offers[0].Asks = map[string]uint64{proofClass: ask}
	})
	require.NoError(t, w.StartWorkers())
	provider := w.Providers[0]
	s, err := circuits.NewRoot()
	require.NoError(t, err)
	file := w.proofJob(s, 7, provider.Operator.Address)
	_, err = w.Tx(w.ctx, w.Requester, "oracle", "register-circuit", "root/v1", fmt.Sprint(circuits.Inputs),
		filepath.Join(filepath.Dir(file), circuits.VerifyingName))
	require.NoError(t, err)

	start := time.Now()
	dir := filepath.Join(w.Dir, "proved")
	out, err := w.requester("job", "run", file, "--from", w.Requester.Name, "--yes", "--wait", "settled", "--out", dir, "-o", "json")
	require.NoError(t, err, out)
	t.Logf("from submit to settled: %s", time.Since(start))
	secret := append(make([]byte, 31), 7)
	result, err := os.ReadFile(filepath.Join(dir, "out", "result"))
	require.NoError(t, err)
	require.Equal(t, circuits.Digest(secret), result)

	task := w.final(1)
	require.Equal(t, net.Settled, task.State, task.Reason)
	require.Equal(t, circuits.Digest(secret), []byte(task.Result.Digest))
	tally := w.checkLedger(1)
	require.Zero(t, tally.Pooled, "nothing of it is audited")
	require.Positive(t, tally.Refunded, "the ask is below the ceiling")
	require.Equal(t, tally.Paid, w.earned(provider))
	w.waitBooked(provider)

	batch := w.submit(w.proofJob(s, 9, provider.Operator.Address))
	require.NoError(t, net.Until(w.ctx, 20*time.Millisecond, func() (bool, error) {
		seats, err := w.Lot(w.ctx, batch, 0)
		return len(seats) > 0, err
	}))
	provider.Process().Kill()
	require.NoError(t, provider.StartWorker())
	task = w.final(batch)
	require.Equal(t, net.Settled, task.State, task.Reason)
	require.Equal(t, circuits.Digest(append(make([]byte, 31), 9)), []byte(task.Result.Digest))
	require.Zero(t, w.provider(provider).Missed)
	w.checkLedger(batch)

	proofs, err := w.Txs(w.ctx, "message.action='/cupel.market.v1.MsgProve'")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(proofs), 2)
	for _, tx := range proofs {
		require.Zero(t, tx.Code, tx.Log)
	}
	reveals, err := w.Txs(w.ctx, "message.action='/cupel.market.v1.MsgReveal'")
	require.NoError(t, err)
	require.Empty(t, reveals, "the chain refuses them, for a fee")
}
