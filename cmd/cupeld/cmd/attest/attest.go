// SPDX-License-Identifier: Apache-2.0

// Package attest is the attest command of cupeld: what a validator types to
// have its checkpoints signed.
package attest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor"
	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/chain"
)

// hotKey is the name of the hot account's key in the keyring.
const hotKey = "attest"

// Command returns the attest command with all its verbs. By itself it runs the
// attestor.
func Command() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "attest",
		Short: "Sign the chain's checkpoints for a validator",
		Long: "Without a verb, attest runs the attestor, as 'cupeld attest start' does: a process\n" +
			"beside the validator's node that checks every header and signs it.\n\n" +
			"Setup: init, then register with the validator's key, then attest.\n" +
			"Exit codes: 0 ok, 1 error, 2 usage, 4 not in a block in time, 7 network unreachable.",
		Example: "cupeld attest init\ncupeld attest register --from validator\ncupeld attest --metrics 127.0.0.1:26661",
		Args:    cobra.NoArgs,
	}
	runs(cmd)
	start := &cobra.Command{
		Use: "start", Aliases: []string{"run"}, Args: cobra.NoArgs,
		Short:   "Run the attestor until it is told to stop",
		Long:    "Runs the attestor. SIGTERM or Ctrl-C stops it; a second start goes on where this one\nstopped. It is the same as attest without a verb.",
		Example: "cupeld attest start --metrics 127.0.0.1:26661",
	}
	runs(start)
	cmd.AddCommand(start, initCmd(), registerCmd(), rotateCmd(), statusCmd(), evidenceCmd(), signerCmd())
	return cmd
}

// addChainFlags adds what it takes to read the node and the keyring.
func addChainFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.String(flags.FlagNode, "tcp://localhost:26657", "CometBFT RPC of the validator's own node")
	f.String(flags.FlagChainID, "", "id of the chain")
	f.String(flags.FlagKeyringBackend, flags.DefaultKeyringBackend, "where the hot account's key is kept: os, file or test")
	f.String(flags.FlagKeyringDir, "", "folder of the keyring, if not --home")
}

func addOutputFlag(cmd *cobra.Command) {
	cmd.Flags().StringP(flags.FlagOutput, "o", flags.OutputFormatText, "text or json")
}

// signerFlags are how a remote signer is reached.
type signerFlags struct {
	url, tokenFile string
	tls            signing.TLSFiles
}

func (s *signerFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.url, "signer", "", "remote signer: unix:///PATH, http://127.0.0.1:PORT or https://HOST:PORT; without it the keys of --home sign")
	f.StringVar(&s.tokenFile, "signer-token-file", "", "file with the bearer token of the remote signer")
	f.StringVar(&s.tls.CA, "signer-ca", "", "PEM of the CA of the remote signer's certificate")
	f.StringVar(&s.tls.Cert, "signer-cert", "", "PEM of the client certificate")
	f.StringVar(&s.tls.Key, "signer-key", "", "PEM of the client certificate's key")
}

// remote returns the client of the remote signer.
func (s *signerFlags) remote(chainID string) (*signing.Remote, error) {
	token, err := signing.ReadToken(s.tokenFile)
	if err != nil {
		return nil, exit.Usage(err)
	}
	config, err := s.tls.Client()
	if err != nil {
		return nil, exit.Usage(err)
	}
	remote, err := signing.NewRemote(signing.RemoteOptions{URL: s.url, ChainID: chainID, Token: token, TLS: config})
	return remote, exit.Usage(err)
}

// context returns the client context of a command that knows its chain.
func queryContext(cmd *cobra.Command) (client.Context, error) {
	ctx, err := client.GetClientQueryContext(cmd)
	if err != nil {
		return ctx, classify(err)
	}
	return ctx, known(ctx)
}

func known(ctx client.Context) error {
	if ctx.ChainID == "" {
		return exit.Usage(fmt.Errorf("the chain's id is not known: give --%s, or set it with 'cupeld config set client chain-id ID'", flags.FlagChainID))
	}
	return nil
}

// classify gives an error its exit code.
func classify(err error) error {
	var coded *exit.ExitError
	var netErr net.Error
	var urlErr *url.Error
	switch {
	case err == nil || errors.As(err, &coded):
		return err
	case errors.Is(err, chain.ErrUnknown), errors.As(err, &netErr), errors.As(err, &urlErr):
		return exit.With(exit.NetworkUnreachable, fmt.Errorf("cannot rely on the node: %w\nStart it, let it catch up, or name another one with --node", err))
	case errors.Is(err, attestor.ErrNotRegistered):
		return exit.With(exit.Failure, fmt.Errorf("%w\nRegister it with: cupeld attest register --from VALIDATOR", err))
	case errors.Is(err, attestor.ErrStaleGuard):
		return exit.With(exit.Failure, fmt.Errorf("%w\nStop whatever else signs with this key. If the guard is an old copy, move config/attest and data/attest\naway and make a new key with: cupeld attest rotate --from VALIDATOR", err))
	case errors.Is(err, signing.ErrNoGuard), errors.Is(err, signing.ErrForeignKey):
		return exit.With(exit.Failure, fmt.Errorf("%w\nRestore the guard that belongs to the keys. Only if it is lost and no copy of the\nkeys runs anywhere: cupeld attest start --new-guard", err))
	}
	return exit.With(exit.Failure, err)
}

// logger writes to err at the level and in the format of the node's flags.
func logger(cmd *cobra.Command) (*slog.Logger, error) {
	var level slog.Level
	if f := cmd.Flag(flags.FlagLogLevel); f != nil {
		if err := level.UnmarshalText([]byte(f.Value.String())); err != nil {
			return nil, exit.Usage(fmt.Errorf("--%s %q is not debug, info, warn or error", flags.FlagLogLevel, f.Value.String()))
		}
	}
	options := &slog.HandlerOptions{Level: level}
	if f := cmd.Flag(flags.FlagLogFormat); f != nil && f.Value.String() == flags.OutputFormatJSON {
		return slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), options)), nil
	}
	return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), options)), nil
}

// output prints v as JSON, or what text writes.
func output(cmd *cobra.Command, v any, text func(io.Writer)) error {
	switch format := cmd.Flag(flags.FlagOutput).Value.String(); format {
	case flags.OutputFormatJSON:
		raw, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), string(raw))
		return err
	case flags.OutputFormatText:
		var b strings.Builder
		text(&b)
		_, err := io.WriteString(cmd.OutOrStdout(), b.String())
		return err
	default:
		return exit.Usage(fmt.Errorf("--%s %q is not text or json", flags.FlagOutput, format))
	}
}
