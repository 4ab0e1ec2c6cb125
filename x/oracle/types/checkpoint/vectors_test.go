// SPDX-License-Identifier: Apache-2.0

package checkpoint_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

var update = flag.Bool("update", false, "write the vectors from this code")

const vectorsFile = "testdata/vectors.json"

// vectors are what every implementation must compute alike. Bytes of a leaf are
// base64, all others hex.
type vectors struct {
	ChainID    string             `json:"chain_id"`
	Salt       checkpoint.Hash    `json:"salt"`
	Separator  checkpoint.Hash    `json:"separator"`
	Leaves     []leafVector       `json:"leaves"`
	Trees      []treeVector       `json:"trees"`
	Sets       []setVector        `json:"sets"`
	Headers    []headerVector     `json:"headers"`
	Possession []possessionVector `json:"possession"`
}

type leafVector struct {
	Leaf checkpoint.Leaf `json:"leaf"`
	Hash checkpoint.Hash `json:"hash"`
}

// treeVector is the tree over the first leaves, with the proof of each.
type treeVector struct {
	Leaves int                 `json:"leaves"`
	Root   checkpoint.Hash     `json:"root"`
	Proofs [][]checkpoint.Hash `json:"proofs"`
}

type setVector struct {
	Set       checkpoint.Set  `json:"set"`
	Packed    string          `json:"packed"`
	Hash      checkpoint.Hash `json:"hash"`
	Threshold uint64          `json:"threshold,string"`
}

// headerVector is signed by the fewest members of the set with that index.
type headerVector struct {
	Header     checkpoint.Header   `json:"header"`
	Set        int                 `json:"set"`
	Message    string              `json:"message"`
	Digest     checkpoint.Hash     `json:"digest"`
	Signatures []checkpoint.Signed `json:"signatures"`
}

type possessionVector struct {
	Operator  string               `json:"operator"`
	Key       checkpoint.Address   `json:"key"`
	Digest    checkpoint.Hash      `json:"digest"`
	Signature checkpoint.Signature `json:"signature"`
}

// key returns the i-th key of the vectors.
func key(i int) *secp256k1.PrivateKey {
	secret := checkpoint.Keccak256(fmt.Appendf(nil, "cupel attestor %d", i))
	return secp256k1.PrivKeyFromBytes(secret[:])
}

func address(i int) checkpoint.Address { return checkpoint.KeyAddress(key(i).PubKey()) }

// newSet returns a set of the first keys with these powers.
func newSet(id, time uint64, powers ...uint64) checkpoint.Set {
	set := checkpoint.Set{ID: id, Time: time}
	for i, power := range powers {
		set.Members = append(set.Members, checkpoint.Member{Address: address(i), Power: power})
	}
	slices.SortFunc(set.Members, func(a, b checkpoint.Member) int { return bytes.Compare(a.Address[:], b.Address[:]) })
	return set
}

// sign returns signatures by the first n keys.
func sign(digest checkpoint.Hash, n int) []checkpoint.Signed {
	var out []checkpoint.Signed
	for i := range n {
		out = append(out, checkpoint.Signed{Address: address(i), Signature: checkpoint.Sign(key(i), digest)})
	}
	return out
}

// vectorLeaf returns the i-th leaf. The lengths of its texts lie on both sides
// of each multiple of a word.
func vectorLeaf(chainID string, i int) checkpoint.Leaf {
	lengths := []int{20, 1, 31, 32, 33, 63, 64, 65, 255}
	text := func(salt string, n int) []byte {
		return bytes.Repeat(fmt.Appendf(nil, "%s%d", salt, i), n)[:n]
	}
	leaf := checkpoint.Leaf{
		Version: checkpoint.LeafVersion, HomeChain: chainID, Task: uint64(i)<<12 | 7, Attempt: uint32(i%3 + 1),
		Provider: text("p", lengths[i%len(lengths)]), Requester: text("r", lengths[i/3%len(lengths)]),
		Denom: string(text("d", []int{5, 1, 31, 32, 33, 68, 128}[i%7])), Amount: 1_000_000 + uint64(i),
		Result: checkpoint.Keccak256(text("result", 40)),
	}
	if i%5 == 4 {
		leaf.DestChain, leaf.Vault, leaf.To = 8453, address(0), address(i)
	}
	switch i {
	case 1:
		leaf.HomeChain = "x"
	case 2:
		leaf.HomeChain = strings.Repeat("c", 50)
	case 3:
		leaf.Amount, leaf.Task, leaf.Attempt = ^uint64(0), ^uint64(0), ^uint32(0)
	}
	return leaf
}

