// SPDX-License-Identifier: Apache-2.0

// e2e-worker runs workers before a Docker daemon and a Slurm cluster of their
// own, settles their jobs on a chain of this machine, kills the workers, tries to
// leave both sandboxes, and lets one worker run for long; CUPEL_SCALE says how
// long. The last line is a JSON object with the figures; the exit code is 1 if
// anything is not as it should be.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/cupel-network/cupel/testutil/dockerd"
	"github.com/cupel-network/cupel/testutil/e2eworker"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/scale"
	"github.com/cupel-network/cupel/testutil/slurm"
)

// report is the last line. What could not run here is named in Skipped.
type report struct {
	ContainerJobs int      `json:"container_jobs"`
	SlurmJobs     int      `json:"slurm_jobs"`
	Settled       int      `json:"settled"`
	EscapeCases   int      `json:"escape_cases"`
	Escaped       int      `json:"escaped"`
	Kills         int      `json:"kills"`
	KillPoints    int      `json:"kill_points"`
	Lost          int      `json:"lost"`
	SoakJobs      int      `json:"soak_jobs"`
	RSSFirst      int      `json:"rss_first_mib"`
	RSSLast       int      `json:"rss_last_mib"`
	FDsFirst      int      `json:"fds_first"`
	FDsLast       int      `json:"fds_last"`
	Goroutines    int      `json:"goroutines_last"`
	JournalKiB    int      `json:"journal_kib"`
	Evicted       int      `json:"inputs_evicted"`
	Scale         string   `json:"scale"`
	Seconds       int      `json:"seconds"`
	Skipped       []string `json:"skipped,omitempty"`
}

func main() {
	limit := flag.Duration("limit", 90*time.Minute, "time for everything")
	keep := flag.Bool("keep", false, "keep the folder with all files")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, *limit)
	start := time.Now()
	r, err := run(ctx, *keep)
	cancel()
	stop()
	r.Seconds, r.Scale = int(time.Since(start).Seconds()), scale.Name()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e-worker:", err)
	}
	line, jsonErr := json.Marshal(r)
	fmt.Printf("%s\n", line)
	if err != nil || jsonErr != nil || r.Escaped > 0 || r.Lost > 0 {
		os.Exit(1)
	}
}

func run(ctx context.Context, keep bool) (r report, err error) {
	binaries, err := net.Find()
	if err != nil {
		return r, err
	}
	dir, err := os.MkdirTemp("", "cupel-e2e-worker-*")
	if err != nil {
		return r, err
	}
	if keep {
		fmt.Println("files are in", dir)
	} else {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return r, err
	}
	err = errors.Join(r.modules(ctx, filepath.Join(dir, "m"), binaries), r.containers(ctx, filepath.Join(dir, "c"), binaries), r.fleet(ctx, filepath.Join(dir, "s"), binaries))
	return r, err
}

func (r *report) modules(ctx context.Context, dir string, binaries net.Binaries) error {
	fmt.Println("attempts to leave a WebAssembly sandbox")
	escapes, err := e2eworker.ModuleEscapes(ctx, dir, binaries, os.Stdout)
	r.EscapeCases, r.Escaped = r.EscapeCases+escapes.Cases, r.Escaped+escapes.Escaped
	return err
}

// absent skips a phase, or fails it if CUPEL_REQUIRE_ALL is set.
func (r *report) absent(phase, why string) error {
	if os.Getenv("CUPEL_REQUIRE_ALL") != "" {
		return fmt.Errorf("CUPEL_REQUIRE_ALL is set and there are no %s: %s", phase, why)
	}
	fmt.Printf("SKIP %s: %s\n", phase, why)
	r.Skipped = append(r.Skipped, phase+": "+why)
	return nil
}

func (r *report) containers(ctx context.Context, dir string, binaries net.Binaries) (err error) {
	if why := dockerd.Absent(); why != "" {
		return errors.Join(r.absent("containers", why), r.kills(ctx, filepath.Join(dir, "kills"), binaries, nil))
	}
	daemon, err := dockerd.Start(ctx, filepath.Join(dir, "docker"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, daemon.Stop()) }()
	fmt.Println("attempts to leave a container")
	escapes, err1 := e2eworker.Escapes(ctx, filepath.Join(dir, "escapes"), daemon, os.Stdout)
	r.EscapeCases, r.Escaped = r.EscapeCases+escapes.Cases, r.Escaped+escapes.Escaped
	fmt.Println("container jobs on a chain")
	figures, err2 := e2eworker.Containers(ctx, dir, binaries, daemon)
	if figures.NoPython != "" {
		err2 = errors.Join(err2, r.absent("Python jobs", figures.NoPython))
	}
	r.ContainerJobs += figures.Jobs
	r.Settled += figures.Settled
	r.Kills += figures.Kills
	r.Lost += figures.Lost + figures.Twice + figures.Orphans + figures.Slashed
	return errors.Join(err1, err2, r.kills(ctx, filepath.Join(dir, "kills"), binaries, daemon),
		r.soak(ctx, filepath.Join(dir, "soak"), binaries, daemon))
}

// kills ends workers by kill -9 at every point of their work; without a daemon
// on WebAssembly jobs alone.
func (r *report) kills(ctx context.Context, dir string, binaries net.Binaries, daemon *dockerd.Daemon) error {
	repeats := e2eworker.KillRepeatsPR
	if scale.Name() == "full" {
		repeats = e2eworker.KillRepeats
	}
	fmt.Println("workers killed at each point of their work,", repeats, "times in each engine")
	crashing, err := net.Build(ctx, "cupel-worker-crash", "./cmd/cupel-worker", "cupelcrash")
	if err != nil {
		return err
	}
	f, err := e2eworker.Kills(ctx, dir, binaries, crashing, daemon, repeats)
	fmt.Printf("%+v\n", f)
	r.Kills, r.KillPoints = r.Kills+f.Kills, len(f.Points)
	r.Settled += f.Settled
	r.Lost += f.Lost + f.Doubles + f.Slashed + f.Orphans
	return err
}

// soak runs many jobs on one worker and looks for what it does not give back.
func (r *report) soak(ctx context.Context, dir string, binaries net.Binaries, daemon *dockerd.Daemon) error {
	jobs := e2eworker.SoakJobsPR
	if scale.Name() == "full" {
		jobs = e2eworker.SoakJobs
	}
	fmt.Println("a soak of", jobs, "jobs on one worker")
	f, err := e2eworker.Soak(ctx, dir, binaries, daemon, jobs)
	fmt.Printf("%+v\n", f)
	r.SoakJobs, r.JournalKiB, r.Evicted, r.Goroutines = f.Jobs, f.JournalKiB, f.Evicted, f.Goroutines[2]
	r.RSSFirst, r.RSSLast, r.FDsFirst, r.FDsLast = f.RSS[0], f.RSS[2], f.FDs[0], f.FDs[2]
	return err
}

func (r *report) fleet(ctx context.Context, dir string, binaries net.Binaries) error {
	if why := slurm.Missing(); why != "" {
		return r.absent("Slurm jobs", why)
	}
	fmt.Println("Slurm jobs on a chain")
	figures, err := e2eworker.Slurm(ctx, dir, binaries)
	r.SlurmJobs += figures.Jobs
	r.Settled += figures.Settled
	r.Kills += figures.Kills
	r.Lost += figures.Lost + figures.Twice + figures.Slashed
	return err
}
