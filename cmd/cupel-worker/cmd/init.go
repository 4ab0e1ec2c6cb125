// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"text/template"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/engine/wasm"
	"github.com/cupel-network/cupel/worker/salt"
)

// profileName is the file that cupeld registers the provider from.
const profileName = "provider.yaml"

// offer is what the example profile says.
type offer struct {
	Worker, Recipient, Endpoint, Class string
	Slots                              int
}

var profileTemplate = template.Must(template.New(profileName).Parse(`# What the provider declares on chain. Edit it, then run
# cupeld tx registry register ` + profileName + ` --from OPERATOR
worker: {{.Worker}}
bond: 100000000ucupel
region: ""
endpoint: {{.Endpoint}}
# inputs of private jobs are encrypted to it
encryption_key: {{.Recipient}}
resources:
  - class: {{.Class}}
    count: {{.Slots}}
    # ask in ucupel per 10^9 units of fuel
    price: 30
`))

func newInitCmd() *cobra.Command {
	cfg := worker.DefaultConfig("")
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Create the worker's home: configuration, key and secret",
		Long: "Creates the home with config.yaml, the hot key, the secret of the salts and\n" +
			"an example of what to register. What is there already is kept.",
		Example: "cupel-worker init --chain-id cupel-1 --node http://127.0.0.1:26657",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := homeOf(cmd)
			if err != nil {
				return err
			}
			cfg.Home = home
			return runInit(cmd, cfg)
		},
	}
	f := cmd.Flags()
	f.StringVar(&cfg.Chain.ID, "chain-id", "", "id of the chain")
	f.StringSliceVar(&cfg.Chain.RPC, "node", []string{"http://127.0.0.1:26657"}, "CometBFT RPC endpoints")
	f.DurationVar(&cfg.Chain.Poll, "poll", cfg.Chain.Poll, "time between two looks at the chain")
	f.StringVar(&cfg.Key.Backend, "keyring-backend", cfg.Key.Backend, "where the key is kept: file, os, test or remote")
	f.StringVar(&cfg.Key.Remote, "signer", "", "remote signer of the backend remote: unix:///PATH or https://HOST")
	f.StringVar(&cfg.Key.Token, "signer-token", "", "file with the token of the remote signer")
	f.StringVar(&cfg.Key.Name, "key", cfg.Key.Name, "name of the key")
	f.IntVar(&cfg.Work.Slots, "slots", cfg.Work.Slots, "tasks that run at once")
	f.StringSliceVar(&cfg.Artifacts.FileRoots, "file-root", nil, "directory from which file:// inputs may be read")
	f.BoolVar(&cfg.Artifacts.PrivateHosts, "private-hosts", false, "fetch from loopback and private addresses too")
	f.StringVar(&cfg.HTTP.Listen, "listen", cfg.HTTP.Listen, "address that serves artifacts")
	f.StringVar(&cfg.HTTP.Endpoint, "endpoint", cfg.HTTP.Endpoint, "URL under which others reach --listen")
	f.StringVar(&cfg.HTTP.Operations, "operations", cfg.HTTP.Operations, "address of metrics and status; empty means --listen")
	f.StringVar(&cfg.Fees.GasPrice, "gas-price", cfg.Fees.GasPrice, "price of one unit of gas")
	f.StringVar(&cfg.Fees.Granter, "fee-granter", "", "account that pays the fees")
	if err := cmd.MarkFlagRequired("chain-id"); err != nil {
		panic(err) // the flag is defined above
	}
	return cmd
}

func runInit(cmd *cobra.Command, cfg worker.Config) error {
	if err := cfg.Validate(); err != nil {
		return exit.Usage(err)
	}
	if err := os.MkdirAll(cfg.Home, 0o700); err != nil {
		return fmt.Errorf("create the home: %w", err)
	}
	if err := writeConfig(cfg); err != nil {
		return err
	}
	cfg, err := worker.LoadConfig(cfg.Home)
	if err != nil {
		return err
	}
	if err := salt.Create(cfg.Path(cfg.Key.Secret)); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	recipient, err := ensureEncryptionKey(cfg)
	if err != nil {
		return err
	}
	ring, err := openRing(cfg, cmd.InOrStdin())
	if err != nil {
		return err
	}
	address, err := ensureKey(ring, cfg.Key.Name)
	if err != nil {
		return err
	}
	if err := writeProfile(cfg, address, recipient); err != nil {
		return err
	}
	return printNext(cmd.OutOrStdout(), cfg, address)
}

// writeNew writes a file that is not there yet and keeps one that is.
func writeNew(path string, content []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

func writeConfig(cfg worker.Config) error {
	raw, err := yaml.Marshal(cfg)
	if err != nil {
		return err
	}
	head := "# Configuration of cupel-worker. Every field is described in worker/README.md.\n"
	if err := writeNew(filepath.Join(cfg.Home, worker.ConfigName), append([]byte(head), raw...), 0o600); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	return nil
}

// ensureKey returns the address of the key, which is made if need be.
func ensureKey(ring keyring.Keyring, name string) (string, error) {
	rec, err := ring.Key(name)
	if errors.Is(err, sdkerrors.ErrKeyNotFound) {
		path := hd.CreateHDPath(chain.CoinType, 0, 0).String()
		rec, _, err = ring.NewMnemonic(name, keyring.English, path, keyring.DefaultBIP39Passphrase, hd.Secp256k1)
	}
	if err != nil {
		return "", fmt.Errorf("make key %q: %w", name, err)
	}
	addr, err := rec.GetAddress()
	if err != nil {
		return "", err
	}
	return chain.FormatAddress(addr)
}

func writeProfile(cfg worker.Config, address, recipient string) error {
	path := filepath.Join(cfg.Home, profileName)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the example profile: %w", err)
	}
	err = profileTemplate.Execute(f, offer{Worker: address, Recipient: recipient, Endpoint: cfg.HTTP.Endpoint, Class: wasm.Class, Slots: cfg.Work.Slots})
	return errors.Join(err, f.Close())
}

func printNext(w io.Writer, cfg worker.Config, address string) error {
	profile := filepath.Join(cfg.Home, profileName)
	_, err := fmt.Fprintf(w, `worker address: %s
home:           %s

Back up %s: with it a lost disk loses no reveal.
Back up %s too: it opens the inputs of private jobs.

Next, with the operator's key, which stays off this machine:
  1. edit %s
  2. cupeld tx registry register %s --from OPERATOR --chain-id %s
  3. cupeld tx bank send OPERATOR %s 1000000%s
     or cupeld tx feegrant grant OPERATOR %s, and set fees.granter
  4. cupel-worker doctor --home %s
  5. cupel-worker run --home %s
`, address, cfg.Home, cfg.Path(cfg.Key.Secret), cfg.Path(cfg.Key.Encryption), profile, profile, cfg.Chain.ID, address, chain.Denom, address, cfg.Home, cfg.Home)
	return err
}
