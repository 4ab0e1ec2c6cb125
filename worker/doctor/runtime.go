// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
)

// Machine is how the checks see the host.
type Machine struct {
	// Root is the file system, with paths such as proc/swaps.
	Root fs.FS
	// Output runs a program and returns what it prints, both streams.
	Output func(ctx context.Context, name string, args ...string) (string, error)
	// Find returns the path of a program's file, or an error.
	Find func(name string) (string, error)
}

// Host is the machine that the program runs on. Root is os.DirFS("/").
func Host(root fs.FS) Machine {
	return Machine{
		Root: root,
		Output: func(ctx context.Context, name string, args ...string) (string, error) {
			out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
			return string(out), err
		},
		Find: func(name string) (string, error) {
			path, err := exec.LookPath(name)
			if err != nil {
				return "", err
			}
			return filepath.EvalSymlinks(path) // the package manager knows files, not links
		},
	}
}

// Runtimes checks container programs against the versions that close known
// escapes. Needed is true if containers are offered: a program that is missing
// is no concern otherwise.
func Runtimes(m Machine, needed bool) Check {
	return Check{"container", func(ctx context.Context) []Finding {
		var all []Finding
		for _, f := range floors {
			path, err := m.Find(f.program)
			if err != nil {
				all = append(all, absent(f, needed))
				continue
			}
			finding := f.judge(m.look(ctx, path))
			if finding.Level == Fail && !needed {
				finding.Level = Warn
			}
			all = append(all, finding)
		}
		return all
	}}
}

func absent(f floor, needed bool) Finding {
	if needed && f.program == "runc" {
		return fail("install it, or turn engines.container off", "%s is not installed", f.program)
	}
	return okay("%s is not installed", f.program)
}

// look asks the program, and the package manager about its file.
func (m Machine) look(ctx context.Context, path string) installed {
	out, err := m.Output(ctx, path, "--version")
	if err != nil && out == "" {
		out = err.Error()
	}
	in := installed{output: out}
	in.pkg = m.owner(ctx, path)
	if in.pkg == "" {
		return in
	}
	rev, err := m.Output(ctx, "dpkg-query", "-W", "-f", "${Version}", in.pkg)
	if err != nil {
		return installed{output: out}
	}
	in.revision = strings.TrimSpace(rev)
	// Docker's and NVIDIA's own packages carry the upstream version; only the
	// distribution's are fixed below it.
	in.vendor = in.pkg != "containerd.io" && !strings.HasPrefix(in.pkg, "nvidia-container-toolkit")
	in.changelog = m.changelog(in.pkg)
	return in
}

// owner returns the package that installed a file, empty if none did. /usr/bin
// and /bin are the same place on merged systems, but not to dpkg.
func (m Machine) owner(ctx context.Context, path string) string {
	for _, p := range []string{path, strings.TrimPrefix(path, "/usr")} {
		out, err := m.Output(ctx, "dpkg-query", "-S", p)
		if err != nil {
			continue
		}
		names, _, ok := strings.Cut(firstLine(out), ": ")
		name, _, _ := strings.Cut(names, ",")
		name, _, _ = strings.Cut(name, ":") // without the architecture
		if ok && !strings.Contains(name, " ") {
			return name
		}
	}
	return ""
}

// maxChangelog bounds what is read of a changelog: old entries are at its end.
const maxChangelog = 4 << 20

// changelog returns what the package says it changed, empty if it is not there.
func (m Machine) changelog(pkg string) string {
	for _, name := range []string{"changelog.Debian.gz", "changelog.gz"} {
		raw, err := fs.ReadFile(m.Root, "usr/share/doc/"+pkg+"/"+name)
		if err != nil {
			continue
		}
		zr, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(zr, maxChangelog))
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			continue
		}
		return string(text)
	}
	return ""
}
