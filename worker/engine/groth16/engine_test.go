// SPDX-License-Identifier: Apache-2.0

package groth16

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/backend/groth16"
	"github.com/consensys/gnark/backend/witness"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/circuits"
	"github.com/cupel-network/cupel/testutil/guests"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/wasm"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

var (
	system = sync.OnceValues(circuits.NewRoot)
	// witnesses compiles each program once for all tests.
	witnesses *wasm.Engine
)

func TestMain(m *testing.M) {
	wasm.ChildMain()
	ChildMain()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "groth16-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if witnesses, err = wasm.New(context.Background(), wasm.Options{CacheDir: dir}); err != nil {
		panic(err)
	}
	return m.Run()
}

// fixture is an engine with a job that it can prove.
type fixture struct {
	engine *Engine
	job    engine.Job
	dir    string
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	e, err := New(Options{Witness: witnesses, Isolated: witnesses.Isolation().Namespaces})
	require.NoError(t, err)
	s, err := system()
	require.NoError(t, err)
	f := &fixture{engine: e, dir: t.TempDir()}
	require.NoError(t, s.Write(f.dir))
	module := guests.BuildJob(t, "proof")
	code, err := os.ReadFile(module)
	require.NoError(t, err)
	secret := secretOf(7)
	f.job = engine.Job{
		Class: Class, Module: module, ModuleSHA256: sha256.Sum256(code), Stdin: f.write(t, "secret", secret),
		Fuel: 900_000_000, MemoryBytes: 512 << 20, OutputBytes: 1 << 16, Wall: time.Minute,
		Proof: &engine.Proof{
			Constraints: filepath.Join(f.dir, circuits.ConstraintsName), Key: filepath.Join(f.dir, circuits.ProvingName),
			Verifying: s.Key, Binding: sha256.Sum256([]byte("task and operator")), Statement: [32]byte(circuits.Square(secret)),
		},
	}
	return f
}

func secretOf(n byte) []byte { return append(make([]byte, 31), n) }

