// SPDX-License-Identifier: Apache-2.0

package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/circuits"
	marketkeeper "github.com/cupel-network/cupel/x/market/keeper"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
)

// TestProofOnTheApp takes one PROOF task through signed transactions: circuit,
// hire, proof, payment, leaf. A forged proof pays its gas and changes nothing.
func TestProofOnTheApp(t *testing.T) {
	m := newMarket(t, 2, 1_000)
	m.join()
	system, err := circuits.NewCube()
	require.NoError(t, err)
	maker := m.requesters[1]
	m.accepted(m.sign(maker, &oracletypes.MsgRegisterCircuit{Owner: maker.text, Name: "cube/v1", Inputs: circuits.Inputs, Key: system.Key}))
	hired := m.providers[0]
	order := m.submit(func(msg *markettypes.MsgSubmit) {
		msg.Policy, msg.Replicas, msg.Circuit, msg.Hire = markettypes.PolicyProof, 1, 1, hired.operator.text
		msg.Count, msg.LotSize, msg.Statement = 1, 1, append(make([]byte, 31), 5)
	})
	m.accepted(order)
	m.block()

	queries := marketkeeper.NewQueryServer(m.app.MarketKeeper)
	work, err := queries.Work(m.app.NewContext(true), &markettypes.QueryWorkRequest{Provider: hired.ID})
	require.NoError(t, err)
	require.Len(t, work.Lots, 1)
	batch, err := m.app.MarketKeeper.Batches.Get(m.app.NewContext(true), work.Lots[0].Batch)
	require.NoError(t, err)
	task := markettypes.TaskID(batch.Id, 0)
	digest, proof, err := system.Prove(markettypes.ProofBinding(testChainID, task, hired.Operator), batch.StatementOf(0))
	require.NoError(t, err)
	answer := markettypes.LotProof{
		Batch: batch.Id, Attempt: work.Lots[0].Attempt, Proofs: [][]byte{proof},
		Results: []markettypes.Result{{Outcome: markettypes.OutcomeOK, Digest: digest, Units: batch.Limits.Units}},
	}

	forged := answer
	forged.Results = []markettypes.Result{{Outcome: markettypes.OutcomeOK, Digest: append([]byte{digest[0] ^ 1}, digest[1:]...), Units: batch.Limits.Units}}
	refused := m.block(m.sign(hired.worker, &markettypes.MsgProve{Worker: hired.worker.text, Lots: []markettypes.LotProof{forged}})).TxResults[0]
	require.Equal(t, markettypes.ErrInvalidProof.ABCICode(), refused.Code, refused.Log)
	circuit, err := m.app.OracleKeeper.CircuitByID(m.app.NewContext(true), 1)
	require.NoError(t, err)
	require.Greater(t, uint64(refused.GasUsed), circuit.VerifyGas())

	m.accepted(m.sign(hired.worker, &markettypes.MsgProve{Worker: hired.worker.text, Lots: []markettypes.LotProof{answer}}))

	view, err := queries.Task(m.app.NewContext(true), &markettypes.QueryTaskRequest{Task: task})
	require.NoError(t, err)
	require.Equal(t, markettypes.TaskSettled, view.Task.State)
	require.Equal(t, digest, view.Task.Result.Digest)
	line, err := m.app.OracleKeeper.Line.Get(m.app.NewContext(true))
	require.NoError(t, err)
	require.EqualValues(t, 1, line.Leaves)
	m.invariants()
}
