// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

func account(t *testing.T, b byte) string {
	t.Helper()
	text, err := bech32.ConvertAndEncode("cupel", bytes.Repeat([]byte{b}, 20))
	require.NoError(t, err)
	return text
}

func key(b byte) []byte { return bytes.Repeat([]byte{b}, 20) }

// lineGenesis holds two attestors, two sets, a sealed checkpoint and a set
// change that waits for signatures.
func lineGenesis(t *testing.T) *types.GenesisState {
	t.Helper()
	leaves := []types.Settled{{Task: 9, Leaf: checkpoint.Hash{9}}, {Task: 4, Leaf: checkpoint.Hash{4}}}
	tree, err := checkpoint.NewTree([]checkpoint.Hash{{9}, {4}})
	require.NoError(t, err)
	member := func(b byte, power uint64) checkpoint.Member {
		return checkpoint.Member{Address: checkpoint.Address(key(b)), Power: power}
	}
	one := checkpoint.Set{ID: 1, Time: 100, Members: []checkpoint.Member{member(1, 60), member(2, 40)}}
	two := checkpoint.Set{ID: 2, Time: 200, Members: []checkpoint.Member{member(2, 70)}}
	first := checkpoint.Header{
		Nonce: 1, Height: 20, Root: tree.Root(), PrevRoot: checkpoint.Hash{7}, LeafCount: 2, Set: one.Hash(), NextSet: one.Hash(),
	}
	change := checkpoint.Header{
		Nonce: 2, Height: 30, Root: tree.Root(), PrevRoot: tree.Root(), Set: one.Hash(), NextSet: two.Hash(),
	}
	root := tree.Root()
	return &types.GenesisState{
		Params: types.DefaultParams(),
		Line:   types.Line{LastNonce: 2, SealedNonce: 1, Root: root[:], SetId: 2, LastHeight: 20, Leaves: 3, Covered: 2, Counted: 1},
		Attestors: []types.Attestor{
			{Operator: account(t, 1), Key: key(1), Account: account(t, 11), Active: true, RegisteredHeight: 5},
			{Operator: account(t, 2), Key: key(2), Account: account(t, 12), Active: true, Missed: 3, RegisteredHeight: 6},
		},
		Keys: []types.AttestorKey{
			{Key: key(1), Operator: account(t, 1), SetId: 1}, {Key: key(2), Operator: account(t, 2), SetId: 2}, {Key: key(3), Operator: account(t, 2)},
		},
		Sets: []types.AttestorSet{types.NewAttestorSet(one, 10, 0, 120), types.NewAttestorSet(two, 30, 2, 100)},
		Checkpoints: []types.Checkpoint{
			{Header: types.NewHeader(first), SetId: 1, NextSetId: 1, Time: 120, SignedPower: 100, SealedHeight: 22},
			{Header: types.NewHeader(change), FirstLeaf: 2, SetId: 1, NextSetId: 2, Time: 200, SignedPower: 60},
		},
		Signatures: []types.HeaderSignatures{
			{Nonce: 1, Signatures: []types.AttestorSignature{{Key: key(1), Signature: make([]byte, 65)}, {Key: key(2), Signature: make([]byte, 65)}}},
			{Nonce: 2, Signatures: []types.AttestorSignature{{Key: key(1), Signature: make([]byte, 65)}}},
		},
		Leaves: []types.LeafBlock{types.NewLeafBlock(18, leaves), types.NewLeafBlock(25, []types.Settled{{Task: 5, Leaf: checkpoint.Hash{5}}})},
	}
}

