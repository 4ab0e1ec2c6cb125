// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/moby/moby/client"

	"github.com/cupel-network/cupel/testutil/dockerd"
	"github.com/cupel-network/cupel/testutil/escape"
	"github.com/cupel-network/cupel/testutil/images"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/worker/engine/container"
	"github.com/cupel-network/cupel/worker/engine/wasm"
)

// EscapeFigures are what the phase of the escapes counts.
type EscapeFigures struct{ Cases, Escaped int }

// How many attempts run at once.
const (
	containersAbreast = 4
	modulesAbreast    = 2
)

// tryer runs one attempt, in a container or as a module.
type tryer interface {
	Try(ctx context.Context, c escape.Case) escape.Verdict
}

// Escapes runs every attempt to leave a container and prints its verdict to w.
// Afterwards the canaries are looked at, and an honest job must run.
func Escapes(ctx context.Context, dir string, daemon *dockerd.Daemon, w io.Writer) (figures EscapeFigures, err error) {
	canary, err := escape.NewCanary(ctx, filepath.Join(dir, "canaries"))
	if err != nil {
		return figures, err
	}
	defer func() { err = errors.Join(err, canary.Close()) }()
	docker, err := client.New(client.WithHost(daemon.Host))
	if err != nil {
		return figures, err
	}
	defer func() { err = errors.Join(err, docker.Close()) }()
	image, err := images.Guest(ctx, docker, nil)
	if err != nil {
		return figures, err
	}
	eng, err := container.New(ctx, container.ClassCPU, container.Options{
		Dir: filepath.Join(dir, "state"), Host: daemon.Host, Chain: "cupel-escapes-1", Provider: "escapes", CPUs: containersAbreast,
	})
	if err != nil {
		return figures, err
	}
	defer func() { err = errors.Join(err, eng.Close()) }()
	bench := &escape.Bench{Engine: eng, Docker: docker, Canary: canary, Dir: filepath.Join(dir, "runs"), Image: image}
	return tryAll(ctx, bench, escape.Containers(), containersAbreast, canary, w)
}

// ModuleEscapes is Escapes for WebAssembly. The children are the worker's own.
func ModuleEscapes(ctx context.Context, dir string, binaries net.Binaries, w io.Writer) (figures EscapeFigures, err error) {
	canary, err := escape.NewCanary(ctx, filepath.Join(dir, "canaries"))
	if err != nil {
		return figures, err
	}
	defer func() { err = errors.Join(err, canary.Close()) }()
	eng, err := wasm.New(ctx, wasm.Options{CacheDir: filepath.Join(dir, "modules"), Executable: binaries.Worker})
	if err != nil {
		return figures, err
	}
	sandbox := &escape.Sandbox{Engine: eng, Canary: canary, Dir: filepath.Join(dir, "runs")}
	figures, err = tryAll(ctx, sandbox, escape.Modules(), modulesAbreast, canary, w)
	if err != nil {
		return figures, err
	}
	children, err := childrenOf(os.Getpid())
	for _, child := range children {
		if strings.Contains(child, "cupel-wasm") {
			err = errors.Join(err, fmt.Errorf("a guest is left: %s", child))
		}
	}
	return figures, err
}

// tryAll runs all cases, then looks at the canaries and at an honest job.
func tryAll(ctx context.Context, bench tryer, list []escape.Case, abreast int, canary *escape.Canary, w io.Writer) (figures EscapeFigures, err error) {
	cases := make(chan escape.Case)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range abreast {
		wg.Go(func() {
			for c := range cases {
				v := bench.Try(ctx, c)
				mu.Lock()
				figures.Cases++
				if v.Escaped {
					figures.Escaped++
				}
				fmt.Fprintln(w, v)
				mu.Unlock()
			}
		})
	}
	for _, c := range list {
		cases <- c
	}
	close(cases)
	wg.Wait()
	last := bench.Try(ctx, escape.Case{Name: "next-job", Group: "after", Args: []string{"hello"}, Stdout: "hello"})
	if last.Escaped {
		return figures, fmt.Errorf("the job after all attempts: %s", last.Detail)
	}
	return figures, canary.Check()
}
