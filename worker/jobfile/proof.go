// SPDX-License-Identifier: Apache-2.0

package jobfile

import (
	"encoding/hex"
	"math"
	"strings"

	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

const (
	classProof  = manifest.ProofClasses + "v1"
	policyProof = "proof"
)

// Proof is what a proved job is proved with.
type Proof struct {
	// Circuit is the id of the circuit on the chain.
	Circuit uint64
	// Constraints is the constraint system, Key the proving key.
	Constraints, Key Source
}

// isProof reports whether the job file is of a class of proofs.
func (f *File) isProof() bool { return strings.HasPrefix(f.Engine, manifest.ProofClasses) }

// proof reads what a proved job has and others have not.
func (d *decoder) proof(o object, f *File) {
	if d.err != nil {
		return
	}
	if !f.isProof() {
		for _, key := range []string{"proof", "statement"} {
			if o.has(key) {
				d.fail(o.at(key), "%s is for engine %s, engine %.64q proves nothing", key, classProof, f.Engine)
			}
		}
		return
	}
	if f.Engine != classProof {
		d.fail(o.at("engine"), "engine %.64q is not known, write %s", f.Engine, classProof)
	}
	o.require("proof", "proof: {circuit: 1, constraints: {path: circuit.r1cs}, key: {path: proving.key}}")
	if d.err != nil {
		return
	}
	p := d.object(o.fields["proof"], "proof", "circuit", "constraints", "key")
	p.require("circuit", "the id of the circuit on the chain, such as circuit: 1")
	p.require("constraints", "constraints: {path: circuit.r1cs}")
	p.require("key", "key: {path: proving.key}")
	if d.err != nil {
		return
	}
	f.Proof = &Proof{
		Circuit:     p.whole("circuit", math.MaxInt64),
		Constraints: d.source(p.fields["constraints"], "proof.constraints"), Key: d.source(p.fields["key"], "proof.key"),
	}
	if f.Proof.Constraints.Encrypted || f.Proof.Key.Encrypted {
		d.fail(p.node, "proof is encrypted, only stdin and inputs may be")
	}
}

// statement reads 32 bytes in hexadecimal.
func (d *decoder) statement(o object) []byte {
	text := o.text("statement")
	b, err := hex.DecodeString(text)
	if d.err == nil && (err != nil || len(b) != markettypes.HashSize) {
		d.fail(o.at("statement"), "%s %.80q is not 64 hex digits", o.path("statement"), text)
	}
	return b
}

// proofTerms checks how class, policy and terms fit together.
func (d *decoder) proofTerms(o object, f *File) {
	proved := f.Policy == markettypes.PolicyProof
	switch {
	case d.err != nil || !proved && !f.isProof():
	case !proved:
		d.fail(o.at("engine"), "engine %s is for policy proof, write policy: proof", f.Engine)
	case !f.isProof():
		d.fail(o.at("policy"), "policy proof is for engine %s, engine is %s", classProof, f.Engine)
	case f.Count() > markettypes.MaxProofTasks:
		d.fail(o.at("sweep"), "sweep has %d elements, a proved job has at most %d", f.Count(), markettypes.MaxProofTasks)
	case f.ValueAtStake != 0:
		d.fail(o.at("value_at_stake"), "value_at_stake is for results that could be wrong, a proof puts no bond at stake")
	case len(f.Encrypt.ResultsTo) > 0:
		d.fail(o.at("encrypt"), "encrypt.results_to cannot hide the result of a proved job, which is on the chain")
	default:
		d.statements(o, f)
	}
}

// statements checks that every task has one.
func (d *decoder) statements(o object, f *File) {
	for i := range f.Count() {
		if len(f.statementOf(i)) == 0 {
			d.fail(o.node, "task %d has no statement, write statement: with 64 hex digits, what the circuit takes as given", i)
			return
		}
	}
}

// statementOf is that of a task of the sweep, or else that of the job.
func (f *File) statementOf(i int) []byte {
	if len(f.Sweep) > 0 && len(f.Sweep[i].Statement) > 0 {
		return f.Sweep[i].Statement
	}
	return f.Task.Statement
}

// proof resolves the files of a proved job.
func (r *resolver) proof(p *Proof) (*manifest.Proof, error) {
	constraints, _, err := r.ref(p.Constraints)
	if err != nil {
		return nil, err
	}
	key, _, err := r.ref(p.Key)
	return &manifest.Proof{Circuit: p.Circuit, Constraints: constraints, Key: key}, err
}

// proveMessage adds to the message what only proved jobs have.
func (j *Job) proveMessage() {
	if j.File.Proof == nil {
		return
	}
	j.Msg.Circuit = j.File.Proof.Circuit
	for i := range j.File.Count() {
		j.Msg.Statement = append(j.Msg.Statement, j.File.statementOf(i)...)
	}
}
