// SPDX-License-Identifier: Apache-2.0

// Package slurm runs a Slurm cluster of one node as processes on this machine,
// without systemd and munge, in a folder of its own and on ports that nobody
// else uses. Debian: apt-get install slurmctld slurmd slurm-client.
package slurm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cupel-network/cupel/testutil/net"
)

// programs are what a cluster and its users need.
var programs = []string{"slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo"}

// Missing says why no cluster can run here, or nothing.
func Missing() string {
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			return p + " is not installed (Debian: apt-get install slurmctld slurmd slurm-client)"
		}
	}
	return ""
}

// Need skips a test where no cluster can run. With CUPEL_REQUIRE_ALL it fails.
func Need(t testing.TB) {
	t.Helper()
	switch why := Missing(); {
	case why == "":
	case os.Getenv("CUPEL_REQUIRE_ALL") != "":
		t.Fatal(why)
	default:
		t.Skip(why)
	}
}

// Options of a cluster.
type Options struct {
	// CPUs and MemoryMiB are what the node says it has; by default 4 and 8192.
	CPUs, MemoryMiB int
	// GPUs is 0 to 2. They stand for devices that are not there.
	GPUs int
	// Forget is how long Slurm remembers ended jobs; by default 5 minutes.
	Forget time.Duration
}

// Cluster is a cluster that runs.
type Cluster struct {
	Dir        string
	controller *net.Process
	node       *net.Process
	ports      *net.Ports
	host       string
}

// nodeName is the only node.
const nodeName = "node1"

// Start makes a cluster in dir and waits until its node takes jobs.
func Start(ctx context.Context, dir string, o Options) (*Cluster, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	host, _, _ = strings.Cut(host, ".")
	ports, err := net.ClaimPorts()
	if err != nil {
		return nil, err
	}
	c := &Cluster{Dir: dir, ports: ports, host: host}
	if err := c.start(ctx, o); err != nil {
		return nil, errors.Join(err, errors.New(c.Tails(20)), c.Stop()) //nolint:contextcheck // also after ctx has ended
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, o Options) error {
	if err := c.write(o); err != nil {
		return err
	}
	if err := c.StartController(); err != nil {
		return err
	}
	if err := c.StartNode(); err != nil {
		return err
	}
	return c.WaitIdle(ctx)
}

func (c *Cluster) write(o Options) error {
	port, err := c.ports.Take(2)
	if err != nil {
		return err
	}
	me, err := user.Current()
	if err != nil {
		return err
	}
	for _, sub := range []string{"state", "spool", "log"} {
		if err := os.MkdirAll(filepath.Join(c.Dir, sub), 0o755); err != nil {
			return err
		}
	}
	if o.CPUs == 0 {
		o.CPUs = 4
	}
	if o.MemoryMiB == 0 {
		o.MemoryMiB = 8192
	}
	if o.Forget == 0 {
		o.Forget = 5 * time.Minute
	}
	gres := ""
	if o.GPUs > 0 {
		gres = fmt.Sprintf(" Gres=gpu:%d", o.GPUs)
	}
	text := fmt.Sprintf(config, c.host, port, port+1, me.Username, c.Dir, int(o.Forget.Seconds()), nodeName, o.CPUs, o.MemoryMiB, gres)
	// Slurm wants device files; these two are everywhere.
	devices := []string{"/dev/null", "/dev/zero"}
	gpus := ""
	for i := range o.GPUs {
		gpus += "Name=gpu File=" + devices[i] + "\n"
	}
	return errors.Join(
		os.WriteFile(c.file("slurm.conf"), []byte(text), 0o600),
		os.WriteFile(c.file("gres.conf"), []byte(gpus), 0o600),
		os.WriteFile(c.file("cgroup.conf"), []byte("CgroupPlugin=cgroup/v1\n"), 0o600),
	)
}

// config needs neither munge nor cgroups nor a database. The node may claim
// more than the machine has.
const config = `ClusterName=cupel
SlurmctldHost=%[1]s(127.0.0.1)
SlurmctldPort=%[2]d
SlurmdPort=%[3]d
SlurmUser=%[4]s
SlurmdUser=%[4]s
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=100000
GresTypes=gpu
ReturnToService=2
KillWait=2
MinJobAge=%[6]d
SlurmdTimeout=10
MessageTimeout=5
StateSaveLocation=%[5]s/state
SlurmdSpoolDir=%[5]s/spool
SlurmctldPidFile=%[5]s/slurmctld.pid
SlurmdPidFile=%[5]s/slurmd.pid
NodeName=%[7]s NodeHostname=%[1]s NodeAddr=127.0.0.1 CPUs=%[8]d RealMemory=%[9]d%[10]s State=UNKNOWN
PartitionName=main Nodes=%[7]s Default=YES MaxTime=INFINITE State=UP
`

func (c *Cluster) file(name string) string { return filepath.Join(c.Dir, name) }

// Env is what Slurm's commands need to find the cluster.
func (c *Cluster) Env() []string { return []string{"SLURM_CONF=" + c.file("slurm.conf")} }

// StartController runs slurmctld; what it knew before, it knows again.
func (c *Cluster) StartController() (err error) {
	c.controller, err = net.StartProcess("slurmctld", c.file("log/slurmctld.log"), c.Env(), "slurmctld", "-D")
	return err
}

// StartNode runs slurmd.
func (c *Cluster) StartNode() (err error) {
	c.node, err = net.StartProcess("slurmd", c.file("log/slurmd.log"), c.Env(), "slurmd", "-D", "-N", nodeName)
	return err
}

// Controller and Node are the processes, for tests that end them.
func (c *Cluster) Controller() *net.Process { return c.controller }

// Node is the process of slurmd. Jobs are not in its process group.
func (c *Cluster) Node() *net.Process { return c.node }

// Command runs one of Slurm's commands.
func (c *Cluster) Command(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), c.Env()...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// WaitIdle waits until the node takes jobs.
func (c *Cluster) WaitIdle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return net.Until(ctx, 200*time.Millisecond, func() (bool, error) {
		state, err := c.Command(ctx, "sinfo", "--noheader", "--format=%T")
		return state == "idle" || state == "mixed" || state == "allocated", err
	})
}

// Stop ends the jobs and the cluster, and gives the ports back.
func (c *Cluster) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var err error
	if c.controller != nil && c.controller.Running() && c.node != nil && c.node.Running() {
		err = c.endJobs(ctx)
	}
	c.node.Kill()
	c.controller.Kill()
	return errors.Join(err, c.ports.Release())
}

func (c *Cluster) endJobs(ctx context.Context) error {
	if _, err := c.Command(ctx, "scancel", "--quiet", "--signal=KILL", "--full", "--partition=main"); err != nil {
		return err
	}
	if _, err := c.Command(ctx, "scancel", "--quiet", "--partition=main"); err != nil {
		return err
	}
	return net.Until(ctx, 100*time.Millisecond, func() (bool, error) {
		left, err := c.Command(ctx, "squeue", "--noheader", "--format=%i")
		return left == "", err
	})
}

// Tails returns the ends of both logs.
func (c *Cluster) Tails(lines int) string {
	text := ""
	for _, p := range []*net.Process{c.controller, c.node} {
		if p != nil {
			text += "== " + p.Name + "\n" + p.Tail(lines) + "\n"
		}
	}
	return text
}
