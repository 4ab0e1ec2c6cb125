// SPDX-License-Identifier: Apache-2.0

package net

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// stopGrace is how long a process may take to close its files.
const stopGrace = 15 * time.Second

// Process is a program that runs in the background. It has a process group of
// its own, so that Ctrl-C reaches the caller alone.
type Process struct {
	Name string
	// Log is the file that its output is appended to.
	Log string

	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// StartProcess starts a program. Env is added to the environment.
func StartProcess(name, log string, env []string, binary string, args ...string) (*Process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd := exec.Command(binary, args...) //nolint:noctx // Stop and Kill end it, not a context
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = attributes()
	p := &Process{Name: name, Log: log, cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The process ends with the thread that started it, so that thread
		// serves nobody else until then.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// Running reports whether the process has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Stop ends the process as a service manager does: it may finish first, but
// not for ever. It is a no-op on a process that has ended.
func (p *Process) Stop() {
	if p == nil || !p.Running() {
		return
	}
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopGrace):
		p.Kill()
	}
}

// Kill ends the process and its children as kill -9 does.
func (p *Process) Kill() {
	if p == nil || !p.Running() {
		return
	}
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); err != nil && p.Running() {
		p.signal(syscall.SIGKILL)
	}
	<-p.done
}

// signal: a process that has ended in the meantime needs none.
func (p *Process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// Wait returns once the process has ended, with how it ended.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Killed reports whether the process has ended by SIGKILL.
func (p *Process) Killed() bool {
	if p.Running() {
		return false
	}
	var exit *exec.ExitError
	if !errors.As(p.err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// Tail returns the last lines that the process wrote.
func (p *Process) Tail(lines int) string {
	text, err := os.ReadFile(p.Log)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// EndWithParent returns a context that also ends when the process that started
// this one does: `go run` passes no signal on when it is killed.
func EndWithParent(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	parent := os.Getppid()
	go func() {
		defer cancel()
		for pause(ctx, time.Second) == nil && os.Getppid() == parent {
			continue
		}
	}()
	return ctx
}
