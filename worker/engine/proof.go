// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"errors"
	"fmt"
	"strings"
)

// ProofClasses is what the names of all classes of proofs start with.
const ProofClasses = "groth16/"

// Proof is what a proved job needs beside the program that computes the witness.
type Proof struct {
	// Constraints and Key are host paths of the constraint system and of the
	// proving key, fetched and hash-checked.
	Constraints, Key string
	// Verifying is the verifying key as the chain has it. A proof that it does
	// not accept is never a result.
	Verifying []byte
	// Binding ties the proof to the task and its operator.
	Binding [32]byte
	// Statement is what the circuit takes as given.
	Statement [32]byte
}

// validateProof checks that the class and what the job asks for fit.
func (j Job) validateProof() error {
	switch proved := strings.HasPrefix(j.Class, ProofClasses); {
	case proved && j.Proof == nil:
		return fmt.Errorf("class %s needs a circuit: set proof", j.Class)
	case !proved && j.Proof != nil:
		return fmt.Errorf("class %s proves nothing: remove proof", j.Class)
	case proved && j.Container != nil:
		return errors.New("a proved job has a module and no container")
	}
	return nil
}
