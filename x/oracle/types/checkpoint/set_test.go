// SPDX-License-Identifier: Apache-2.0

package checkpoint_test

import (
	"bytes"
	"math"
	"math/big"
	"reflect"
	"slices"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

func TestSetValidate(t *testing.T) {
	tests := map[string]func(*checkpoint.Set){
		"id zero":     func(s *checkpoint.Set) { s.ID = 0 },
		"time zero":   func(s *checkpoint.Set) { s.Time = 0 },
		"no member":   func(s *checkpoint.Set) { s.Members = nil },
		"disorder":    func(s *checkpoint.Set) { slices.Reverse(s.Members) },
		"twice":       func(s *checkpoint.Set) { s.Members[1] = s.Members[0] },
		"no address":  func(s *checkpoint.Set) { s.Members[0].Address = checkpoint.Address{} },
		"no power":    func(s *checkpoint.Set) { s.Members[2].Power = 0 },
		"total":       func(s *checkpoint.Set) { s.Members[0].Power = math.MaxInt64 },
		"wraps":       func(s *checkpoint.Set) { s.Members[0].Power, s.Members[1].Power = math.MaxUint64, 2 },
		"201 members": func(s *checkpoint.Set) { s.Members = manyMembers(201) },
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			set := newSet(1, 1, 10, 10, 10)
			require.NoError(t, set.Validate())
			edit(&set)
			require.Error(t, set.Validate())
		})
	}
	require.NoError(t, checkpoint.Set{ID: 1, Time: 1, Members: manyMembers(200)}.Validate())
}

func manyMembers(n int) []checkpoint.Member {
	out := make([]checkpoint.Member, n)
	for i := range out {
		out[i] = checkpoint.Member{Address: checkpoint.Address{byte((i + 1) >> 8), byte(i + 1)}, Power: 1}
	}
	return out
}

// drawSet draws a valid set of the first keys.
func drawSet(t *rapid.T) checkpoint.Set {
	powers := rapid.SliceOfN(rapid.Uint64Range(1, math.MaxInt64/8), 1, 8).Draw(t, "powers")
	return newSet(rapid.Uint64Range(1, 9).Draw(t, "id"), rapid.Uint64Range(1, 9).Draw(t, "time"), powers...)
}

// TestThreshold compares with exact arithmetic: the least power above 2/3.
func TestThreshold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := drawSet(t)
		require.NoError(t, set.Validate())
		two, three, total := big.NewInt(2), big.NewInt(3), new(big.Int)
		for _, m := range set.Members {
			total.Add(total, new(big.Int).SetUint64(m.Power))
		}
		twice := new(big.Int).Mul(total, two)
		least := new(big.Int).SetUint64(set.Threshold())
		require.Positive(t, new(big.Int).Mul(least, three).Cmp(twice))
		less := new(big.Int).Sub(least, big.NewInt(1))
		require.LessOrEqual(t, new(big.Int).Mul(less, three).Cmp(twice), 0)
	})
}

// TestPackedSet reads what it packed; a set that differs has another hash.
func TestPackedSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawSet(t), drawSet(t)
		members, err := checkpoint.UnpackMembers(a.Packed())
		require.NoError(t, err)
		require.Equal(t, a.Members, members)
		require.Equal(t, reflect.DeepEqual(a, b), a.Hash() == b.Hash())
	})
	_, err := checkpoint.UnpackMembers(make([]byte, 29))
	require.Error(t, err)
}

// TestQuorum: what Quorum returns reaches the threshold, ascends, and no fewer
// signatures would do.
func TestQuorum(t *testing.T) {
	digest := checkpoint.Keccak256([]byte("digest"))
	rapid.Check(t, func(t *rapid.T) {
		set := drawSet(t)
		signed := sign(digest, rapid.IntRange(0, len(set.Members)).Draw(t, "signers"))
		power, err := set.Verify(digest, signed)
		require.NoError(t, err)
		quorum := set.Quorum(signed)
		if power < set.Threshold() {
			require.Nil(t, quorum)
			return
		}
		reached, err := set.Verify(digest, quorum)
		require.NoError(t, err)
		require.GreaterOrEqual(t, reached, set.Threshold())
		require.True(t, slices.IsSortedFunc(quorum, func(a, b checkpoint.Signed) int { return bytes.Compare(a.Address[:], b.Address[:]) }))

		powers := []uint64{}
		for _, s := range signed {
			powers = append(powers, set.Power(s.Address))
		}
		slices.Sort(powers)
		var heaviest uint64
		for _, p := range powers[len(powers)-len(quorum)+1:] {
			heaviest += p
		}
		require.Less(t, heaviest, set.Threshold(), "the heaviest signers, one fewer, do not reach it")
	})
}

func TestVerifyRefuses(t *testing.T) {
	digest := checkpoint.Keccak256([]byte("digest"))
	set := newSet(1, 1, 10, 10, 10)
	tests := map[string]func([]checkpoint.Signed) []checkpoint.Signed{
		"twice":          func(s []checkpoint.Signed) []checkpoint.Signed { return append(s, s[0]) },
		"by another":     func(s []checkpoint.Signed) []checkpoint.Signed { s[0].Signature = s[1].Signature; return s },
		"a stranger":     func(s []checkpoint.Signed) []checkpoint.Signed { return append(s, sign(digest, 4)[3]) },
		"another digest": func(s []checkpoint.Signed) []checkpoint.Signed { return sign(checkpoint.Hash{1}, 3) },
		"no signature":   func(s []checkpoint.Signed) []checkpoint.Signed { s[2].Signature = checkpoint.Signature{}; return s },
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := set.Verify(digest, edit(sign(digest, 3)))
			require.Error(t, err)
		})
	}
}

// TestSignature recovers the signer, and nothing else passes: neither the twin
// with a high s, nor another v, nor a changed bit.
func TestSignature(t *testing.T) {
	order := secp256k1.Params().N
	rapid.Check(t, func(t *rapid.T) {
		digest := checkpoint.Keccak256(rapid.SliceOf(rapid.Byte()).Draw(t, "text"))
		signer := rapid.IntRange(0, 3).Draw(t, "signer")
		signature := checkpoint.Sign(key(signer), digest)
		got, err := signature.Recover(digest)
		require.NoError(t, err)
		require.Equal(t, address(signer), got)
		require.Equal(t, signature, checkpoint.Sign(key(signer), digest), "signing is deterministic")

		twin := signature
		new(big.Int).Sub(order, new(big.Int).SetBytes(signature[32:64])).FillBytes(twin[32:64])
		twin[64] = 27 + 28 - signature[64]
		_, err = twin.Recover(digest)
		require.Error(t, err, "a high s")

		other := signature
		other[64] = rapid.ByteRange(0, 26).Draw(t, "v")
		_, err = other.Recover(digest)
		require.Error(t, err, "v")

		changed := signature
		changed[rapid.IntRange(0, 64).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if got, err := changed.Recover(digest); err == nil {
			require.NotEqual(t, address(signer), got)
		}
	})
}
