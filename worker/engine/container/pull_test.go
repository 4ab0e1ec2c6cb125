// SPDX-License-Identifier: Apache-2.0

package container_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/images"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/container"
)

// registry serves one image as a registry does, from loopback, which daemons
// speak plain HTTP to.
type registry struct {
	host, image string
	blobs       map[string][]byte
	manifest    string
	// slow is how long every layer takes.
	slow time.Duration
	// password is what bob must show; empty lets everybody in.
	password string
}

func digest(b []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(b)) }

// newRegistry serves the guest with size more bytes, which no compression
// makes less of.
func newRegistry(t *testing.T, size int) *registry {
	t.Helper()
	program, err := images.Program(t.Context())
	require.NoError(t, err)
	padding := make([]byte, size)
	block := sha256.Sum256([]byte(t.Name()))
	for i := 0; i < size; i += len(block) {
		block = sha256.Sum256(block[:])
		copy(padding[i:], block[:])
	}
	layer, err := images.Layer([]images.File{
		{Header: tar.Header{Name: images.GuestPath[1:], Mode: 0o755}, Content: program}, {Header: tar.Header{Name: "padding", Mode: 0o644}, Content: padding},
	})
	require.NoError(t, err)
	r := &registry{blobs: map[string][]byte{}}
	add := func(b []byte) map[string]any {
		r.blobs[digest(b)] = b
		return map[string]any{"digest": digest(b), "size": len(b)}
	}
	packed, err := io.ReadAll(layer)
	require.NoError(t, err)
	part := add(packed)
	part["mediaType"] = "application/vnd.docker.image.rootfs.diff.tar"
	config, err := json.Marshal(map[string]any{
		"architecture": "amd64", "os": "linux", "config": map[string]any{}, "rootfs": map[string]any{"type": "layers", "diff_ids": []string{digest(packed)}},
	})
	require.NoError(t, err)
	head := add(config)
	head["mediaType"] = "application/vnd.docker.container.image.v1+json"
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "config": head, "layers": []any{part},
	})
	require.NoError(t, err)
	add(manifest)
	r.manifest = digest(manifest)
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.host = strings.TrimPrefix(server.URL, "http://")
	r.image = r.host + "/cupel/guest@" + r.manifest
	return r
}

func (r *registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	name := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
	blob, ok := r.blobs[name]
	if user, password, _ := req.BasicAuth(); r.password != "" && (user != "bob" || password != r.password) {
		w.Header().Set("WWW-Authenticate", `Basic realm="cupel"`)
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	switch {
	case req.URL.Path == "/v2/":
		return
	case !ok:
		http.NotFound(w, req)
		return
	case name == r.manifest:
		w.Header().Set("Content-Type", "application/vnd.docker.distribution.manifest.v2+json")
		w.Header().Set("Docker-Content-Digest", name)
	case r.slow > 0:
		time.Sleep(r.slow)
	}
	http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(blob))
}

func TestPull(t *testing.T) {
	r := newRegistry(t, 4<<20)
	allowed := func(o *container.Options) { o.Registries = []string{r.host} }
	tests := map[string]struct {
		edit    func(*container.Options)
		image   string
		outcome engine.Outcome
		says    string
	}{
		"never":             {edit: func(o *container.Options) { o.Pull = container.PullNever }, outcome: engine.OutcomeInputUnavailable, says: "pull is never"},
		"another registry":  {outcome: engine.OutcomeInputUnavailable, says: "is not in engines.container.registries"},
		"too large":         {edit: func(o *container.Options) { o.MaxImageBytes = 1 << 20 }, outcome: engine.OutcomeInputUnavailable, says: "max_image_mib"},
		"no such digest":    {image: r.host + "/cupel/guest@sha256:" + strings.Repeat("0", 64), edit: func(*container.Options) {}, outcome: engine.OutcomeInputUnavailable, says: "is not available"},
		"registry is away":  {image: closedPort(t) + "/cupel/guest@" + r.manifest, edit: func(o *container.Options) { o.Registries = nil }, outcome: engine.OutcomeInputUnavailable, says: "is not available"},
		"allowed, at last!": {edit: func(*container.Options) {}, outcome: engine.OutcomeOK},
	}
	for _, name := range []string{"never", "another registry", "too large", "no such digest", "registry is away", "allowed, at last!"} {
		tc := tests[name]
		t.Run(name, func(t *testing.T) {
			if tc.image == "" {
				tc.image = r.image
			}
			f := newFixture(t, func(o *container.Options) {
				if tc.edit != nil {
					allowed(o)
					tc.edit(o)
				}
				if o.Registries == nil {
					o.Registries = []string{strings.Split(tc.image, "/")[0]}
				}
				if tc.edit == nil {
					o.Registries = nil
				}
			})
			j := f.job("hello")
			j.Container.Image = tc.image
			res := f.run(j)
			require.Equal(t, tc.outcome.String(), res.Outcome.String(), res.Detail)
			require.Contains(t, res.Detail, tc.says)
		})
	}
}

