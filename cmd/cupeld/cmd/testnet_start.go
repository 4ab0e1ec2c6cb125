// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/cupel-network/cupel/cmd/internal/exit"
)

// stopGrace is how long a validator has to close its databases.
const stopGrace = 20 * time.Second

func testnetStartCmd(w *wiring) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Make a network on this machine and run it until Ctrl-C",
		Long: "start writes a new network to --output-dir, as 'testnet init-files --single-host'\n" +
			"does, and runs each validator as a process of its own. A network that is there\n" +
			"already is started again. One validator that ends ends them all.",
		Example: "cupeld testnet start --v 4 --output-dir ./net",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := readTestnetFlags(cmd)
			if err != nil {
				return exit.Usage(err)
			}
			if _, err := os.Stat(config.home(0)); os.IsNotExist(err) {
				if err := writeTestnet(cmd, w, config); err != nil {
					return err
				}
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return runTestnet(ctx, cmd, config)
		},
	}
	addTestnetFlags(cmd)
	return cmd
}

// runTestnet runs the validators until ctx is done. A validator that ends
// before that is an error.
func runTestnet(ctx context.Context, cmd *cobra.Command, c testnetConfig) error {
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	out := &lockedWriter{w: cmd.ErrOrStderr()}
	group, running := errgroup.WithContext(ctx)
	for i := range c.validators {
		group.Go(func() error {
			if err := runValidator(running, binary, c.home(i), c.nodeName(i), out); ctx.Err() == nil {
				return fmt.Errorf("%s ended: %w", c.nodeName(i), err)
			}
			return nil
		})
		cmd.PrintErrf("%s: rpc http://127.0.0.1:%d, rest http://127.0.0.1:%d, home %s\n",
			c.nodeName(i), c.nodePorts(i).rpc, c.nodePorts(i).api, c.home(i))
	}
	return group.Wait()
}

func runValidator(ctx context.Context, binary, home, name string, out io.Writer) error {
	node := exec.CommandContext(ctx, binary, "start", "--home", home, "--log_no_color")
	node.Cancel = func() error { return node.Process.Signal(syscall.SIGTERM) }
	node.WaitDelay = stopGrace
	logs, err := node.StderrPipe()
	if err != nil {
		return err
	}
	if err := node.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(logs)
	for lines.Scan() {
		if _, err := fmt.Fprintf(out, "%s %s\n", name, lines.Text()); err != nil {
			return err
		}
	}
	if err := node.Wait(); err != nil {
		return err
	}
	return errors.New("it stopped by itself: see its last lines above")
}

// lockedWriter keeps the lines of several validators apart.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// Write implements io.Writer.
func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
