// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/escape"
)

func TestEscapes(t *testing.T) {
	e := testEngine(t)
	canary, err := escape.NewCanary(t.Context(), filepath.Join(t.TempDir(), "host"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, canary.Close()) })
	sandbox := &escape.Sandbox{Engine: e, Canary: canary, Dir: t.TempDir()}
	cases := escape.Modules()
	require.GreaterOrEqual(t, len(cases), 60)
	seen := map[string]bool{}
	for _, c := range cases {
		require.False(t, seen[c.Name], c.Name)
		seen[c.Name] = true
		t.Run(c.Name, func(t *testing.T) {
			v := sandbox.Try(t.Context(), c)
			t.Log(v, v.Took)
			require.False(t, v.Escaped, v.Detail)
		})
	}
	require.NoError(t, canary.Check())
	require.Empty(t, guestsLeft(t), "a child is left")
	next := sandbox.Try(t.Context(), escape.Case{Name: "next-job", Group: "after", Args: []string{"hello"}, Stdout: "hello"})
	require.False(t, next.Escaped, next.Detail)
}

// guestsLeft lists the children of this process that ran guests.
func guestsLeft(t *testing.T) (left []string) {
	t.Helper()
	lists, err := filepath.Glob("/proc/self/task/*/children")
	require.NoError(t, err)
	for _, list := range lists {
		children, _ := os.ReadFile(list) // of a thread that may have ended
		for pid := range strings.FieldsSeq(string(children)) {
			command, _ := os.ReadFile(filepath.Join("/proc", pid, "cmdline"))
			if strings.HasPrefix(string(command), "cupel-wasm") {
				left = append(left, pid)
			}
		}
	}
	return left
}
