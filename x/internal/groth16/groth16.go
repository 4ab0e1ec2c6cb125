// SPDX-License-Identifier: Apache-2.0

// Package groth16 checks Groth16 proofs over BN254 on the state path: fixed
// sizes, one encoding of every point, no goroutine, no panic on any bytes.
// Keys and proofs are those of gnark, in its raw encoding and without
// commitments. See x/oracle/adr.
package groth16

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// Sizes in bytes of what callers hand in.
const (
	// ProofSize is that of a proof: A (G1), B (G2), C (G1), uncompressed.
	ProofSize = 2*g1Size + g2Size
	// InputSize is that of one public input, big endian and below the modulus.
	InputSize = fr.Bytes
	// MaxInputs is the most public inputs of a key.
	MaxInputs = 32

	g1Size = 2 * fp.Bytes
	g2Size = 4 * fp.Bytes
	// fixedSize is α, β (G1), β, γ (G2), δ (G1), δ (G2), as gnark orders them.
	fixedSize = 3*g1Size + 3*g2Size
	countSize = 4
)

// Errors of the package; callers wrap them.
var (
	ErrKey     = errors.New("malformed verifying key")
	ErrProof   = errors.New("malformed proof")
	ErrInput   = errors.New("malformed public input")
	ErrInvalid = errors.New("proof does not verify")
)

// KeySize is the exact size of a key with a number of public inputs: gnark's
// VerifyingKey.WriteRawTo without commitments.
func KeySize(inputs int) int {
	return fixedSize + countSize + (inputs+1)*g1Size + 2*countSize
}

// Key is a verifying key.
type Key struct {
	alpha              bn254.G1Affine
	beta, gamma, delta bn254.G2Affine
	k                  []bn254.G1Affine
}

// ParseKey decodes a key that comes from a user. Every point must be on its
// curve, in its subgroup and not at infinity. A public input that the circuit
// does not constrain has its point at infinity: such a key is refused, since
// its proofs would fit any value of that input.
func ParseKey(b []byte, inputs int) (*Key, error) { return parseKey(b, inputs, true) }

// TrustedKey decodes a key that ParseKey has accepted before, without the
// checks of curve and subgroup.
func TrustedKey(b []byte, inputs int) (*Key, error) { return parseKey(b, inputs, false) }

func parseKey(b []byte, inputs int, check bool) (*Key, error) {
	if inputs < 1 || inputs > MaxInputs {
		return nil, fmt.Errorf("%w: %d public inputs, 1 to %d are allowed", ErrKey, inputs, MaxInputs)
	}
	if len(b) != KeySize(inputs) {
		return nil, fmt.Errorf("%w: %d bytes, a key with %d public inputs has %d", ErrKey, len(b), inputs, KeySize(inputs))
	}
	r := reader{rest: b, check: check}
	key := &Key{k: make([]bn254.G1Affine, inputs+1)}
	key.alpha = r.g1("alpha")
	r.g1("beta") // the pairing needs β and δ in G2 only
	key.beta, key.gamma = r.g2("beta"), r.g2("gamma")
	r.g1("delta")
	key.delta = r.g2("delta")
	r.count("points of inputs", uint32(inputs)+1)
	for i := range key.k {
		key.k[i] = r.g1(fmt.Sprintf("input %d", i-1))
	}
	r.count("committed inputs", 0)
	r.count("commitments", 0)
	if r.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, r.err)
	}
	return key, nil
}

// Verify returns nil iff the proof shows that the circuit holds for the public
// inputs. It runs one multi-pairing of four pairs whatever the bytes are worth,
// or fails before.
func (key *Key) Verify(proof []byte, inputs [][]byte) error {
	if len(proof) != ProofSize {
		return fmt.Errorf("%w: %d bytes, must be %d", ErrProof, len(proof), ProofSize)
	}
	sum, err := key.fold(inputs)
	if err != nil {
		return err
	}
	r := reader{rest: proof, check: true}
	a, b, c := r.g1("A"), r.g2("B"), r.g1("C")
	if r.err != nil {
		return fmt.Errorf("%w: %w", ErrProof, r.err)
	}
	// e(A, B) = e(α, β) · e(Σ, γ) · e(C, δ)
	var alpha bn254.G1Affine
	alpha.Neg(&key.alpha)
	sum.Neg(&sum)
	c.Neg(&c)
	ok, err := bn254.PairingCheck([]bn254.G1Affine{a, alpha, sum, c}, []bn254.G2Affine{b, key.beta, key.gamma, key.delta})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	if !ok {
		return ErrInvalid
	}
	return nil
}

// fold returns k[0] + Σ inputs[i] · k[i+1]. One product after the other: the
// library's multi-exponentiation would start goroutines.
func (key *Key) fold(inputs [][]byte) (bn254.G1Affine, error) {
	var out bn254.G1Affine
	if len(inputs) != len(key.k)-1 {
		return out, fmt.Errorf("%w: %d inputs, the key takes %d", ErrInput, len(inputs), len(key.k)-1)
	}
	var sum bn254.G1Jac
	sum.FromAffine(&key.k[0])
	for i, b := range inputs {
		if len(b) != InputSize {
			return out, fmt.Errorf("%w: input %d has %d bytes, must be %d", ErrInput, i, len(b), InputSize)
		}
		var x fr.Element
		if err := x.SetBytesCanonical(b); err != nil {
			return out, fmt.Errorf("%w: input %d is not below the modulus", ErrInput, i)
		}
		var scalar big.Int
		var term bn254.G1Jac
		term.FromAffine(&key.k[i+1])
		term.ScalarMultiplication(&term, x.BigInt(&scalar))
		sum.AddAssign(&term)
	}
	out.FromJacobian(&sum)
	return out, nil
}

// reader decodes points of known sizes and keeps the first error. Its caller
// has checked the size of the whole.
type reader struct {
	rest  []byte
	check bool
	err   error
}

func (r *reader) next(n int) []byte {
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) fail(name, why string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s %s", name, why)
	}
}

func (r *reader) count(name string, want uint32) {
	if n := binary.BigEndian.Uint32(r.next(countSize)); n != want {
		r.fail(name, fmt.Sprintf("are %d, must be %d", n, want))
	}
}

// coordinate reads a field element. Flags of compressed points are bits above
// the modulus, so a flagged coordinate is not canonical.
func (r *reader) coordinate(name string) (e fp.Element) {
	if err := e.SetBytesCanonical(r.next(fp.Bytes)); err != nil {
		r.fail(name, "is not an uncompressed point")
	}
	return e
}

func (r *reader) g1(name string) (p bn254.G1Affine) {
	p.X, p.Y = r.coordinate(name), r.coordinate(name)
	switch {
	case p.IsInfinity():
		r.fail(name, "is at infinity")
	case r.check && !p.IsInSubGroup(): // G1 is the whole curve
		r.fail(name, "is not on the curve")
	}
	return p
}

func (r *reader) g2(name string) (p bn254.G2Affine) {
	p.X.A1, p.X.A0 = r.coordinate(name), r.coordinate(name)
	p.Y.A1, p.Y.A0 = r.coordinate(name), r.coordinate(name)
	switch {
	case p.IsInfinity():
		r.fail(name, "is at infinity")
	case r.check && (!p.IsOnCurve() || !p.IsInSubGroup()):
		r.fail(name, "is not in the subgroup of its curve")
	}
	return p
}
