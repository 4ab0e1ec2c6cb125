// SPDX-License-Identifier: Apache-2.0

package jobfile

import (
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// DefaultBlockTime is the expected time of one tick.
const DefaultBlockTime = time.Second

// storeDir is where a document that is too large for a message is written.
const storeDir = ".cupel"

// Options say how the paths of a job file are to be read.
type Options struct {
	// Dir is the directory of the job file.
	Dir string
	// BaseURL stands for Dir, http:// or https://. Empty means that providers
	// read the files from this machine.
	BaseURL string
	// AllowOutside lets paths leave Dir.
	AllowOutside bool
	// BlockTime is the expected time of one tick; 0 means DefaultBlockTime.
	BlockTime time.Duration
	// Requester is the account that submits; may be empty before submit.
	Requester string
	// Recipients are the age keys of the providers who may run the job.
	Recipients []string
	// Store writes encrypted inputs beside the job file. Without it nothing is
	// written, and the manifest is only like the one of a submit.
	Store bool
}

// Job is a job file with all it names.
type Job struct {
	File     *File
	Manifest manifest.Manifest
	// Document is the manifest as it is hashed.
	Document []byte
	// Msg submits the job.
	Msg markettypes.MsgSubmit
	// Files are the local files, in order of appearance, each once.
	Files []Local

	store string
}

// Build reads and hashes the local files and returns the job. A mistake is an
// *Error of one line.
func (f *File) Build(opts Options) (*Job, error) {
	if err := checkBaseURL(opts.BaseURL); err != nil {
		return nil, err
	}
	r, err := newResolver(opts, f.Encrypt)
	if err != nil {
		return nil, err
	}
	j := &Job{File: f}
	if j.Manifest, err = r.manifest(f); err != nil {
		return nil, err
	}
	if err := f.check(j.Manifest); err != nil {
		return nil, err
	}
	if j.Document, err = j.Manifest.Encode(); err != nil {
		return nil, errorf(0, "%v", err)
	}
	if len(j.Document) > manifest.MaxSize {
		return nil, errorf(0, "the manifest of all tasks has %d bytes, at most %d are allowed, split the sweep", len(j.Document), manifest.MaxSize)
	}
	for _, file := range r.order {
		j.Files = append(j.Files, file.Local)
	}
	return j, j.message(r)
}

func checkBaseURL(base string) error {
	if base == "" {
		return nil
	}
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return errorf(0, "base URL %.128q is not http:// or https:// with a host", base)
	}
	return nil
}

// message fills Msg. A document that is too large to be inline gets the URI
// under which WriteDocument stores it.
func (j *Job) message(r *resolver) error {
	f, hash := j.File, manifest.Hash(j.Document)
	block := uint64(r.opts.BlockTime.Milliseconds())
	if block == 0 {
		block = uint64(DefaultBlockTime.Milliseconds())
	}
	j.Msg = markettypes.MsgSubmit{
		Requester: r.opts.Requester, Class: f.Engine, Manifest: hash,
		Count: uint32(f.Count()), LotSize: f.LotSize,
		Policy: f.Policy, Comparator: max(f.Comparator, markettypes.ComparatorExact), Tolerance: f.Tolerance, Replicas: f.Replicas,
		Limits: f.Limits, Requirements: f.Requirements,
		Denom: f.MaxPrice.Denom, MaxPrice: f.MaxPrice.Amount, Tip: f.Tip.Amount,
		ValueAtStake: f.ValueAtStake, Hire: f.Hire, Deadline: ceilDiv(f.DeadlineMillis, block),
	}
	j.proveMessage()
	if len(j.Document) <= markettypes.MaxInlineManifest {
		j.Msg.ManifestInline = j.Document
		return nil
	}
	j.store = filepath.Join(r.root, storeDir, hex.EncodeToString(hash)+".json")
	uri, err := r.uri(Source{Path: j.store, field: "manifest"}, j.store)
	if err != nil {
		return err
	}
	if len(uri) > markettypes.MaxManifestURI {
		return errorf(0, "the manifest would be at a URI of %d characters, at most %d are allowed, use a shorter directory", len(uri), markettypes.MaxManifestURI)
	}
	j.Msg.ManifestUri = uri
	return nil
}

