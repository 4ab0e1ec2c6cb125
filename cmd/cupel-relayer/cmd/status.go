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

	"github.com/cupel-network/cupel/relayer"
)

// errNotRunning is returned if nothing listens where a relayer would.
var errNotRunning = errors.New("the relayer is not running")

// askRelayer reads an answer of the relayer that runs with a configuration.
func askRelayer(ctx context.Context, cfg relayer.Config, path string, answer any) error {
	addr := cfg.Metrics.Listen
	for _, wildcard := range []string{"0.0.0.0:", "[::]:", ":"} {
		if port, ok := strings.CutPrefix(addr, wildcard); ok {
			addr = "127.0.0.1:" + port
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return errNotRunning
	}
	if err != nil {
		return fmt.Errorf("ask the relayer: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the relayer answered %s on %s: is that address its own?", res.Status, addr)
	}
	return json.NewDecoder(io.LimitReader(res.Body, 8<<20)).Decode(answer)
}

func newStatusCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how far every target is",
		Long: "Shows of every target how many headers it has (sent), how many only a\n" +
			"reorganization of the layer below could take back (safe) and how many nothing can\n" +
			"(final). If no relayer runs, the chains are asked.",
		Example: "cupel-relayer status -o json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			var st relayer.Status
			err = askRelayer(cmd.Context(), cfg, "/status", &st)
			if errors.Is(err, errNotRunning) {
				st, err = relayer.Inspect(cmd.Context(), cfg, buildVersion())
			}
			if err != nil {
				return coded(err)
			}
			return output(cmd, st, func(w io.Writer) error { return printStatus(w, st) })
		},
	}
	addOutputFlag(cmd)
	return cmd
}

func printStatus(w io.Writer, st relayer.Status) error {
	running := "running, version " + st.Version
	if !st.Running {
		running = "not running (cupel-relayer start); the chains were asked"
	}
	fmt.Fprintf(w, "relayer  %s\nhome     %s at height %d, nonce %d sealed\n", running, st.Home.ChainID, st.Home.Height, st.Home.Head)
	for node, problem := range st.Home.Refused {
		fmt.Fprintf(w, "         %s gives no answer: %s\n", node, problem)
	}
	fmt.Fprintln(w)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "TARGET\tSENT\tSAFE\tFINAL\tLAG\tOLDEST\tBALANCE\tSTATE")
	for _, t := range st.Targets {
		balance := "unknown"
		if t.Balance != nil {
			balance = amount(t)
		}
		oldest := "-"
		if t.OldestPendingSeconds > 0 {
			oldest = (time.Duration(t.OldestPendingSeconds) * time.Second).String()
		}
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%s\t%s\t%s\n", t.Name, t.Progress.Sent, t.Progress.Safe, t.Progress.Final, t.Lag, oldest, balance, word(t))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, t := range st.Targets {
		if t.Reason != "" {
			fmt.Fprintf(w, "\n%s: %s\n", t.Name, t.Reason)
		}
	}
	return nil
}

// word is the state of a target.
func word(t relayer.TargetStatus) string {
	switch {
	case t.Paused:
		return "paused"
	case t.Stopped:
		return "stopped"
	case t.Failures > 0 || t.Reason != "":
		return "failing"
	case t.Lag > 0:
		return "behind"
	}
	return "ok"
}

// amount is a balance in the coin of the chain.
func amount(t relayer.TargetStatus) string {
	digits, unit := 18, "coins"
	if t.Type == relayer.TypeSolana {
		digits, unit = 9, "SOL"
	}
	text := fmt.Sprintf("%0*s", digits+1, t.Balance)
	whole, part := text[:len(text)-digits], text[len(text)-digits:]
	return fmt.Sprintf("%s.%s %s", whole, part[:6], unit)
}

func newPendingCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pending",
		Short: "List what is not final yet, with the transactions in flight",
		Long: "Lists of every target the entries between its final nonce and what is sealed at\n" +
			"home: waiting, in_flight, sent or safe, with the hashes of their transactions.",
		Example: "cupel-relayer pending -o json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			var all []relayer.TargetPending
			err = askRelayer(cmd.Context(), cfg, "/pending", &all)
			if errors.Is(err, errNotRunning) {
				all, err = relayer.InspectPending(cmd.Context(), cfg, buildVersion())
			}
			if err != nil {
				return coded(err)
			}
			return output(cmd, all, func(w io.Writer) error { return printPending(w, all) })
		},
	}
	addOutputFlag(cmd)
	return cmd
}

func printPending(w io.Writer, all []relayer.TargetPending) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "TARGET\tNONCE\tSTATE\tTRANSACTIONS")
	for _, target := range all {
		for _, e := range target.Entries {
			fmt.Fprintf(tw, "%s\t%d\t%s\t%s\n", target.Name, e.Nonce, e.State, strings.Join(e.Hashes, " "))
		}
		if target.More > 0 {
			fmt.Fprintf(tw, "%s\t\t%d more\t\n", target.Name, target.More)
		}
		if target.Error != "" {
			fmt.Fprintf(tw, "%s\t\tunknown\t%s\n", target.Name, target.Error)
		}
	}
	return tw.Flush()
}
