// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"
	"gopkg.in/yaml.v3"

	"github.com/cupel-network/cupel/testutil/dockerd"
	"github.com/cupel-network/cupel/testutil/images"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/worker"
)

// SoakFigures are what the soak counts. Where three numbers are given, they
// are medians of the first, second and last third of the run.
type SoakFigures struct {
	// Jobs are tasks that ended, Settled those that were paid, Unpaid those
	// that ended for a reason of the host's as they should. Ran is how many
	// runs the worker says it made, cases included.
	Jobs, Settled, Unpaid, Ran int
	// RSS is the memory of the worker's process in MiB.
	RSS, FDs, Goroutines [3]int
	// JournalKiB is the size of the journal, CacheMiB the most that the inputs
	// took, Evicted how many of them had to go.
	JournalKiB, CacheMiB, Evicted int
}

// SoakJobs is the number of jobs of a full soak, SoakJobsPR that of a short one:
// one batch of every kind.
const (
	SoakJobs   = 500
	SoakJobsPR = 17 * soakWidth
)

const (
	// soakSeats is the number of replicas: each task runs once on the worker
	// that is watched and once on its partner.
	soakSeats = 2
	// soakWidth is the number of tasks of one batch.
	soakWidth = 4
	// soakAbreast is how many batches are under way at once.
	soakAbreast = 6
	// soakBond is that of a provider without a limit of slots, soakCount how many
	// it offers: a batch that finds no slot ten times is not matched again by
	// itself.
	soakBond, soakCount = 100_000 * net.CUPEL, 64
	// soakCacheMiB is the limit of the worker's inputs. Each round of all kinds
	// brings 12 MiB of new ones, and the modules take 6.
	soakCacheMiB = 15
	// soakTicks is how long the chain remembers what is over, soakRetention how
	// long the worker remembers what the chain forgot.
	soakTicks, soakRetention = "20", 2 * time.Second
)

// soak is a network of a worker that is watched, its partner, and one that is
// too dear for ordinary seats and does the audits.
type soak struct {
	*net.Local
	daemon  *dockerd.Daemon
	docker  *client.Client
	temp    string
	shelf   shelf
	watch   *watch
	submits sync.Mutex
	mu      sync.Mutex
	figures SoakFigures
}

// Soak lets one worker run many jobs of all kinds and endings, and looks for
// what it does not give back. Dir is a folder for all files.
func Soak(ctx context.Context, dir string, binaries net.Binaries, daemon *dockerd.Daemon, jobs int) (figures SoakFigures, err error) {
	s := &soak{daemon: daemon}
	defer func() {
		figures = s.figures
		if err != nil && s.Local != nil {
			err = fmt.Errorf("%w\n%s", err, s.Tails(30))
		}
		err = errors.Join(err, s.stop())
	}()
	if err := s.start(ctx, dir, binaries); err != nil {
		return s.figures, err
	}
	s.watch = newWatch(s.Providers[0])
	if err := s.watch.ready(ctx); err != nil {
		return s.figures, err
	}
	if err := s.runAll(ctx, jobs); err != nil {
		return s.figures, err
	}
	return s.figures, errors.Join(s.steady(), s.clean(ctx))
}

func (s *soak) start(ctx context.Context, dir string, binaries net.Binaries) (err error) {
	if s.docker, err = client.New(client.WithHost(s.daemon.Host)); err != nil {
		return err
	}
	s.shelf.dir, s.temp = filepath.Join(dir, "net", "jobs"), filepath.Join(dir, "temp")
	if s.shelf.image, err = images.Guest(ctx, s.docker, nil); err != nil {
		return err
	}
	params := net.Params{WindowTicks: 5, CommitTicks: 600, RevealTicks: 300, MinTickMS: 1, AuditFloorBPS: 500, EpochBlocks: 3}
	setup := net.Setup{
		Binaries: binaries, Dir: filepath.Join(dir, "net"), ChainID: "cupel-soak-1", Validators: 1, BlockTime: 300 * time.Millisecond,
		Edits: append(params.Edits(), net.ContainerClasses(), net.Edit{Path: "app_state.market.params.0.params.retention_ticks", Value: soakTicks}),
	}
	for _, price := range []uint64{500, 500, 100_000} {
		setup.Offers = append(setup.Offers, net.Offer{
			Price: price, Bond: soakBond, Poll: 150 * time.Millisecond, Files: []string{s.shelf.dir},
			Asks: map[string]uint64{net.ContainerClass: price},
		})
	}
	if s.Local, err = net.NewLocal(ctx, setup); err != nil {
		return err
	}
	if err := errors.Join(os.MkdirAll(s.temp, 0o700), s.shelf.stock(ctx), s.Start(ctx)); err != nil {
		return err
	}
	if err := s.enrich(ctx); err != nil {
		return err
	}
	if err := s.Register(ctx); err != nil {
		return err
	}
	for _, p := range s.Providers {
		if err := errors.Join(s.configure(p), p.StartWorker("TMPDIR="+s.temp)); err != nil {
			return err
		}
	}
	return nil
}

