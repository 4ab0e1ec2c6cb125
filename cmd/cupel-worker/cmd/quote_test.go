// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/tee"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// TestQuoteWithoutDevice says what is missing, before it reads anything else.
func TestQuoteWithoutDevice(t *testing.T) {
	cmd := quoteCmd(func() (tee.Machine, error) { return tee.Machine{}, tee.ErrNone })
	cmd.SetArgs([]string{})
	cmd.SetOut(&bytes.Buffer{})
	cmd.SetErr(&bytes.Buffer{})
	err := cmd.Execute()
	require.ErrorIs(t, err, tee.ErrNone)
	require.ErrorContains(t, err, "no TDX or SEV-SNP guest")
}

func TestPrintQuote(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, printQuote(&out, quoteJSON{TEE: "TEE_TDX", Worker: "cupel1w", Epoch: 7, File: "quote.bin", Judged: "genuine", Command: "cupeld tx …"}))
	require.Equal(t, "TEE_TDX quote of cupel1w, epoch 7, in quote.bin\njudged here: genuine\n\nNext:\n  1. serve quote.bin under the URI\n  2. cupeld tx …\n", out.String())
}

// TestQuoteFlags: the command that is printed has the kinds as cupeld takes them.
func TestQuoteFlags(t *testing.T) {
	require.Equal(t, "tdx", flagOf(markettypes.TEETDX))
	require.Equal(t, "sev-snp", flagOf(markettypes.TEESEVSNP))
}
