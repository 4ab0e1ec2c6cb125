// SPDX-License-Identifier: Apache-2.0

// Package compare says which results are equal under a comparator that is not
// exact. It is pure: the same bytes give the same answer on every machine,
// because it computes with the integers that the bits of a float stand for and
// never with floats. See worker/compare/README.md and x/market/adr/009.
package compare

import (
	"errors"
	"fmt"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// DType is how the elements of an array are encoded, little endian.
type DType string

// The encodings.
const (
	Float32 DType = "float32"
	Float64 DType = "float64"
	Int32   DType = "int32"
	Int64   DType = "int64"
)

// Kind is a comparator.
type Kind string

// The comparators.
const (
	// Tolerance compares element by element.
	Tolerance Kind = "tolerance"
	// TopK compares where the largest elements are.
	TopK Kind = "topk"
)

// Rule says when two arrays are close.
type Rule struct {
	Kind  Kind  `json:"kind"`
	DType DType `json:"dtype"`
	// Abs and Rel are parts per 10^12: |a − b| <= abs + rel × max(|a|, |b|).
	Abs uint64 `json:"abs,omitempty"`
	Rel uint64 `json:"rel,omitempty"`
	// K of the largest elements are compared; OverlapBps of their indices, in
	// basis points, must be the same; 0 means all of them.
	K          uint32 `json:"k,omitempty"`
	OverlapBps uint32 `json:"overlap_bps,omitempty"`
}

// ErrInvalidRule is a rule that no task on chain can have.
var ErrInvalidRule = errors.New("not a valid comparator")

var dtypes = map[markettypes.DType]DType{
	markettypes.DTypeFloat32: Float32, markettypes.DTypeFloat64: Float64,
	markettypes.DTypeInt32: Int32, markettypes.DTypeInt64: Int64,
}

// FromTask returns the rule of a task, or ErrInvalidRule.
func FromTask(c markettypes.Comparator, t *markettypes.Tolerance) (Rule, error) {
	if t == nil {
		return Rule{}, fmt.Errorf("%w: %s without its terms", ErrInvalidRule, c)
	}
	r := Rule{DType: dtypes[t.Dtype], Abs: t.Abs, Rel: t.Rel, K: t.K, OverlapBps: t.OverlapBps}
	switch c {
	case markettypes.ComparatorTolerance:
		r.Kind = Tolerance
	case markettypes.ComparatorTopK:
		r.Kind = TopK
	default:
		return Rule{}, fmt.Errorf("%w: %s", ErrInvalidRule, c)
	}
	return r, r.Validate()
}

// Validate returns ErrInvalidRule unless a task on chain can have the rule.
func (r Rule) Validate() error {
	known := r.DType == Float32 || r.DType == Float64 || r.DType == Int32 || r.DType == Int64
	switch {
	case !known:
		return fmt.Errorf("%w: dtype %q", ErrInvalidRule, r.DType)
	case r.Kind == Tolerance && (r.Rel >= parts || r.Abs > 1<<62 || r.K != 0 || r.OverlapBps != 0):
		return fmt.Errorf("%w: tolerance with abs %d, rel %d, k %d, overlap %d", ErrInvalidRule, r.Abs, r.Rel, r.K, r.OverlapBps)
	case r.Kind == TopK && (r.K == 0 || r.K > markettypes.MaxTopK || r.OverlapBps > markettypes.BasisPoints || r.Abs != 0 || r.Rel != 0):
		return fmt.Errorf("%w: topk with k %d, overlap %d, abs %d, rel %d", ErrInvalidRule, r.K, r.OverlapBps, r.Abs, r.Rel)
	case r.Kind != Tolerance && r.Kind != TopK:
		return fmt.Errorf("%w: kind %q", ErrInvalidRule, r.Kind)
	}
	return nil
}

// maxAnswers is the number of bits of a mask.
const maxAnswers = 32

// Right returns the mask of the group of answers with the most votes: the group
// of i is every answer that is close to i, i among them, at least two. Of groups
// with equal votes it is that of the lowest i; 0 if no two are close. There are
// at most 32 answers, each with its votes. Near is asked once per pair i < j;
// its error ends the search.
func Right(votes []uint32, near func(i, j int) (bool, error)) (uint32, error) {
	n := len(votes)
	if n > maxAnswers {
		return 0, fmt.Errorf("%d answers, at most %d fit a mask", n, maxAnswers)
	}
	groups := make([]uint32, n)
	for i := range groups {
		groups[i] |= 1 << i
		for j := i + 1; j < n; j++ {
			ok, err := near(i, j)
			if err != nil {
				return 0, err
			}
			if ok {
				groups[i] |= 1 << j
				groups[j] |= 1 << i
			}
		}
	}
	return largest(groups, votes), nil
}
