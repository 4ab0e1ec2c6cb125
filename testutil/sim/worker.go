// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Answer is what a run gives: the result and the hash of memory at exit.
type Answer struct {
	Result markettypes.Result
	Memory []byte
}

// Worker is a provider that acts by what its fields say. All hooks may be nil.
type Worker struct {
	Operator, Hot, Payout sdk.AccAddress
	ID                    uint32
	// Run answers a task; nil is Honest.
	Run func(task uint64) Answer
	// Silent workers do nothing at all.
	Silent bool
	// NoReveal workers commit and do not reveal.
	NoReveal bool
	// Lazy workers do not know the memory hash: their run proofs are wrong.
	Lazy bool
	// SkipCases workers ignore cases.
	SkipCases bool
	// Prover answers lots of PROOF batches; without one they are missed.
	Prover Prover
	// Unreachable says whose artifacts it cannot fetch when it is added to a case.
	Unreachable func(provider uint32) bool
	// Vote decides a vote of a committee; nil is Vote.
	Vote func(markettypes.VerdictWork) []byte
	// SkipVotes workers ignore committees.
	SkipVotes bool
	// Tolerant workers go on when the chain refuses a message.
	Tolerant bool

	salt [32]byte
}

// Honest is the right answer to a task: half of its first 10^9 units, and a
// digest and memory that depend on the task alone.
func Honest(task uint64) Answer {
	digest, memory := hashOf("digest", task), hashOf("memory", task)
	return Answer{
		Result: markettypes.Result{Outcome: markettypes.OutcomeOK, Digest: digest, Units: 500_000_000},
		Memory: memory,
	}
}

// Wrong is another answer than Honest, the same for every liar.
func Wrong(task uint64) Answer {
	a := Honest(task)
	a.Result.Digest, a.Memory = hashOf("wrong", task), hashOf("wrong memory", task)
	return a
}

// Fault is a host-made outcome.
func Fault(outcome markettypes.Outcome) func(uint64) Answer {
	return func(uint64) Answer { return Answer{Result: markettypes.Result{Outcome: outcome}} }
}

func hashOf(name string, task uint64) []byte {
	b := binary.BigEndian.AppendUint64([]byte(name), task)
	sum := sha256.Sum256(b)
	return sum[:]
}

// AddWorker registers a provider with a bond in CUPEL and an ask in ucupel per
// 10^9 fuel, and lets it act after every block.
func (c *Chain) AddWorker(name string, bond, price uint64) (*Worker, error) {
	w := &Worker{Operator: Addr(name), Hot: Addr(name + "-hot"), Payout: Addr(name + "-pay"), salt: sha256.Sum256([]byte(name))}
	if err := c.Fund(w.Operator, bond*CUPEL); err != nil {
		return nil, err
	}
	res, err := registrykeeper.NewMsgServer(c.Registry).Register(c.Ctx, &registrytypes.MsgRegister{
		Operator: Text(w.Operator), Worker: Text(w.Hot), Payout: Text(w.Payout),
		Bond:   sdk.NewCoin(Denom, math.NewIntFromUint64(bond*CUPEL)),
		Region: "eu-west", Endpoint: fmt.Sprintf("http://%s.example.com:8080", name),
		Resources: []registrytypes.Resource{{Class: Class, Count: 8, Price: price}},
	})
	if err != nil {
		return nil, err
	}
	w.ID = res.Provider
	c.Workers = append(c.Workers, w)
	return w, nil
}

func (w *Worker) run(task uint64) Answer {
	if w.Run == nil {
		return Honest(task)
	}
	return w.Run(task)
}

// proof is the run proof for an operator. A host-made outcome has zero bytes.
func (w *Worker) proof(a Answer, task uint64, operator []byte) []byte {
	switch {
	case a.Result.Outcome.HostMade():
		return make([]byte, markettypes.HashSize)
	case w.Lazy:
		return markettypes.RunProof(task, operator, hashOf("guess", uint64(w.ID)))
	default:
		return markettypes.RunProof(task, operator, a.Memory)
	}
}

