// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"github.com/moby/moby/client"

	"github.com/cupel-network/cupel/testutil/dockerd"
	"github.com/cupel-network/cupel/testutil/escape"
	"github.com/cupel-network/cupel/testutil/images"
	"github.com/cupel-network/cupel/worker/engine/container"
)

// EscapeFigures are what the phase of the escapes counts.
type EscapeFigures struct{ Cases, Escaped int }

// abreast is how many attempts run at once.
const abreast = 4

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
		Dir: filepath.Join(dir, "state"), Host: daemon.Host, Chain: "cupel-escapes-1", Provider: "escapes", CPUs: abreast,
	})
	if err != nil {
		return figures, err
	}
	defer func() { err = errors.Join(err, eng.Close()) }()
	bench := &escape.Bench{Engine: eng, Docker: docker, Canary: canary, Dir: filepath.Join(dir, "runs"), Image: image}
	figures = tryAll(ctx, bench, w)
	last := bench.Try(ctx, escape.Case{Name: "next-job", Group: "after", Args: []string{"hello"}, Stdout: "hello"})
	if last.Escaped {
		return figures, fmt.Errorf("the job after all attempts: %s", last.Detail)
	}
	return figures, canary.Check()
}

func tryAll(ctx context.Context, bench *escape.Bench, w io.Writer) (figures EscapeFigures) {
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
	for _, c := range escape.Containers() {
		cases <- c
	}
	close(cases)
	wg.Wait()
	return figures
}