// WriteDocument stores a document that is not inline in the message where its
// URI says, and returns the path; it is a no-op for an inline one.
func (j *Job) WriteDocument() (string, error) {
	if j.store == "" {
		return "", nil
	}
	if err := os.MkdirAll(filepath.Dir(j.store), 0o755); err != nil {
		return "", err
	}
	return j.store, os.WriteFile(j.store, j.Document, 0o644)
}

// manifest resolves every source. Where one task of a sweep has arguments or
// inputs of its own every task spells them out, so that an empty list is one.
func (r *resolver) manifest(f *File) (manifest.Manifest, error) {
	m := manifest.Manifest{Version: manifest.Version, Class: f.Engine, ResultsTo: f.Encrypt.ResultsTo}
	var err error
	if f.isContainer() {
		m.Container = &f.Container.Container
	} else if m.Module, err = r.module(f.Module); err != nil {
		return m, err
	}
	if f.Proof != nil {
		if m.Proof, err = r.proof(f.Proof); err != nil {
			return m, err
		}
	}
	if m.Template, err = r.run(f.Task); err != nil {
		return m, err
	}
	if len(f.Sweep) == 0 {
		m.Tasks = []manifest.Run{{}}
		return m, nil
	}
	ownArgs, ownInputs := false, false
	for _, t := range f.Sweep {
		ownArgs = ownArgs || t.Args != nil
		ownInputs = ownInputs || t.Inputs != nil
	}
	common := m.Template
	if ownArgs {
		m.Template.Args = nil
	}
	if ownInputs {
		m.Template.Inputs = nil
	}
	for _, t := range f.Sweep {
		run, err := r.run(t)
		if err != nil {
			return m, err
		}
		if ownArgs && t.Args == nil {
			run.Args = common.Args
		}
		if ownInputs && (t.Inputs == nil || len(t.Inputs) > 0) {
			run.Inputs = merge(common.Inputs, run.Inputs)
		}
		m.Tasks = append(m.Tasks, run)
	}
	return m, nil
}

// merge adds inputs to common ones; those at the same mount replace them.
func merge(common, own []manifest.Input) []manifest.Input {
	mounts := make(map[string]bool, len(own))
	for _, in := range own {
		mounts[in.Mount] = true
	}
	var out []manifest.Input
	for _, in := range common {
		if !mounts[in.Mount] {
			out = append(out, in)
		}
	}
	return append(out, own...)
}

func (r *resolver) run(t Task) (manifest.Run, error) {
	run := manifest.Run{Args: t.Args, Env: t.Env}
	if t.Stdin != nil {
		ref, err := r.input(*t.Stdin)
		if err != nil {
			return run, err
		}
		run.Stdin = &ref
	}
	for _, in := range t.Inputs {
		ref, err := r.input(in.Source)
		if err != nil {
			return run, err
		}
		run.Inputs = append(run.Inputs, manifest.Input{Ref: ref, Mount: in.Mount})
	}
	return run, nil
}

// check applies the checks that every worker applies before it runs a task.
func (f *File) check(m manifest.Manifest) error {
	for i := range m.Tasks {
		run := m.Task(i)
		job := engine.Job{
			Class: f.Engine, Module: "module", Args: run.Args, Env: run.Environ(),
			Fuel: f.Limits.Units, MemoryBytes: uint64(f.Limits.MemoryMib) << 20,
			Wall: time.Duration(f.Limits.WallSeconds) * time.Second, OutputBytes: uint64(f.Limits.OutputKib) << 10,
		}
		if f.isProof() {
			job.Proof = &engine.Proof{}
		}
		if f.isContainer() {
			job.Module, job.Container = "", f.Container.engineContainer()
			if run.Stdin != nil {
				job.Stdin = "stdin"
			}
		}
		for _, in := range run.Inputs {
			job.Files = append(job.Files, engine.File{GuestPath: in.Mount})
		}
		if err := job.Validate(); err != nil {
			where := ""
			if len(f.Sweep) > 0 {
				where = "task " + strconv.Itoa(i) + " of the sweep: "
			}
			return errorf(0, "%s%s", where, strings.ReplaceAll(err.Error(), "\n", " "))
		}
	}
	return nil
}
