// SPDX-License-Identifier: Apache-2.0

package wasm

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

	"github.com/cupel-network/cupel/worker/crash"
)

// errKilled is a child that did not end within its time.
var errKilled = errors.New("child did not end in time and was killed")

// process is one child to start.
type process struct {
	path  string
	order order
	// files become descriptors fdModule and up.
	files []*os.File
	limit time.Duration
	// batch is that of a run, for the crash tests.
	batch uint64
}

// run starts the child, waits for its report and makes sure that nothing of it
// is left. Whatever the child does, the parent only ever reads a bounded report
// and a bounded tail of its standard error.
func (p *process) run(ctx context.Context) (report, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.limit, errKilled)
	defer cancel()
	type answer struct {
		rep report
		err error
	}
	done := make(chan answer, 1)
	go func() {
		// The thread carries the child's no_new_privs and parent-death signal,
		// so it stays locked and ends with this goroutine.
		runtime.LockOSThread()
		rep, err := p.wait(ctx)
		done <- answer{rep, err}
	}()
	a := <-done
	if a.err != nil && ctx.Err() != nil {
		return report{}, context.Cause(ctx)
	}
	return a.rep, a.err
}

func (p *process) wait(ctx context.Context) (report, error) {
	input, err := json.Marshal(p.order)
	if err != nil {
		return report{}, fmt.Errorf("encode order: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return report{}, fmt.Errorf("make report pipe: %w", err)
	}
	defer r.Close()
	tail := &tailBuffer{}
	cmd := exec.Command(p.path, childArg) //nolint:noctx // the whole group is killed, by group.kill
	cmd.Args[0] = "cupel-wasm"
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.Stdin = bytes.NewReader(input)
	cmd.Stderr = tail
	cmd.ExtraFiles = append([]*os.File{w}, p.files...)
	cmd.SysProcAttr = childAttr(p.order.Isolated)
	cmd.WaitDelay = time.Second
	err = cmd.Start()
	closeErr := w.Close()
	if err := errors.Join(err, closeErr); err != nil {
		return report{}, fmt.Errorf("start child: %w", err)
	}
	if p.order.Mode == modeRun {
		crash.At(crash.SandboxMade, p.batch)
		crash.AtWork(crash.GuestRunning, p.batch, cmd.Process.Pid)
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
		return report{}, fmt.Errorf("child failed: %w: %s", waitErr, tail)
	}
	return decodeReport(raw)
}

// readReport reads until every holder of the pipe has closed it or is dead. A
// child that sends too much is killed.
func readReport(r io.Reader, g *group) []byte {
	raw, err := io.ReadAll(io.LimitReader(r, maxReportBytes+1))
	if len(raw) > maxReportBytes {
		g.kill()
	}
	if err != nil {
		return nil
	}
	return raw
}

func decodeReport(raw []byte) (report, error) {
	var rep report
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if len(raw) > maxReportBytes {
		return report{}, fmt.Errorf("child sent a report that cannot be read: more than %d bytes", maxReportBytes)
	}
	if err := dec.Decode(&rep); err != nil {
		return report{}, fmt.Errorf("child sent a report that cannot be read (%d bytes): %w", len(raw), err)
	}
	if rep.Failed != "" {
		return report{}, errors.New(rep.Failed)
	}
	return rep, nil
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
	t.buf = append(t.buf, p[:min(len(p), maxStderrBytes-len(t.buf))]...)
	return len(p), nil
}

// String is what was kept.
func (t *tailBuffer) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.buf))
}
