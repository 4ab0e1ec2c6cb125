// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"errors"
	"fmt"
	"path"
	"sort"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of a Job, the same for every class.
const (
	// MaxArgBytes bounds the arguments and, separately, the environment.
	MaxArgBytes = 64 << 10
	// MaxFiles bounds the number of inputs.
	MaxFiles = 256
	// MaxGuestPath bounds a guest path in bytes.
	MaxGuestPath = 240
	// MinMemoryBytes and MaxMemoryBytes bound Job.MemoryBytes of a module.
	MinMemoryBytes = 64 << 10
	MaxMemoryBytes = 4 << 30
	// MaxOutputBytes bounds Job.OutputBytes.
	MaxOutputBytes = 1 << 30
	// MaxWall bounds Job.Wall.
	MaxWall = 24 * time.Hour
)

// Validate checks the parts of a job that do not need the disk. A job that
// fails here is refused before it runs, by every worker alike.
func (j Job) Validate() error {
	switch {
	case !validID(j.ID):
		return fmt.Errorf("job id %q is not made of a-z, 0-9 and '-', at most %d of them", j.ID, maxID)
	case j.Class == "":
		return errors.New("job has no class: set engine, e.g. wasm/v1-amd64")
	case j.Module == "" && j.Container == nil:
		return errors.New("job has no module path")
	case j.Fuel == 0:
		return errors.New("job has no fuel limit: set limits.fuel")
	case j.Container == nil && (j.MemoryBytes < MinMemoryBytes || j.MemoryBytes > MaxMemoryBytes):
		return fmt.Errorf("memory limit of %d bytes is outside %d..%d: change limits.memory", j.MemoryBytes, MinMemoryBytes, int64(MaxMemoryBytes))
	case j.Wall <= 0 || j.Wall > MaxWall:
		return fmt.Errorf("wall limit %s is outside 1ns..%s: change limits.wall", j.Wall, MaxWall)
	case j.OutputBytes == 0 || j.OutputBytes > MaxOutputBytes:
		return fmt.Errorf("output limit of %d bytes is outside 1..%d: change limits.output", j.OutputBytes, MaxOutputBytes)
	}
	if err := j.validateProof(); err != nil {
		return err
	}
	if err := validateArgs(j.Args); err != nil {
		return err
	}
	if err := validateEnv(j.Env); err != nil {
		return err
	}
	if err := validateFiles(j.Files); err != nil || j.Container == nil {
		return err
	}
	return j.Container.validate(j)
}

// maxID bounds Job.ID; a sha256 in hexadecimal fits.
const maxID = 64

func validID(id string) bool {
	for _, c := range id {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return len(id) <= maxID
}

func validateArgs(args []string) error {
	total := 0
	for i, a := range args {
		if strings.IndexByte(a, 0) >= 0 {
			return fmt.Errorf("argument %d contains a zero byte: remove it", i)
		}
		total += len(a) + 1
	}
	if total > MaxArgBytes {
		return fmt.Errorf("arguments take %d bytes, at most %d are allowed: pass a file", total, MaxArgBytes)
	}
	return nil
}

func validateEnv(env []string) error {
	total, last := 0, ""
	for i, kv := range env {
		key, _, ok := strings.Cut(kv, "=")
		if !ok || key == "" || strings.IndexByte(kv, 0) >= 0 {
			return fmt.Errorf("environment entry %d is not KEY=VALUE", i)
		}
		if i > 0 && key <= last {
			return fmt.Errorf("environment key %q is not after %q: sort the keys and name each once", key, last)
		}
		last = key
		total += len(kv) + 1
	}
	if total > MaxArgBytes {
		return fmt.Errorf("environment takes %d bytes, at most %d are allowed: pass a file", total, MaxArgBytes)
	}
	return nil
}

func validateFiles(files []File) error {
	if len(files) > MaxFiles {
		return fmt.Errorf("job has %d inputs, at most %d are allowed: pack them into one file", len(files), MaxFiles)
	}
	paths := make([]string, 0, len(files))
	for _, f := range files {
		if err := ValidateGuestPath(f.GuestPath); err != nil {
			return err
		}
		paths = append(paths, f.GuestPath)
	}
	sort.Strings(paths)
	seen := make(map[string]bool, len(paths))
	for _, p := range paths {
		for dir := p; dir != "/"; dir = path.Dir(dir) {
			if seen[dir] {
				return fmt.Errorf("input %q collides with input %q: mount each at its own path", p, dir)
			}
		}
		seen[p] = true
	}
	return nil
}

// ValidateGuestPath checks the path of an input: absolute, clean, UTF-8, of
// bounded length, and outside the directories that the guest may write.
func ValidateGuestPath(p string) error {
	switch {
	case !strings.HasPrefix(p, "/") || p == "/" || path.Clean(p) != p:
		return fmt.Errorf("input path %q is not an absolute clean path such as /in/data.csv", p)
	case len(p) > MaxGuestPath:
		return fmt.Errorf("input path %q is longer than %d bytes", p, MaxGuestPath)
	case !utf8.ValidString(p) || strings.IndexByte(p, 0) >= 0:
		return fmt.Errorf("input path %q is not valid UTF-8 text", p)
	}
	for _, dir := range []string{"/out", "/tmp"} {
		if p == dir || strings.HasPrefix(p, dir+"/") {
			return fmt.Errorf("input path %q is under %s, which belongs to the guest: use /in", p, dir)
		}
	}
	return nil
}
