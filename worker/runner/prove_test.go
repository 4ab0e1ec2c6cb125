// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

const proofClass = manifest.ProofClasses + "v1"

// Circuit implements Market.
func (f *fakeChain) Circuit(_ context.Context, id uint64) ([]byte, error) {
	unlock, err := f.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if id != f.batch.Circuit {
		f.wrong("the runner asks for circuit %d", id)
	}
	return []byte("verifying key"), nil
}

// prove takes proofs as the chain does: all of a lot, settled at once.
func (f *fakeChain) prove(p markettypes.LotProof) {
	l := f.lots[p.Lot]
	if l.phase == markettypes.SeatRevealed {
		if !slices.EqualFunc(p.Proofs, l.proofs.Proofs, bytes.Equal) {
			f.wrong("lot %d was proved anew", p.Lot)
		}
		return
	}
	if fault := p.Fault(); fault != markettypes.OutcomeUnspecified && len(p.Results) == int(l.count) {
		l.proofs, l.phase = p, markettypes.SeatRevealed // and another operator is drawn
		return
	}
	if f.batch.Policy != markettypes.PolicyProof || l.attempt != p.Attempt || len(p.Results) != int(l.count) || len(p.Proofs) != int(l.count) {
		f.wrong("%d results and %d proofs of lot %d", len(p.Results), len(p.Proofs), p.Lot)
		return
	}
	for i, result := range p.Results {
		index := l.first + uint32(i)
		binding := markettypes.ProofBinding(chainID, markettypes.TaskID(f.batch.Id, index), address(ours))
		want := sha256.Sum256(f.batch.StatementOf(index))
		if !bytes.Equal(p.Proofs[i][:32], binding) || !bytes.Equal(result.Digest, want[:]) || result.Units != f.batch.Limits.Units {
			f.wrong("proof of task %d does not hold: %v", index, result)
		}
	}
	l.proofs, l.phase, l.state = p, markettypes.SeatRevealed, markettypes.TaskSettled
}

// fakeProver gives a result that follows from the statement, with a proof that
// names the binding and is never the same twice.
type fakeProver struct{ fakeEngine }

// Class implements engine.Engine.
func (*fakeProver) Class() string { return proofClass }

// Run implements engine.Engine.
func (e *fakeProver) Run(ctx context.Context, job engine.Job, scratch string) (engine.Result, error) {
	p := job.Proof
	if p == nil || p.Constraints == "" || p.Key == "" || string(p.Verifying) != "verifying key" {
		return engine.Result{Outcome: engine.OutcomeHostError, Detail: "incomplete"}, nil
	}
	res, err := e.fakeEngine.Run(ctx, job, scratch)
	if err != nil || res.Outcome != engine.OutcomeOK {
		return res, err
	}
	proof := append(p.Binding[:], make([]byte, 224)...)
	_, _ = rand.Read(proof[32:])
	return engine.Result{Outcome: engine.OutcomeOK, ArtifactSHA256: sha256.Sum256(p.Statement[:]), Proof: proof}, nil
}

func proofDocument(tasks int) manifest.Manifest {
	doc := document(tasks)
	doc.Class = proofClass
	ref := func(name string) manifest.Ref {
		return manifest.Ref{URI: "https://example.com/" + name, SHA256: digestOf(name), Size: 6}
	}
	doc.Proof = &manifest.Proof{Circuit: 3, Constraints: ref("constraints"), Key: ref("key")}
	return doc
}

// newProofs is a worker with one lot of a PROOF batch of two tasks.
func newProofs(t *testing.T) (*fixture, *fakeProver) {
	t.Helper()
	f := newFixtureOf(t, proofDocument(2), 2, 1)
	f.chain.batch.Policy, f.chain.batch.Circuit = markettypes.PolicyProof, 3
	f.chain.batch.Statement = bytes.Repeat([]byte{1, 2}, 32)
	e := &fakeProver{}
	f.prover = e
	f.restart()
	return f, e
}

func TestLotIsProvedAndPaid(t *testing.T) {
	f, e := newProofs(t)
	f.until(f.seat(0, markettypes.SeatRevealed))
	require.NoError(t, f.step())
	rec := f.lot(0)
	require.Equal(t, journal.StepPaid, rec.Step)
	require.True(t, rec.Proved)
	require.True(t, rec.Confirmed)
	require.Equal(t, 2, e.count())
	require.Empty(t, f.chain.mistake)
	require.Equal(t, map[string]int{"prove/5/0/1": 1}, f.chain.said)
	require.False(t, f.public(rec.Runs[0].Digest), "a proved result is no file")
}

// TestProofAcrossRestarts kills the worker after every look at the chain. What
// was proved once is never proved anew: the proof would be another one.
func TestProofAcrossRestarts(t *testing.T) {
	f, e := newProofs(t)
	for range 20 {
		require.NoError(t, f.step())
		f.restart()
	}
	require.Equal(t, journal.StepPaid, f.lot(0).Step)
	require.Equal(t, 2, e.count())
	require.Empty(t, f.chain.mistake)
}

// TestProofThatNobodyTookIsSaidAgain loses the statement and the process.
func TestProofThatNobodyTookIsSaidAgain(t *testing.T) {
	f, e := newProofs(t)
	f.chain.lost = true
	for range 5 {
		require.NoError(t, f.step())
	}
	before := f.lot(0)
	require.Equal(t, journal.StepRevealed, before.Step)
	f.restart()
	f.chain.with(func() { f.chain.lost = false })
	f.until(f.seat(0, markettypes.SeatRevealed))
	require.Equal(t, before.Runs[1].Proof, f.chain.lots[0].proofs.Proofs[1])
	require.Equal(t, 2, e.count())
	require.Empty(t, f.chain.mistake)
}

// TestRedrawOfAProofUsesItAgain: the proof is of the task and the operator.
func TestRedrawOfAProofUsesItAgain(t *testing.T) {
	f, e := newProofs(t)
	f.chain.lost = true
	for range 5 {
		require.NoError(t, f.step())
	}
	f.chain.with(func() { f.chain.lost, f.chain.lots[0].attempt = false, 2 })
	f.until(f.seat(0, markettypes.SeatRevealed))
	require.Equal(t, 2, e.count())
	require.Empty(t, f.chain.mistake)
}

// TestWithoutAProofTheFaultIsSaid: the seat is freed at once, and for nothing.
func TestWithoutAProofTheFaultIsSaid(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(*fixture, *fakeProver)
		want  markettypes.Outcome
	}{
		"a prover that fails":   {func(_ *fixture, e *fakeProver) { e.outcome = engine.OutcomeWall }, markettypes.OutcomeWall},
		"no proving key":        {func(f *fixture, _ *fakeProver) { f.fetcher.missing[digestOf("key")] = errGone }, markettypes.OutcomeInputUnavailable},
		"another circuit":       {func(f *fixture, _ *fakeProver) { f.chain.batch.Circuit = 4 }, markettypes.OutcomeInputUnavailable},
		"a statement too short": {func(f *fixture, _ *fakeProver) { f.chain.batch.Statement = nil }, markettypes.OutcomeInputUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			f, e := newProofs(t)
			tc.spoil(f, e)
			f.until(f.seat(0, markettypes.SeatRevealed))
			for range 3 {
				require.NoError(t, f.step())
				f.restart()
			}
			require.Equal(t, tc.want, f.chain.lots[0].proofs.Fault())
			require.Equal(t, map[string]int{"prove/5/0/1": 1}, f.chain.said)
			require.Empty(t, f.chain.mistake)
		})
	}
}
