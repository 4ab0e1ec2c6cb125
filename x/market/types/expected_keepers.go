// SPDX-License-Identifier: Apache-2.0

package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

// BankKeeper moves coins in and out of the module account.
type BankKeeper interface {
	SendCoinsFromAccountToModule(ctx context.Context, sender sdk.AccAddress, module string, amt sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, module string, recipient sdk.AccAddress, amt sdk.Coins) error
	BurnCoins(ctx context.Context, module string, amt sdk.Coins) error
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
}

// TreasuryKeeper takes the treasury's share: the community pool.
type TreasuryKeeper interface {
	FundCommunityPool(ctx context.Context, amount sdk.Coins, sender sdk.AccAddress) error
}

// CircuitKeeper says which messages are tripped; the market clock stops with them.
type CircuitKeeper interface {
	IsAllowed(ctx context.Context, typeURL string) (bool, error)
}

// RegistryKeeper knows the providers, their bonds and the market clock.
type RegistryKeeper interface {
	Tick(ctx context.Context) (uint64, error)
	AdvanceTick(ctx context.Context) error
	Horizon(ctx context.Context) (registrytypes.Horizon, error)
	RaiseUnbondingFloor(ctx context.Context, ticks uint64) error
	Provider(ctx context.Context, id uint32) (registrytypes.Provider, error)
	ProviderByWorker(ctx context.Context, worker sdk.AccAddress) (registrytypes.Provider, error)
	ProviderByOperator(ctx context.Context, operator sdk.AccAddress) (registrytypes.Provider, error)
	Class(ctx context.Context, id uint32) (registrytypes.Class, error)
	ClassByName(ctx context.Context, name string) (registrytypes.Class, error)
	Roster(ctx context.Context, class uint32) ([]registrytypes.RosterEntry, error)
	Load(ctx context.Context, id uint32) (registrytypes.Load, error)
	SetLoad(ctx context.Context, id uint32, load registrytypes.Load) error
	Slash(ctx context.Context, id uint32, amount uint64, recipientModule, reason string) (uint64, error)
	Jail(ctx context.Context, id uint32, reason string) error
	ModelTerms(ctx context.Context, model uint64, version uint32) (registrytypes.ModelTerms, error)
}

// OracleKeeper gives epochs and the randomness of each, and puts the leaves of
// settlements under checkpoints.
type OracleKeeper interface {
	Epoch(ctx context.Context) (oracletypes.Epoch, error)
	EpochBlocks(ctx context.Context) (uint64, error)
	Judge(ctx context.Context, epoch uint64) (seed []byte, doubled, ok bool, err error)
	DrawSeed(ctx context.Context) ([]byte, error)
	Expose(ctx context.Context, bound uint64) error
	// Cover is the largest bound that the seed judging an epoch may let escape:
	// what stands behind a larger one is audited every time.
	Cover(ctx context.Context, epoch uint64) (uint64, error)
	CircuitByID(ctx context.Context, id uint64) (oracletypes.Circuit, error)
	VerifyProof(ctx context.Context, circuit uint64, proof []byte, inputs [][]byte) error
	AddLeaves(ctx context.Context, leaves []oracletypes.Settled) error
}

// ReputationKeeper scores providers and learns from what they did.
type ReputationKeeper interface {
	Standing(ctx context.Context, provider, class uint32) (reputationtypes.Standing, error)
	AuditRates(ctx context.Context) ([]uint32, error)
	RecordOutcome(ctx context.Context, outcome reputationtypes.Outcome) error
	RecordSlash(ctx context.Context, provider, class uint32) error
	RecordRequester(ctx context.Context, requester sdk.AccAddress, event reputationtypes.RequesterEvent) error
}
