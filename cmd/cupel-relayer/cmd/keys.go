// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/relayer"
)

func newKeysCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make, import and show the keys that pay",
		Long: "Keys lie in keys/ of the home: encrypted keystores for EVM chains, keypair files\n" +
			"for Solana. They pay fees and hold no other power. A private key is never printed.",
		Example: "cupel-relayer keys add base --type evm --password-file keys/base.password",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeysAddCmd(), newKeysImportCmd(), newKeysListCmd(), newKeysShowCmd())
	return cmd
}

// keyFlags are what a new key needs.
type keyFlags struct {
	kind   string
	config relayer.KeyConfig
}

func (k *keyFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&k.kind, "type", relayer.TypeEVM, "evm or solana")
	cmd.Flags().StringVar(&k.config.PasswordFile, "password-file", "", "file with the password of the keystore (evm)")
	cmd.Flags().StringVar(&k.config.PasswordEnv, "password-env", "", "environment variable with the password (evm)")
	addOutputFlag(cmd)
}

// password is empty for Solana. The file is looked up from the directory of
// the caller, then from the home.
func (k *keyFlags) password(home string) (string, error) {
	if k.kind != relayer.TypeEVM {
		return "", nil
	}
	if (k.config.PasswordFile == "") == (k.config.PasswordEnv == "") {
		return "", exit.Usage(errors.New("a keystore needs a password: give --password-file or --password-env"))
	}
	cfg := relayer.Config{Dir: home}
	if _, err := os.Stat(k.config.PasswordFile); err == nil {
		cfg.Dir = "."
	}
	password, err := k.config.Password(cfg)
	if err == nil && password == "" {
		err = fmt.Errorf("the password in %s is empty", k.config.PasswordFile)
	}
	return password, err
}

func newKeysAddCmd() *cobra.Command {
	var flags keyFlags
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Make a new key", Args: cobra.ExactArgs(1),
		Example: "cupel-relayer keys add solana --type solana",
	}
	flags.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		home, err := homeOf(cmd)
		if err != nil {
			return err
		}
		password, err := flags.password(home)
		if err != nil {
			return err
		}
		key, err := relayer.AddKey(home, args[0], flags.kind, password)
		if err != nil {
			return err
		}
		return printKeys(cmd, key, []relayer.Key{key})
	}
	return cmd
}

func newKeysImportCmd() *cobra.Command {
	var flags keyFlags
	var from string
	cmd := &cobra.Command{
		Use: "import NAME", Short: "Take over a key that exists", Args: cobra.ExactArgs(1),
		Long: "Takes over a key from a file, or with --from - from standard input: for EVM the\n" +
			"hex digits of a private key or a keystore, for Solana a keypair file.",
		Example: "cupel-relayer keys import base --type evm --from old-key.hex --password-env PASSWORD",
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&from, "from", "", "file of the key, or - for standard input")
	if err := cmd.MarkFlagRequired("from"); err != nil {
		panic(err) // the flag is defined above
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		home, err := homeOf(cmd)
		if err != nil {
			return err
		}
		password, err := flags.password(home)
		if err != nil {
			return err
		}
		content, err := readKey(cmd, from)
		if err != nil {
			return err
		}
		key, err := relayer.ImportKey(home, args[0], flags.kind, password, content)
		if err != nil {
			return err
		}
		return printKeys(cmd, key, []relayer.Key{key})
	}
	return cmd
}

// maxKeyFile bounds what is read as a key.
const maxKeyFile = 64 << 10

func readKey(cmd *cobra.Command, from string) ([]byte, error) {
	if from == "-" {
		return io.ReadAll(io.LimitReader(cmd.InOrStdin(), maxKeyFile))
	}
	f, err := os.Open(from)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	return content, errors.Join(err, f.Close())
}

func newKeysListCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the keys in the home", Example: "cupel-relayer keys list -o json", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := homeOf(cmd)
			if err != nil {
				return err
			}
			keys, err := relayer.ListKeys(home)
			if err != nil {
				return err
			}
			return printKeys(cmd, keys, keys)
		},
	}
	addOutputFlag(cmd)
	return cmd
}

func newKeysShowCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show NAME", Short: "Show the address of a key", Example: "cupel-relayer keys show base", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			home, err := homeOf(cmd)
			if err != nil {
				return err
			}
			key, err := relayer.ReadKey(home, strings.TrimSpace(args[0]))
			if err != nil {
				return err
			}
			return printKeys(cmd, key, []relayer.Key{key})
		},
	}
	addOutputFlag(cmd)
	return cmd
}

func printKeys(cmd *cobra.Command, v any, keys []relayer.Key) error {
	return output(cmd, v, func(w io.Writer) error {
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(tw, "NAME\tTYPE\tADDRESS\tFILE")
		for _, k := range keys {
			fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", k.Name, k.Type, k.Address, k.Path)
		}
		return tw.Flush()
	})
}
