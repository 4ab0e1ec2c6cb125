// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/bytecodealliance/wasmtime-go/v44"
	"github.com/moby/moby/client"

	"github.com/cupel-network/cupel/testutil/dockerd"
	"github.com/cupel-network/cupel/testutil/images"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/worker/crash"
)

// KillFigures are what the phase of the kills counts.
type KillFigures struct {
	// Jobs were submitted, Settled are those that paid each seat.
	Jobs, Settled int
	// Kills are workers ended by kill -9, Points how many at each point.
	Kills  int
	Points map[string]int
	// Lost are seats without a reward, Doubles seats with two commits or two
	// reveals, Slashed providers whose bond or standing suffered, and Orphans
	// containers, processes, mounts and files that nobody removed.
	Lost, Doubles, Slashed, Orphans int
	// Repeated are commitments that were sent once more, the same to the byte,
	// which changes nothing on chain.
	Repeated int
}

const (
	// victims is the number of providers and of replicas of each job, so that
	// every provider has a seat in every job, and dies in it.
	victims = 7
	// KillRepeatsPR is how often each point is met in a pull request.
	KillRepeatsPR = 1
	// KillRepeats is how often each point is met at full scale.
	KillRepeats = 20
	// dieWithin bounds the time from a job's submit to the last death in it.
	dieWithin = 2 * time.Minute
)

// Engines whose jobs the victims run.
const (
	engineWASM      = "wasm"
	engineContainer = "container"
)

// KillsIn returns the number of kills of a run: each point in each engine as
// often as repeats says.
func KillsIn(engines, repeats int) int { return engines * repeats * len(crash.Points()) }

// round is one job and where each victim dies in it.
type round struct {
	engine string
	points [victims]crash.Point
}

// rounds spreads all points over jobs: two jobs per engine and repeat, and in
// each repeat another victim for a point.
func rounds(engines []string, repeats int) (all []round) {
	points := crash.Points()
	for repeat := range repeats {
		for half := 0; half < len(points); half += victims {
			for _, engine := range engines {
				r := round{engine: engine}
				for i := range victims {
					r.points[i] = points[(half+i+repeat)%len(points)]
				}
				all = append(all, r)
			}
		}
	}
	return all
}

// kills is a network whose workers die all the time.
type kills struct {
	*net.Local
	daemon *dockerd.Daemon
	docker *client.Client
	image  string
	module []byte
	rounds []round
	// first is the batch of the first round; the others follow.
	first uint64

	mu      sync.Mutex
	figures KillFigures
	err     error
}

// Kills settles jobs while every worker is killed in every one of them, each at
// another point of its work on it: crashing is a worker built for that. The
// next job is submitted while the restarted workers still recover from the last
// one. Without a daemon only WebAssembly jobs are run. Dir is a folder for all
// files.
func Kills(ctx context.Context, dir string, binaries net.Binaries, crashing string, daemon *dockerd.Daemon, repeats int) (figures KillFigures, err error) {
	k := &kills{daemon: daemon, figures: KillFigures{Points: make(map[string]int)}}
	engines := []string{engineWASM}
	if daemon != nil {
		engines = append(engines, engineContainer)
	}
	k.rounds = rounds(engines, repeats)
	defer func() {
		figures = k.figures
		if err != nil && k.Local != nil {
			err = fmt.Errorf("%w\n%s", err, k.Tails(40))
		}
		err = errors.Join(err, k.stop())
	}()
	if err := k.start(ctx, dir, binaries, crashing); err != nil {
		return k.figures, err
	}
	if err := k.run(ctx); err != nil {
		return k.figures, err
	}
	return k.figures, k.audit(ctx)
}

func (k *kills) start(ctx context.Context, dir string, binaries net.Binaries, crashing string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	// A path of its own tells the processes of this run from all others.
	own := filepath.Join(dir, "cupel-worker")
	if err := copyFile(crashing, own); err != nil {
		return err
	}
	if err := k.programs(ctx); err != nil {
		return err
	}
	params := net.Params{WindowTicks: 5, CommitTicks: 900, RevealTicks: 600, MinTickMS: 1, AuditFloorBPS: 500, EpochBlocks: 3}
	setup := net.Setup{
		Binaries: binaries, Dir: filepath.Join(dir, "net"), ChainID: "cupel-kills-1", Validators: 1, BlockTime: 250 * time.Millisecond,
		// One job may begin while the last one ends.
		Edits: append(params.Edits(), net.ContainerClasses(),
			net.Edit{Path: "app_state.registry.params.tiers.0.slots", Value: 4},
			net.Edit{Path: "app_state.registry.params.tiers.1.slots", Value: 4}),
		Workers: map[int]string{},
	}
	for i := range victims {
		setup.Workers[i] = own
		setup.Offers = append(setup.Offers, net.Offer{
			Price: 10_000, Bond: net.Bond, Poll: 150 * time.Millisecond, Files: []string{filepath.Join(dir, "net", "jobs")},
			Asks: map[string]uint64{net.ContainerClass: 1_000},
		})
	}
	var err error
	if k.Local, err = net.NewLocal(ctx, setup); err != nil {
		return err
	}
	if err := k.Start(ctx); err != nil {
		return err
	}
	if k.daemon != nil {
		for _, p := range k.Providers {
			if err := useContainers(p, k.daemon.Host); err != nil {
				return err
			}
		}
	}
	return k.Register(ctx)
}

