// SPDX-License-Identifier: Apache-2.0

package container_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/escape"
)

func TestEscapes(t *testing.T) {
	f := newFixture(t, nil)
	canary, err := escape.NewCanary(t.Context(), filepath.Join(t.TempDir(), "host"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, canary.Close()) })
	bench := &escape.Bench{Engine: f, Docker: f.docker, Canary: canary, Dir: t.TempDir(), Image: f.image}
	cases := escape.Containers()
	require.GreaterOrEqual(t, len(cases), 60)
	t.Run("cases", func(t *testing.T) {
		seen := map[string]bool{}
		for _, c := range cases {
			require.False(t, seen[c.Name], c.Name)
			seen[c.Name] = true
			t.Run(c.Name, func(t *testing.T) {
				v := bench.Try(t.Context(), c)
				t.Log(v)
				require.False(t, v.Escaped, v.Detail)
			})
		}
	})
	require.NoError(t, canary.Check())
	f.requireClean()
	require.True(t, t.Failed() || f.run(f.job("hello")).Outcome.Deterministic(), "the next job is not clean")
}