func TestLineGenesisValidate(t *testing.T) {
	tests := map[string]func(gs *types.GenesisState){
		"unknown operator of a key":  func(gs *types.GenesisState) { gs.Keys[2].Operator = gs.Attestors[0].Account },
		"zero key":                   func(gs *types.GenesisState) { gs.Keys[0].Key = make([]byte, 20) },
		"short key":                  func(gs *types.GenesisState) { gs.Keys[0].Key = key(1)[1:] },
		"keys descend":               func(gs *types.GenesisState) { gs.Keys[0], gs.Keys[1] = gs.Keys[1], gs.Keys[0] },
		"key twice":                  func(gs *types.GenesisState) { gs.Keys[2] = gs.Keys[1] },
		"key of a set to come":       func(gs *types.GenesisState) { gs.Keys[2].SetId = 3 },
		"key of an older set":        func(gs *types.GenesisState) { gs.Keys[1].SetId = 1 },
		"key missing":                func(gs *types.GenesisState) { gs.Keys = gs.Keys[1:] },
		"malformed operator":         func(gs *types.GenesisState) { gs.Attestors[0].Operator = "cupel1" },
		"malformed account":          func(gs *types.GenesisState) { gs.Attestors[0].Account = "" },
		"attestors descend":          func(gs *types.GenesisState) { gs.Attestors[0], gs.Attestors[1] = gs.Attestors[1], gs.Attestors[0] },
		"one account for two":        func(gs *types.GenesisState) { gs.Attestors[1].Account = gs.Attestors[0].Account },
		"attestor with another key":  func(gs *types.GenesisState) { gs.Attestors[0].Key = key(2) },
		"attestor without a key":     func(gs *types.GenesisState) { gs.Attestors[0].Key = nil },
		"active and tombstoned":      func(gs *types.GenesisState) { gs.Attestors[0].Tombstoned = true },
		"registered before height 0": func(gs *types.GenesisState) { gs.Attestors[0].RegisteredHeight = -1 },
		"sets out of order":          func(gs *types.GenesisState) { gs.Sets[0], gs.Sets[1] = gs.Sets[1], gs.Sets[0] },
		"set with another hash":      func(gs *types.GenesisState) { gs.Sets[1].Hash = gs.Sets[0].Hash },
		"set with another member":    func(gs *types.GenesisState) { gs.Sets[1].Members[0] ^= 1 },
		"set with half a member":     func(gs *types.GenesisState) { gs.Sets[1].Members = gs.Sets[1].Members[1:] },
		"set 1 with a nonce":         func(gs *types.GenesisState) { gs.Sets[0].Nonce = 1 },
		"set 2 with another nonce":   func(gs *types.GenesisState) { gs.Sets[1].Nonce = 1 },
		"set above the bonded power": func(gs *types.GenesisState) { gs.Sets[0].Bonded = 99 },
		"set before its predecessor": func(gs *types.GenesisState) { gs.Sets[1].Height = 9 },
		"last nonce":                 func(gs *types.GenesisState) { gs.Line.LastNonce = 3 },
		"root of the line":           func(gs *types.GenesisState) { gs.Line.Root = nil },
		"set of the line":            func(gs *types.GenesisState) { gs.Line.SetId = 1 },
		"leaves of the line":         func(gs *types.GenesisState) { gs.Line.Leaves = 2 },
		"covered of the line":        func(gs *types.GenesisState) { gs.Line.Covered = 3 },
		"sealed beyond the last":     func(gs *types.GenesisState) { gs.Line.SealedNonce = 3 },
		"sealed less":                func(gs *types.GenesisState) { gs.Line.SealedNonce, gs.Line.Counted = 0, 0 },
		"counted beyond the sealed":  func(gs *types.GenesisState) { gs.Line.Counted = 2 },
		"pruned beyond the counted":  func(gs *types.GenesisState) { gs.Line.Pruned = 2 },
		"pruned with signatures":     func(gs *types.GenesisState) { gs.Line.Pruned = 1 },
		"negative last height":       func(gs *types.GenesisState) { gs.Line.LastHeight = -1 },
		"gap of nonces":              func(gs *types.GenesisState) { gs.Checkpoints[1].Header.Nonce = 3 },
		"headers swapped": func(gs *types.GenesisState) {
			gs.Checkpoints[0], gs.Checkpoints[1] = gs.Checkpoints[1], gs.Checkpoints[0]
		},
		"broken line of roots":     func(gs *types.GenesisState) { gs.Checkpoints[1].Header.PrevRoot = bytes.Repeat([]byte{1}, 32) },
		"root of other leaves":     func(gs *types.GenesisState) { gs.Leaves[0].Hashes[0] ^= 1 },
		"header without a root":    func(gs *types.GenesisState) { gs.Checkpoints[0].Header.Root = nil },
		"header of height 0":       func(gs *types.GenesisState) { gs.Checkpoints[0].Header.Height = 0 },
		"header of another set":    func(gs *types.GenesisState) { gs.Checkpoints[0].SetId = 2 },
		"header to another set":    func(gs *types.GenesisState) { gs.Checkpoints[1].NextSetId = 1 },
		"set change to itself":     func(gs *types.GenesisState) { gs.Checkpoints[1].Header.NextSet = gs.Sets[0].Hash },
		"first leaf":               func(gs *types.GenesisState) { gs.Checkpoints[1].FirstLeaf = 1 },
		"leaf count":               func(gs *types.GenesisState) { gs.Checkpoints[0].Header.LeafCount = 1 },
		"sealed without a height":  func(gs *types.GenesisState) { gs.Checkpoints[0].SealedHeight = 0 },
		"sealed at a negative one": func(gs *types.GenesisState) { gs.Checkpoints[0].SealedHeight = -1 },
		"unsealed with a height":   func(gs *types.GenesisState) { gs.Checkpoints[1].SealedHeight = 31 },
		"forced and unsealed":      func(gs *types.GenesisState) { gs.Checkpoints[1].Forced = true },
		"sealed by too little": func(gs *types.GenesisState) {
			gs.Checkpoints[0].SignedPower, gs.Signatures[0].Signatures = 60, gs.Signatures[0].Signatures[:1]
		},
		"power without signatures":  func(gs *types.GenesisState) { gs.Checkpoints[0].SignedPower = 101 },
		"signatures without power":  func(gs *types.GenesisState) { gs.Checkpoints[1].SignedPower = 0 },
		"signatures out of order":   func(gs *types.GenesisState) { gs.Signatures[0], gs.Signatures[1] = gs.Signatures[1], gs.Signatures[0] },
		"signatures of no header":   func(gs *types.GenesisState) { gs.Signatures[1].Nonce = 3 },
		"no signatures of a header": func(gs *types.GenesisState) { gs.Signatures[1].Signatures = nil },
		"signature twice": func(gs *types.GenesisState) {
			gs.Signatures[0].Signatures[1] = gs.Signatures[0].Signatures[0]
		},
		"signature by a stranger": func(gs *types.GenesisState) { gs.Signatures[1].Signatures[0].Key = key(3) },
		"short signature":         func(gs *types.GenesisState) { gs.Signatures[1].Signatures[0].Signature = make([]byte, 64) },
		"signature without a key": func(gs *types.GenesisState) { gs.Signatures[1].Signatures[0].Key = nil },
		"leaf block empty":        func(gs *types.GenesisState) { gs.Leaves[1] = types.LeafBlock{Height: 25} },
		"leaf block cut":          func(gs *types.GenesisState) { gs.Leaves[1].Hashes = gs.Leaves[1].Hashes[1:] },
		"leaf zero":               func(gs *types.GenesisState) { gs.Leaves[1].Hashes = make([]byte, 32) },
		"leaves back in time":     func(gs *types.GenesisState) { gs.Leaves[1].Height = 17 },
		"leaves before height 0":  func(gs *types.GenesisState) { gs.Leaves[0].Height = -1 },
	}
	require.NoError(t, lineGenesis(t).Validate())
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			gs := lineGenesis(t)
			edit(gs)
			require.ErrorIs(t, gs.Validate(), types.ErrInvalidGenesis)
		})
	}
}

