// SPDX-License-Identifier: Apache-2.0

// Package e2e tests whole networks: validators and workers as processes,
// driven through the binaries that people use.
package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/jobs/sample"
	"github.com/cupel-network/cupel/testutil/net"
)

const (
	// ceiling is the price of the tests' jobs and ask that of all providers,
	// in ucupel per 10^9 fuel.
	ceiling = 500_000
	ask     = 200_000
)

// params are short windows in generous phases: a phase ends early when all
// have answered, and machines that run tests are slow.
func params() net.Params {
	return net.Params{WindowTicks: 5, CommitTicks: 300, RevealTicks: 150, MinTickMS: 1, AuditFloorBPS: 500, EpochBlocks: 3}
}

// world is a network under test.
type world struct {
	*net.Local
	t      testing.TB
	ctx    context.Context
	module string
	root   string
}

// newWorld makes a network of n providers that is stopped, and whose logs are
// shown, when the test fails or ends. edit changes the setup.
func newWorld(t testing.TB, n int, limit time.Duration, p net.Params, edit func(*net.Setup)) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	root, err := net.Root()
	require.NoError(t, err)
	module, err := sample.Build(ctx, root)
	require.NoError(t, err)
	s := net.Setup{
		Binaries: binaries(t), Dir: dir, ChainID: "cupel-e2e-1", Validators: 1, BlockTime: 300 * time.Millisecond,
		Edits: p.Edits(), Workers: map[int]string{},
	}
	for range n {
		s.Offers = append(s.Offers, net.Offer{
			Price: ask, Bond: net.Bond, Poll: 150 * time.Millisecond, Files: []string{filepath.Join(dir, "jobs")},
		})
	}
	if edit != nil {
		edit(&s)
	}
	l, err := net.NewLocal(ctx, s)
	if l != nil {
		t.Cleanup(func() {
			if t.Failed() {
				t.Log(l.Tails(40))
			}
			require.NoError(t, l.Kill())
		})
	}
	require.NoError(t, err)
	require.NoError(t, l.Start(ctx))
	require.NoError(t, l.Register(ctx))
	return &world{Local: l, t: t, ctx: ctx, module: module, root: root}
}

// binaries are those of make build, or built now.
func binaries(t testing.TB) net.Binaries {
	t.Helper()
	b, err := net.Current(t.Context())
	require.NoError(t, err)
	return b
}

// need skips a test where it cannot run. With CUPEL_REQUIRE_ALL it runs, and
// fails, anywhere.
func need(t testing.TB) {
	t.Helper()
	switch {
	case os.Getenv("CUPEL_REQUIRE_ALL") != "":
	case testing.Short():
		t.Skip("-short: this test runs a network for a minute")
	case runtime.GOARCH != "amd64":
		t.Skip("the class " + net.Class + " needs an amd64 machine, this one is " + runtime.GOARCH)
	}
}

func build(t testing.TB, name, pkg string, tags ...string) string {
	t.Helper()
	path, err := net.Build(t.Context(), name, pkg, tags...)
	require.NoError(t, err)
	return path
}

// job writes the sample job; another leaf is another job.
func (w *world) job(leaf int) (file, dir string) {
	w.t.Helper()
	dir = filepath.Join(w.Dir, "jobs", fmt.Sprint(leaf))
	file, err := sample.Copy(w.root, w.module, dir, ceiling, leaf)
	require.NoError(w.t, err)
	return file, dir
}

// submit submits a job and returns its batch.
func (w *world) submit(file string) uint64 {
	w.t.Helper()
	batch, err := w.Submit(w.ctx, file)
	require.NoError(w.t, err)
	return batch
}

// final waits until a batch's first task has ended.
func (w *world) final(batch uint64) net.Task {
	w.t.Helper()
	task, err := w.WaitFinal(w.ctx, net.TaskOf(batch))
	require.NoError(w.t, err, "task %+v", task)
	return task
}

// provider returns a provider's account on chain.
func (w *world) provider(p *net.Provider) net.ProviderAccount {
	w.t.Helper()
	account, err := w.Provider(w.ctx, 0, p.Operator.Address)
	require.NoError(w.t, err)
	return account
}

// earned returns what a provider's payout account holds.
func (w *world) earned(p *net.Provider) uint64 {
	w.t.Helper()
	amount, err := w.Balance(w.ctx, 0, p.Payout.Address)
	require.NoError(w.t, err)
	return amount
}

// checkResult fetches a result as the requester does and computes it again.
func (w *world) checkResult(batch uint64, jobDir string) {
	w.t.Helper()
	dir := filepath.Join(w.Dir, "results", fmt.Sprint(batch))
	require.NoError(w.t, w.Results(w.ctx, batch, dir))
	require.NoError(w.t, sample.Check(jobDir, dir))
}

// checkLedger compares what the market says of a settled batch with itself.
func (w *world) checkLedger(batch uint64) net.Tally {
	w.t.Helper()
	t, err := w.Tally(w.ctx, 0, batch)
	require.NoError(w.t, err)
	require.Zero(w.t, t.Escrow)
	require.Equal(w.t, t.Escrowed, t.Paid+t.Treasury+t.Pooled+t.Burned+t.Refunded)
	return t
}
