// SPDX-License-Identifier: Apache-2.0

// Command liar is a worker whose engine gives a wrong result. It exists for
// tests: no flag of cupel-worker does this. Built under the name of drift, the
// result differs in the last bits of its numbers alone; under that of notary, it is
// right, and quotes are judged by the certificates in the worker's home.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/wasm"
)

func main() {
	// The engine's child processes start here too.
	wasm.ChildMain()
	flags := flag.NewFlagSet("liar run", flag.ExitOnError)
	home := flags.String("home", "", "home of the worker")
	if len(os.Args) < 2 || flags.Parse(os.Args[2:]) != nil {
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *home); err != nil {
		fmt.Fprintln(os.Stderr, "liar:", err)
		stop()
		os.Exit(1)
	}
}

// run is what cupel-worker run does, with another engine.
func run(ctx context.Context, home string) error {
	cfg, err := worker.LoadConfig(home)
	if err != nil {
		return err
	}
	log, err := cfg.Log.Logger(os.Stderr)
	if err != nil {
		return err
	}
	enc, err := chain.NewEncoding()
	if err != nil {
		return err
	}
	ring, err := keyring.New("cupel-worker", cfg.Key.Backend, cfg.Home, os.Stdin, enc.Codec)
	if err != nil {
		return err
	}
	honest, err := wasm.New(ctx, wasm.Options{CacheDir: cfg.Path("modules")})
	if err != nil {
		return err
	}
	options := []worker.Option{worker.WithEngine(wrong(honest))}
	if named("notary") {
		roots, err := readRoots(filepath.Join(home, rootsName))
		if err != nil {
			return err
		}
		options = []worker.Option{worker.WithRoots(roots)}
	}
	s, err := worker.New(ctx, cfg, ring, log, options...)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// wrong is the engine that the program is named for.
func wrong(honest engine.Engine) engine.Engine {
	if named("drift") {
		return drift{honest}
	}
	return liar{honest}
}

// named reports whether the program was built under a name.
func named(name string) bool { return strings.HasPrefix(filepath.Base(os.Args[0]), name) }

// liar runs a job and then changes the last byte of what it wrote.
type liar struct{ engine.Engine }

// Run implements engine.Engine.
func (l liar) Run(ctx context.Context, job engine.Job, scratch string) (engine.Result, error) {
	res, err := l.Engine.Run(ctx, job, scratch)
	if err != nil || res.Artifact == "" {
		return res, err
	}
	f, err := os.OpenFile(res.Artifact, os.O_RDWR, 0)
	if err != nil {
		return res, err
	}
	return res, errors.Join(falsify(f, &res), f.Close())
}

func falsify(f *os.File, res *engine.Result) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err != nil {
		return err
	}
	last[0] ^= 1
	if _, err := f.WriteAt(last, info.Size()-1); err != nil {
		return err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(f, 0, info.Size())); err != nil {
		return err
	}
	copy(res.ArtifactSHA256[:], hash.Sum(nil))
	return nil
}
