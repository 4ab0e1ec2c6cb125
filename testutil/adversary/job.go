// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// answer is a result and the memory hash that its owner believes in.
type answer struct {
	result markettypes.Result
	memory []byte
}

// proof is the run proof that a memory hash makes for an operator.
func (a answer) proof(task uint64, who *identity) []byte {
	if a.result.Outcome.HostMade() {
		return make([]byte, markettypes.HashSize)
	}
	return markettypes.RunProof(task, who.operator, a.memory)
}

func hashOf(name string, parts ...uint64) []byte {
	b := []byte(name)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint64(b, p)
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// job says how the program of a batch ends on somebody's machine, and how many
// units the machine has worked for that. nil is the usual program.
type job func(who *identity, task uint64) (answer, uint64)

// truth is what the usual program gives.
func truth(task uint64) answer {
	return answer{
		markettypes.Result{Outcome: markettypes.OutcomeOK, Digest: hashOf("digest", task), Units: used},
		hashOf("memory", task),
	}
}

// lie is another answer than the truth, one per salt, that claims all the units.
func lie(task, salt uint64) answer {
	return answer{
		markettypes.Result{Outcome: markettypes.OutcomeOK, Digest: hashOf("lie", task, salt), Units: limit},
		hashOf("lying memory", task, salt),
	}
}

func fault(o markettypes.Outcome) answer {
	return answer{result: markettypes.Result{Outcome: o}}
}

// run executes a task on somebody's machine, which costs it something once. All
// identities of a bot share one machine.
func (w *world) run(who *identity, task uint64) answer {
	batch, _ := markettypes.SplitTaskID(task)
	a, units := truth(task), uint64(used)
	if j := w.jobs[batch]; j != nil {
		a, units = j(who, task)
	}
	w.ledger.worked(who, task, gross(units)*costBps/markettypes.BasisPoints)
	return a
}

// shape is how a batch is bought.
type shape struct {
	policy   markettypes.Policy
	replicas uint32
	lot      uint32
	class    string
	price    uint64
	units    uint64
	// hire is the operator of a direct hire.
	hire string
	job  job
}

var (
	optimistic = shape{policy: markettypes.PolicyOptimistic, replicas: 1}
	redundant  = shape{policy: markettypes.PolicyRedundant, replicas: 3}
	pairs      = shape{policy: markettypes.PolicyRedundant, replicas: 2}
)

// submit buys count tasks.
func (w *world) submit(requester sdk.AccAddress, count uint32, s shape) *markettypes.MsgSubmit {
	manifest := fmt.Appendf(nil, `{"version":1,"engine":"wasm/v1","module":"%064d"}`, w.random.Uint64())
	sum := sha256.Sum256(manifest)
	m := &markettypes.MsgSubmit{
		Requester: requester.String(), Class: sound, Manifest: sum[:], ManifestInline: manifest,
		Count: count, LotSize: max(s.lot, 1), Policy: s.policy, Comparator: markettypes.ComparatorExact, Replicas: s.replicas,
		Limits: markettypes.Limits{Units: limit, MemoryMib: 64, WallSeconds: 1, OutputKib: 64},
		Denom:  markettypes.BaseDenom, MaxPrice: ceiling, Deadline: 300,
	}
	m.Hire = s.hire
	if s.class != "" {
		m.Class = s.class
	}
	if s.units > 0 {
		m.Limits.Units = s.units
	}
	if s.price > 0 {
		m.MaxPrice = s.price
	}
	return m
}

// buy sends a submit and knows the batch afterwards.
func (w *world) buy(requester sdk.AccAddress, count uint32, s shape, then ...func(batch uint64)) {
	w.submitted += int(count)
	if w.rival(requester) {
		w.bought += int(count)
	}
	w.must(w.submit(requester, count, s), func(res *abci.ExecTxResult) error {
		for _, e := range res.Events {
			if e.Type != markettypes.EventTaskSubmitted {
				continue
			}
			batch := number(e, markettypes.AttrBatch)
			w.batches = append(w.batches, batch)
			if s.job != nil {
				w.jobs[batch] = s.job
			}
			for _, f := range then {
				f(batch)
			}
		}
		return nil
	})
}
