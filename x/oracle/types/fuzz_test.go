// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// FuzzGenesis checks that no file makes the validation panic, and that what
// validates still does after it was written and read again.
func FuzzGenesis(f *testing.F) {
	cdc := codec.NewProtoCodec(codectestutil.CodecOptions{AccAddressPrefix: "cupel"}.NewInterfaceRegistry())
	f.Add([]byte("{}"))
	f.Add(cdc.MustMarshalJSON(types.DefaultGenesis()))
	f.Add(cdc.MustMarshalJSON(validGenesis()))
	f.Fuzz(func(t *testing.T, bz []byte) {
		var g, again types.GenesisState
		if cdc.UnmarshalJSON(bz, &g) != nil || g.Validate() != nil {
			return
		}
		require.NoError(t, cdc.UnmarshalJSON(cdc.MustMarshalJSON(&g), &again))
		require.NoError(t, again.Validate())
	})
}