// A pull takes no longer than it may, and the next one may succeed.
func TestPullTimeout(t *testing.T) {
	r := newRegistry(t, 1<<20)
	r.slow = 3 * time.Second
	f := newFixture(t, func(o *container.Options) { o.Registries, o.PullTimeout = []string{r.host}, 500*time.Millisecond })
	j := f.job("hello")
	j.Container.Image = r.image
	start := time.Now()
	require.Equal(t, engine.OutcomeInputUnavailable, f.run(j).Outcome)
	require.Less(t, time.Since(start), 3*time.Second)
}

// A login in Docker's config.json opens a private registry to the pull, and to
// nothing that the job can see.
func TestPullWithALogin(t *testing.T) {
	const password = "correct-horse"
	r := newRegistry(t, 1<<10)
	r.password = password
	login := func(password string) func(*container.Options) {
		return func(o *container.Options) {
			o.Registries = []string{r.host}
			if password == "" {
				return
			}
			o.DockerConfig = filepath.Join(t.TempDir(), "config.json")
			pair := base64.StdEncoding.EncodeToString([]byte("bob:" + password))
			require.NoError(t, os.WriteFile(o.DockerConfig, []byte(fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, r.host, pair)), 0o600))
		}
	}
	for _, wrong := range []string{"", "wrong"} {
		f := newFixture(t, login(wrong))
		j := f.job("hello")
		j.Container.Image = r.image
		res := f.run(j)
		require.Equal(t, engine.OutcomeInputUnavailable, res.Outcome, res.Detail)
		require.NotContains(t, res.Detail, password)
	}
	f := newFixture(t, login(password))
	j := f.job("sleep", "1500")
	j.Container.Image, j.ID = r.image, "login"
	done := make(chan engine.Result, 1)
	go func() {
		res, err := f.Run(t.Context(), j, t.TempDir())
		if err != nil {
			t.Error(err)
		}
		done <- res
	}()
	require.Eventually(t, func() bool { return f.starts(j.ID) > 0 }, 20*time.Second, 20*time.Millisecond)
	res, err := f.docker.ContainerInspect(t.Context(), f.containers()[0], client.ContainerInspectOptions{})
	require.NoError(t, err)
	all, err := json.Marshal(res.Container)
	require.NoError(t, err)
	for _, secret := range []string{password, base64.StdEncoding.EncodeToString([]byte("bob:" + password)), "config.json", filepath.Dir(f.opts.DockerConfig)} {
		require.NotContains(t, string(all), secret)
	}
	ended := <-done
	require.Equal(t, engine.OutcomeOK, ended.Outcome, ended.Detail)
	f.requireClean()
}

// closedPort is an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

// A daemon that ends while a container runs takes it along; the job runs again.
func TestDaemonRestart(t *testing.T) {
	f := newFixture(t, nil)
	j := f.job("sleep", "3000")
	j.ID = "restart"
	done := make(chan engine.Result, 1)
	go func() {
		res, err := f.Run(t.Context(), j, t.TempDir())
		if err != nil {
			t.Error(err)
		}
		done <- res
	}()
	require.Eventually(t, func() bool { return f.starts(j.ID) > 0 }, 20*time.Second, 20*time.Millisecond)
	require.NoError(t, daemon.Stop())
	require.NoError(t, daemon.Restart(t.Context()))
	res := <-done
	require.Equal(t, engine.OutcomeOK, res.Outcome, res.Detail)
	f.requireClean()
}

// What a container is made with is what the daemon says it has.
func TestSandbox(t *testing.T) {
	f := newFixture(t, nil)
	j := f.job("sleep", "1500")
	j.ID, j.Origin = "sandbox", engine.Origin{Batch: 7, Task: 3, Lot: 1, Attempt: 2}
	done := make(chan engine.Result, 1)
	go func() {
		res, err := f.Run(t.Context(), j, t.TempDir())
		if err != nil {
			t.Error(err)
		}
		done <- res
	}()
	require.Eventually(t, func() bool { return f.starts(j.ID) > 0 }, 20*time.Second, 20*time.Millisecond)
	res, err := f.docker.ContainerInspect(t.Context(), f.containers()[0], client.ContainerInspectOptions{})
	require.NoError(t, err)
	c := res.Container
	require.Equal(t, "cupel-test-1 7 3 1 2", strings.Join([]string{
		c.Config.Labels[container.LabelChain], c.Config.Labels[container.LabelBatch], c.Config.Labels[container.LabelTask],
		c.Config.Labels[container.LabelLot], c.Config.Labels[container.LabelAttempt],
	}, " "))
	require.Equal(t, "none", string(c.HostConfig.NetworkMode))
	require.Equal(t, []string{"ALL"}, c.HostConfig.CapDrop)
	require.True(t, c.HostConfig.ReadonlyRootfs)
	require.False(t, c.HostConfig.Privileged)
	require.Equal(t, int64(128<<20), c.HostConfig.Memory)
	require.Equal(t, c.HostConfig.Memory, c.HostConfig.MemorySwap)
	require.Equal(t, int64(1e9), c.HostConfig.NanoCPUs)
	require.Equal(t, "none", c.HostConfig.LogConfig.Type)
	require.Len(t, c.Mounts, 5)
	for _, m := range c.Mounts {
		require.Equal(t, m.Destination == "/out" || strings.HasPrefix(m.Destination, "/run/cupel/std") && m.Destination != "/run/cupel/stdin", m.RW, m.Destination)
	}
	require.Equal(t, engine.OutcomeOK, (<-done).Outcome)
}
