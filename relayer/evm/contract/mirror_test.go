// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/npm"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// TestVectors computes every vector in Solidity, records the whole line of
// headers and proves every leaf of every tree.
func TestVectors(t *testing.T) {
	v := readVectors(t)
	f := newFixture(t, v.Sets[0].Set)

	for i, leaf := range v.Leaves {
		hash, err := f.abi.UnpackLeafHash(f.call(f.abi.PackLeafHash(FromLeaf(leaf.Leaf))))
		require.NoError(t, err)
		require.Equal(t, leaf.Hash, checkpoint.Hash(hash), "leaf %d", i)
	}
	for i, set := range v.Sets {
		out, err := f.abi.UnpackCheckSet(f.call(f.abi.PackCheckSet(FromSet(set.Set))))
		require.NoError(t, err)
		require.Equal(t, set.Hash, checkpoint.Hash(out.Hash), "set %d", i)
		require.Equal(t, set.Threshold, out.Sealing, "set %d", i)
	}
	for i, e := range v.entries(t) {
		digest, err := f.abi.UnpackDigest(f.call(f.abi.PackDigest(FromHeader(e.Header))))
		require.NoError(t, err)
		require.Equal(t, v.Headers[i].Digest, checkpoint.Hash(digest), "header %d", i)
		for _, tree := range v.Trees {
			if tree.Root == e.Header.Root && !e.Header.IsSetChange() {
				require.Zero(t, f.settledAt(v.Leaves[0].Leaf, tree.Proofs[0]), "proven before it was recorded")
			}
		}
		f.submit(e)
	}
	last := v.Headers[len(v.Headers)-1].Header
	state, err := f.abi.UnpackState(f.call(f.abi.PackState()))
	require.NoError(t, err)
	require.Equal(t, last.Nonce, state.Nonce)
	require.Equal(t, last.Root, checkpoint.Hash(state.Root))
	require.Equal(t, last.NextSet, checkpoint.Hash(state.SetHash))

	for _, tree := range v.Trees {
		for i, proof := range tree.Proofs {
			require.NotZero(t, f.settledAt(v.Leaves[i].Leaf, proof))
			wrong := v.Leaves[i].Leaf
			wrong.Amount++
			require.Zero(t, f.settledAt(wrong, proof))
		}
	}
}

// TestMerkleTreeLibrary compares with @openzeppelin/merkle-tree: the same
// leaves and roots, and its own proofs pass the contract.
func TestMerkleTreeLibrary(t *testing.T) {
	modules := filepath.Join(npm.Require(t), "node_modules")
	inputs(t, "merkle.mjs")
	cmd := exec.CommandContext(t.Context(), "node", "merkle.mjs", modules, vectorsFile) // #nosec G204 -- the script of this package
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	require.NoError(t, err)
	var library struct {
		Leaves []checkpoint.Hash `json:"leaves"`
		Trees  []struct {
			Root   checkpoint.Hash     `json:"root"`
			Proofs [][]checkpoint.Hash `json:"proofs"`
		} `json:"trees"`
	}
	require.NoError(t, json.Unmarshal(output, &library))

	v := readVectors(t)
	f := newFixture(t, v.Sets[0].Set)
	for _, e := range v.entries(t) {
		f.submit(e)
	}
	require.Len(t, library.Leaves, len(v.Leaves))
	for i, hash := range library.Leaves {
		require.Equal(t, v.Leaves[i].Hash, hash, "leaf %d", i)
	}
	require.Len(t, library.Trees, len(v.Trees))
	for i, tree := range library.Trees {
		require.Equal(t, v.Trees[i].Root, tree.Root, "tree %d", i)
		require.Len(t, tree.Proofs, len(v.Trees[i].Proofs))
		for j, proof := range tree.Proofs {
			require.NotZero(t, f.settledAt(v.Leaves[j].Leaf, proof), "tree %d, leaf %d", i, j)
		}
	}
}

// TestEvents rebuilds the line of headers from the logs alone.
func TestEvents(t *testing.T) {
	v := readVectors(t)
	f := newFixture(t, v.Sets[0].Set)
	require.Len(t, f.created.Logs, 2, "the owner's role and the anchor")
	anchor, err := f.abi.UnpackAnchoredEvent(f.created.Logs[1])
	require.NoError(t, err)
	root := checkpoint.Hash(anchor.Root)
	set, err := ToSet(anchor.Id, anchor.Time, anchor.Members)
	require.NoError(t, err)
	require.Equal(t, v.Sets[0].Set, set)

	for _, e := range v.entries(t) {
		logs := f.submit(e).Logs
		require.Len(t, logs, 1)
		got := checkpoint.Header{PrevRoot: root, Set: set.Hash()}
		if e.Header.IsSetChange() {
			event, err := f.abi.UnpackAttestorsUpdatedEvent(logs[0])
			require.NoError(t, err)
			set, err = ToSet(event.Id, event.Time, event.Members)
			require.NoError(t, err)
			require.Equal(t, set.Hash(), checkpoint.Hash(event.SetHash))
			got.Nonce, got.Height, got.Root = event.Nonce, event.Height, root
		} else {
			event, err := f.abi.UnpackCheckpointSubmittedEvent(logs[0])
			require.NoError(t, err)
			root = event.Root
			got.Nonce, got.Height, got.Root, got.LeafCount = event.Nonce, event.Height, root, event.LeafCount
		}
		got.NextSet = set.Hash()
		require.Equal(t, e.Header, got)
	}
}

