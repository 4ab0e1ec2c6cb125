// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// badInput is a file and part of the problem that it has; nothing if it has none.
type badInput struct{ file, body, want string }

// badInputs shows each rule a file that breaks it, and one that does not.
func badInputs() map[string]badInput {
	return map[string]badInput{
		"market imports a keeper":         {"x/market/keeper/a.go", `import _ "` + modulePath + `x/registry/keeper"`, "keepers are for app"},
		"market imports types":            {"x/market/keeper/a.go", `import _ "` + modulePath + `x/registry/types"`, ""},
		"registry imports market":         {"x/registry/keeper/a.go", `import _ "` + modulePath + `x/market/types"`, "x/registry may import"},
		"oracle imports reputation":       {"x/oracle/keeper/a.go", `import _ "` + modulePath + `x/reputation/types"`, "x/oracle may import"},
		"types imports its keeper":        {"x/market/types/a.go", `import _ "` + modulePath + `x/market/keeper"`, "keepers are for app"},
		"a module imports app":            {"x/market/a.go", `import _ "` + modulePath + `app"`, "nothing above x"},
		"worker imports app":              {"worker/a.go", `import _ "` + modulePath + `app"`, "a daemon imports"},
		"worker imports an SDK keeper":    {"worker/a.go", `import _ "github.com/cosmos/cosmos-sdk/x/bank/keeper"`, "keepers are for app"},
		"relayer imports a module's root": {"relayer/a.go", `import _ "` + modulePath + `x/oracle"`, "a daemon imports"},
		"relayer imports types":           {"relayer/a.go", `import _ "` + modulePath + `x/oracle/types"`, ""},
		"app imports go-ethereum":         {"app/a_test.go", `import _ "github.com/ethereum/go-ethereum/common"`, "do not link"},
		"worker imports relayer":          {"worker/a_test.go", `import _ "` + modulePath + `relayer/evm"`, "do not link"},
		"relayer imports go-ethereum":     {"relayer/evm/a.go", `import _ "github.com/ethereum/go-ethereum/common"`, ""},
		"code imports testutil":           {"app/a.go", `import _ "` + modulePath + `testutil/scale"`, "testutil is for tests"},
		"a test imports testutil":         {"app/a_test.go", `import _ "` + modulePath + `testutil/scale"`, ""},
		"the machine's clock":             {"x/market/keeper/a.go", `import "time"; var t = time.Now()`, "clock"},
		"the clock in a test":             {"x/market/keeper/a_test.go", `import "time"; var t = time.Now()`, ""},
		"randomness":                      {"x/oracle/keeper/a.go", `import _ "math/rand/v2"`, "math/rand/v2"},
		"JSON":                            {"x/oracle/types/a.go", `import _ "encoding/json"`, "encoding/json"},
		"a float type":                    {"x/reputation/types/a.go", `func f(x float64) {}`, "floating point"},
		"a float literal":                 {"x/reputation/types/a.go", `const c = 0.5`, "floating point"},
		"a goroutine":                     {"x/market/keeper/a.go", `func f() { go f() }`, "goroutine"},
		"a map given":                     {"x/market/keeper/a.go", `func f(m map[int]int) { for range m {} }`, "iteration over a map"},
		"a map made":                      {"x/market/keeper/a.go", `func f() { m := make(map[int]int); for range m {} }`, "iteration over a map"},
		"a map in a field":                {"x/market/keeper/a.go", `type s struct{ m map[int]int }; func f(x s) { for range x.m {} }`, "iteration over a map"},
		"maps.Keys":                       {"x/market/keeper/a.go", `import "maps"; func f(g func() map[int]int) { for range maps.Keys(g()) {} }`, "iteration over a map"},
		"a slice":                         {"x/market/keeper/a.go", `func f(m []int) { for range m {} }`, ""},
		"a lookup in a map":               {"x/market/keeper/a.go", `func f(m map[int]int) int { return m[1] }`, ""},
		"a map outside of the state path": {"worker/a.go", `func f(m map[int]int) { for range m {} }`, ""},
		"a decision that does not exist":  {"x/market/keeper/a.go", "// See ADR-042.", "cites ADR-042"},
		"a decision of another module":    {"x/registry/keeper/a.go", "// See ADR-007.", "cites ADR-007"},
		"a decision of the module":        {"x/market/keeper/a.go", "// See ADR-007.", ""},
		"a decision of the daemon":        {"worker/engine/a.go", "// See ADR-009.", ""},
		"a decision of the app":           {"x/market/keeper/a.go", "// See ADR-001.", ""},
		"a new folder at the top":         {"docs/a.go", "", "the top level is fixed"},
	}
}

// TestBadInput proves that each rule can fail: a check that cannot checks nothing.
func TestBadInput(t *testing.T) {
	for name, tc := range badInputs() {
		t.Run(name, func(t *testing.T) {
			repo := fstest.MapFS{
				tc.file:                    {Data: []byte(licence + "package p\n" + tc.body + "\n")},
				"x/market/adr/007-lots.md": {Data: []byte("# Lots\n")},
				"worker/adr/009-wasm.md":   {Data: []byte("# Engine\n")},
				"app/adr/001-no-extens.md": {Data: []byte("# No vote extensions\n")},
				"build/ignored.go":         {Data: []byte("not Go")},
				"x/market/types/tx.pb.go":  {Data: []byte("package p\nfunc f(x float64) {}\n")},
			}
			sources := load(t, repo)
			var problems []string
			problems = append(problems, checkImports(sources)...)
			problems = append(problems, checkDeterminism(sources)...)
			problems = append(problems, checkLicence(sources)...)
			problems = append(problems, checkDecisions(t, repo)...)
			problems = append(problems, checkLayout(t, repo)...)
			if tc.want == "" {
				require.Empty(t, problems)
				return
			}
			require.Len(t, problems, 1)
			require.Contains(t, problems[0], tc.want)
		})
	}
}

func TestLicenceIsRequired(t *testing.T) {
	repo := fstest.MapFS{"app/a.go": {Data: []byte("package app\n")}}
	require.Len(t, checkLicence(load(t, repo)), 1)
}
