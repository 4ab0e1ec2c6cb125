// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// made is what init has made.
type made struct {
	Key     *checkpoint.Address `json:"key,omitempty"`
	Account string              `json:"account,omitempty"`
	Keys    string              `json:"keys_dir,omitempty"`
	Guard   string              `json:"guard,omitempty"`
}

func initCmd() *cobra.Command {
	var name string
	var add, noAccount, noKey bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make the signing key, its guard and the hot account",
		Long: "Makes a signing key in config/attest, the guard that keeps it from signing twice in\n" +
			"data/attest, and a hot account in the keyring that will send the signatures and needs\n" +
			"no coins. Keys that are there are never overwritten.",
		Example: "cupeld attest init\ncupeld attest init --no-account   # on the machine of a remote signer\ncupeld attest init --no-key       # beside the node, if a remote signer holds the key",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, err := queryContext(cmd)
			if err != nil {
				return err
			}
			if noAccount && noKey {
				return exit.Usage(errors.New("--no-account and --no-key leave nothing to make"))
			}
			var out made
			if !noKey {
				key, err := makeKey(ctx, add)
				if err != nil {
					return classify(err)
				}
				out.Key, out.Keys, out.Guard = &key.Address, signing.KeysDir(ctx.HomeDir), signing.GuardPath(ctx.HomeDir)
			}
			if !noAccount {
				if out.Account, err = ensureAccount(ctx.Keyring, name); err != nil {
					return classify(err)
				}
			}
			return output(cmd, out, out.print)
		},
	}
	f := cmd.Flags()
	f.StringVar(&name, flags.FlagFrom, hotKey, "name of the hot account's key in the keyring")
	f.BoolVar(&add, "add", false, "make a further key beside those that are there, to rotate to")
	f.BoolVar(&noAccount, "no-account", false, "make no hot account")
	f.BoolVar(&noKey, "no-key", false, "make no signing key")
	addChainFlags(cmd)
	addOutputFlag(cmd)
	return cmd
}

// makeKey makes a key for the guard of the home, which is made with the first
// key.
func makeKey(ctx client.Context, add bool) (signing.Key, error) {
	dir, guard := signing.KeysDir(ctx.HomeDir), signing.GuardPath(ctx.HomeDir)
	keys, err := signing.LoadKeys(dir)
	switch {
	case err == nil && !add:
		return signing.Key{}, fmt.Errorf("%s holds key %s already and is not overwritten\nMake a further one to rotate to with: cupeld attest init --add", dir, keys[0].Address)
	case err != nil && !errors.Is(err, signing.ErrNoKeys):
		return signing.Key{}, err
	}
	id, err := signing.GuardID(guard, ctx.ChainID)
	if errors.Is(err, signing.ErrNoGuard) && len(keys) == 0 {
		created, err := signing.CreateGuard(guard, ctx.ChainID)
		if err != nil {
			return signing.Key{}, err
		}
		id = created.ID()
		if err := created.Close(); err != nil {
			return signing.Key{}, err
		}
	} else if err != nil {
		return signing.Key{}, err
	}
	return signing.NewKey(dir, id)
}

// ensureAccount returns the address of the hot account, which is made if it is
// not in the keyring.
func ensureAccount(ring keyring.Keyring, name string) (string, error) {
	record, err := ring.Key(name)
	if errors.Is(err, sdkerrors.ErrKeyNotFound) {
		record, _, err = ring.NewMnemonic(name, keyring.English, sdk.GetConfig().GetFullBIP44Path(), keyring.DefaultBIP39Passphrase, hd.Secp256k1)
	}
	if err != nil {
		return "", fmt.Errorf("make the hot account %q: %w", name, err)
	}
	address, err := record.GetAddress()
	return address.String(), err
}

func (m made) print(w io.Writer) {
	if m.Key != nil {
		fmt.Fprintf(w, "signing key:  %s, in %s\nguard:        %s\n", m.Key, m.Keys, m.Guard)
	}
	if m.Account != "" {
		fmt.Fprintf(w, "hot account:  %s\n", m.Account)
	}
	fmt.Fprintf(w, "\nNext: cupeld attest register --from VALIDATOR, then cupeld attest\n"+
		"Never run a copy of the key beside this one: two signatures for one nonce are slashed.\n")
}
