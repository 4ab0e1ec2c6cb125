// SPDX-License-Identifier: Apache-2.0

package net

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// Command is a command that gets no signal but from ctx, and ends with this
// process.
func Command(ctx context.Context, binary string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.SysProcAttr = attributes()
	return cmd
}

// runTool runs a command to its end and returns both of its outputs.
func runTool(ctx context.Context, binary string, args ...string) (stdout, stderr []byte, err error) {
	cmd := Command(ctx, binary, args...)
	var out, diag bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &diag
	if err := cmd.Run(); err != nil {
		return out.Bytes(), diag.Bytes(), fmt.Errorf("%s %s: %w\n%s", binary, strings.Join(args, " "), err, lastLines(diag.String()+out.String()))
	}
	return out.Bytes(), diag.Bytes(), nil
}

// lastLines drops the help that a usage error prints before it.
func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}

// Key is an account in the keyring of a home.
type Key struct{ Name, Home, Address string }

// AddKey makes a key in the test keyring of a home.
func (b Binaries) AddKey(ctx context.Context, home, name string) (Key, error) {
	out, diag, err := runTool(ctx, b.Cupeld, "keys", "add", name, "--home", home, "--keyring-backend", "test", "--output", "json")
	if err != nil {
		return Key{}, err
	}
	for _, text := range [][]byte{out, diag} {
		var made struct{ Address string }
		if json.Unmarshal(text, &made) == nil && made.Address != "" {
			return Key{Name: name, Home: home, Address: made.Address}, nil
		}
	}
	return Key{}, fmt.Errorf("keys add %s printed no address: %s%s", name, out, diag)
}

// Tx runs `cupeld tx ARGS` with a key and returns once the transaction is in
// a block. A transaction that fails is an error.
func (n *Network) Tx(ctx context.Context, from Key, args ...string) (TxResult, error) {
	hash, err := n.Broadcast(ctx, from, args...)
	if err != nil {
		return TxResult{}, err
	}
	res, err := n.WaitTx(ctx, hash)
	if err != nil {
		return res, fmt.Errorf("tx %s: %w", strings.Join(args, " "), err)
	}
	return res, nil
}

// Broadcast runs `cupeld tx ARGS` with a key and returns the hash.
func (n *Network) Broadcast(ctx context.Context, from Key, args ...string) (string, error) {
	all := append([]string{"tx"}, args...)
	all = append(all, "--from", from.Name, "--home", from.Home, "--keyring-backend", "test", "--chain-id", n.ChainID,
		"--node", n.Nodes[0].TCP(), "--gas-prices", gasPrice, "--yes", "--output", "json")
	if !strings.Contains(strings.Join(args, " "), "--gas") {
		all = append(all, "--gas", "400000")
	}
	out, _, err := runTool(ctx, n.Binaries.Cupeld, all...)
	if err != nil {
		return "", err
	}
	var sent struct {
		TxHash string `json:"txhash"`
		Code   int    `json:"code"`
		RawLog string `json:"raw_log"`
	}
	if err := json.Unmarshal(out, &sent); err != nil {
		return "", fmt.Errorf("tx %s printed %s: %w", args[0], out, err)
	}
	if sent.Code != 0 {
		return "", fmt.Errorf("tx %s: code %d: %s", strings.Join(args, " "), sent.Code, sent.RawLog)
	}
	return sent.TxHash, nil
}

// gasPrice is what the nodes ask for.
const gasPrice = "0.001" + Denom

// pause waits for an interval or until ctx is done.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Until polls a condition until it holds. The error of the last poll is joined
// to that of ctx.
func Until(ctx context.Context, every time.Duration, holds func() (bool, error)) error {
	for {
		ok, err := holds()
		if ok && err == nil {
			return nil
		}
		if stop := pause(ctx, every); stop != nil {
			return errors.Join(stop, err)
		}
	}
}
