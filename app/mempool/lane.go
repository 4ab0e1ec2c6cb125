// SPDX-License-Identifier: Apache-2.0

// Package mempool orders what a validator proposes: by lane first, by price or
// arrival within one. It decides nothing that other validators check. See ADR-002.
package mempool

import (
	"context"
	"math"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Lane is how urgent a transaction is: the lower, the more.
type Lane uint8

// Lanes in the order of their urgency.
const (
	// Free is what attestors owe and the chain takes without a fee: bounded by
	// the slots that are open.
	Free Lane = iota
	// Answers are what workers of bonded providers lose money for if they are late.
	Answers
	// Disputes face deadlines too, and anybody can send them.
	Disputes
	// Open is everything else, the highest price first.
	Open
	lanes
)

// String names the lane in errors and tests.
func (l Lane) String() string {
	switch l {
	case Free:
		return "free"
	case Answers:
		return "answers"
	case Disputes:
		return "disputes"
	default:
		return "open"
	}
}

// Workers knows who answers for a provider.
type Workers interface {
	ProviderByWorker(ctx context.Context, worker sdk.AccAddress) (registrytypes.Provider, error)
}

// laneOf returns the lane that messages ask for: the least urgent one's. A
// message inside another, such as authz's, asks for nothing.
func laneOf(tx sdk.FeeTx) Lane {
	lane, msgs := Free, tx.GetMsgs()
	if len(msgs) == 0 {
		return Open
	}
	for _, msg := range msgs {
		lane = max(lane, laneOfMsg(msg))
	}
	if lane == Free && !tx.GetFee().IsZero() {
		return Disputes // not one of those that the ante handler lets in by their slots
	}
	return lane
}

func laneOfMsg(msg sdk.Msg) Lane {
	switch msg.(type) {
	case *oracletypes.MsgAttest, *oracletypes.MsgBeacon:
		return Free
	case *markettypes.MsgCommit, *markettypes.MsgReveal, *markettypes.MsgProve,
		*markettypes.MsgCommitCase, *markettypes.MsgRevealCase,
		*markettypes.MsgCommitVote, *markettypes.MsgRevealVote, *markettypes.MsgSubmitQuote,
		*registrytypes.MsgHeartbeat:
		return Answers
	case *markettypes.MsgChallenge, *markettypes.MsgAppeal, *markettypes.MsgAccept, *markettypes.MsgReject,
		*markettypes.MsgRedeem, *markettypes.MsgTopUp, *oracletypes.MsgSubmitEvidence:
		return Disputes
	default:
		return Open
	}
}

// priceScale keeps gas prices below one base unit apart.
const priceScale = 1_000_000

// priceOf returns the base units of a denom per priceScale gas.
func priceOf(tx sdk.FeeTx, denom string) uint64 {
	gas := tx.GetGas()
	if gas == 0 {
		return 0
	}
	price := tx.GetFee().AmountOf(denom).Mul(sdkmath.NewInt(priceScale)).Quo(sdkmath.NewIntFromUint64(gas))
	if !price.IsUint64() {
		return math.MaxUint64
	}
	return price.Uint64()
}
