// SPDX-License-Identifier: Apache-2.0

package wasm

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"

	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/sandbox"
)

// singleFlight lets one caller at a time work on a key.
type singleFlight struct {
	mu   sync.Mutex
	busy map[[32]byte]chan struct{}
}

// enter waits for the key and returns how to leave.
func (s *singleFlight) enter(ctx context.Context, key [32]byte) (func(), error) {
	for {
		s.mu.Lock()
		if s.busy == nil {
			s.busy = map[[32]byte]chan struct{}{}
		}
		wait, taken := s.busy[key]
		if !taken {
			done := make(chan struct{})
			s.busy[key] = done
			s.mu.Unlock()
			return func() {
				s.mu.Lock()
				delete(s.busy, key)
				s.mu.Unlock()
				close(done)
			}, nil
		}
		s.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Prepare compiles a module into the cache ahead of its first run. It returns a
// *RefusedError for a module that the class does not run.
func (e *Engine) Prepare(ctx context.Context, path string, sum [32]byte) error {
	f, err := e.compiled(ctx, engine.Job{Module: path, ModuleSHA256: sum})
	if err != nil {
		return err
	}
	return f.Close()
}

// compiled returns the machine code of the job's module, from the cache or from
// a child that compiles it.
func (e *Engine) compiled(ctx context.Context, job engine.Job) (*os.File, error) {
	leave, err := e.compiling.enter(ctx, job.ModuleSHA256)
	if err != nil {
		return nil, err
	}
	defer leave()
	if f := e.cache.open(job.ModuleSHA256); f != nil {
		return f, nil
	}
	module, err := openModule(job)
	if err != nil {
		return nil, err
	}
	defer module.Close()
	out, err := e.cache.create()
	if err != nil {
		return nil, err
	}
	p := &process{
		path:  e.opts.Executable,
		order: order{Mode: modeCompile, Isolated: e.isolated, MaxProcs: runtime.GOMAXPROCS(0), Wall: e.opts.CompileTimeout},
		files: []*os.File{module, out},
		limit: e.opts.CompileTimeout,
	}
	rep, err := p.run(ctx)
	switch {
	case errors.Is(err, sandbox.ErrKilled):
		err = fmt.Errorf("compiling the module took longer than %s on this machine", e.opts.CompileTimeout)
	case err != nil:
		err = fmt.Errorf("compile the module: %w", err)
	case rep.Refused != "":
		err = &RefusedError{Reason: rep.Refused}
	}
	if err != nil {
		e.cache.discard(out)
		return nil, err
	}
	return e.cache.keep(job.ModuleSHA256, out)
}

// openModule opens the module and checks its size and hash.
func openModule(job engine.Job) (*os.File, error) {
	f, err := openRegular(job.Module)
	if err != nil {
		return nil, fmt.Errorf("open the module: %w", err)
	}
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(f, MaxModuleBytes+1))
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	switch {
	case err != nil:
		err = fmt.Errorf("read the module: %w", err)
	case n > MaxModuleBytes:
		err = refuse("it is larger than %d bytes: strip it (-ldflags=-s -w) or split the job", MaxModuleBytes)
	case [32]byte(h.Sum(nil)) != job.ModuleSHA256:
		err = errors.New("the module does not have the sha256 of the job: fetch it again")
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
