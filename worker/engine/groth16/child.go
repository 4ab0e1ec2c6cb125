// SPDX-License-Identifier: Apache-2.0

package groth16

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/backend/groth16"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/constraint"
	"github.com/consensys/gnark/logger"
	_ "github.com/consensys/gnark/std/math/bits" // the hints of decompositions into bits
	"github.com/rs/zerolog"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/sandbox"
)

// childArg is the first argument of a process that is a child of this engine.
const childArg = "__cupel_groth16_child"

// Descriptors of a child beside those of every sandbox.
const (
	fdConstraints = sandbox.FdFiles
	fdKey         = sandbox.FdFiles + 1
	fdWitness     = sandbox.FdFiles + 2
)

const (
	elementSize = fr.Bytes
	// proofSize is that of A, B and C, uncompressed.
	proofSize = 256
	// publicCount is the number of public inputs that the market pays for.
	publicCount = 6
	// dataSlack is what the executable and the runtime of Go take themselves.
	dataSlack = 256 << 20
)

// order is what a child is told to do, as JSON on its standard input.
type order struct {
	Isolated  bool
	MaxProcs  int
	Memory    uint64
	Wall      time.Duration
	Verifying []byte
	Public    [][]byte
}

// report is what a child answers. Refused says what is wrong with the circuit or
// the witness, Failed what is wrong with the machine.
type report struct {
	Refused string `json:",omitempty"`
	Failed  string `json:",omitempty"`
	Proof   []byte `json:",omitempty"`
}

func newOrder(job engine.Job, digest [32]byte, isolated bool) order {
	return order{
		Isolated: isolated, MaxProcs: runtime.GOMAXPROCS(0), Memory: job.MemoryBytes, Wall: job.Wall,
		Verifying: job.Proof.Verifying, Public: publicInputs(job.Proof.Binding, digest, job.Proof.Statement),
	}
}

func (o order) limits() sandbox.Limits {
	return sandbox.Limits{
		CPU:         (uint64(o.Wall/time.Second) + 60) * uint64(max(1, o.MaxProcs)),
		Descriptors: fdWitness + 32, Data: o.Memory + dataSlack,
	}
}

// ChildMain must be called first by main, and by TestMain of a test that proves.
// In a process that this engine started it does the child's work and exits; in
// any other process it returns at once.
func ChildMain() {
	if len(os.Args) != 2 || os.Args[1] != childArg {
		return
	}
	runtime.LockOSThread()
	out := os.NewFile(sandbox.FdReport, "report")
	if err := json.NewEncoder(out).Encode(childWork()); err != nil {
		fmt.Fprintln(os.Stderr, "write report:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func childWork() (rep report) {
	defer func() {
		if r := recover(); r != nil { // gnark trusts what it reads
			rep = report{Refused: fmt.Sprintf("the prover stopped: %v", r)}
		}
	}()
	var o order
	dec := json.NewDecoder(io.LimitReader(os.Stdin, sandbox.MaxOrderBytes))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return report{Failed: fmt.Sprintf("read order: %v", err)}
	}
	if o.MaxProcs > 0 {
		runtime.GOMAXPROCS(o.MaxProcs)
	}
	debug.SetMemoryLimit(int64(o.Memory))
	logger.Set(zerolog.Nop())
	// A machine without namespaces proves without them, as its guests run.
	sandbox.Enter(o.Isolated, o.limits())
	proof, err := o.prove()
	var failed *os.PathError
	switch {
	case errors.As(err, &failed):
		return report{Failed: err.Error()}
	case err != nil:
		return report{Refused: err.Error()}
	}
	return report{Proof: proof}
}

// prove returns a proof that the circuit's verifying key accepts.
func (o order) prove() ([]byte, error) {
	ccs, err := readConstraints()
	if err != nil {
		return nil, err
	}
	full, err := o.witness(ccs)
	if err != nil {
		return nil, err
	}
	vk := groth16.NewVerifyingKey(ecc.BN254)
	if _, err := vk.ReadFrom(bytes.NewReader(o.Verifying)); err != nil {
		return nil, fmt.Errorf("read the verifying key: %w", err)
	}
	key, err := readAll(fdKey, "the proving key")
	if err != nil {
		return nil, err
	}
	pk := groth16.NewProvingKey(ecc.BN254)
	// A wrong point makes a wrong proof, which is found out below.
	if _, err := pk.UnsafeReadFrom(bytes.NewReader(key)); err != nil {
		return nil, fmt.Errorf("read the proving key: %w", err)
	}
	proof, err := groth16.Prove(ccs, pk, full)
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	public, err := full.Public()
	if err != nil {
		return nil, err
	}
	if err := groth16.Verify(proof, vk, public); err != nil {
		return nil, fmt.Errorf("constraint system and proving key are not of the circuit on the chain: %w", err)
	}
	var b bytes.Buffer
	if _, err := proof.WriteRawTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes()[:min(proofSize, b.Len())], nil
}

func readConstraints() (constraint.ConstraintSystem, error) {
	data, err := readAll(fdConstraints, "the constraint system")
	if err != nil {
		return nil, err
	}
	if err := checkHead(data); err != nil {
		return nil, err
	}
	ccs := groth16.NewCS(ecc.BN254)
	if _, err := ccs.ReadFrom(bytes.NewReader(data)); err != nil {
		return nil, fmt.Errorf("read the constraint system: %w", err)
	}
	if n := ccs.GetNbPublicVariables() - 1; n != publicCount { // one of them is the constant 1
		return nil, fmt.Errorf("the constraint system has %d public inputs, must have %d", n, publicCount)
	}
	return ccs, nil
}

// witness joins the public inputs with the secret ones that the program computed.
func (o order) witness(ccs constraint.ConstraintSystem) (witness.Witness, error) {
	secret, err := readAll(fdWitness, "the witness")
	if err != nil {
		return nil, err
	}
	n := ccs.GetNbSecretVariables()
	if len(secret) != n*elementSize {
		return nil, fmt.Errorf("the witness program wrote %d secret inputs, the circuit has %d", len(secret)/elementSize, n)
	}
	values := make([]fr.Element, 0, publicCount+n)
	for _, b := range o.Public {
		var e fr.Element
		values = append(values, *e.SetBytes(b))
	}
	for i := range n {
		var e fr.Element
		if err := e.SetBytesCanonical(secret[i*elementSize : (i+1)*elementSize]); err != nil {
			return nil, fmt.Errorf("secret input %d is not below the order of the curve", i)
		}
		values = append(values, e)
	}
	w, err := witness.New(ecc.BN254.ScalarField())
	if err != nil {
		return nil, err
	}
	feed := make(chan any, len(values))
	for _, v := range values {
		feed <- v
	}
	close(feed)
	return w, w.Fill(publicCount, n, feed)
}