func TestForcedHeaderNeedsNoPower(t *testing.T) {
	gs := lineGenesis(t)
	gs.Checkpoints[0].Forced, gs.Checkpoints[0].SignedPower, gs.Signatures = true, 0, gs.Signatures[1:]
	require.NoError(t, gs.Validate())
}

func TestPrunedSignatures(t *testing.T) {
	gs := lineGenesis(t)
	gs.Line.Pruned, gs.Signatures = 1, gs.Signatures[1:]
	require.NoError(t, gs.Validate())
}

// A line of headers ends with its chain; leaves that wait go on.
func TestLineGenesisRebase(t *testing.T) {
	gs := lineGenesis(t)
	// A block of three leaves, of which the first is covered.
	last := gs.Checkpoints[0].Header.LeafCount
	extra := types.NewLeafBlock(40, []types.Settled{{Task: 9, Leaf: checkpoint.Hash{9}}, {Task: 4, Leaf: checkpoint.Hash{4}}})
	gs.Leaves = append(gs.Leaves, extra)
	gs.Line.Leaves += 2
	require.NoError(t, gs.Validate())
	waiting := gs.Line.Leaves - uint64(last)

	gs.Rebase(0)
	require.NoError(t, gs.Validate())
	require.Equal(t, types.Line{Leaves: waiting}, gs.Line)
	require.Empty(t, gs.Checkpoints)
	require.Empty(t, gs.Sets)
	require.Empty(t, gs.Signatures)
	require.Empty(t, gs.Keys, "what they signed is no evidence against another line")
	require.Empty(t, gs.Attestors)
	extra.Height = 0
	require.Equal(t, extra, gs.Leaves[len(gs.Leaves)-1])
	for _, block := range gs.Leaves {
		require.Zero(t, block.Height)
	}
}

// A block that a checkpoint has covered in part is cut.
func TestRebaseCutsABlock(t *testing.T) {
	block := types.NewLeafBlock(7, []types.Settled{{Task: 3, Leaf: checkpoint.Hash{3}}, {Task: 1, Leaf: checkpoint.Hash{1}}, {Task: 8, Leaf: checkpoint.Hash{8}}})
	gs := types.DefaultGenesis()
	gs.Leaves, gs.Line = []types.LeafBlock{block}, types.Line{LastNonce: 1, Leaves: 3, Covered: 1}
	gs.Rebase(0)
	require.NoError(t, gs.Validate())
	require.Equal(t, []types.LeafBlock{types.NewLeafBlock(0, []types.Settled{{Task: 1, Leaf: checkpoint.Hash{1}}, {Task: 8, Leaf: checkpoint.Hash{8}}})}, gs.Leaves)
}

func TestOpen(t *testing.T) {
	sealed := types.Checkpoint{SealedHeight: 10}
	require.True(t, types.Checkpoint{}.Open(1_000, 3))
	require.True(t, sealed.Open(9, 3))
	require.True(t, sealed.Open(13, 3))
	require.False(t, sealed.Open(14, 3))
}

func TestSealedEvent(t *testing.T) {
	e := types.SealedEvent(lineGenesis(t).Checkpoints[0])
	require.Equal(t, types.EventCheckpointSealed, e.Type)
	root, ok := e.GetAttribute(types.AttrRoot)
	require.True(t, ok)
	require.Equal(t, types.Hex(lineGenesis(t).Line.Root), root.Value)
	require.Len(t, sdk.Events{e}.ToABCIEvents()[0].Attributes, 6)
}
