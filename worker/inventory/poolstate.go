// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
)

// poolState is what is on disk.
type poolState struct {
	// Boot names the start of the machine since which the XIDs hold.
	Boot string `json:"boot"`
	// XIDs are the failed devices by UUID.
	XIDs map[string]uint64 `json:"xids"`
	// Leases are by holder, Used counts the leases of a device ever.
	Leases map[string]lease  `json:"leases"`
	Used   map[string]uint64 `json:"used"`
}

type lease struct {
	GPUs  []engine.LentGPU `json:"gpus"`
	Since time.Time        `json:"since"`
}

// BootID is the kernel's name for this start of the machine.
func BootID(proc fs.FS) (string, error) {
	raw, err := fs.ReadFile(proc, "sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("read the id of this boot: %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
}

func (p *Pool) load(boot string) error {
	raw, err := os.ReadFile(p.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the leases of GPUs: %w", err)
	}
	if err == nil {
		if err := json.Unmarshal(raw, &p.state); err != nil {
			return fmt.Errorf("read %s: %w: remove it once no job runs on a GPU", p.path, err)
		}
	}
	s := &p.state
	if s.Boot != boot {
		// Nothing outlives the machine, and a restart resets its devices.
		s.Boot, s.XIDs, s.Leases = boot, nil, nil
	}
	if s.XIDs == nil {
		s.XIDs = make(map[string]uint64)
	}
	if s.Leases == nil {
		s.Leases = make(map[string]lease)
	}
	if s.Used == nil {
		s.Used = make(map[string]uint64)
	}
	return nil
}

// store writes the state at once and whole. The caller has the lock.
func (p *Pool) store() error {
	raw, err := json.Marshal(p.state)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(p.path), ".gpus-*")
	if err != nil {
		return fmt.Errorf("write the leases of GPUs: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(raw)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("write the leases of GPUs: %w", err)
	}
	return os.Rename(tmp.Name(), p.path)
}

func (p *Pool) lease(holder string, lent []engine.LentGPU) error {
	p.state.Leases[holder] = lease{GPUs: lent, Since: time.Now()}
	for _, g := range lent {
		p.state.Used[g.UUID]++
	}
	err := p.store()
	if err != nil {
		delete(p.state.Leases, holder)
	}
	return err
}

// Return implements engine.GPUs.
func (p *Pool) Return(holder string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.state.Leases[holder]; !ok {
		return nil
	}
	delete(p.state.Leases, holder)
	return p.store()
}

func (p *Pool) keepXID(uuid string, xid uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.XIDs[uuid] = xid
	if err := p.store(); err != nil {
		p.log.Error("a failed GPU is not noted on disk", "uuid", uuid, "err", err)
	}
}

// Leased returns who has which devices, by UUID.
func (p *Pool) Leased() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make(map[string]string)
	for holder, l := range p.state.Leases {
		for _, g := range l.GPUs {
			all[g.UUID] = holder
		}
	}
	return all
}

// Watch notes faults and ends leases that no job can still have, until ctx is
// done.
func (p *Pool) Watch(ctx context.Context) error {
	stopped := make(chan error, 1)
	go func() { stopped <- p.monitor.Watch(ctx) }()
	for {
		p.expire(time.Now())
		select {
		case <-ctx.Done():
			return <-stopped
		case <-time.After(time.Minute):
		}
	}
}

func (p *Pool) expire(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.state.Leases)
	for holder, l := range p.state.Leases {
		if now.Sub(l.Since) > leaseLimit {
			p.log.Warn("a lease of GPUs is older than any job", "job", holder)
			delete(p.state.Leases, holder)
		}
	}
	if len(p.state.Leases) == n {
		return
	}
	if err := p.store(); err != nil {
		p.log.Error("leases of GPUs are not noted on disk", "err", err)
	}
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Second):
		return nil
	}
}
