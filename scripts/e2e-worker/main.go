// SPDX-License-Identifier: Apache-2.0

// e2e-worker runs workers before a Docker daemon and a Slurm cluster of their
// own, settles their jobs on a chain of this machine, kills the workers and
// tries to leave the sandbox. The last line is a JSON object with the figures;
// the exit code is 1 if anything is not as it should be.
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
	Lost          int      `json:"lost"`
	Seconds       int      `json:"seconds"`
	Skipped       []string `json:"skipped,omitempty"`
}

func main() {
	limit := flag.Duration("limit", 20*time.Minute, "time for everything")
	keep := flag.Bool("keep", false, "keep the folder with all files")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, *limit)
	start := time.Now()
	r, err := run(ctx, *keep)
	cancel()
	stop()
	r.Seconds = int(time.Since(start).Seconds())
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
	return r, errors.Join(r.containers(ctx, filepath.Join(dir, "c"), binaries), r.fleet(ctx, filepath.Join(dir, "s"), binaries))
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
		return r.absent("containers", why)
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
	return errors.Join(err1, err2)
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
