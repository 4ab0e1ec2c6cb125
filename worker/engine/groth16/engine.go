// SPDX-License-Identifier: Apache-2.0

// Package groth16 is the engine of class groth16/v1: a WebAssembly program
// computes the witness of a task, and gnark proves it in a child process of the
// worker's own executable. See ChildMain and worker/adr/012-proved-tasks.md.
package groth16

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/sandbox"
	"github.com/cupel-network/cupel/worker/engine/wasm"
)

// Class is the class of this engine.
const Class = engine.ProofClasses + "v1"

// Options configure an Engine.
type Options struct {
	// Witness runs the programs that compute witnesses; it is of wasm.Class.
	Witness engine.Engine
	// Isolated gives the prover namespaces of its own.
	Isolated bool
	// Grace is what a proof may take beyond its wall limit to start and to be
	// checked before it is killed; by default 15 seconds.
	Grace time.Duration
	// Executable is the program that calls ChildMain; by default the running one.
	Executable string
}

// Engine runs jobs of the class. It is safe for concurrent use.
type Engine struct{ opts Options }

var _ engine.Engine = (*Engine)(nil)

// New returns an engine.
func New(opts Options) (*Engine, error) {
	if opts.Witness == nil || opts.Witness.Class() != wasm.Class {
		return nil, fmt.Errorf("class %s needs an engine of class %s for its witnesses: enable engines.wasm", Class, wasm.Class)
	}
	if opts.Grace == 0 {
		opts.Grace = 15 * time.Second
	}
	if opts.Executable == "" {
		opts.Executable = "/proc/self/exe"
	}
	return &Engine{opts: opts}, nil
}

// Class implements engine.Engine.
func (e *Engine) Class() string { return Class }

// Run implements engine.Engine. A Result without a proof is no answer, whatever
// its outcome.
func (e *Engine) Run(ctx context.Context, job engine.Job, scratchDir string) (engine.Result, error) {
	res, err := e.run(ctx, job, scratchDir)
	if err != nil {
		return engine.Result{Outcome: engine.OutcomeHostError, Detail: err.Error()}, err
	}
	return res, nil
}

func (e *Engine) run(ctx context.Context, job engine.Job, scratchDir string) (engine.Result, error) {
	if err := job.Validate(); err != nil {
		return engine.Result{}, err
	}
	if job.Class != Class {
		return engine.Result{}, fmt.Errorf("job is of class %s, this engine runs %s", job.Class, Class)
	}
	start := time.Now()
	computed, err := e.witness(ctx, job, scratchDir)
	if err != nil || computed.Outcome != engine.OutcomeOK {
		return engine.Result{Outcome: computed.Outcome, Detail: "the witness program: " + computed.Detail, Fuel: computed.Fuel}, err
	}
	values := filepath.Join(scratchDir, "witness.bin")
	digest, err := extract(computed.Artifact, values)
	var bad *witnessError
	if errors.As(err, &bad) {
		return engine.Result{Outcome: engine.OutcomeTrap, Detail: bad.Error(), Fuel: computed.Fuel}, nil
	}
	if err != nil {
		return engine.Result{}, err
	}
	job.Wall -= time.Since(start)
	if job.Wall <= 0 {
		return engine.Result{Outcome: engine.OutcomeWall, Detail: "the witness took all of the wall limit"}, nil
	}
	res, err := e.prove(ctx, job, values, digest)
	res.Fuel, res.Wall = computed.Fuel, time.Since(start)
	return res, err
}

// witness runs the program of the job. Its standard input is the statement and
// after it that of the job.
func (e *Engine) witness(ctx context.Context, job engine.Job, scratchDir string) (engine.Result, error) {
	dir := filepath.Join(scratchDir, "witness")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return engine.Result{}, fmt.Errorf("make a directory: %w", err)
	}
	stdin := filepath.Join(scratchDir, "stdin")
	if err := joinInput(stdin, job.Proof.Statement, job.Stdin); err != nil {
		return engine.Result{Outcome: engine.OutcomeInputUnavailable, Detail: err.Error()}, nil //nolint:nilerr // it is the outcome
	}
	job.Class, job.Proof, job.Stdin = wasm.Class, nil, stdin
	return e.opts.Witness.Run(ctx, job, dir)
}

func joinInput(path string, statement [32]byte, more string) (err error) {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write standard input: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := out.Write(statement[:]); err != nil || more == "" {
		return err
	}
	in, err := os.Open(more)
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	defer in.Close()
	_, err = io.Copy(out, in)
	return err
}

