// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"fmt"
	"sort"
	"strings"
)

// lowerTypes lists the modules whose types a module may import.
func lowerTypes() map[string][]string {
	return map[string][]string{
		"market":     {"registry", "oracle", "reputation"},
		"oracle":     {"registry"},
		"reputation": {"registry"},
		"registry":   nil,
	}
}

// checkImports returns every import that the layers forbid.
func checkImports(sources []source) []string {
	var problems []string
	for _, s := range sources {
		for imported, pos := range s.imports() {
			if why := forbidden(s, imported); why != "" {
				problems = append(problems, fmt.Sprintf("%s: imports %s: %s", s.at(pos), imported, why))
			}
		}
	}
	sort.Strings(problems)
	return problems
}

// forbidden says why a file may not import a path, or nothing.
func forbidden(s source, imported string) string {
	if why := linkage(s, imported); why != "" {
		return why
	}
	if s.test {
		return ""
	}
	if strings.HasSuffix(imported, "/keeper") && !mayUseKeepers(s) {
		return "keepers are for app and for the module itself"
	}
	own, ok := strings.CutPrefix(imported, modulePath)
	if !ok {
		return ""
	}
	switch {
	case within(own, "scripts"):
		return "nobody imports scripts"
	case within(own, "cmd") && !within(s.dir, "cmd"):
		return "only commands import commands' packages"
	case within(own, "testutil") && !within(s.dir, "testutil") && !within(s.dir, "scripts"):
		return "testutil is for tests and scripts"
	case within(s.dir, "x"):
		return belowApp(s, own)
	case within(s.dir, "app") && !within(own, "app") && !within(own, "x"):
		return "app imports modules only"
	case within(s.dir, "worker") && !within(own, "worker") && !isTypes(own),
		within(s.dir, "relayer") && !within(own, "relayer") && !isTypes(own):
		return "a daemon imports its own packages and x/*/types only"
	}
	return ""
}

// linkage forbids what cannot be linked into a binary with libsecp256k1_sdk.
func linkage(s source, imported string) string {
	for _, dir := range []string{"app", "x", "worker", "cmd/cupeld", "cmd/cupel-worker", "cmd/internal"} {
		if !within(s.dir, dir) {
			continue
		}
		if within(imported, "github.com/ethereum/go-ethereum") || within(imported, modulePath+"relayer") {
			return "go-ethereum and the tag libsecp256k1_sdk do not link together"
		}
	}
	return ""
}

// mayUseKeepers: app and commands wire keepers, a module's root and keeper use
// its own, and anything under testutil or scripts may build an app.
func mayUseKeepers(s source) bool {
	for _, dir := range []string{"app", "cmd/cupeld", "testutil", "scripts"} {
		if within(s.dir, dir) {
			return true
		}
	}
	m := module(s.dir)
	return m != "" && s.dir == "x/"+m
}

func isTypes(own string) bool {
	parts := strings.Split(own, "/")
	return len(parts) >= 3 && parts[0] == "x" && parts[2] == "types"
}

// belowApp judges an import of this repository made under x/.
func belowApp(s source, own string) string {
	m := module(s.dir)
	switch {
	case !within(own, "x"):
		return "a module imports nothing above x"
	case within(own, "x/internal"):
		return ""
	case m == "":
		return "x/internal imports no module"
	case within(own, "x/"+m):
		if within(s.dir, "x/"+m+"/types") && !within(own, "x/"+m+"/types") {
			return "types imports nothing of its module"
		}
		return ""
	case within(s.dir, "x/"+m+"/types") && m != "market":
		return "types imports no other module"
	}
	for _, lower := range lowerTypes()[m] {
		if within(own, "x/"+lower+"/types") {
			return ""
		}
	}
	return fmt.Sprintf("x/%s may import the types of %v only", m, lowerTypes()[m])
}
