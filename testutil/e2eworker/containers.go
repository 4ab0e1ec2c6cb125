// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/client"

	"github.com/cupel-network/cupel/testutil/dockerd"
	"github.com/cupel-network/cupel/testutil/images"
	"github.com/cupel-network/cupel/testutil/net"
)

// ContainerFigures are what the phase of the containers counts.
type ContainerFigures struct {
	// Jobs were run, Settled are those that were paid as they should be.
	Jobs, Settled int
	// Kills are workers ended by kill -9, Twice containers that started again.
	Kills, Twice int
	// NoPython is why no job ran in Python, empty if one did.
	NoPython string
	// Lost are seats without a reward, Slashed providers whose bond shrank, and
	// Orphans containers that nobody removed.
	Lost, Slashed, Orphans int
}

// replicas is the number of replicas of a job, and of providers.
const replicas = 3

// containers is a network whose workers run containers on one daemon.
type containers struct {
	*net.Local
	daemon  *dockerd.Daemon
	docker  *client.Client
	image   string
	jobs    int
	figures ContainerFigures
}

// Containers settles container jobs: in peace, with another exit code, in
// Python where there is an image of it, and one for each worker that is killed
// while its container is on its way. Dir is a folder for all files.
func Containers(ctx context.Context, dir string, binaries net.Binaries, daemon *dockerd.Daemon) (figures ContainerFigures, err error) {
	c := &containers{daemon: daemon}
	defer func() {
		figures = c.figures
		if err != nil && c.Local != nil {
			err = fmt.Errorf("%w\n%s", err, c.Tails(40))
		}
		err = errors.Join(err, c.stop())
	}()
	if err := c.start(ctx, dir, binaries); err != nil {
		return c.figures, err
	}
	nothing := func() error { return nil }
	if err := c.settle(ctx, job{args: "[hello, a, b]", want: map[string]string{"stdout": "hello a b\n"}}, nothing); err != nil {
		return c.figures, fmt.Errorf("a job in peace: %w", err)
	}
	if err := c.settle(ctx, job{args: "[cat, /in/data, /nothing]", input: "input\n", outcome: "OUTCOME_EXIT", want: map[string]string{"stdout": "input\n"}}, nothing); err != nil {
		return c.figures, fmt.Errorf("a job that fails: %w", err)
	}
	if err := c.python(ctx); err != nil {
		return c.figures, fmt.Errorf("a job in Python: %w", err)
	}
	for i, p := range c.Providers {
		j := job{args: "[sleep, '6000']", want: map[string]string{"stdout": "slept 6000\n", "out/starts": "started\n"}}
		if err := c.settle(ctx, j, func() error { return c.kill(ctx, p, time.Duration(i)*3*time.Second) }); err != nil {
			return c.figures, fmt.Errorf("a job whose worker %s is killed: %w", p.Name, err)
		}
	}
	return c.figures, c.audit(ctx)
}

// ContainerJobs is the number of jobs that Containers settles without Python.
const ContainerJobs = 2 + replicas

// python settles a job in a Debian with Python, where one can be made.
func (c *containers) python(ctx context.Context) error {
	id, err := images.Python(ctx, c.docker)
	if err != nil && os.Getenv("CUPEL_REQUIRE_ALL") == "" {
		c.figures.NoPython = err.Error()
		return nil
	}
	if err != nil {
		return err
	}
	const program = "import hashlib, sys\nopen('/out/digest', 'w').write(hashlib.sha256(open('/in/data', 'rb').read()).hexdigest())\nprint(sys.version_info[0])\n"
	return c.settle(ctx, job{
		image: id, command: "python3, -c, " + strconv.Quote(program), args: "[]", input: "input\n",
		want: map[string]string{"stdout": "3\n", "out/digest": fmt.Sprintf("%x", sha256.Sum256([]byte("input\n")))},
	}, func() error { return nil })
}

func (c *containers) start(ctx context.Context, dir string, binaries net.Binaries) (err error) {
	if c.docker, err = client.New(client.WithHost(c.daemon.Host)); err != nil {
		return err
	}
	if c.image, err = images.Guest(ctx, c.docker, nil); err != nil {
		return err
	}
	params := net.Params{WindowTicks: 5, CommitTicks: 600, RevealTicks: 300, MinTickMS: 1, AuditFloorBPS: 500, EpochBlocks: 3}
	setup := net.Setup{
		Binaries: binaries, Dir: filepath.Join(dir, "net"), ChainID: "cupel-containers-1", Validators: 1, BlockTime: 300 * time.Millisecond,
		Edits: append(params.Edits(), net.ContainerClasses()),
	}
	for range replicas {
		setup.Offers = append(setup.Offers, net.Offer{
			Price: 200_000, Bond: net.Bond, Poll: 150 * time.Millisecond, Files: []string{filepath.Join(dir, "net", "jobs")},
			Asks: map[string]uint64{net.ContainerClass: 1_000},
		})
	}
	if c.Local, err = net.NewLocal(ctx, setup); err != nil {
		return err
	}
	if err := c.Start(ctx); err != nil {
		return err
	}
	if err := c.Register(ctx); err != nil {
		return err
	}
	for _, p := range c.Providers {
		if err := errors.Join(useContainers(p, c.daemon.Host), p.StartWorker()); err != nil {
			return err
		}
	}
	return nil
}

