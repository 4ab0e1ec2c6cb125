// SPDX-License-Identifier: Apache-2.0

package net

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// Denom is the coin of fees and bonds; CUPEL is one coin in it.
const (
	Denom = "ucupel"
	CUPEL = 1_000_000
)

// Ports of a node, in the order in which cupeld testnet hands them out.
const (
	nodePorts = 10
	portRPC   = 1
	portREST  = 2
	portGRPC  = 3
)

// Fund is an account that has coins at genesis.
type Fund struct {
	Address string
	// Amount is in ucupel.
	Amount uint64
}

// Network is a chain of validators on this machine.
type Network struct {
	Binaries Binaries
	Dir      string
	ChainID  string
	Nodes    []*Node
	Ports    *Ports

	mu      sync.Mutex
	started []*Process
}

// Node is one validator.
type Node struct {
	Name, Home string
	Base       int

	network *Network
	process *Process
}

// New claims ports. Files are written by Init, after the keys that the genesis
// names have been made: workers need to know the ports first.
func New(binaries Binaries, dir, chainID string, validators int) (*Network, error) {
	ports, err := ClaimPorts()
	if err != nil {
		return nil, err
	}
	n := &Network{Binaries: binaries, Dir: dir, ChainID: chainID, Ports: ports}
	for i := range validators {
		base, err := ports.Take(nodePorts)
		if err != nil {
			return nil, errors.Join(err, ports.Release())
		}
		n.Nodes = append(n.Nodes, n.node(i, base))
	}
	return n, nil
}

// Init writes the homes of all validators and edits their genesis.
func (n *Network) Init(ctx context.Context, blockTime time.Duration, funds []Fund, edits []Edit) error {
	args := []string{
		"testnet", "init-files", "--single-host", "--v", strconv.Itoa(len(n.Nodes)), "--output-dir", n.Dir,
		"--chain-id", n.ChainID, "--starting-port", strconv.Itoa(n.Nodes[0].Base), "--commit-timeout", blockTime.String(),
		"--home", filepath.Join(n.Dir, "setup"),
	}
	for _, f := range funds {
		args = append(args, "--fund", fmt.Sprintf("%s=%d%s", f.Address, f.Amount, Denom))
	}
	if _, _, err := runTool(ctx, n.Binaries.Cupeld, args...); err != nil {
		return err
	}
	genesis, err := ReadGenesis(n.Nodes[0].genesis())
	if err != nil {
		return err
	}
	for _, e := range edits {
		if err := genesis.Set(e.Path, e.Value); err != nil {
			return err
		}
	}
	for _, node := range n.Nodes {
		if err := genesis.Write(node.genesis()); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) genesis() string { return filepath.Join(n.Home, "config", "genesis.json") }

// TCP is the node's RPC address as cupeld's --node wants it.
func (n *Node) TCP() string { return fmt.Sprintf("tcp://127.0.0.1:%d", n.Base+portRPC) }

// RPC is the URL of the node's CometBFT RPC.
func (n *Node) RPC() string { return fmt.Sprintf("http://127.0.0.1:%d", n.Base+portRPC) }

// REST is the URL of the node's REST interface.
func (n *Node) REST() string { return fmt.Sprintf("http://127.0.0.1:%d", n.Base+portREST) }

// GRPC is the address of the node's gRPC server.
func (n *Node) GRPC() string { return fmt.Sprintf("127.0.0.1:%d", n.Base+portGRPC) }

// Start runs the node's process.
func (n *Node) Start() error {
	p, err := n.network.Run(n.Name, nil, n.network.Binaries.Cupeld, "start", "--home", n.Home, "--log_no_color")
	n.process = p
	return err
}

// Process is the node's process, nil before Start.
func (n *Node) Process() *Process { return n.process }

// Start runs all validators and waits for the first block.
func (n *Network) Start(ctx context.Context) error {
	for _, node := range n.Nodes {
		if err := node.Start(); err != nil {
			return err
		}
	}
	for _, node := range n.Nodes {
		if err := node.WaitHeight(ctx, 1); err != nil {
			return fmt.Errorf("%s makes no block: %w", node.Name, err)
		}
	}
	return nil
}

// Run starts a process that ends with the network. Its log is kept in the
// network's folder.
func (n *Network) Run(name string, env []string, binary string, args ...string) (*Process, error) {
	logs := filepath.Join(n.Dir, "logs")
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return nil, err
	}
	p, err := StartProcess(name, filepath.Join(logs, name+".log"), env, binary, args...)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.started = append(n.started, p)
	return p, nil
}

// Ended returns the processes that have ended.
func (n *Network) Ended() []*Process {
	n.mu.Lock()
	defer n.mu.Unlock()
	var ended []*Process
	for _, p := range n.started {
		if !p.Running() {
			ended = append(ended, p)
		}
	}
	return ended
}

// Stop ends all processes as a service manager does and gives the ports back.
func (n *Network) Stop() error { return n.end((*Process).Stop) }

// Kill ends all processes at once and gives the ports back. It is for networks
// whose folder goes too.
func (n *Network) Kill() error { return n.end((*Process).Kill) }

func (n *Network) end(one func(*Process)) error {
	n.mu.Lock()
	started := n.started
	n.started = nil
	n.mu.Unlock()
	var wg sync.WaitGroup
	for _, p := range started {
		wg.Go(func() { one(p) })
	}
	wg.Wait()
	return n.Ports.Release()
}

// Tails returns the last lines of every log.
func (n *Network) Tails(lines int) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	text, seen := "", map[string]bool{}
	for _, p := range n.started {
		if !seen[p.Log] {
			seen[p.Log] = true
			text += fmt.Sprintf("--- %s\n%s\n", p.Log, p.Tail(lines))
		}
	}
	return text
}
