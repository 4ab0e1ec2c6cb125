// SPDX-License-Identifier: Apache-2.0

// Package arch checks the rules of the repository that no compiler checks: who
// may import whom, what may not reach the state, and where things lie. It
// reads the files itself; what 'go list' says would be cached.
package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const modulePath = "github.com/cupel-network/cupel/"

// source is one parsed Go file.
type source struct {
	name string // slash-separated, from the repository's root
	dir  string
	test bool
	text string
	ast  *ast.File
	fset *token.FileSet
}

func (s source) generated() bool {
	return strings.HasSuffix(s.name, ".pb.go") || strings.HasSuffix(s.name, ".pb.gw.go")
}

func (s source) at(p token.Pos) string {
	position := s.fset.Position(p)
	return position.String()
}

// imports returns the paths that the file imports with their positions.
func (s source) imports() map[string]token.Pos {
	paths := map[string]token.Pos{}
	for _, spec := range s.ast.Imports {
		paths[strings.Trim(spec.Path.Value, `"`)] = spec.Pos()
	}
	return paths
}

// load parses every Go file of the repository.
func load(t *testing.T, repo fs.FS) []source {
	t.Helper()
	var sources []source
	walk(t, repo, func(name string) {
		if path.Ext(name) != ".go" {
			return
		}
		text, err := fs.ReadFile(repo, name)
		require.NoError(t, err)
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		sources = append(sources, source{
			name: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
			text: string(text), ast: file, fset: fset,
		})
	})
	return sources
}

// walk visits every file that belongs to the repository.
func walk(t *testing.T, repo fs.FS, visit func(name string)) {
	t.Helper()
	err := fs.WalkDir(repo, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch entry.Name() {
			case ".git", "build", "node_modules", "testdata":
				return fs.SkipDir
			}
			return nil
		}
		visit(name)
		return nil
	})
	require.NoError(t, err)
}

func repository() fs.FS { return os.DirFS("../..") }

// within reports whether name is dir or lies below it.
func within(name, dir string) bool { return name == dir || strings.HasPrefix(name, dir+"/") }

// module returns the name of the x/ module that dir belongs to, or "".
func module(dir string) string {
	parts := strings.Split(dir, "/")
	if len(parts) < 2 || parts[0] != "x" || parts[1] == "internal" {
		return ""
	}
	return parts[1]
}

func TestRepository(t *testing.T) {
	repo := repository()
	sources := load(t, repo)
	require.NotEmpty(t, sources)
	checks := map[string]func() []string{
		"imports":     func() []string { return checkImports(sources) },
		"determinism": func() []string { return checkDeterminism(sources) },
		"licence":     func() []string { return checkLicence(sources) },
		"decisions":   func() []string { return checkDecisions(t, repo) },
		"layout":      func() []string { return checkLayout(t, repo) },
	}
	for name, check := range checks {
		t.Run(name, func(t *testing.T) {
			if problems := check(); len(problems) > 0 {
				t.Error(strings.Join(problems, "\n"))
			}
		})
	}
}
