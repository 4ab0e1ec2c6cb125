// SPDX-License-Identifier: Apache-2.0

package engine

import "fmt"

// Outcome says how a run ended. Values below 16 are deterministic: replicas
// compare them and they are paid. Values from 16 on are made by the host; they
// are faults and never a result.
type Outcome uint32

// The outcomes. Numbers are append-only: they are written to the chain.
const (
	// OutcomeOK is a guest that ended by itself with exit code 0.
	OutcomeOK Outcome = 1
	// OutcomeExit is a guest that ended by itself with another exit code.
	OutcomeExit Outcome = 2
	// OutcomeTrap is a guest that was stopped for something it did, or a module
	// that the class does not run.
	OutcomeTrap Outcome = 3
	// OutcomeOutOfFuel is a guest that used its whole fuel.
	OutcomeOutOfFuel Outcome = 4
	// OutcomeMemoryLimit is a guest that was refused memory and then failed.
	OutcomeMemoryLimit Outcome = 5

	// OutcomeWall is a run stopped by the limit on real time.
	OutcomeWall Outcome = 16
	// OutcomeStack is a run that exhausted the native stack.
	OutcomeStack Outcome = 17
	// OutcomeInputUnavailable is an input that could not be read.
	OutcomeInputUnavailable Outcome = 18
	// OutcomeHostError is any other failure of the host.
	OutcomeHostError Outcome = 19
)

var outcomeNames = map[Outcome]string{
	OutcomeOK:               "OK",
	OutcomeExit:             "EXIT",
	OutcomeTrap:             "TRAP",
	OutcomeOutOfFuel:        "OUT_OF_FUEL",
	OutcomeMemoryLimit:      "MEMORY_LIMIT",
	OutcomeWall:             "WALL",
	OutcomeStack:            "STACK",
	OutcomeInputUnavailable: "INPUT_UNAVAILABLE",
	OutcomeHostError:        "HOST_ERROR",
}

// Deterministic reports whether every honest replica of the class ends the same
// way, so that the run is a result.
func (o Outcome) Deterministic() bool {
	return o >= OutcomeOK && o <= OutcomeMemoryLimit
}

// String is the name used in the artifact's meta entry.
func (o Outcome) String() string {
	if name, ok := outcomeNames[o]; ok {
		return name
	}
	return fmt.Sprintf("Outcome(%d)", uint32(o))
}

// ParseOutcome is the inverse of String for known outcomes.
func ParseOutcome(s string) (Outcome, error) {
	for o, name := range outcomeNames {
		if name == s {
			return o, nil
		}
	}
	return 0, fmt.Errorf("unknown outcome %q: the artifact was made by a newer or a broken engine", s)
}
