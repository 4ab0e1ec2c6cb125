// SPDX-License-Identifier: Apache-2.0

package checkpoint_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

var domain = checkpoint.NewDomain("cupel-1")

// TestLeafBoundaries moves bytes between neighbouring texts: the hash changes
// unless the leaf is the same.
func TestLeafBoundaries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "text")
		cut := func(name string) int { return rapid.IntRange(0, len(text)).Draw(t, name) }
		make3 := func(a, b int) checkpoint.Leaf {
			a, b = min(a, b), max(a, b)
			leaf := vectorLeaf("cupel-1", 0)
			leaf.Provider, leaf.Requester, leaf.Denom = text[:a], text[a:b], string(text[b:])
			return leaf
		}
		a1, b1, a2, b2 := cut("a1"), cut("b1"), cut("a2"), cut("b2")
		same := min(a1, b1) == min(a2, b2) && max(a1, b1) == max(a2, b2)
		require.Equal(t, same, make3(a1, b1).Hash() == make3(a2, b2).Hash())
	})
}

// TestLeafFields changes each field alone: every one is in the hash.
func TestLeafFields(t *testing.T) {
	leaf := vectorLeaf("cupel-1", 4)
	seen := map[checkpoint.Hash]string{leaf.Hash(): "none"}
	fields := reflect.TypeFor[checkpoint.Leaf]()
	for i := range fields.NumField() {
		changed := leaf
		switch field := reflect.ValueOf(&changed).Elem().Field(i); field.Kind() {
		case reflect.String:
			field.SetString(field.String() + "x")
		case reflect.Slice:
			field.SetBytes(append(bytes.Clone(field.Bytes()), 0))
		case reflect.Array:
			field.Index(0).SetUint(field.Index(0).Uint() ^ 1)
		default:
			field.SetUint(field.Uint() ^ 1)
		}
		name := fields.Field(i).Name
		require.Empty(t, seen[changed.Hash()], "%s has the hash of another change", name)
		seen[changed.Hash()] = name
	}
}

func TestLeafValidate(t *testing.T) {
	tests := map[string]func(*checkpoint.Leaf){
		"version":           func(l *checkpoint.Leaf) { l.Version = 2 },
		"no chain":          func(l *checkpoint.Leaf) { l.HomeChain = "" },
		"long chain":        func(l *checkpoint.Leaf) { l.HomeChain = string(make([]byte, 51)) },
		"no provider":       func(l *checkpoint.Leaf) { l.Provider = nil },
		"long provider":     func(l *checkpoint.Leaf) { l.Provider = make([]byte, 256) },
		"no requester":      func(l *checkpoint.Leaf) { l.Requester = nil },
		"long requester":    func(l *checkpoint.Leaf) { l.Requester = make([]byte, 256) },
		"no denom":          func(l *checkpoint.Leaf) { l.Denom = "" },
		"long denom":        func(l *checkpoint.Leaf) { l.Denom = string(make([]byte, 129)) },
		"no result":         func(l *checkpoint.Leaf) { l.Result = checkpoint.Hash{} },
		"chain alone":       func(l *checkpoint.Leaf) { l.DestChain = 1 },
		"vault alone":       func(l *checkpoint.Leaf) { l.Vault[0] = 1 },
		"no recipient":      func(l *checkpoint.Leaf) { l.DestChain, l.Vault[0] = 1, 1 },
		"recipient, no way": func(l *checkpoint.Leaf) { l.To[0] = 1 },
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			leaf := vectorLeaf("cupel-1", 0)
			require.NoError(t, leaf.Validate())
			edit(&leaf)
			require.Error(t, leaf.Validate())
		})
	}
}

// TestLeafJSON reads what it wrote, numbers above 2^53 included.
func TestLeafJSON(t *testing.T) {
	want := vectorLeaf("cupel-1", 3)
	text, err := json.Marshal(want)
	require.NoError(t, err)
	var got checkpoint.Leaf
	require.NoError(t, json.Unmarshal(text, &got))
	require.Equal(t, want, got)
}

// TestTree proves every leaf of trees of any size and refuses proofs that are
// cut, grown, changed or another leaf's.
func TestTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := make([]checkpoint.Hash, rapid.IntRange(1, 70).Draw(t, "leaves"))
		for i := range leaves {
			leaves[i] = checkpoint.Keccak256([]byte{byte(i)})
		}
		tree, err := checkpoint.NewTree(leaves)
		require.NoError(t, err)
		again, err := checkpoint.NewTree(rapid.Permutation(leaves).Draw(t, "order"))
		require.NoError(t, err)
		require.Equal(t, tree.Root(), again.Root(), "the order of the leaves does not matter")

		for _, leaf := range leaves {
			proof, err := tree.Proof(leaf)
			require.NoError(t, err)
			require.True(t, checkpoint.VerifyProof(tree.Root(), leaf, proof))
		}
		leaf := rapid.SampledFrom(leaves).Draw(t, "leaf")
		proof, err := tree.Proof(leaf)
		require.NoError(t, err)
		require.False(t, checkpoint.VerifyProof(tree.Root(), checkpoint.Keccak256([]byte("no leaf")), proof))
		require.False(t, checkpoint.VerifyProof(tree.Root(), leaf, append(slices.Clone(proof), leaf)))
		require.False(t, checkpoint.VerifyProof(checkpoint.Hash{}, leaf, proof))
		_, err = tree.Proof(checkpoint.Keccak256([]byte("no leaf")))
		require.Error(t, err)
		if len(proof) == 0 {
			return
		}
		require.False(t, checkpoint.VerifyProof(tree.Root(), leaf, proof[:len(proof)-1]))
		changed := slices.Clone(proof)
		at := rapid.IntRange(0, len(proof)-1).Draw(t, "at")
		changed[at][rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
		require.False(t, checkpoint.VerifyProof(tree.Root(), leaf, changed))
	})
}