// programs makes what the jobs run.
func (k *kills) programs(ctx context.Context) (err error) {
	if k.module, err = wasmtime.Wat2Wasm(fmt.Sprintf(guestText, passes)); err != nil || k.daemon == nil {
		return err
	}
	if k.docker, err = client.New(client.WithHost(k.daemon.Host)); err != nil {
		return err
	}
	k.image, err = images.Guest(ctx, k.docker, nil)
	return err
}

// run goes through all rounds and waits until all jobs are settled.
func (k *kills) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var settling sync.WaitGroup
	defer settling.Wait()
	defer cancel()
	for n := range k.rounds {
		batch, err := k.submit(ctx, n)
		if err != nil {
			return err
		}
		if n == 0 {
			// The victims must know the batch in which they die.
			k.first = batch
			err = net.Parallel(victims, func(i int) error { return k.arm(i, 0) })
		}
		if batch != k.first+uint64(n) || err != nil {
			return errors.Join(err, fmt.Errorf("round %d is batch %d, the first one was %d", n, batch, k.first))
		}
		if err := net.Parallel(victims, func(i int) error { return k.kill(ctx, i, n) }); err != nil {
			return err
		}
		settling.Go(func() { _ = k.note(k.settle(ctx, n)) })
		if err := k.note(nil); err != nil {
			return err
		}
	}
	settling.Wait()
	return k.note(nil)
}

// note keeps the first error of the background and returns it.
func (k *kills) note(err error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err == nil {
		k.err = err
	}
	return k.err
}

// arm starts a victim so that it dies in a round, or lives if there is no such
// round.
func (k *kills) arm(victim, n int) error {
	if n == len(k.rounds) {
		return k.Providers[victim].StartWorker()
	}
	return k.Providers[victim].StartWorker(fmt.Sprintf("%s=%s@%d", crash.Env, k.rounds[n].points[victim], k.first+uint64(n)))
}

// kill waits for the death of a victim in a round and starts it again.
func (k *kills) kill(ctx context.Context, victim, n int) error {
	p, point := k.Providers[victim], k.rounds[n].points[victim]
	waiting, cancel := context.WithTimeout(ctx, dieWithin)
	defer cancel()
	if err := p.Process().Wait(waiting); err == nil || waiting.Err() != nil || !p.Process().Killed() {
		return fmt.Errorf("round %d: %s did not die by SIGKILL at %s of a %s job (dead: %v): %w", n, p.Name, point, k.rounds[n].engine, k.dead(), err)
	}
	k.mu.Lock()
	k.figures.Kills++
	k.figures.Points[k.rounds[n].engine+" "+string(point)]++
	k.mu.Unlock()
	return k.arm(victim, n+1)
}

// dead lists the victims that do not run: one that died before its round keeps
// the others from dying in theirs.
func (k *kills) dead() (names []string) {
	for _, p := range k.Providers {
		if !p.Process().Running() {
			names = append(names, p.Name)
		}
	}
	return names
}

// settle waits until each seat of a round's job is paid and looks at the result.
func (k *kills) settle(ctx context.Context, n int) error {
	batch := k.first + uint64(n)
	task, err := k.WaitFinal(ctx, net.TaskOf(batch))
	if err != nil {
		return fmt.Errorf("round %d: %w", n, err)
	}
	k.mu.Lock()
	k.figures.Lost += victims - len(task.Right)
	k.mu.Unlock()
	if task.State != net.Settled || len(task.Right) != victims {
		return fmt.Errorf("round %d: the %s task ended as %s (%s), unpaid are %v", n, k.rounds[n].engine, task.State, task.Reason, k.unpaid(n, task))
	}
	results := filepath.Join(k.Dir, "results", fmt.Sprint(n))
	if err := k.Results(ctx, batch, results); err != nil {
		return fmt.Errorf("round %d: %w", n, err)
	}
	if err := k.check(n, results); err != nil {
		return fmt.Errorf("round %d: %w", n, err)
	}
	k.mu.Lock()
	k.figures.Settled++
	k.mu.Unlock()
	return nil
}

// unpaid lists the victims without a reward, and where they died.
func (k *kills) unpaid(n int, task net.Task) (names []string) {
	for i, p := range k.Providers {
		if !slices.Contains(task.Right, p.ID) {
			names = append(names, fmt.Sprintf("%s killed at %s", p.Name, k.rounds[n].points[i]))
		}
	}
	return names
}

func (k *kills) stop() error {
	var all []error
	if k.Local != nil {
		all = append(all, k.Kill())
	}
	if k.docker != nil {
		all = append(all, k.docker.Close())
	}
	return errors.Join(all...)
}
