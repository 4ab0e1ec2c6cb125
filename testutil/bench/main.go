// SPDX-License-Identifier: Apache-2.0

// Command bench measures the settled tasks per second of the whole life of a
// task, and the transfers per second of the same application in the same run.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"

	dbm "github.com/cosmos/cosmos-db"

	"github.com/cupel-network/cupel/app"
	"github.com/cupel-network/cupel/testutil/scale"
)

// options are what a caller can change.
type options struct {
	tasks, sends int
	profile, db  string
	only         string
	rows         string
	full         bool
}

// wants reports whether a part of the benchmark shall run.
func (o options) wants(part string) bool {
	return o.only == "" || slices.Contains(strings.Split(o.only, ","), part)
}

func main() {
	app.TuneGC()
	o := options{full: scale.Name() == "full"}
	flag.IntVar(&o.tasks, "tasks", o.pick(8_000, 120_000), "tasks of the largest scenario")
	flag.StringVar(&o.profile, "profile", "", "file for a CPU profile of the measured part")
	flag.StringVar(&o.db, "db", "goleveldb", "goleveldb or memdb")
	flag.StringVar(&o.only, "only", "", "parts to run, with commas: "+strings.Join(partNames(), ","))
	flag.StringVar(&o.rows, "rows", "", "scenarios to run, with commas; all if empty")
	flag.Parse()
	o.sends = o.pick(500, 2_000)
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// scenarios returns those that shall run.
func (o options) scenarios() (wanted []scenario) {
	for _, s := range scenarios() {
		if o.rows == "" || slices.Contains(strings.Split(o.rows, ","), s.key) {
			wanted = append(wanted, s)
		}
	}
	return wanted
}

// pick returns the figure of the scale of the run.
func (o options) pick(pr, full int) int {
	if o.full {
		return full
	}
	return pr
}

// part is one of the measurements.
type part struct {
	name string
	run  func(r *report, home string) error
}

func parts() []part {
	return []part{
		{"footprint", (*report).footprints},
		{"life", (*report).lives},
		{"sessions", (*report).sessions},
		{"endblock", (*report).endBlocks},
		{"checkpoint", (*report).checkpoints},
		{"net", (*report).network},
	}
}

func partNames() (names []string) {
	for _, p := range parts() {
		names = append(names, p.name)
	}
	return names
}

func run(o options) (err error) {
	home, err := os.MkdirTemp("", "cupel-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	stop, err := startProfile(o.profile)
	if err != nil {
		return err
	}
	r := newReport(o)
	for _, p := range parts() {
		if !o.wants(p.name) {
			continue
		}
		if err := p.run(r, home); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", p.name, err), stop())
		}
	}
	if err := stop(); err != nil {
		return err
	}
	if err := r.print(os.Stdout); err != nil {
		return err
	}
	return r.verdict()
}

// retention keeps settled tasks until the run that made them has ended.
const retention = 160

func openDB(kind, home string) (dbm.DB, error) {
	switch kind {
	case "goleveldb":
		return app.OpenDB(home, dbm.GoLevelDBBackend)
	case "memdb":
		return dbm.NewMemDB(), nil
	default:
		return nil, fmt.Errorf("-db is %q, must be goleveldb or memdb", kind)
	}
}

// startProfile begins a CPU profile and returns what ends it.
func startProfile(path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, err
	}
	return func() error {
		pprof.StopCPUProfile()
		return file.Close()
	}, nil
}

// chains are the nodes of a measurement, one for each standing of providers.
type chains struct {
	kind, home string
	nodes      []*node
}

// of returns the chain whose providers have a standing.
func (c *chains) of(standing string) (*node, error) {
	for _, n := range c.nodes {
		if n.standing == standing {
			return n, nil
		}
	}
	home := filepath.Join(c.home, standing)
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	db, err := openDB(c.kind, home)
	if err != nil {
		return nil, err
	}
	n, err := newNode(db, home, genesisParams{retention: retention, standing: standing})
	if err != nil {
		return nil, err
	}
	c.nodes = append(c.nodes, n)
	return n, nil
}

func (c *chains) close() (err error) {
	for _, n := range c.nodes {
		err = errors.Join(err, n.app.Close())
	}
	return err
}

// footprints measures keys and bytes on chains of their own, because counting
// them costs time.
func (r *report) footprints(home string) (err error) {
	c := &chains{kind: "memdb", home: filepath.Join(home, "counted")}
	defer func() { err = errors.Join(err, c.close()) }()
	for _, s := range r.scenarios() {
		n, err := c.of(s.standing)
		if err != nil {
			return err
		}
		if r.footprint[s.key], err = measure(n, s, min(r.tasks, 16_000)); err != nil {
			return fmt.Errorf("%s: %w", s.key, err)
		}
	}
	return nil
}

// emptyBlocks is how many blocks without anything are measured.
const emptyBlocks = 100

// lives measures transfers before, between and after the scenarios, and takes
// the median of their speeds, because a shared machine is not always as fast.
func (r *report) lives(home string) (err error) {
	c := &chains{kind: r.db, home: filepath.Join(home, "timed")}
	defer func() { err = errors.Join(err, c.close()) }()
	main, err := c.of(trusted)
	if err != nil {
		return err
	}
	sends := make([]cost, 0, len(r.scenarios())+1)
	send := func() error {
		spent, err := runSend(main, r.sends)
		sends = append(sends, spent)
		return err
	}
	for _, s := range r.scenarios() {
		if !r.full && r.options.rows == "" && !slices.Contains(headline, s.key) {
			continue
		}
		if err := send(); err != nil {
			return err
		}
		n, err := c.of(s.standing)
		if err != nil {
			return err
		}
		row, err := runLife(n, s, r.tasks)
		if err != nil {
			return err
		}
		r.rows = append(r.rows, row)
	}
	if err := send(); err != nil {
		return err
	}
	main.spent = cost{}
	for range emptyBlocks {
		if _, err := main.block(nil); err != nil {
			return err
		}
	}
	r.empty = row{key: "empty block", items: emptyBlocks, spent: main.spent}
	slices.SortFunc(sends, func(a, b cost) int { return int(a.cpu - b.cpu) })
	r.send = row{key: "MsgSend", items: r.sends, spent: sends[len(sends)/2]}
	return nil
}

func runLife(n *node, s scenario, tasks int) (row, error) {
	n.row = s.key
	defer func() { n.row = "" }()
	l := newLife(n, s, tasks)
	spent, err := l.run()
	if err != nil {
		return row{}, err
	}
	pruned, err := l.prune()
	return row{s.key, l.tasks, l.audits, spent, pruned}, err
}