func makeVectors(t *testing.T) vectors {
	t.Helper()
	const chainID, start = "cupel-1", 1_800_000_000
	domain := checkpoint.NewDomain(chainID)
	out := vectors{ChainID: chainID, Salt: domain.Salt(), Separator: domain.Separator()}

	hashes := make([]checkpoint.Hash, 33)
	for i := range hashes {
		leaf := vectorLeaf(chainID, i)
		require.NoError(t, leaf.Validate())
		hashes[i] = leaf.Hash()
		out.Leaves = append(out.Leaves, leafVector{Leaf: leaf, Hash: hashes[i]})
	}
	for _, n := range []int{1, 2, 3, 7, 8, 33} {
		tree, err := checkpoint.NewTree(hashes[:n])
		require.NoError(t, err)
		vector := treeVector{Leaves: n, Root: tree.Root()}
		for _, leaf := range hashes[:n] {
			proof, err := tree.Proof(leaf)
			require.NoError(t, err)
			vector.Proofs = append(vector.Proofs, proof)
		}
		out.Trees = append(out.Trees, vector)
	}
	for _, set := range []checkpoint.Set{
		newSet(1, start, 10, 10, 10, 10),
		newSet(2, start+600, 5, 1, 9, 700, 30),
		newSet(3, start+1200, 1),
		newSet(4, start+1800, 1<<62, 1<<61, 1<<61-1),
	} {
		require.NoError(t, set.Validate())
		out.Sets = append(out.Sets, setVector{
			Set: set, Packed: "0x" + hex.EncodeToString(set.Packed()), Hash: set.Hash(), Threshold: set.Threshold(),
		})
	}
	out.Headers = headerVectors(t, domain, out)
	for i := range 3 {
		operator := bytes.Repeat([]byte{byte(i + 1)}, 20)
		digest := domain.PossessionDigest(operator, address(i))
		out.Possession = append(out.Possession, possessionVector{
			Operator: "0x" + hex.EncodeToString(operator), Key: address(i), Digest: digest, Signature: checkpoint.Sign(key(i), digest),
		})
	}
	return out
}

// headerVectors is one line: a checkpoint of each tree, and after each of the
// first three a change to the next set.
func headerVectors(t *testing.T, domain checkpoint.Domain, v vectors) []headerVector {
	t.Helper()
	var out []headerVector
	root, set := domain.GenesisRoot(), 0
	add := func(h checkpoint.Header) {
		h.Nonce, h.Height, h.PrevRoot, h.Set = uint64(len(out)+1), uint64(len(out)+1)*60, root, v.Sets[set].Hash
		require.NoError(t, h.Validate())
		digest := domain.Digest(h)
		members := v.Sets[set].Set
		out = append(out, headerVector{
			Header: h, Set: set, Message: "0x" + hex.EncodeToString(domain.Message(h)), Digest: digest,
			Signatures: members.Quorum(sign(digest, len(members.Members))),
		})
	}
	for i, tree := range v.Trees {
		add(checkpoint.Header{Root: tree.Root, LeafCount: uint32(tree.Leaves), NextSet: v.Sets[set].Hash})
		root = tree.Root
		if i+1 < len(v.Sets) {
			add(checkpoint.Header{Root: root, NextSet: v.Sets[i+1].Hash})
			set = i + 1
		}
	}
	return out
}

// TestVectors compares this code with the committed vectors, which the other
// implementations are compared with too.
func TestVectors(t *testing.T) {
	text, err := json.MarshalIndent(makeVectors(t), "", " ")
	require.NoError(t, err)
	text = append(text, '\n')
	if *update {
		require.NoError(t, os.WriteFile(vectorsFile, text, 0o600))
	}
	want, err := os.ReadFile(vectorsFile)
	require.NoError(t, err)
	require.Equal(t, string(want), string(text), "encodings are fixed by ADR-002; a new one needs a new version")
}

// TestKnownValues compares with constants that are published elsewhere.
func TestKnownValues(t *testing.T) {
	require.Equal(t, "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470", checkpoint.Keccak256().String())
	secret := make([]byte, 32)
	secret[31] = 1
	require.Equal(t, "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf",
		checkpoint.KeyAddress(secp256k1.PrivKeyFromBytes(secret).PubKey()).String())
}
