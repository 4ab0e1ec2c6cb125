// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/cupel-network/cupel/worker/engine"
)

// ErrClaimed is a job that another process runs or has run.
var ErrClaimed = errors.New("the job was started before: nothing is done")

// claim says who runs a try. It is made once: whatever Slurm or the worker do
// twice, a try runs once.
type claim struct {
	SlurmID uint64 `json:"slurm_id"`
	Node    string `json:"node"`
	PID     int    `json:"pid"`
}

// Opener makes the engine of a class on a node. Settings are Options.Settings,
// shared is Options.Dir; gpus are those that Slurm gave to this job.
type Opener func(ctx context.Context, class string, settings json.RawMessage, shared string, gpus engine.GPUs) (engine.Engine, error)

// Exec runs on a node: it runs the job of the submission in dir once and leaves
// the result there. If ctx ends first it leaves nothing, and Slurm's state of
// the job says why.
func Exec(ctx context.Context, dir string, open Opener) error {
	o, err := readOrder(filepath.Dir(dir))
	if err != nil {
		return fmt.Errorf("read the order of the run: %w", err)
	}
	node, err := os.Hostname()
	if err != nil {
		return err
	}
	if err := makeClaim(dir, node); err != nil {
		return err
	}
	shared := filepath.Dir(filepath.Dir(filepath.Dir(dir)))
	rep := report{Node: node}
	eng, err := open(ctx, o.Job.Class, o.Settings, shared, granted())
	if err == nil {
		rep.Result, err = eng.Run(ctx, o.Job, filepath.Join(dir, scratchName))
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the job was stopped: %w", context.Cause(ctx))
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
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".claim-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(raw)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	// A link appears whole and once, on NFS too.
	err = os.Link(tmp.Name(), filepath.Join(dir, claimFile))
	if errors.Is(err, fs.ErrExist) {
		return ErrClaimed
	}
	return err
}
