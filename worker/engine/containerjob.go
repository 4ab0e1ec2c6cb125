// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
)

// ContainerClasses is what the names of all container classes start with.
const ContainerClasses = "container/"

// Bounds of a Container, the same for every class.
const (
	MaxCPUs            = 256
	MaxGPUs            = 16
	MaxContainerMemory = 1 << 40
	MinContainerMemory = 16 << 20
	MinScratchBytes    = 1 << 20
	maxImageRef        = 255
)

// Container is what a container class runs in place of a module.
type Container struct {
	// Image is NAME@sha256:HEX, or sha256:HEX for an image that the providers
	// have. Tags are refused: they may name another image tomorrow.
	Image string
	// Command replaces the image's entry point and its arguments. Job.Args
	// follow it. Empty means what the image says.
	Command []string
	// CPUs and GPUs are whole processors. Without GPUs the CPUs are what is paid.
	CPUs, GPUs uint32
	// VRAMBytes is the memory that each GPU must have.
	VRAMBytes uint64
	// ScratchBytes is the size of /tmp. It counts as memory.
	ScratchBytes uint64
}

// Units returns the CPU-seconds, or with GPUs the GPU-seconds, of a time:
// whole seconds, rounded up, of all the processors that the run reserves.
func (c Container) Units(wall time.Duration) uint64 {
	return uint64((wall+time.Second-1)/time.Second) * uint64(c.Processors())
}

// Processors are those whose seconds are paid: the GPUs, or without any the CPUs.
func (c Container) Processors() uint32 {
	if c.GPUs > 0 {
		return c.GPUs
	}
	return c.CPUs
}

// Used returns the units to report for a run that took some time: what it
// reserved for it, at least 1 and at most the limit. See ADR-009.
func (c Container) Used(took time.Duration, limit uint64) uint64 {
	return max(min(c.Units(took), limit), 1)
}

var (
	imageID   = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	imageName = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$`)
)

// ValidateImage accepts NAME@sha256:HEX and sha256:HEX.
func ValidateImage(ref string) error {
	const write = "write NAME@sha256:HEX, or sha256:HEX for an image that the providers have"
	if imageID.MatchString(ref) {
		return nil
	}
	name, digest, ok := strings.Cut(ref, "@")
	switch {
	case len(ref) > maxImageRef:
		return fmt.Errorf("image %.40q... has %d characters, at most %d are allowed", ref, len(ref), maxImageRef)
	case !ok && strings.Contains(path.Base(ref), ":"):
		return fmt.Errorf("image %q is named by a tag, which may be another image tomorrow: %s", ref, write)
	case !ok:
		return fmt.Errorf("image %q has no digest: %s", ref, write)
	case !imageID.MatchString(digest):
		return fmt.Errorf("image %q: the digest is not sha256: and 64 lower-case hex digits", ref)
	case strings.Contains(path.Base(name), ":"):
		return fmt.Errorf("image %q has a tag beside the digest: leave the tag out", ref)
	case !imageName.MatchString(name):
		return fmt.Errorf("image %q: %q is not the name of an image, such as docker.io/library/python", ref, name)
	}
	return nil
}

// validate checks the container of a job and what it takes from the job.
func (c Container) validate(j Job) error {
	if err := ValidateImage(c.Image); err != nil {
		return err
	}
	switch {
	case j.Module != "" || j.Stdin != "":
		return errors.New("a container has neither module nor stdin: mount the content as an input")
	case c.GPUs > MaxGPUs:
		return fmt.Errorf("container asks %d GPUs, allowed are 0 to %d: change resources.gpus", c.GPUs, MaxGPUs)
	case c.GPUs == 0 && c.VRAMBytes > 0:
		return errors.New("container asks VRAM without a GPU: set resources.gpus or leave resources.vram out")
	case c.CPUs == 0 || c.CPUs > MaxCPUs:
		return fmt.Errorf("container asks %d CPUs, allowed are 1 to %d: change resources.cpus", c.CPUs, MaxCPUs)
	case j.MemoryBytes < MinContainerMemory || j.MemoryBytes > MaxContainerMemory:
		return fmt.Errorf("memory limit of %d bytes is outside %d..%d: change resources.memory", j.MemoryBytes, MinContainerMemory, int64(MaxContainerMemory))
	case c.ScratchBytes < MinScratchBytes || c.ScratchBytes > j.MemoryBytes:
		return fmt.Errorf("scratch of %d bytes is outside %d..%d, the memory it counts as: change resources.scratch", c.ScratchBytes, MinScratchBytes, j.MemoryBytes)
	case j.Fuel != c.Units(j.Wall):
		return fmt.Errorf("limit of %d units does not match %d CPUs and %d GPUs for %s, which are %d: change the limits", j.Fuel, c.CPUs, c.GPUs, j.Wall, c.Units(j.Wall))
	}
	if err := validateArgs(c.Command); err != nil {
		return err
	}
	return j.validateContainerText()
}

// validateContainerText checks what a runtime or a hook of it would read.
func (j Job) validateContainerText() error {
	for _, kv := range j.Env {
		key, value, _ := strings.Cut(kv, "=")
		if why := ForbiddenEnv(key, value); why != "" {
			return fmt.Errorf("environment variable %q %s: leave it out", key, why)
		}
	}
	for _, f := range j.Files {
		if err := validateContainerPath(f.GuestPath); err != nil {
			return err
		}
	}
	return nil
}

// validateContainerPath refuses places where a mount changes how the kernel or
// the runtime sees the container.
func validateContainerPath(p string) error {
	for _, dir := range []string{"/proc", "/sys", "/dev", "/run", "/var/run"} {
		if p == dir || strings.HasPrefix(p, dir+"/") {
			return fmt.Errorf("input path %q is under %s, which belongs to the system: use /in", p, dir)
		}
	}
	if strings.ContainsAny(p, ":,") {
		return fmt.Errorf("input path %q has a ':' or ',': use another name", p)
	}
	return nil
}

// SeedEnv is the variable by which a container is told its seed: 64 hex digits.
const SeedEnv = "CUPEL_SEED"

var nvidiaCapabilities = map[string]bool{"compute": true, "utility": true, "video": true}

// ForbiddenEnv says why a variable may not be set in a container, or returns
// "". The dynamic linker and the hooks of NVIDIA's toolkit read the environment
// of a container outside of it.
func ForbiddenEnv(key, value string) string {
	upper := strings.ToUpper(key)
	switch {
	case strings.HasPrefix(upper, "LD_") || upper == "GLIBC_TUNABLES":
		return "steers the dynamic linker"
	case upper == "NVIDIA_DRIVER_CAPABILITIES":
		for _, one := range strings.Split(value, ",") {
			if !nvidiaCapabilities[one] {
				return "asks driver capabilities other than compute, utility and video"
			}
		}
	case strings.HasPrefix(upper, "NVIDIA_REQUIRE_"), upper == "NVIDIA_TF32_OVERRIDE":
	case strings.HasPrefix(upper, "NVIDIA_"):
		return "steers NVIDIA's container toolkit"
	case upper == SeedEnv:
		return "is set by the worker"
	}
	return ""
}
