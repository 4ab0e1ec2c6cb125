// SPDX-License-Identifier: Apache-2.0

// Package keeper owns the store of x/reputation.
package keeper

import (
	"cosmossdk.io/collections"
	"cosmossdk.io/core/address"
	"cosmossdk.io/core/event"
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/reputation/types"
)

type (
	// recordKey is (provider, class).
	recordKey = collections.Pair[uint32, uint32]
	// rankingKey is (class, rank, provider); rank 0 is the best bucket.
	rankingKey = collections.Triple[uint32, uint32, uint32]
	// seenKey is (epoch, provider, class, requester).
	seenKey = collections.Quad[uint64, uint32, uint32, sdk.AccAddress]
)

// Keeper owns the x/reputation store. It is immutable after NewKeeper: it holds
// no cache and no counter outside the store.
type Keeper struct {
	addressCodec address.Codec
	events       event.Service
	authority    sdk.AccAddress

	Schema collections.Schema
	Params collections.Item[types.Params]

	// Records holds what is known by (provider, class). None is ever removed.
	Records collections.Map[recordKey, types.Record]

	// Ranking orders the providers of a class by bucket, best first. It holds
	// exactly one key per record, that of the record's stored score.
	Ranking collections.KeySet[rankingKey]

	// Seen holds the successes that counted in the last epochs, and what is left
	// to prune of earlier ones.
	Seen collections.KeySet[seenKey]

	// Newest is the newest epoch that Seen ever held; unset before the first.
	Newest collections.Item[uint64]

	// Pruned is an epoch up to which, itself included, Seen holds nothing. It
	// only saves the search for what is stale; unset if none is known.
	Pruned collections.Item[uint64]

	// Requesters holds what is known of requesters. None is ever removed.
	Requesters collections.Map[sdk.AccAddress, types.RequesterRecord]
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
		Records: collections.NewMap(sb, types.RecordsPrefix, "records",
			collections.PairKeyCodec(collections.Uint32Key, collections.Uint32Key), codec.CollValue[types.Record](cdc)),
		Ranking: collections.NewKeySet(sb, types.RankingPrefix, "ranking",
			collections.TripleKeyCodec(collections.Uint32Key, collections.Uint32Key, collections.Uint32Key)),
		Seen: collections.NewKeySet(sb, types.SeenPrefix, "seen",
			collections.QuadKeyCodec(collections.Uint64Key, collections.Uint32Key, collections.Uint32Key, sdk.AccAddressKey)),
		Newest:     collections.NewItem(sb, types.NewestPrefix, "newest", collections.Uint64Value),
		Pruned:     collections.NewItem(sb, types.PrunedPrefix, "pruned", collections.Uint64Value),
		Requesters: collections.NewMap(sb, types.RequestersPrefix, "requesters", sdk.AccAddressKey, codec.CollValue[types.RequesterRecord](cdc)),
	}
	schema, err := sb.Build()
	if err != nil {
		panic(err)
	}
	k.Schema = schema
	return k
}
