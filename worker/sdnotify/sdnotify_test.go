// SPDX-License-Identifier: Apache-2.0

package sdnotify

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatesArrive(t *testing.T) {
	for _, name := range []string{filepath.Join(t.TempDir(), "n"), "@cupel-sdnotify-test"} {
		l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
		require.NoError(t, err)
		t.Setenv("NOTIFY_SOCKET", name)
		bus := FromEnv()
		require.True(t, bus.Enabled())
		require.NoError(t, bus.Send(Ready, Status("two\nlines")))
		buf := make([]byte, 100)
		n, err := l.Read(buf)
		require.NoError(t, err)
		require.Equal(t, "READY=1\nSTATUS=two lines", string(buf[:n]))
		require.NoError(t, l.Close())
	}
	require.Error(t, Bus{filepath.Join(t.TempDir(), "none")}.Send(Ready))
}

func TestNobodyListens(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	require.False(t, FromEnv().Enabled())
	require.NoError(t, FromEnv().Send(Ready))
}
