// SPDX-License-Identifier: Apache-2.0

package jobfile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/jobfile"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

const image = "docker.io/library/python@sha256:1111111111111111111111111111111111111111111111111111111111111111"

// container is the least job file of a container.
const container = `apiVersion: cupel/v1
engine: container/v1-amd64
image: ` + image + `
type: inference
price: {max: 50ucupel}
`

func TestContainerTypes(t *testing.T) {
	for name, tc := range map[string]struct {
		limits markettypes.Limits
		cpus   uint32
		vram   uint32
	}{
		"inference": {markettypes.Limits{Units: 600, MemoryMib: 8 << 10, WallSeconds: 300, OutputKib: 16 << 10, Processors: 2}, 2, 8 << 10},
		"training":  {markettypes.Limits{Units: 57_600, MemoryMib: 32 << 10, WallSeconds: 7_200, OutputKib: 16 << 10, Processors: 8}, 8, 24 << 10},
		"rendering": {markettypes.Limits{Units: 7_200, MemoryMib: 16 << 10, WallSeconds: 1_800, OutputKib: 16 << 10, Processors: 4}, 4, 12 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(container, "inference", name, 1)
			f, err := jobfile.Parse([]byte(text))
			require.NoError(t, err)
			require.Equal(t, tc.limits, f.Limits)
			require.Equal(t, manifest.Container{Image: image, CPUs: tc.cpus, ScratchMiB: 1024}, f.Container.Container)

			f, err = jobfile.Parse([]byte(strings.Replace(text, "v1-amd64", "v1-amd64-cuda", 1)))
			require.NoError(t, err)
			require.Equal(t, uint64(tc.limits.WallSeconds), f.Limits.Units, "GPU-seconds")
			require.Equal(t, uint32(1), f.Container.GPUs)
			require.Equal(t, tc.vram, f.Container.VRAMMiB)
			require.Equal(t, tc.vram, f.Requirements.VramMib)
		})
	}
}

func TestContainerBuild(t *testing.T) {
	job, err := build(t, jobDir(t), strings.Replace(container, "type: inference", `command: [python3, /in/a]
args: [x]
resources: {cpus: 3, memory: 2GiB, scratch: 100MiB}
limits: {wall: 90s, output: 1MiB}
inputs: [{path: input/a.json, mount: /in/a}]
replicas: 3`, 1), jobfile.Options{})
	require.NoError(t, err)
	m, err := manifest.Decode(job.Document)
	require.NoError(t, err)
	require.Equal(t, &manifest.Container{Image: image, Command: []string{"python3", "/in/a"}, CPUs: 3, ScratchMiB: 100}, m.Container)
	require.Equal(t, manifest.Ref{}, m.Module)
	require.NotContains(t, string(job.Document), "module")
	require.Equal(t, markettypes.Limits{Units: 270, MemoryMib: 2048, WallSeconds: 90, OutputKib: 1024, Processors: 3}, job.Msg.Limits)
	require.NoError(t, job.Msg.Validate(markettypes.DefaultParams()))
}

func TestContainerRefuses(t *testing.T) {
	with := func(line string) string { return container + line + "\n" }
	instead := func(old, line string) string { return strings.Replace(container, old, line, 1) }
	custom := func(line string) string { return instead("type: inference", line) }
	for name, tc := range map[string]struct{ text, says string }{
		"no image":            {instead("image: "+image+"\n", ""), "image is missing"},
		"a tag":               {instead(image, "python:3.12"), "named by a tag"},
		"tag and digest":      {instead("python@", "python:3@"), "a tag beside the digest"},
		"no digest":           {instead(image, "python"), "has no digest"},
		"short digest":        {instead(image, "python@sha256:11"), "64 lower-case hex digits"},
		"other digest":        {instead(image, "python@md5:11"), "64 lower-case hex digits"},
		"name of capitals":    {instead("library/python", "Library/Python"), "not the name of an image"},
		"name that climbs":    {instead("library/python", "../python"), "not the name of an image"},
		"module too":          {with("module: {path: render.wasm}"), "module is for modules"},
		"stdin":               {with("stdin: {path: a}"), "stdin is for modules"},
		"image of a module":   {valid + "image: x\n", "image is for containers"},
		"type of a module":    {valid + "type: training\n", "type is for containers"},
		"resources of wasm":   {valid + "resources: {cpus: 1}\n", "resources is for containers"},
		"unknown class":       {instead("v1-amd64", "v9"), "write container/v1-amd64, or container/v1-amd64-cuda"},
		"unknown type":        {instead("inference", "mining"), "write inference, training, rendering or custom"},
		"custom without all":  {custom("type: custom"), "is missing and type custom has none"},
		"custom without wall": {custom("resources: {cpus: 1, memory: 1GiB}"), "limits.wall is missing"},
		"fuel":                {with("limits: {fuel: 100}"), "limits.fuel is for modules"},
		"memory as a limit":   {with("limits: {memory: 1GiB}"), "limits.memory is for modules"},
		"unknown limit":       {with("limits: {cpu: 1}"), "unknown field \"cpu\" in limits"},
		"no CPUs":             {with("resources: {cpus: 0}"), "1 to 256"},
		"half a CPU":          {with("resources: {cpus: 0.5}"), "not a whole number"},
		"much memory":         {with("resources: {memory: 2048GiB}"), "out of range"},
		"much scratch":        {with("resources: {scratch: 9GiB}"), "out of range"},
		"GPU of a CPU class":  {with("resources: {gpus: 1}"), "is for GPUs"},
		"VRAM of a CPU class": {with("resources: {vram: 1GiB}"), "is for GPUs"},
		"VRAM required twice": {with("requirements: {vram: 1GiB}"), "write resources.vram"},
		"one replica":         {with("replicas: 1"), "cannot be audited"},
		"optimistic":          {with("policy: optimistic"), "cannot be audited"},
		"long day":            {with("limits: {wall: 25h}"), "too long"},
		"command is text":     {with("command: python3"), "command is not a list"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := jobfile.Parse([]byte(tc.text))
			requireSentence(t, err, tc.says)
		})
	}
	for name, tc := range map[string]struct{ text, says string }{
		"linker":           {with("env: {LD_PRELOAD: /x.so}"), "steers the dynamic linker"},
		"all GPUs":         {with("env: {NVIDIA_VISIBLE_DEVICES: all}"), "steers NVIDIA's container toolkit"},
		"all capabilities": {with("env: {NVIDIA_DRIVER_CAPABILITIES: all}"), "compute, utility and video"},
		"seed":             {with("env: {CUPEL_SEED: '1'}"), "is set by the worker"},
		"mount over /proc": {with("inputs: [{path: input/a.json, mount: /proc/self/x}]"), "belongs to the system"},
		"mount with comma": {with("inputs: [{path: input/a.json, mount: '/in/a,ro=false'}]"), "':' or ','"},
		"stdin of a sweep": {with("sweep: [{stdin: {path: input/a.json}}]"), "neither module nor stdin"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := build(t, jobDir(t), tc.text, jobfile.Options{})
			requireSentence(t, err, tc.says)
		})
	}
}

func TestContainerHire(t *testing.T) {
	f, err := jobfile.Parse([]byte(container + "hire: " + operator + "\n"))
	require.NoError(t, err)
	require.Equal(t, markettypes.PolicyOptimistic, f.Policy)
}
