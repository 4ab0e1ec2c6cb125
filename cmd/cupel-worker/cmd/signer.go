// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/remotekey"
	"github.com/cupel-network/cupel/worker/server"
)

// signerFlags are those of `signer`.
type signerFlags struct {
	listen, chainID, backend, dir, key, tokenFile string
	maxFee                                        uint64
	group                                         bool
}

func newSignerCmd() *cobra.Command {
	var f signerFlags
	cmd := &cobra.Command{
		Use:   "signer",
		Short: "Hold the hot key in a process, or on a machine, of its own",
		Long: "Signs for a worker whose key.backend is remote. It reads every transaction and\n" +
			"refuses what is not one message of a worker (commit, reveal, heartbeat, drain) for\n" +
			"its chain with a bounded fee: whoever takes the worker cannot move its coins. On a\n" +
			"unix socket the mode of the file decides who may ask; elsewhere a token does.",
		Example: "cupel-worker signer --chain-id cupel-1 --listen unix:///run/cupel/signer.sock --dir /var/lib/cupel-signer",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runSigner(cmd, f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.listen, "listen", "", "unix:///PATH, or http://127.0.0.1:PORT behind a proxy with TLS")
	fl.StringVar(&f.chainID, "chain-id", "", "id of the only chain that is signed for")
	fl.StringVar(&f.backend, "keyring-backend", "file", "where the key is kept: file, os or test")
	fl.StringVar(&f.dir, "dir", "", "directory of the keyring")
	fl.StringVar(&f.key, "key", "worker", "name of the key; it is made if there is none")
	fl.StringVar(&f.tokenFile, "token-file", "", "file with the token that requests must carry, mode 0600")
	fl.BoolVar(&f.group, "group", false, "let the group of the unix socket ask too (mode 0660, else 0600)")
	fl.Uint64Var(&f.maxFee, "max-fee", 100_000, "most ucupel that one transaction may pay")
	for _, name := range []string{"listen", "chain-id", "dir"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return cmd
}

func runSigner(cmd *cobra.Command, f signerFlags) error {
	token, err := readToken(f.tokenFile)
	if err != nil {
		return err
	}
	enc, err := chain.NewEncoding()
	if err != nil {
		return err
	}
	ring, err := keyring.New("cupel-worker", f.backend, f.dir, cmd.InOrStdin(), enc.Codec)
	if err != nil {
		return fmt.Errorf("open the keyring: %w", err)
	}
	address, err := ensureKey(ring, f.key)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	listener, err := listenSigner(cmd.Context(), f, token)
	if err != nil {
		return err
	}
	srv := remotekey.Server{
		Ring: ring, Key: f.key, Token: token, Log: log,
		Policy: remotekey.Policy{
			ChainID: f.chainID, Messages: remotekey.Allowed(), MaxFee: f.maxFee, Denom: chain.Denom, MaxAhead: 10 * time.Minute,
		},
	}
	log.Info("signing", "address", address, "chain", f.chainID, "listen", f.listen)
	err = server.Run(cmd.Context(), listener, srv.Handler())
	if errors.Is(err, context.Canceled) || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// listenSigner opens the socket, which strangers cannot use; a port needs a
// token and is on this machine.
func listenSigner(ctx context.Context, f signerFlags, token string) (net.Listener, error) {
	if err := remotekey.ValidURL(f.listen); err != nil {
		return nil, exit.Usage(fmt.Errorf("flag --listen: %w", err))
	}
	u, err := url.Parse(f.listen)
	if err != nil {
		return nil, exit.Usage(err)
	}
	switch u.Scheme {
	case "unix":
		return listenUnix(ctx, u.Path, f.group)
	case "http":
		if token == "" {
			return nil, exit.Usage(errors.New("a port needs --token-file: anybody on this machine could ask for signatures"))
		}
		return (&net.ListenConfig{}).Listen(ctx, "tcp", u.Host)
	}
	return nil, exit.Usage(errors.New("flag --listen: the signer has no TLS of its own: listen on http://127.0.0.1 behind a proxy"))
}

func listenUnix(ctx context.Context, path string, group bool) (net.Listener, error) {
	if err := removeSocket(path); err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	mode := os.FileMode(0o600)
	if group {
		mode = 0o660
	}
	if err := os.Chmod(path, mode); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// removeSocket removes what a killed signer left.
func removeSocket(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode()&os.ModeSocket == 0 {
		return fmt.Errorf("%s is not a socket: choose another path for --listen", path)
	}
	return os.Remove(path)
}

// readToken reads a token that others cannot read; no file is no token.
func readToken(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("read the token of the signer: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("the token %s has mode %04o: run chmod 600", path, info.Mode().Perm())
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the token of the signer: %w", err)
	}
	token := strings.TrimSpace(string(raw))
	if len(token) < 16 {
		return "", fmt.Errorf("the token in %s has %d characters, at least 16 are needed", path, len(token))
	}
	return token, nil
}
