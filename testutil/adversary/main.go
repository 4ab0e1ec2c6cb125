// SPDX-License-Identifier: Apache-2.0

// Command adversary plays bots that want more than their share against the real
// application and fails if one of them profits or somebody honest is slashed.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"strings"

	"golang.org/x/sync/errgroup"
)

func main() {
	tasks := 2_000
	if os.Getenv("CUPEL_SCALE") == "pr" {
		tasks = 60
	}
	names := "all"
	workers := 2
	flag.IntVar(&tasks, "tasks", tasks, "tasks that each bot attacks")
	flag.StringVar(&names, "bots", names, "all, or names separated by commas")
	flag.IntVar(&workers, "parallel", workers, "chains at once")
	profile := ""
	flag.StringVar(&profile, "profile", profile, "file for a CPU profile")
	flag.Parse()
	debug.SetGCPercent(400)
	if err := run(names, profile, tasks, workers); err != nil {
		fmt.Fprintln(os.Stderr, "adversary:", err)
		os.Exit(1)
	}
}

func run(names, profile string, tasks, workers int) error {
	if profile != "" {
		file, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	return contest(os.Stdout, chosen, tasks, workers)
}

// choose returns the bots of the given names.
func choose(names string) ([]*bot, error) {
	all := bots()
	if names == "all" {
		return all, nil
	}
	var chosen []*bot
	for name := range strings.SplitSeq(names, ",") {
		found := false
		for _, b := range all {
			if b.name == strings.TrimSpace(name) {
				chosen, found = append(chosen, b), true
			}
		}
		if !found {
			return nil, fmt.Errorf("no bot is named %q", name)
		}
	}
	return chosen, nil
}

// contest plays every bot, prints what became of each when it is over, and
// returns an error unless all is as it should be.
func contest(out io.Writer, chosen []*bot, tasks, workers int) error {
	r := newReport(out, tasks)
	var group errgroup.Group
	group.SetLimit(workers)
	for i, b := range chosen {
		group.Go(func() error {
			o, err := playOne(b, tasks, uint64(i)+1, nil)
			if err != nil {
				r.fail(fmt.Errorf("%s: %w", b.name, err))
				return nil
			}
			r.add(o)
			return nil
		})
	}
	return errors.Join(group.Wait(), r.end())
}

// playOne plays a bot on a chain of its own.
func playOne(b *bot, tasks int, seed uint64, prepare func(*world)) (out outcome, err error) {
	w, err := newWorld(b, seed)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if prepare != nil {
		prepare(w)
	}
	return w.play(tasks)
}
