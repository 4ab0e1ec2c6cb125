// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"errors"
	"fmt"
	"strings"
)

// ProofClasses is what the names of all classes of proofs start with.
const ProofClasses = "groth16/"

// Proof is what all tasks of a class of proofs are proved with. The module of
// the manifest computes their witness.
type Proof struct {
	// Circuit is the id of the circuit in x/oracle.
	Circuit uint64 `json:"circuit"`
	// Constraints is the constraint system, Key the proving key, as gnark writes
	// them with WriteTo and WriteRawTo.
	Constraints Ref `json:"constraints"`
	Key         Ref `json:"key"`
}

func (m Manifest) validateProof() error {
	proved := strings.HasPrefix(m.Class, ProofClasses)
	switch {
	case !proved && m.Proof == nil:
		return nil
	case !proved:
		return fmt.Errorf("class %s proves nothing", m.Class)
	case m.Proof == nil || m.Proof.Circuit == 0:
		return fmt.Errorf("class %s needs a circuit", m.Class)
	case m.Proof.Constraints.Encrypted || m.Proof.Key.Encrypted:
		return errors.New("proof: encrypted, only stdin and inputs may be")
	case len(m.ResultsTo) > 0:
		return errors.New("results_to: the result of a proved task is on the chain")
	}
	if err := m.Proof.Constraints.Validate(); err != nil {
		return fmt.Errorf("proof: constraints: %w", err)
	}
	if err := m.Proof.Key.Validate(); err != nil {
		return fmt.Errorf("proof: key: %w", err)
	}
	return nil
}