// act does what the chain awaits of the worker.
func (w *Worker) act(c *Chain) error {
	if w.Silent {
		return nil
	}
	work, err := c.Query().Work(c.Ctx, &markettypes.QueryWorkRequest{Provider: w.ID})
	if err != nil {
		return err
	}
	for _, l := range work.Lots {
		if err := w.actLot(c, l); err != nil {
			return err
		}
	}
	if err := w.actVotes(c); err != nil {
		return err
	}
	for _, k := range work.Cases {
		if w.SkipCases {
			return nil
		}
		if err := w.actCase(c, k); err != nil {
			return err
		}
	}
	return nil
}

// Reveal is the answer of the worker to a lot.
func (w *Worker) Reveal(batch uint64, l markettypes.LotWork) markettypes.LotReveal {
	r := markettypes.LotReveal{Batch: batch, Lot: l.Lot, Attempt: l.Attempt, Salt: w.salt[:]}
	for i := range l.Count {
		task := markettypes.TaskID(batch, l.First+i)
		a := w.run(task)
		r.Results = append(r.Results, a.Result)
		r.Proofs = append(r.Proofs, w.proof(a, task, w.Operator)...)
	}
	return r
}

// Prover computes the result of a statement and proves it for a binding.
type Prover interface {
	Prove(binding, statement []byte) (digest, proof []byte, err error)
}

// Proof is the answer of the worker to a lot of a PROOF batch.
func (w *Worker) Proof(b markettypes.Batch, l markettypes.LotWork) (markettypes.LotProof, error) {
	r := markettypes.LotProof{Batch: b.Id, Lot: l.Lot, Attempt: l.Attempt}
	for i := range l.Count {
		if a := w.run(markettypes.TaskID(b.Id, l.First+i)); a.Result.Outcome.HostMade() {
			r.Results = append(r.Results, a.Result)
			continue
		}
		binding := markettypes.ProofBinding(ChainID, markettypes.TaskID(b.Id, l.First+i), w.Operator)
		digest, proof, err := w.Prover.Prove(binding, b.StatementOf(l.First+i))
		if err != nil {
			return r, err
		}
		r.Results = append(r.Results, markettypes.Result{Outcome: markettypes.OutcomeOK, Digest: digest, Units: b.Limits.Units})
		r.Proofs = append(r.Proofs, proof)
	}
	return r, nil
}

func (w *Worker) prove(c *Chain, b markettypes.Batch, l markettypes.LotWork) error {
	if w.Prover == nil {
		return nil
	}
	answer, err := w.Proof(b, l)
	if err != nil {
		return err
	}
	return w.tolerate(c.Deliver(func(ctx context.Context) error {
		_, err := c.Msgs().Prove(ctx, &markettypes.MsgProve{Worker: Text(w.Hot), Lots: []markettypes.LotProof{answer}})
		return err
	}))
}

func (w *Worker) actLot(c *Chain, l markettypes.LotWork) error {
	b, err := c.Market.Batches.Get(c.Ctx, l.Batch)
	if err != nil {
		return err
	}
	if b.Policy == markettypes.PolicyProof {
		return w.prove(c, b, l)
	}
	reveal := w.Reveal(l.Batch, l)
	return w.tolerate(c.Deliver(func(ctx context.Context) error {
		switch {
		case l.Phase == markettypes.SeatAssigned && l.Replicas > 1 && l.State == markettypes.TaskAssigned:
			_, err := c.Msgs().Commit(ctx, &markettypes.MsgCommit{Worker: Text(w.Hot), Lots: []markettypes.LotCommit{{
				Batch: l.Batch, Lot: l.Lot, Attempt: l.Attempt, Commitment: markettypes.CommitLot(ChainID, w.Operator, reveal),
			}}})
			return err
		case w.NoReveal, l.Replicas > 1 && l.State != markettypes.TaskCommitted:
			return nil
		default:
			_, err := c.Msgs().Reveal(ctx, &markettypes.MsgReveal{Worker: Text(w.Hot), Lots: []markettypes.LotReveal{reveal}})
			return err
		}
	}))
}

