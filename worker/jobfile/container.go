// SPDX-License-Identifier: Apache-2.0

package jobfile

import (
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

const (
	classCPU = engine.ContainerClasses + "v1-amd64"
	classGPU = engine.ContainerClasses + "v1-amd64-cuda"
)

const defaultScratch = 1 << 30

// jobType is what a kind of work takes unless the job file says otherwise.
type jobType struct {
	cpus         uint32
	memory, vram uint64
	wall         time.Duration
}

// jobTypes are the kinds of work that people run. custom has no defaults.
var jobTypes = map[string]jobType{
	"inference": {cpus: 2, memory: 8 << 30, vram: 8 << 30, wall: 5 * time.Minute},
	"training":  {cpus: 8, memory: 32 << 30, vram: 24 << 30, wall: 2 * time.Hour},
	"rendering": {cpus: 4, memory: 16 << 30, vram: 12 << 30, wall: 30 * time.Minute},
	"custom":    {},
}

// Container is what a job file of a container class says in place of a module.
type Container struct {
	// Type is inference, training, rendering or custom.
	Type string
	manifest.Container
}

// isContainer reports whether the job file is of a container class.
func (f *File) isContainer() bool { return f.Container != nil }

// fields that are of one kind of class only.
var (
	moduleOnly    = []string{"module", "stdin"}
	containerOnly = []string{"image", "command", "type", "resources"}
)

// program reads what the tasks run.
func (d *decoder) program(o object, f *File) {
	container := strings.HasPrefix(o.text("engine"), engine.ContainerClasses)
	wrong, kind := containerOnly, "containers"
	if container {
		wrong, kind = moduleOnly, "modules"
	}
	for _, key := range wrong {
		if o.has(key) {
			d.fail(o.at(key), "%s is for %s, engine %.64q runs none", key, kind, o.text("engine"))
		}
	}
	if !container {
		o.require("module", "module: {path: program.wasm}")
		o.require("limits", "limits: {fuel: 1000000000}")
		if d.err == nil {
			f.Module = d.source(o.fields["module"], "module")
		}
		return
	}
	o.require("image", "image: docker.io/library/python@sha256:..., an image by its digest")
	if d.err == nil {
		d.container(o, f)
	}
}

func (d *decoder) container(o object, f *File) {
	c := &Container{Type: "custom"}
	f.Container = c
	if class := o.text("engine"); class != classCPU && class != classGPU {
		d.fail(o.at("engine"), "engine %.64q is not known, write %s, or %s for GPUs", class, classCPU, classGPU)
	}
	c.Image = o.text("image")
	if err := engine.ValidateImage(c.Image); err != nil {
		d.fail(o.at("image"), "%v", err)
	}
	if o.has("command") {
		for _, n := range d.list(o.fields["command"], "command") {
			c.Command = append(c.Command, d.text(n, "an element of command"))
		}
	}
	if o.has("type") {
		c.Type = o.text("type")
	}
	defaults, ok := jobTypes[c.Type]
	if !ok {
		d.fail(o.at("type"), "type %.64q is not known, write inference, training, rendering or custom", c.Type)
		return
	}
	d.resources(o, f, defaults)
	d.containerLimits(o, f, defaults)
	if d.err == nil {
		need := engine.Container{CPUs: c.CPUs, GPUs: c.GPUs}
		f.Limits.Units = need.Units(time.Duration(f.Limits.WallSeconds) * time.Second)
		f.Limits.Processors = need.Processors()
	}
}

// resources reads what the container gets of a machine.
func (d *decoder) resources(o object, f *File, defaults jobType) {
	r := object{d: d, node: o.node, name: "resources"}
	if o.has("resources") {
		r = d.object(o.fields["resources"], "resources", "cpus", "memory", "scratch", "gpus", "vram")
	}
	c := f.Container
	c.CPUs = defaults.cpus
	if r.has("cpus") {
		c.CPUs = uint32(r.whole("cpus", engine.MaxCPUs))
	}
	memory := r.size("memory", defaults.memory, engine.MinContainerMemory, engine.MaxContainerMemory)
	for key, missing := range map[string]bool{"cpus": c.CPUs == 0, "memory": memory == 0} {
		if missing {
			d.fail(r.node, "resources.%s is missing and type custom has none, write resources: {cpus: 2, memory: 4GiB}", key)
		}
	}
	scratch := r.size("scratch", min(defaultScratch, memory/2), engine.MinScratchBytes, max(memory, engine.MinScratchBytes))
	c.ScratchMiB = uint32(ceilDiv(scratch, 1<<20))
	f.Limits.MemoryMib = uint32(ceilDiv(memory, 1<<20))
	if f.Engine = o.text("engine"); f.Engine != classGPU {
		for _, key := range []string{"gpus", "vram"} {
			if r.has(key) {
				d.fail(r.at(key), "resources.%s is for GPUs, write engine: %s", key, classGPU)
			}
		}
		return
	}
	c.GPUs = 1
	if r.has("gpus") {
		c.GPUs = uint32(r.whole("gpus", engine.MaxGPUs))
	}
	c.VRAMMiB = uint32(ceilDiv(r.size("vram", defaults.vram, 0, 1<<40), 1<<20))
}

// containerLimits reads limits; fuel and memory are not among them.
func (d *decoder) containerLimits(o object, f *File, defaults jobType) {
	l := object{d: d, node: o.node, name: "limits"}
	if o.has("limits") {
		for _, key := range []string{"fuel", "memory"} {
			if node := keyOf(o.fields["limits"], key); node != nil {
				d.fail(node, "limits.%s is for modules, a container has resources and limits.wall", key)
			}
		}
		if d.err != nil {
			return
		}
		l = d.object(o.fields["limits"], "limits", "wall", "output")
	}
	wall := l.duration("wall", defaults.wall, engine.MaxWall)
	if wall == 0 {
		d.fail(l.node, "limits.wall is missing and type custom has none, write limits: {wall: 10m}")
	}
	f.Limits.WallSeconds = uint32(ceilDiv(uint64(wall), uint64(time.Second)))
	f.Limits.OutputKib = uint32(ceilDiv(l.size("output", defaultOutput, 1, engine.MaxOutputBytes), 1<<10))
}

// keyOf returns the key of a mapping, nil if it is not there.
func keyOf(mapping *yaml.Node, key string) *yaml.Node {
	if mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if k := resolve(mapping.Content[i]); k.Value == key {
			return k
		}
	}
	return nil
}

// vram makes the memory of the GPUs a requirement of the providers.
func (d *decoder) vram(o object, f *File) {
	if !f.isContainer() {
		return
	}
	if f.Requirements.VramMib != 0 {
		d.fail(o.at("requirements"), "requirements.vram is for modules, write resources.vram")
	}
	f.Requirements.VramMib = f.Container.VRAMMiB
}

// policyOfClass refuses policies that only a sound class has.
func (d *decoder) policyOfClass(o object, f *File) {
	if f.isContainer() && f.Policy == markettypes.PolicyOptimistic && f.Hire == "" {
		d.fail(o.at("policy"), "results of containers cannot be audited: take 2 or more replicas, or hire a provider")
	}
}

// engineContainer is the container as an engine gets it.
func (c *Container) engineContainer() *engine.Container {
	return &engine.Container{
		Image: c.Image, Command: slices.Clone(c.Command), CPUs: c.CPUs, GPUs: c.GPUs,
		VRAMBytes: uint64(c.VRAMMiB) << 20, ScratchBytes: uint64(c.ScratchMiB) << 20,
	}
}
