// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/cupel-network/cupel/worker/crash"
	"github.com/cupel-network/cupel/worker/engine"
)

const (
	// cleanupTimeout bounds what is done after the context has ended.
	cleanupTimeout = 30 * time.Second
	// killedBySignal is the exit code of a process that SIGKILL ended. The
	// first process of a container cannot send it to itself.
	killedBySignal = 137
)

// Run implements engine.Engine. If ctx ends the container runs on and is found
// again by Job.ID, unless the cause is engine.ErrAbandoned or there is no ID.
func (e *Engine) Run(ctx context.Context, job engine.Job, scratchDir string) (engine.Result, error) {
	res, err := e.run(ctx, job, scratchDir)
	var refused *refusedError
	switch {
	case errors.As(err, &refused):
		return e.refusedResult(scratchDir, refused)
	case errors.Is(err, errInput), errors.Is(err, errNoImage):
		return engine.Result{Outcome: engine.OutcomeInputUnavailable, Detail: err.Error()}, nil
	case err != nil:
		return engine.Result{Outcome: engine.OutcomeHostError, Detail: err.Error()}, err
	}
	return res, nil
}

func (e *Engine) run(ctx context.Context, job engine.Job, scratchDir string) (engine.Result, error) {
	if err := e.check(job); err != nil {
		return engine.Result{}, err
	}
	named := job.ID != ""
	if !named {
		job.ID = strings.ToLower(rand.Text())
	}
	release, err := e.claim(ctx, job.ID)
	if err != nil {
		return engine.Result{}, err
	}
	defer release()
	r := &run{host: e.host, job: job, state: e.state(job.ID)}
	if err := r.prepare(ctx); err != nil {
		return engine.Result{}, err
	}
	free, err := e.budget.take(ctx, job)
	if err != nil {
		return engine.Result{}, err
	}
	defer free()
	// What is left at the end is for the next start to find, or for nobody.
	defer func() {
		if ctx.Err() == nil || !named || errors.Is(context.Cause(ctx), engine.ErrAbandoned) {
			r.end(ctx)
		}
	}()
	return r.persist(ctx, scratchDir)
}

// Failures of the daemon may pass: they are met by another try after a pause
// that grows. A run that was killed from outside is repeated once.
const (
	firstPause = time.Second
	lastPause  = 9 * time.Second
)

// persist finishes the run, and tries again where that may help.
func (r *run) persist(ctx context.Context, scratchDir string) (engine.Result, error) {
	killed := false
	for pause := firstPause; ; pause *= 3 {
		res, err := r.finish(ctx, scratchDir)
		outside := errors.Is(err, errKilledOutside)
		switch {
		case err == nil, ctx.Err() != nil, permanent(err), outside && killed, !outside && pause > lastPause:
			return res, err
		}
		if outside {
			// A daemon that is gone cannot remove it now: the next try does.
			killed, r.spent = true, r.id
		}
		r.opts.Log.Warn("a container did not get to its end; it runs again", "job", r.job.ID, "in", pause, "err", err)
		r.end(ctx)
		select {
		case <-ctx.Done():
			return engine.Result{}, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// permanent reports whether another try would end in the same way.
func permanent(err error) bool {
	var refused *refusedError
	return errors.As(err, &refused) || errors.Is(err, errInput) || errors.Is(err, errNoImage) || errors.Is(err, errNoGPUs)
}

// check refuses what every worker refuses.
func (e *Engine) check(job engine.Job) error {
	if job.Class != e.class {
		return fmt.Errorf("job is of class %s, this engine runs %s", job.Class, e.class)
	}
	if job.Container == nil {
		return refuse("job of class %s has no container", job.Class)
	}
	if err := job.Validate(); err != nil {
		return &refusedError{err.Error()}
	}
	if gpu := job.Container.GPUs > 0; gpu != (e.class == ClassGPU) {
		return refuse("job of class %s asks %d GPUs", job.Class, job.Container.GPUs)
	}
	return nil
}

// run is one job on its way through a container.
type run struct {
	*host
	job   engine.Job
	state state
	// id is that of the container, empty before there is one.
	id string
	// spent is a container that was killed from outside: it is not adopted.
	spent string
}

// errKilledOutside is a run that neither the job nor the worker ended.
var errKilledOutside = errors.New("the container was killed from outside: by a restart of the daemon, or by a person")

// finish finds the container of the job or makes one, waits for its end and
// packs what it left.
func (r *run) finish(ctx context.Context, scratchDir string) (engine.Result, error) {
	if err := r.adopt(ctx); err != nil {
		return engine.Result{}, err
	}
	if r.id == "" {
		if err := r.start(ctx); err != nil {
			return engine.Result{}, err
		}
	}
	end, err := r.wait(ctx)
	if err != nil {
		return engine.Result{}, err
	}
	return r.result(end, scratchDir)
}

// adopt finds the container that an earlier process started. One that never
// ran, or whose output is lost, is thrown away.
func (r *run) adopt(ctx context.Context) error {
	res, err := r.docker.ContainerInspect(ctx, r.name(r.job.ID), client.ContainerInspectOptions{})
	if cerrdefs.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the container: %w", err)
	}
	c := res.Container
	if c.Config == nil || c.Config.Labels[LabelOwner] != r.owner() || c.Config.Labels[LabelJob] != r.job.ID {
		return fmt.Errorf("container %s has the name of a run and is none: remove it", r.name(r.job.ID))
	}
	if c.ID == r.spent || c.State == nil || c.State.Status == container.StateCreated || !r.state.intact() {
		return r.discard(ctx, c.ID)
	}
	r.id = c.ID
	r.opts.Log.Info("found a container again", "job", r.job.ID, "state", string(c.State.Status))
	return nil
}

// start makes a container and starts it.
func (r *run) start(ctx context.Context) error {
	gpus, err := r.lend(ctx)
	if err != nil {
		return err
	}
	if err := r.state.prepare(r.job, r.mounts, r.opts.OutputFiles); err != nil {
		return err
	}
	if r.id, err = r.create(ctx, r.job, r.state, gpus); err != nil {
		return err
	}
	crash.At(crash.SandboxMade, r.job.Origin.Batch)
	if _, err := r.docker.ContainerStart(ctx, r.id, client.ContainerStartOptions{}); err != nil {
		return fmt.Errorf("start the container: %w", err)
	}
	return nil
}

var errNoGPUs = errors.New("this machine lends no GPUs")

func (r *run) lend(ctx context.Context) ([]engine.LentGPU, error) {
	if r.job.Container.GPUs == 0 {
		return nil, nil
	}
	if r.opts.GPUs == nil {
		return nil, errNoGPUs
	}
	return r.opts.GPUs.Lend(ctx, r.job.ID, r.job.GPUNeed())
}

// end removes all that the run left.
func (r *run) end(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	var err error
	if r.id != "" {
		err = r.discard(ctx, r.id)
	}
	crash.At(crash.CleanupHalf, r.job.Origin.Batch)
	if err == nil {
		err = r.state.remove()
	}
	if r.job.Container.GPUs > 0 && r.opts.GPUs != nil {
		err = errors.Join(err, r.opts.GPUs.Return(r.job.ID))
	}
	if err != nil {
		r.opts.Log.Error("a run left something behind; it is removed later", "job", r.job.ID, "err", err)
	}
	r.id = ""
}

// discard kills a container and removes it.
func (h *host) discard(ctx context.Context, id string) error {
	_, err := h.docker.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	if err != nil && !cerrdefs.IsNotFound(err) {
		return fmt.Errorf("remove the container: %w", err)
	}
	return nil
}
