// SPDX-License-Identifier: Apache-2.0

// Package keeper holds the state machine of x/registry: who provides, what
// its bond is, and who can be drawn.
package keeper

import (
	"bytes"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/address"
	"cosmossdk.io/core/event"
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// Keeper owns the x/registry store. It is immutable after NewKeeper: it holds
// no cache outside the store, so every node computes the same state.
type Keeper struct {
	addresses address.Codec
	events    event.Service
	bank      types.BankKeeper
	authority sdk.AccAddress

	Schema collections.Schema
	Params collections.Item[types.Params]
	// Ticks is the market clock.
	Ticks      collections.Item[uint64]
	Classes    collections.Map[uint32, types.Class]
	ClassNames collections.Map[string, uint32]
	// Providers holds every provider that ever was; ids are dense from 1.
	Providers collections.Map[uint32, types.Provider]
	// ByOperator and ByWorker hold all providers but the retired ones.
	ByOperator collections.Map[[]byte, uint32]
	ByWorker   collections.Map[[]byte, uint32]
	Loads      collections.Map[uint32, types.Load]
	// Rosters holds, by class and chunk, who can be drawn.
	Rosters collections.Map[collections.Pair[uint32, uint32], types.RosterChunk]
	// Unbondings queues amounts by (release tick, provider).
	Unbondings collections.Map[collections.Pair[uint64, uint32], uint64]
	// UnbondingsOf lists the same entries by (provider, release tick).
	UnbondingsOf collections.KeySet[collections.Pair[uint32, uint64]]
	// Silence queues one look at each provider that has not left, by
	// (tick, provider).
	Silence collections.KeySet[collections.Pair[uint64, uint32]]
	// Refresh is the next provider whose roster entries follow new params; it
	// is unset when all do.
	Refresh collections.Item[uint32]
	// Floor is the longest that a slash can follow an answer under any params
	// of x/market; unset before it said so.
	Floor collections.Item[uint64]
	// Models by id, without a gap up to LastModel; ModelVersions by (model, version).
	Models        collections.Map[uint64, types.Model]
	ModelVersions collections.Map[collections.Pair[uint64, uint32], types.ModelVersion]
	LastModel     collections.Item[uint64]
	// ModelsOf lists the models of an owner.
	ModelsOf collections.KeySet[collections.Pair[[]byte, uint64]]
}

// NewKeeper returns the keeper of x/registry. It panics if the schema does not
// build, which only a programming error can cause.
func NewKeeper(
	service store.KVStoreService, cdc codec.BinaryCodec, addresses address.Codec,
	events event.Service, bank types.BankKeeper, authority sdk.AccAddress,
) *Keeper {
	sb := collections.NewSchemaBuilder(service)
	pair := collections.PairKeyCodec(collections.Uint64Key, collections.Uint32Key)
	k := &Keeper{
		addresses: addresses,
		events:    events,
		bank:      bank,
		authority: bytes.Clone(authority),

		Params:       collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](cdc)),
		Ticks:        collections.NewItem(sb, types.TickKey, "tick", collections.Uint64Value),
		Classes:      collections.NewMap(sb, types.ClassesKey, "classes", collections.Uint32Key, codec.CollValue[types.Class](cdc)),
		ClassNames:   collections.NewMap(sb, types.ClassNamesKey, "class_names", collections.StringKey, collections.Uint32Value),
		Providers:    collections.NewMap(sb, types.ProvidersKey, "providers", collections.Uint32Key, codec.CollValue[types.Provider](cdc)),
		ByOperator:   collections.NewMap(sb, types.ByOperatorKey, "by_operator", collections.BytesKey, collections.Uint32Value),
		ByWorker:     collections.NewMap(sb, types.ByWorkerKey, "by_worker", collections.BytesKey, collections.Uint32Value),
		Loads:        collections.NewMap(sb, types.LoadsKey, "loads", collections.Uint32Key, codec.CollValue[types.Load](cdc)),
		Rosters:      collections.NewMap(sb, types.RostersKey, "rosters", collections.PairKeyCodec(collections.Uint32Key, collections.Uint32Key), codec.CollValue[types.RosterChunk](cdc)),
		Unbondings:   collections.NewMap(sb, types.UnbondingsKey, "unbondings", pair, collections.Uint64Value),
		UnbondingsOf: collections.NewKeySet(sb, types.UnbondingsOfKey, "unbondings_of", collections.PairKeyCodec(collections.Uint32Key, collections.Uint64Key)),
		Silence:      collections.NewKeySet(sb, types.SilenceKey, "silence", pair),
		Refresh:      collections.NewItem(sb, types.RefreshKey, "refresh", collections.Uint32Value),
		Floor:        collections.NewItem(sb, types.FloorKey, "floor", collections.Uint64Value),

		Models:        collections.NewMap(sb, types.ModelsKey, "models", collections.Uint64Key, codec.CollValue[types.Model](cdc)),
		ModelVersions: collections.NewMap(sb, types.ModelVersionsKey, "model_versions", pair, codec.CollValue[types.ModelVersion](cdc)),
		LastModel:     collections.NewItem(sb, types.LastModelKey, "last_model", collections.Uint64Value),
		ModelsOf:      collections.NewKeySet(sb, types.ModelsOfKey, "models_of", collections.PairKeyCodec(collections.BytesKey, collections.Uint64Key)),
	}
	schema, err := sb.Build()
	if err != nil {
		panic(err)
	}
	k.Schema = schema
	return k
}
