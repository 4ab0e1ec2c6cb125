// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	cluster "github.com/cupel-network/cupel/testutil/slurm"
	"github.com/cupel-network/cupel/worker/engine"
)

// worker starts a process that runs one job as the worker does.
func (f *fixture) worker(job engine.Job) (*exec.Cmd, *bytes.Buffer) {
	f.t.Helper()
	opts := f.opts
	opts.Log = nil
	dir := f.t.TempDir()
	require.NoError(f.t, writeJSON(filepath.Join(dir, "opts"), opts))
	require.NoError(f.t, writeJSON(filepath.Join(dir, "job"), job))
	cmd := exec.CommandContext(f.ctx, opts.Program, "worker", filepath.Join(dir, "opts"), filepath.Join(dir, "job"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(f.t, cmd.Start())
	return cmd, &out
}

// kill ends a worker as kill -9 does.
func (f *fixture) kill(cmd *exec.Cmd) {
	f.t.Helper()
	require.NoError(f.t, cmd.Process.Signal(syscall.SIGKILL))
	require.Error(f.t, cmd.Wait())
}

// TestKilledWorker kills the worker at many moments of each of several runs: a
// job is sent once, runs once, and gives its result to the process after.
func TestKilledWorker(t *testing.T) {
	t.Parallel()
	f := newFixture(t, cluster.Options{CPUs: 8}, nil)
	e := f.engine()
	want, err := e.Run(f.ctx, f.spin("", 2e9), t.TempDir())
	require.NoError(t, err)
	require.NoError(t, e.Close())
	kills := 0
	for i, wait := range []time.Duration{5 * time.Millisecond, 20 * time.Millisecond, 35 * time.Millisecond, 60 * time.Millisecond, 150 * time.Millisecond, 400 * time.Millisecond} {
		id := fmt.Sprint("kill", i)
		job := f.spin(id, 2e9)
		for j := range 4 {
			cmd, _ := f.worker(job)
			time.Sleep(wait + time.Duration(j)*wait/2)
			if err := cmd.Process.Signal(syscall.SIGKILL); err == nil {
				kills++
			}
			if cmd.Wait() == nil {
				break // it was done before
			}
		}
		cmd, out := f.worker(job)
		require.NoError(t, cmd.Wait(), out)
		require.Equal(t, fmt.Sprintf("%x\n", want.ArtifactSHA256), out.String())
		sent := 0
		for _, name := range f.jobs() {
			if strings.Contains(name, "-"+id+"-") {
				sent++
			}
		}
		require.Equal(t, 1, sent, "%s was sent once: %v", id, f.jobs())
	}
	require.Greater(t, kills, 20)
}

// TestForgottenNumber is a worker killed between sbatch and the note of what it
// answered.
func TestForgottenNumber(t *testing.T) {
	t.Parallel()
	f := newFixture(t, cluster.Options{}, nil)
	job := f.spin("number", 3e9)
	cmd, _ := f.worker(job)
	f.running()
	f.kill(cmd)
	note := filepath.Join(f.opts.Dir, runsDir, "number", "1", slurmIDFile)
	for _, also := range []string{note, filepath.Join(filepath.Dir(note), claimFile)} {
		require.NoError(t, os.Remove(also))
		cmd, _ = f.worker(job)
		f.until("the number is known again", func() bool {
			_, err := os.Stat(note)
			return err == nil
		})
		f.kill(cmd)
	}
	res, err := f.engine().Run(f.ctx, job, t.TempDir())
	require.NoError(t, err)
	require.Equal(t, engine.OutcomeOutOfFuel, res.Outcome)
	require.Len(t, f.jobs(), 1)
}

// TestStartedTwice is a submission that Slurm has twice: it runs once, and the
// second start waits for the first.
func TestStartedTwice(t *testing.T) {
	t.Parallel()
	f := newFixture(t, cluster.Options{}, nil)
	job := f.spin("twice", 2e9)
	cmd, out := f.worker(job)
	f.running()
	_, err := f.Command(f.ctx, "sbatch", "--job-name=cupel-x-twice-1", "--output=/dev/null", "--time=1", "--mem=10",
		filepath.Join(f.opts.Dir, runsDir, "twice", "1", scriptFile))
	require.NoError(t, err)
	require.NoError(t, cmd.Wait(), out)
	f.until("the second has ended", func() bool { return strings.Contains(strings.Join(f.jobs(), " "), "cupel-x-twice-1=COMPLETED") })
	var c claim
	require.NoError(t, readJSON(filepath.Join(f.opts.Dir, runsDir, "twice", "1", claimFile), &c))
	require.EqualValues(t, 1, c.SlurmID)
}

// TestLostNode ends the node under a job: it is sent once more, and a second
// loss is an error.
func TestLostNode(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: Slurm takes a while to miss a node")
	}
	t.Parallel()
	for name, losses := range map[string]int{"once": 1, "twice": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, cluster.Options{}, nil)
			job := f.spin("node", 1e12)
			if losses == 1 {
				job = f.spin("node", 8e9)
			}
			cmd, out := f.worker(job)
			for n := range losses {
				try := filepath.Join(f.opts.Dir, runsDir, "node", fmt.Sprint(n+1))
				f.until("it runs", func() bool {
					_, err := os.Stat(filepath.Join(try, claimFile))
					return err == nil
				})
				f.loseNode(try)
				require.NoError(t, f.StartNode())
			}
			err := cmd.Wait()
			if losses == 1 {
				require.NoError(t, err, out)
				return
			}
			require.Error(t, err)
			require.Contains(t, out.String(), "NODE_FAIL")
			require.Len(t, f.jobs(), 2)
		})
	}
}

