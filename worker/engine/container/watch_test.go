// SPDX-License-Identifier: Apache-2.0

package container_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/engine"
)

// A worker that may not mount watches what a run writes; results are the same.
func TestUnmounted(t *testing.T) {
	mounted, f := newFixture(t, nil), newFixture(t, nil)
	f.Unmounted()
	require.NotEmpty(t, f.Missing())
	f.image = mounted.image
	for name, tc := range map[string]struct {
		args    []string
		outcome engine.Outcome
	}{
		"plain":      {[]string{"hello", "x"}, engine.OutcomeOK},
		"fills /out": {[]string{"fill", "/out"}, engine.OutcomeTrap},
		"flood":      {[]string{"flood"}, engine.OutcomeTrap},
		"many files": {[]string{"files", "300000"}, engine.OutcomeTrap},
		"sparse":     {[]string{"odd", "sparse"}, engine.OutcomeExit},
		"link":       {[]string{"odd", "dirlink"}, engine.OutcomeTrap},
		"deep":       {[]string{"deep", "3000"}, engine.OutcomeTrap},
	} {
		t.Run(name, func(t *testing.T) {
			j := f.job(tc.args...)
			one, two := f.run(j), mounted.run(j)
			require.Equal(t, tc.outcome.String(), one.Outcome.String(), one.Detail)
			require.Equal(t, one.ArtifactSHA256, two.ArtifactSHA256)
			artifact(t, one)
		})
	}
}
