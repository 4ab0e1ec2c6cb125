// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
)

// ErrNoGPU is a need that this machine cannot serve, however long one waits.
var ErrNoGPU = errors.New("no such GPU for this job")

const (
	// lendEvery is the time between two looks for a free device.
	lendEvery = time.Second
	// strangersFor is how long a device that nobody has lent may be in use: the
	// last job's programs take a moment to end.
	strangersFor = 20 * time.Second
	// leaseLimit is when a lease ends by itself: its holder is gone.
	leaseLimit = engine.MaxWall + time.Hour
)

// Pool lends the healthy devices of this machine, least used first. Leases are
// on disk, since what runs outside the worker outlives it.
type Pool struct {
	monitor *Monitor
	path    string
	log     *slog.Logger
	wait    time.Duration
	// strangers is strangersFor.
	strangers time.Duration

	mu    sync.Mutex
	state poolState
}

var _ engine.GPUs = (*Pool)(nil)

// OpenPool reads the leases at path. Boot names the start of the machine, which
// ends what an XID means: see BootID.
func OpenPool(monitor *Monitor, path, boot string, log *slog.Logger) (*Pool, error) {
	p := &Pool{monitor: monitor, path: path, log: log, wait: lendEvery, strangers: strangersFor}
	if err := p.load(boot); err != nil {
		return nil, err
	}
	monitor.remember(p.state.XIDs, p.keepXID)
	return p, nil
}

// unit is what is lent: a device, or a slice of a split one.
type unit struct {
	engine.LentGPU
	gpu    GPU
	leased bool
}

// Lend implements engine.GPUs.
func (p *Pool) Lend(ctx context.Context, holder string, need engine.GPUNeed) ([]engine.LentGPU, error) {
	if holder == "" || need.Count < 1 {
		return nil, fmt.Errorf("GPUs are lent to a named job that needs some, not %d to %q", need.Count, holder)
	}
	since := time.Now()
	for {
		lent, busy, err := p.try(holder, need)
		if err != nil || lent != nil {
			return lent, err
		}
		if busy != "" && time.Since(since) > p.strangers {
			return nil, fmt.Errorf("%w: %s", ErrNoGPU, busy)
		}
		if busy == "" {
			since = time.Now() // others have leases, which end
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(p.wait):
		}
	}
}

// try lends what is free. Without enough of it, busy says which strangers are
// in the way, or is empty if leases are.
func (p *Pool) try(holder string, need engine.GPUNeed) (lent []engine.LentGPU, busy string, err error) {
	gpus, err := p.monitor.GPUs()
	if err != nil {
		return nil, "", fmt.Errorf("list the GPUs: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if l, ok := p.state.Leases[holder]; ok {
		if len(l.GPUs) != need.Count {
			return nil, "", fmt.Errorf("job %s has %d GPUs and asks for %d", holder, len(l.GPUs), need.Count)
		}
		return l.GPUs, "", nil
	}
	units, refused := p.units(gpus, need)
	if len(units) < need.Count {
		return nil, "", fmt.Errorf("%w: %d of %d are there%s", ErrNoGPU, len(units), need.Count, refused)
	}
	for _, u := range units {
		if u.leased || len(lent) == need.Count {
			continue
		}
		who, err := p.monitor.occupied(u.UUID)
		if err != nil || who != "" {
			busy = fmt.Sprintf("%s: %s%v", u.UUID, who, errText(err))
			continue
		}
		lent = append(lent, u.LentGPU)
	}
	if len(lent) < need.Count {
		return nil, p.inTheWay(units, need, busy), nil
	}
	return lent, "", p.lease(holder, lent)
}

// inTheWay is busy unless devices that are lent will do once they come back.
func (p *Pool) inTheWay(units []unit, need engine.GPUNeed, busy string) string {
	usable := 0
	for _, u := range units {
		if u.leased {
			usable++
		} else if who, err := p.monitor.occupied(u.UUID); err == nil && who == "" {
			usable++
		}
	}
	if usable >= need.Count {
		return ""
	}
	return busy
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// units lists what may serve the need, least used first, and why the rest may
// not.
func (p *Pool) units(gpus []GPU, need engine.GPUNeed) (all []unit, refused string) {
	held := make(map[string]bool)
	for _, l := range p.state.Leases {
		for _, g := range l.GPUs {
			held[g.UUID] = true
		}
	}
	var why []string
	for _, g := range gpus {
		if len(g.Faults) > 0 {
			why = append(why, fmt.Sprintf("GPU %d has failed (%s)", g.Index, g.Faults))
			continue
		}
		for _, u := range g.units() {
			if u.MemoryBytes < need.MemoryBytes {
				why = append(why, fmt.Sprintf("%s has %d MiB", u.UUID, u.MemoryBytes>>20))
				continue
			}
			u.leased = held[u.UUID]
			all = append(all, u)
		}
	}
	slices.SortStableFunc(all, func(a, b unit) int {
		return cmp.Or(cmp.Compare(p.state.Used[a.UUID], p.state.Used[b.UUID]), cmp.Compare(a.Index, b.Index))
	})
	if len(why) > 0 {
		refused = ": " + strings.Join(why, ", ")
	}
	return all, refused
}

// units are the device, or its slices if it is split.
func (g GPU) units() []unit {
	if !g.MIG {
		return []unit{{LentGPU: engine.LentGPU{UUID: g.UUID, Index: g.Index, MemoryBytes: g.VRAMMiB << 20}, gpu: g}}
	}
	var all []unit
	for _, s := range g.Slices {
		all = append(all, unit{LentGPU: engine.LentGPU{UUID: s.UUID, Index: g.Index, MemoryBytes: s.VRAMMiB << 20}, gpu: g})
	}
	return all
}
