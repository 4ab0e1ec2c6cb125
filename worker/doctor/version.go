// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// release is an upstream version: major, minor, patch.
type release [3]int

var releasePattern = regexp.MustCompile(`(\d+)\.(\d+)(?:\.(\d+))?`)

// parseRelease finds the first version in the output of a program.
func parseRelease(text string) (release, bool) {
	m := releasePattern.FindStringSubmatch(text)
	if m == nil {
		return release{}, false
	}
	var r release
	for i := range r {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.Atoi(m[i+1])
		if err != nil {
			return release{}, false
		}
		r[i] = n
	}
	return r, true
}

// String is the usual notation.
func (r release) String() string { return fmt.Sprintf("%d.%d.%d", r[0], r[1], r[2]) }

func (r release) atLeast(o release) bool { return slices.Compare(r[:], o[:]) >= 0 }

// floor is the oldest version of a program that a stranger's job may meet.
type floor struct {
	program string
	// packages are the names under which distributions ship it.
	packages []string
	// versions has one floor per line that upstream maintains, ascending. A
	// version of an older line is below the first.
	versions []release
	// fixes are the advisories that the floors close.
	fixes []string
	// escape says what an attacker gains below the floor.
	escape string
	// open names what even the floor does not settle.
	open string
}

// The floors. Every advisory was used, or shown to be usable, to leave a
// container.
var floors = []floor{
	{
		program: "runc", packages: []string{"runc", "containerd.io"},
		versions: []release{{1, 3, 6}, {1, 4, 3}},
		fixes:    []string{"CVE-2024-21626", "CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881", "CVE-2026-41579"},
		escape:   "a container can become root on this machine",
	},
	{
		program: "containerd", packages: []string{"containerd", "containerd.io"},
		versions: []release{{2, 2, 5}, {2, 3, 2}},
		fixes:    []string{"CVE-2026-46680", "CVE-2026-47262", "CVE-2026-53488", "CVE-2026-53489", "CVE-2026-53492"},
		escape:   "an image can run commands on this machine",
	},
	{
		program: "nvidia-ctk", packages: []string{"nvidia-container-toolkit", "nvidia-container-toolkit-base"},
		versions: []release{{1, 17, 8}},
		fixes:    []string{"CVE-2024-0132", "CVE-2024-0133", "CVE-2025-23266", "CVE-2025-23267"},
		escape:   "an image's environment can run code as root on this machine",
		open:     "for CVE-2026-24260 compare with NVIDIA's bulletin",
	},
}

// met reports whether a version is at or above the floor of its line.
func (f floor) met(v release) bool {
	for i := len(f.versions) - 1; i >= 0; i-- {
		at := f.versions[i]
		if v[0] == at[0] && v[1] == at[1] || i == len(f.versions)-1 && v.atLeast(at) {
			return v.atLeast(at)
		}
	}
	// Between two maintained lines nothing is fixed any more.
	return false
}

func (f floor) want() string {
	texts := make([]string, 0, len(f.versions))
	for _, v := range f.versions {
		texts = append(texts, v.String())
	}
	return strings.Join(texts, " or ")
}

// installed is what was found of a program.
type installed struct {
	// output is what it printed as its version.
	output string
	// pkg is the package that owns the binary, empty if none does; revision
	// its full version, changelog the text that came with it.
	pkg, revision, changelog string
	// vendor is false for a package that is not the distribution's own.
	vendor bool
}

// judge says whether a program is recent enough. Distributions fix old versions
// without raising their number, so the package's own changelog counts.
func (f floor) judge(in installed) Finding {
	v, ok := parseRelease(in.output)
	if !ok {
		return warn("see what "+f.program+" --version prints", "the version of %s is not known: %q", f.program, firstLine(in.output))
	}
	if f.met(v) {
		note := ""
		if f.open != "" {
			note = "; " + f.open
		}
		return okay("%s %s%s", f.program, v, note)
	}
	if in.vendor && in.pkg != "" {
		return f.judgePackage(v, in)
	}
	return fail(fmt.Sprintf("install %s %s or newer, and turn engines.container off until then", f.program, f.want()),
		"%s %s is below %s: %s", f.program, v, f.want(), f.escape)
}

func (f floor) judgePackage(v release, in installed) Finding {
	if in.changelog == "" {
		return warn(fmt.Sprintf("look %s up in your distribution's security tracker, or install %s %s", in.pkg, f.program, f.want()),
			"%s %s is below %s; the package %s %s may have the fixes, but its changelog is not here", f.program, v, f.want(), in.pkg, in.revision)
	}
	var missing []string
	for _, id := range f.fixes {
		if !strings.Contains(in.changelog, id) {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return okay("%s %s, fixed by the distribution in %s %s", f.program, v, in.pkg, in.revision)
	}
	return warn(fmt.Sprintf("run apt-get upgrade %s; if these stay open, install %s %s, or take trusted requesters only", in.pkg, f.program, f.want()),
		"%s %s: the package %s %s does not say that it fixes %s: %s", f.program, v, in.pkg, in.revision, strings.Join(missing, ", "), f.escape)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
