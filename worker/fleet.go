// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/container"
	"github.com/cupel-network/cupel/worker/engine/slurm"
	"github.com/cupel-network/cupel/worker/engine/wasm"
)

// FleetSlurm is the value of an engine's fleet that sends its jobs to Slurm.
// Empty runs them on this machine.
const FleetSlurm = "slurm"

// SlurmConfig says how jobs are sent to a Slurm cluster.
type SlurmConfig struct {
	// Dir is seen under the same path by this machine and all nodes, and
	// Program is this program as the nodes see it.
	Dir     string `yaml:"dir"`
	Program string `yaml:"program"`

	Partition  string `yaml:"partition"`
	Account    string `yaml:"account"`
	QOS        string `yaml:"qos"`
	Constraint string `yaml:"constraint"`
	GPUType    string `yaml:"gpu_type"`

	Poll       time.Duration `yaml:"poll"`
	MaxPending time.Duration `yaml:"max_pending"`
	Keep       time.Duration `yaml:"keep"`
	// TimeOverhead and MemoryOverheadMiB are added to what a job asks for.
	TimeOverhead      time.Duration `yaml:"time_overhead"`
	MemoryOverheadMiB uint64        `yaml:"memory_overhead_mib"`
}

func defaultSlurm() SlurmConfig {
	return SlurmConfig{
		Dir: "fleet", Poll: 2 * time.Second, MaxPending: 30 * time.Minute, Keep: time.Hour, TimeOverhead: 3 * time.Minute, MemoryOverheadMiB: 768,
	}
}

func (c SlurmConfig) validate() error {
	var all []error
	check(&all, c.Dir != "", "engines.slurm.dir is empty: give a directory that this machine and all nodes share")
	check(&all, c.Program == "" || filepath.IsAbs(c.Program), "engines.slurm.program %q is not an absolute path", c.Program)
	check(&all, within(c.Poll, 100*time.Millisecond, time.Minute), "engines.slurm.poll is %s, allowed are 100ms to 1m", c.Poll)
	check(&all, within(c.MaxPending, time.Second, 7*24*time.Hour), "engines.slurm.max_pending is %s, allowed are 1s to 168h", c.MaxPending)
	check(&all, within(c.Keep, time.Minute, 7*24*time.Hour), "engines.slurm.keep is %s, allowed are 1m to 168h", c.Keep)
	check(&all, within(c.TimeOverhead, time.Minute, time.Hour), "engines.slurm.time_overhead is %s, allowed are 1m to 1h", c.TimeOverhead)
	check(&all, c.MemoryOverheadMiB >= 256, "engines.slurm.memory_overhead_mib is %d, at least 256 are needed", c.MemoryOverheadMiB)
	return errors.Join(all...)
}

func validateFleet(key, fleet string) error {
	if fleet != "" && fleet != FleetSlurm {
		return fmt.Errorf("engines.%s.fleet is %q, known are %s and nothing for this machine", key, fleet, FleetSlurm)
	}
	return nil
}

// UsesSlurm reports whether the jobs of some engine go to Slurm.
func (c EnginesConfig) UsesSlurm() bool {
	return c.WASM.Enabled && c.WASM.Fleet == FleetSlurm || c.Container.Enabled && c.Container.Fleet == FleetSlurm
}

// OpenFleet returns an engine that sends jobs of a class to Slurm. Its nodes
// get the engines part of the configuration.
func OpenFleet(ctx context.Context, cfg Config, class string, log *slog.Logger) (*slurm.Engine, error) {
	settings, err := json.Marshal(cfg.Engines)
	if err != nil {
		return nil, err
	}
	c := cfg.Engines.Slurm
	if c.Program == "" {
		if c.Program, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find this program for the nodes: %w: set engines.slurm.program", err)
		}
	}
	dir, err := filepath.Abs(filepath.Join(cfg.Path(c.Dir), strings.ReplaceAll(class, "/", "-")))
	if err != nil {
		return nil, err
	}
	return slurm.New(ctx, slurm.Options{
		Class: class, Settings: settings, Dir: dir, Program: c.Program,
		Partition: c.Partition, Account: c.Account, QOS: c.QOS, Constraint: c.Constraint, GPUType: c.GPUType,
		Poll: c.Poll, MaxPending: c.MaxPending, KeepFor: c.Keep, TimeOverhead: c.TimeOverhead,
		MemoryOverhead: c.MemoryOverheadMiB << 20, Log: log.With("part", "slurm"),
	})
}

// OpenOnNode makes the engine of a class on a node of a fleet. It is a
// slurm.Opener.
func OpenOnNode(ctx context.Context, class string, settings json.RawMessage, shared string, gpus engine.GPUs) (engine.Engine, error) {
	var cfg EnginesConfig
	if err := json.Unmarshal(settings, &cfg); err != nil {
		return nil, fmt.Errorf("read the settings of the engines: %w", err)
	}
	node, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	switch class {
	case wasm.Class:
		// Machine code is of one kind of processor, and a cache of one machine.
		return wasm.New(ctx, wasm.Options{CacheDir: filepath.Join(shared, "modules", node), CacheBytes: cfg.WASM.CacheMiB << 20})
	case container.ClassCPU, container.ClassGPU:
		return cfg.Container.containersOnNode(ctx, class, node, gpus)
	default:
		return nil, fmt.Errorf("a node of a fleet has no engine of class %s: is the program on the nodes as new as the worker?", class)
	}
}

func (s *Service) openFleet(ctx context.Context, class string) error {
	e, err := OpenFleet(ctx, s.cfg, class, s.log)
	if err == nil {
		s.opts.engines[class] = e
	}
	return err
}

// closeEngines gives back what engines hold; what runs elsewhere goes on. It is
// safe to call twice.
func (s *Service) closeEngines() error {
	var all []error
	for _, e := range s.opts.engines {
		if c, ok := e.(io.Closer); ok {
			all = append(all, c.Close())
		}
	}
	if s.monitor != nil {
		s.monitor.Close()
		s.monitor = nil
	}
	return errors.Join(all...)
}

// watchers are the engines that look after what outlives a run.
func (s *Service) watchers() []func(context.Context) error {
	var all []func(context.Context) error
	for _, e := range s.opts.engines {
		if w, ok := e.(interface {
			Watch(ctx context.Context) error
		}); ok {
			all = append(all, w.Watch)
		}
	}
	if s.pool != nil {
		all = append(all, s.pool.Watch)
	}
	return all
}
