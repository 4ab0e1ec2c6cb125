// SPDX-License-Identifier: Apache-2.0

package jobfile

import (
	"regexp"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// Defaults of fields that a job file may leave out.
const (
	defaultName     = "job"
	defaultMemory   = 256 << 20
	defaultWall     = time.Minute
	defaultOutput   = 16 << 20
	defaultReplicas = 3
	defaultDeadline = 10 * time.Minute
	defaultDenom    = "ucupel"
)

const (
	maxReplicas = 64
	// A deadline longer than a year is a typing error.
	maxDeadline = 365 * 24 * time.Hour
)

var (
	namePattern   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	enginePattern = regexp.MustCompile(`^(?:wasm|container|groth16)/[a-z0-9./-]{1,38}$`)
	regionPattern = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)
)

// Parse reads a job file in YAML or JSON. Unknown fields, duplicate keys and
// values out of range are an *Error of one line. No other file is touched.
func Parse(data []byte) (*File, error) {
	root, err := parseDocument(data)
	if err != nil {
		return nil, err
	}
	d := &decoder{}
	f := d.file(root)
	if d.err != nil {
		return nil, d.err
	}
	return f, nil
}

func (d *decoder) file(root *yaml.Node) *File {
	o := d.object(root, "",
		"apiVersion", "name", "engine", "module", "args", "env", "stdin", "inputs", "sweep", "limits",
		"replicas", "policy", "price", "lot_size", "deadline", "requirements", "hire", "value_at_stake", "encrypt", "comparator",
		"image", "command", "type", "resources", "proof", "statement")
	if d.err != nil {
		return nil
	}
	o.require("apiVersion", "apiVersion: "+APIVersion)
	o.require("engine", "engine: wasm/v1-amd64")
	o.require("price", "price: {max: 50ucupel}")
	if d.err != nil {
		return nil
	}
	f := &File{Name: defaultName}
	d.head(o, f)
	d.program(o, f)
	if d.err != nil {
		return nil
	}
	f.Task = d.task(o)
	d.sweep(o, f)
	d.proof(o, f)
	if !f.isContainer() {
		d.limits(o, f)
	}
	d.terms(o, f)
	d.price(o, f)
	d.requirements(o, f)
	d.vram(o, f)
	d.policyOfClass(o, f)
	d.encrypt(o, f)
	d.proofTerms(o, f)
	d.comparator(o, f)
	return f
}

func (d *decoder) head(o object, f *File) {
	if v := o.text("apiVersion"); v != APIVersion {
		d.fail(o.at("apiVersion"), "apiVersion is %.64q, this program reads %s", v, APIVersion)
	}
	if o.has("name") {
		f.Name = o.text("name")
	}
	if !namePattern.MatchString(f.Name) {
		d.fail(o.at("name"), "name %.80q is not 1 to 64 letters, digits, '.', '_' and '-', a letter or digit first", f.Name)
	}
	if f.Engine = o.text("engine"); !enginePattern.MatchString(f.Engine) {
		d.fail(o.at("engine"), "engine %.64q is not known, write wasm/v1-amd64, "+classCPU+" or "+classProof, f.Engine)
	}
}

// source reads a path or a URI with its hash.
func (d *decoder) source(node *yaml.Node, name string, more ...string) Source {
	o := d.object(node, name, append([]string{"path", "uri", "sha256", "size", "encrypted"}, more...)...)
	s := Source{Path: o.text("path"), URI: o.text("uri"), SHA256: o.text("sha256"), line: o.node.Line, field: name}
	if s.Encrypted = d.flag(o, "encrypted"); s.Encrypted && name == "module" {
		d.fail(o.node, "module is encrypted, only stdin and inputs may be")
	}
	if o.has("size") {
		s.Size = o.whole("size", MaxInputBytes)
	}
	switch {
	case d.err != nil:
	case s.Path == "" && s.URI == "":
		d.fail(o.node, "%s names no content, write path or uri", name)
	case s.Path != "" && s.URI != "":
		d.fail(o.node, "%s has both path and uri, keep one", name)
	case strings.ContainsAny(s.Path, "\n\r"):
		d.fail(o.node, "%s.path holds a line break", name)
	case s.URI != "" && s.SHA256 == "":
		d.fail(o.node, "%s has a uri without sha256, the network needs the hash of what it fetches", name)
	case s.URI != "":
		if err := (manifest.Ref{URI: s.URI, SHA256: s.SHA256}).Validate(); err != nil {
			d.fail(o.node, "%s: %v", name, err)
		}
	case o.has("sha256"):
		if err := (manifest.Ref{URI: "file:///x", SHA256: s.SHA256}).Validate(); err != nil {
			d.fail(o.node, "%s: %v", name, err)
		}
	}
	return s
}

