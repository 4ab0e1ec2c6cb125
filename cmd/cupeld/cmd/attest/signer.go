// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"context"
	"errors"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/server"
)

func signerCmd() *cobra.Command {
	var listen, tokenFile string
	var files signing.TLSFiles
	cmd := &cobra.Command{
		Use:   "signer",
		Short: "Serve the keys of this home as a remote signer",
		Long: "Serves the keys of this home to an attestor elsewhere. The signer is given whole\n" +
			"headers, computes what is signed itself and has a guard of its own. The socket of\n" +
			"unix:// is for its owner alone; tcp:// needs a token or client certificates.",
		Example: "cupeld attest signer --listen unix:///run/cupel/signer.sock --chain-id cupel-1\n" +
			"cupeld attest signer --listen tcp://10.0.0.2:7000 --tls-cert s.pem --tls-key s.key --tls-client-ca ca.pem",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			err := serveSigner(ctx, cmd, listen, tokenFile, files)
			if ctx.Err() != nil && errors.Is(err, context.Canceled) {
				return nil
			}
			return classify(err)
		},
	}
	f := cmd.Flags()
	f.StringVar(&listen, "listen", "", "unix:///PATH or tcp://HOST:PORT")
	f.StringVar(&tokenFile, "token-file", "", "file with the bearer token that clients must send, 32 characters or more")
	f.StringVar(&files.Cert, "tls-cert", "", "PEM of the signer's certificate")
	f.StringVar(&files.Key, "tls-key", "", "PEM of its key")
	f.StringVar(&files.CA, "tls-client-ca", "", "PEM of the CA that has signed the clients' certificates")
	f.String(flags.FlagChainID, "", "id of the chain")
	if err := cmd.MarkFlagRequired("listen"); err != nil {
		panic(err) // the flag is defined above
	}
	return cmd
}

func serveSigner(ctx context.Context, cmd *cobra.Command, listen, tokenFile string, files signing.TLSFiles) error {
	clientCtx, err := queryContext(cmd)
	if err != nil {
		return err
	}
	log, err := logger(cmd)
	if err != nil {
		return err
	}
	token, err := signing.ReadToken(tokenFile)
	if err != nil {
		return exit.Usage(err)
	}
	local, err := signing.OpenLocal(clientCtx.HomeDir, clientCtx.ChainID)
	if err != nil {
		return err
	}
	defer local.Close()
	keys, err := local.Keys(ctx)
	if err != nil {
		return err
	}
	listener, err := signing.Listen(ctx, listen, token, files)
	if err != nil {
		return exit.Usage(err)
	}
	log.Info("remote signer serves", "listen", listen, "chain", clientCtx.ChainID, "keys", keys)
	handler := signing.Server{Signer: local, ChainID: clientCtx.ChainID, Token: token, Log: log}.Handler()
	return server.Run(ctx, listener, handler)
}
