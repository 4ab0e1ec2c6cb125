// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/judge"
	"github.com/cupel-network/cupel/worker/tee"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// quoteJSON is what quote writes as JSON.
type quoteJSON struct {
	TEE      string `json:"tee"`
	Operator string `json:"operator"`
	Worker   string `json:"worker"`
	Epoch    uint64 `json:"epoch"`
	File     string `json:"file"`
	SHA256   string `json:"sha256"`
	// Judged is what the members of a committee will find.
	Judged  string `json:"judged"`
	Command string `json:"command"`
}

func newQuoteCmd() *cobra.Command { return quoteCmd(tee.Find) }

// quoteCmd asks the machine that find returns. Tests replace it.
func quoteCmd(find func() (tee.Machine, error)) *cobra.Command {
	var out, uri, class string
	cmd := &cobra.Command{
		Use:   "quote",
		Short: "Ask the TEE of this machine for a quote and print how to submit it",
		Long: "Asks the trusted execution environment that this machine runs in (Intel TDX or AMD\n" +
			"SEV-SNP) for a quote that binds chain, operator, worker key and the current epoch,\n" +
			"writes it to a file, judges it as the members of a committee do, and prints the\n" +
			"command that submits it. Serve the file under the URI until the committee has voted.",
		Example: "cupel-worker quote --out quote.bin --uri https://worker.example.com/quote.bin",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			machine, err := find()
			if err != nil {
				return err
			}
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			ring, err := openRing(cfg, cmd.InOrStdin())
			if err != nil {
				return err
			}
			address, err := keyAddress(ring, cfg.Key.Name)
			if err != nil {
				return err
			}
			q, err := makeQuote(cmd.Context(), cfg, address, machine, out)
			if errors.Is(err, chain.ErrUnknown) {
				return exit.With(exit.NetworkUnreachable, err)
			}
			if err != nil {
				return err
			}
			q.Command = fmt.Sprintf("cupeld tx market submit-quote --class %s --tee %s --uri %s --sha256 %s --epoch %d --from operator",
				class, flagOf(machine.Kind), uri, q.SHA256, q.Epoch)
			return output(cmd, q, func(w io.Writer) error { return printQuote(w, q) })
		},
	}
	cmd.Flags().StringVar(&out, "out", "quote.bin", "file to write the quote to")
	cmd.Flags().StringVar(&uri, "uri", "https://YOUR.HOST/quote.bin", "where the committee can fetch it")
	cmd.Flags().StringVar(&class, "class", "wasm/v1-amd64", "class that the provider offers, whose operators judge")
	addOutputFlag(cmd)
	return cmd
}

// flagOf is a kind as the flag --tee of cupeld takes it.
func flagOf(kind markettypes.TEE) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(kind.String(), "TEE_")), "_", "-")
}

const quoteTimeout = time.Minute

// makeQuote writes a quote for the worker of an address.
func makeQuote(ctx context.Context, cfg worker.Config, address string, machine tee.Machine, out string) (quoteJSON, error) {
	ctx, cancel := context.WithTimeout(ctx, quoteTimeout)
	defer cancel()
	client, err := worker.NewChain(cfg)
	if err != nil {
		return quoteJSON{}, err
	}
	res, err := client.Provider(ctx, address)
	if err != nil {
		return quoteJSON{}, fmt.Errorf("find the provider of worker %s: %w", address, err)
	}
	epoch, err := client.OracleEpoch(ctx)
	if err != nil {
		return quoteJSON{}, fmt.Errorf("read the epoch: %w", err)
	}
	operator, err := chain.ParseAddress(res.Provider.Operator)
	if err != nil {
		return quoteJSON{}, err
	}
	hot, err := chain.ParseAddress(address)
	if err != nil {
		return quoteJSON{}, err
	}
	data := judge.ReportData(cfg.Chain.ID, operator, hot, epoch)
	raw, err := machine.Quote(data)
	if err != nil {
		return quoteJSON{}, fmt.Errorf("ask the machine for a quote: %w", err)
	}
	sum := sha256.Sum256(raw)
	reason, _ := judge.Quote(machine.Kind, raw, data, time.Now(), judge.Roots{})
	return quoteJSON{
		TEE: machine.Kind.String(), Operator: res.Provider.Operator, Worker: address, Epoch: epoch, File: out,
		SHA256: hex.EncodeToString(sum[:]), Judged: reason.String(),
	}, os.WriteFile(out, raw, 0o644)
}

func printQuote(w io.Writer, q quoteJSON) error {
	_, err := fmt.Fprintf(w, "%s quote of %s, epoch %d, in %s\njudged here: %s\n\nNext:\n  1. serve %s under the URI\n  2. %s\n",
		q.TEE, q.Worker, q.Epoch, q.File, q.Judged, q.File, q.Command)
	return err
}
