// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cupel-network/cupel/testutil/jobs/sample"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/slurm"
)

// SlurmFigures are what the phase of the fleets counts.
type SlurmFigures struct {
	// Jobs were sent to Slurm and ended there, Settled are tasks paid on chain.
	Jobs, Settled int
	// Kills are workers ended by kill -9, Twice jobs that were sent again.
	Kills, Twice int
	// Lost are seats without a reward, Slashed providers whose bond shrank.
	Lost, Slashed int
}

// slurmReplicas is the number of replicas of the job and of providers.
const slurmReplicas = 3

// fleet is a network whose workers send their jobs to one cluster.
type fleet struct {
	*net.Local
	cluster *slurm.Cluster
	root    string
	module  string
	figures SlurmFigures
}

// Slurm settles jobs that run in a Slurm cluster: first one in peace, then one
// for each worker that is killed while its job is on its way through the
// cluster. Dir is a folder for all files.
func Slurm(ctx context.Context, dir string, binaries net.Binaries) (figures SlurmFigures, err error) {
	f := &fleet{}
	defer func() { //nolint:contextcheck // what runs is ended also after ctx has ended
		figures = f.figures
		if err != nil && f.Local != nil {
			err = fmt.Errorf("%w\n%s", err, f.Tails(40))
		}
		err = errors.Join(err, f.stop())
	}()
	if err := f.start(ctx, dir, binaries); err != nil {
		return f.figures, err
	}
	if err := f.settle(ctx, 1, func() error { return nil }); err != nil {
		return f.figures, fmt.Errorf("a job in peace: %w", err)
	}
	for i, p := range f.Providers {
		pattern := filepath.Join(p.WorkerHome, "fleet", "*", "runs", "*", "1", killAt[i])
		before, err := filepath.Glob(pattern)
		if err != nil {
			return f.figures, err
		}
		if err := f.settle(ctx, 2+i, func() error { return f.kill(ctx, p, pattern, len(before)) }); err != nil {
			return f.figures, fmt.Errorf("a job whose worker %s is killed after %s: %w", p.Name, killAt[i], err)
		}
	}
	return f.figures, f.audit(ctx)
}

// killAt are files in a job's directory by whose appearance a worker is killed.
var killAt = [slurmReplicas]string{"intent", "slurm-id", "claim"}

func (f *fleet) start(ctx context.Context, dir string, binaries net.Binaries) (err error) {
	if f.root, err = net.Root(); err != nil {
		return err
	}
	if f.module, err = sample.Build(ctx, f.root); err != nil {
		return err
	}
	// Every replica needs a processor; the node may claim more than there are.
	if f.cluster, err = slurm.Start(ctx, filepath.Join(dir, "slurm"), slurm.Options{CPUs: 2 * slurmReplicas}); err != nil {
		return err
	}
	params := net.Params{WindowTicks: 5, CommitTicks: 600, RevealTicks: 300, MinTickMS: 1, AuditFloorBPS: 500, EpochBlocks: 3}
	setup := net.Setup{
		Binaries: binaries, Dir: filepath.Join(dir, "net"), ChainID: "cupel-slurm-1", Validators: 1, BlockTime: 300 * time.Millisecond,
		Edits: params.Edits(),
	}
	for range slurmReplicas {
		setup.Offers = append(setup.Offers, net.Offer{
			Price: 200_000, Bond: net.Bond, Poll: 150 * time.Millisecond, Files: []string{filepath.Join(dir, "net", "jobs")},
		})
	}
	if f.Local, err = net.NewLocal(ctx, setup); err != nil {
		return err
	}
	if err := f.Start(ctx); err != nil {
		return err
	}
	if err := f.Register(ctx); err != nil {
		return err
	}
	for _, p := range f.Providers {
		if err := errors.Join(useSlurm(p), p.StartWorker(f.cluster.Env()...)); err != nil {
			return err
		}
	}
	return nil
}

