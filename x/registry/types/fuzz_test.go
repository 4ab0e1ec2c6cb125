// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"

	"github.com/cupel-network/cupel/x/registry/types"
)

// FuzzGenesis checks that no file makes the validation panic, and that what
// validates still does after it was written and read again.
func FuzzGenesis(f *testing.F) {
	addresses := address.NewBech32Codec("cupel")
	cdc := codec.NewProtoCodec(codectestutil.CodecOptions{AccAddressPrefix: "cupel"}.NewInterfaceRegistry())
	f.Add([]byte("{}"))
	f.Add(cdc.MustMarshalJSON(types.DefaultGenesis()))
	f.Fuzz(func(t *testing.T, bz []byte) {
		var g, again types.GenesisState
		if cdc.UnmarshalJSON(bz, &g) != nil || g.Validate(addresses) != nil {
			return
		}
		require.NoError(t, cdc.UnmarshalJSON(cdc.MustMarshalJSON(&g), &again))
		require.NoError(t, again.Validate(addresses))
	})
}
