// SPDX-License-Identifier: Apache-2.0

package escape

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bytecodealliance/wasmtime-go/v44"

	"github.com/cupel-network/cupel/testutil/guests"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/worker/engine"
)

// Sandbox is where cases run as WebAssembly.
type Sandbox struct {
	Engine engine.Engine
	Canary *Canary
	// Dir is for files of the runs.
	Dir string
}

// Try runs one case and judges it. The canaries are looked at afterwards, so
// that cases which run side by side share the blame.
func (s *Sandbox) Try(ctx context.Context, c Case) Verdict {
	v := Verdict{Case: c.Name, Group: c.Group, Escaped: true}
	job, err := s.job(ctx, c)
	if err != nil {
		v.Detail = "the case could not be set up: " + err.Error()
		return v
	}
	start := time.Now()
	res, err := s.run(ctx, c, job, "first")
	v.Took, v.Outcome = time.Since(start), res.Outcome.String()
	v.Detail, v.Escaped = judge(c, job, res, err, v.Took)
	if c.Twice && !v.Escaped {
		again, err := s.run(ctx, c, job, "second")
		if err != nil || again.ArtifactSHA256 != res.ArtifactSHA256 || again.MemoryHash != res.MemoryHash || again.Fuel != res.Fuel {
			v.Escaped, v.Detail = true, fmt.Sprintf("the host shows: a second run differs, %v", err)
		}
	}
	if c.Refused && res.Fuel > 0 {
		v.Escaped, v.Detail = true, fmt.Sprintf("the module was run: %d units of fuel", res.Fuel)
	}
	if err := s.Canary.Check(); err != nil {
		v.Escaped, v.Detail = true, "the host noticed: "+err.Error()
	}
	return v
}

func (s *Sandbox) run(ctx context.Context, c Case, job engine.Job, name string) (engine.Result, error) {
	scratch := filepath.Join(s.Dir, c.Name, name)
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return engine.Result{}, err
	}
	return s.Engine.Run(ctx, job, scratch)
}

// job writes the module of a case and makes the job that runs it.
func (s *Sandbox) job(ctx context.Context, c Case) (engine.Job, error) {
	dir := filepath.Join(s.Dir, c.Name)
	input, module := filepath.Join(dir, "input"), filepath.Join(dir, "module")
	program, err := s.program(ctx, c)
	if err != nil {
		return engine.Job{}, err
	}
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(input, []byte("input\n"), 0o600), os.WriteFile(module, program, 0o600)); err != nil {
		return engine.Job{}, err
	}
	args := c.Args
	if c.selfJudged() {
		args = []string{"escape", c.Name}
	}
	job := engine.Job{
		Class: s.Engine.Class(), Module: module, ModuleSHA256: sha256.Sum256(program), Args: args,
		Files: []engine.File{{GuestPath: "/in/data", HostPath: input}}, Fuel: orElse(c.Fuel, 5_000_000_000),
		MemoryBytes: orElse(c.Memory, 256<<20), OutputBytes: orElse(c.Output, 8<<20), Wall: orElse(c.Wall, 30*time.Second),
	}
	env := s.Canary.env("")
	for k, v := range c.Env {
		env[k] = strings.Replace(v, "CANARY_DIR", s.Canary.Dir, 1)
	}
	for k, v := range env {
		job.Env = append(job.Env, k+"="+v)
	}
	slices.Sort(job.Env)
	return job, nil
}

// program is the module of a case; that of most is the guest.
func (s *Sandbox) program(ctx context.Context, c Case) ([]byte, error) {
	switch {
	case c.Module != nil:
		return c.Module, nil
	case c.Text != "":
		return wasmtime.Wat2Wasm("(module " + c.Text + ")")
	}
	root, err := net.Root()
	if err != nil {
		return nil, err
	}
	path, err := guests.Compile(ctx, filepath.Join(root, "testutil", "escape", "guest"))
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}