// useSlurm changes a worker's configuration as its operator would.
func useSlurm(p *net.Provider) error {
	home, err := os.OpenRoot(p.WorkerHome)
	if err != nil {
		return err
	}
	defer home.Close()
	const name = "config.yaml"
	raw, err := home.ReadFile(name)
	if err != nil {
		return err
	}
	before, after, found := strings.Cut(string(raw), "    slurm:\n")
	before, wasm, hasWASM := strings.Cut(before, "    wasm:\n")
	if !found || !hasWASM {
		return fmt.Errorf("%s of %s has no engines.wasm and engines.slurm", name, p.Name)
	}
	wasm = strings.Replace(wasm, `fleet: ""`, "fleet: slurm", 1)
	after = strings.Replace(after, "poll: 2s", "poll: 300ms", 1)
	return home.WriteFile(name, []byte(before+"    wasm:\n"+wasm+"    slurm:\n"+after), 0o600)
}

// settle submits a job, lets something happen and waits for the money.
func (f *fleet) settle(ctx context.Context, leaf int, meanwhile func() error) error {
	dir := filepath.Join(f.Dir, "jobs", fmt.Sprint(leaf))
	file, err := sample.Copy(f.root, f.module, dir, 500_000, leaf)
	if err != nil {
		return err
	}
	batch, err := f.Submit(ctx, file)
	if err != nil {
		return err
	}
	if err := meanwhile(); err != nil {
		return err
	}
	task, err := f.WaitFinal(ctx, net.TaskOf(batch))
	if err != nil {
		return err
	}
	f.figures.Lost += slurmReplicas - len(task.Right)
	if task.State != net.Settled {
		return fmt.Errorf("the task ended as %s (%s)", task.State, task.Reason)
	}
	f.figures.Settled++
	results := filepath.Join(f.Dir, "results", fmt.Sprint(leaf))
	if err := f.Results(ctx, batch, results); err != nil {
		return err
	}
	return sample.Check(dir, results)
}

// kill ends a worker once there are more than so many files of a pattern, and
// starts it again.
func (f *fleet) kill(ctx context.Context, p *net.Provider, pattern string, before int) error {
	err := net.Until(ctx, 5*time.Millisecond, func() (bool, error) {
		now, err := filepath.Glob(pattern)
		return len(now) > before, err
	})
	if err != nil {
		return fmt.Errorf("%s got no job: %w", p.Name, err)
	}
	p.Process().Kill()
	f.figures.Kills++
	return p.StartWorker(f.cluster.Env()...)
}

// audit counts what Slurm and the chain remember.
func (f *fleet) audit(ctx context.Context) error {
	out, err := f.cluster.Command(ctx, "squeue", "--noheader", "--states=all", "--format=%j %T")
	if err != nil {
		return err
	}
	seen := make(map[string]bool)
	for line := range strings.Lines(out) {
		name, state, _ := strings.Cut(strings.TrimSpace(line), " ")
		if seen[name] {
			f.figures.Twice++
		}
		seen[name] = true
		if state == "COMPLETED" {
			f.figures.Jobs++
		}
	}
	for _, p := range f.Providers {
		account, err := f.Provider(ctx, 0, p.Operator.Address)
		if err != nil {
			return err
		}
		if account.Bond != net.Bond || account.Slashed != 0 {
			f.figures.Slashed++
		}
	}
	if want := slurmReplicas * f.figures.Settled; f.figures.Jobs != want || f.figures.Twice+f.figures.Lost+f.figures.Slashed > 0 {
		return fmt.Errorf("%d jobs in Slurm for %d seats: %+v\n%s", f.figures.Jobs, want, f.figures, out)
	}
	return nil
}

func (f *fleet) stop() error {
	var all []error
	if f.Local != nil {
		all = append(all, f.Kill())
	}
	if f.cluster != nil {
		all = append(all, f.cluster.Stop())
	}
	return errors.Join(all...)
}