// useContainers changes a worker's configuration as its operator would.
func useContainers(p *net.Provider, host string) error {
	path := filepath.Join(p.WorkerHome, "config.yaml")
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, after, found := strings.Cut(string(raw), "    container:\n")
	if !found {
		return fmt.Errorf("%s has no engines.container", path)
	}
	after = strings.Replace(after, "enabled: false", "enabled: true", 1)
	after = strings.Replace(after, "unix:///var/run/docker.sock", host, 1)
	// Three workers on one machine may each use all of it.
	after = strings.Replace(after, "cpus: 0", "cpus: 2", 1)
	return os.WriteFile(path, []byte(before+"    container:\n"+after), 0o600) //nolint:gosec // the path is the test's own
}

// job is what one job file says.
type job struct {
	// image and command are the guest's if they are empty.
	image, command       string
	args, input, outcome string
	want                 map[string]string
}

func (c *containers) write(j job) (file string, err error) {
	c.jobs++
	if j.image == "" {
		j.image, j.command = c.image, images.GuestPath
	}
	dir := filepath.Join(c.Dir, "jobs", fmt.Sprint(c.jobs))
	text := fmt.Sprintf(`apiVersion: cupel/v1
engine: %s
image: %s
command: [%s]
args: %s
env: {JOB: '%d'}
resources: {cpus: 1, memory: 128MiB, scratch: 16MiB}
limits: {wall: 30s, output: 1MiB}
price: {max: 2000ucupel}
replicas: %d
`, net.ContainerClass, j.image, j.command, j.args, c.jobs, replicas)
	if j.input != "" {
		text += "inputs: [{path: data, mount: /in/data}]\n"
	}
	file = filepath.Join(dir, "job.yaml")
	return file, errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "data"), []byte(j.input), 0o644), os.WriteFile(file, []byte(text), 0o644))
}

// settle submits a job, lets something happen, waits for the money and looks at
// the result.
func (c *containers) settle(ctx context.Context, j job, meanwhile func() error) error {
	file, err := c.write(j)
	if err != nil {
		return err
	}
	batch, err := c.Submit(ctx, file)
	if err != nil {
		return err
	}
	c.figures.Jobs++
	if err := meanwhile(); err != nil {
		return err
	}
	task, err := c.WaitFinal(ctx, net.TaskOf(batch))
	if err != nil {
		return err
	}
	c.figures.Lost += replicas - len(task.Right)
	if j.outcome == "" {
		j.outcome = "OUTCOME_OK"
	}
	if task.State != net.Settled || task.Result.Outcome != j.outcome {
		return fmt.Errorf("the task ended as %s (%s) with %s", task.State, task.Reason, task.Result.Outcome)
	}
	if task.Result.Units < 1 || task.Result.Units > 30 {
		return fmt.Errorf("one processor for at most 30 seconds is paid as %d units", task.Result.Units)
	}
	c.figures.Settled++
	results := filepath.Join(c.Dir, "results", fmt.Sprint(c.jobs))
	if err := c.Results(ctx, batch, results); err != nil && j.outcome == "OUTCOME_OK" {
		return err
	}
	return c.compare(results, j.want)
}

func (c *containers) compare(dir string, want map[string]string) error {
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if string(got) != text {
			if name == "out/starts" {
				c.figures.Twice++
			}
			return fmt.Errorf("%s is %q instead of %q", name, got, text)
		}
	}
	return nil
}

// kill ends a worker some time after its container has appeared, and starts it
// again two seconds later.
func (c *containers) kill(ctx context.Context, p *net.Provider, after time.Duration) error {
	pattern := filepath.Join(p.WorkerHome, "containers", "runs", "*", "io", "out", "starts")
	err := net.Until(ctx, 20*time.Millisecond, func() (bool, error) {
		found, err := filepath.Glob(pattern)
		return len(found) > 0, err
	})
	if err != nil {
		return fmt.Errorf("%s got no container: %w", p.Name, err)
	}
	pause(ctx, after)
	p.Process().Kill()
	c.figures.Kills++
	pause(ctx, 2*time.Second)
	return p.StartWorker()
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// audit counts what the daemon and the chain remember.
func (c *containers) audit(ctx context.Context) error {
	err := net.Until(ctx, 200*time.Millisecond, func() (bool, error) {
		left, err := c.docker.ContainerList(ctx, client.ContainerListOptions{All: true})
		c.figures.Orphans = len(left.Items)
		return c.figures.Orphans == 0, err
	})
	if err != nil {
		return err
	}
	for _, p := range c.Providers {
		account, err := c.Provider(ctx, 0, p.Operator.Address)
		if err != nil {
			return err
		}
		if account.Bond != net.Bond || account.Slashed != 0 {
			c.figures.Slashed++
		}
	}
	if f := c.figures; f.Twice+f.Lost+f.Slashed+f.Orphans > 0 || f.Settled != f.Jobs {
		return fmt.Errorf("not every seat was paid for one run: %+v", f)
	}
	return nil
}

func (c *containers) stop() error {
	var all []error
	if c.Local != nil {
		all = append(all, c.Kill())
	}
	if c.docker != nil {
		all = append(all, c.docker.Close())
	}
	return errors.Join(all...)
}
