// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"

	"github.com/cupel-network/cupel/worker/engine"
)

// Labels of every container.
const (
	labelPrefix   = "network.cupel."
	LabelOwner    = labelPrefix + "owner"
	LabelJob      = labelPrefix + "job"
	LabelWall     = labelPrefix + "wall"
	LabelChain    = labelPrefix + "chain"
	LabelProvider = labelPrefix + "provider"
	LabelBatch    = labelPrefix + "batch"
	LabelTask     = labelPrefix + "task"
	LabelLot      = labelPrefix + "lot"
	LabelAttempt  = labelPrefix + "attempt"
)

// owner tells the containers of this worker from those of others.
func (h *host) owner() string {
	sum := sha256.Sum256([]byte(h.opts.Chain + "\x00" + h.opts.Provider))
	return hex.EncodeToString(sum[:8])
}

// name is that of the container of a run; it is unique on the daemon.
func (h *host) name(id string) string { return "cupel-" + h.owner() + "-" + id }

func (h *host) labels(job engine.Job, img image) map[string]string {
	labels := make(map[string]string)
	for _, key := range img.labels {
		labels[key] = "" // a label of an image must not reach a hook
	}
	o := job.Origin
	for key, value := range map[string]string{
		LabelOwner: h.owner(), LabelJob: job.ID, LabelWall: job.Wall.String(), LabelChain: h.opts.Chain, LabelProvider: h.opts.Provider,
		LabelBatch: strconv.FormatUint(o.Batch, 10), LabelTask: number(o.Task), LabelLot: number(o.Lot), LabelAttempt: number(o.Attempt),
	} {
		labels[key] = value
	}
	return labels
}

func number(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// create makes a container that has not started yet.
func (h *host) create(ctx context.Context, job engine.Job, s state, gpus []engine.LentGPU) (id string, err error) {
	img, err := h.image(ctx, job.Container.Image)
	if err != nil {
		return "", err
	}
	command := job.Container.Command
	if len(command) == 0 {
		command = img.command
	}
	command = slices.Concat(command, job.Args)
	if len(command) == 0 {
		return "", refuse("image %s says no command and the job none either: set command", job.Container.Image)
	}
	env := environment(job, img)
	words := append(candidates(command[0], img.workdir, slices.Concat(img.env, job.Env)), "")
	res, err := h.docker.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name: h.name(job.ID),
		Config: &container.Config{
			Image: img.id, User: h.user, Env: env, WorkingDir: img.workdir, Hostname: "cupel",
			Entrypoint: []string{guestInit}, Cmd: append(words, command...),
			// A daemon that ends must not be able to ask a guest to end by itself:
			// that would look like a result.
			StopSignal:  "SIGKILL",
			Healthcheck: &container.HealthConfig{Test: []string{"NONE"}}, Labels: h.labels(job, img),
		},
		HostConfig: h.hostConfig(job, s, gpus),
	})
	if err != nil {
		return "", fmt.Errorf("create the container: %w", err)
	}
	if err := h.verify(ctx, res.ID, job); err != nil {
		return "", errors.Join(err, h.discard(ctx, res.ID))
	}
	return res.ID, nil
}

// seccompProfile is that of moby/profiles v0.2.3 without what only capabilities
// allow, 32-bit calls, ptrace and its kin, and with sockets of four families
// only. The daemon's own may be older, or off.
//
//go:embed seccomp.json
var seccompProfile string

var seccompOption = "seccomp=" + seccompProfile

