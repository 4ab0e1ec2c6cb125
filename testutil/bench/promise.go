// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"
)

// What is promised. Keys and bytes are counted and do not depend on the machine.
const (
	maxKeys     = 1.0
	maxDistinct = 10.0
	maxOpen     = 600.0
	maxLeft     = 40.0
	maxIdle     = 1.2
	maxTree     = 300 * time.Millisecond
	maxLatency  = 5
	// maxRedeem is how much more gas a redeem of a million vouchers may cost
	// than one of a single voucher: larger numbers are longer.
	maxRedeem = 1.05
	// maxDrain is the longest that a block may take while steps are due: blocks
	// of a second take no more than twice as long.
	maxDrain = time.Second
)

// minRatio is the least of settled tasks over transfers per second. In small runs
// the idle blocks until the last settlement weigh as much as the tasks: there a
// third of it must hold, of the CPU time.
var minRatio = map[string]float64{"r1b100": 5, "r1b1": 0.2, "r3b100": 3}

// promises returns an error for every figure that is not as promised. A part
// that did not run promises nothing.
func (r *report) promises() (broken []error) {
	check := func(kept bool, format string, args ...any) {
		if !kept {
			broken = append(broken, fmt.Errorf(format, args...))
		}
	}
	atMost := func(what string, got, most float64) {
		check(got <= most, "%s is %.2f, at most %.2f is promised", what, got, most)
	}
	for key, f := range r.footprint {
		switch key {
		case "r1b100":
			atMost("keys per task of "+key, f.keys, maxKeys)
			atMost("bytes left by a task of "+key, f.left, maxLeft)
		case "r1b1":
			atMost("distinct keys per task of "+key, f.distinct, maxDistinct)
		}
		if key == "r1b100" || key == "r3b1" {
			atMost("bytes per open task of "+key, f.open, maxOpen)
		}
	}
	for _, row := range r.rows {
		least, promised := minRatio[row.key]
		got := row.perSecond() / r.send.perSecond()
		if !r.full {
			least, got = least/3, r.send.micros(r.send.spent.cpu)/row.micros(row.spent.cpu)
		}
		check(!promised || got >= least, "the ratio of %s is %.2f, at least %.2f is promised", row.key, got, least)
	}
	if s := r.sessionOf; s.one.gas > 0 {
		atMost("gas of a million vouchers over that of one", float64(s.many.gas)/float64(s.one.gas), maxRedeem)
	}
	for _, t := range r.trees {
		check(t.took <= maxTree, "a tree of %d leaves takes %s, at most %s is promised", t.leaves, t.took, maxTree)
	}
	for _, n := range r.latencies {
		// A worker needs a second or two whatever the blocks are.
		check(n.blocks50 <= maxLatency || n.name != "1s", "agreement takes %d blocks with blocks of %s, at most %d are promised", n.blocks50, n.name, maxLatency)
	}
	if !r.full {
		return broken // times of single blocks say nothing on a busy machine
	}
	for _, b := range r.blocks {
		if b.due == 0 {
			atMost("an idle end of block with "+b.name+" open tasks over one with 1k", float64(b.median)/float64(r.blocks[0].median), maxIdle)
		} else {
			check(b.longest <= maxDrain, "a block takes %s while %d steps are due, at most %s is promised", b.longest, b.due, maxDrain)
		}
	}
	return broken
}
