// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/container"
)

// ContainerConfig configures the container engine. Zero numbers take the
// engine's defaults.
type ContainerConfig struct {
	Enabled bool `yaml:"enabled"`
	// GPUs offers the GPU class where there is a driver.
	GPUs bool `yaml:"gpus"`
	// Fleet is where the jobs run: see FleetSlurm.
	Fleet string `yaml:"fleet"`
	// Dir holds the state of runs.
	Dir string `yaml:"dir"`
	// Host is the daemon's socket.
	Host    string `yaml:"host"`
	Runtime string `yaml:"runtime"`
	GPUMode string `yaml:"gpu_mode"`

	Pull        string        `yaml:"pull"`
	Registries  []string      `yaml:"registries"`
	MaxImageMiB int64         `yaml:"max_image_mib"`
	PullTimeout time.Duration `yaml:"pull_timeout"`
	// DockerConfig is a config.json of Docker with logins; empty for none.
	DockerConfig string `yaml:"docker_config,omitempty"`

	CPUs        int64         `yaml:"cpus"`
	MemoryMiB   int64         `yaml:"memory_mib"`
	Processes   int64         `yaml:"processes"`
	OpenFiles   int64         `yaml:"open_files"`
	OutputFiles int           `yaml:"output_files"`
	Keep        time.Duration `yaml:"keep"`
}

func defaultContainer() ContainerConfig {
	return ContainerConfig{
		GPUs: true, Dir: "containers", Host: "unix:///var/run/docker.sock", Runtime: container.RuntimeAuto, GPUMode: container.GPUModeNVIDIA,
		Pull: container.PullMissing, Registries: container.DefaultRegistries, MaxImageMiB: 20 << 10, PullTimeout: 30 * time.Minute,
		Processes: 1024, OpenFiles: 4096, OutputFiles: 10_000, Keep: time.Hour,
	}
}

func (c ContainerConfig) validate() error {
	if !c.Enabled {
		return nil
	}
	var all []error
	check(&all, strings.HasPrefix(c.Host, "unix:///"), "engines.container.host %q is not a unix:/// socket: containers run on this machine", c.Host)
	check(&all, c.Dir != "", "engines.container.dir is empty: give a directory on a local disk")
	check(&all, c.Runtime != "", "engines.container.runtime is empty: write auto, runc or runsc")
	check(&all, c.GPUMode == container.GPUModeNVIDIA || c.GPUMode == container.GPUModeCDI, "engines.container.gpu_mode is %q, known are nvidia and cdi", c.GPUMode)
	check(&all, c.Pull == container.PullMissing || c.Pull == container.PullNever, "engines.container.pull is %q, known are missing and never", c.Pull)
	check(&all, c.MaxImageMiB >= 1, "engines.container.max_image_mib is %d, at least 1 is needed", c.MaxImageMiB)
	check(&all, within(c.PullTimeout, time.Second, 24*time.Hour), "engines.container.pull_timeout is %s, allowed are 1s to 24h", c.PullTimeout)
	check(&all, c.CPUs >= 0 && c.MemoryMiB >= 0, "engines.container.cpus is %d and .memory_mib %d, neither may be negative", c.CPUs, c.MemoryMiB)
	check(&all, c.Processes >= 16 && c.Processes <= 1<<20, "engines.container.processes is %d, allowed are 16 to %d", c.Processes, 1<<20)
	check(&all, c.OpenFiles >= 64 && c.OpenFiles <= 1<<20, "engines.container.open_files is %d, allowed are 64 to %d", c.OpenFiles, 1<<20)
	check(&all, c.OutputFiles >= 1 && c.OutputFiles <= 10_000, "engines.container.output_files is %d, allowed are 1 to 10000", c.OutputFiles)
	check(&all, within(c.Keep, time.Minute, 7*24*time.Hour), "engines.container.keep is %s, allowed are 1m to 168h", c.Keep)
	return errors.Join(append(all, validateFleet("container", c.Fleet))...)
}

func (c ContainerConfig) options(dir, chain, provider string, gpus engine.GPUs, log *slog.Logger) container.Options {
	return container.Options{
		Dir: dir, Host: c.Host, Chain: chain, Provider: provider, Runtime: c.Runtime, GPUMode: c.GPUMode, GPUs: gpus,
		Pull: c.Pull, Registries: c.Registries, MaxImageBytes: c.MaxImageMiB << 20, PullTimeout: c.PullTimeout,
		DockerConfig: c.DockerConfig, CPUs: c.CPUs, MemoryBytes: c.MemoryMiB << 20, Processes: c.Processes, OpenFiles: c.OpenFiles, OutputFiles: c.OutputFiles,
		Keep: c.Keep, Log: log,
	}
}

// OpenContainers opens the container engine of a configuration. Provider is the
// address of the worker, which its containers are labelled with.
func OpenContainers(ctx context.Context, cfg Config, class, provider string, gpus engine.GPUs, log *slog.Logger) (*container.Engine, error) {
	c := cfg.Engines.Container
	if c.DockerConfig != "" {
		c.DockerConfig = cfg.Path(c.DockerConfig)
	}
	return container.New(ctx, class, c.options(cfg.Path(c.Dir), cfg.Chain.ID, provider, gpus, log))
}

// openContainers adds the container classes that are switched on.
func (s *Service) openContainers(ctx context.Context) error {
	c := s.cfg.Engines.Container
	if !c.Enabled {
		return nil
	}
	classes := []string{container.ClassCPU}
	var gpus engine.GPUs
	if c.GPUs && c.Fleet != "" {
		classes = append(classes, container.ClassGPU) // the nodes have them
	} else if c.GPUs && s.pool != nil {
		classes, gpus = append(classes, container.ClassGPU), s.pool
	}
	if c.Fleet != "" {
		for _, class := range classes {
			if err := s.openFleet(ctx, class); err != nil {
				return err
			}
		}
		return nil
	}
	eng, err := OpenContainers(ctx, s.cfg, container.ClassCPU, s.signer.Address(), gpus, s.log.With("part", "containers"))
	if err != nil {
		return fmt.Errorf("%w (engines.container.enabled: false works without)", err)
	}
	for _, missing := range eng.Missing() {
		s.log.Warn("guests are not fully isolated", "class", container.ClassCPU, "missing", missing)
	}
	for _, class := range classes {
		if s.opts.engines[class] == nil {
			s.opts.engines[class] = eng.WithClass(class)
		}
	}
	return nil
}

// containersOnNode opens the engine on a node of a fleet. The job's state lies
// on the node's own disk, apart from that of other jobs on it.
func (c ContainerConfig) containersOnNode(ctx context.Context, class, node string, gpus engine.GPUs) (engine.Engine, error) {
	dir, err := os.MkdirTemp("", "cupel-containers-*")
	if err != nil {
		return nil, err
	}
	eng, err := container.New(ctx, class, c.options(dir, "fleet", node, gpus, nil))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	// What a job left whose process was killed is found by its label.
	if _, err := eng.Reap(ctx); err != nil {
		return nil, errors.Join(err, eng.Close(), os.RemoveAll(dir))
	}
	return &nodeContainers{eng, dir}, nil
}

// nodeContainers is an engine for one job.
type nodeContainers struct {
	*container.Engine
	dir string
}

// Close removes what the job's engine needed.
func (n *nodeContainers) Close() error { return errors.Join(n.Engine.Close(), os.RemoveAll(n.dir)) }
