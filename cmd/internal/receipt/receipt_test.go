// SPDX-License-Identifier: Apache-2.0

package receipt_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/internal/receipt"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	chainID = "cupel-test-1"
	task    = 28_672
)

// attestor is a key with its power.
type attestor struct {
	key   *secp256k1.PrivateKey
	power uint64
}

func (a attestor) address() checkpoint.Address { return checkpoint.KeyAddress(a.key.PubKey()) }

// attestors returns keys that are the same at every run, ascending by address.
func attestors(name string, powers ...uint64) []attestor {
	out := make([]attestor, len(powers))
	for i, power := range powers {
		seed := checkpoint.Keccak256(fmt.Appendf(nil, "%s %d", name, i))
		out[i] = attestor{secp256k1.PrivKeyFromBytes(seed[:]), power}
	}
	slices.SortFunc(out, func(a, b attestor) int {
		x, y := a.address(), b.address()
		return cmp.Or(bytes.Compare(x[:], y[:]))
	})
	return out
}

func setOf(id uint64, as []attestor) checkpoint.Set {
	s := checkpoint.Set{ID: id, Time: 1_800_000_000 + 1000*id}
	for _, a := range as {
		s.Members = append(s.Members, checkpoint.Member{Address: a.address(), Power: a.power})
	}
	return s
}

func sign(h checkpoint.Header, as []attestor) []checkpoint.Signed {
	digest := checkpoint.NewDomain(chainID).Digest(h)
	out := []checkpoint.Signed{}
	for _, a := range as {
		out = append(out, checkpoint.Signed{Address: a.address(), Signature: checkpoint.Sign(a.key, digest)})
	}
	return out
}

func leafOf(task uint64, provider byte) checkpoint.Leaf {
	return checkpoint.Leaf{
		Version: 1, HomeChain: chainID, Task: task, Attempt: 3, Provider: bytes.Repeat([]byte{provider}, 20),
		Requester: bytes.Repeat([]byte{0xaa}, 20), Denom: "ucupel", Amount: 340 + uint64(provider),
		Result: checkpoint.Keccak256([]byte("result")),
	}
}

// scene is a receipt with the keys that made it.
type scene struct {
	receipt.Receipt
	sets [3][]attestor
}

// seal signs the checkpoint again with its set, after a change of either.
func (s *scene) seal(signers ...attestor) {
	s.Header.Set = s.Set.Hash()
	s.Header.NextSet = s.Header.Set
	s.Signatures = sign(s.Header, signers)
}

// build returns a receipt of three payments among seven, signed by set 3, with
// the line from set 1.
func build(t testing.TB) *scene {
	s := &scene{sets: [3][]attestor{attestors("one", 10, 10, 10), attestors("two", 40, 30, 20, 10), attestors("three", 1, 1, 1)}}
	sets := [3]checkpoint.Set{setOf(1, s.sets[0]), setOf(2, s.sets[1]), setOf(3, s.sets[2])}
	root := checkpoint.Keccak256([]byte("before"))
	for i := range 2 {
		h := checkpoint.Header{
			Nonce: uint64(4 * (i + 1)), Height: uint64(100 * (i + 1)), Root: root, PrevRoot: root, Set: sets[i].Hash(), NextSet: sets[i+1].Hash(),
		}
		s.Line = append(s.Line, receipt.Change{Header: h, Set: sets[i], Signatures: sign(h, s.sets[i])})
	}
	leaves := []checkpoint.Leaf{leafOf(task, 1), leafOf(task, 2), leafOf(task, 3), leafOf(task+1, 1), leafOf(task+1, 2), leafOf(task+1, 3), leafOf(task+2, 1)}
	hashes := make([]checkpoint.Hash, len(leaves))
	for i, l := range leaves {
		hashes[i] = l.Hash()
	}
	tree, err := checkpoint.NewTree(hashes)
	require.NoError(t, err)
	for i := range 3 {
		siblings, err := tree.Proof(hashes[i])
		require.NoError(t, err)
		s.Proofs = append(s.Proofs, receipt.Proof{Leaf: receipt.NewLeaf(leaves[i]), Hash: hashes[i], Siblings: siblings})
	}
	s.Version, s.ChainID, s.Task, s.Set = receipt.Version, chainID, task, sets[2]
	s.Header = checkpoint.Header{Nonce: 9, Height: 240, Root: tree.Root(), PrevRoot: root, LeafCount: uint32(len(leaves))}
	s.seal(s.sets[2]...)
	return s
}