// witnessError is a witness that the class does not take.
type witnessError struct{ text string }

// Error implements error.
func (e *witnessError) Error() string { return "the witness program: " + e.text }

// extract copies what the program wrote to its standard output: the digest and
// the secret inputs, 32 bytes each.
func extract(artifact, to string) (digest [32]byte, err error) {
	a, err := engine.OpenArtifact(artifact, engine.ArtifactLimits{})
	if err != nil {
		return digest, fmt.Errorf("open the witness: %w", err)
	}
	defer a.Close()
	r, err := a.Open(engine.StdoutName)
	if err != nil {
		return digest, err
	}
	if r.Size() < elementSize || r.Size()%elementSize != 0 {
		return digest, &witnessError{fmt.Sprintf("it wrote %d bytes, must be the digest and the secret inputs, %d bytes each", r.Size(), elementSize)}
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return digest, fmt.Errorf("write the witness: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.ReadFull(r, digest[:]); err != nil {
		return digest, err
	}
	_, err = io.Copy(out, r)
	return digest, err
}

// prove runs the prover.
func (e *Engine) prove(ctx context.Context, job engine.Job, values string, digest [32]byte) (engine.Result, error) {
	var files []*os.File
	defer func() {
		for _, f := range files {
			_ = f.Close()
		}
	}()
	for _, path := range []string{job.Proof.Constraints, job.Proof.Key, values} {
		f, err := os.Open(path)
		if err != nil {
			return engine.Result{Outcome: engine.OutcomeInputUnavailable, Detail: err.Error()}, nil
		}
		files = append(files, f)
	}
	child := sandbox.Process{
		Path: e.opts.Executable, Arg: childArg, Name: "cupel-groth16", Isolated: e.opts.Isolated,
		Order: newOrder(job, digest, e.opts.Isolated), Files: files, Limit: job.Wall + e.opts.Grace,
	}
	var rep report
	err := child.Run(ctx, &rep)
	switch {
	case errors.Is(err, sandbox.ErrKilled):
		return engine.Result{Outcome: engine.OutcomeWall, Detail: "the prover was killed after the wall limit"}, nil
	case err != nil && ctx.Err() == nil && outOfMemory(err):
		return engine.Result{Outcome: engine.OutcomeMemoryLimit, Detail: "the prover needs more memory: raise limits.memory"}, nil
	case err != nil:
		return engine.Result{}, fmt.Errorf("prove: %w", err)
	case rep.Refused != "":
		return engine.Result{Outcome: engine.OutcomeTrap, Detail: rep.Refused}, nil
	case rep.Failed != "":
		return engine.Result{}, errors.New(rep.Failed)
	case len(rep.Proof) != proofSize:
		return engine.Result{}, fmt.Errorf("the prover reported %d bytes, a proof has %d", len(rep.Proof), proofSize)
	}
	return engine.Result{Outcome: engine.OutcomeOK, ArtifactSHA256: digest, Proof: rep.Proof}, nil
}

// outOfMemory recognises the end of a Go program that the kernel gave no more.
func outOfMemory(err error) bool {
	for _, sign := range []string{"out of memory", "cannot allocate memory", "cannot map pages", "pthread_create failed", "failed to create new OS thread"} {
		if strings.Contains(err.Error(), sign) {
			return true
		}
	}
	return false
}

// publicInputs are those of the chain: the low and the high 128 bits of binding,
// digest and statement.
func publicInputs(binding, digest, statement [32]byte) [][]byte {
	out := make([][]byte, 0, publicCount)
	for _, hash := range [][32]byte{binding, digest, statement} {
		out = append(out, hash[16:], hash[:16])
	}
	return out
}

// checkHead refuses a constraint system that announces another length than it
// has, before anything is allocated for it.
func checkHead(data []byte) error {
	const head = 4 * 8 // the length and gnark's version
	if len(data) < head || binary.LittleEndian.Uint64(data) != uint64(len(data)-head) {
		return errors.New("the constraint system is not whole")
	}
	return nil
}

// readAll reads a descriptor of the child.
func readAll(fd int, name string) ([]byte, error) {
	var b bytes.Buffer
	f := os.NewFile(uintptr(fd), name)
	if _, err := b.ReadFrom(f); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return b.Bytes(), nil
}
