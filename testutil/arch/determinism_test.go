// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// checkDeterminism returns what, in the keepers and types of x/, could give
// two nodes two states. It is syntax only: what a map is, it knows from the
// declarations in the same function and from the fields of the same package.
func checkDeterminism(sources []source) []string {
	fields := mapFields(sources)
	var problems []string
	for _, s := range sources {
		if !onStatePath(s) {
			continue
		}
		for imported, pos := range s.imports() {
			switch imported {
			case "math/rand", "math/rand/v2", "crypto/rand", "encoding/json", "unsafe", "sync", "sync/atomic":
				problems = append(problems, fmt.Sprintf("%s: imports %s on the state path", s.at(pos), imported))
			}
		}
		problems = append(problems, inspect(s, fields[s.dir])...)
	}
	return problems
}

func onStatePath(s source) bool {
	m := module(s.dir)
	return !s.test && !s.generated() &&
		(within(s.dir, "x/internal") || m != "" && (within(s.dir, "x/"+m+"/keeper") || within(s.dir, "x/"+m+"/types")))
}

func inspect(s source, fields map[string]bool) []string {
	var problems []string
	report := func(pos token.Pos, what string) {
		problems = append(problems, fmt.Sprintf("%s: %s on the state path", s.at(pos), what))
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			report(n.Pos(), "goroutine")
		case *ast.SelectStmt:
			report(n.Pos(), "select")
		case *ast.BasicLit:
			if n.Kind == token.FLOAT {
				report(n.Pos(), "floating point")
			}
		case *ast.Ident:
			if n.Name == "float64" || n.Name == "float32" {
				report(n.Pos(), "floating point")
			}
		case *ast.SelectorExpr:
			if isClock(n) {
				report(n.Pos(), "the machine's clock")
			}
		case *ast.FuncDecl:
			for _, pos := range mapRanges(n, fields) {
				report(pos, "iteration over a map")
			}
		}
		return true
	})
	return problems
}

func isClock(n *ast.SelectorExpr) bool {
	pkg, ok := n.X.(*ast.Ident)
	if !ok || pkg.Name != "time" {
		return false
	}
	switch n.Sel.Name {
	case "Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker":
		return true
	}
	return false
}

// mapFields returns, per directory, the names of struct fields and package
// variables that are maps.
func mapFields(sources []source) map[string]map[string]bool {
	fields := map[string]map[string]bool{}
	for _, s := range sources {
		if fields[s.dir] == nil {
			fields[s.dir] = map[string]bool{}
		}
		for _, decl := range s.ast.Decls {
			general, ok := decl.(*ast.GenDecl)
			if !ok || s.test {
				continue
			}
			ast.Inspect(general, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Field:
					addMaps(fields[s.dir], n.Names, n.Type)
				case *ast.ValueSpec:
					addMaps(fields[s.dir], n.Names, n.Type)
				}
				return true
			})
		}
	}
	return fields
}

func addMaps(to map[string]bool, names []*ast.Ident, typ ast.Expr) {
	if _, ok := typ.(*ast.MapType); !ok {
		return
	}
	for _, name := range names {
		to[name.Name] = true
	}
}

// mapRanges returns the range statements of a function that go over a map.
func mapRanges(fn *ast.FuncDecl, fields map[string]bool) []token.Pos {
	locals := map[string]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			addMaps(locals, n.Names, n.Type)
		case *ast.ValueSpec:
			addMaps(locals, n.Names, n.Type)
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				name, ok := left.(*ast.Ident)
				if ok && i < len(n.Rhs) && makesMap(n.Rhs[i]) {
					locals[name.Name] = true
				}
			}
		}
		return true
	})
	var found []token.Pos
	ast.Inspect(fn, func(n ast.Node) bool {
		if loop, ok := n.(*ast.RangeStmt); ok && overMap(loop.X, locals, fields) {
			found = append(found, loop.Pos())
		}
		return true
	})
	return found
}

func makesMap(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CompositeLit:
		_, ok := e.Type.(*ast.MapType)
		return ok
	case *ast.CallExpr:
		if name, ok := e.Fun.(*ast.Ident); ok && name.Name == "make" && len(e.Args) > 0 {
			_, isMap := e.Args[0].(*ast.MapType)
			return isMap
		}
	}
	return false
}

func overMap(e ast.Expr, locals, fields map[string]bool) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return locals[e.Name]
	case *ast.SelectorExpr:
		return fields[e.Sel.Name]
	case *ast.CallExpr:
		fn, ok := e.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		pkg, ok := fn.X.(*ast.Ident)
		return ok && pkg.Name == "maps" && strings.Contains("Keys Values All", fn.Sel.Name)
	}
	return makesMap(e)
}
