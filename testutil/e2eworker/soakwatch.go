// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/client"
	"go.etcd.io/bbolt"

	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/worker"
)

// reading is what a worker holds at one moment.
type reading struct{ rss, fds, goroutines int }

// watch looks at a worker's process from the outside.
type watch struct {
	provider *net.Provider
	samples  []reading
	// inputs are all files that were ever in the cache and when they were last
	// seen to be used, most the most bytes that it held.
	inputs map[string]time.Time
	most   int64
	// ran is what the worker counts, by outcome and class.
	ran map[string]int
}

func newWatch(p *net.Provider) *watch {
	return &watch{provider: p, inputs: make(map[string]time.Time), ran: make(map[string]int)}
}

// ready returns once the worker can be looked at.
func (w *watch) ready(ctx context.Context) error {
	return net.Until(ctx, 200*time.Millisecond, func() (bool, error) {
		_, err := w.metrics(ctx)
		return err == nil, err
	})
}

// run takes a sample a second until ctx is done.
func (w *watch) run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := w.look(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("look at the worker: %w", err)
		}
	}
}

func (w *watch) look(ctx context.Context) error {
	pid := w.provider.Process().PID()
	now := reading{}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	if _, err := fmt.Sscan(rest, &now.rss); err != nil {
		return err
	}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return err
	}
	now.fds = len(open)
	if now.goroutines, err = w.metrics(ctx); err != nil {
		return err
	}
	w.samples = append(w.samples, now)
	return w.cache()
}

// metrics reads the worker's own figures and returns its goroutines.
func (w *watch) metrics(ctx context.Context) (goroutines int, err error) {
	cfg, err := worker.LoadConfig(w.provider.WorkerHome)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+cfg.HTTP.Operations+"/metrics", http.NoBody)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		n, err := strconv.ParseFloat(value, 64)
		switch {
		case err != nil: // a comment
		case name == "go_goroutines":
			goroutines = int(n)
		case strings.HasPrefix(name, "worker_jobs_total"):
			w.ran[name] = int(n)
		}
	}
	return goroutines, lines.Err()
}

// cache looks at the inputs that the worker keeps.
func (w *watch) cache() error {
	entries, err := os.ReadDir(filepath.Join(w.provider.WorkerHome, "inputs"))
	if err != nil {
		return err
	}
	var sum int64
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		sum += info.Size()
		w.inputs[e.Name()] = info.ModTime()
	}
	w.most = max(w.most, sum)
	return nil
}

// thirds are the medians of one figure in the three parts of the run.
func (w *watch) thirds(figure func(reading) int) (medians [3]int) {
	n := len(w.samples)
	for i := range medians {
		var all []int
		for _, s := range w.samples[i*n/3 : (i+1)*n/3] {
			all = append(all, figure(s))
		}
		slices.Sort(all)
		medians[i] = all[len(all)/2]
	}
	return medians
}

// What the last third may have more than the second one.
const (
	slackMiB        = 8
	slackFDs        = 6
	slackGoroutines = 12
)

// steady fails if the worker took more and more while the work stayed the same.
func (s *soak) steady() error {
	w, f := s.watch, &s.figures
	if len(w.samples) < 9 {
		return fmt.Errorf("%d samples are too few", len(w.samples))
	}
	f.RSS = w.thirds(func(r reading) int { return r.rss >> 10 })
	f.FDs = w.thirds(func(r reading) int { return r.fds })
	f.Goroutines = w.thirds(func(r reading) int { return r.goroutines })
	f.CacheMiB = int(w.most >> 20)
	for _, n := range w.ran {
		f.Ran += n
	}
	var all []error
	if f.RSS[2]*100 > f.RSS[1]*115+slackMiB*100 {
		all = append(all, fmt.Errorf("memory grows: %d MiB", f.RSS))
	}
	if f.FDs[2] > f.FDs[1]+slackFDs {
		all = append(all, fmt.Errorf("open files grow: %d", f.FDs))
	}
	if f.Goroutines[2] > f.Goroutines[1]+slackGoroutines {
		all = append(all, fmt.Errorf("goroutines grow: %d", f.Goroutines))
	}
	if w.most > soakCacheMiB<<20 {
		all = append(all, fmt.Errorf("inputs took %d bytes, the limit is %d MiB", w.most, soakCacheMiB))
	}
	if f.Ran < f.Jobs {
		all = append(all, fmt.Errorf("the worker ran %d of %d jobs: %v", f.Ran, f.Jobs, w.ran))
	}
	return errors.Join(all...)
}

