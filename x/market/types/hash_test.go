// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/x/market/types"
)

// lotTuple is everything that a commitment to a lot binds.
type lotTuple struct {
	chain    string
	operator []byte
	reveal   types.LotReveal
}

func (l lotTuple) commit() string {
	return string(types.CommitLot(l.chain, l.operator, l.reveal))
}

func anyBytes(t *rapid.T, name string) []byte {
	return rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 'a'}), 0, 4).Draw(t, name)
}

func anyResult(t *rapid.T) types.Result {
	return types.Result{
		Outcome: types.Outcome(rapid.Int32Range(0, 2).Draw(t, "outcome")),
		Digest:  anyBytes(t, "digest"), Units: rapid.Uint64Range(0, 2).Draw(t, "units"),
	}
}

func anyLot(t *rapid.T) lotTuple {
	l := lotTuple{chain: string(anyBytes(t, "chain")), operator: anyBytes(t, "operator")}
	r := &l.reveal
	r.Batch, r.Lot = rapid.Uint64Range(0, 2).Draw(t, "batch"), rapid.Uint32Range(0, 2).Draw(t, "lot")
	r.Attempt, r.Salt, r.Proofs = rapid.Uint32Range(0, 2).Draw(t, "attempt"), anyBytes(t, "salt"), anyBytes(t, "proofs")
	for range rapid.IntRange(0, 2).Draw(t, "results") {
		r.Results = append(r.Results, anyResult(t))
	}
	return l
}

// TestCommitmentsDiffer draws tuples from a small alphabet, so that fields
// shifted into each other are likely.
func TestCommitmentsDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyLot(t), anyLot(t)
		require.Equal(t, reflect.DeepEqual(a, b), a.commit() == b.commit())
	})
}

func anyCase(t *rapid.T) types.CaseReveal {
	r := types.CaseReveal{
		Task: rapid.Uint64Range(0, 2).Draw(t, "task"), Attempt: rapid.Uint32Range(0, 2).Draw(t, "attempt"),
		Salt: anyBytes(t, "salt"), Proof: anyBytes(t, "proof"), Result: anyResult(t),
	}
	for range rapid.IntRange(0, 2).Draw(t, "cross") {
		r.Cross = append(r.Cross, types.CrossProof{Provider: rapid.Uint32Range(0, 2).Draw(t, "provider"), Proof: anyBytes(t, "cross proof")})
	}
	return r
}

func TestCaseCommitmentsDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyCase(t), anyCase(t)
		x, y := anyBytes(t, "operator"), anyBytes(t, "operator")
		same := reflect.DeepEqual(a, b) && bytes.Equal(x, y)
		require.Equal(t, same, bytes.Equal(types.CommitCaseAnswer("c", x, a), types.CommitCaseAnswer("c", y, b)))
	})
}

// TestFieldsDoNotShift names pairs whose fields, laid end to end, are equal.
func TestFieldsDoNotShift(t *testing.T) {
	result := func(digest string, units uint64) types.Result {
		return types.Result{Outcome: types.OutcomeOK, Digest: []byte(digest), Units: units}
	}
	tests := map[string][2]lotTuple{
		"chain and operator": {{chain: "ab", operator: []byte("c")}, {chain: "a", operator: []byte("bc")}},
		"proofs and salt": {
			{reveal: types.LotReveal{Proofs: []byte("ab"), Salt: []byte("c")}},
			{reveal: types.LotReveal{Proofs: []byte("a"), Salt: []byte("bc")}},
		},
		"batch and lot":   {{reveal: types.LotReveal{Batch: 1}}, {reveal: types.LotReveal{Lot: 1}}},
		"lot and attempt": {{reveal: types.LotReveal{Lot: 1}}, {reveal: types.LotReveal{Attempt: 1}}},
		"results":         {{reveal: types.LotReveal{Results: []types.Result{{}}}}, {}},
		"digest moved": {
			{reveal: types.LotReveal{Results: []types.Result{result("ab", 1), result("", 1)}}},
			{reveal: types.LotReveal{Results: []types.Result{result("", 1), result("ab", 1)}}},
		},
		"digest and units": {
			{reveal: types.LotReveal{Results: []types.Result{result("\x00", 0)}}},
			{reveal: types.LotReveal{Results: []types.Result{result("", 0)}}},
		},
		"salt padded": {{reveal: types.LotReveal{Salt: []byte{0}}}, {reveal: types.LotReveal{Salt: []byte{0, 0}}}},
	}
	for name, pair := range tests {
		t.Run(name, func(t *testing.T) { require.NotEqual(t, pair[0].commit(), pair[1].commit()) })
	}
}

// TestHashVectors pins the preimages: workers compute them on their own.
func TestHashVectors(t *testing.T) {
	memory := bytes.Repeat([]byte{7}, types.HashSize)
	lot := types.LotReveal{
		Batch: 5, Lot: 2, Attempt: 3, Salt: bytes.Repeat([]byte{9}, 32), Proofs: memory,
		Results: []types.Result{{Outcome: types.OutcomeOK, Digest: memory, Units: 11}},
	}
	answer := types.CaseReveal{
		Task: 20_482, Attempt: 1, Salt: lot.Salt, Result: lot.Results[0], Proof: memory,
		Cross: []types.CrossProof{{Provider: 4, Proof: memory}},
	}
	seed := types.JobSeed(memory, 1)
	for name, got := range map[string][]byte{
		"2f2ce50d32b9e10aa4b327dd18edacf82af744758f0317083f8a7e391ebf8069": types.CommitLot("cupel-1", []byte("operator"), lot),
		"50e0b68f88bb1c48c9ac082f70e32739e3e66d9b0f69774d3b872efd7a19010d": types.CommitCaseAnswer("cupel-1", []byte("operator"), answer),
		"6f45bf63ff766cc040550e1872b8b2ca79744384f97deb9b89d5715cc7934b11": types.RunProof(20_482, []byte("operator"), memory),
		"f2105f37132cfde14baf8b88237d9f855438fdbb2c8e296fe7d9d45e640c099d": seed[:],
	} {
		require.Equal(t, name, hex.EncodeToString(got))
	}
}

// FuzzCommitLot checks that a tuple and its mutation never share a
// commitment, however the bytes are cut into fields.
func FuzzCommitLot(f *testing.F) {
	f.Add([]byte("cupel-1operatordigestsalt"), uint8(7), uint8(15), uint8(21), uint8(1))
	f.Add([]byte{}, uint8(0), uint8(0), uint8(0), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, i, j, k, shift uint8) {
		cut := func(i, j, k int) lotTuple {
			i, j, k = min(i, len(data)), min(j, len(data)), min(k, len(data))
			i, j = min(i, j), max(i, j)
			j, k = min(j, k), max(j, k)
			i = min(i, j)
			l := lotTuple{chain: string(data[:i]), operator: data[i:j]}
			l.reveal.Results = []types.Result{{Outcome: types.OutcomeOK, Digest: data[j:k], Units: uint64(k)}}
			l.reveal.Salt = data[k:]
			return l
		}
		a, b := cut(int(i), int(j), int(k)), cut(int(i)+int(shift), int(j)+int(shift), int(k))
		require.Len(t, a.commit(), types.HashSize)
		same := a.chain == b.chain && bytes.Equal(a.operator, b.operator) &&
			bytes.Equal(a.reveal.Results[0].Digest, b.reveal.Results[0].Digest) &&
			a.reveal.Results[0].Units == b.reveal.Results[0].Units && bytes.Equal(a.reveal.Salt, b.reveal.Salt)
		require.Equal(t, same, a.commit() == b.commit())
	})
}
