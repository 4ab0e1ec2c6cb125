// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/remotekey"
)

// openRing opens the keyring that the configuration names, or connects to the
// remote signer. A backend with a passphrase asks for it on in.
func openRing(cfg worker.Config, in io.Reader) (keyring.Keyring, error) {
	enc, err := chain.NewEncoding()
	if err != nil {
		return nil, err
	}
	if cfg.Key.Backend == worker.BackendRemote {
		token, err := readToken(pathOrEmpty(cfg, cfg.Key.Token))
		if err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		return remotekey.Dial(ctx, enc.Codec, cfg.Key.Remote, token, cfg.Key.Name)
	}
	dir := cfg.Home
	if cfg.Key.Dir != "" {
		dir = cfg.Path(cfg.Key.Dir)
	}
	ring, err := keyring.New("cupel-worker", cfg.Key.Backend, dir, in, enc.Codec)
	if err != nil {
		return nil, fmt.Errorf("open the keyring: %w", err)
	}
	return ring, nil
}

func pathOrEmpty(cfg worker.Config, path string) string {
	if path == "" {
		return ""
	}
	return cfg.Path(path)
}

func newKeyCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "key", Short: "Show the hot key, or prepare its rotation"}
	cmd.AddCommand(&cobra.Command{
		Use: "show", Short: "Show the addresses of the hot key and of the next one", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			ring, err := openRing(cfg, cmd.InOrStdin())
			if err != nil {
				return err
			}
			return showKeys(cmd.OutOrStdout(), ring, cfg.Key)
		},
	}, newRotateCmd())
	return cmd
}

func showKeys(w io.Writer, ring keyring.Keyring, key worker.KeyConfig) error {
	for _, name := range []string{key.Name, key.Next} {
		if name == "" {
			continue
		}
		address, err := keyAddress(ring, name)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\t%s\n", name, address); err != nil {
			return err
		}
	}
	return nil
}

func keyAddress(ring keyring.Keyring, name string) (string, error) {
	rec, err := ring.Key(name)
	if err != nil {
		return "", fmt.Errorf("find key %q: %w", name, err)
	}
	addr, err := rec.GetAddress()
	if err != nil {
		return "", err
	}
	return chain.FormatAddress(addr)
}

func newRotateCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "rotate NAME",
		Short: "Make the next hot key and say how to change to it",
		Long: "Makes a key of this name. With key.next the running worker holds both keys and\n" +
			"changes over at the moment the chain names the new one: nothing in flight is lost,\n" +
			"because commitments bind the operator and salts the secret.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			if cfg.Key.Backend == worker.BackendRemote {
				return exit.Usage(errors.New("the key is with a remote signer: start a signer with a new key, and point key.remote to it after the rotation"))
			}
			if args[0] == cfg.Key.Name || strings.TrimSpace(args[0]) == "" {
				return exit.Usage(fmt.Errorf("%q is the key in use: choose another name", args[0]))
			}
			ring, err := openRing(cfg, cmd.InOrStdin())
			if err != nil {
				return err
			}
			if _, err := ring.Key(args[0]); err != nil && !errors.Is(err, sdkerrors.ErrKeyNotFound) {
				return err
			}
			address, err := ensureKey(ring, args[0])
			if err != nil {
				return err
			}
			return printRotation(cmd.OutOrStdout(), cfg, args[0], address)
		},
	}
}

func printRotation(w io.Writer, cfg worker.Config, name, address string) error {
	fund := fmt.Sprintf("cupeld tx bank send OPERATOR %s 1000000%s", address, chain.Denom)
	if cfg.Fees.Granter != "" {
		fund = fmt.Sprintf("cupeld tx feegrant grant %s %s", cfg.Fees.Granter, address)
	}
	_, err := fmt.Fprintf(w, `next key: %s, %s

  1. set key.next: %s in config.yaml and restart the worker: it holds both keys now
  2. %s
  3. cupeld tx registry rotate-worker %s --from OPERATOR --chain-id %s
     the running worker changes over with the next look at the chain
  4. set key.name: %s, take key.next out, and restart at a quiet moment
  5. move what is left on the old key, and delete it
`, name, address, name, fund, address, cfg.Chain.ID, name)
	return err
}
