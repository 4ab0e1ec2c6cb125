// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/crypt"
)

// ensureEncryptionKey returns the recipient of the worker, whose key is made
// if need be.
func ensureEncryptionKey(cfg worker.Config) (string, error) {
	path := cfg.Path(cfg.Key.Encryption)
	if err := crypt.Create(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	ids, err := crypt.Load(path)
	if err != nil {
		return "", err
	}
	return ids.Recipient(), nil
}

func newEncryptionKeyCmd() *cobra.Command {
	var rotate bool
	cmd := &cobra.Command{
		Use:   "encryption-key",
		Short: "Show the key that inputs are encrypted to; with --rotate make a new one",
		Long: "Shows the age recipient of the worker, to which the inputs of private jobs are\n" +
			"encrypted. With --rotate a new key is made; the old ones are kept, because jobs\n" +
			"that were encrypted to them may be under way. The worker reads the file at its\n" +
			"start. A new key counts when it is registered.",
		Example: "cupel-worker encryption-key --rotate",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			path := cfg.Path(cfg.Key.Encryption)
			if !rotate {
				ids, err := crypt.Load(path)
				if err != nil {
					return fmt.Errorf("%w (cupel-worker init makes one)", err)
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), ids.Recipient())
				return err
			}
			recipient, err := crypt.Rotate(path)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n\nNext:\n  1. restart the worker\n  2. set encryption_key in %s to it\n"+
				"  3. cupeld tx registry update-provider %[2]s --from OPERATOR\n", recipient, filepath.Join(cfg.Home, profileName))
			return err
		},
	}
	cmd.Flags().BoolVar(&rotate, "rotate", false, "make a new key and keep the old ones for what is under way")
	return cmd
}
