// SPDX-License-Identifier: Apache-2.0

package escape

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/client"

	"github.com/cupel-network/cupel/testutil/images"
	"github.com/cupel-network/cupel/worker/engine"
)

// overtime is how much longer than its wall limit a run may take.
const overtime = 5 * time.Second

// Verdict is what became of a case.
type Verdict struct {
	Case    string `json:"case"`
	Group   string `json:"group"`
	Outcome string `json:"outcome"`
	// Escaped is set if the guest got out, or if the host cannot exclude it.
	Escaped bool          `json:"escaped"`
	Detail  string        `json:"detail"`
	Took    time.Duration `json:"took"`
}

// String is one line for people.
func (v Verdict) String() string {
	word := "contained"
	if v.Escaped {
		word = "ESCAPED"
	}
	return fmt.Sprintf("%-9s %-11s %-20s %-12s %s", word, v.Group, v.Case, v.Outcome, v.Detail)
}

// Bench is where cases run.
type Bench struct {
	Engine engine.Engine
	Docker *client.Client
	Canary *Canary
	// Dir is for files of the runs.
	Dir string
	// Image is that of the plain guest.
	Image string
}

// Try runs one case and judges it. The canaries are looked at afterwards, so
// that cases which run side by side share the blame.
func (b *Bench) Try(ctx context.Context, c Case) Verdict {
	v := Verdict{Case: c.Name, Group: c.Group, Escaped: true}
	job, err := b.job(ctx, c)
	if err != nil {
		v.Detail = "the case could not be set up: " + err.Error()
		return v
	}
	start := time.Now()
	res, err := b.Engine.Run(ctx, job, filepath.Join(b.Dir, c.Name))
	v.Took, v.Outcome = time.Since(start), res.Outcome.String()
	v.Detail, v.Escaped = judge(c, job, res, err, v.Took)
	if err := b.Canary.Check(); err != nil {
		v.Escaped, v.Detail = true, "the host noticed: "+err.Error()
	}
	return v
}

// judge says what happened, and whether that is an escape.
func judge(c Case, job engine.Job, res engine.Result, err error, took time.Duration) (string, bool) {
	want := c.Want
	if want == 0 {
		want = engine.OutcomeOK
	}
	switch {
	case took > job.Wall+overtime+20*time.Second: // images and modules are made and cleaned up in it
		return fmt.Sprintf("took %s with a limit of %s", took, job.Wall), true
	case res.Wall > job.Wall+overtime:
		return fmt.Sprintf("ran %s with a limit of %s", res.Wall, job.Wall), true
	case err != nil && c.MayFail:
		return "the host refused: " + err.Error(), false
	case err != nil:
		return "the host failed: " + err.Error(), true
	case c.MayFail && !res.Outcome.Deterministic():
		return res.Detail, false
	case res.Outcome != want && !c.MayFail:
		return fmt.Sprintf("ended with %s instead of %s: %s %s", res.Outcome, want, res.Detail, read(res, engine.StderrName)), true
	case !res.Outcome.Deterministic():
		return res.Detail, false
	}
	stdout := read(res, engine.StdoutName)
	switch {
	case c.Not != "" && strings.Contains(stdout, c.Not), strings.Contains(readAll(res), Secret):
		return fmt.Sprintf("the result holds %q", c.Not), true
	case !strings.Contains(stdout, c.Stdout):
		return fmt.Sprintf("the output lacks %q: %.200s", c.Stdout, stdout), true
	case c.selfJudged():
		word, detail, _ := strings.Cut(strings.TrimSpace(stdout), " ")
		return detail, word != "CONTAINED"
	}
	return strings.TrimSpace(res.Detail + " " + firstLine(stdout)), false
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// read returns an entry of the result, "" if there is none.
func read(res engine.Result, name string) string {
	if res.Artifact == "" {
		return ""
	}
	a, err := engine.OpenArtifact(res.Artifact, engine.ArtifactLimits{})
	if err != nil {
		return "unreadable: " + err.Error()
	}
	defer a.Close()
	r, err := a.Open(name)
	if err != nil {
		return ""
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return "unreadable: " + err.Error()
	}
	return string(text)
}

func readAll(res engine.Result) string {
	if res.Artifact == "" {
		return ""
	}
	text, err := os.ReadFile(res.Artifact)
	if err != nil {
		return "unreadable: " + err.Error()
	}
	return string(text)
}

// job makes the image of a case and the job that runs it.
func (b *Bench) job(ctx context.Context, c Case) (engine.Job, error) {
	dir := filepath.Join(b.Dir, c.Name)
	input := filepath.Join(dir, "input")
	err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(input, []byte("input\n"), 0o600))
	image := b.Image
	if err == nil && c.Image != "" {
		image = c.Image
	} else if err == nil && (c.Changes != nil || c.Files != nil) {
		image, err = b.image(ctx, c)
	}
	if err != nil {
		return engine.Job{}, err
	}
	args := c.Args
	if c.selfJudged() {
		args = []string{"escape", c.Name}
	}
	job := engine.Job{
		Class: b.Engine.Class(), Args: args, Files: []engine.File{{GuestPath: "/in/data", HostPath: input}},
		Container:   &engine.Container{Image: image, Command: []string{images.GuestPath}, CPUs: 1, ScratchBytes: 16 << 20},
		MemoryBytes: orElse(c.Memory, 256<<20), OutputBytes: orElse(c.Output, 8<<20), Wall: orElse(c.Wall, 30*time.Second),
	}
	job.Fuel = job.Container.Units(job.Wall)
	env := b.Canary.env(b.Docker.DaemonHost())
	for k, v := range c.Env {
		env[k] = v
	}
	for k, v := range env {
		job.Env = append(job.Env, k+"="+v)
	}
	slices.Sort(job.Env)
	return job, nil
}

func orElse[T comparable](value, other T) T {
	var zero T
	if value == zero {
		return other
	}
	return value
}

// image makes the image of a case. Links to CANARY_DIR lead to the canaries; a
// file that is called a link to the guest is a copy of it.
func (b *Bench) image(ctx context.Context, c Case) (string, error) {
	files := slices.Clone(c.Files)
	for i := range files {
		f := &files[i]
		if f.Typeflag == tar.TypeSymlink {
			f.Linkname = strings.Replace(f.Linkname, "CANARY_DIR", b.Canary.Dir, 1)
			continue
		}
		program, err := images.Program(ctx)
		if err != nil {
			return "", err
		}
		f.Content, f.Linkname = program, ""
	}
	return images.Guest(ctx, b.Docker, c.Changes, files...)
}
