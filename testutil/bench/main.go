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

	dbm "github.com/cosmos/cosmos-db"
)

// options are what a caller can change.
type options struct {
	tasks, sends int
	profile, db  string
	scale        string
}

func main() {
	o := options{scale: "full"}
	tasks := 10_000
	if os.Getenv("CUPEL_SCALE") == "pr" {
		o.scale, tasks = "pr", 2_000
	}
	flag.IntVar(&o.tasks, "tasks", tasks, "tasks per scenario")
	flag.StringVar(&o.profile, "profile", "", "file for a CPU profile of the measured part")
	flag.StringVar(&o.db, "db", "goleveldb", "goleveldb or memdb")
	flag.Parse()
	o.sends = max(o.tasks/10, sendsPerBlock)
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(o options) (err error) {
	home, err := os.MkdirTemp("", "cupel-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	r := newReport(o)
	if err := r.footprints(home, o); err != nil {
		return fmt.Errorf("footprint: %w", err)
	}
	db, err := openDB(o.db, home)
	if err != nil {
		return err
	}
	n, err := newNode(db, filepath.Join(home, "timed"), retention(o.tasks))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.app.Close()) }()
	stop, err := startProfile(o.profile)
	if err != nil {
		return err
	}
	err = r.times(n, o)
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	return r.print(os.Stdout)
}

// retention keeps settled tasks until the run that made them has ended.
func retention(tasks int) genesisParams {
	return genesisParams{retention: uint64(200 + tasks/(submitsPerBlock*tasksPerTx))}
}

func openDB(kind, home string) (dbm.DB, error) {
	switch kind {
	case "goleveldb":
		return dbm.NewGoLevelDB("application", home, nil)
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

// footprints measures keys and bytes on a chain of its own, because counting
// them costs time.
func (r *report) footprints(home string, o options) (err error) {
	tasks := max(o.tasks/5, submitsPerBlock*tasksPerTx)
	n, err := newNode(dbm.NewMemDB(), filepath.Join(home, "counted"), retention(tasks))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.app.Close()) }()
	w := n.listen()
	for _, s := range scenarios() {
		if r.footprint[s.key], err = measure(n, w, s, tasks); err != nil {
			return err
		}
	}
	return nil
}

// emptyBlocks is how many blocks without anything are measured.
const emptyBlocks = 100

// times measures transfers before, between and after the scenarios, and takes
// the median of their speeds, because a shared machine is not always as fast.
func (r *report) times(n *node, o options) error {
	sends := make([]cost, 0, len(scenarios())+1)
	send := func() error {
		c, err := runSend(n, o.sends)
		sends = append(sends, c)
		return err
	}
	for _, s := range scenarios() {
		if err := send(); err != nil {
			return err
		}
		l := newLife(n, s, o.tasks)
		spent, err := l.run()
		if err != nil {
			return err
		}
		pruned, err := l.prune()
		if err != nil {
			return err
		}
		r.rows = append(r.rows, row{s.key, l.tasks, spent, pruned})
	}
	if err := send(); err != nil {
		return err
	}
	n.spent = cost{}
	for range emptyBlocks {
		if _, err := n.block(nil); err != nil {
			return err
		}
	}
	r.empty = row{key: "empty block", items: emptyBlocks, spent: n.spent}
	slices.SortFunc(sends, func(a, b cost) int { return int(a.cpu - b.cpu) })
	r.send = row{key: "MsgSend", items: o.sends, spent: sends[len(sends)/2]}
	return nil
}
