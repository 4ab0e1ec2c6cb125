// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/engine"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// serve answers every request with status and data, and counts them.
func serve(t *testing.T, code int, data []byte) (url string, hits *int) {
	t.Helper()
	hits = new(int)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*hits++
		w.WriteHeader(code)
		_, _ = w.Write(data)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, hits
}

// agreed is a bench with one agreed task that the given providers answered.
func agreed(t *testing.T, endpoints ...string) (*bench, []byte) {
	t.Helper()
	data, digest := artifact(t, engine.Meta{Outcome: engine.OutcomeOK}, map[string]string{"stdout": "hello\n", "stderr": "warn\n", "out/a/b.txt": "result"})
	b := newBench()
	v := frame(markettypes.TaskAgreed)
	v.tasks[0].Result.Digest, v.tasks[0].Right = digest, nil
	for i, e := range endpoints {
		b.registry.endpoints[strconv.Itoa(i+1)] = e
		v.tasks[0].Right = append(v.tasks[0].Right, uint32(i+1))
	}
	b.market.frames = []snapshot{v}
	return b, data
}

func TestFetchTriesTheNextProvider(t *testing.T) {
	t.Chdir(t.TempDir())
	_, data := agreed(t)
	wrong, _ := serve(t, http.StatusOK, []byte("something else"))
	gone, goneHits := serve(t, http.StatusNotFound, nil)
	good, goodHits := serve(t, http.StatusOK, data)
	b, _ := agreed(t, "http://127.0.0.1:1", gone, wrong, good)

	require.NoError(t, b.execute("results", "7", "--out", "r"))
	require.Equal(t, []int{1, 1}, []int{*goneHits, *goodHits})
	bz, err := os.ReadFile(filepath.Join("r", "out", "a", "b.txt"))
	require.NoError(t, err)
	require.Equal(t, "result", string(bz))
	have, err := readRecord("r")
	require.NoError(t, err)
	require.Equal(t, "OK", have.Outcome)
	left, err := filepath.Glob(".cupel-*")
	require.NoError(t, err)
	require.Empty(t, left)

	require.NoError(t, b.execute("results", "7", "--out", "r"))
	require.Equal(t, 1, *goodHits, "a result that is there is not fetched again")
}

func TestFetchRefusesOtherBytes(t *testing.T) {
	t.Chdir(t.TempDir())
	wrong, _ := serve(t, http.StatusOK, []byte("something else"))
	b, _ := agreed(t, wrong, wrong)
	err := b.execute("results", "7/0")
	require.Equal(t, exit.VerificationFailed, exit.Code(err))
	require.ErrorContains(t, err, "provider 1: the bytes have another sha256 than the chain says; provider 2: ")
	require.NoDirExists(t, "job-28672")
}

func TestFetchRefusesTooMuch(t *testing.T) {
	dir := t.TempDir()
	_, err := saveVerified(&endless{}, digestOf("x"), 1000, dir)
	require.ErrorIs(t, err, errMismatch)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestFetchRefusesWhatIsNoArtifact(t *testing.T) {
	t.Chdir(t.TempDir())
	good, _ := serve(t, http.StatusOK, []byte("not an artifact"))
	b, _ := agreed(t, good)
	b.market.frames[0].tasks[0].Result.Digest = digestOf("not an artifact")
	require.Equal(t, exit.VerificationFailed, exit.Code(b.execute("results", "7")))
	require.NoDirExists(t, "job-28672")
}

func TestFetchUnreachable(t *testing.T) {
	t.Chdir(t.TempDir())
	gone, hits := serve(t, http.StatusBadGateway, nil)
	b, _ := agreed(t, gone, "http://127.0.0.1:1")
	delete(b.registry.endpoints, "2")
	err := b.execute("results", "7")
	require.Equal(t, exit.NetworkUnreachable, exit.Code(err))
	require.Equal(t, fetchRounds, *hits)
	require.ErrorContains(t, err, "cupeld job results 7/0")
	require.ErrorContains(t, err, "provider 2 is not known")
}

func TestResultsKeepsOtherFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	_, data := agreed(t)
	good, hits := serve(t, http.StatusOK, data)
	b, _ := agreed(t, good)
	require.NoError(t, os.MkdirAll("mine", 0o700))
	require.NoError(t, os.WriteFile("mine/thesis.txt", []byte("x"), 0o600))
	err := b.execute("results", "7", "--out", "mine")
	require.Equal(t, exit.Failure, exit.Code(err))
	require.ErrorContains(t, err, "--out")
	require.Zero(t, *hits)
	require.FileExists(t, "mine/thesis.txt")
}

func TestResultsOfABatch(t *testing.T) {
	t.Chdir(t.TempDir())
	_, data := agreed(t)
	good, _ := serve(t, http.StatusOK, data)
	b, _ := agreed(t, good)
	v := frame(markettypes.TaskAgreed, markettypes.TaskAgreed)
	for i := range v.tasks {
		v.tasks[i].Result.Digest, v.tasks[i].Right = digestOf(string(data)), []uint32{1}
	}
	b.market.frames = []snapshot{v}
	require.NoError(t, b.execute("results", "7", "--out", "all"))
	require.FileExists(t, "all/0000/stdout")
	require.FileExists(t, "all/0001/stdout")
	require.NoError(t, b.execute("results", "7"))
	require.FileExists(t, "job-28673/stdout")
}

func TestResultsBeforeAndWithoutResult(t *testing.T) {
	b := newBench()
	b.market.frames = []snapshot{frame(markettypes.TaskAssigned)}
	require.Equal(t, exit.WaitTimedOut, exit.Code(b.execute("results", "7")))
	require.Equal(t, exit.WaitTimedOut, exit.Code(b.execute("logs", "7")))
	b.market.frames = []snapshot{frame(markettypes.TaskFailed)}
	require.Equal(t, exit.JobFailed, exit.Code(b.execute("results", "7")))
	require.Equal(t, exit.JobFailed, exit.Code(b.execute("logs", "7/0")))
}

func TestLogs(t *testing.T) {
	_, data := agreed(t)
	good, _ := serve(t, http.StatusOK, data)
	b, _ := agreed(t, good)
	require.NoError(t, b.execute("logs", "28672"))
	require.Equal(t, "hello\n", b.stdout.String())
	require.Equal(t, "warn\n", b.stderr.String())

	b, _ = agreed(t, good)
	require.NoError(t, b.execute("logs", "7", "-o", "json"))
	require.JSONEq(t, `{"type":"logs","task":28672,"stdout":"hello\n","stderr":"warn\n"}`, b.stdout.String())

	b, _ = agreed(t, good)
	b.market.frames = []snapshot{frame(markettypes.TaskAgreed, markettypes.TaskAgreed)}
	require.Equal(t, exit.UsageError, exit.Code(b.execute("logs", "7")))
}

func TestFetchStopsWhenInterrupted(t *testing.T) {
	b, _ := agreed(t, "http://127.0.0.1:1")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	v := b.market.frames[0]
	_, err := b.fetch(ctx, v.Batch, v.tasks[0], t.TempDir())
	require.ErrorIs(t, err, context.Canceled)
}
