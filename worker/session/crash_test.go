// SPDX-License-Identifier: Apache-2.0

package session

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crashEnv names the step after which the child kills itself, crashDir where
// its store is, crashBody the call.
const (
	crashEnv  = "CUPEL_SESSION_CRASH"
	crashDir  = "CUPEL_SESSION_DIR"
	crashBody = "CUPEL_SESSION_BODY"
)

// stepProgress is a stream in the middle, after its charge was kept.
const stepProgress = "stream under way"

// TestCrash kills a process with kill -9 after each step of a call, starts
// again on what is on disk, and redeems. Whatever the client got is paid for,
// and the highest voucher is never lost.
func TestCrash(t *testing.T) {
	if step := os.Getenv(crashEnv); step != "" {
		crashChild(t, step)
		return
	}
	stream := strings.Replace(hello, `,"max`, `,"stream":true,"max`, 1)
	tests := map[string]struct {
		step, body string
		used       uint64
	}{
		"voucher kept":                 {stepVoucher, hello, 0},
		"answer read":                  {stepAnswer, hello, 0},
		"charge kept":                  {stepCharge, hello, 17},
		"answer sent":                  {stepSent, hello, 17},
		"stream, voucher kept":         {stepVoucher, stream, 0},
		"stream under way":             {stepProgress, stream, 3 + 4},
		"stream, answer read":          {stepAnswer, stream, 3 + 6},
		"stream, charge kept":          {stepCharge, stream, 17},
		"stream, answer sent":          {stepSent, stream, 17},
		"redeem offered, no block yet": {stepOffered, hello, 17},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command(os.Args[0], "-test.run=^TestCrash$")
			cmd.Env = append(os.Environ(), crashEnv+"="+tc.step, crashDir+"="+dir, crashBody+"="+tc.body)
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			require.True(t, errors.As(err, &exit), string(out))
			status, ok := exit.Sys().(syscall.WaitStatus)
			require.True(t, ok)
			require.Equal(t, syscall.SIGKILL, status.Signal(), string(out))

			f := restart(t, filepath.Join(dir, "sessions.db"))
			acc, err := f.front.accounts.open(sid)
			require.NoError(t, err)
			require.Equal(t, tc.used, acc.rec.Used)
			require.Zero(t, acc.rec.Open)
			f.clock.add(2 * time.Hour)
			f.redeem()
			f.redeem()
			require.Equal(t, uint64(5000), f.chain.paid, "the voucher is redeemed once")
			require.Equal(t, http.StatusOK, f.post(pay(t, 2, 6000).Header(), hello).status, "and the session goes on")
			require.Equal(t, tc.used+17, f.record().Used)
		})
	}
}

// restart is a fixture on the store of an earlier process.
func restart(t *testing.T, path string) *fixture {
	f := newFixture(t)
	require.NoError(t, f.store.Close())
	store, err := OpenStore(path, testChain)
	require.NoError(t, err)
	t.Cleanup(func() { _ = store.Close() })
	f.store, f.front.accounts.store = store, store
	return f
}

// crashChild makes one call and redeems; it dies on the way.
func crashChild(t *testing.T, step string) {
	f := restart(t, filepath.Join(os.Getenv(crashDir), "sessions.db"))
	die := func() {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	f.front.accounts.at = func(at string) {
		if at == step {
			die()
		}
	}
	f.chain.silent = true
	f.serve = f.say("hello", 11, 3)
	body := os.Getenv(crashBody)
	if strings.Contains(body, "stream") {
		f.clockOnRead()
		f.serve = f.stream(11, 3, "he", "ll", "o")
	}
	if step == stepProgress {
		f.serve = func(w http.ResponseWriter, r *http.Request) {
			for _, piece := range []string{"he", "ll"} {
				raw, _ := json.Marshal(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]string{"content": piece}, "finish_reason": nil}}})
				_, _ = w.Write([]byte("data: " + string(raw) + "\n\n"))
			}
			_ = http.NewResponseController(w).Flush()
			for f.record().Open < 7000 { // until the front has kept both pieces
				time.Sleep(time.Millisecond)
			}
			die()
		}
	}
	srv := httptest.NewServer(f.front.Handler())
	f.url = srv.URL
	f.post(pay(t, 1, 5000).Header(), body)
	f.clock.add(time.Hour)
	f.redeem()
}
