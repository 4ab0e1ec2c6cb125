// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/npm"
)

// TestForge runs the tests of test/ in the EVM of forge. The number of runs of
// the fuzz and invariant tests is in foundry.toml.
func TestForge(t *testing.T) {
	npm.Require(t)
	inputs(t, "foundry.toml", "solc.mjs", "src/*.sol", "test/*.sol")
	root, err := npm.Root()
	require.NoError(t, err)
	forge, err := npm.Foundry("forge")
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), forge, "test", "--root", root) // #nosec G204 -- the pinned tool
	cmd.Dir = root                                                         // the paths of foundry.toml are from there
	if testing.Short() {
		cmd.Env = append(os.Environ(), "FOUNDRY_FUZZ_RUNS=256", "FOUNDRY_INVARIANT_RUNS=64")
	} else {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, "FOUNDRY_CONFIG="+filepath.Join(root, "relayer", "evm", "contract", "foundry.toml"))
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	require.NoError(t, err)
}

// inputs reads files that another program will read: what go test does not see
// a test read does not make its cached result invalid.
func inputs(t *testing.T, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, names, pattern)
		for _, name := range names {
			_, err := os.ReadFile(name)
			require.NoError(t, err)
		}
	}
}
