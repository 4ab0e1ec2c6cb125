// SPDX-License-Identifier: Apache-2.0

// Package mirror runs the chains that a local Cupel network is mirrored to, an
// anvil with the rules of the OP stack and a LiteSVM, and the relayer between
// them. It drives everything through the binaries that people use. It needs
// what `make npm` installs.
package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/cupel-network/cupel/relayer/evm/anvil"
	"github.com/cupel-network/cupel/relayer/npm"
	"github.com/cupel-network/cupel/relayer/solana/svm"
	"github.com/cupel-network/cupel/testutil/net"
)

// Names of the targets in the relayer's configuration.
const (
	Base   = "base"
	Solana = "solana"
)

// baseChainID is that of Base, so that the mirror is as it would be there.
const baseChainID = 8453

// Options of the chains. A zero field takes the default.
type Options struct {
	// Relayer is the program, build/cupel-relayer by default.
	Relayer string
	// BlockTime of the EVM chain and SlotTime of the Solana chain.
	BlockTime, SlotTime time.Duration
	// EpochSlots makes an EVM block safe after that many and final after twice
	// that many; FinalizedAfter is the same in Solana's slots.
	EpochSlots, FinalizedAfter int
	// Poll is how often the relayer looks at a chain, ResubmitAfter how long an
	// EVM transaction may wait before its fee is raised.
	Poll, ResubmitAfter time.Duration
}

// Chains are the two chains and the relayer's home.
type Chains struct {
	EVM *anvil.Node
	SVM *svm.Server
	// Contract is the mirror on the EVM chain, DeployBlock its block.
	Contract    string
	DeployBlock uint64
	// Home is that of the relayer, Listen where it answers.
	Home, Listen string

	opts    Options
	genesis string
	network *net.Network
	process *net.Process
}

// Start runs both chains, makes the relayer's keys and deploys the mirror. The
// network must have its first attestor set. The relayer does not run yet.
func Start(ctx context.Context, n *net.Network, dir string, opts Options) (*Chains, error) {
	c := &Chains{Home: filepath.Join(dir, "relayer"), opts: opts.complete(), network: n}
	tools, err := npm.Dir()
	if err != nil {
		return nil, err
	}
	if c.opts.Relayer == "" {
		if c.opts.Relayer, err = find(); err != nil {
			return nil, err
		}
	}
	port, err := n.Ports.Take(1)
	if err != nil {
		return nil, err
	}
	c.Listen = "127.0.0.1:" + strconv.Itoa(port)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if c.EVM, err = anvil.Start(ctx, dir, anvil.Options{ChainID: baseChainID, BlockTime: c.opts.BlockTime, SlotsInEpoch: c.opts.EpochSlots}); err != nil {
		return c, err
	}
	if c.SVM, err = svm.Start(ctx, tools, svm.Options{SlotTime: c.opts.SlotTime, FinalizedAfter: c.opts.FinalizedAfter}); err != nil {
		return c, err
	}
	if c.genesis, err = c.SVM.GenesisHash(ctx); err != nil {
		return c, err
	}
	return c, c.prepare(ctx)
}

func (o Options) complete() Options {
	set := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	set(&o.BlockTime, time.Second)
	set(&o.SlotTime, 100*time.Millisecond)
	set(&o.Poll, 500*time.Millisecond)
	set(&o.ResubmitAfter, 5*time.Second)
	if o.EpochSlots == 0 {
		o.EpochSlots = 3
	}
	if o.FinalizedAfter == 0 {
		o.FinalizedAfter = 32
	}
	return o
}

// find returns the relayer that make build has written.
func find() (string, error) {
	root, err := net.Root()
	if err != nil {
		return "", err
	}
	path := filepath.Join(root, "build", "cupel-relayer")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is missing: run make build", path)
	}
	return path, nil
}

// Stop ends the relayer and both chains. Their state is gone.
func (c *Chains) Stop() error {
	if c == nil {
		return nil
	}
	c.process.Stop()
	var errs []error
	if c.EVM != nil {
		errs = append(errs, c.EVM.Stop())
	}
	if c.SVM != nil {
		errs = append(errs, c.SVM.Stop())
	}
	return errors.Join(errs...)
}

