// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"bytes"
	"encoding/json"
	"slices"
)

func decodeRun(raw []byte) (run Run, err error) {
	err = json.Unmarshal(raw, &run)
	return run, err
}

// same compares what is committed to, not what is for people.
func (r Run) same(o Run) bool {
	return r.Outcome == o.Outcome && r.Units == o.Units && bytes.Equal(r.Digest, o.Digest) && bytes.Equal(r.Memory, o.Memory) &&
		bytes.Equal(r.Proof, o.Proof)
}

// Repeats reports whether another run of the same task gave the same result.
// Units that are measured in seconds may differ, and such a run has no memory.
func (r Run) Repeats(o Run, measured bool) bool {
	if r.Outcome != o.Outcome || !bytes.Equal(r.Digest, o.Digest) {
		return false
	}
	return measured || r.Units == o.Units && bytes.Equal(r.Memory, o.Memory)
}

func sameRuns(a, b []Run) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].same(b[i]) {
			return false
		}
	}
	return true
}

func sameAnswer(a, b Case) bool {
	if (a.Run == nil) != (b.Run == nil) || len(a.Cross) != len(b.Cross) || !bytes.Equal(a.Proof, b.Proof) || !slices.Equal(a.Unavailable, b.Unavailable) {
		return false
	}
	if a.Run != nil && !a.Run.same(*b.Run) {
		return false
	}
	for i := range a.Cross {
		if a.Cross[i].Provider != b.Cross[i].Provider || !bytes.Equal(a.Cross[i].Proof, b.Cross[i].Proof) {
			return false
		}
	}
	return true
}
