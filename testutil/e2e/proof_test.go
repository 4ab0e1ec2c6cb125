// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
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

// proofJob writes the proved example with its circuit, hiring a provider unless it
// is empty. It proves a secret of one byte.
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
	).Replace(string(text))
	if hire != "" { // the circuit that nobody has audited
		edited = strings.Replace(edited, "circuit: 1\n", "circuit: 2\n", 1) + "hire: " + hire + "\n"
	}
	file = filepath.Join(dir, "proof.yaml")
	require.NoError(w.t, os.WriteFile(file, []byte(edited), 0o600))
	return file
}

// auditedCircuit puts a circuit into the genesis that governance has audited: only
// for such a one are providers drawn.
func auditedCircuit(s *circuits.System) []net.Edit {
	sum := sha256.Sum256(s.Key)
	return []net.Edit{
		{Path: "app_state.oracle.circuits", Value: []any{map[string]any{
			"id": "1", "owner": "cupel1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq2qq5hl", "name": "root/audited", "inputs": circuits.Inputs,
			"key_hash": base64.StdEncoding.EncodeToString(sum[:]), "audited": true, "note": "the test has read it", "height": "0",
		}}},
		{Path: "app_state.oracle.circuit_keys", Value: []any{map[string]any{"circuit": "1", "key": base64.StdEncoding.EncodeToString(s.Key)}}},
	}
}

// provePoints are where a worker is killed around a proof: once the proof is in
// the journal and its attempt does not know, once it does, and once a node has it.
var provePoints = []string{"stored", "executed", "revealed", "reveal-sent"}

// TestProvedJob runs proved jobs from the registration of their circuit to the
// payment: one of a hired provider, those whose worker is killed around the proof
// and while it works, and at last one whose provider is drawn.
func TestProvedJob(t *testing.T) {
	need(t)
	crashing := build(t, "cupel-worker-crash", "./cmd/cupel-worker", "cupelcrash")
	s, err := circuits.NewRoot()
	require.NoError(t, err)
	w := newWorld(t, 2, 10*time.Minute, params(), func(setup *net.Setup) {
		setup.Workers[0] = crashing
		setup.Edits = append(setup.Edits, net.Edit{Path: "app_state.registry.classes", Value: []any{
			map[string]any{"id": 1, "name": net.Class, "unit": "UNIT_FUEL", "sound": true},
			map[string]any{"id": 2, "name": proofClass, "unit": "UNIT_FUEL", "sound": false},
		}})
		setup.Edits = append(setup.Edits, auditedCircuit(s)...)
		for i := range setup.Offers {
			setup.Offers[i].Asks = map[string]uint64{proofClass: ask}
		}
	})
	require.NoError(t, w.StartWorkers())
	provider := w.Providers[0]
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

	for i, point := range provePoints {
		w.proveThroughCrash(s, provider, point, byte(11+i))
	}

	batch = w.submit(w.proofJob(s, 21, ""))
	task = w.final(batch)
	require.Equal(t, net.Settled, task.State, task.Reason)
	require.Len(t, task.Providers, 1, "its provider was drawn")
	w.checkLedger(batch)

	proofs, err := w.Txs(w.ctx, "message.action='/cupel.market.v1.MsgProve'")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(proofs), 3+len(provePoints))
	for _, tx := range proofs {
		require.Zero(t, tx.Code, tx.Log)
	}
	reveals, err := w.Txs(w.ctx, "message.action='/cupel.market.v1.MsgReveal'")
	require.NoError(t, err)
	require.Empty(t, reveals, "the chain refuses them, for a fee")
}

// proveThroughCrash kills a worker at a point of a proved job. It is proved once:
// whatever is said again is the same proof, and it is paid once.
func (w *world) proveThroughCrash(s *circuits.System, p *net.Provider, point string, secret byte) {
	w.t.Helper()
	t := w.t
	before := w.earned(p)
	p.Process().Stop()
	require.NoError(t, p.StartWorker("CUPEL_CRASH_AFTER="+point))
	batch := w.submit(w.proofJob(s, secret, p.Operator.Address))
	require.Error(t, p.Process().Wait(w.ctx), "the worker goes on after %s", point)
	require.True(t, p.Process().Killed(), point)
	require.NoError(t, p.StartWorker())
	task := w.final(batch)
	require.Equal(t, net.Settled, task.State, "%s: %s", point, task.Reason)
	require.Equal(t, w.checkLedger(batch).Paid, w.earned(p)-before, point)
	require.Zero(t, w.provider(p).Missed, point)
	said := make(map[string]bool)
	txs, err := w.Txs(w.ctx, "message.sender='"+p.WorkerAddress+"' AND message.action='/cupel.market.v1.MsgProve'")
	require.NoError(t, err)
	for _, tx := range txs {
		for _, raw := range tx.Messages {
			var m struct {
				Lots []struct {
					Batch  uint64 `json:",string"`
					Proofs []string
				}
			}
			require.NoError(t, json.Unmarshal(raw, &m))
			for _, lot := range m.Lots {
				if lot.Batch == batch {
					said[strings.Join(lot.Proofs, " ")] = true
				}
			}
		}
	}
	require.Len(t, said, 1, "%s: proofs are random, another run makes another one", point)
}