var config = template.Must(template.New("config.yaml").Parse(`home:
  chain_id: {{.ChainID}}
  rpc:{{range .Nodes}}
    - {{.}}{{end}}
targets:
  - name: base
    type: evm
    rpc: [{{.EVM}}]
    poll: {{.Poll}}
    key:
      file: keys/base.json
      password_file: keys/base.password
    balance_floor: "1000000000000000"
    evm:
      chain_id: {{.EVMChain}}
      contract: "{{.Contract}}"
      deploy_block: {{.DeployBlock}}
      max_fee_gwei: 500
      resubmit_after: {{.ResubmitAfter}}
  - name: solana
    type: solana
    rpc: [{{.SVM}}]
    poll: {{.Poll}}
    key:
      file: keys/solana.json
    balance_floor: "1000000"
    solana:
      genesis_hash: {{.Genesis}}
metrics:
  listen: {{.Listen}}
`))

// writeConfig writes config.yaml as far as it is known.
func (c *Chains) writeConfig() error {
	var nodes []string
	for _, node := range c.network.Nodes[:min(2, len(c.network.Nodes))] {
		nodes = append(nodes, node.RPC())
	}
	f, err := os.OpenFile(filepath.Join(c.Home, "config.yaml"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = config.Execute(f, map[string]any{
		"ChainID": c.network.ChainID, "Nodes": nodes, "EVM": c.EVM.URL, "EVMChain": baseChainID, "SVM": c.SVM.URL,
		"Genesis": c.genesis, "Contract": c.Contract, "DeployBlock": c.DeployBlock, "Listen": c.Listen,
		"Poll": c.opts.Poll, "ResubmitAfter": c.opts.ResubmitAfter,
	})
	return errors.Join(err, f.Close())
}

// prepare makes keys, coins, the anchor and the contract.
func (c *Chains) prepare(ctx context.Context) error {
	keys := filepath.Join(c.Home, "keys")
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(keys, "base.password"), []byte("a local chain's password"), 0o600); err != nil {
		return err
	}
	if err := c.writeConfig(); err != nil {
		return err
	}
	if err := c.fund(ctx); err != nil {
		return err
	}
	if err := c.run(ctx, nil, "anchor"); err != nil {
		return err
	}
	var made struct {
		Contract    string `json:"contract"`
		DeployBlock uint64 `json:"deploy_block"`
	}
	owner, guardian := c.EVM.Accounts[1].Address, c.EVM.Accounts[2].Address
	if err := c.run(ctx, &made, "deploy", Base, "--owner", owner, "--guardian", guardian); err != nil {
		return err
	}
	c.Contract, c.DeployBlock = made.Contract, made.DeployBlock
	return c.writeConfig()
}

// fund makes a key for each chain and gives it coins.
func (c *Chains) fund(ctx context.Context) error {
	var key struct {
		Address string `json:"address"`
	}
	if err := c.run(ctx, &key, "keys", "add", Base, "--type", "evm", "--password-file", filepath.Join(c.Home, "keys", "base.password")); err != nil {
		return err
	}
	if err := c.EVM.SetBalance(ctx, key.Address, 10_000_000_000_000_000_000); err != nil {
		return err
	}
	if err := c.run(ctx, &key, "keys", "add", Solana, "--type", "solana"); err != nil {
		return err
	}
	return c.SVM.Airdrop(ctx, key.Address, 10_000_000_000)
}

// run runs a command of the relayer and decodes the JSON that it prints; out
// may be nil.
func (c *Chains) run(ctx context.Context, out any, args ...string) error {
	text, err := c.output(ctx, append(args, "-o", "json")...)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("cupel-relayer %s printed %q: %w", strings.Join(args, " "), text, err)
	}
	return nil
}

// plain runs a command of the relayer that prints for people.
func (c *Chains) plain(ctx context.Context, args ...string) error {
	_, err := c.output(ctx, args...)
	return err
}

func (c *Chains) output(ctx context.Context, args ...string) ([]byte, error) {
	cmd := net.Command(ctx, c.opts.Relayer, append(args, "--home", c.Home)...)
	var diag strings.Builder
	cmd.Stderr = &diag
	text, err := cmd.Output()
	if err != nil {
		return text, fmt.Errorf("cupel-relayer %s: %w\n%s%s", strings.Join(args, " "), err, text, diag.String())
	}
	return text, nil
}