func encode(t testing.TB, r receipt.Receipt) []byte {
	data, err := r.Encode()
	require.NoError(t, err)
	return data
}

// check is what a reader does with a file.
func check(data []byte, trusted checkpoint.Hash) (receipt.Anchor, error) {
	r, err := receipt.Parse(data)
	if err != nil {
		return receipt.Anchor{}, err
	}
	return r.Verify(trusted)
}

// TestGolden keeps the form of the file: receipts that people have stay valid.
func TestGolden(t *testing.T) {
	path := filepath.Join("testdata", "receipt.json")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(path, encode(t, build(t).Receipt), 0o600))
	}
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(data), string(encode(t, build(t).Receipt)))
	anchor, err := check(data, checkpoint.Hash{})
	require.NoError(t, err)
	require.Equal(t, receipt.Anchor{ID: 1, Hash: build(t).Line[0].Set.Hash()}, anchor)
	r, err := receipt.Parse(data)
	require.NoError(t, err)
	require.Equal(t, build(t).Receipt, r)
	require.Equal(t, leafOf(task, 2), r.Proofs[1].Leaf.Checkpoint())
}

func TestAnyKnownSetIsAnAnchor(t *testing.T) {
	s := build(t)
	for i, set := range []checkpoint.Set{s.Line[0].Set, s.Line[1].Set, s.Set} {
		anchor, err := s.Verify(set.Hash())
		require.NoError(t, err)
		require.Equal(t, receipt.Anchor{ID: uint64(i + 1), Hash: set.Hash()}, anchor)
	}
	_, err := s.Verify(setOf(1, s.sets[1]).Hash())
	require.ErrorIs(t, err, receipt.ErrUntrusted)
	s.Line = s.Line[1:]
	_, err = s.Verify(setOf(1, s.sets[0]).Hash())
	require.ErrorIs(t, err, receipt.ErrUntrusted, "a line without its beginning leads to no earlier set")
	_, err = s.Verify(setOf(2, s.sets[1]).Hash())
	require.NoError(t, err)
}

// scalar is the place of a value in a file.
type scalar struct {
	path     string
	from, to int
}

// scalars lists every value of a JSON text that is no object or array.
func scalars(t *testing.T, data []byte) []scalar {
	var out []scalar
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	type frame struct {
		array bool
		key   string
		n     int
	}
	stack := []frame{}
	name := func() string {
		parts := []string{}
		for _, f := range stack {
			if f.array {
				parts = append(parts, fmt.Sprint(f.n))
			} else {
				parts = append(parts, f.key)
			}
		}
		return strings.Join(parts, ".")
	}
	done := func() { // one value of the innermost container is complete
		if len(stack) > 0 {
			top := &stack[len(stack)-1]
			top.key = ""
			top.n++
		}
	}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				stack = append(stack, frame{array: v == '['})
				continue
			}
			stack = stack[:len(stack)-1]
			done()
		default:
			text, isText := v.(string)
			if top := &stack[len(stack)-1]; !top.array && top.key == "" {
				require.True(t, isText)
				top.key = text
				continue
			}
			to := int(d.InputOffset())
			from := to - len(fmt.Sprint(v))
			if isText {
				from, to = from-1, to-1
			}
			out = append(out, scalar{name(), from, to})
			done()
		}
	}
}

