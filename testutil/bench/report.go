// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"

	"github.com/cupel-network/cupel/testutil/loadgen"
	"github.com/cupel-network/cupel/testutil/scale"
)

// row is what a number of items took. pruned is what it took to forget them.
type row struct {
	key           string
	items, audits int
	spent, pruned cost
}

func (r row) perSecond() float64 {
	return float64(r.items) / r.spent.total().Seconds()
}

// micros returns a share of the time of one item in microseconds.
func (r row) micros(d time.Duration) float64 {
	return float64(d) / float64(time.Microsecond) / float64(r.items)
}

// report collects what a run has measured.
type report struct {
	options
	send      row
	empty     row
	rows      []row
	footprint map[string]footprint
	sessionOf sessionReport
	blocks    []endBlockRow
	trees     []treeRow
	latencies []netRow
	sustained loadgen.Sustained
}

func newReport(o options) *report {
	return &report{options: o, footprint: map[string]footprint{}}
}

// summary is the last line of the output.
type summary struct {
	MsgSend    float64            `json:"msgsend_per_s"`
	Settled    map[string]float64 `json:"settled_per_s"`
	Ratio      map[string]float64 `json:"ratio"`
	EndBlock   map[string]float64 `json:"endblock_ns"`
	Keys       float64            `json:"keys_per_task"`
	Open       float64            `json:"bytes_open"`
	Pruned     float64            `json:"bytes_pruned"`
	Checkpoint float64            `json:"checkpoint_100k_ms"`
	Latency    float64            `json:"latency_blocks_p50"`
	Sustained  float64            `json:"sustained_per_s"`
	Scale      string             `json:"scale"`
}

// headline are the scenarios of the summary.
var headline = []string{"r1b1", "r1b10", "r1b100", "r3b100"}

func (r *report) summary() summary {
	s := summary{
		MsgSend: round(r.send.perSecond(), 0), Settled: map[string]float64{}, Ratio: map[string]float64{}, EndBlock: map[string]float64{},
		Keys:   round(r.footprint["r1b100"].keys, 2),
		Open:   round(max(r.footprint["r1b100"].open, r.footprint["r3b1"].open), 0),
		Pruned: round(r.left(), 0), Sustained: round(r.sustained.PerSecond(), 0), Scale: scale.Name(),
	}
	for _, row := range r.rows {
		for _, key := range headline {
			if row.key == key {
				s.Settled[key], s.Ratio[key] = round(row.perSecond(), 0), round(row.perSecond()/r.send.perSecond(), 2)
			}
		}
	}
	for _, b := range r.blocks {
		if b.due == 0 {
			s.EndBlock[b.name] = float64(b.median.Nanoseconds())
		}
	}
	for _, t := range r.trees {
		if t.leaves == 100_000 {
			s.Checkpoint = round(t.took.Seconds()*1000, 1)
		}
	}
	for _, n := range r.latencies {
		s.Latency = float64(n.blocks50) // the last one is that of the longest blocks
	}
	return s
}

// left is what a pruned task with one leaf leaves in state.
func (r *report) left() float64 {
	return r.footprint["r1b100"].left
}

func round(v float64, digits int) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}

// print writes the tables and, as the last line, the summary.
func (r *report) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, table := range []func(io.Writer){r.printLives, r.printFootprints, r.printSessions, r.printEndBlocks, r.printTrees, r.printNet, r.printSustained} {
		table(w)
		if err := w.Flush(); err != nil {
			return err
		}
	}
	text, err := json.Marshal(r.summary())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", text)
	return err
}

func (r *report) printLives(w io.Writer) {
	if len(r.rows) == 0 {
		return
	}
	fmt.Fprintf(w, "whole life\tper second\tratio\tCheckTx\tFinalizeBlock\tCommit\tCPU\tCPU ratio\tprune CPU\tallocs\tgas\taudited\titems\tblocks\ttxs\t\n")
	for _, row := range append(append([]row{r.send}, r.rows...), r.empty) {
		fmt.Fprintf(w, "%s\t%.0f\t%.2f\t%.1f µs\t%.1f µs\t%.1f µs\t%.1f µs\t%.2f\t%.1f µs\t%.0f\t%.0f\t%.1f %%\t%d\t%d\t%d\t\n",
			row.key, row.perSecond(), row.perSecond()/r.send.perSecond(),
			row.micros(row.spent.check), row.micros(row.spent.finalize), row.micros(row.spent.commit),
			row.micros(row.spent.cpu), r.send.micros(r.send.spent.cpu)/row.micros(row.spent.cpu), row.micros(row.pruned.cpu),
			float64(row.spent.allocs)/float64(row.items), float64(row.spent.gas)/float64(row.items),
			100*float64(row.audits)/float64(row.items), row.items, row.spent.blocks, row.spent.txs)
	}
}

func (r *report) printFootprints(w io.Writer) {
	if len(r.footprint) == 0 {
		return
	}
	fmt.Fprintf(w, "per task\tkeys\tof audits\taudited\tdistinct keys\tkeys to prune\tbytes open\tbytes left\t\n")
	for _, s := range r.scenarios() {
		f := r.footprint[s.key]
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.1f %%\t%.2f\t%.2f\t%.0f\t%.1f\t\n", s.key, f.keys, f.cases, 100*f.audits, f.distinct, f.pruned, f.open, f.left)
	}
}

// verdict returns an error unless the figures keep what is promised.
func (r *report) verdict() error { return errors.Join(r.promises()...) }