func TestTreeRefuses(t *testing.T) {
	_, err := checkpoint.NewTree(nil)
	require.ErrorIs(t, err, checkpoint.ErrEmptyTree)
	_, err = checkpoint.NewTree([]checkpoint.Hash{{1}, {}})
	require.Error(t, err)
}

func TestHeaderValidate(t *testing.T) {
	valid := checkpoint.Header{
		Nonce: 1, Height: 60, Root: checkpoint.Hash{1}, PrevRoot: domain.GenesisRoot(), LeafCount: 1,
		Set: checkpoint.Hash{2}, NextSet: checkpoint.Hash{2},
	}
	change := valid
	change.LeafCount, change.Root, change.NextSet = 0, change.PrevRoot, checkpoint.Hash{3}
	require.NoError(t, valid.Validate())
	require.NoError(t, change.Validate())
	require.False(t, valid.IsSetChange())
	require.True(t, change.IsSetChange())

	tests := map[string]struct {
		header checkpoint.Header
		edit   func(*checkpoint.Header)
	}{
		"nonce zero":             {valid, func(h *checkpoint.Header) { h.Nonce = 0 }},
		"height zero":            {valid, func(h *checkpoint.Header) { h.Height = 0 }},
		"root zero":              {valid, func(h *checkpoint.Header) { h.Root = checkpoint.Hash{} }},
		"previous root zero":     {valid, func(h *checkpoint.Header) { h.PrevRoot = checkpoint.Hash{} }},
		"set zero":               {valid, func(h *checkpoint.Header) { h.Set, h.NextSet = checkpoint.Hash{}, checkpoint.Hash{} }},
		"too many leaves":        {valid, func(h *checkpoint.Header) { h.LeafCount = checkpoint.MaxLeaves + 1 }},
		"no leaf":                {valid, func(h *checkpoint.Header) { h.LeafCount = 0 }},
		"the root before":        {valid, func(h *checkpoint.Header) { h.Root = h.PrevRoot }},
		"change with a leaf":     {change, func(h *checkpoint.Header) { h.LeafCount = 1 }},
		"change with a new root": {change, func(h *checkpoint.Header) { h.Root = checkpoint.Hash{9} }},
		"change to no set":       {change, func(h *checkpoint.Header) { h.NextSet = checkpoint.Hash{} }},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.edit(&tc.header)
			require.Error(t, tc.header.Validate())
		})
	}
}

// TestDigestFields changes each field of a header and the chain: every one is
// in what is signed, and a header is no possession.
func TestDigestFields(t *testing.T) {
	var header checkpoint.Header
	seen := map[checkpoint.Hash]bool{
		domain.Digest(header):                                       true,
		checkpoint.NewDomain("cupel-2").Digest(header):              true,
		domain.PossessionDigest(nil, checkpoint.Address{}):          true,
		domain.PossessionDigest([]byte{1}, checkpoint.Address{}):    true,
		domain.PossessionDigest(nil, checkpoint.Address{19: 1}):     true,
		checkpoint.NewDomain("").PossessionDigest(nil, address(0)):  true,
		checkpoint.NewDomain("x").PossessionDigest(nil, address(0)): true,
	}
	require.Len(t, seen, 7)
	value := reflect.ValueOf(&header).Elem()
	for i := range value.NumField() {
		header = checkpoint.Header{}
		if field := value.Field(i); field.Kind() == reflect.Array {
			field.Index(31).SetUint(1)
		} else {
			field.SetUint(1)
		}
		require.False(t, seen[domain.Digest(header)], value.Type().Field(i).Name)
		seen[domain.Digest(header)] = true
	}
	require.Len(t, domain.Message(header), 66)
}

// TestText reads what String wrote and refuses other lengths and digits.
func TestText(t *testing.T) {
	var hash checkpoint.Hash
	var account checkpoint.Address
	var signature checkpoint.Signature
	want := checkpoint.Sign(key(0), checkpoint.Hash{1})
	require.NoError(t, signature.UnmarshalText([]byte(want.String())))
	require.Equal(t, want, signature)
	require.NoError(t, account.UnmarshalText([]byte(address(0).String())))
	require.Equal(t, address(0), account)
	for _, text := range []string{"", "0x", "0x00", domain.Salt().String() + "00", "0x" + string(bytes.Repeat([]byte("zz"), 32))} {
		require.Error(t, hash.UnmarshalText([]byte(text)), text)
	}
	_, err := checkpoint.ToHash(make([]byte, 31))
	require.Error(t, err)
	_, err = checkpoint.ToAddress(make([]byte, 21))
	require.Error(t, err)
	_, err = checkpoint.ToSignature(make([]byte, 64))
	require.Error(t, err)
}
