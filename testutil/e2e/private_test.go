// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/jobs/sample"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/worker/crypt"
)

// requester runs a command in the home of the requester.
func (w *world) requester(args ...string) (string, error) {
	w.t.Helper()
	cmd := net.Command(w.ctx, w.Binaries.Cupeld, append(args, "--home", w.Requester.Home)...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%w: %s", err, problems.String())
	}
	return out.String(), nil
}

// status asks a worker for a path without a token.
func (w *world) status(p *net.Provider, path string) (int, []byte) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, p.Endpoint+path, http.NoBody)
	require.NoError(w.t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(w.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	return res.StatusCode, body
}

// TestPrivateJobs runs one job on a hired provider, whose audit needs the key
// of its input, and one on drawn providers. Neither input nor result is
// readable by others, on disk or by HTTP.
func TestPrivateJobs(t *testing.T) {
	need(t)
	p := params()
	p.AuditFloorBPS = 10_000
	w := newWorld(t, 4, 10*time.Minute, p, func(s *net.Setup) {
		s.Edits = append(s.Edits, net.Edit{Path: "app_state.market.params.0.params.split.treasury_bps", Value: 5_000})
	})
	require.NoError(t, w.StartWorkers())
	identity := filepath.Join(w.Dir, "me.key")
	out, err := w.requester("job", "identity", identity)
	require.NoError(t, err)
	recipient := strings.TrimSpace(out)

	hired := w.privateJob(1, recipient, "replicas: 1\nhire: "+w.Providers[0].Operator.Address)
	drawn := w.privateJob(2, recipient, "replicas: 3")
	for dir, seats := range map[string]int{hired: 1, drawn: 3} {
		batch := w.submit(filepath.Join(dir, "job.yaml"))
		task := w.final(batch)
		require.Equal(t, net.Settled, task.State, task.Reason)
		c, err := w.Case(w.ctx, task.Task)
		require.NoError(t, err)
		require.Equal(t, "CASE_KIND_AUDIT", c.Kind)
		require.False(t, c.Unfilled)
		require.Len(t, task.Right, seats+1, "the auditor came to the same result, with a key that it was told if need be")
		require.NoError(t, net.Until(w.ctx, time.Second, func() (bool, error) {
			return w.serving("/sealed/"+w.sealedName(batch, task.Result.Digest)) == seats+1, nil
		}))

		to := filepath.Join(w.Dir, "results", fmt.Sprint(batch))
		_, err = w.requester("job", "results", fmt.Sprint(batch), "--out", to, "--receipt", "none")
		require.ErrorContains(t, err, "--identity", "without the key there is nothing to read")
		_, err = w.requester("job", "results", fmt.Sprint(batch), "--out", to, "--receipt", "none", "--identity", identity)
		require.NoError(t, err)
		require.NoError(t, sample.Check(dir, to))

		secret, err := os.ReadFile(filepath.Join(dir, "input", "data.bin"))
		require.NoError(t, err)
		for _, provider := range w.Providers {
			code, _ := w.status(provider, "/artifacts/"+task.Result.Digest.String())
			require.Equal(t, http.StatusNotFound, code)
			code, body := w.status(provider, fmt.Sprintf("/jobs/%d", batch))
			require.Equal(t, http.StatusUnauthorized, code, string(body))
			w.requireAbsent(provider.WorkerHome, secret[:64])
		}
		out, err := w.requester("job", "progress", fmt.Sprint(batch), "--from", w.Requester.Name)
		require.NoError(t, err)
		require.Contains(t, out, "attempt 1  ")
	}
}

// privateJob writes the sample job with both sides encrypted.
func (w *world) privateJob(leaf int, recipient, terms string) (dir string) {
	w.t.Helper()
	file, dir := w.job(leaf)
	text, err := os.ReadFile(file)
	require.NoError(w.t, err)
	edited := strings.Replace(string(text), "replicas: 3", terms, 1) + "\nencrypt: {inputs: true, results_to: [" + recipient + "]}\n"
	require.NoError(w.t, os.WriteFile(file, []byte(edited), 0o600))
	return dir
}

// serving counts the providers that serve an encrypted file under a path.
func (w *world) serving(path string) (n int) {
	w.t.Helper()
	for _, provider := range w.Providers {
		if code, body := w.status(provider, path); code == http.StatusOK {
			require.True(w.t, bytes.HasPrefix(body, []byte("age-encryption.org/v1\n")))
			n++
		}
	}
	return n
}

// sealedName is where providers serve the encrypted result of a task.
func (w *world) sealedName(batch uint64, digest net.Digest) string {
	w.t.Helper()
	var res struct{ Batch struct{ Manifest []byte } }
	require.NoError(w.t, w.Query(w.ctx, 0, fmt.Sprintf("/cupel/market/v1/batches/%d", batch), &res))
	return crypt.SealedName(res.Batch.Manifest, digest)
}

// requireAbsent fails if a file below dir holds the bytes.
func (w *world) requireAbsent(dir string, secret []byte) {
	w.t.Helper()
	require.NoError(w.t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err == nil && bytes.Contains(raw, secret) {
			w.t.Errorf("%s holds the input", path)
		}
		return err
	}))
}
