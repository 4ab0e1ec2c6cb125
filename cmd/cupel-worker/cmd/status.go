// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker"
)

func newStatusCmd() *cobra.Command {
	var watch bool
	var every time.Duration
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what the running worker does",
		Long: "Shows work, endpoints, fees, prices and what is not as it should be. With --watch\n" +
			"it is a page that keeps itself up to date; where the output is no terminal, one\n" +
			"page after another.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			if watch {
				if every < 100*time.Millisecond {
					return exit.Usage(fmt.Errorf("flag --every is %s, at least 100ms are needed", every))
				}
				return watchStatus(cmd, cfg, every)
			}
			st, err := readStatus(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			return output(cmd, st, func(w io.Writer) error { return printStatus(w, st) })
		},
	}
	cmd.Flags().BoolVarP(&watch, "watch", "w", false, "keep showing it until Ctrl-C")
	cmd.Flags().DurationVar(&every, "every", 2*time.Second, "time between two pages of --watch")
	addOutputFlag(cmd)
	return cmd
}

// The page is drawn over the last one: cursor home, then each line and the rest
// of the screen are cleared as they are written.
const (
	cursorHome = "\x1b[H"
	clearLine  = "\x1b[K"
	clearBelow = "\x1b[J"
)

// watchStatus shows page after page until the context is done. A worker that
// does not answer is shown as such: it may come back.
func watchStatus(cmd *cobra.Command, cfg worker.Config, every time.Duration) error {
	out := cmd.OutOrStdout()
	f, ok := out.(*os.File)
	live := ok && term.IsTerminal(int(f.Fd()))
	for cmd.Context().Err() == nil {
		if err := onePage(cmd.Context(), out, cfg, live, time.Now()); err != nil {
			return err
		}
		select {
		case <-cmd.Context().Done():
		case <-time.After(every):
		}
	}
	return nil
}

func onePage(ctx context.Context, out io.Writer, cfg worker.Config, live bool, now time.Time) error {
	var page bytes.Buffer
	st, err := readStatus(ctx, cfg)
	fmt.Fprintf(&page, "%s\n", now.Format(time.TimeOnly))
	if err != nil {
		fmt.Fprintf(&page, "%v\n", err)
	} else if err := printStatus(&page, st); err != nil {
		return err
	}
	text := page.String() + "\n"
	if live {
		text = cursorHome + strings.ReplaceAll(page.String(), "\n", clearLine+"\n") + clearBelow
	}
	_, err = io.WriteString(out, text)
	return err
}

// readStatus asks the worker that runs with this configuration.
func readStatus(ctx context.Context, cfg worker.Config) (worker.Status, error) {
	var st worker.Status
	return st, askWorker(ctx, cfg, "/status", &st)
}

// operationsAddress is where this machine reaches status and earnings.
func operationsAddress(cfg worker.Config) string {
	addr := cfg.HTTP.Operations
	if addr == "" {
		addr = cfg.HTTP.Listen
	}
	for _, wildcard := range []string{"0.0.0.0:", "[::]:"} {
		if port, ok := strings.CutPrefix(addr, wildcard); ok {
			addr = "127.0.0.1:" + port
		}
	}
	return addr
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
	printMoney(tw, st)
	for _, d := range st.Degraded {
		fmt.Fprintf(tw, "degraded\t%s: %s\n", d.Reason, d.Text)
	}
	return tw.Flush()
}

func printMoney(w io.Writer, st worker.Status) {
	limit := "no limit"
	if st.FeesLimit != 0 {
		limit = fmt.Sprintf("of %d", st.FeesLimit)
	}
	fmt.Fprintf(w, "fees\t%d ucupel this hour, %s\n", st.FeesSpent, limit)
	for _, e := range st.Endpoints {
		state := "down: " + e.Error
		if e.Up {
			state = fmt.Sprintf("up, height %d", e.Height)
		}
		fmt.Fprintf(w, "endpoint\t%s, %s\n", e.URL, state)
	}
	for _, p := range st.Prices {
		fmt.Fprintf(w, "price\t%s asks %d, the policy %d\n", p.Class, p.Registered, p.Policy)
	}
	for _, r := range st.Open {
		fmt.Fprintf(w, "not released\t%d attempts of %s, %d ucupel expected\n", r.Attempts, r.Requester, r.Expected)
	}
}
