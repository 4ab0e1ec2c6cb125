// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var hexDigest = "sha256:" + strings.Repeat("0a", 32)

func containerJob() Job {
	return Job{
		Class: "container/v1-amd64", Fuel: 20, MemoryBytes: 1 << 30, Wall: 10 * time.Second, OutputBytes: 1,
		Container: &Container{Image: hexDigest, CPUs: 2, ScratchBytes: 1 << 20},
	}
}

func TestContainerJobValidate(t *testing.T) {
	require.NoError(t, containerJob().Validate())
	gpu := containerJob()
	gpu.Container.GPUs, gpu.Container.VRAMBytes, gpu.Fuel = 1, 1<<30, 10
	require.NoError(t, gpu.Validate())
	for name, tc := range map[string]struct {
		edit func(*Job)
		text string
	}{
		"a module too":    {func(j *Job) { j.Module = "x" }, "neither module nor stdin"},
		"stdin":           {func(j *Job) { j.Stdin = "x" }, "neither module nor stdin"},
		"no CPUs":         {func(j *Job) { j.Container.CPUs = 0 }, "resources.cpus"},
		"many CPUs":       {func(j *Job) { j.Container.CPUs = MaxCPUs + 1 }, "resources.cpus"},
		"many GPUs":       {func(j *Job) { j.Container.GPUs = MaxGPUs + 1 }, "resources.gpus"},
		"VRAM alone":      {func(j *Job) { j.Container.VRAMBytes = 1 }, "without a GPU"},
		"little memory":   {func(j *Job) { j.MemoryBytes = MinContainerMemory - 1 }, "resources.memory"},
		"much memory":     {func(j *Job) { j.MemoryBytes = MaxContainerMemory + 1 }, "resources.memory"},
		"little scratch":  {func(j *Job) { j.Container.ScratchBytes = MinScratchBytes - 1 }, "resources.scratch"},
		"scratch > RAM":   {func(j *Job) { j.Container.ScratchBytes = 2 << 30 }, "resources.scratch"},
		"fewer units":     {func(j *Job) { j.Fuel = 19 }, "which are 20"},
		"more units":      {func(j *Job) { j.Fuel = 21 }, "which are 20"},
		"linker":          {func(j *Job) { j.Env = []string{"LD_AUDIT=x"} }, "dynamic linker"},
		"mount at /proc":  {func(j *Job) { j.Files = []File{{GuestPath: "/proc/x"}} }, "belongs to the system"},
		"mount at /run":   {func(j *Job) { j.Files = []File{{GuestPath: "/run/cupel/init"}} }, "belongs to the system"},
		"mount with ':'":  {func(j *Job) { j.Files = []File{{GuestPath: "/in/a:ro"}} }, "another name"},
		"zero in command": {func(j *Job) { j.Container.Command = []string{"a\x00"} }, "zero byte"},
		"a tag":           {func(j *Job) { j.Container.Image = "a:latest" }, "named by a tag"},
	} {
		t.Run(name, func(t *testing.T) {
			j := containerJob()
			tc.edit(&j)
			require.ErrorContains(t, j.Validate(), tc.text)
		})
	}
}

func TestContainerUsed(t *testing.T) {
	c := Container{CPUs: 2}
	require.EqualValues(t, 1, c.Used(0, 20), "a run is never free")
	require.EqualValues(t, 2, c.Used(time.Millisecond, 20), "seconds are rounded up")
	require.EqualValues(t, 20, c.Used(10*time.Second, 20))
	require.EqualValues(t, 20, c.Used(10*time.Second+1, 20), "never above the limit")
	require.EqualValues(t, 12, Container{CPUs: 2, GPUs: 4}.Used(3*time.Second, 100))
}

func TestContainerUnits(t *testing.T) {
	require.Equal(t, uint64(6), Container{CPUs: 3}.Units(2*time.Second))
	require.Equal(t, uint64(9), Container{CPUs: 3}.Units(2001*time.Millisecond))
	require.Equal(t, uint64(4), Container{CPUs: 3, GPUs: 2}.Units(2*time.Second))
}

func TestValidateImage(t *testing.T) {
	for _, ok := range []string{hexDigest, "python@" + hexDigest, "docker.io/library/python@" + hexDigest, "127.0.0.1:5000/a/b-c_d.e@" + hexDigest, "localhost/a__b@" + hexDigest} {
		require.NoError(t, ValidateImage(ok), ok)
	}
	for _, bad := range []string{
		"", "python", "python:3", "python:3@" + hexDigest, "Python@" + hexDigest, "a//b@" + hexDigest, "../a@" + hexDigest, "a@" + hexDigest + "@" + hexDigest,
		"@" + hexDigest, "sha256:00", strings.ToUpper(hexDigest), "a@sha512:00", "-a@" + hexDigest, "a b@" + hexDigest, "a@" + hexDigest + "\n", "unix:///x@" + hexDigest,
		strings.Repeat("a", 255) + "@" + hexDigest,
	} {
		require.Error(t, ValidateImage(bad), bad)
	}
}

func TestForbiddenEnv(t *testing.T) {
	for key, value := range map[string]string{
		"PATH": "/", "NVIDIA_DRIVER_CAPABILITIES": "compute,utility", "NVIDIA_REQUIRE_CUDA": "cuda>=12", "CUDA_VISIBLE_DEVICES": "0", "LDAP": "x",
	} {
		require.Empty(t, ForbiddenEnv(key, value), key)
	}
	for key, value := range map[string]string{
		"LD_PRELOAD": "x", "ld_library_path": "x", "GLIBC_TUNABLES": "x", "NVIDIA_VISIBLE_DEVICES": "all", "NVIDIA_DRIVER_CAPABILITIES": "compute,all",
		"NVIDIA_MIG_CONFIG_DEVICES": "all", "NVIDIA_IMEX_CHANNELS": "0", SeedEnv: "1",
	} {
		require.NotEmpty(t, ForbiddenEnv(key, value), key)
	}
}
