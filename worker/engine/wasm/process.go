// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/cupel-network/cupel/worker/crash"
	"github.com/cupel-network/cupel/worker/engine/sandbox"
)

// process is one child to start.
type process struct {
	path  string
	order order
	// files become descriptors fdModule and up.
	files []*os.File
	limit time.Duration
	// batch is that of a run, for the crash tests.
	batch uint64
}

// run starts the child and waits for its report, or for sandbox.ErrKilled.
func (p *process) run(ctx context.Context) (report, error) {
	var rep report
	child := sandbox.Process{
		Path: p.path, Arg: childArg, Name: "cupel-wasm", Isolated: p.order.Isolated,
		Order: p.order, Files: p.files, Limit: p.limit, Started: p.started,
	}
	if err := child.Run(ctx, &rep); err != nil {
		return report{}, err
	}
	if rep.Failed != "" {
		return report{}, errors.New(rep.Failed)
	}
	return rep, nil
}

func (p *process) started(pid int) {
	if p.order.Mode == modeRun {
		crash.At(crash.SandboxMade, p.batch)
		crash.AtWork(crash.GuestRunning, p.batch, pid)
	}
}

// limits is what the kernel enforces on a child of this order.
func (o order) limits() sandbox.Limits {
	l := sandbox.Limits{
		CPU: (uint64(o.Wall/time.Second)*4 + 60) * uint64(max(1, o.MaxProcs)), File: o.Output + 64<<20,
		Descriptors: uint64(fdInputs + len(o.Inputs) + 32),
	}
	if o.Mode == modeCompile {
		l.File = 1 << 30
	}
	return l
}
