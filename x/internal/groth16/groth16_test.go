// SPDX-License-Identifier: Apache-2.0

package groth16_test

import (
	"bytes"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	gnark "github.com/consensys/gnark/backend/groth16"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
	"github.com/consensys/gnark/logger"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/internal/groth16"
)

// cube knows the cube root of Y, and binds a tag that it does not compute with.
type cube struct {
	X      frontend.Variable
	Y, Tag frontend.Variable `gnark:",public"`
}

// Define implements frontend.Circuit.
func (c *cube) Define(api frontend.API) error {
	api.AssertIsEqual(api.Mul(c.X, c.X, c.X), c.Y)
	api.Mul(c.Tag, c.Tag)
	return nil
}

// loose names a public input that no constraint has.
type loose struct {
	X      frontend.Variable
	Y, Tag frontend.Variable `gnark:",public"`
}

// Define implements frontend.Circuit.
func (c *loose) Define(api frontend.API) error {
	api.AssertIsEqual(api.Mul(c.X, c.X, c.X), c.Y)
	return nil
}

// committed needs a commitment, which the chain does not know.
type committed struct {
	X frontend.Variable
	Y frontend.Variable `gnark:",public"`
}

// Define implements frontend.Circuit.
func (c *committed) Define(api frontend.API) error {
	commitment, err := api.(frontend.Committer).Commit(c.X)
	if err != nil {
		return err
	}
	api.AssertIsDifferent(commitment, 0)
	api.AssertIsEqual(api.Mul(c.X, c.X, c.X), c.Y)
	return nil
}

func init() { logger.Set(zerolog.Nop()) }

// sample is a key with a proof of it.
type sample struct {
	vk         gnark.VerifyingKey
	proof      gnark.Proof
	key, bytes []byte
	inputs     [][]byte
}

func setup(t testing.TB, circuit frontend.Circuit) (gnark.ProvingKey, gnark.VerifyingKey, []byte, func(frontend.Circuit) gnark.Proof) {
	t.Helper()
	ccs, err := frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, circuit, frontend.IgnoreUnconstrainedInputs())
	require.NoError(t, err)
	pk, vk, err := gnark.Setup(ccs)
	require.NoError(t, err)
	var key bytes.Buffer
	_, err = vk.WriteRawTo(&key)
	require.NoError(t, err)
	return pk, vk, key.Bytes(), func(assignment frontend.Circuit) gnark.Proof {
		w, err := frontend.NewWitness(assignment, ecc.BN254.ScalarField())
		require.NoError(t, err)
		proof, err := gnark.Prove(ccs, pk, w)
		require.NoError(t, err)
		return proof
	}
}

func newSample(t testing.TB) sample {
	t.Helper()
	_, vk, key, prove := setup(t, &cube{})
	s := sample{vk: vk, key: key, proof: prove(&cube{X: 3, Y: 27, Tag: 7})}
	var b bytes.Buffer
	_, err := s.proof.WriteRawTo(&b)
	require.NoError(t, err)
	s.bytes = b.Bytes()[:groth16.ProofSize]
	s.inputs = [][]byte{input(27), input(7)}
	return s
}

func input(v uint64) []byte {
	e := fr.NewElement(v)
	b := e.Bytes()
	return b[:]
}

func TestVerifyAgreesWithGnark(t *testing.T) {
	s := newSample(t)
	key, err := groth16.ParseKey(s.key, 2)
	require.NoError(t, err)
	require.Len(t, s.key, groth16.KeySize(2))
	trusted, err := groth16.TrustedKey(s.key, 2)
	require.NoError(t, err)
	require.Equal(t, key, trusted)
	for y := range uint64(40) {
		for _, tag := range []uint64{0, 7} {
			w, err := frontend.NewWitness(&cube{Y: y, Tag: tag}, ecc.BN254.ScalarField(), frontend.PublicOnly())
			require.NoError(t, err)
			theirs := gnark.Verify(s.proof, s.vk, w)

			ours := key.Verify(s.bytes, [][]byte{input(y), input(tag)})

			require.Equal(t, theirs == nil, ours == nil, "y %d, tag %d: gnark says %v", y, tag, theirs)
			require.Equal(t, y == 27 && tag == 7, ours == nil)
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	s := newSample(t)
	modulus := fr.Modulus().FillBytes(make([]byte, 32))
	other := newSample(t)
	tests := map[string]struct {
		edit func(proof []byte, inputs [][]byte) ([]byte, [][]byte)
		err  error
	}{
		"nothing":            {func(p []byte, in [][]byte) ([]byte, [][]byte) { return nil, in }, groth16.ErrProof},
		"a byte less":        {func(p []byte, in [][]byte) ([]byte, [][]byte) { return p[1:], in }, groth16.ErrProof},
		"a byte more":        {func(p []byte, in [][]byte) ([]byte, [][]byte) { return append(p, 0), in }, groth16.ErrProof},
		"all zero":           {func(p []byte, in [][]byte) ([]byte, [][]byte) { return make([]byte, len(p)), in }, groth16.ErrProof},
		"a compressed flag":  {func(p []byte, in [][]byte) ([]byte, [][]byte) { p[0] |= 0x80; return p, in }, groth16.ErrProof},
		"off the curve":      {func(p []byte, in [][]byte) ([]byte, [][]byte) { p[63] ^= 1; return p, in }, groth16.ErrProof},
		"B off its curve":    {func(p []byte, in [][]byte) ([]byte, [][]byte) { p[191] ^= 1; return p, in }, groth16.ErrProof},
		"B off its subgroup": {func(p []byte, in [][]byte) ([]byte, [][]byte) { copy(p[64:], offSubgroup(t)); return p, in }, groth16.ErrProof},
		"a coordinate above the modulus": {func(p []byte, in [][]byte) ([]byte, [][]byte) {
			for i := range 32 {
				p[i] = 0x3f
			}
			return p, in
		}, groth16.ErrProof},
		"C of another proof": {func(p []byte, in [][]byte) ([]byte, [][]byte) { copy(p[192:], other.bytes[192:]); return p, in }, groth16.ErrInvalid},
		"of another key":     {func(p []byte, in [][]byte) ([]byte, [][]byte) { return other.bytes, in }, groth16.ErrInvalid},
		"no inputs":          {func(p []byte, in [][]byte) ([]byte, [][]byte) { return p, nil }, groth16.ErrInput},
		"an input too many":  {func(p []byte, in [][]byte) ([]byte, [][]byte) { return p, append(in, in[0]) }, groth16.ErrInput},
		"a short input":      {func(p []byte, in [][]byte) ([]byte, [][]byte) { return p, [][]byte{in[0][1:], in[1]} }, groth16.ErrInput},
		"an input of the modulus": {func(p []byte, in [][]byte) ([]byte, [][]byte) {
			return p, [][]byte{modulus, in[1]}
		}, groth16.ErrInput},
		"another input": {func(p []byte, in [][]byte) ([]byte, [][]byte) { return p, [][]byte{in[0], input(8)} }, groth16.ErrInvalid},
	}
	key, err := groth16.ParseKey(s.key, 2)
	require.NoError(t, err)
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			proof, inputs := tc.edit(bytes.Clone(s.bytes), s.inputs)
			require.ErrorIs(t, key.Verify(proof, inputs), tc.err)
		})
	}
	require.NoError(t, key.Verify(s.bytes, s.inputs))
}

