// SPDX-License-Identifier: Apache-2.0

//go:build cupelcrash

package journal

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/crash"
)

// TestCrash lets a process kill itself after each step and reads what is on
// disk then.
func TestCrash(t *testing.T) {
	if path := os.Getenv("CUPEL_JOURNAL"); path != "" {
		j := open(t, path)
		for _, rec := range steps() {
			require.NoError(t, j.PutLot(rec))
		}
		return
	}
	for _, want := range steps() {
		t.Run(want.Step.String(), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			cmd := exec.Command(os.Args[0], "-test.run=^TestCrash$")
			cmd.Env = append(os.Environ(), "CUPEL_JOURNAL="+path, crash.Env+"="+want.Step.String())
			var exit *exec.ExitError
			require.True(t, errors.As(cmd.Run(), &exit))
			status, ok := exit.Sys().(syscall.WaitStatus)
			require.True(t, ok)
			require.Equal(t, syscall.SIGKILL, status.Signal())

			got, found, err := open(t, path).Lot(key)
			require.NoError(t, err)
			require.True(t, found)
			require.Equal(t, want.Step, got.Step)
		})
	}
}
