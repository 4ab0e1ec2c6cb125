// SPDX-License-Identifier: Apache-2.0

package jobfile

import (
	"errors"
	"math/big"
	"regexp"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// maxAbs is the largest absolute tolerance, in parts per 10^12.
const maxAbs = 1 << 62

var dtypes = map[string]markettypes.DType{
	"float32": markettypes.DTypeFloat32, "float64": markettypes.DTypeFloat64,
	"int32": markettypes.DTypeInt32, "int64": markettypes.DTypeInt64,
}

// comparator reads how the results of replicas are compared.
func (d *decoder) comparator(o object, f *File) {
	if d.err == nil && f.Policy == markettypes.PolicyScored && len(f.Encrypt.ResultsTo) > 0 {
		d.fail(o.at("policy"), "policy scored needs evidence that a committee can read, leave encrypt.results_to out")
	}
	f.Comparator = markettypes.ComparatorExact
	if !o.has("comparator") {
		return
	}
	c := d.object(o.fields["comparator"], "comparator", "kind", "dtype", "abs", "rel", "k", "overlap")
	c.require("kind", "kind: exact, tolerance or topk")
	if d.err != nil {
		return
	}
	switch kind := c.text("kind"); kind {
	case "exact":
		d.only(c, "comparator exact has no terms, leave %s out", "dtype", "abs", "rel", "k", "overlap")
		return
	case "tolerance":
		f.Comparator = markettypes.ComparatorTolerance
		d.only(c, "%s is for comparator topk", "k", "overlap")
	case "topk":
		f.Comparator = markettypes.ComparatorTopK
		d.only(c, "%s is for comparator tolerance", "abs", "rel")
	default:
		d.fail(c.at("kind"), "comparator.kind %.64q is not known, write exact, tolerance or topk", kind)
	}
	if d.err == nil {
		d.tolerance(c, f)
	}
	d.comparable(o, f)
}

// only refuses keys that another comparator has.
func (d *decoder) only(c object, format string, keys ...string) {
	for _, key := range keys {
		if c.has(key) {
			d.fail(c.at(key), format, c.path(key))
		}
	}
}

func (d *decoder) tolerance(c object, f *File) {
	c.require("dtype", "dtype: float32, float64, int32 or int64, little endian")
	if d.err != nil {
		return
	}
	t := &markettypes.Tolerance{Dtype: dtypes[c.text("dtype")]}
	f.Tolerance = t
	if t.Dtype == markettypes.DTypeUnspecified {
		d.fail(c.at("dtype"), "comparator.dtype %.64q is not known, write float32, float64, int32 or int64", c.text("dtype"))
	}
	if f.Comparator == markettypes.ComparatorTopK {
		c.require("k", "k: 10, how many of the largest elements are compared")
		if d.err == nil {
			t.K = uint32(c.whole("k", markettypes.MaxTopK))
		}
		t.OverlapBps = uint32(c.fixed("overlap", 4, 1))
		return
	}
	t.Abs, t.Rel = c.parts("abs", maxAbs), c.parts("rel", markettypes.ToleranceUnit-1)
	if d.err == nil && t.Abs == 0 && t.Rel == 0 {
		d.fail(c.node, "comparator tolerance has neither abs nor rel, write for example rel: 1e-5")
	}
}

// comparable checks that a committee can compare the results.
func (d *decoder) comparable(o object, f *File) {
	switch {
	case d.err != nil:
	case f.Policy == markettypes.PolicyScored:
		d.fail(o.at("comparator"), "policy scored compares nothing, leave comparator out")
	case len(f.Encrypt.ResultsTo) > 0:
		d.fail(o.at("comparator"), "comparator %s needs results that a committee can read, leave encrypt.results_to out", d.kindOf(f))
	case f.Replicas > markettypes.MaxTolerantReplicas:
		d.fail(o.at("comparator"), "comparator %s takes at most %d replicas, replicas is %d", d.kindOf(f), markettypes.MaxTolerantReplicas, f.Replicas)
	}
}

func (*decoder) kindOf(f *File) string {
	if f.Comparator == markettypes.ComparatorTopK {
		return "topk"
	}
	return "tolerance"
}

var decimal = regexp.MustCompile(`^[0-9]{1,20}(?:\.[0-9]{1,20})?(?:[eE][-+]?[0-9]{1,2})?$`)

// parts reads a decimal number such as 1e-6 as whole parts per 10^12; 0 where
// it is absent.
func (o object) parts(key string, high uint64) uint64 {
	if !o.has(key) {
		return 0
	}
	text := o.text(key)
	if o.d.err != nil {
		return 0
	}
	n, err := parseParts(text, high)
	if err != nil {
		o.d.fail(o.at(key), "%s %.64q %v", o.path(key), text, err)
	}
	return n
}

// parseParts is exact: no float is involved.
func parseParts(text string, high uint64) (uint64, error) {
	if !decimal.MatchString(text) {
		return 0, errors.New("is not a number such as 0.001 or 1e-6")
	}
	v, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, errors.New("is not a number such as 0.001 or 1e-6")
	}
	v.Mul(v, new(big.Rat).SetInt64(markettypes.ToleranceUnit))
	switch {
	case !v.IsInt():
		return 0, errors.New("is finer than 1e-12")
	case v.Num().Cmp(new(big.Int).SetUint64(high)) > 0:
		return 0, errors.New("is too large")
	}
	return v.Num().Uint64(), nil
}