// offSubgroup returns a point of the twist that is in no subgroup of order r.
func offSubgroup(t *testing.T) []byte {
	t.Helper()
	var g bn254.G2Affine
	for x := uint64(1); x < 100; x++ {
		var y2, x3, b bn254.E2
		g.X.A0.SetUint64(x)
		x3.Square(&g.X).Mul(&x3, &g.X)
		b.A0.SetUint64(9)
		b.A1.SetUint64(1)
		b.Inverse(&b) // the twist is y² = x³ + 3/(9+u)
		var three bn254.E2
		three.A0.SetUint64(3)
		b.Mul(&b, &three)
		y2.Add(&x3, &b)
		if y2.Legendre() != 1 {
			continue
		}
		g.Y.Sqrt(&y2)
		if g.IsOnCurve() && !g.IsInSubGroup() {
			out := g.RawBytes()
			return out[:]
		}
	}
	require.Fail(t, "no such point below 100")
	return nil
}

func TestParseKeyRefuses(t *testing.T) {
	s := newSample(t)
	_, _, looseKey, _ := setup(t, &loose{})
	_, _, committedKey, _ := setup(t, &committed{})
	edited := func(at int, with ...byte) []byte {
		b := bytes.Clone(s.key)
		copy(b[at:], with)
		return b
	}
	zeros := make([]byte, 64)
	tests := map[string]struct {
		key    []byte
		inputs int
		why    string
	}{
		"nothing":                {nil, 2, "bytes"},
		"no inputs":              {s.key[:groth16.KeySize(0)], 0, "public inputs"},
		"too many inputs":        {make([]byte, groth16.KeySize(33)), 33, "public inputs"},
		"another number":         {s.key, 3, "bytes"},
		"a byte more":            {append(bytes.Clone(s.key), 0), 2, "bytes"},
		"alpha at infinity":      {edited(0, zeros...), 2, "alpha is at infinity"},
		"beta off its curve":     {edited(255, s.key[255]^1), 2, "beta is not in the subgroup"},
		"delta off the subgroup": {edited(448, offSubgroup(t)...), 2, "delta is not in the subgroup"},
		"a count that lies":      {edited(579, 9), 2, "points of inputs are 9"},
		"an input at infinity":   {edited(580+64, zeros...), 2, "input 0 is at infinity"},
		"a commitment":           {edited(len(s.key)-1, 1), 2, "commitments are 1"},
		"an unconstrained input": {looseKey, 2, "input 1 is at infinity"},
		"gnark's commitments":    {committedKey, 1, "bytes"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := groth16.ParseKey(tc.key, tc.inputs)
			require.ErrorIs(t, err, groth16.ErrKey)
			require.ErrorContains(t, err, tc.why)
		})
	}
}

// FuzzVerify: no bytes panic, and only the proof that was made verifies.
func FuzzVerify(f *testing.F) {
	s := newSample(f)
	f.Add(s.key, s.bytes, s.inputs[0], s.inputs[1])
	f.Add([]byte{}, []byte{}, []byte{}, []byte{})
	f.Add(make([]byte, groth16.KeySize(2)), make([]byte, groth16.ProofSize), make([]byte, 32), make([]byte, 32))
	good, err := groth16.ParseKey(s.key, 2)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, key, proof, y, tag []byte) {
		if k, err := groth16.ParseKey(key, 2); err == nil {
			_ = k.Verify(proof, [][]byte{y, tag})
		}
		if k, err := groth16.TrustedKey(key, 2); err == nil {
			_ = k.Verify(proof, [][]byte{y, tag})
		}
		if good.Verify(proof, [][]byte{y, tag}) == nil {
			require.Equal(t, s.inputs, [][]byte{y, tag})
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	s := newSample(b)
	for b.Loop() {
		key, err := groth16.TrustedKey(s.key, 2)
		require.NoError(b, err)
		require.NoError(b, key.Verify(s.bytes, s.inputs))
	}
}

func BenchmarkParseKey(b *testing.B) {
	s := newSample(b)
	for b.Loop() {
		_, err := groth16.ParseKey(s.key, 2)
		require.NoError(b, err)
	}
}
