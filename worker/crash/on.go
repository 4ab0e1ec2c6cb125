// SPDX-License-Identifier: Apache-2.0

//go:build cupelcrash

package crash

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// armed reports whether the process is to die at a point of a batch.
func armed(p Point, batch uint64) bool {
	point, only, scoped := strings.Cut(os.Getenv(Env), "@")
	return point == string(p) && (!scoped || only == strconv.FormatUint(batch, 10))
}

// die ends the process as kill -9 does: no deferred call runs.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// At kills the process if it is to die at the point of the batch.
func At(p Point, batch uint64) {
	if armed(p, batch) {
		die()
	}
}

// workTime is the processor time after which a child is in the middle of its
// guest's work, and lookEvery the time between two looks at it.
const (
	workTime  = 100 * time.Millisecond
	lookEvery = 5 * time.Millisecond
)

// AtWork is At for when a child process has worked a while. It returns at once;
// a child that ends before kills nobody.
func AtWork(p Point, batch uint64, pid int) {
	if !armed(p, batch) {
		return
	}
	go func() {
		for {
			took, err := processorTime(pid)
			if err != nil {
				return
			}
			if took >= workTime {
				die()
			}
			time.Sleep(lookEvery)
		}
	}()
}

// processorTime is what a process has used, from /proc in ticks of 10 ms.
func processorTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The name in brackets may have spaces; user and system time are the 12th
	// and 13th field behind it.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 13 || string(fields[0]) == "Z" {
		return 0, os.ErrProcessDone
	}
	var sum time.Duration
	for _, f := range fields[11:13] {
		ticks, err := strconv.ParseInt(string(f), 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(ticks) * 10 * time.Millisecond
	}
	return sum, nil
}

// batchKey is where a context has its batch.
type batchKey struct{}

// In returns a context that says for which batch something is done.
func In(ctx context.Context, batch uint64) context.Context {
	return context.WithValue(ctx, batchKey{}, batch)
}

// Half is w, but the process dies once half of size bytes are written, if it is
// to die at the point of the batch that ctx is for.
func Half(ctx context.Context, p Point, w io.Writer, size int64) io.Writer {
	if batch, _ := ctx.Value(batchKey{}).(uint64); !armed(p, batch) {
		return w
	}
	return &half{w: w, left: max(size/2, 1)}
}

type half struct {
	w    io.Writer
	left int64
}

// Write implements io.Writer.
func (h *half) Write(p []byte) (int, error) {
	if int64(len(p)) < h.left {
		n, err := h.w.Write(p)
		h.left -= int64(n)
		return n, err
	}
	if _, err := h.w.Write(p[:h.left]); err != nil {
		return 0, err
	}
	die()
	return 0, nil
}
