// SPDX-License-Identifier: Apache-2.0

// Package container is the engine of the classes container/v1: a container
// image with a command, run by a Docker-compatible daemon without network, with
// a read-only root and within limits. It outlives the worker: a run is found
// again by its name. What two honest providers compute may differ, so that no
// class of it is sound. See worker/adr/009-container-engine.md.
package container

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/client"

	"github.com/cupel-network/cupel/worker/engine"
)

// The classes. A unit is a second of one processor of the kind in the name.
const (
	// ClassCPU is paid by the CPU-second.
	ClassCPU = engine.ContainerClasses + "v1-amd64"
	// ClassGPU is paid by the GPU-second.
	ClassGPU = engine.ContainerClasses + "v1-amd64-cuda"
)

// Policies for images that are not on this machine.
const (
	PullMissing = "missing"
	PullNever   = "never"
)

// Runtimes that may be named; the daemon must know them.
const (
	RuntimeAuto  = "auto"
	RuntimeRunc  = "runc"
	RuntimeRunsc = "runsc"
)

// Ways to give GPUs to a container.
const (
	GPUModeNVIDIA = "nvidia"
	GPUModeCDI    = "cdi"
)

// Options configure an Engine. Zero fields take the defaults.
type Options struct {
	// Dir holds the state of runs, across restarts. It is created with mode
	// 0700 and belongs to one worker.
	Dir string
	// Host is the daemon's socket, unix:///var/run/docker.sock by default.
	Host string
	// Chain and Provider are put on labels; containers of others are not
	// touched.
	Chain, Provider string
	// Runtime is auto by default: runsc where the daemon has it, else runc.
	Runtime string
	// Pull is missing by default. Registries are the hosts that may be pulled
	// from; none means those of DefaultRegistries.
	Pull       string
	Registries []string
	// MaxImageBytes bounds an image, packed and unpacked; 20 GiB by default.
	MaxImageBytes int64
	// DockerConfig is Docker's config.json with the logins to registries; empty
	// shows registries no credentials. What they can read, any job can run.
	DockerConfig string
	// PullTimeout bounds one pull; 30 minutes by default.
	PullTimeout time.Duration
	// CPUs and MemoryBytes are what all runs together may take; by default all
	// processors and nine tenths of the memory.
	CPUs        int64
	MemoryBytes int64
	// Processes and OpenFiles bound one run; 1024 and 4096 by default.
	Processes, OpenFiles int64
	// OutputFiles bounds the files, and the directories, of /out; 10,000 by
	// default.
	OutputFiles int
	// Keep is how long a finished run waits to be asked for; an hour by default.
	Keep time.Duration
	// GPUs lends devices; nil means that there are none. GPUMode is nvidia by
	// default.
	GPUs    engine.GPUs
	GPUMode string
	Log     *slog.Logger
}

// DefaultRegistries are the hosts that images are pulled from by default.
var DefaultRegistries = []string{"docker.io", "ghcr.io", "nvcr.io", "quay.io", "public.ecr.aws"}

func (o *Options) defaults() {
	set(&o.Host, client.DefaultDockerHost)
	set(&o.Runtime, RuntimeAuto)
	set(&o.Pull, PullMissing)
	set(&o.GPUMode, GPUModeNVIDIA)
	set(&o.MaxImageBytes, 20<<30)
	set(&o.PullTimeout, 30*time.Minute)
	set(&o.Processes, 1024)
	set(&o.OpenFiles, 4096)
	set(&o.OutputFiles, 10_000)
	set(&o.Keep, time.Hour)
	if len(o.Registries) == 0 {
		o.Registries = DefaultRegistries
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Engine runs jobs of one class. It is safe for concurrent use. Those that
// WithClass makes share everything but the class.
type Engine struct {
	class string
	*host
}

var _ engine.Engine = (*Engine)(nil)

// host is what the engines of one daemon share.
type host struct {
	opts   Options
	docker *client.Client
	facts  Facts
	user   string
	// mounts is whether /out is a tmpfs of its own.
	mounts bool
	budget *budget

	mu      sync.Mutex
	running map[string]chan struct{}
}

// New connects to the daemon and checks that it enforces every limit. It fails
// where it does not.
func New(ctx context.Context, class string, opts Options) (*Engine, error) {
	opts.defaults()
	if class != ClassCPU && class != ClassGPU {
		return nil, fmt.Errorf("container engine knows %s and %s, not %s", ClassCPU, ClassGPU, class)
	}
	if opts.Dir == "" || opts.Chain == "" || opts.Provider == "" {
		return nil, errors.New("container engine has no directory, chain or provider: set them")
	}
	if !strings.HasPrefix(opts.Host, "unix://") {
		return nil, fmt.Errorf("docker host %q is not a unix:// socket: containers must run on this machine, set engines.container.host", opts.Host)
	}
	docker, err := client.New(client.WithHost(opts.Host))
	if err != nil {
		return nil, fmt.Errorf("open the docker client: %w", err)
	}
	h := &host{opts: opts, docker: docker, running: make(map[string]chan struct{})}
	if err := h.open(ctx); err != nil {
		return nil, errors.Join(err, docker.Close())
	}
	return &Engine{class: class, host: h}, nil
}

func (h *host) open(ctx context.Context) error {
	dir, err := filepath.Abs(h.opts.Dir)
	if err != nil {
		return err
	}
	h.opts.Dir = dir
	if err := os.MkdirAll(filepath.Join(dir, runsDir), 0o700); err != nil {
		return fmt.Errorf("make the directory of container runs: %w", err)
	}
	if h.facts, err = Probe(ctx, h.docker); err != nil {
		return err
	}
	if err := h.facts.Refuse(h.opts.Runtime); err != nil {
		return err
	}
	if h.mounts, err = canMount(dir); err != nil {
		return err
	}
	h.user = guestUser()
	h.budget = newBudget(h.opts.CPUs, h.opts.MemoryBytes, h.facts)
	return writeInit(dir)
}

// WithClass returns an engine of another class on the same daemon.
func (e *Engine) WithClass(class string) *Engine { return &Engine{class: class, host: e.host} }

// Class implements engine.Engine.
func (e *Engine) Class() string { return e.class }

// Close releases the connection. Containers run on.
func (e *Engine) Close() error { return e.docker.Close() }

// Facts returns what the daemon says of itself.
func (e *Engine) Facts() Facts { return e.facts }

// Missing lists what is not isolated on this machine.
func (e *Engine) Missing() []string {
	missing := e.facts.Missing(e.opts.Runtime)
	if !e.mounts {
		missing = append(missing, "the size of /out is watched, not enforced by the kernel: the worker may not mount")
	}
	return missing
}

// guestUser is who runs in a container: nobody where the worker is root, else
// the worker's user, who can then read what the container wrote.
func guestUser() string {
	if os.Geteuid() == 0 {
		return "65534:65534"
	}
	return fmt.Sprintf("%d:%d", os.Geteuid(), os.Getegid())
}

// claim makes the caller the only one to work on a run, once whoever does is
// done: at a start the reaper may look at a container that is just asked for.
func (h *host) claim(ctx context.Context, name string) (release func(), err error) {
	for {
		release, busy := h.tryClaim(name)
		if busy == nil {
			return release, nil
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// tryClaim is claim without the wait: busy is closed when who has the run is
// done, and nil if the caller has it now.
func (h *host) tryClaim(name string) (release func(), busy <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if done, ok := h.running[name]; ok {
		return nil, done
	}
	done := make(chan struct{})
	h.running[name] = done
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.running, name)
		close(done)
	}, nil
}
