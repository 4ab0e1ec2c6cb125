// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/cupel-network/cupel/testutil/jobs/sample"
	"github.com/cupel-network/cupel/testutil/mirror"
	"github.com/cupel-network/cupel/testutil/net"
)

// Prices in ucupel per 10^9 fuel: what the example jobs offer, and the ask of
// the first provider.
const (
	ceiling = 50
	ask     = 30
)

// open finds the network in the folder or makes a new one.
func (c config) open(ctx context.Context, binaries net.Binaries, dir string) (l *net.Local, fresh bool, err error) {
	l, err = net.Load(binaries, dir)
	if err == nil {
		fmt.Printf("going on with the network in %s; flags that shape a new one have no effect\n", dir)
		return l, false, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, false, err
	}
	root, err := net.Root()
	if err != nil {
		return nil, false, err
	}
	module, err := sample.Build(ctx, root)
	if err != nil {
		return nil, false, err
	}
	if _, err := sample.Copy(root, module, filepath.Join(dir, "jobs", sample.Name), ceiling, 777); err != nil {
		return nil, false, err
	}
	fmt.Printf("making %d validators and %d providers in %s\n", c.validators, c.workers, dir)
	l, err = net.NewLocal(ctx, c.setup(binaries, dir, root))
	return l, true, err
}

func (c config) setup(binaries net.Binaries, dir, root string) net.Setup {
	params := net.Params{
		WindowTicks: c.window, CommitTicks: 60, RevealTicks: 60, AuditFloorBPS: 500, EpochBlocks: 10, CheckpointBlocks: 10,
		MinTickMS: uint32(max(1, c.blockTime.Milliseconds()/2)),
	}
	s := net.Setup{
		Binaries: binaries, Dir: dir, ChainID: "cupel-local-1", Validators: c.validators, BlockTime: c.blockTime, Edits: params.Edits(),
	}
	for i := range c.workers {
		s.Offers = append(s.Offers, net.Offer{
			Price: uint64(ask + i), Bond: net.Bond, Poll: 300 * time.Millisecond,
			Files: []string{filepath.Join(dir, "jobs"), filepath.Join(root, "build", "jobs")},
		})
	}
	return s
}

// guide says what there is and how to use it.
func (c config) guide(l *net.Local, chains *mirror.Chains, took time.Duration) error {
	fmt.Printf("\nready in %.1f s: chain %s in %s\n\n", took.Seconds(), l.ChainID, l.Dir)
	for _, n := range l.Nodes {
		fmt.Printf("  %s      rpc %s  rest %s  grpc %s\n", n.Name, n.RPC(), n.REST(), n.GRPC())
	}
	for _, p := range l.Providers {
		fmt.Printf("  %s  %s  operator %s  log %s\n", p.Name, p.Endpoint, p.Operator.Address, p.Process().Log)
	}
	if chains != nil {
		fmt.Printf("  base       anvil %s, chain id 8453, CupelMirror %s\n", chains.EVM.URL, chains.Contract)
		fmt.Printf("  solana     LiteSVM %s\n", chains.SVM.URL)
		fmt.Printf("  relayer    http://%s/metrics  log %s\n", chains.Listen, chains.Relayer().Log)
	}
	root, err := net.Root()
	if err != nil {
		return err
	}
	fmt.Printf(`
  requester  %s has 1000000 CUPEL; its keyring is of the kind "test"

The window for challenges is short and there is no inflation: this is no real chain.
In another terminal:

  export CUPELD_HOME=%s CUPELD_GAS_PRICES=0.001ucupel PATH=%s:$PATH
  cupeld job run %s --from requester
  cupeld job list
  cupeld query registry providers
  cupeld tx bank send requester ADDRESS 1000000ucupel --yes
  cupel-worker status --home WORKER_HOME        (as %s)
  go run ./testutil/jobs/build -out build/jobs  (more jobs; workers may read that folder)
  cupeld query oracle line                      (checkpoints made and sealed)
  cupeld receipt fetch 1/0 --wait && cupeld receipt verify receipt-4096.json
%s
`, l.Requester.Address, l.Requester.Home, filepath.Join(root, "build"),
		filepath.Join(l.Dir, "jobs", sample.Name, "job.yaml"), filepath.Join(l.Dir, "provider1", "worker"), mirrorGuide(chains))
	fmt.Println("Votes of governance last a minute, and the requester may stop messages with cupeld tx circuit.")
	fmt.Println("Ctrl-C stops everything." + c.later(l.Dir))
	return nil
}

func (c config) later(dir string) string {
	if c.home == "" {
		return " The folder is removed then; with --home DIR it is kept."
	}
	return fmt.Sprintf(" Go on later with --home %s.", dir)
}

// mirrorGuide says how to look at the mirrors.
func mirrorGuide(chains *mirror.Chains) string {
	if chains == nil {
		return ""
	}
	return fmt.Sprintf("  cupel-relayer status --home %s\n  cupel-relayer verify --chain base --compare --home %s\n", chains.Home, chains.Home)
}