// TestEveryFieldIsProven changes each value of a receipt, one at a time, to
// another of the same form.
func TestEveryFieldIsProven(t *testing.T) {
	data := encode(t, build(t).Receipt)
	all := scalars(t, data)
	require.Greater(t, len(all), 100)
	for _, s := range all {
		for _, at := range []int{s.from, (s.from + s.to) / 2, s.to - 1} {
			bad := slices.Clone(data)
			switch c := bad[at]; {
			case c == '1':
				bad[at] = '2'
			case c >= '0' && c <= '9', c >= 'a' && c <= 'f':
				bad[at] = '1'
			default:
				bad[at] = 'q'
			}
			_, err := check(bad, checkpoint.Hash{})
			require.Error(t, err, "%s, byte %d: %s", s.path, at-s.from, bad[s.from:s.to])
		}
	}
}

func TestForged(t *testing.T) {
	order, _ := new(big.Int).SetString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16)
	tests := map[string]struct {
		forge func(*scene)
		says  string
	}{
		"no leaf":            {func(s *scene) { s.Proofs = nil }, "no leaf"},
		"a leaf twice":       {func(s *scene) { s.Proofs[1] = s.Proofs[0] }, "twice"},
		"siblings cut":       {func(s *scene) { s.Proofs[0].Siblings = s.Proofs[0].Siblings[:1] }, "not under the root"},
		"siblings swapped":   {func(s *scene) { slices.Reverse(s.Proofs[0].Siblings) }, "not under the root"},
		"a sibling too many": {func(s *scene) { s.Proofs[0].Siblings = append(s.Proofs[0].Siblings, s.Header.Root, s.Header.Root) }, "siblings"},
		"two accounts swapped": {func(s *scene) {
			l := &s.Proofs[0].Leaf
			l.Provider, l.Requester = l.Requester, l.Provider
		}, "has the hash"},
		"another task's leaf": {func(s *scene) { s.Task++ }, "is of task"},
		"another chain's leaf, well proven": {func(s *scene) {
			s.ChainID = "cupel-test-2"
		}, "is of chain"},
		"another chain's signatures": {func(s *scene) {
			s.ChainID = "cupel-test-2"
			l := leafOf(task, 1)
			l.HomeChain = s.ChainID
			s.Proofs = []receipt.Proof{{Leaf: receipt.NewLeaf(l), Hash: l.Hash()}}
			s.Header.Root, s.Header.LeafCount = l.Hash(), 1
			s.seal(s.sets[2]...)
		}, "nonce 9"},
		"an inner node as a leaf": {func(s *scene) {
			p := &s.Proofs[0]
			p.Hash, p.Siblings = checkpoint.Keccak256(p.Hash[:], p.Siblings[0][:]), p.Siblings[1:]
		}, "has the hash"},
		"a destination": {func(s *scene) { s.Proofs[0].Leaf.DestChain = 10 }, "dest_chain"},
		"signed twice by one": {func(s *scene) {
			s.seal(s.sets[2][0], s.sets[2][1], s.sets[2][1])
		}, "signed twice"},
		"exactly two thirds": {func(s *scene) { s.seal(s.sets[2][:2]...) }, "is signed by 2 of 3, needed are 3"},
		"no signature":       {func(s *scene) { s.Signatures = nil }, "is signed by 0"},
		"a stranger signs":   {func(s *scene) { s.seal(append(s.sets[2][:2:2], s.sets[0][0])...) }, "is not in set 3"},
		"a high s": {func(s *scene) {
			sig := &s.Signatures[0].Signature
			high := new(big.Int).Sub(order, new(big.Int).SetBytes(sig[32:64]))
			high.FillBytes(sig[32:64])
			sig[64] ^= 27 ^ 28
		}, "lower half"},
		"a set change as the checkpoint": {func(s *scene) { s.Header = s.Line[0].Header }, "leaf"},
		"a set with more power":          {func(s *scene) { s.Set.Members[0].Power++ }, "is for the set"},
		"a line with a hole":             {func(s *scene) { s.Line = s.Line[:1] }, "hands over"},
		"a line out of order":            {func(s *scene) { slices.Reverse(s.Line) }, "hands over"},
		"a change twice":                 {func(s *scene) { s.Line = append(s.Line, s.Line[1]) }, "hands over"},
		"a line that comes later": {func(s *scene) {
			c := &s.Line[1]
			c.Header.Nonce = 9
			c.Signatures = sign(c.Header, s.sets[1])
		}, "does not come before"},
		"a checkpoint in the line": {func(s *scene) { s.Line[1].Header = s.Header }, "changes no set"},
		"a change without two thirds": {func(s *scene) {
			s.Line[0].Signatures = s.Line[0].Signatures[:2]
		}, "is signed by 20 of 30, needed are 21"},
		"ids that jump": {func(s *scene) {
			set := setOf(4, s.sets[2])
			c := &s.Line[1]
			c.Header.NextSet = set.Hash()
			c.Signatures = sign(c.Header, s.sets[1])
			s.Set = set
			s.seal(s.sets[2]...)
		}, "from set 2 to set 4"},
		"another version": {func(s *scene) { s.Version = 2 }, "version 2"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := build(t)
			tc.forge(s)
			_, err := s.Verify(checkpoint.Hash{})
			require.ErrorIs(t, err, receipt.ErrInvalid)
			require.ErrorContains(t, err, tc.says)
		})
	}
}

