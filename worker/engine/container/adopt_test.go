// SPDX-License-Identifier: Apache-2.0

package container_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/container"
)

// childMode makes the test binary a worker that runs one job and can be killed.
const childMode = "container-engine-child"

type childOrder struct {
	Options container.Options
	Job     engine.Job
	Scratch string
}

func childMain() {
	var o childOrder
	if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
		panic(err)
	}
	o.Options.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	eng, err := container.New(context.Background(), o.Job.Class, o.Options)
	if err != nil {
		panic(err)
	}
	res, err := eng.Run(context.Background(), o.Job, o.Scratch)
	fmt.Println(res.Outcome, err)
}

// startChild runs a job in a process of its own.
func (f *fixture) startChild(j engine.Job) *exec.Cmd {
	f.t.Helper()
	opts := f.opts
	opts.Log = nil
	text, err := json.Marshal(childOrder{Options: opts, Job: j, Scratch: f.t.TempDir()})
	require.NoError(f.t, err)
	exe, err := os.Executable()
	require.NoError(f.t, err)
	cmd := exec.CommandContext(f.t.Context(), exe, childMode)
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(text)), os.Stderr
	require.NoError(f.t, cmd.Start())
	return cmd
}

// starts returns how often the guest of a run has started so far.
func (f *fixture) starts(id string) int {
	text, err := os.ReadFile(filepath.Join(f.opts.Dir, "runs", id, "io", "out", "starts"))
	if err != nil {
		return 0
	}
	return strings.Count(string(text), "started")
}

func (f *fixture) killDuring(j engine.Job) {
	f.t.Helper()
	cmd := f.startChild(j)
	require.Eventually(f.t, func() bool { return f.starts(j.ID) > 0 }, 20*time.Second, 20*time.Millisecond)
	require.NoError(f.t, cmd.Process.Signal(syscall.SIGKILL))
	require.Error(f.t, cmd.Wait())
}

// A container that ran while the worker was killed goes on, once.
func TestAdoptAfterKill(t *testing.T) {
	for name, pause := range map[string]time.Duration{"while it runs": 0, "after its end": 2500 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, nil)
			j := f.job("sleep", "2000")
			j.ID = "adopt"
			f.killDuring(j)
			time.Sleep(pause)
			require.Len(t, f.containers(), 1)
			n, err := f.Reap(t.Context())
			require.NoError(t, err)
			require.Zero(t, n, "a run that may be asked for was taken for an orphan")

			res := f.run(j)
			require.Equal(t, engine.OutcomeOK, res.Outcome, res.Detail)
			a := artifact(t, res)
			require.Equal(t, "slept 2000\n", entry(t, a, engine.StdoutName))
			require.Equal(t, "started\n", entry(t, a, "out/starts"))
			require.InDelta(t, 2, res.Wall.Seconds(), 1.5)
		})
	}
}

// The wall limit counts from the start of the container, whoever looks.
func TestAdoptBeyondTheWall(t *testing.T) {
	f := newFixture(t, nil)
	j := f.job("sleep", "60000")
	j.ID, j.Wall = "wall", 2*time.Second
	j = sized(j)
	f.killDuring(j)
	time.Sleep(2 * time.Second)
	start := time.Now()
	require.Equal(t, engine.OutcomeWall, f.run(j).Outcome)
	require.Less(t, time.Since(start), 2*time.Second)
}

func TestStopAndAbandon(t *testing.T) {
	f := newFixture(t, nil)
	j := f.job("sleep", "1500")
	j.ID = "stop"
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := f.Run(ctx, j, t.TempDir())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Len(t, f.containers(), 1, "a stop of the worker ended the run")
	require.Equal(t, engine.OutcomeOK, f.run(j).Outcome)

	abandoned, abandon := context.WithCancelCause(t.Context())
	time.AfterFunc(time.Second, func() { abandon(engine.ErrAbandoned) })
	_, err = f.Run(abandoned, j, t.TempDir())
	require.ErrorIs(t, err, context.Canceled)
	f.requireClean()
}

// A run whose container was removed or killed by a person starts once more.
func TestKilledFromOutside(t *testing.T) {
	for name, kill := range map[string]func(context.Context, *fixture, string) error{
		"killed": func(ctx context.Context, f *fixture, id string) error {
			_, err := f.docker.ContainerKill(ctx, id, client.ContainerKillOptions{Signal: "SIGKILL"})
			return err
		},
		"removed": func(ctx context.Context, f *fixture, id string) error {
			_, err := f.docker.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, nil)
			j := f.job("sleep", "1500")
			j.ID = "outside"
			go func() {
				for f.starts(j.ID) == 0 && t.Context().Err() == nil {
					time.Sleep(20 * time.Millisecond)
				}
				if err := kill(t.Context(), f, f.containers()[0]); err != nil {
					t.Error(err)
				}
			}()
			start := time.Now()
			require.Equal(t, engine.OutcomeOK, f.run(j).Outcome)
			require.Greater(t, time.Since(start), 1500*time.Millisecond)
		})
	}
}

func TestReap(t *testing.T) {
	f := newFixture(t, func(o *container.Options) { o.Keep = time.Second })
	other := newFixture(t, func(o *container.Options) { o.Provider = "somebody-else"; o.Keep = time.Second })
	mine, theirs := f.job("sleep", "60000"), other.job("sleep", "60000")
	mine.ID, theirs.ID, mine.Wall, theirs.Wall = "orphan", "other", 2*time.Second, 2*time.Second
	f.killDuring(sized(mine))
	other.killDuring(sized(theirs))
	require.NoError(t, os.Mkdir(filepath.Join(f.opts.Dir, "runs", "no-container"), 0o700))

	n, err := f.Reap(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n, "the directory without a container")
	require.Len(t, f.containers(), 1)
	require.Eventually(t, func() bool {
		_, err := f.Reap(t.Context())
		return err == nil && len(f.containers()) == 0
	}, 15*time.Second, 100*time.Millisecond)
	f.requireClean()
	require.Len(t, other.containers(), 1, "another worker's container was touched")
	require.Equal(t, 1, other.starts(theirs.ID))
	require.Eventually(t, func() bool {
		_, err := other.Reap(t.Context())
		return err == nil && len(other.containers()) == 0
	}, 15*time.Second, 100*time.Millisecond)
}

// A run in progress is not an orphan.
func TestReapSparesTheRunning(t *testing.T) {
	f := newFixture(t, func(o *container.Options) { o.Keep = time.Nanosecond })
	done := make(chan error, 1)
	j := f.job("sleep", "1000")
	j.ID = "running"
	go func() {
		res, err := f.Run(t.Context(), j, t.TempDir())
		if res.Outcome != engine.OutcomeOK {
			err = errors.Join(err, errors.New(res.Detail))
		}
		done <- err
	}()
	for {
		select {
		case err := <-done:
			require.NoError(t, err)
			f.requireClean()
			return
		default:
			n, err := f.Reap(t.Context())
			require.NoError(t, err)
			require.Zero(t, n)
		}
	}
}
