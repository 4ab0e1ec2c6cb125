// SPDX-License-Identifier: Apache-2.0

// Package keeper holds the state machine of x/market: what is bought, who was
// drawn for it, what they answered and where every coin of it went.
package keeper

import (
	"bytes"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/address"
	"cosmossdk.io/core/event"
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/cupel-network/cupel/x/market/types"
)

// Keepers are the other modules that x/market stands on.
type Keepers struct {
	Bank       types.BankKeeper
	Treasury   types.TreasuryKeeper
	Circuit    types.CircuitKeeper
	Registry   types.RegistryKeeper
	Oracle     types.OracleKeeper
	Reputation types.ReputationKeeper
}

// lotKey is (batch, lot); dueKey is (tick, kind, reference); pageKey is (tick,
// height at which it was written, number); readyKey is (class, rank, batch).
type (
	lotKey   = collections.Pair[uint64, uint32]
	dueKey   = collections.Triple[uint64, uint32, uint64]
	pageKey  = collections.Triple[uint64, uint64, uint32]
	readyKey = collections.Triple[uint32, uint32, uint64]
	stepKey  = collections.Pair[uint32, uint64]
	workKey  = collections.Pair[uint32, uint64]
	leafKey  = collections.Pair[uint64, []byte]

	depletionKey = collections.Pair[uint64, uint64]
	// earningKey is (provider, day, denom).
	earningKey = collections.Triple[uint32, uint64, string]
)

// Keeper owns the x/market store. It is immutable after NewKeeper: it holds no
// cache outside the store, so every node computes the same state.
type Keeper struct {
	addresses address.Codec
	events    event.Service
	authority sdk.AccAddress
	account   sdk.AccAddress
	Keepers

	Schema collections.Schema
	// Params holds every version, append-only; the highest is current.
	Params collections.Map[uint32, types.Params]
	// Ended holds the versions that governance has ended.
	Ended collections.KeySet[uint32]
	// NextBatch is the id of the next batch.
	NextBatch collections.Sequence
	// Batches never change, Tallies do; both have the same keys.
	Batches collections.Map[uint64, types.Batch]
	Tallies collections.Map[uint64, types.Tally]
	// ByOwner lists the batches of a requester.
	ByOwner collections.KeySet[collections.Pair[[]byte, uint64]]
	// Lots holds the lots that were ever assigned.
	Lots collections.Map[lotKey, types.Lot]
	// Ready holds the batches with lots to match, best rank first.
	Ready collections.KeySet[readyKey]
	// Due queues the steps of earlier blocks, packed: all that a block has queued
	// for a tick are in one value. A record knows the tick of its entry; others
	// that it left behind do nothing when they fire.
	Due collections.Map[pageKey, []byte]
	// Pending holds the steps that this block has queued. It is in the transient
	// store, and empty between blocks.
	Pending collections.KeySet[dueKey]
	// Work lists the lots that await a provider by (provider, batch << 12 | lot).
	Work collections.KeySet[workKey]
	// Cases holds the tasks that are audited or in dispute.
	Cases collections.Map[uint64, types.Case]
	// CaseWork lists the cases that await a provider by (provider, task).
	CaseWork collections.KeySet[workKey]
	// Specs holds inline manifests by sha256.
	Specs collections.Map[[]byte, types.Spec]
	// Claimables holds what could not be sent, by (account, denom).
	Claimables collections.Map[collections.Pair[[]byte, string], uint64]
	// Pools holds the free coins of the audit pools by denom.
	Pools collections.Map[string, uint64]
	// Failed counts the failures of steps by (kind, reference).
	Failed collections.Map[stepKey, types.FailedStep]
	// Current is the highest version of Params.
	Current collections.Item[uint32]
	// NextDue is a tick before which Due has no entry; ReadyCount is the number
	// of entries of Ready. An idle block reads these two instead of ranges.
	NextDue    collections.Item[uint64]
	ReadyCount collections.Item[uint64]
	// Leaves holds what x/oracle has refused so far, by (task, leaf).
	Leaves collections.KeySet[leafKey]
	// NextSession is the id of the next session.
	NextSession collections.Sequence
	Sessions    collections.Map[uint64, types.Session]
	// SessionsByOwner and SessionsByProvider list the sessions of a requester
	// and of a provider.
	SessionsByOwner    collections.KeySet[collections.Pair[[]byte, uint64]]
	SessionsByProvider collections.KeySet[workKey]
	// Depletion lists the active sessions with a known rate by (tick at which
	// the deposit is used up, session).
	Depletion collections.KeySet[depletionKey]
	// NextVerdict is the id of the next committee.
	NextVerdict collections.Sequence
	Committees  collections.Map[uint64, types.Committee]
	// VoteWork lists the committees that await a provider by (provider, committee).
	VoteWork collections.KeySet[workKey]
	// Quotes holds the committee that judges a quote of a provider.
	Quotes collections.Map[uint32, uint64]
	// Scored counts what a provider was assigned under SCORED in an epoch.
	Scored collections.Map[uint32, types.ScoredUse]
	// Earnings adds up what providers were paid by day of the market clock; day
	// 0 holds what is older than the days kept. Nothing in consensus reads it.
	Earnings collections.Map[earningKey, uint64]
}

