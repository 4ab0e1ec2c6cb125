// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

func TestQueriesRefuse(t *testing.T) {
	w := attesting(t, 100)
	w.checkpointed(2)
	r := w.reads
	tests := map[string]struct {
		call func() (any, error)
		err  error
	}{
		"attestors, empty":      {func() (any, error) { return r.Attestors(w.ctx, nil) }, sdkerrors.ErrInvalidRequest},
		"attestor, empty":       {func() (any, error) { return r.Attestor(w.ctx, nil) }, sdkerrors.ErrInvalidRequest},
		"attestor, no operator": {func() (any, error) { return r.Attestor(w.ctx, &types.QueryAttestorRequest{}) }, sdkerrors.ErrInvalidAddress},
		"attestor, unknown": {func() (any, error) {
			return r.Attestor(w.ctx, &types.QueryAttestorRequest{Operator: named("x").String()})
		}, types.ErrUnknownAttestor},
		"sets, empty":            {func() (any, error) { return r.AttestorSets(w.ctx, nil) }, sdkerrors.ErrInvalidRequest},
		"set, empty":             {func() (any, error) { return r.AttestorSet(w.ctx, nil) }, sdkerrors.ErrInvalidRequest},
		"set 0":                  {func() (any, error) { return r.AttestorSet(w.ctx, &types.QueryAttestorSetRequest{}) }, types.ErrUnknownSet},
		"set to come":            {func() (any, error) { return r.AttestorSet(w.ctx, &types.QueryAttestorSetRequest{Id: 2}) }, types.ErrUnknownSet},
		"checkpoints, empty":     {func() (any, error) { return r.Checkpoints(w.ctx, nil) }, sdkerrors.ErrInvalidRequest},
		"checkpoint, empty":      {func() (any, error) { return r.Checkpoint(w.ctx, nil) }, sdkerrors.ErrInvalidRequest},
		"checkpoint 0":           {func() (any, error) { return r.Checkpoint(w.ctx, &types.QueryCheckpointRequest{}) }, types.ErrUnknownCheckpoint},
		"checkpoint to come":     {func() (any, error) { return r.Checkpoint(w.ctx, &types.QueryCheckpointRequest{Nonce: 2}) }, types.ErrUnknownCheckpoint},
		"signatures, empty":      {func() (any, error) { return r.Signatures(w.ctx, nil) }, sdkerrors.ErrInvalidRequest},
		"signatures to come":     {func() (any, error) { return r.Signatures(w.ctx, &types.QuerySignaturesRequest{Nonce: 2}) }, types.ErrUnknownCheckpoint},
		"leaves, empty":          {func() (any, error) { return r.Leaves(w.ctx, nil) }, sdkerrors.ErrInvalidRequest},
		"leaves to come":         {func() (any, error) { return r.Leaves(w.ctx, &types.QueryLeavesRequest{Nonce: 2}) }, types.ErrUnknownCheckpoint},
		"proof, empty":           {func() (any, error) { return r.Proof(w.ctx, nil) }, sdkerrors.ErrInvalidRequest},
		"proof, unknown task":    {func() (any, error) { return r.Proof(w.ctx, &types.QueryProofRequest{Task: 99}) }, types.ErrUnknownLeaf},
		"proof, wrong height":    {func() (any, error) { return r.Proof(w.ctx, &types.QueryProofRequest{Task: 1, Height: 1}) }, types.ErrUnknownLeaf},
		"proof, height to come":  {func() (any, error) { return r.Proof(w.ctx, &types.QueryProofRequest{Task: 1, Height: 999}) }, types.ErrUnknownLeaf},
		"proof, negative height": {func() (any, error) { return r.Proof(w.ctx, &types.QueryProofRequest{Task: 1, Height: -1}) }, types.ErrUnknownLeaf},
		"duties, empty":          {func() (any, error) { return r.Duties(w.ctx, nil) }, sdkerrors.ErrInvalidRequest},
		"duties, no account":     {func() (any, error) { return r.Duties(w.ctx, &types.QueryDutiesRequest{}) }, sdkerrors.ErrInvalidAddress},
		"duties, of a stranger":  {func() (any, error) { return r.Duties(w.ctx, &types.QueryDutiesRequest{Account: named("x").String()}) }, types.ErrUnknownAttestor},
		"duties, of the operator": {func() (any, error) {
			return r.Duties(w.ctx, &types.QueryDutiesRequest{Account: w.vals[0].operator.String()})
		}, types.ErrUnknownAttestor},
		"attestors, page of a key": {func() (any, error) {
			return r.AttestorSets(w.ctx, &types.QueryAttestorSetsRequest{Pagination: &query.PageRequest{Key: []byte{1}, Offset: 1}})
		}, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := tc.call()
			require.Error(t, err)
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
			}
		})
	}
	_, err := r.Checkpoint(w.ctx, &types.QueryCheckpointRequest{Nonce: 2})
	require.Equal(t, codes.NotFound, status.Code(err))
}

