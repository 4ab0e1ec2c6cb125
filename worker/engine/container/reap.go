// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// reapEvery is the time between two looks for orphans.
const reapEvery = time.Minute

// Watch reaps orphans now and every minute until ctx is done.
func (e *Engine) Watch(ctx context.Context) error {
	tick := time.NewTicker(reapEvery)
	defer tick.Stop()
	for {
		if n, err := e.Reap(ctx); err != nil && ctx.Err() == nil {
			e.opts.Log.Warn("orphans were not looked for", "err", err)
		} else if n > 0 {
			e.opts.Log.Info("removed what nobody waits for", "runs", n)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Reap kills this worker's containers that are beyond their wall limit and
// removes those, and the files, that nobody has asked for in time. It returns
// how many runs it removed. What runs in this process is left alone.
func (e *Engine) Reap(ctx context.Context) (int, error) {
	list, err := e.docker.ContainerList(ctx, client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", LabelOwner+"="+e.owner()),
	})
	if err != nil {
		return 0, fmt.Errorf("list the containers of this worker: %w", err)
	}
	removed, there := 0, make(map[string]bool, len(list.Items))
	var all []error
	for _, c := range list.Items {
		id := c.Labels[LabelJob]
		there[id] = true
		gone, err := e.reapOne(ctx, c, id)
		if gone {
			removed++
		}
		all = append(all, err)
	}
	n, err := e.reapFiles(there)
	return removed + n, errors.Join(append(all, err)...)
}

func (h *host) reapOne(ctx context.Context, c container.Summary, id string) (gone bool, err error) {
	release, busy := h.tryClaim(id)
	if busy != nil {
		return false, nil
	}
	defer release()
	orphan, err := h.orphan(ctx, c)
	if err != nil || !orphan {
		return false, err
	}
	h.opts.Log.Warn("removing an orphan", "job", id, "batch", c.Labels[LabelBatch], "task", c.Labels[LabelTask])
	if err := errors.Join(h.discard(ctx, c.ID), h.state(id).remove()); err != nil {
		return false, err
	}
	if h.opts.GPUs != nil {
		err = h.opts.GPUs.Return(id)
	}
	return true, err
}

// orphan reports whether a container is to be removed. One beyond its limit is
// killed and stays a while, so that its end can still be told.
func (h *host) orphan(ctx context.Context, c container.Summary) (bool, error) {
	wall, err := time.ParseDuration(c.Labels[LabelWall])
	if err != nil {
		return true, nil //nolint:nilerr // a container without our labels cannot be told from an orphan
	}
	r := run{host: h, id: c.ID}
	s, err := r.look(ctx)
	if cerrdefs.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	switch {
	case s.ended:
		return time.Since(s.finished) > h.opts.Keep, nil
	case s.started.IsZero(): // created, never started
		return time.Since(time.Unix(c.Created, 0)) > h.opts.Keep, nil
	case time.Since(s.started) > wall:
		h.opts.Log.Warn("killing a container beyond its wall limit", "job", c.Labels[LabelJob])
		r.kill(ctx)
	}
	return false, nil
}

// reapFiles removes directories of runs without a container.
func (h *host) reapFiles(there map[string]bool) (int, error) {
	dir := filepath.Join(h.opts.Dir, runsDir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, fmt.Errorf("list the runs: %w", err)
	}
	removed := 0
	var all []error
	for _, entry := range entries {
		id := entry.Name()
		if there[id] {
			continue
		}
		release, busy := h.tryClaim(id)
		if busy != nil {
			continue
		}
		err := h.state(id).remove()
		if err == nil {
			removed++
		}
		all = append(all, err)
		release()
	}
	return removed, errors.Join(all...)
}