// NewKeeper returns the keeper of x/market. It panics if the schema does not
// build, which only a programming error can cause.
func NewKeeper(
	service store.KVStoreService, transient store.TransientStoreService, cdc codec.BinaryCodec, addresses address.Codec,
	events event.Service, keepers Keepers, authority sdk.AccAddress,
) *Keeper {
	sb := collections.NewSchemaBuilder(service)
	passing := collections.NewSchemaBuilderFromAccessor(transient.OpenTransientStore)
	u32, u64 := collections.Uint32Key, collections.Uint64Key
	k := &Keeper{
		addresses: addresses,
		events:    events,
		authority: bytes.Clone(authority),
		account:   authtypes.NewModuleAddress(types.ModuleName),
		Keepers:   keepers,

		Params:     collections.NewMap(sb, types.ParamsPrefix, "params", u32, codec.CollValue[types.Params](cdc)),
		Ended:      collections.NewKeySet(sb, types.EndedPrefix, "ended", u32),
		NextBatch:  collections.NewSequence(sb, types.NextBatchPrefix, "next_batch"),
		Batches:    collections.NewMap(sb, types.BatchesPrefix, "batches", u64, codec.CollValue[types.Batch](cdc)),
		Tallies:    collections.NewMap(sb, types.TalliesPrefix, "tallies", u64, codec.CollValue[types.Tally](cdc)),
		ByOwner:    collections.NewKeySet(sb, types.ByOwnerPrefix, "by_owner", collections.PairKeyCodec(collections.BytesKey, u64)),
		Lots:       collections.NewMap(sb, types.LotsPrefix, "lots", collections.PairKeyCodec(u64, u32), codec.CollValue[types.Lot](cdc)),
		Ready:      collections.NewKeySet(sb, types.ReadyPrefix, "ready", collections.TripleKeyCodec(u32, u32, u64)),
		Due:        collections.NewMap(sb, types.DuePrefix, "due", collections.TripleKeyCodec(u64, u64, u32), collections.BytesValue),
		Pending:    collections.NewKeySet(passing, types.PendingPrefix, "pending", collections.TripleKeyCodec(u64, u32, u64)),
		Work:       collections.NewKeySet(sb, types.WorkPrefix, "work", collections.PairKeyCodec(u32, u64)),
		Cases:      collections.NewMap(sb, types.CasesPrefix, "cases", u64, codec.CollValue[types.Case](cdc)),
		CaseWork:   collections.NewKeySet(sb, types.CaseWorkPrefix, "case_work", collections.PairKeyCodec(u32, u64)),
		Specs:      collections.NewMap(sb, types.SpecsPrefix, "specs", collections.BytesKey, codec.CollValue[types.Spec](cdc)),
		Claimables: collections.NewMap(sb, types.ClaimablePrefix, "claimables", collections.PairKeyCodec(collections.BytesKey, collections.StringKey), collections.Uint64Value),
		Pools:      collections.NewMap(sb, types.PoolsPrefix, "pools", collections.StringKey, collections.Uint64Value),
		Failed:     collections.NewMap(sb, types.FailedPrefix, "failed", collections.PairKeyCodec(u32, u64), codec.CollValue[types.FailedStep](cdc)),
		Current:    collections.NewItem(sb, types.CurrentPrefix, "current", collections.Uint32Value),
		NextDue:    collections.NewItem(sb, types.NextDuePrefix, "next_due", collections.Uint64Value),
		ReadyCount: collections.NewItem(sb, types.ReadyCountPrefix, "ready_count", collections.Uint64Value),
		Leaves:     collections.NewKeySet(sb, types.LeavesPrefix, "leaves", collections.PairKeyCodec(u64, collections.BytesKey)),

		NextSession:        collections.NewSequence(sb, types.NextSessionPrefix, "next_session"),
		Sessions:           collections.NewMap(sb, types.SessionsPrefix, "sessions", u64, codec.CollValue[types.Session](cdc)),
		SessionsByOwner:    collections.NewKeySet(sb, types.SessionsByOwnerPrefix, "sessions_by_owner", collections.PairKeyCodec(collections.BytesKey, u64)),
		SessionsByProvider: collections.NewKeySet(sb, types.SessionsByProviderPrefix, "sessions_by_provider", collections.PairKeyCodec(u32, u64)),
		NextVerdict:        collections.NewSequence(sb, types.NextVerdictPrefix, "next_verdict"),
		Committees:         collections.NewMap(sb, types.CommitteesPrefix, "committees", u64, codec.CollValue[types.Committee](cdc)),
		VoteWork:           collections.NewKeySet(sb, types.VoteWorkPrefix, "vote_work", collections.PairKeyCodec(u32, u64)),
		Quotes:             collections.NewMap(sb, types.QuotesPrefix, "quotes", u32, collections.Uint64Value),
		Scored:             collections.NewMap(sb, types.ScoredPrefix, "scored", u32, codec.CollValue[types.ScoredUse](cdc)),
		Earnings:           collections.NewMap(sb, types.EarningsPrefix, "earnings", collections.TripleKeyCodec(collections.Uint32Key, u64, collections.StringKey), collections.Uint64Value),
		Depletion:          collections.NewKeySet(sb, types.DepletionPrefix, "depletion", collections.PairKeyCodec(u64, u64)),
	}
	schema, err := sb.Build()
	if err != nil {
		panic(err)
	}
	k.Schema = schema
	if _, err := passing.Build(); err != nil {
		panic(err)
	}
	return k
}