// hostConfig is the sandbox.
func (h *host) hostConfig(job engine.Job, s state, gpus []engine.LentGPU) *container.HostConfig {
	c, pids, no := job.Container, h.opts.Processes, false
	scratch := int64(c.ScratchBytes)
	// A process that uses more than all its time is over the wall limit too:
	// this ends it where no worker is there to do so.
	seconds := int64(job.Wall/time.Second)*int64(c.CPUs) + 60
	// A core limit of 1 is the only one that keeps the kernel from starting the
	// machine's own crash handler for a guest.
	file := max(scratch, int64(job.OutputBytes)) + slack
	return &container.HostConfig{
		LogConfig:   container.LogConfig{Type: "none"},
		NetworkMode: "none", IpcMode: "private", CgroupnsMode: "private", PidMode: "", UTSMode: "",
		RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyDisabled},
		CapDrop:       []string{"ALL"}, SecurityOpt: []string{"no-new-privileges", seccompOption},
		ReadonlyRootfs: true, Init: &no, Runtime: h.facts.runtime(h.opts.Runtime), ShmSize: scratch, OomScoreAdj: 500,
		Tmpfs: map[string]string{"/tmp": fmt.Sprintf("rw,exec,nosuid,nodev,mode=1777,size=%d,nr_inodes=%d", scratch, 2*h.opts.OutputFiles)},
		Resources: container.Resources{
			Memory: int64(job.MemoryBytes), MemorySwap: int64(job.MemoryBytes), NanoCPUs: int64(c.CPUs) * 1e9, PidsLimit: &pids,
			DeviceRequests: h.deviceRequests(gpus),
			Ulimits: []*container.Ulimit{
				{Name: "nofile", Soft: h.opts.OpenFiles, Hard: h.opts.OpenFiles},
				{Name: "core", Soft: 1, Hard: 1},
				{Name: "fsize", Soft: file, Hard: file},
				{Name: "cpu", Soft: seconds, Hard: seconds},
				{Name: "memlock", Soft: 64 << 10, Hard: 64 << 10},
				{Name: "msgqueue", Soft: 0, Hard: 0},
			},
		},
		Mounts: h.binds(job, s),
	}
}

// binds are all mounts of a container but those of the runtime itself.
func (h *host) binds(job engine.Job, s state) []mount.Mount {
	bind := func(from, to string, readOnly bool) mount.Mount {
		return mount.Mount{
			Type: mount.TypeBind, Source: from, Target: to, ReadOnly: readOnly,
			BindOptions: &mount.BindOptions{Propagation: mount.PropagationRPrivate},
		}
	}
	all := []mount.Mount{
		bind(h.opts.Dir+"/"+initName, guestInit, true), bind("/dev/null", guestStdin, true),
		bind(s.stdout(), guestStdout, false), bind(s.stderr(), guestStderr, false), bind(s.out(), guestOut, false),
	}
	for i, f := range job.Files {
		all = append(all, bind(s.input(i), f.GuestPath, true))
	}
	return all
}

func (h *host) deviceRequests(gpus []engine.LentGPU) []container.DeviceRequest {
	if len(gpus) == 0 {
		return nil
	}
	ids := make([]string, len(gpus))
	for i, g := range gpus {
		ids[i] = g.UUID
	}
	if h.opts.GPUMode == GPUModeCDI {
		for i, id := range ids {
			ids[i] = "nvidia.com/gpu=" + id
		}
		return []container.DeviceRequest{{Driver: "cdi", DeviceIDs: ids}}
	}
	return []container.DeviceRequest{{Driver: "nvidia", DeviceIDs: ids, Capabilities: [][]string{{"gpu", "compute", "utility"}}}}
}

// verify reads back what the daemon made. A daemon that ignores what it does
// not know must not run a stranger's code.
func (h *host) verify(ctx context.Context, id string, job engine.Job) error {
	res, err := h.docker.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
	if err != nil {
		return fmt.Errorf("inspect the container: %w", err)
	}
	got, want := res.Container.HostConfig, h.hostConfig(job, state{}, nil)
	if got == nil || res.Container.Config == nil {
		return errors.New("the daemon does not say how it made the container")
	}
	wrong := func(what string, bad bool) error {
		if bad {
			return fmt.Errorf("the daemon made a container with another %s than was asked for", what)
		}
		return nil
	}
	return errors.Join(
		wrong("privilege", got.Privileged || len(got.CapAdd) > 0 || len(got.CapDrop) == 0),
		wrong("security option", !slices.Equal(got.SecurityOpt, want.SecurityOpt)),
		wrong("network", got.NetworkMode != want.NetworkMode),
		wrong("namespace", got.IpcMode != want.IpcMode || got.PidMode != "" || got.UTSMode != "" || got.UsernsMode != ""),
		wrong("root file system", !got.ReadonlyRootfs),
		wrong("memory limit", got.Memory != want.Memory || h.facts.SwapLimit && got.MemorySwap != want.MemorySwap),
		wrong("CPU limit", got.NanoCPUs != want.NanoCPUs),
		wrong("process limit", got.PidsLimit == nil || *got.PidsLimit != *want.PidsLimit),
		wrong("ulimit", len(got.Ulimits) != len(want.Ulimits)),
		wrong("runtime", got.Runtime != want.Runtime),
		wrong("device", len(got.Devices) > 0 || len(got.DeviceCgroupRules) > 0),
		wrong("mount", len(res.Container.Mounts) != 5+len(job.Files) || len(got.Binds) > 0 || len(got.VolumesFrom) > 0),
		wrong("user", res.Container.Config.User != h.user),
	)
}
