// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// treeRow is what a checkpoint takes.
type treeRow struct {
	leaves int
	// hash is the time of the hashes of all leaves, which the settlements take,
	// took that of the tree, proof that of one proof.
	hash, took, proof time.Duration
}

// checkpoints measures trees on one processor, best of five, because other
// programs only ever make it slower.
func (r *report) checkpoints(string) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, n := range []int{10_000, 100_000} {
		best := treeRow{leaves: n, took: time.Hour, hash: time.Hour}
		for range 5 {
			row, err := tree(n)
			if err != nil {
				return err
			}
			best.hash, best.took, best.proof = min(best.hash, row.hash), min(best.took, row.took), row.proof
		}
		r.trees = append(r.trees, best)
	}
	return nil
}

func tree(n int) (row treeRow, err error) {
	start := cpuTime()
	leaves := make([]checkpoint.Hash, n)
	leaf := checkpoint.Leaf{
		Version: checkpoint.LeafVersion, HomeChain: chainID, Attempt: 1, Denom: "ucupel",
		Provider: make([]byte, 20), Requester: make([]byte, 20),
	}
	for i := range leaves {
		leaf.Task, leaf.Amount = uint64(i), uint64(i)
		binary.BigEndian.PutUint64(leaf.Result[:], uint64(i)+1)
		leaves[i] = leaf.Hash()
	}
	row.hash = cpuTime() - start
	start = cpuTime()
	t, err := checkpoint.NewTree(leaves)
	if err != nil {
		return row, err
	}
	row.took = cpuTime() - start
	start = cpuTime()
	proof, err := t.Proof(leaves[n/2])
	row.proof = cpuTime() - start
	if err == nil && !checkpoint.VerifyProof(t.Root(), leaves[n/2], proof) {
		err = fmt.Errorf("leaf %d of %d is not under the root", n/2, n)
	}
	return row, err
}

func (r *report) printTrees(w io.Writer) {
	if len(r.trees) == 0 {
		return
	}
	fmt.Fprintf(w, "checkpoint\thashes of the leaves\ttree\tproof\t\n")
	for _, t := range r.trees {
		fmt.Fprintf(w, "%d leaves\t%.1f ms\t%.1f ms\t%.3f ms\t\n", t.leaves, millis(t.hash), millis(t.took), millis(t.proof))
	}
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
