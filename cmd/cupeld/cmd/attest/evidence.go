// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// evidence is a signature of a header that the chain never made.
type evidence struct {
	Header    checkpoint.Header    `json:"header"`
	Signature checkpoint.Signature `json:"signature"`
}

func evidenceCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "evidence FILE",
		Short: "Show the chain a signature of a header that it never made",
		Long: "Submits FILE, a JSON object with the whole header and the signature:\n" +
			`{"header": {"nonce": "7", "height": "90", "root": "0x...", "prev_root": "0x...", "leaf_count": 2,` + "\n" +
			` "set": "0x...", "next_set": "0x..."}, "signature": "0x..."}` + "\n" +
			"The validator that signed is slashed, jailed and tombstoned.",
		Example: "cupeld attest evidence evidence.json --from alice",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, err := txContext(cmd)
			if err != nil {
				return err
			}
			proof, err := readEvidence(args[0])
			if err != nil {
				return exit.Usage(err)
			}
			signer, err := proof.Signature.Recover(checkpoint.NewDomain(ctx.ChainID).Digest(proof.Header))
			if err != nil {
				return exit.Usage(fmt.Errorf("evidence %s: %w", args[0], err))
			}
			cmd.PrintErrf("signed by %s for chain %s\n", signer, ctx.ChainID)
			return send(cmd, ctx, &types.MsgSubmitEvidence{
				Submitter: ctx.GetFromAddress().String(), Header: types.NewHeader(proof.Header), Signature: proof.Signature[:],
			})
		},
	}
	addTxFlags(cmd)
	return cmd
}

func readEvidence(path string) (evidence, error) {
	var out evidence
	text, err := os.ReadFile(path)
	if err != nil {
		return out, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&out); err != nil {
		return out, fmt.Errorf("evidence %s: %w", path, err)
	}
	return out, nil
}
