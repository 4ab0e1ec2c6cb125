// SPDX-License-Identifier: Apache-2.0

// Package circuits proves small tasks for tests: a real circuit, a trusted
// setup made when the test starts, and a prover. Nobody may trust its keys.
package circuits

import (
	"bytes"
	"fmt"
	"math/big"
	"os"
	"path/filepath"

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
// modulo the order of BN254, big endian, the digest below the order: another
// digest would be the same number. The binding is squared, so that the proof
// holds for one binding only.
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
	x := join(api, c.StatementLow, c.StatementHigh)
	assertDigest(api, api.Mul(x, x, x), c.DigestLow, c.DigestHigh)
	api.Mul(c.BindingLow, c.BindingLow)
	api.Mul(c.BindingHigh, c.BindingHigh)
	return nil
}

// Root is Cube of a number that nobody learns: the statement is its square, the
// digest its cube.
type Root struct {
	BindingLow    frontend.Variable `gnark:",public"`
	BindingHigh   frontend.Variable `gnark:",public"`
	DigestLow     frontend.Variable `gnark:",public"`
	DigestHigh    frontend.Variable `gnark:",public"`
	StatementLow  frontend.Variable `gnark:",public"`
	StatementHigh frontend.Variable `gnark:",public"`
	Secret        frontend.Variable
}

// Define implements frontend.Circuit.
func (c *Root) Define(api frontend.API) error {
	square := api.Mul(c.Secret, c.Secret)
	api.AssertIsEqual(square, join(api, c.StatementLow, c.StatementHigh))
	assertDigest(api, api.Mul(square, c.Secret), c.DigestLow, c.DigestHigh)
	api.Mul(c.BindingLow, c.BindingLow)
	api.Mul(c.BindingHigh, c.BindingHigh)
	return nil
}

// join returns the number of two halves, modulo the order.
func join(api frontend.API, low, high frontend.Variable) frontend.Variable {
	return api.Add(low, api.Mul(high, new(big.Int).Lsh(big.NewInt(1), 128)))
}

// assertDigest makes the halves those of the one encoding of y that is below the
// order. Joining the halves would not: several digests are the same number.
func assertDigest(api frontend.API, y, low, high frontend.Variable) {
	bits := api.ToBinary(y)
	api.AssertIsEqual(low, api.FromBinary(bits[:128]...))
	api.AssertIsEqual(high, api.FromBinary(bits[128:]...))
}

// System is a compiled circuit with the keys of one setup.
type System struct {
	ccs constraint.ConstraintSystem
	pk  groth16.ProvingKey
	// Key is the verifying key as the chain takes it.
	Key []byte
}

// NewCube compiles Cube and makes new keys.
func NewCube() (*System, error) { return newSystem(&Cube{}) }

// NewRoot compiles Root and makes new keys.
func NewRoot() (*System, error) { return newSystem(&Root{}) }

// Names of the files that Write makes.
const (
	ConstraintsName = "circuit.r1cs"
	ProvingName     = "proving.key"
	VerifyingName   = "verifying.key"
)

// Write puts the constraint system and the keys into a directory.
func (s *System) Write(dir string) error {
	var ccs, pk bytes.Buffer
	if _, err := s.ccs.WriteTo(&ccs); err != nil {
		return fmt.Errorf("write the constraint system: %w", err)
	}
	if _, err := s.pk.WriteRawTo(&pk); err != nil {
		return fmt.Errorf("write the proving key: %w", err)
	}
	for name, content := range map[string][]byte{ConstraintsName: ccs.Bytes(), ProvingName: pk.Bytes(), VerifyingName: s.Key} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func newSystem(circuit frontend.Circuit) (*System, error) {
	logger.Set(zerolog.Nop())
	ccs, err := frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, circuit)
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

// Square returns the statement of Root for a secret of 32 bytes.
func Square(secret []byte) []byte {
	var x, y fr.Element
	x.SetBytes(secret)
	b := y.Square(&x).Bytes()
	return b[:]
}

// Prove returns Digest(statement) and the proof that it is right for a binding. It is for
// NewCube only.
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
