// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"context"
	"fmt"
	"time"

	"github.com/cupel-network/cupel/testutil/net"
)

// Target is what `cupel-relayer status` says of one chain.
type Target struct {
	Name     string
	Progress struct {
		Sent, Safe, Final uint64
	}
	Reason string
}

// Verification is what `cupel-relayer verify` says of one chain.
type Verification struct {
	Target      string
	Nonce       uint64 `json:"nonce,string"`
	Root        string
	Checkpoints int
	SetChanges  int    `json:"set_changes"`
	Leaves      uint64 `json:"leaves,string"`
	Signatures  int
	// Transactions carried the records.
	Transactions int
	Rejected     map[string]uint64
	HomeHead     uint64 `json:"home_head,string"`
	HomeLeaves   uint64 `json:"home_leaves,string"`
}

// StartRelayer runs the relayer until it is killed or the network ends. Env is
// added to the environment; binary is another program, if it is not empty.
func (c *Chains) StartRelayer(binary string, env ...string) error {
	if binary == "" {
		binary = c.opts.Relayer
	}
	process, err := c.network.Run("relayer", env, binary, "start", "--home", c.Home)
	c.process = process
	return err
}

// Relayer is the relayer's process, nil before StartRelayer.
func (c *Chains) Relayer() *net.Process { return c.process }

// Mirrored reports whether both chains have a nonce, finally.
func (c *Chains) Mirrored(ctx context.Context, nonce uint64) (bool, error) {
	for _, name := range []string{Base, Solana} {
		v, err := c.Verify(ctx, name, false)
		if err != nil || v.Nonce < nonce {
			return false, err
		}
	}
	return true, nil
}

// WaitMirrored waits until both chains have a nonce, finally.
func (c *Chains) WaitMirrored(ctx context.Context, nonce uint64) error {
	err := net.Until(ctx, time.Second, func() (bool, error) { return c.Mirrored(ctx, nonce) })
	if err != nil {
		return fmt.Errorf("nonce %d is not on both chains: %w\n%s", nonce, err, c.process.Tail(20))
	}
	return nil
}

// Verify runs `cupel-relayer verify --chain NAME`; with compare every root is
// also rebuilt from the leaves of the home chain.
func (c *Chains) Verify(ctx context.Context, chain string, compare bool) (Verification, error) {
	args := []string{"verify", "--chain", chain}
	if compare {
		args = append(args, "--compare")
	}
	var v Verification
	return v, c.run(ctx, &v, args...)
}

// Pause stops sending to a chain until Resume, as `cupel-relayer pause` does.
func (c *Chains) Pause(ctx context.Context, chain string) error { return c.plain(ctx, "pause", chain) }

// Resume ends Pause.
func (c *Chains) Resume(ctx context.Context, chain string) error {
	return c.plain(ctx, "resume", chain)
}

// Stick keeps transactions out of blocks, or lets them in again: the EVM chain
// makes no block, LiteSVM forgets what it is sent.
func (c *Chains) Stick(ctx context.Context, chain string, stuck bool) error {
	if chain == Solana {
		dropped := 0
		if stuck {
			dropped = 1_000
		}
		return c.SVM.DropNext(ctx, dropped)
	}
	seconds := max(int(c.opts.BlockTime.Seconds()), 1)
	if stuck {
		seconds = 0
	}
	return c.EVM.Call(ctx, nil, "evm_setIntervalMining", seconds)
}
