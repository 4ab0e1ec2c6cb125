// SPDX-License-Identifier: Apache-2.0

// Package anvil runs a development node of Foundry as a process and controls
// it: reorganizations, dropped transactions, base fee, time. The node is an EVM
// with the rules of the OP stack; nothing of value is on it.
package anvil

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/cupel-network/cupel/relayer/npm"
)

// Options of a node.
type Options struct {
	// Binary is the path of anvil; empty finds the one that `make npm` installs.
	Binary string
	// Port to listen on at 127.0.0.1; 0 takes a free one.
	Port int
	// ChainID is that of the node, 31337 if 0.
	ChainID uint64
	// BlockTime is the time between blocks. 0 makes a block for each transaction
	// and by Mine; below 0 by Mine only.
	BlockTime time.Duration
	// Ethereum runs without the rules of the OP stack.
	Ethereum bool
	// SlotsInEpoch sets finality: the safe block is that many behind the newest,
	// the final one twice that. 32 if 0.
	SlotsInEpoch int
}

// Account is one of the accounts that are funded from the first block on.
type Account struct {
	Address string // 0x and 40 hex digits
	Key     string // 0x and 64 hex digits
}

// Node is a running anvil.
type Node struct {
	// URL of its JSON-RPC over HTTP.
	URL string
	// Accounts have 10,000 ether each. Their keys are public knowledge.
	Accounts []Account

	cmd    *exec.Cmd
	output *os.File
	exited chan struct{}
}

// startTimeout bounds how long the node may take to listen.
const startTimeout = 30 * time.Second

// Start runs a node until Stop, or until ctx ends. dir holds its log, anvil.log,
// and its accounts.
func Start(ctx context.Context, dir string, opts Options) (*Node, error) {
	binary := opts.Binary
	if binary == "" {
		found, err := npm.Foundry("anvil")
		if err != nil {
			return nil, err
		}
		binary = found
	}
	accounts := filepath.Join(dir, "anvil.json")
	output, err := os.Create(filepath.Join(dir, "anvil.log"))
	if err != nil {
		return nil, fmt.Errorf("log of anvil: %w", err)
	}
	cmd := exec.CommandContext(ctx, binary, opts.arguments(accounts)...)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start anvil: %w", err), output.Close())
	}
	n := &Node{cmd: cmd, output: output, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // its end is what counts, not how
		close(n.exited)
	}()
	if err := n.listening(ctx); err != nil {
		return nil, errors.Join(err, n.Stop())
	}
	if n.Accounts, err = readAccounts(accounts); err != nil {
		return nil, errors.Join(err, n.Stop())
	}
	return n, nil
}

func (o Options) arguments(accounts string) []string {
	args := []string{"--host", "127.0.0.1", "--port", strconv.Itoa(o.Port), "--config-out", accounts}
	if !o.Ethereum {
		args = append(args, "--optimism")
	}
	if o.ChainID != 0 {
		args = append(args, "--chain-id", strconv.FormatUint(o.ChainID, 10))
	}
	if o.SlotsInEpoch != 0 {
		args = append(args, "--slots-in-an-epoch", strconv.Itoa(o.SlotsInEpoch))
	}
	switch {
	case o.BlockTime > 0:
		args = append(args, "--block-time", strconv.FormatFloat(o.BlockTime.Seconds(), 'f', -1, 64))
	case o.BlockTime < 0:
		args = append(args, "--no-mining")
	}
	return args
}

// listening waits for the line of the log that names the address.
func (n *Node) listening(ctx context.Context) error {
	deadline := time.NewTimer(startTimeout)
	defer deadline.Stop()
	for {
		if url, found := listenURL(n.output.Name()); found {
			n.URL = url
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-n.exited:
			return fmt.Errorf("anvil ended before it listened, see %s", n.output.Name())
		case <-deadline.C:
			return fmt.Errorf("anvil did not listen within %s, see %s", startTimeout, n.output.Name())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func listenURL(path string) (string, bool) {
	file, err := os.Open(path)
	if err != nil {
		return "", false
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if address, found := strings.CutPrefix(lines.Text(), "Listening on "); found {
			return "http://" + strings.TrimSpace(address), true
		}
	}
	return "", false
}

func readAccounts(path string) ([]Account, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("accounts of anvil: %w", err)
	}
	var file struct {
		Addresses []string `json:"available_accounts"`
		Keys      []string `json:"private_keys"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("accounts of anvil: %w", err)
	}
	if len(file.Addresses) == 0 || len(file.Addresses) != len(file.Keys) {
		return nil, fmt.Errorf("accounts of anvil: %d addresses and %d keys", len(file.Addresses), len(file.Keys))
	}
	out := make([]Account, len(file.Keys))
	for i := range out {
		out[i] = Account{Address: file.Addresses[i], Key: file.Keys[i]}
	}
	return out, nil
}

// Exited is closed when the process has ended.
func (n *Node) Exited() <-chan struct{} { return n.exited }

// Stop ends the process and waits for it.
func (n *Node) Stop() error {
	select {
	case <-n.exited:
		return n.output.Close()
	default:
	}
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop anvil: %w", err)
	}
	select {
	case <-n.exited:
	case <-time.After(10 * time.Second):
		_ = n.cmd.Process.Kill() // it did not end by itself
		<-n.exited
	}
	return n.output.Close()
}

// Log copies what the node printed.
func (n *Node) Log(w io.Writer) error {
	file, err := os.Open(n.output.Name())
	if err != nil {
		return err
	}
	_, err = io.Copy(w, file)
	return errors.Join(err, file.Close())
}
