// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/cupel-network/cupel/worker/crash"
)

// A container is looked at after 20 ms at first and after half a second in the
// long run.
const (
	firstLook = 20 * time.Millisecond
	lastLook  = 500 * time.Millisecond
	// killPatience is how long the daemon has to kill a container.
	killPatience = time.Second
	// deafLook is the pause after a look that failed.
	deafLook = 5 * time.Second
)

// ending is how a container ended.
type ending struct {
	code   int
	oom    bool
	took   time.Duration
	killed cause
}

// cause is why the worker killed a container.
type cause int

const (
	causeNone cause = iota
	causeWall
	causeOutput
)

// wait returns when the container has ended, which it makes happen at the wall
// limit and when it has written too much. A daemon that does not answer says
// nothing about the container.
func (r *run) wait(ctx context.Context) (ending, error) {
	var killed cause
	var since time.Time
	for look := firstLook; ; look = min(look*3/2, lastLook) {
		s, err := r.look(ctx)
		switch {
		case cerrdefs.IsNotFound(err):
			r.id = ""
			return ending{}, errKilledOutside
		case ctx.Err() != nil:
			return ending{}, ctx.Err()
		case err != nil:
			r.opts.Log.Warn("docker does not say how a container is; nothing is concluded from it", "job", r.job.ID, "err", err)
			look = deafLook
		case s.ended:
			return r.ended(s, killed)
		default:
			crash.At(crash.GuestRunning, r.job.Origin.Batch)
			if killed == causeNone {
				killed = r.excess(s)
			}
			if killed != causeNone {
				since = r.insist(ctx, s, since)
			}
		}
		select {
		case <-ctx.Done():
			return ending{}, ctx.Err()
		case <-time.After(look):
		}
	}
}

// insist kills a container that was told to end. A daemon may take a process
// whose first thread has ended for dead; the kernel does not.
func (r *run) insist(ctx context.Context, s sight, since time.Time) time.Time {
	if since.IsZero() {
		since = time.Now()
		r.kill(ctx)
	} else if time.Since(since) > killPatience {
		if err := killProcess(s.pid, r.id); err != nil {
			r.opts.Log.Warn("a process could not be killed yet", "job", r.job.ID, "err", err)
		}
	}
	return since
}

// sight is one look at a container.
type sight struct {
	ended             bool
	pid               int
	code              int
	oom               bool
	started, finished time.Time
}

func (r *run) look(ctx context.Context) (sight, error) {
	ctx, cancel := context.WithTimeout(ctx, cleanupTimeout)
	defer cancel()
	res, err := r.docker.ContainerInspect(ctx, r.id, client.ContainerInspectOptions{})
	if err != nil {
		return sight{}, err
	}
	st := res.Container.State
	if st == nil {
		return sight{}, fmt.Errorf("docker tells no state of container %s", r.id)
	}
	s := sight{
		ended: st.Status == container.StateExited || st.Status == container.StateDead,
		code:  st.ExitCode, oom: st.OOMKilled, pid: st.Pid,
	}
	if s.started, err = time.Parse(time.RFC3339Nano, st.StartedAt); err != nil {
		return s, err
	}
	s.finished, err = time.Parse(time.RFC3339Nano, st.FinishedAt)
	return s, err
}

// excess says which limit a running container is beyond.
func (r *run) excess(s sight) cause {
	switch {
	case !s.started.IsZero() && time.Since(s.started) >= r.job.Wall:
		return causeWall
	case r.overflows():
		return causeOutput
	}
	return causeNone
}

// ended judges the end. The times are the daemon's, so that a worker that was
// away concludes the same.
func (r *run) ended(s sight, killed cause) (ending, error) {
	e := ending{code: s.code, oom: s.oom, took: s.finished.Sub(s.started), killed: killed}
	if e.took >= r.job.Wall {
		e.killed = causeWall
	}
	if e.killed == causeNone && e.code == killedBySignal && !e.oom && !r.overflows() {
		return e, errKilledOutside
	}
	return e, nil
}

// kill asks the daemon to kill the container. It sends the signal at once, and
// may then wait long for an end that it does not see.
func (r *run) kill(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, killPatience)
	defer cancel()
	_, err := r.docker.ContainerKill(ctx, r.id, client.ContainerKillOptions{Signal: "SIGKILL"})
	if err != nil && !cerrdefs.IsNotFound(err) && !cerrdefs.IsConflict(err) && !errors.Is(err, context.DeadlineExceeded) {
		r.opts.Log.Warn("a container could not be killed yet", "job", r.job.ID, "err", err)
	}
}