// leftovers names what should not be there once all is forgotten.
func (s *soak) leftovers(ctx context.Context) (left []string, err error) {
	list, err := s.docker.ContainerList(ctx, client.ContainerListOptions{All: true})
	if err != nil {
		return nil, err
	}
	for _, c := range list.Items {
		left = append(left, "container "+c.ID)
	}
	for _, p := range s.Providers {
		for _, pattern := range []string{"scratch/*", "containers/runs/*", "inputs/*.part", "results/*.part"} {
			found, err := filepath.Glob(filepath.Join(p.WorkerHome, filepath.FromSlash(pattern)))
			if err != nil {
				return nil, err
			}
			left = append(left, found...)
		}
		children, err := childrenOf(p.Process().PID())
		if err != nil {
			return nil, err
		}
		left = append(left, children...)
	}
	temporary, err := filepath.Glob(filepath.Join(s.temp, "*"))
	if err != nil {
		return nil, err
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if strings.Contains(string(mounts), s.Dir+"/") {
		left = append(left, "a mount below "+s.Dir)
	}
	return append(left, temporary...), err
}

// childrenOf lists the processes that a process has started.
func childrenOf(pid int) ([]string, error) {
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	var all []string
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if errors.Is(err, fs.ErrNotExist) {
			continue // that thread has ended
		}
		if err != nil {
			return nil, err
		}
		for child := range strings.FieldsSeq(string(text)) {
			command, err := os.ReadFile(filepath.Join("/proc", child, "cmdline"))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
			all = append(all, fmt.Sprintf("process %s (%.100q) of %d", child, command, pid))
		}
	}
	return all, err
}

// evictions checks that the cache dropped what was unused for longest: the
// input that all tasks share is its oldest and stays, and those that went were
// used earlier than those that are there. The medians are compared, because what
// is at work or must still be served stays whatever its age.
func (s *soak) evictions() error {
	dir := filepath.Join(s.Providers[0].WorkerHome, "inputs")
	var went, stayed []time.Time
	for name, used := range s.watch.inputs {
		info, err := os.Stat(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			went = append(went, used)
		case err != nil:
			return err
		default:
			stayed = append(stayed, info.ModTime())
		}
	}
	s.figures.Evicted = len(went)
	shared, err := digestOf(filepath.Join(s.shelf.dir, "shared"))
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, shared)); err != nil {
		return fmt.Errorf("the input that every task used was evicted: %w", err)
	}
	if len(went) == 0 || !median(went).Before(median(stayed)) {
		return fmt.Errorf("%d of %d inputs were evicted, but not those unused for longest: used at %s, the others at %s",
			len(went), len(s.watch.inputs), went, stayed)
	}
	return nil
}

func median(all []time.Time) time.Time {
	slices.SortFunc(all, time.Time.Compare)
	return all[len(all)/2]
}

// maxJournalKiB bounds the journal's file, whose free pages are used again.
const maxJournalKiB = 1024

// journal opens the journal of a worker that has stopped: it holds nothing of
// what is done.
func (s *soak) journal(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	s.figures.JournalKiB = int(info.Size() >> 10)
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return err
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			if n := b.Stats().KeyN; n > 0 && string(name) != "meta" {
				return fmt.Errorf("the journal still has %d %s of jobs that are long over", n, name)
			}
			return nil
		})
	})
	if err == nil && s.figures.JournalKiB > maxJournalKiB {
		err = fmt.Errorf("the journal has %d KiB", s.figures.JournalKiB)
	}
	return err
}