// enrich gives the providers what they bond, and lets them offer more.
func (s *soak) enrich(ctx context.Context) error {
	for _, p := range s.Providers {
		if _, err := s.Tx(ctx, s.Requester, "bank", "send", s.Requester.Address, p.Operator.Address, fmt.Sprintf("%ducupel", soakBond)); err != nil {
			return err
		}
		profile := filepath.Join(p.Home, "provider.yaml")
		text, err := os.ReadFile(profile)
		if err != nil {
			return err
		}
		more := strings.ReplaceAll(string(text), "count: 4", fmt.Sprint("count: ", soakCount))
		if err := os.WriteFile(profile, []byte(more), 0o600); err != nil { //nolint:gosec // G703: the path is the test's own
			return err
		}
	}
	return nil
}

// configure makes a worker remember less and for a shorter time, so that it
// forgets while one looks.
func (s *soak) configure(p *net.Provider) error {
	cfg, err := worker.LoadConfig(p.WorkerHome)
	if err != nil {
		return err
	}
	cfg.Artifacts.MaxMiB, cfg.Artifacts.CacheMiB = 8, soakCacheMiB
	cfg.Work.FetchFor, cfg.Work.Retention = 10*time.Second, soakRetention
	cfg.Engines.Container.Enabled, cfg.Engines.Container.Host = true, s.daemon.Host
	cfg.Engines.Container.CPUs = 2
	raw, err := yaml.Marshal(cfg)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.WorkerHome, worker.ConfigName), raw, 0o600)
}

// runAll submits batches of all kinds in turn until there were enough jobs.
func (s *soak) runAll(ctx context.Context, jobs int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	looking, stop := context.WithCancel(ctx)
	looked := make(chan error, 1)
	go func() {
		err := s.watch.run(looking)
		if err != nil {
			cancel() // what nobody watches need not go on
		}
		looked <- err
	}()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(soakAbreast)
	kinds := soakKinds()
	for i := 0; i*soakWidth < jobs && ctx.Err() == nil; i++ {
		g.Go(func() error {
			k := kinds[i%len(kinds)]
			if err := s.run(ctx, i, k); err != nil {
				return fmt.Errorf("batch %d, %s: %w", i, k.name, err)
			}
			return nil
		})
	}
	err := g.Wait()
	stop()
	return errors.Join(err, <-looked)
}

// run submits a batch and waits for how its tasks end.
func (s *soak) run(ctx context.Context, i int, k kind) error {
	file, err := s.shelf.write(i, k)
	if err != nil {
		return err
	}
	s.submits.Lock()
	batch, err := s.Submit(ctx, file)
	s.submits.Unlock()
	if err != nil {
		return err
	}
	for index := range uint64(soakWidth) {
		task, err := s.WaitFinal(ctx, net.TaskOf(batch)+index)
		if err != nil {
			return err
		}
		if err := s.count(k, task); err != nil {
			return fmt.Errorf("task %d: %w", index, err)
		}
	}
	return nil
}

// count compares the end of a task with what its kind promises.
func (s *soak) count(k kind, task net.Task) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.figures.Jobs++
	switch {
	case k.reason != "" && task.State == "TASK_STATE_FAILED" && task.Reason == k.reason:
		s.figures.Unpaid++
	case k.reason == "" && task.State == net.Settled && task.Result.Outcome == k.outcome && len(task.Right) >= soakSeats: // an audited one has more
		s.figures.Settled++
	default:
		return fmt.Errorf("it ended as %s (%s) with %s and %d seats paid, not with %s%s", task.State, task.Reason, task.Result.Outcome, len(task.Right), k.outcome, k.reason)
	}
	return nil
}

func (s *soak) stop() error {
	var all []error
	if s.Local != nil {
		all = append(all, s.Kill())
	}
	if s.docker != nil {
		all = append(all, s.docker.Close())
	}
	return errors.Join(all...)
}

// clean waits until the worker has forgotten everything, stops it as a service
// manager does, and looks for what it left.
func (s *soak) clean(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	home := s.Providers[0].WorkerHome
	err := net.Until(ctx, 500*time.Millisecond, func() (bool, error) {
		kept, err := os.ReadDir(filepath.Join(home, "results"))
		return len(kept) == 0, err
	})
	if err != nil {
		return fmt.Errorf("results are kept for ever: %w", err)
	}
	left, err := s.leftovers(ctx)
	if err != nil || len(left) > 0 {
		return errors.Join(err, fmt.Errorf("what nobody needs is still there: %s", strings.Join(left, ", ")))
	}
	s.Providers[0].Process().Stop()
	return errors.Join(s.evictions(), s.journal(filepath.Join(home, "journal.db")))
}