func TestQueryLine(t *testing.T) {
	w := newWorld(t, 100)
	root := w.domain.GenesisRoot()
	res, err := w.reads.Line(w.ctx, nil)
	require.NoError(t, err)
	require.Equal(t, types.Line{Root: root[:]}, res.Line, "before nonce 1 the root is the domain separator")
	require.NoError(t, w.register(0))
	w.checkpointed(1)
	res, err = w.reads.Line(w.ctx, nil)
	require.NoError(t, err)
	require.Equal(t, w.checkpoint(1).Header.Root, res.Line.Root)
}

func TestQueryLists(t *testing.T) {
	w := attesting(t, 100, 100, 100)
	w.checkpointed(1)
	w.checkpointed(1)
	one := &query.PageRequest{Limit: 1, CountTotal: true}
	attestors, err := w.reads.Attestors(w.ctx, &types.QueryAttestorsRequest{Pagination: one})
	require.NoError(t, err)
	require.Len(t, attestors.Attestors, 1)
	require.EqualValues(t, 3, attestors.Pagination.Total)
	sets, err := w.reads.AttestorSets(w.ctx, &types.QueryAttestorSetsRequest{Pagination: one})
	require.NoError(t, err)
	require.EqualValues(t, 1, sets.Pagination.Total)
	newest, err := w.reads.Checkpoints(w.ctx, &types.QueryCheckpointsRequest{Pagination: &query.PageRequest{Limit: 1, Reverse: true}})
	require.NoError(t, err)
	require.EqualValues(t, 2, newest.Checkpoints[0].Header.Nonce)

	set, err := w.reads.AttestorSet(w.ctx, &types.QueryAttestorSetRequest{Id: 1})
	require.NoError(t, err)
	require.Equal(t, sets.Sets[0], set.Set)
	attestor, err := w.reads.Attestor(w.ctx, &types.QueryAttestorRequest{Operator: w.vals[1].operator.String()})
	require.NoError(t, err)
	require.Equal(t, w.attestor(1), attestor.Attestor)
}

// A mirror needs no more than what Signatures returns.
func TestQuerySignatures(t *testing.T) {
	w := attesting(t, 400, 300, 200, 100)
	w.checkpointed(1)
	ask := func(all bool) *types.QuerySignaturesResponse {
		res, err := w.reads.Signatures(w.ctx, &types.QuerySignaturesRequest{Nonce: 1, All: all})
		require.NoError(t, err)
		require.EqualValues(t, 667, res.Threshold)
		require.Nil(t, res.NextSet)
		return res
	}
	w.attestAll(1, 0, 3)
	require.Empty(t, ask(false).Signatures, "500 of 1000 are not enough")
	require.Len(t, ask(true).Signatures, 2)
	require.EqualValues(t, 500, ask(true).Power)

	w.attestAll(1, 1, 2)
	quorum := ask(false)
	require.Len(t, quorum.Signatures, 2, "the heaviest two are enough")
	require.EqualValues(t, 700, quorum.Power)
	require.Len(t, ask(true).Signatures, 4)

	set, err := quorum.Set.Decode()
	require.NoError(t, err)
	header, err := quorum.Checkpoint.Header.Decode()
	require.NoError(t, err)
	var signed []checkpoint.Signed
	for _, s := range quorum.Signatures {
		one, err := s.Decode()
		require.NoError(t, err)
		signed = append(signed, one)
	}
	power, err := set.Verify(w.domain.Digest(header), signed)
	require.NoError(t, err)
	require.EqualValues(t, 700, power)

	w.next()
	w.delegate(3, 1_000)
	w.until("set 2", func() bool { return w.line().SetId == 2 })
	change, err := w.reads.Signatures(w.ctx, &types.QuerySignaturesRequest{Nonce: 2})
	require.NoError(t, err)
	require.Equal(t, w.checkpoint(2).Header.NextSet, change.NextSet.Hash)
}

// The leaves of a checkpoint come in pages and rebuild its root.
func TestQueryLeaves(t *testing.T) {
	w := attesting(t, 100)
	w.checkpointed(2)
	w.settle(3)
	w.settle(1)
	w.next()
	w.settle(5_000)
	w.until("the second", func() bool { return w.line().LastNonce == 2 })
	var leaves []types.SettledLeaf
	for {
		res, err := w.reads.Leaves(w.ctx, &types.QueryLeavesRequest{Nonce: 2, Offset: uint32(len(leaves))})
		require.NoError(t, err)
		require.LessOrEqual(t, len(res.Leaves), 4_096)
		if len(res.Leaves) == 0 {
			break
		}
		leaves = append(leaves, res.Leaves...)
	}
	require.Len(t, leaves, 5_004)
	hashes := make([]checkpoint.Hash, len(leaves))
	for i, leaf := range leaves {
		require.EqualValues(t, i+3, leaf.Task)
		hashes[i] = checkpoint.Hash(leaf.Hash)
	}
	tree, err := checkpoint.NewTree(hashes)
	require.NoError(t, err)
	require.Equal(t, w.header(2).Root, tree.Root())

	page, err := w.reads.Leaves(w.ctx, &types.QueryLeavesRequest{Nonce: 2, Offset: 2, Limit: 3})
	require.NoError(t, err)
	require.Equal(t, leaves[2:5], page.Leaves)
	beyond, err := w.reads.Leaves(w.ctx, &types.QueryLeavesRequest{Nonce: 2, Offset: ^uint32(0)})
	require.NoError(t, err)
	require.Empty(t, beyond.Leaves)
}

