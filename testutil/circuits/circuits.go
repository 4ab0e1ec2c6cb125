// SPDX-License-Identifier: Apache-2.0

// Package circuits proves small tasks for tests: a real circuit, a trusted
// setup made when the test starts, and a prover. Nobody may trust its keys.
package circuits

import (
	"bytes"
	"fmt"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/backend/groth16"
	"github.com/consensys/gnark/constraint"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
	"github.com/consensys/gnark/logger"
	"github.com/rs/zerolog"
)

// Sizes in bytes.
const (
	hashSize = 32
	// ProofSize is that of the proofs that Prove returns.
	ProofSize = 256
	// Inputs is the number of public inputs.
	Inputs = 6
)

// Cube says that the digest is the cube of the statement, both taken as numbers
// modulo the order of BN254, big endian. The binding is squared, so that the
// proof holds for one binding only.
type Cube struct {
	BindingLow    frontend.Variable `gnark:",public"`
	BindingHigh   frontend.Variable `gnark:",public"`
	DigestLow     frontend.Variable `gnark:",public"`
	DigestHigh    frontend.Variable `gnark:",public"`
	StatementLow  frontend.Variable `gnark:",public"`
	StatementHigh frontend.Variable `gnark:",public"`
}

// Define implements frontend.Circuit.
func (c *Cube) Define(api frontend.API) error {
	shift := new(big.Int).Lsh(big.NewInt(1), 128)
	x := api.Add(c.StatementLow, api.Mul(c.StatementHigh, shift))
	y := api.Add(c.DigestLow, api.Mul(c.DigestHigh, shift))
	api.AssertIsEqual(y, api.Mul(x, x, x))
	api.Mul(c.BindingLow, c.BindingLow)
	api.Mul(c.BindingHigh, c.BindingHigh)
	return nil
}

// System is a compiled Cube with the keys of one setup.
type System struct {
	ccs constraint.ConstraintSystem
	pk  groth16.ProvingKey
	// Key is the verifying key as the chain takes it.
	Key []byte
}

// NewCube compiles Cube and makes new keys.
func NewCube() (*System, error) {
	logger.Set(zerolog.Nop())
	ccs, err := frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, &Cube{})
	if err != nil {
		return nil, fmt.Errorf("compile the circuit: %w", err)
	}
	pk, vk, err := groth16.Setup(ccs)
	if err != nil {
		return nil, fmt.Errorf("make the keys: %w", err)
	}
	var key bytes.Buffer
	if _, err := vk.WriteRawTo(&key); err != nil {
		return nil, fmt.Errorf("write the verifying key: %w", err)
	}
	return &System{ccs: ccs, pk: pk, Key: key.Bytes()}, nil
}

// Digest returns the cube of a statement of 32 bytes.
func Digest(statement []byte) []byte {
	var x, y fr.Element
	x.SetBytes(statement)
	y.Square(&x).Mul(&y, &x)
	b := y.Bytes()
	return b[:]
}

// Prove returns Digest(statement) and the proof that it is right for a binding.
func (s *System) Prove(binding, statement []byte) (digest, proof []byte, err error) {
	digest = Digest(statement)
	if len(binding) != hashSize || len(statement) != hashSize {
		return nil, nil, fmt.Errorf("binding has %d bytes and statement %d, want %d each", len(binding), len(statement), hashSize)
	}
	witness, err := frontend.NewWitness(&Cube{
		BindingLow: binding[16:], BindingHigh: binding[:16],
		DigestLow: digest[16:], DigestHigh: digest[:16],
		StatementLow: statement[16:], StatementHigh: statement[:16],
	}, ecc.BN254.ScalarField())
	if err != nil {
		return nil, nil, fmt.Errorf("make the witness: %w", err)
	}
	proved, err := groth16.Prove(s.ccs, s.pk, witness)
	if err != nil {
		return nil, nil, fmt.Errorf("prove: %w", err)
	}
	var b bytes.Buffer
	if _, err := proved.WriteRawTo(&b); err != nil {
		return nil, nil, fmt.Errorf("write the proof: %w", err)
	}
	return digest, b.Bytes()[:ProofSize], nil
}