// TestJustEnough: one unit of power above two thirds seals.
func TestJustEnough(t *testing.T) {
	s := build(t)
	powers := attestors("exact", 67, 33)
	s.Line = nil
	s.Set = setOf(3, powers)
	for _, a := range powers {
		s.seal(a)
		_, err := s.Verify(checkpoint.Hash{})
		if a.power == 67 {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, receipt.ErrInvalid)
		}
	}
}

func TestOneLeafIsItsOwnRoot(t *testing.T) {
	s := build(t)
	s.Proofs = s.Proofs[:1]
	s.Proofs[0].Siblings = []checkpoint.Hash{}
	s.Header.Root, s.Header.LeafCount = s.Proofs[0].Hash, 1
	s.seal(s.sets[2]...)
	_, err := check(encode(t, s.Receipt), checkpoint.Hash{})
	require.NoError(t, err)
}

func TestParseRefusesOtherForms(t *testing.T) {
	good := string(encode(t, build(t).Receipt))
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, []byte(good)))
	_, err := receipt.Parse(compact.Bytes())
	require.NoError(t, err, "white space says nothing")
	replace := func(a, b string) string {
		require.Contains(t, good, a)
		return strings.Replace(good, a, b, 1)
	}
	tests := map[string]string{
		"nothing":              "",
		"another document":     `{"a": 1}`,
		"null":                 "null",
		"two receipts":         good + good,
		"an unknown field":     replace(`"version": 1,`, `"version": 1, "note": "x",`),
		"a repeated field":     replace(`"chain_id"`, `"chain_id": "cupel-1", "chain_id"`),
		"another case":         replace(`"chain_id"`, `"Chain_id"`),
		"upper-case hex":       replace(`0xaaaa`, `0xAAAA`),
		"hex without 0x":       replace(`"0xaaaa`, `"aaaa`),
		"a leading zero":       replace(`"task": "`, `"task": "0`),
		"an escaped character": replace(`cupel-test-1`, `cupel\u002dtest-1`),
		"a field left out":     replace(`"chain_id": "cupel-test-1",`, ``),
		"a negative number":    replace(`"attempt": 3`, `"attempt": -3`),
		"null for a list":      good[:strings.Index(good, `  "line"`)] + `"line": null}`,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := receipt.Parse([]byte(text))
			require.Error(t, err)
		})
	}
	_, err = receipt.Parse(make([]byte, receipt.MaxSize+1))
	require.ErrorContains(t, err, "at most")
}

// FuzzParse: whatever is read has one form, and checking it never panics.
func FuzzParse(f *testing.F) {
	f.Add(encode(f, build(f).Receipt))
	f.Add([]byte(`{"version":1}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := receipt.Parse(data)
		if err != nil {
			return
		}
		again, err := receipt.Parse(encode(t, r))
		require.NoError(t, err)
		require.Equal(t, r, again)
		if _, err := r.Verify(checkpoint.Hash{}); err == nil {
			require.NotEmpty(t, r.Proofs)
		}
	})
}
