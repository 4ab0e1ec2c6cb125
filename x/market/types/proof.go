// SPDX-License-Identifier: Apache-2.0

package types

import errorsmod "cosmossdk.io/errors"

// Errors of proofs and models.
var (
	ErrInvalidCircuit = errorsmod.Register(ModuleName, 80, "invalid circuit or statement")
	ErrInvalidProof   = errorsmod.Register(ModuleName, 81, "proof is not accepted")
	ErrInvalidModel   = errorsmod.Register(ModuleName, 82, "model cannot be used")
)

const (
	domainProof     = "cupel/market/proof/v1"
	domainProofLeaf = "cupel/market/proof-leaf/v1"
)

// Bounds of PROOF batches.
const (
	// MaxProofTasks is the most tasks of a PROOF batch: every one has a
	// statement in the batch's record.
	MaxProofTasks = 32
	// ProofInputs is the number of public inputs of a circuit that the market
	// pays for.
	ProofInputs = 6

	// MaxRoyaltyBps is the most that royalty_max_bps may allow.
	MaxRoyaltyBps = 500
)

// ProofBinding returns what binds a proof to who made it and for what: sha256
// over the domain, the chain id, the task and the operator's address bytes.
func ProofBinding(chainID string, task uint64, operator []byte) []byte {
	p := newPreimage(domainProof)
	p.bytes([]byte(chainID))
	p.uint(task)
	p.bytes(operator)
	return p.h.Sum(nil)
}

// PublicInputs returns the public inputs of a proof, 32 bytes each, big endian:
// the low and the high 128 bits of binding, digest and statement, each 32 bytes.
func PublicInputs(binding, digest, statement []byte) [][]byte {
	out := make([][]byte, 0, ProofInputs)
	for _, hash := range [][]byte{binding, digest, statement} {
		out = append(out, half(hash[16:]), half(hash[:16]))
	}
	return out
}

// half extends 16 bytes to a field element of 32.
func half(b []byte) []byte {
	return append(make([]byte, 16, HashSize), b...)
}

// ProofLeaf returns the result that the leaf of a proved task carries: sha256
// over the domain, the circuit's id, the sha256 of its verifying key and the
// digest. So a leaf says which circuit vouches for it.
func ProofLeaf(circuit uint64, keyHash, digest []byte) []byte {
	p := newPreimage(domainProofLeaf)
	p.uint(circuit)
	p.bytes(keyHash)
	p.bytes(digest)
	return p.h.Sum(nil)
}

// StatementOf returns what the circuit takes as given for a task of the batch.
func (b Batch) StatementOf(index uint32) []byte {
	return b.Statement[index*HashSize : (index+1)*HashSize]
}

// validateProof checks what only PROOF batches have, and that others have it not.
func (m MsgSubmit) validateProof(Params) error {
	if m.Policy != PolicyProof {
		if m.Circuit != 0 || len(m.Statement) != 0 {
			return ErrInvalidCircuit.Wrapf("%s takes neither circuit nor statement", m.Policy)
		}
		return nil
	}
	switch {
	case m.Circuit == 0:
		return ErrInvalidCircuit.Wrapf("%s needs a circuit", m.Policy)
	case m.Count > MaxProofTasks:
		return ErrInvalidCount.Wrapf("%d, a batch of %s has at most %d tasks", m.Count, m.Policy, MaxProofTasks)
	case len(m.Statement) != int(m.Count)*HashSize:
		return ErrInvalidCircuit.Wrapf("statement has %d bytes, must be %d for each of %d tasks", len(m.Statement), HashSize, m.Count)
	case m.ValueAtStake != 0:
		return ErrInvalidPrice.Wrap("a proof puts no bond at stake")
	}
	return nil
}

// validateModel checks the model that a submit names, if any.
func (m MsgSubmit) validateModel(Params) error {
	if (m.Model == 0) != (m.ModelVersion == 0) {
		return ErrInvalidModel.Wrapf("model %d version %d: give both or neither", m.Model, m.ModelVersion)
	}
	return nil
}

// validateProofBatch checks the circuit, the statement and the royalty of a
// batch in genesis.
func (b Batch) validateProofBatch() error {
	proof := b.Policy == PolicyProof
	switch {
	case proof && (b.Circuit == 0 || b.Replicas != 1 || len(b.Statement) != int(b.Count)*HashSize):
		return ErrInvalidCircuit.Wrapf("batch %d: circuit %d, %d replicas, statement of %d bytes for %d tasks", b.Id, b.Circuit, b.Replicas, len(b.Statement), b.Count)
	case !proof && (b.Circuit != 0 || len(b.Statement) != 0):
		return ErrInvalidCircuit.Wrapf("batch %d is %s and has a circuit", b.Id, b.Policy)
	case b.RoyaltyBps > MaxRoyaltyBps || (b.RoyaltyBps > 0 && (len(b.RoyaltyTo) == 0 || b.Model == 0)):
		return ErrInvalidModel.Wrapf("batch %d: royalty of %d bps to %d bytes for model %d", b.Id, b.RoyaltyBps, len(b.RoyaltyTo), b.Model)
	}
	return nil
}

// Fault returns the host-made outcome that the answer reports of all its tasks
// instead of proofs, or OutcomeUnspecified.
func (r LotProof) Fault() Outcome {
	if len(r.Proofs) > 0 || len(r.Results) == 0 || !r.Results[0].Outcome.HostMade() {
		return OutcomeUnspecified
	}
	for _, other := range r.Results[1:] {
		if other.Outcome != r.Results[0].Outcome {
			return OutcomeUnspecified
		}
	}
	return r.Results[0].Outcome
}
