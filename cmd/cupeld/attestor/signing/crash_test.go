// SPDX-License-Identifier: Apache-2.0

//go:build cupelcrash

package signing

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCrash kills the process between the guard and the signature: what was
// about to be signed is on disk, and nothing else can be signed afterwards.
func TestCrash(t *testing.T) {
	if home := os.Getenv("CUPEL_SIGNER_HOME"); home != "" {
		signer, err := OpenLocal(home, chainID)
		require.NoError(t, err)
		keys, err := signer.Keys(t.Context())
		require.NoError(t, err)
		_, err = signer.Sign(t.Context(), keys[0], header(5))
		t.Fatal("the process goes on", err)
	}
	home, key := newHome(t)
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrash$")
	cmd.Env = append(os.Environ(), "CUPEL_SIGNER_HOME="+home, CrashEnv+"=guarded")
	var exit *exec.ExitError
	require.True(t, errors.As(cmd.Run(), &exit))
	status, ok := exit.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.Equal(t, syscall.SIGKILL, status.Signal())

	signer, err := OpenLocal(home, chainID)
	require.NoError(t, err)
	defer signer.Close()
	second := header(5)
	second.Height++
	_, err = signer.Sign(t.Context(), key.Address, second)
	require.ErrorIs(t, err, ErrSecondDigest)
	_, err = signer.Sign(t.Context(), key.Address, header(5))
	require.NoError(t, err)
}
