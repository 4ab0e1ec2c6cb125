// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/earnings"
	"github.com/cupel-network/cupel/worker/policy"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

func newEarningsCmd() *cobra.Command {
	var days int
	cmd := &cobra.Command{
		Use:   "earnings",
		Short: "Show what was earned, declined and spent, by class",
		Long: "Adds up the last days of the book that the worker keeps: attempts, pay as the\n" +
			"blocks say it, prices of the seats, fees, and what is not released yet. A ~ marks\n" +
			"pay that was computed because the node no longer had the block. It works with a\n" +
			"running worker and without one.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if days < 1 {
				return exit.Usage(fmt.Errorf("flag --days is %d, at least 1 is needed", days))
			}
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			r, err := readEarnings(cmd.Context(), cfg, days)
			if err != nil {
				return err
			}
			return output(cmd, r, r.Print)
		},
	}
	cmd.Flags().IntVar(&days, "days", 30, "how many days to add up, today included (UTC)")
	addOutputFlag(cmd)
	return cmd
}

// readEarnings asks the running worker, which has the book open, or reads the
// book if none runs.
func readEarnings(ctx context.Context, cfg worker.Config, days int) (earnings.Report, error) {
	var r earnings.Report
	err := askWorker(ctx, cfg, "/earnings?days="+strconv.Itoa(days), &r)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return worker.ReadEarnings(cfg, days)
	}
	return r, err
}

// askWorker reads a page of the worker that runs with this configuration.
func askWorker(ctx context.Context, cfg worker.Config, path string, v any) error {
	addr := operationsAddress(cfg)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return exit.With(exit.NetworkUnreachable, fmt.Errorf("the worker is not running: nothing listens on %s (cupel-worker run starts it): %w", addr, err))
	}
	if err != nil {
		return exit.With(exit.NetworkUnreachable, fmt.Errorf("ask the worker: %w", err))
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the worker answered %s on %s: is that address its own?", res.Status, addr)
	}
	return json.NewDecoder(io.LimitReader(res.Body, 16<<20)).Decode(v)
}

func newPriceCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "price",
		Short: "Compare the registered asks with the price policy",
		Long: "Shows for each class that the policy names what is registered and what the policy\n" +
			"calls for now. Only the operator's key can change an ask, with update-provider: that\n" +
			"message also sets the payout, so it is never given to the hot key.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			file, err := cfg.LoadPolicy()
			if err != nil {
				return err
			}
			prices, err := currentPrices(cmd.Context(), cfg, file)
			if err != nil {
				return err
			}
			return output(cmd, prices, func(w io.Writer) error { return printPrices(w, prices) })
		},
	}
	addOutputFlag(cmd)
	return cmd
}

// currentPrices asks the running worker, which knows its load, and otherwise
// shows the policy of an idle one.
func currentPrices(ctx context.Context, cfg worker.Config, file policy.File) ([]worker.Price, error) {
	st, err := readStatus(ctx, cfg)
	if err == nil {
		return st.Prices, nil
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return nil, err
	}
	var named []registrytypes.Resource
	for _, class := range file.Names() {
		named = append(named, registrytypes.Resource{Class: class})
	}
	return worker.Prices(file, named, 0, time.Now()), nil
}

func printPrices(w io.Writer, prices []worker.Price) error {
	if len(prices) == 0 {
		_, err := fmt.Fprintln(w, "the policy names no class that is offered: see policy.file")
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "class\tregistered\tpolicy\tfloor\tverdict")
	for _, p := range prices {
		verdict := "ok"
		switch {
		case p.Registered == 0:
			verdict = "the worker is not running: the registered ask is not known"
		case p.Registered < p.Floor:
			verdict = "below the floor: work is a loss; set price and run cupeld tx registry update-provider"
		case p.Registered != p.Policy:
			verdict = "set price and run cupeld tx registry update-provider"
		}
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%s\n", p.Class, p.Registered, p.Policy, p.Floor, verdict)
	}
	return tw.Flush()
}
