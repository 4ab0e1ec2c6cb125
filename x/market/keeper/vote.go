// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
)

func (k *Keeper) committee(_ context.Context, id uint64) (types.Committee, error) {
	return types.Committee{}, types.ErrInvalidStep.Wrapf("verdict %d", id)
}

// CommitVote refuses votes.
func (k *Keeper) CommitVote(context.Context, *actor, types.VoteCommit) error {
	return types.ErrInvalidStep
}

// RevealVote refuses votes.
func (k *Keeper) RevealVote(context.Context, *actor, types.VoteReveal) error {
	return types.ErrInvalidStep
}

// SubmitQuote refuses quotes.
func (k *Keeper) SubmitQuote(context.Context, sdk.AccAddress, types.MsgSubmitQuote) (types.MsgSubmitQuoteResponse, error) {
	return types.MsgSubmitQuoteResponse{}, types.ErrInvalidStep
}

// Accept refuses lots.
func (k *Keeper) Accept(context.Context, sdk.AccAddress, types.LotRef, *book) error {
	return types.ErrInvalidStep
}

// Reject refuses tasks.
func (k *Keeper) Reject(context.Context, sdk.AccAddress, uint64) (uint64, error) {
	return 0, types.ErrInvalidStep
}
