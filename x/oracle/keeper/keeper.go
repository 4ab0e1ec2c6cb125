// SPDX-License-Identifier: Apache-2.0

// Package keeper owns the store of x/oracle.
package keeper

import (
	"cosmossdk.io/collections"
	"cosmossdk.io/core/address"
	"cosmossdk.io/core/event"
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// Keeper owns the x/oracle store. It is immutable after NewKeeper: it holds no
// cache and no counter outside the store.
type Keeper struct {
	addressCodec address.Codec
	events       event.Service
	authority    sdk.AccAddress

	Schema collections.Schema
	Params collections.Item[types.Params]

	// Current is the current epoch; number 0 before the first block.
	Current collections.Item[types.Epoch]

	// Seeds holds, by epoch, the seeds of the last epochs without a gap. The
	// newest is that of the current epoch.
	Seeds collections.Map[uint64, []byte]
}

// NewKeeper returns the keeper; authority may update the params. It panics if
// the schema is inconsistent, which no input can cause.
func NewKeeper(storeService store.KVStoreService, cdc codec.BinaryCodec, addressCodec address.Codec, events event.Service, authority sdk.AccAddress) *Keeper {
	sb := collections.NewSchemaBuilder(storeService)
	k := &Keeper{
		addressCodec: addressCodec,
		events:       events,
		authority:    authority,
		Params:       collections.NewItem(sb, types.ParamsPrefix, "params", codec.CollValue[types.Params](cdc)),
		Current:      collections.NewItem(sb, types.EpochPrefix, "epoch", codec.CollValue[types.Epoch](cdc)),
		Seeds:        collections.NewMap(sb, types.SeedsPrefix, "seeds", collections.Uint64Key, collections.BytesValue),
	}
	schema, err := sb.Build()
	if err != nil {
		panic(err)
	}
	k.Schema = schema
	return k
}
