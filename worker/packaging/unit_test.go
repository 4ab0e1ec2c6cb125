// SPDX-License-Identifier: Apache-2.0

package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(raw)
}

// TestUnitsVerify lets systemd read the units, with a binary that is there.
func TestUnitsVerify(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("CUPEL_REQUIRE_ALL") == "1" {
			t.Fatal("systemd-analyze is not installed: apt-get install systemd")
		}
		t.Skip("systemd-analyze is not installed")
	}
	for _, name := range []string{"cupel-worker.service", "cupel-signer.service"} {
		path := filepath.Join(t.TempDir(), name)
		unit := strings.ReplaceAll(read(t, name), "/usr/bin/cupel-worker", "/bin/true")
		require.NoError(t, os.WriteFile(path, []byte(unit), 0o600))
		out, err := exec.Command(analyze, "verify", "--man=no", path).CombinedOutput()
		require.NoError(t, err, string(out))
		require.NotContains(t, string(out), "Unknown", "a directive that is misspelt is only a warning")
	}
}

// TestUnitAllowsWhatTheWorkerNeeds keeps out the options that break it.
func TestUnitAllowsWhatTheWorkerNeeds(t *testing.T) {
	unit := read(t, "cupel-worker.service")
	for _, line := range []string{"Type=notify", "NoNewPrivileges=yes", "ProtectSystem=strict", "StateDirectory=cupel-worker"} {
		require.Contains(t, unit, "\n"+line+"\n")
	}
	for _, option := range []string{"RestrictNamespaces", "MemoryDenyWriteExecute", "ProcSubset", "ProtectProc", "PrivateDevices", "ProtectKernelTunables"} {
		require.NotContains(t, unit, "\n"+option+"=", "it would break isolation, engine, inventory or GPUs")
	}
}
