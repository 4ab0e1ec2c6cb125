// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor"
	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

func registerCmd() *cobra.Command {
	var account, key string
	var signer signerFlags
	cmd := &cobra.Command{
		Use:   "register",
		Short: "Make the validator of --from an attestor, or bring it back",
		Long: "Registers the signing key, with its proof of possession, and the hot account for the\n" +
			"validator whose operator is --from. Sent again it changes the hot account and ends an\n" +
			"absence. With --generate-only it prints what the operator's key signs elsewhere.",
		Example: "cupeld attest register --from validator\ncupeld attest register --from cupel1... --generate-only > tx.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, err := txContext(cmd)
			if err != nil {
				return err
			}
			if account == "" {
				if account, err = hotAccount(ctx); err != nil {
					return err
				}
			}
			if key == "" && !ctx.GenerateOnly {
				if key, err = currentKey(cmd.Context(), ctx); err != nil {
					return classify(err)
				}
			}
			address, possession, err := signer.possess(cmd.Context(), ctx, key)
			if err != nil {
				return classify(err)
			}
			return send(cmd, ctx, &types.MsgRegisterAttestor{
				Operator: ctx.GetFromAddress().String(), Key: address[:], Possession: possession[:], Account: account,
			})
		},
	}
	cmd.Flags().StringVar(&account, "account", "", "hot account that will send the signatures (default: the one that init has made)")
	cmd.Flags().StringVar(&key, "key", "", "address of the signing key (default: the registered one, else the only one)")
	signer.add(cmd)
	addTxFlags(cmd)
	return cmd
}

func rotateCmd() *cobra.Command {
	var key string
	var signer signerFlags
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Replace the signing key from the next attestor set on",
		Long: "Makes a new signing key, or takes --key, and registers it for the next attestor set.\n" +
			"The old key signs until that set is sealed: keep it. A running attestor finds the new\n" +
			"key by itself.",
		Example: "cupeld attest rotate --from validator",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, err := txContext(cmd)
			if err != nil {
				return err
			}
			fresh := key == ""
			if fresh {
				if signer.url != "" {
					return exit.Usage(errors.New("name the new key with --key: it is made where the signer runs, with 'cupeld attest init --add --no-account'"))
				}
				if err := registered(cmd.Context(), ctx); err != nil {
					return classify(err)
				}
				made, err := makeKey(ctx, true)
				if err != nil {
					return classify(err)
				}
				key = made.Address.String()
				cmd.PrintErrf("new signing key: %s\n", key)
			}
			address, possession, err := signer.possess(cmd.Context(), ctx, key)
			if err != nil {
				return classify(err)
			}
			err = send(cmd, ctx, &types.MsgRotateAttestorKey{
				Operator: ctx.GetFromAddress().String(), Key: address[:], Possession: possession[:],
			})
			if err != nil && fresh {
				cmd.PrintErrf("the new key is kept; try again with --key %s\n", key)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "address of a key that is there already (default: a new key is made)")
	signer.add(cmd)
	addTxFlags(cmd)
	return cmd
}

// currentKey is the key that the operator of --from has registered, "" if it
// has none.
func currentKey(ctx context.Context, clientCtx client.Context) (string, error) {
	node, err := attestor.NewNode(clientCtx.NodeURI, clientCtx.ChainID)
	if err != nil {
		return "", err
	}
	own, err := node.Attestor(ctx, clientCtx.GetFromAddress().String())
	if errors.Is(err, attestor.ErrNotRegistered) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	key, err := checkpoint.ToAddress(own.Key)
	return key.String(), err
}

// registered is an error if the operator of --from has no key to rotate, so
// that none is made for nothing.
func registered(ctx context.Context, clientCtx client.Context) error {
	if clientCtx.GenerateOnly {
		return nil
	}
	key, err := currentKey(ctx, clientCtx)
	if err == nil && key == "" {
		err = fmt.Errorf("%s has registered no key to rotate: use 'cupeld attest register'", clientCtx.GetFromAddress())
	}
	return err
}

// hotAccount is the address of the account that init has made.
func hotAccount(ctx client.Context) (string, error) {
	record, err := ctx.Keyring.Key(hotKey)
	if err != nil {
		return "", exit.Usage(fmt.Errorf("the keyring has no key %q: run 'cupeld attest init', or name the hot account with --account: %w", hotKey, err))
	}
	address, err := record.GetAddress()
	return address.String(), classify(err)
}

// possess returns a key and its proof of possession for the operator of
// --from. It needs no guard, so it works while the attestor runs.
func (s *signerFlags) possess(ctx context.Context, clientCtx client.Context, key string) (checkpoint.Address, checkpoint.Signature, error) {
	operator := clientCtx.GetFromAddress().Bytes()
	if s.url == "" {
		keys, err := signing.LoadKeys(signing.KeysDir(clientCtx.HomeDir))
		if err != nil {
			return checkpoint.Address{}, checkpoint.Signature{}, err
		}
		var addresses []checkpoint.Address
		for _, k := range keys {
			addresses = append(addresses, k.Address)
		}
		address, err := choose(addresses, key)
		if err != nil {
			return address, checkpoint.Signature{}, err
		}
		chosen := keys[slices.Index(addresses, address)]
		return address, signing.Possession(chosen, clientCtx.ChainID, operator), nil
	}
	remote, err := s.remote(clientCtx.ChainID)
	if err != nil {
		return checkpoint.Address{}, checkpoint.Signature{}, err
	}
	addresses, err := remote.Keys(ctx)
	if err != nil {
		return checkpoint.Address{}, checkpoint.Signature{}, err
	}
	address, err := choose(addresses, key)
	if err != nil {
		return address, checkpoint.Signature{}, err
	}
	signature, err := remote.Possession(ctx, address, operator)
	return address, signature, err
}

// choose returns the named key, or the only one.
func choose(keys []checkpoint.Address, name string) (checkpoint.Address, error) {
	if name == "" {
		if len(keys) != 1 {
			return checkpoint.Address{}, exit.Usage(fmt.Errorf("there are %d signing keys: name one with --key, of %v", len(keys), keys))
		}
		return keys[0], nil
	}
	var address checkpoint.Address
	if err := address.UnmarshalText([]byte(name)); err != nil {
		return address, exit.Usage(fmt.Errorf("--key %q: %w", name, err))
	}
	if !slices.Contains(keys, address) {
		return address, exit.Usage(fmt.Errorf("--key %s is not there: there is %v", address, keys))
	}
	return address, nil
}

// addTxFlags adds the SDK's transaction flags with defaults that need no
// knowledge of gas.
func addTxFlags(cmd *cobra.Command) {
	flags.AddTxFlagsToCmd(cmd)
	for name, value := range map[string]string{
		flags.FlagGas: flags.GasFlagAuto, flags.FlagGasAdjustment: "1.5", flags.FlagOutput: flags.OutputFormatText,
	} {
		if f := cmd.Flags().Lookup(name); f != nil && f.Value.Set(value) == nil {
			f.DefValue = value
		}
	}
}