// loseNode ends the node and what runs on it, and waits until Slurm knows.
func (f *fixture) loseNode(try string) {
	f.t.Helper()
	var c claim
	require.NoError(f.t, readJSON(filepath.Join(try, claimFile), &c))
	// Slurm learns of it first: else the job's own end would be told.
	_, err := f.Command(f.ctx, "scontrol", "update", "nodename=node1", "state=down", "reason=test")
	require.NoError(f.t, err)
	f.Node().Kill()
	if err := syscall.Kill(c.PID, syscall.SIGKILL); !errors.Is(err, syscall.ESRCH) {
		require.NoError(f.t, err)
	}
	f.until("the node is missed", func() bool { return strings.Contains(strings.Join(f.jobs(), " "), "=NODE_FAIL") })
	_, err = f.Command(f.ctx, "scontrol", "update", "nodename=node1", "state=resume")
	require.NoError(f.t, err)
}

// TestControllerAway: while Slurm does not answer nothing is concluded, sent
// twice or given up.
func TestControllerAway(t *testing.T) {
	t.Parallel()
	f := newFixture(t, cluster.Options{}, nil)
	cmd, out := f.worker(f.spin("away", 15e9))
	f.running()
	f.Controller().Kill()
	time.Sleep(8 * time.Second)
	require.NoError(t, f.StartController())
	require.NoError(t, f.WaitIdle(f.ctx))
	require.NoError(t, cmd.Wait(), out)
	require.Len(t, f.jobs(), 1)

	f.Controller().Kill()
	cmd, out = f.worker(f.spin("later", 1e9))
	time.Sleep(8 * time.Second)
	require.Nil(t, cmd.ProcessState)
	require.NoError(t, f.StartController())
	require.NoError(t, f.WaitIdle(f.ctx))
	require.NoError(t, cmd.Wait(), out)
	require.Len(t, f.jobs(), 2)
}

// TestDirectoryOfAnother: two workers cannot share one.
func TestDirectoryOfAnother(t *testing.T) {
	t.Parallel()
	f := newFixture(t, cluster.Options{}, nil)
	e := f.engine()
	_, err := New(f.ctx, f.opts)
	require.ErrorContains(t, err, "engines.slurm.dir")
	require.NoError(t, e.Close())
	tag := e.tag
	e, err = New(f.ctx, f.opts)
	require.NoError(t, err)
	require.Equal(t, tag, e.tag)
	require.NoError(t, e.Close())
}

// TestFalseReports: what lies in the shared directory is checked.
func TestFalseReports(t *testing.T) {
	t.Parallel()
	f := newFixture(t, cluster.Options{}, nil)
	e := f.engine()
	job := f.spin("false", 1e6)
	good, err := e.Run(f.ctx, job, t.TempDir())
	require.NoError(t, err)
	path := filepath.Join(f.opts.Dir, runsDir, "false", "1", resultFile)
	var rep report
	require.NoError(t, readJSON(path, &rep))
	require.Equal(t, good.ArtifactSHA256, rep.Result.ArtifactSHA256)
	for name, edit := range map[string]func(*report){
		"digest": func(r *report) { r.Result.ArtifactSHA256[0]++ },
		"exit":   func(r *report) { r.Result.ExitCode++ },
		"fuel":   func(r *report) { r.Result.Fuel = job.Fuel + 1 },
		"other":  func(r *report) { r.Result.Outcome = engine.OutcomeOK },
	} {
		_, err := e.Run(f.ctx, job, t.TempDir()) // it is dropped after each failure
		require.NoError(t, err, name)
		bad := rep
		edit(&bad)
		require.NoError(t, writeJSON(path, bad))
		res, err := e.Run(f.ctx, job, t.TempDir())
		require.Error(t, err, name)
		require.Equal(t, engine.OutcomeHostError, res.Outcome)
	}
}
