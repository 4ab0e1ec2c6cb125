// SPDX-License-Identifier: Apache-2.0

package jobfile_test

import (
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/jobfile"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

const hired = "hire: cupel1qyqszqgpqyqszqgpqyqszqgpqyqszqgptsp4a7\n"

func TestComparators(t *testing.T) {
	for text, want := range map[string]markettypes.MsgSubmit{
		"":                            {Comparator: markettypes.ComparatorExact},
		"comparator: {kind: exact}\n": {Comparator: markettypes.ComparatorExact},
		"comparator: {kind: tolerance, dtype: float32, abs: 1e-6, rel: 1e-5}\n": {
			Comparator: markettypes.ComparatorTolerance,
			Tolerance:  &markettypes.Tolerance{Dtype: markettypes.DTypeFloat32, Abs: 1_000_000, Rel: 10_000_000},
		},
		"comparator: {kind: tolerance, dtype: int64, abs: 2.5}\n": {
			Comparator: markettypes.ComparatorTolerance,
			Tolerance:  &markettypes.Tolerance{Dtype: markettypes.DTypeInt64, Abs: 2_500_000_000_000},
		},
		"comparator: {kind: topk, dtype: float64, k: 10, overlap: 0.9}\n": {
			Comparator: markettypes.ComparatorTopK,
			Tolerance:  &markettypes.Tolerance{Dtype: markettypes.DTypeFloat64, K: 10, OverlapBps: 9_000},
		},
	} {
		t.Run(text, func(t *testing.T) {
			f, err := jobfile.Parse([]byte(valid + text))
			require.NoError(t, err)
			require.Equal(t, want.Comparator, f.Comparator)
			require.Equal(t, want.Tolerance, f.Tolerance)
		})
	}
}

func TestPoliciesOfOneReplica(t *testing.T) {
	for text, want := range map[string]markettypes.Policy{
		"policy: scored\n" + hired:                markettypes.PolicyScored,
		"policy: attested\n":                      markettypes.PolicyAttested,
		"policy: attested\nreplicas: 1\n" + hired: markettypes.PolicyAttested,
		hired: markettypes.PolicyOptimistic,
	} {
		f, err := jobfile.Parse([]byte(valid + text))
		require.NoError(t, err, text)
		require.Equal(t, want, f.Policy, text)
		require.EqualValues(t, 1, f.Replicas, text)
	}
}

// TestComparatorMistakes: each is one sentence that names the field.
func TestComparatorMistakes(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	recipient := id.Recipient().String()
	const ok = "comparator: {kind: tolerance, dtype: float32, rel: 1e-5}\n"
	for text, why := range map[string]string{
		"comparator: {dtype: float32}\n":                                  "kind is missing",
		"comparator: {kind: close}\n":                                     "is not known, write exact",
		"comparator: {kind: exact, dtype: int32}\n":                       "has no terms",
		"comparator: {kind: tolerance, rel: 1e-5}\n":                      "dtype is missing",
		"comparator: {kind: tolerance, dtype: float16, rel: 1e-5}\n":      "write float32",
		"comparator: {kind: tolerance, dtype: float32}\n":                 "neither abs nor rel",
		"comparator: {kind: tolerance, dtype: float32, rel: 0}\n":         "neither abs nor rel",
		"comparator: {kind: tolerance, dtype: float32, rel: 1}\n":         "is too large",
		"comparator: {kind: tolerance, dtype: float32, rel: -1e-5}\n":     "is not a number",
		"comparator: {kind: tolerance, dtype: float32, rel: 1e-13}\n":     "finer than 1e-12",
		"comparator: {kind: tolerance, dtype: float32, abs: 1e99}\n":      "is too large",
		"comparator: {kind: tolerance, dtype: float32, abs: 1e999999}\n":  "is not a number",
		"comparator: {kind: tolerance, dtype: float32, abs: 0x10}\n":      "is not a number",
		"comparator: {kind: tolerance, dtype: float32, rel: 0.1, k: 1}\n": "comparator.k is for comparator topk",
		"comparator: {kind: topk, dtype: float32, k: 3, abs: 1}\n":        "comparator.abs is for comparator tolerance",
		"comparator: {kind: topk, dtype: float32}\n":                      "k is missing",
		"comparator: {kind: topk, dtype: float32, k: 0}\n":                "1 to 1048576 is allowed",
		"comparator: {kind: topk, dtype: float32, k: 3, overlap: 1.1}\n":  "is more than 1",
		"comparator: {kind: topk, dtype: float32, k: 3, places: 1}\n":     "places",
		ok + "replicas: 17\n":                                             "takes at most 11 replicas",
		ok + "policy: scored\n" + hired:                                   "compares nothing",
		ok + "encrypt: {results_to: [" + recipient + "]}\n":               "a committee can read",
		"policy: scored\n":                      "is for a direct hire",
		"policy: scored\nreplicas: 2\n" + hired: "runs 1 replica",
		"policy: attested\nreplicas: 3\n":       "policy attested runs 1 replica",
		"policy: scored\n" + hired + "encrypt: {results_to: [" + recipient + "]}\n": "a committee can read",
	} {
		t.Run(text, func(t *testing.T) {
			_, err := jobfile.Parse([]byte(valid + text))
			require.ErrorContains(t, err, why)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}
