// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/relayer"
	"github.com/cupel-network/cupel/relayer/mirror"
)

func newVerifyCmd() *cobra.Command {
	var chain string
	var nodes []string
	var latest, compare bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Rebuild a mirror from its own chain and check all of it",
		Long: "Reads a mirror from its chain alone and checks every header's place in the line\n" +
			"and every signature, from the anchor on. With --compare or --node, every root is\n" +
			"also rebuilt from the leaves that the Cupel nodes list, and every leaf proven.\n" +
			"The exit code is 5 if the mirror is not what the attestors signed. No key is\n" +
			"needed.",
		Example: "cupel-relayer verify --chain base --node http://127.0.0.1:26657",
		Args:    cobra.NoArgs,
	}
	cmd.Flags().StringVar(&chain, "chain", "", "name of the target")
	cmd.Flags().StringSliceVar(&nodes, "node", nil, "compare with these Cupel nodes")
	cmd.Flags().BoolVar(&compare, "compare", false, "compare with the nodes of home.rpc")
	cmd.Flags().BoolVar(&latest, "latest", false, "also read what is not final")
	addOutputFlag(cmd)
	if err := cmd.MarkFlagRequired("chain"); err != nil {
		panic(err) // the flag is defined above
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := loadConfig(cmd)
		if err != nil {
			return err
		}
		target, err := cfg.Target(chain)
		if err != nil {
			return exit.Usage(err)
		}
		if len(nodes) > 0 {
			cfg.Home.RPC, compare = nodes, true
		}
		v, err := relayer.Verify(cmd.Context(), cfg, target, relayer.VerifyOptions{Home: compare, Latest: latest})
		if errors.Is(err, mirror.ErrWrongChain) {
			return exit.With(exit.VerificationFailed, fmt.Errorf("%s: %w", chain, err))
		}
		if err != nil {
			return coded(fmt.Errorf("%s: %w", chain, err))
		}
		return output(cmd, v, func(w io.Writer) error { return printVerification(w, v) })
	}
	return cmd
}

func printVerification(w io.Writer, v relayer.Verification) error {
	fmt.Fprintf(w, "%s mirrors %s from nonce %d to %d\n", v.Target, v.HomeChain, v.Start, v.Nonce)
	fmt.Fprintf(w, "%d checkpoints with %d leaves, %d set changes, %d transactions\n", v.Checkpoints, v.Leaves, v.SetChanges, v.Transactions)
	fmt.Fprintf(w, "%d signatures checked\nroot %s\nset  %s\n", v.Signatures, v.Root, v.Set)
	if v.Indirect > 0 {
		fmt.Fprintf(w, "%d headers came through another contract: their signatures are those of the home chain\n", v.Indirect)
	}
	if v.Installed > 0 {
		fmt.Fprintf(w, "WARNING: %d sets were installed by the owner, without signatures\n", v.Installed)
	}
	for reason, n := range v.Rejected {
		fmt.Fprintf(w, "%d transactions do not count: %s\n", n, reason)
	}
	if v.HomeHead > 0 {
		fmt.Fprintf(w, "home chain is at nonce %d; %d leaves rebuild all roots\n", v.HomeHead, v.HomeLeaves)
	}
	_, err := fmt.Fprintln(w, "verified")
	return err
}