func (f *fixture) write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(f.dir, name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

func (f *fixture) run(t *testing.T) (engine.Result, error) {
	t.Helper()
	return f.engine.Run(t.Context(), f.job, t.TempDir())
}

// verify asks gnark for its verdict of a proof in the encoding of the chain.
func verify(t *testing.T, key, proof []byte, binding, digest, statement [32]byte) error {
	t.Helper()
	vk := groth16.NewVerifyingKey(ecc.BN254)
	_, err := vk.ReadFrom(bytes.NewReader(key))
	require.NoError(t, err)
	decoded := groth16.NewProof(ecc.BN254)
	// No commitments, and the empty point that goes with them.
	tail := append(make([]byte, 4), append([]byte{0x40}, make([]byte, 63)...)...)
	_, err = decoded.ReadFrom(bytes.NewReader(append(bytes.Clone(proof), tail...)))
	require.NoError(t, err)
	w, err := witness.New(ecc.BN254.ScalarField())
	require.NoError(t, err)
	feed := make(chan any, publicCount)
	for _, b := range markettypes.PublicInputs(binding[:], digest[:], statement[:]) {
		feed <- b
	}
	close(feed)
	require.NoError(t, w.Fill(publicCount, 0, feed))
	return groth16.Verify(decoded, vk, w)
}

func TestProves(t *testing.T) {
	f := newFixture(t)
	res, err := f.run(t)
	require.NoError(t, err)
	require.Equal(t, engine.OutcomeOK, res.Outcome, res.Detail)
	require.Equal(t, circuits.Digest(secretOf(7)), res.ArtifactSHA256[:])
	require.Len(t, res.Proof, proofSize)
	require.Empty(t, res.Artifact)
	require.Positive(t, res.Fuel)
	t.Logf("the witness took %d fuel, witness and proof %s", res.Fuel, res.Wall)

	p := f.job.Proof
	require.NoError(t, verify(t, p.Verifying, res.Proof, p.Binding, res.ArtifactSHA256, p.Statement))
	other := sha256.Sum256([]byte("another operator"))
	require.Error(t, verify(t, p.Verifying, res.Proof, other, res.ArtifactSHA256, p.Statement))

	again, err := f.run(t)
	require.NoError(t, err)
	require.Equal(t, res.ArtifactSHA256, again.ArtifactSHA256)
	require.NotEqual(t, res.Proof, again.Proof, "a proof made anew is another one: the journal has to keep it")
}

// TestNoProof breaks one thing of a job at a time. Nothing of it may end in a
// proof, or in an error that blames the machine where the job is at fault.
func TestNoProof(t *testing.T) {
	for name, tc := range map[string]struct {
		edit    func(*testing.T, *fixture)
		outcome engine.Outcome
		detail  string
	}{
		"a secret that is no root": {func(t *testing.T, f *fixture) {
			f.job.Stdin = f.write(t, "secret", secretOf(8))
		}, engine.OutcomeTrap, "prove: "},
		"no secret": {func(_ *testing.T, f *fixture) { f.job.Stdin = "" }, engine.OutcomeExit, "the witness program"},
		"no fuel":   {func(_ *testing.T, f *fixture) { f.job.Fuel = 1000 }, engine.OutcomeOutOfFuel, "the witness program"},
		"a module that writes something else": {func(t *testing.T, f *fixture) {
			f.job.Module = guests.Build(t, "hello")
			code, err := os.ReadFile(f.job.Module)
			require.NoError(t, err)
			f.job.ModuleSHA256 = sha256.Sum256(code)
		}, engine.OutcomeTrap, "32 bytes each"},
		"keys of another setup": {func(t *testing.T, f *fixture) {
			s, err := circuits.NewRoot()
			require.NoError(t, err)
			f.job.Proof.Verifying = s.Key
		}, engine.OutcomeTrap, "not of the circuit on the chain"},
		"constraints of another circuit": {func(t *testing.T, f *fixture) {
			s, err := circuits.NewCube()
			require.NoError(t, err)
			dir := t.TempDir()
			require.NoError(t, s.Write(dir))
			f.job.Proof.Constraints = filepath.Join(dir, circuits.ConstraintsName)
		}, engine.OutcomeTrap, "the circuit has 0"},
		"constraints that are cut off": {func(t *testing.T, f *fixture) {
			data, err := os.ReadFile(f.job.Proof.Constraints)
			require.NoError(t, err)
			f.job.Proof.Constraints = f.write(t, "half", data[:len(data)/2])
		}, engine.OutcomeTrap, "not whole"},
		"constraints of random bytes": {func(t *testing.T, f *fixture) {
			data := bytes.Repeat([]byte("not a constraint system "), 100)
			binary.LittleEndian.PutUint64(data, uint64(len(data)-32))
			f.job.Proof.Constraints = f.write(t, "random", data)
		}, engine.OutcomeTrap, ""},
		"a proving key that is cut off": {func(t *testing.T, f *fixture) {
			data, err := os.ReadFile(f.job.Proof.Key)
			require.NoError(t, err)
			f.job.Proof.Key = f.write(t, "half", data[:len(data)/2])
		}, engine.OutcomeTrap, "proving key"},
		"no proving key": {func(_ *testing.T, f *fixture) { f.job.Proof.Key += ".gone" }, engine.OutcomeInputUnavailable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			tc.edit(t, f)
			res, err := f.run(t)
			require.NoError(t, err)
			require.Equal(t, tc.outcome, res.Outcome, res.Detail)
			require.Contains(t, res.Detail, tc.detail)
			require.Empty(t, res.Proof)
		})
	}
}

// TestProverIsBounded gives the prover something that takes more memory than it
// may have, and more time.
func TestProverIsBounded(t *testing.T) {
	f := newFixture(t)
	f.job.Proof.Key = f.write(t, "large", nil)
	require.NoError(t, os.Truncate(f.job.Proof.Key, 4<<30))
	res, err := f.run(t)
	require.NoError(t, err)
	require.Equal(t, engine.OutcomeMemoryLimit, res.Outcome, res.Detail)
	require.Empty(t, res.Proof)

	f = newFixture(t)
	slow := filepath.Join(t.TempDir(), "prover")
	require.NoError(t, os.WriteFile(slow, []byte("#!/bin/sh\nsleep 1000\n"), 0o755))
	f.engine.opts.Executable, f.engine.opts.Grace, f.engine.opts.Isolated = slow, 200*time.Millisecond, false
	f.job.Wall = 3 * time.Second
	res, err = f.run(t)
	require.NoError(t, err)
	require.Equal(t, engine.OutcomeWall, res.Outcome, res.Detail)

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	f.job.Wall = time.Minute
	_, err = f.engine.Run(ctx, f.job, t.TempDir())
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestRefuses(t *testing.T) {
	_, err := New(Options{})
	require.ErrorContains(t, err, "enable engines.wasm")
	f := newFixture(t)
	f.job.Class = wasm.Class
	_, err = f.run(t)
	require.ErrorContains(t, err, "proves nothing")
	f.job.Class, f.job.Proof = Class, nil
	_, err = f.run(t)
	require.ErrorContains(t, err, "needs a circuit")
}
