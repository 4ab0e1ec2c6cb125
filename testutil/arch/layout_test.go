// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const licence = "// SPDX-License-Identifier: Apache-2.0\n"

// topLevel is all that lies in the repository's root.
func topLevel() []string {
	return []string{
		"app", "x", "proto", "cmd", "worker", "relayer", "scripts", "testutil",
		"go.mod", "go.sum", "Makefile", "README.md", "LICENSE", "SECURITY.md", "CHANGELOG.md",
		"buf.yaml", ".golangci.yml", ".gitignore", ".gitattributes", ".ci", ".git", "build",
	}
}

func checkLayout(t *testing.T, repo fs.FS) []string {
	t.Helper()
	entries, err := fs.ReadDir(repo, ".")
	require.NoError(t, err)
	var problems []string
	for _, entry := range entries {
		if !slices.Contains(topLevel(), entry.Name()) {
			problems = append(problems, entry.Name()+": the top level is fixed: put it into a package or ignore it")
		}
	}
	return problems
}

func checkLicence(sources []source) []string {
	var problems []string
	for _, s := range sources {
		if !s.generated() && !strings.HasPrefix(s.text, licence) {
			problems = append(problems, s.name+":1: the first line is not "+strings.TrimSpace(licence))
		}
	}
	return problems
}

var decision = regexp.MustCompile(`\bADR-(\d{3})\b`)

// checkDecisions returns the citations of a decision that does not exist. It
// is looked for in the citing file's module or daemon, then in app/adr.
func checkDecisions(t *testing.T, repo fs.FS) []string {
	t.Helper()
	known := map[string]bool{}
	for _, pattern := range []string{"*/adr/*.md", "x/*/adr/*.md"} {
		files, err := fs.Glob(repo, pattern)
		require.NoError(t, err)
		for _, file := range files {
			number, _, _ := strings.Cut(path.Base(file), "-")
			known[path.Dir(file)+"/"+number] = true
		}
	}
	var problems []string
	walk(t, repo, func(name string) {
		if !slices.Contains([]string{".go", ".md", ".proto"}, path.Ext(name)) || within(name, "testutil/arch") {
			return
		}
		text, err := fs.ReadFile(repo, name)
		require.NoError(t, err)
		for i, line := range strings.Split(string(text), "\n") {
			for _, cited := range decision.FindAllStringSubmatch(line, -1) {
				if !known[adrDir(name)+"/"+cited[1]] && !known["app/adr/"+cited[1]] {
					problems = append(problems, fmt.Sprintf("%s:%d: cites %s, which is neither in %s nor in app/adr", name, i+1, cited[0], adrDir(name)))
				}
			}
		}
	})
	return problems
}

// adrDir returns where the decisions of a file's module are.
func adrDir(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) > 3 && parts[0] == "proto" { // proto/cupel/<module>/...
		return "x/" + parts[2] + "/adr"
	}
	if m := module(path.Dir(name)); m != "" {
		return "x/" + m + "/adr"
	}
	if parts[0] == "worker" || parts[0] == "relayer" {
		return parts[0] + "/adr"
	}
	return "app/adr"
}