// tolerate lets a worker be too late: the chain says so, and nothing changes.
func (w *Worker) tolerate(err error) error {
	if w.Tolerant {
		return nil
	}
	for _, expected := range []error{markettypes.ErrTooLate, markettypes.ErrWrongPhase, markettypes.ErrVoided} {
		if errors.Is(err, expected) {
			return nil
		}
	}
	return err
}

// HonestCase is the honest answer of an operator to a case: the result, its run
// proof and what those of the others must be. Others that operatorOf does not
// know are left out, and the chain refuses the answer.
func HonestCase(task uint64, attempt uint32, salt, operator []byte, others []uint32, operatorOf func(id uint32) []byte) markettypes.CaseReveal {
	answer := Honest(task)
	r := markettypes.CaseReveal{
		Task: task, Attempt: attempt, Salt: salt, Result: answer.Result,
		Proof: markettypes.RunProof(task, operator, answer.Memory),
	}
	for _, id := range others {
		if other := operatorOf(id); other != nil {
			r.Cross = append(r.Cross, markettypes.CrossProof{Provider: id, Proof: markettypes.RunProof(task, other, answer.Memory)})
		}
	}
	return r
}

// CaseReveal is the answer of the worker to a case.
func (w *Worker) CaseReveal(c *Chain, k markettypes.CaseWork) (markettypes.CaseReveal, error) {
	a := w.run(k.Task)
	r := markettypes.CaseReveal{Task: k.Task, Attempt: k.Attempt, Salt: w.salt[:], Result: a.Result}
	if a.Result.Outcome.HostMade() {
		return r, nil
	}
	r.Proof = w.proof(a, k.Task, w.Operator)
	var err error
	for _, id := range k.Others {
		p, err := c.Registry.Provider(c.Ctx, id)
		if err != nil {
			return r, err
		}
		operator, err := Addresses.StringToBytes(p.Operator)
		if err != nil {
			return r, err
		}
		r.Cross = append(r.Cross, markettypes.CrossProof{Provider: id, Proof: w.proof(a, k.Task, operator)})
	}
	r.Unavailable, err = w.unavailable(c, k.Task)
	return r, err
}

// unavailable lists the replicas of a case, by id, that an added seat reports.
func (w *Worker) unavailable(c *Chain, task uint64) ([]uint32, error) {
	if w.Unreachable == nil {
		return nil, nil
	}
	k, err := c.Market.Cases.Get(c.Ctx, task)
	if s := k.Seat(w.ID); err != nil || s == nil || s.Original {
		return nil, err
	}
	var ids []uint32
	for _, s := range k.Seats {
		if s.Original && w.Unreachable(s.Provider) {
			ids = append(ids, s.Provider)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

func (w *Worker) actCase(c *Chain, k markettypes.CaseWork) error {
	reveal, err := w.CaseReveal(c, k)
	if err != nil {
		return err
	}
	return w.tolerate(c.Deliver(func(ctx context.Context) error {
		if k.CasePhase == markettypes.CasePhaseCommit && k.Phase == markettypes.SeatAssigned {
			_, err := c.Msgs().CommitCase(ctx, &markettypes.MsgCommitCase{Worker: Text(w.Hot), Cases: []markettypes.CaseCommit{{
				Task: k.Task, Attempt: k.Attempt, Commitment: markettypes.CommitCaseAnswer(ChainID, w.Operator, reveal),
			}}})
			return err
		}
		if k.CasePhase != markettypes.CasePhaseReveal || w.NoReveal {
			return nil
		}
		_, err := c.Msgs().RevealCase(ctx, &markettypes.MsgRevealCase{Worker: Text(w.Hot), Cases: []markettypes.CaseReveal{reveal}})
		return err
	}))
}
