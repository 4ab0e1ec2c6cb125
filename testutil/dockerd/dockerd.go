// SPDX-License-Identifier: Apache-2.0

// Package dockerd runs a Docker daemon of its own for a test: its socket, its
// images and its containers are in a directory, and it has no network.
package dockerd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startWithin bounds the start of a daemon, stopWithin its end.
const (
	startWithin = 60 * time.Second
	stopWithin  = 30 * time.Second
)

// Daemon is a running dockerd.
type Daemon struct {
	// Host is its socket, unix://...
	Host string

	dir     string
	args    []string
	process *exec.Cmd
	done    chan struct{}
}

// Absent says why no daemon can run here, or returns "".
func Absent() string {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "containers of the class need linux/amd64"
	}
	if os.Geteuid() != 0 {
		return "dockerd needs root"
	}
	for _, program := range []string{"dockerd", "containerd", "runc"} {
		if _, err := exec.LookPath(program); err != nil {
			return program + " is not installed: apt-get install docker.io"
		}
	}
	return ""
}

// Need skips a test where no daemon can run, or fails it if CUPEL_REQUIRE_ALL
// is set.
func Need(t testing.TB) {
	t.Helper()
	why := Absent()
	if why == "" && testing.Short() {
		why = "-short: this test runs containers"
	}
	switch {
	case why == "":
	case os.Getenv("CUPEL_REQUIRE_ALL") != "":
		t.Fatalf("CUPEL_REQUIRE_ALL is set: %s", why)
	default:
		t.Skip(why)
	}
}

// Start runs a daemon in dir, which should be new, and waits until it answers.
// Args are added to its command line.
func Start(ctx context.Context, dir string, args ...string) (*Daemon, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return nil, err
	}
	socket := filepath.Join(dir, "docker.sock")
	if len(socket) > 100 {
		return nil, fmt.Errorf("the path of the socket %s is too long: choose a shorter directory", socket)
	}
	d := &Daemon{Host: "unix://" + socket, dir: dir, args: append([]string{
		"--host", "unix://" + socket, "--data-root", filepath.Join(dir, "data"), "--exec-root", filepath.Join(dir, "exec"),
		"--pidfile", filepath.Join(dir, "pid"), "--bridge", "none", "--iptables=false", "--ip6tables=false",
		"--ip-forward=false", "--ip-masq=false", "--shutdown-timeout", "2",
	}, args...)}
	return d, d.Restart(ctx)
}

// Restart starts a daemon that is not running in the same directory.
func (d *Daemon) Restart(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(d.dir, "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	//nolint:noctx // the daemon outlives the context of its start
	d.process = exec.Command("dockerd", d.args...)
	d.process.Stdout, d.process.Stderr = log, log
	d.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := d.process.Start(); err != nil {
		return err
	}
	d.done = make(chan struct{})
	go func(p *exec.Cmd, done chan struct{}) {
		_ = p.Wait() // why it ended is in its log
		close(done)
	}(d.process, d.done)
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	for {
		if _, err := d.Docker(ctx, "info"); err == nil {
			return nil
		}
		select {
		case <-d.done:
			return fmt.Errorf("dockerd ended at its start: %s", d.Log())
		case <-ctx.Done():
			return errors.Join(ctx.Err(), fmt.Errorf("dockerd does not answer: %s", d.Log()), d.Stop())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Docker runs the docker command against the daemon and returns its standard
// output.
func (d *Daemon) Docker(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "docker", append([]string{"--host", d.Host}, args...)...)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("docker %s: %w: %s", strings.Join(args, " "), err, exit.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

// Log returns the end of the daemon's log.
func (d *Daemon) Log() string {
	text, err := os.ReadFile(filepath.Join(d.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}

// Stop ends the daemon and all its containers. It is safe to call twice.
func (d *Daemon) Stop() error {
	err := d.end(syscall.SIGTERM)
	if err != nil {
		err = errors.Join(err, d.end(syscall.SIGKILL))
	}
	d.reap()
	return err
}

// Kill ends the daemon as a crash would; its containers may run on.
func (d *Daemon) Kill() error { return d.end(syscall.SIGKILL) }

func (d *Daemon) end(sig syscall.Signal) error {
	select {
	case <-d.done:
		return nil
	default:
	}
	if err := d.process.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-d.done:
		return nil
	case <-time.After(stopWithin):
		return fmt.Errorf("dockerd is still there %s after %s", stopWithin, sig)
	}
}

// reap ends a containerd that a killed daemon left.
func (d *Daemon) reap() {
	text, err := os.ReadFile(filepath.Join(d.dir, "exec", "containerd", "containerd.pid"))
	if err != nil {
		return
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && pid > 1 {
		_ = syscall.Kill(pid, syscall.SIGTERM)
	}
}
