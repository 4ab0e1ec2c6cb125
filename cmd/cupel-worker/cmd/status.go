// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker"
)

func newStatusCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "status", Short: "Show what the running worker does", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			st, err := readStatus(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			return output(cmd, st, func(w io.Writer) error { return printStatus(w, st) })
		},
	}
	addOutputFlag(cmd)
	return cmd
}

// readStatus asks the worker that runs with this configuration.
func readStatus(ctx context.Context, cfg worker.Config) (worker.Status, error) {
	addr := cfg.HTTP.Operations
	if addr == "" {
		addr = cfg.HTTP.Listen
	}
	for _, wildcard := range []string{"0.0.0.0:", "[::]:"} {
		if port, ok := strings.CutPrefix(addr, wildcard); ok {
			addr = "127.0.0.1:" + port
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/status", nil)
	if err != nil {
		return worker.Status{}, err
	}
	res, err := http.DefaultClient.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return worker.Status{}, exit.With(exit.NetworkUnreachable, fmt.Errorf("the worker is not running: nothing listens on %s (cupel-worker run starts it)", addr))
	}
	if err != nil {
		return worker.Status{}, exit.With(exit.NetworkUnreachable, fmt.Errorf("ask the worker: %w", err))
	}
	defer res.Body.Close()
	var st worker.Status
	if res.StatusCode != http.StatusOK {
		return st, fmt.Errorf("the worker answered %s on %s: is that address its own?", res.Status, addr)
	}
	return st, json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&st)
}

func printStatus(w io.Writer, st worker.Status) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	health := "healthy"
	if !st.Healthy {
		health = "not healthy: see /healthz and the log"
	}
	fmt.Fprintf(tw, "worker\t%s, %s\n", st.Worker, health)
	fmt.Fprintf(tw, "chain\t%s at height %d\n", st.ChainID, st.Height)
	if st.Work.Provider == 0 {
		fmt.Fprintf(tw, "provider\tnot registered yet, or the chain has not answered\n")
	} else {
		fmt.Fprintf(tw, "provider\t%d, %s\n", st.Work.Provider, st.Work.Status)
	}
	fmt.Fprintf(tw, "work\t%d lots, %d cases, %d running, %d statements pending\n", st.Work.Lots, st.Work.Cases, st.Work.Running, st.Pending)
	fmt.Fprintf(tw, "classes\t%s\n", strings.Join(st.Classes, ", "))
	fmt.Fprintf(tw, "version\t%s\n", st.Version)
	return tw.Flush()
}
