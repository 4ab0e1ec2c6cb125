// SPDX-License-Identifier: Apache-2.0

package container_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/dockerd"
	"github.com/cupel-network/cupel/testutil/images"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/container"
)

// daemon is the one that all tests of the package share, nil where none runs.
var daemon *dockerd.Daemon

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childMode {
		childMain()
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "cupel-dockerd-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if dockerd.Absent() == "" {
		if daemon, err = dockerd.Start(context.Background(), dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() {
			if err := daemon.Stop(); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}()
	}
	return m.Run()
}

// fixture is an engine with the guest's image.
type fixture struct {
	*container.Engine
	t      *testing.T
	docker *client.Client
	image  string
	opts   container.Options
}

func newFixture(t *testing.T, edit func(*container.Options)) *fixture {
	t.Helper()
	dockerd.Need(t)
	opts := container.Options{Dir: t.TempDir(), Host: daemon.Host, Chain: "cupel-test-1", Provider: t.Name(), Log: slog.New(slog.NewTextHandler(testLog{t}, nil))}
	if edit != nil {
		edit(&opts)
	}
	eng, err := container.New(t.Context(), container.ClassCPU, opts)
	require.NoError(t, err)
	docker, err := client.New(client.WithHost(daemon.Host))
	require.NoError(t, err)
	image, err := images.Guest(t.Context(), docker, nil)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, docker.Close())
		require.NoError(t, eng.Close())
	})
	return &fixture{Engine: eng, t: t, docker: docker, image: image, opts: opts}
}

type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Logf("%s", p)
	return len(p), nil
}

// job runs words of the guest within small limits.
func (f *fixture) job(args ...string) engine.Job {
	j := engine.Job{
		Class: f.Class(), Args: args, MemoryBytes: 128 << 20, OutputBytes: 1 << 20, Wall: 20 * time.Second,
		Container: &engine.Container{Image: f.image, Command: []string{images.GuestPath}, CPUs: 1, ScratchBytes: 16 << 20},
	}
	return sized(j)
}

func sized(j engine.Job) engine.Job {
	j.Fuel = j.Container.Units(j.Wall)
	return j
}

// run runs a job to its end and checks that nothing of it is left.
func (f *fixture) run(j engine.Job) engine.Result {
	f.t.Helper()
	res, err := f.Run(f.t.Context(), j, f.t.TempDir())
	require.NoError(f.t, err)
	f.requireClean()
	return res
}

func (f *fixture) requireClean() {
	f.t.Helper()
	require.Empty(f.t, f.containers())
	left, err := os.ReadDir(filepath.Join(f.opts.Dir, "runs"))
	require.NoError(f.t, err)
	require.Empty(f.t, left)
}

// containers are this test's.
func (f *fixture) containers() []string {
	f.t.Helper()
	list, err := f.docker.ContainerList(f.t.Context(), client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", container.LabelProvider+"="+f.opts.Provider),
	})
	require.NoError(f.t, err)
	var all []string
	for _, c := range list.Items {
		all = append(all, c.ID)
	}
	return all
}

// artifact opens the artifact of a result.
func artifact(t *testing.T, res engine.Result) *engine.Artifact {
	t.Helper()
	a, err := engine.OpenArtifact(res.Artifact, engine.ArtifactLimits{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	require.Equal(t, res.ArtifactSHA256, a.SHA256)
	require.Equal(t, res.Outcome, a.Meta.Outcome)
	return a
}

func entry(t *testing.T, a *engine.Artifact, name string) string {
	t.Helper()
	r, err := a.Open(name)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}
