// SPDX-License-Identifier: Apache-2.0

package container_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/engine/container"
)

// A worker that is not root, but may use the daemon, gets the same result: the
// guest runs as the worker's user.
func TestAsAnotherUser(t *testing.T) {
	const user = 23456
	dir := t.TempDir()
	for _, open := range []string{filepath.Dir(dir), dir} {
		require.NoError(t, os.Chmod(open, 0o755))
	}
	f := newFixture(t, func(o *container.Options) { o.Dir = filepath.Join(dir, "state") })
	want := f.run(f.job("odd", "closed"))
	socket := strings.TrimPrefix(daemon.Host, "unix://")
	require.NoError(t, os.Chmod(filepath.Dir(socket), 0o711))
	require.NoError(t, os.Chmod(socket, 0o666))
	t.Cleanup(func() { require.NoError(t, os.Chmod(socket, 0o660)) })

	exe, err := os.Executable()
	require.NoError(t, err)
	program, err := os.ReadFile(exe)
	require.NoError(t, err)
	path := filepath.Join(dir, "program")
	require.NoError(t, os.WriteFile(path, program, 0o600))
	require.NoError(t, os.Chmod(path, 0o755))
	order := childOrder{Options: f.opts, Job: f.job("odd", "closed"), Scratch: filepath.Join(dir, "scratch")}
	order.Options.Log, order.Options.Dir = nil, filepath.Join(dir, "mine")
	for _, made := range []string{order.Scratch, order.Options.Dir} {
		require.NoError(t, os.Mkdir(made, 0o700))
		require.NoError(t, os.Chown(made, user, user))
	}
	text, err := json.Marshal(order)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), path, childMode)
	cmd.Stdin, cmd.Stderr, cmd.Dir, cmd.Env = strings.NewReader(string(text)), os.Stderr, "/", []string{"TMPDIR=/tmp", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Equal(t, "OK <nil>\n", string(out))
	one, err := os.ReadFile(want.Artifact)
	require.NoError(t, err)
	two, err := os.ReadFile(filepath.Join(order.Scratch, "artifact.tar"))
	require.NoError(t, err)
	require.Equal(t, one, two)
	require.Empty(t, f.containers())
	left, err := os.ReadDir(filepath.Join(order.Options.Dir, "runs"))
	require.NoError(t, err)
	require.Empty(t, left)
}