// Every leaf can be proven, by its height or without.
func TestQueryProof(t *testing.T) {
	w := attesting(t, 100)
	settledAt := map[uint64]int64{}
	for i := range 40 {
		for range i % 3 {
			w.settle(1 + i%4)
		}
		for task := uint64(len(settledAt) + 1); task <= w.tasks; task++ {
			settledAt[task] = w.ctx.BlockHeight()
		}
		if i == 20 {
			w.delegate(0, 50) // a set change between checkpoints
		}
		w.next()
	}
	w.until("all are covered", func() bool { return w.line().Covered == w.line().Leaves })
	for task, height := range settledAt {
		for _, at := range []int64{0, height} {
			res, err := w.reads.Proof(w.ctx, &types.QueryProofRequest{Task: task, Height: at})
			require.NoError(t, err)
			require.Len(t, res.Proofs, 1)
			proof := res.Proofs[0]
			require.Equal(t, task, proof.Leaf.Task)
			require.Equal(t, height, proof.Leaf.Height)
			siblings := make([]checkpoint.Hash, len(proof.Siblings))
			for i, s := range proof.Siblings {
				siblings[i] = checkpoint.Hash(s)
			}
			leaf := checkpoint.Keccak256([]byte(fmt.Sprint("leaf", task)))
			require.True(t, checkpoint.VerifyProof(checkpoint.Hash(res.Checkpoint.Header.Root), leaf, siblings))
		}
	}
	w.settle(1)
	_, err := w.reads.Proof(w.ctx, &types.QueryProofRequest{Task: w.tasks})
	require.ErrorIs(t, err, types.ErrNotCovered)
	require.Equal(t, codes.FailedPrecondition, status.Code(err))
}

// Without a height the newest 1,000 leaf blocks are searched and no more.
func TestProofSearchIsBounded(t *testing.T) {
	w := attesting(t, 100)
	for range 1_001 {
		w.settle(1)
	}
	w.until("all are covered", func() bool { return w.line().Covered == w.line().Leaves })
	_, err := w.reads.Proof(w.ctx, &types.QueryProofRequest{Task: 2})
	require.NoError(t, err)
	_, err = w.reads.Proof(w.ctx, &types.QueryProofRequest{Task: 1})
	require.ErrorIs(t, err, types.ErrUnknownLeaf)
	require.ErrorContains(t, err, "give the height")
}

func TestQueryDuties(t *testing.T) {
	w := attesting(t, 100, 100, 100, 100)
	for range 3 {
		w.checkpointed(1)
	}
	duties := func(i int, limit uint32) (nonces []uint64) {
		res, err := w.reads.Duties(w.ctx, &types.QueryDutiesRequest{Account: w.vals[i].account.String(), Limit: limit})
		require.NoError(t, err)
		key := w.vals[i].address()
		for _, d := range res.Duties {
			require.Equal(t, key[:], d.Key)
			nonces = append(nonces, d.Checkpoint.Header.Nonce)
		}
		return nonces
	}
	require.Equal(t, []uint64{1, 2, 3}, duties(0, 0))
	require.Equal(t, []uint64{1, 2}, duties(0, 2))
	w.attestAll(2, 0)
	require.Equal(t, []uint64{1, 3}, duties(0, 0))
	w.attestAll(1, 0, 1, 2)
	w.next()
	require.Equal(t, []uint64{1, 2, 3}, duties(3, 0), "sealed, but within the grace")
	w.nexts(4)
	require.Equal(t, []uint64{2, 3}, duties(3, 0))

	// After a rotation the old key owes the old headers, the new one the rest.
	fresh := newKey("fresh")
	require.NoError(t, w.rotate(3, fresh))
	w.until("set 2", func() bool { return w.line().SetId == 2 })
	last := w.checkpointed(1)
	res, err := w.reads.Duties(w.ctx, &types.QueryDutiesRequest{Account: w.vals[3].account.String()})
	require.NoError(t, err)
	keys := map[uint64]checkpoint.Address{}
	for _, d := range res.Duties {
		keys[d.Checkpoint.Header.Nonce] = checkpoint.Address(d.Key)
	}
	require.Equal(t, w.vals[3].address(), keys[3])
	require.Equal(t, checkpoint.KeyAddress(fresh.PubKey()), keys[last])
}
