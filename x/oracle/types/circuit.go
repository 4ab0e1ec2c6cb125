// SPDX-License-Identifier: Apache-2.0

package types

import (
	"crypto/sha256"
	"unicode/utf8"
)

// Bounds of circuits.
const (
	// MaxCircuitInputs is the most public inputs of a circuit.
	MaxCircuitInputs = 32
	// MaxCircuitNote is the longest note of an audit in bytes.
	MaxCircuitNote = 256
	// MaxCircuitFee bounds circuit_fee.
	MaxCircuitFee = 1_000_000_000_000

	minCircuitName = 3
	maxCircuitName = 48
)

// Gas of the curve arithmetic, charged before it. It is calibrated: by time, a
// proof costs within a factor of two of what MsgSend pays for its own.
// TestProofGas measures it.
const (
	// ProofGas is the price of one pairing check with its proof.
	ProofGas = 220_000
	// ProofInputGas is that of each public input.
	ProofInputGas = 12_000
	// CircuitGas and CircuitInputGas are those of checking a verifying key.
	CircuitGas      = 120_000
	CircuitInputGas = 12_000
)

// VerifyGas returns the gas of checking one proof.
func (c Circuit) VerifyGas() uint64 {
	return ProofGas + ProofInputGas*uint64(c.Inputs)
}

// HashKey returns the sha256 of a verifying key.
func HashKey(key []byte) []byte {
	sum := sha256.Sum256(key)
	return sum[:]
}

// Validate checks everything but the points of the key.
func (c Circuit) Validate() error {
	switch {
	case !isCircuitName(c.Name):
		return ErrInvalidCircuit.Wrapf("name %.64q: use %d to %d characters of a-z, 0-9, '.', '/' and '-'", c.Name, minCircuitName, maxCircuitName)
	case c.Inputs == 0 || c.Inputs > MaxCircuitInputs:
		return ErrInvalidCircuit.Wrapf("%d public inputs, must be 1 to %d", c.Inputs, MaxCircuitInputs)
	case len(c.Note) > MaxCircuitNote || !utf8.ValidString(c.Note):
		return ErrInvalidCircuit.Wrapf("note has %d bytes, must be UTF-8 of at most %d", len(c.Note), MaxCircuitNote)
	}
	return nil
}

func isCircuitName(name string) bool {
	if len(name) < minCircuitName || len(name) > maxCircuitName {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '/' && c != '-' {
			return false
		}
	}
	return true
}

// validateCircuits checks that circuits are numbered from 1 and that every one
// has its key.
func (gs GenesisState) validateCircuits() error {
	if len(gs.Circuits) != len(gs.CircuitKeys) {
		return ErrInvalidGenesis.Wrapf("%d circuits and %d keys", len(gs.Circuits), len(gs.CircuitKeys))
	}
	for i, c := range gs.Circuits {
		key := gs.CircuitKeys[i]
		if c.Id != uint64(i)+1 || key.Circuit != c.Id {
			return ErrInvalidGenesis.Wrapf("circuits[%d] is %d with the key of %d: they are numbered 1, 2, 3 …", i, c.Id, key.Circuit)
		}
		if err := c.Validate(); err != nil {
			return ErrInvalidGenesis.Wrapf("circuit %d: %s", c.Id, err)
		}
		if string(HashKey(key.Key)) != string(c.KeyHash) {
			return ErrInvalidGenesis.Wrapf("circuit %d: its key has another hash", c.Id)
		}
	}
	return nil
}