// task reads the fields that a sweep may override.
func (d *decoder) task(o object) Task {
	var t Task
	if o.has("args") {
		t.Args = []string{}
		for _, n := range d.list(o.fields["args"], o.path("args")) {
			t.Args = append(t.Args, d.text(n, "an element of "+o.path("args")))
		}
	}
	if o.has("env") {
		t.Env = map[string]string{}
		d.pairs(o.fields["env"], o.path("env"), func(key string, at, value *yaml.Node) {
			if key == "" || strings.Contains(key, "=") {
				d.fail(at, "%s: %.64q is not the name of an environment variable", o.path("env"), key)
			}
			t.Env[key] = d.text(value, o.path("env")+"."+key)
		})
	}
	if o.has("stdin") {
		s := d.source(o.fields["stdin"], o.path("stdin"))
		t.Stdin = &s
	}
	if o.has("inputs") {
		t.Inputs = []Input{}
		for _, n := range d.list(o.fields["inputs"], o.path("inputs")) {
			t.Inputs = append(t.Inputs, d.input(n, "an element of "+o.path("inputs")))
		}
	}
	if o.has("statement") {
		t.Statement = d.statement(o)
	}
	return t
}

func (d *decoder) input(node *yaml.Node, name string) Input {
	in := Input{Source: d.source(node, name, "mount")}
	if d.err != nil {
		return in
	}
	o := d.object(node, name, "path", "uri", "sha256", "size", "encrypted", "mount")
	o.require("mount", "the path at which the job sees it, such as mount: /in/data.csv")
	in.Mount = o.text("mount")
	if err := engine.ValidateGuestPath(in.Mount); err != nil {
		d.fail(o.node, "%v", err)
	}
	return in
}

func (d *decoder) sweep(o object, f *File) {
	if !o.has("sweep") {
		return
	}
	elements := d.list(o.fields["sweep"], "sweep")
	if n := len(elements); n == 0 || n > manifest.MaxTasks {
		d.fail(o.at("sweep"), "sweep has %d elements, 1 to %d are allowed", n, manifest.MaxTasks)
		return
	}
	for _, n := range elements {
		f.Sweep = append(f.Sweep, d.task(d.object(n, "an element of sweep", "args", "env", "stdin", "inputs", "statement")))
		if d.err != nil {
			return
		}
	}
}

func (d *decoder) limits(o object, f *File) {
	l := d.object(o.fields["limits"], "limits", "fuel", "memory", "wall", "output")
	l.require("fuel", "fuel: 1000000000, the most the program may use")
	f.Limits.Units = l.whole("fuel", markettypes.MaxUnits)
	f.Limits.MemoryMib = uint32(ceilDiv(l.size("memory", defaultMemory, engine.MinMemoryBytes, engine.MaxMemoryBytes), 1<<20))
	wall := l.duration("wall", defaultWall, engine.MaxWall)
	f.Limits.WallSeconds = uint32(ceilDiv(uint64(wall), uint64(time.Second)))
	f.Limits.OutputKib = uint32(ceilDiv(l.size("output", defaultOutput, 1, engine.MaxOutputBytes), 1<<10))
}

func (d *decoder) terms(o object, f *File) {
	f.Replicas = defaultReplicas
	if o.has("replicas") {
		f.Replicas = uint32(o.whole("replicas", maxReplicas))
	}
	f.LotSize = 1
	if o.has("lot_size") {
		f.LotSize = uint32(o.whole("lot_size", markettypes.MaxLotTasks))
	}
	if seconds := f.Limits.WallSeconds * f.LotSize; seconds > markettypes.MaxWallSeconds {
		d.fail(o.at("lot_size"), "lot_size %d with limits.wall takes %d seconds, a lot may take %d", f.LotSize, seconds, markettypes.MaxWallSeconds)
	}
	if int(f.LotSize) > f.Count() {
		d.fail(o.at("lot_size"), "lot_size %d is more than the number of tasks, %d", f.LotSize, f.Count())
	}
	f.DeadlineMillis = ceilDiv(uint64(o.duration("deadline", defaultDeadline, maxDeadline)), uint64(time.Millisecond))
	d.policy(o, f)
}

// policies are the words for them.
var policies = map[string]markettypes.Policy{
	"redundant": markettypes.PolicyRedundant, "optimistic": markettypes.PolicyOptimistic,
	"attested": markettypes.PolicyAttested, "scored": markettypes.PolicyScored,
	policyProof: markettypes.PolicyProof,
}

// policy follows from the number of replicas unless it is written out.
func (d *decoder) policy(o object, f *File) {
	policy := ""
	if o.has("policy") {
		policy = o.text("policy")
	}
	one := policy != "" && policy != "redundant"
	if !o.has("replicas") && (one || o.has("hire") && policy == "") {
		f.Replicas = 1
	}
	var known bool
	if f.Policy, known = policies[policy]; policy == "" {
		f.Policy, known = markettypes.PolicyRedundant, true
		if f.Replicas == 1 {
			f.Policy = markettypes.PolicyOptimistic
		}
	}
	switch {
	case d.err != nil:
	case !known:
		d.fail(o.at("policy"), "policy %.64q is not known, write redundant, optimistic, attested, scored or proof", policy)
	case one && f.Replicas != 1:
		d.fail(o.at("policy"), "policy %s runs 1 replica, replicas is %d", policy, f.Replicas)
	case policy == "redundant" && f.Replicas == 1:
		d.fail(o.at("policy"), "policy redundant needs 2 or more replicas, replicas is 1")
	case policy == "scored" && !o.has("hire"):
		d.fail(o.at("policy"), "policy scored is for a direct hire, write hire: and the address of an operator")
	case o.has("hire") && f.Replicas != 1:
		d.fail(o.at("hire"), "hire names one provider, replicas is %d", f.Replicas)
	}
}

func ceilDiv(a, b uint64) uint64 {
	return a/b + min(1, a%b)
}
