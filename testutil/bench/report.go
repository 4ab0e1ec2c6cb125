// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"
)

// row is what a number of items took. pruned is what it took to forget them.
type row struct {
	key           string
	items         int
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
}

func newReport(o options) *report {
	return &report{options: o, footprint: map[string]footprint{}}
}

// summary is the last line of the output.
type summary struct {
	MsgSend   float64            `json:"msgsend_per_s"`
	Settled   map[string]float64 `json:"settled_per_s"`
	Ratio     map[string]float64 `json:"ratio"`
	CPURatio  map[string]float64 `json:"cpu_ratio"`
	Keys      map[string]float64 `json:"keys_per_task"`
	KeysPrune map[string]float64 `json:"prune_keys_per_task"`
	Bytes     map[string]float64 `json:"bytes_per_open_task"`
	Allocs    map[string]float64 `json:"allocs_per_task"`
	Gas       map[string]float64 `json:"gas_per_task"`
	Empty     float64            `json:"empty_block_us"`
	Tasks     int                `json:"tasks"`
	DB        string             `json:"db"`
	Scale     string             `json:"scale"`
}

func (r *report) summary() summary {
	s := summary{
		MsgSend: round(r.send.perSecond(), 0), Settled: map[string]float64{}, Ratio: map[string]float64{},
		CPURatio: map[string]float64{}, Keys: map[string]float64{}, KeysPrune: map[string]float64{}, Bytes: map[string]float64{},
		Allocs: map[string]float64{}, Gas: map[string]float64{},
		Empty: round(r.empty.micros(r.empty.spent.total()), 0), Tasks: r.tasks, DB: r.db, Scale: r.scale,
	}
	for _, row := range r.rows {
		f := r.footprint[row.key]
		s.Settled[row.key] = round(row.perSecond(), 0)
		s.Ratio[row.key] = round(row.perSecond()/r.send.perSecond(), 2)
		s.CPURatio[row.key] = round(r.send.micros(r.send.spent.cpu)/row.micros(row.spent.cpu), 2)
		s.Keys[row.key], s.KeysPrune[row.key] = round(f.keys, 2), round(f.pruned, 2)
		s.Bytes[row.key] = round(f.bytes, 0)
		s.Allocs[row.key] = round(float64(row.spent.allocs)/float64(row.items), 0)
		s.Gas[row.key] = round(float64(row.spent.gas)/float64(row.items), 0)
	}
	return s
}

func round(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}

// print writes the table and, as the last line, the summary.
func (r *report) print(out io.Writer) error {
	s := r.summary()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\tper second\tratio\tCheckTx\tFinalizeBlock\tCommit\tCPU\tCPU ratio\tprune CPU\tkeys\tprune keys\tbytes open\tallocs\tgas\tblocks\ttxs\t\n")
	line := func(row row) {
		f := r.footprint[row.key]
		fmt.Fprintf(w, "%s\t%.0f\t%.2f\t%.1f µs\t%.1f µs\t%.1f µs\t%.1f µs\t%.2f\t%.1f µs\t%.2f\t%.2f\t%.0f\t%.0f\t%.0f\t%d\t%d\t\n",
			row.key, row.perSecond(), row.perSecond()/r.send.perSecond(),
			row.micros(row.spent.check), row.micros(row.spent.finalize), row.micros(row.spent.commit),
			row.micros(row.spent.cpu), r.send.micros(r.send.spent.cpu)/row.micros(row.spent.cpu), row.micros(row.pruned.cpu), f.keys, f.pruned, f.bytes,
			float64(row.spent.allocs)/float64(row.items), float64(row.spent.gas)/float64(row.items),
			row.spent.blocks, row.spent.txs)
	}
	line(r.send)
	for _, row := range r.rows {
		line(row)
	}
	line(r.empty)
	if err := w.Flush(); err != nil {
		return err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", text)
	return err
}
