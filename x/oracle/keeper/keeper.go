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

// Keepers are the modules of the SDK that x/oracle stands on.
type Keepers struct {
	Staking  types.StakingKeeper
	Slashing types.SlashingKeeper
	Accounts types.AccountKeeper
	Bank     types.BankKeeper
	// Circuit may be nil: no message is tripped then.
	Circuit  types.CircuitKeeper
	Treasury types.TreasuryKeeper
}

// slotKey is (epoch, operator).
type slotKey = collections.Pair[uint64, []byte]

// signatureKey is (nonce, key).
type signatureKey = collections.Pair[uint64, []byte]

// Keeper owns the x/oracle store. It is immutable after NewKeeper: it holds no
// cache and no counter outside the store.
type Keeper struct {
	addressCodec address.Codec
	events       event.Service
	authority    sdk.AccAddress
	Keepers

	Schema collections.Schema
	Params collections.Item[types.Params]
	// Current is the current epoch; number 0 before the first block.
	Current collections.Item[types.Epoch]
	// Seeds holds, by epoch, the seeds of the last epochs without a gap. The
	// newest is that of the current epoch.
	Seeds collections.Map[uint64, []byte]

	// Line is how far the headers are.
	Line collections.Item[types.Line]
	// Attestors by the 20 bytes of their operator.
	Attestors collections.Map[[]byte, types.Attestor]
	// Keys holds every key that was ever registered by its Ethereum address.
	Keys collections.Map[[]byte, types.AttestorKey]
	// Accounts gives the operator of a hot account.
	Accounts collections.Map[[]byte, []byte]
	// Sets by id, Checkpoints by nonce; neither is ever removed.
	Sets        collections.Map[uint64, types.AttestorSet]
	Checkpoints collections.Map[uint64, types.Checkpoint]
	// Signatures by (nonce, key).
	Signatures collections.Map[signatureKey, []byte]
	// Beacon is how far the attestors' rounds are. Slots are the places in them,
	// by epoch and operator.
	Beacon collections.Item[types.Beacon]
	Slots  collections.Map[slotKey, types.BeaconSlot]
	// Exposed is the largest bond bound fixed in the current epoch; see Expose.
	Exposed collections.Item[uint64]
	// BlockSeeds are the epochs whose seeds come from block ids.
	BlockSeeds collections.KeySet[uint64]
	// Covers are the largest bounds, in ucupel, that the seed of an epoch may let
	// escape; see Cover. A seed of a block id has none.
	Covers collections.Map[uint64, uint64]
	// Circuits and their verifying keys by id, without a gap up to LastCircuit.
	Circuits    collections.Map[uint64, types.Circuit]
	CircuitKeys collections.Map[uint64, []byte]
	LastCircuit collections.Item[uint64]
	// Leaves by the number of the block's first leaf, without a gap.
	Leaves collections.Map[uint64, types.LeafBlock]
}

// NewKeeper returns the keeper; authority may update the params. It panics if
// the schema is inconsistent, which no input can cause.
func NewKeeper(
	storeService store.KVStoreService, cdc codec.BinaryCodec, addressCodec address.Codec,
	events event.Service, keepers Keepers, authority sdk.AccAddress,
) *Keeper {
	sb := collections.NewSchemaBuilder(storeService)
	u64, bz := collections.Uint64Key, collections.BytesKey
	k := &Keeper{
		addressCodec: addressCodec,
		events:       events,
		authority:    authority,
		Keepers:      keepers,

		Params:  collections.NewItem(sb, types.ParamsPrefix, "params", codec.CollValue[types.Params](cdc)),
		Current: collections.NewItem(sb, types.EpochPrefix, "epoch", codec.CollValue[types.Epoch](cdc)),
		Seeds:   collections.NewMap(sb, types.SeedsPrefix, "seeds", u64, collections.BytesValue),

		Line:        collections.NewItem(sb, types.LinePrefix, "line", codec.CollValue[types.Line](cdc)),
		Attestors:   collections.NewMap(sb, types.AttestorsPrefix, "attestors", bz, codec.CollValue[types.Attestor](cdc)),
		Keys:        collections.NewMap(sb, types.KeysPrefix, "keys", bz, codec.CollValue[types.AttestorKey](cdc)),
		Accounts:    collections.NewMap(sb, types.AccountsPrefix, "accounts", bz, collections.BytesValue),
		Sets:        collections.NewMap(sb, types.SetsPrefix, "sets", u64, codec.CollValue[types.AttestorSet](cdc)),
		Checkpoints: collections.NewMap(sb, types.CheckpointsPrefix, "checkpoints", u64, codec.CollValue[types.Checkpoint](cdc)),
		Signatures:  collections.NewMap(sb, types.SignaturesPrefix, "signatures", collections.PairKeyCodec(u64, bz), collections.BytesValue),
		Beacon:      collections.NewItem(sb, types.BeaconPrefix, "beacon", codec.CollValue[types.Beacon](cdc)),
		Slots:       collections.NewMap(sb, types.SlotsPrefix, "slots", collections.PairKeyCodec(u64, bz), codec.CollValue[types.BeaconSlot](cdc)),
		Exposed:     collections.NewItem(sb, types.ExposedPrefix, "exposed", collections.Uint64Value),
		BlockSeeds:  collections.NewKeySet(sb, types.BlockSeedsPrefix, "block_seeds", u64),
		Covers:      collections.NewMap(sb, types.CoversPrefix, "covers", u64, collections.Uint64Value),
		Circuits:    collections.NewMap(sb, types.CircuitsPrefix, "circuits", u64, codec.CollValue[types.Circuit](cdc)),
		CircuitKeys: collections.NewMap(sb, types.CircuitKeysPrefix, "circuit_keys", u64, collections.BytesValue),
		LastCircuit: collections.NewItem(sb, types.LastCircuitPrefix, "last_circuit", collections.Uint64Value),
		Leaves:      collections.NewMap(sb, types.LeavesPrefix, "leaves", u64, codec.CollValue[types.LeafBlock](cdc)),
	}
	schema, err := sb.Build()
	if err != nil {
		panic(err)
	}
	k.Schema = schema
	return k
}