func TestVerifyCode(t *testing.T) {
	v := readVectors(t)
	f := newFixture(t, v.Sets[0].Set)
	code, err := f.chain.Client().CodeAt(t.Context(), f.address, nil)
	require.NoError(t, err)
	require.NoError(t, VerifyCode(code))
	require.ErrorIs(t, VerifyCode(nil), ErrForeignCode)
	require.ErrorIs(t, VerifyCode(append(code, 0)), ErrForeignCode)
	code[len(code)/2] ^= 1
	require.ErrorIs(t, VerifyCode(code), ErrForeignCode)
}

func TestEncodeSignatures(t *testing.T) {
	a := newAttestors(1, 4)
	signed := a.entry(checkpoint.Header{Nonce: 1}, nil).Signatures
	require.Len(t, signed, 3)
	want, err := EncodeSignatures(a.set, signed)
	require.NoError(t, err)
	require.Len(t, want, 3*66)
	signed[0], signed[2] = signed[2], signed[0]
	got, err := EncodeSignatures(a.set, signed)
	require.NoError(t, err)
	require.Equal(t, want, got, "the order of the signatures does not matter")
	_, err = EncodeSignatures(a.set, append(signed, signed[1]))
	require.ErrorContains(t, err, "twice")
	_, err = EncodeSignatures(newAttestors(2, 4).set, signed)
	require.ErrorContains(t, err, "not in set 2")
}

func TestDeploymentValidate(t *testing.T) {
	tests := map[string]func(*Deployment){
		"no chain":       func(d *Deployment) { d.HomeChain = "" },
		"no root":        func(d *Deployment) { d.Nonce = 7 },
		"root before 1":  func(d *Deployment) { d.Root = checkpoint.Hash{1} },
		"no age":         func(d *Deployment) { d.MaxSetAge = 0 },
		"no delay":       func(d *Deployment) { d.OwnerDelay = time.Millisecond },
		"no owner":       func(d *Deployment) { d.Owner = common.Address{} },
		"no guardian":    func(d *Deployment) { d.Guardian = common.Address{} },
		"one account":    func(d *Deployment) { d.Guardian = d.Owner },
		"no member":      func(d *Deployment) { d.Set.Members = nil },
		"zero set id":    func(d *Deployment) { d.Set.ID = 0 },
		"set not sorted": func(d *Deployment) { d.Set.Members[0], d.Set.Members[1] = d.Set.Members[1], d.Set.Members[0] },
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			d := deployment(newAttestors(1, 3).set)
			_, err := d.InitCode()
			require.NoError(t, err)
			edit(&d)
			_, err = d.InitCode()
			require.Error(t, err)
		})
	}
}

// TestGas measures what the README says. The figures depend on the contract,
// the calldata and the gas schedule of the simulated chain only.
func TestGas(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	table := []string{"| schedule | members | signatures | checkpoint | set change |"}
	for _, fork := range []string{osaka, newest} {
		for _, n := range []int{4, 20, 100} {
			table = append(table, gasRow(t, fork, n))
		}
	}
	t.Logf("gas:\n%s", strings.Join(table, "\n"))
	for _, line := range table {
		require.Contains(t, string(readme), line, "README.md is out of date")
	}
}

// gasRow measures a checkpoint and a set change of n members with the fewest
// signatures. The first checkpoint is left out: it fills empty storage.
func gasRow(t *testing.T, fork string, n int) string {
	t.Helper()
	root := func(i byte) checkpoint.Hash { return checkpoint.Keccak256([]byte{i}) }
	a, b := newAttestors(1, n), newAttestors(2, n)
	f := newFixtureAt(t, a.set, fork)
	genesis := checkpoint.NewDomain(chainID).GenesisRoot()
	f.submit(a.entry(checkpoint.Header{Nonce: 1, Height: 60, Root: root(1), PrevRoot: genesis, LeafCount: 100}, nil))
	second := a.entry(checkpoint.Header{Nonce: 2, Height: 120, Root: root(2), PrevRoot: root(1), LeafCount: 100}, nil)
	change := a.entry(checkpoint.Header{Nonce: 3, Height: 180, Root: root(2), PrevRoot: root(2)}, &b.set)
	return fmt.Sprintf("| %s | %d | %d | %d | %d |", fork, n, len(second.Signatures), f.submit(second).GasUsed, f.submit(change).GasUsed)
}
