// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/cupel-network/cupel/worker/engine"
)

// claim says who runs a try, or ran it last.
type claim struct {
	SlurmID uint64 `json:"slurm_id"`
	Node    string `json:"node"`
	PID     int    `json:"pid"`
}

// Opener makes the engine of a class on a node. Settings are Options.Settings,
// shared is Options.Dir; gpus are those that Slurm gave to this job.
type Opener func(ctx context.Context, class string, settings json.RawMessage, shared string, gpus engine.GPUs) (engine.Engine, error)

// Exec runs on a node: it runs the job of the submission in dir and leaves the
// result there. Slurm may start a job twice, when its controller was lost: the
// second waits for the first and does nothing if there is a result. If ctx ends
// first it leaves nothing, and Slurm's state of the job says why.
func Exec(ctx context.Context, dir string, open Opener) error {
	o, err := readOrder(filepath.Dir(dir))
	if err != nil {
		return fmt.Errorf("read the order of the run: %w", err)
	}
	node, err := os.Hostname()
	if err != nil {
		return err
	}
	held, err := lock(ctx, filepath.Join(dir, runningFile), engine.MaxWall)
	if err != nil {
		return err
	}
	defer held.Close()
	if _, err := os.Stat(filepath.Join(dir, resultFile)); err == nil {
		return nil
	}
	if err := makeClaim(dir, node); err != nil {
		return err
	}
	if err := emptyScratch(dir); err != nil {
		return err
	}
	shared := filepath.Dir(filepath.Dir(filepath.Dir(dir)))
	rep := report{Node: node}
	work, cancel := abandonWith(ctx)
	defer cancel(nil)
	eng, err := open(work, o.Job.Class, o.Settings, shared, granted())
	if err == nil {
		rep.Result, err = eng.Run(work, o.Job, filepath.Join(dir, scratchName))
	}
	if c, ok := eng.(io.Closer); ok {
		defer c.Close() // the result is what counts
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the job was stopped: %w", ctx.Err())
	}
	if err != nil {
		rep.Failed = err.Error()
	}
	if rep.Result.Artifact != "" {
		if err := deliver(rep.Result.Artifact, filepath.Join(dir, artifactName)); err != nil {
			rep.Failed = fmt.Sprintf("leave the artifact: %v", err)
		}
		rep.Result.Artifact = artifactName
	}
	return writeJSON(filepath.Join(dir, resultFile), rep)
}

// abandonWith returns a context that ends with ctx, because nobody waits any
// more: on a node nothing looks for what an engine leaves behind.
func abandonWith(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { cancel(engine.ErrAbandoned) })
	return work, func(cause error) {
		stop()
		cancel(cause)
	}
}

// deliver moves the artifact to where the worker looks, and onto the disk.
func deliver(from, to string) error {
	if err := place(from, to); err != nil {
		return err
	}
	f, err := os.Open(to)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close(), os.Remove(from))
}

func makeClaim(dir, node string) error {
	c := claim{Node: node, PID: os.Getpid()}
	var err error
	if c.SlurmID, err = strconv.ParseUint(os.Getenv("SLURM_JOB_ID"), 10, 64); err != nil {
		return errors.New("SLURM_JOB_ID is not set: this command is for jobs of Slurm")
	}
	return writeJSON(filepath.Join(dir, claimFile), c)
}

// emptyScratch removes what an earlier start left.
func emptyScratch(dir string) error {
	scratch := filepath.Join(dir, scratchName)
	return errors.Join(os.RemoveAll(scratch), os.Mkdir(scratch, 0o700))
}
