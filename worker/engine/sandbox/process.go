// SPDX-License-Identifier: Apache-2.0

// Package sandbox starts children of the worker's own executable that handle
// what strangers sent, and shuts them off from the machine: an order on standard
// input, open descriptors, a bounded report, and nothing else.
package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ErrKilled is a child that did not end within its time.
var ErrKilled = errors.New("child did not end in time and was killed")

// Descriptors of a child. Its standard input carries the order, its standard
// output is not connected, its standard error is kept for error messages.
const (
	FdReport = 3
	FdFiles  = 4
)

// Bounds of what crosses the pipes.
const (
	MaxOrderBytes  = 1 << 20
	MaxReportBytes = 64 << 10
	MaxErrorBytes  = 16 << 10
)

// Process is one child to start.
type Process struct {
	// Path is the executable, Arg its only argument, by which its main knows that
	// it is a child; Name is what lists of processes show.
	Path, Arg, Name string
	// Isolated gives the child namespaces of its own.
	Isolated bool
	// Order is sent as JSON.
	Order any
	// Files become descriptors FdFiles and up.
	Files []*os.File
	// Limit bounds the whole life of the child.
	Limit time.Duration
	// Started is told the child's process; may be nil.
	Started func(pid int)
}

// Run starts the child, waits for its report, decodes it into report and makes
// sure that nothing of the child is left. Whatever the child does, the parent
// only ever reads a bounded report and a bounded part of its standard error. The
// error is ErrKilled if the time was over, the context's if that ended first.
func (p *Process) Run(ctx context.Context, report any) error {
	ctx, cancel := context.WithTimeoutCause(ctx, p.Limit, ErrKilled)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		// The thread carries the child's no_new_privs and parent-death signal,
		// so it stays locked and ends with this goroutine.
		runtime.LockOSThread()
		done <- p.wait(ctx, report)
	}()
	err := <-done
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (p *Process) wait(ctx context.Context, report any) error {
	input, err := json.Marshal(p.Order)
	if err != nil {
		return fmt.Errorf("encode order: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make report pipe: %w", err)
	}
	defer r.Close()
	tail := &tailBuffer{}
	cmd := exec.Command(p.Path, p.Arg) //nolint:noctx // the whole group is killed, by group.kill
	cmd.Args[0] = p.Name
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.Stdin = bytes.NewReader(input)
	cmd.Stderr = tail
	cmd.ExtraFiles = append([]*os.File{w}, p.Files...)
	cmd.SysProcAttr = childAttributes(p.Isolated)
	cmd.WaitDelay = time.Second
	err = cmd.Start()
	closeErr := w.Close()
	if err := errors.Join(err, closeErr); err != nil {
		return fmt.Errorf("start child: %w", err)
	}
	if p.Started != nil {
		p.Started(cmd.Process.Pid)
	}
	group := &group{pid: cmd.Process.Pid}
	stop := context.AfterFunc(ctx, group.kill)
	answer := make(chan []byte, 1)
	go func() { answer <- readReport(r, group) }()
	group.end()
	raw := <-answer
	waitErr := cmd.Wait()
	stop()
	if waitErr != nil {
		return fmt.Errorf("child failed: %w: %s", waitErr, tail)
	}
	return decodeReport(raw, report)
}

// readReport reads until every holder of the pipe has closed it or is dead. A
// child that sends too much is killed.
func readReport(r io.Reader, g *group) []byte {
	raw, err := io.ReadAll(io.LimitReader(r, MaxReportBytes+1))
	if len(raw) > MaxReportBytes {
		g.kill()
	}
	if err != nil {
		return nil
	}
	return raw
}

func decodeReport(raw []byte, report any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if len(raw) > MaxReportBytes {
		return fmt.Errorf("child sent a report that cannot be read: more than %d bytes", MaxReportBytes)
	}
	if err := dec.Decode(report); err != nil {
		return fmt.Errorf("child sent a report that cannot be read (%d bytes): %w", len(raw), err)
	}
	return nil
}

// group is the child's process group. Its number is the child's, so it may be
// signalled only until the child is waited for.
type group struct {
	pid int

	mu    sync.Mutex
	ended bool
}

func (g *group) kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.ended {
		_ = syscall.Kill(-g.pid, syscall.SIGKILL)
	}
}

// end waits until the child has exited, kills what is left of its group and
// forbids later signals. The child itself is then still to be waited for.
func (g *group) end() {
	var info unix.Siginfo
	for unix.Waitid(unix.P_PID, g.pid, &info, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	g.kill()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ended = true
}

// tailBuffer keeps the first bytes written to it and drops the rest.
type tailBuffer struct {
	mu  sync.Mutex
	buf []byte
}

// Write never fails, so that a child that floods its standard error is not
// blocked by it.
func (t *tailBuffer) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p[:min(len(p), MaxErrorBytes-len(t.buf))]...)
	return len(p), nil
}

// String is what was kept.
func (t *tailBuffer) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.buf))
}
