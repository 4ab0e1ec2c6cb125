// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"
	storetypes "cosmossdk.io/store/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/x/internal/branch"
	"github.com/cupel-network/cupel/x/market/types"
)

type msgServer struct{ k *Keeper }

// NewMsgServer returns the message service of the keeper.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

func (s msgServer) address(field, text string) (sdk.AccAddress, error) {
	addr, err := s.k.addresses.StringToBytes(text)
	if err != nil {
		return nil, sdkerrors.ErrInvalidAddress.Wrapf("%s: %s", field, err)
	}
	return addr, nil
}

// each runs an item on a branch of the state, so that it fails alone. Running
// out of gas fails the whole transaction.
func each(ctx context.Context, n int, do func(ctx context.Context, i int) error) ([]types.ItemError, error) {
	if n == 0 {
		return nil, types.ErrNoItems
	}
	if n > types.MaxItems {
		return nil, types.ErrTooManyItems.Wrapf("%d, at most %d", n, types.MaxItems)
	}
	if n == 1 { // it fails with the message, which has a branch of its own
		return nil, do(ctx, 0)
	}
	ctx = withTerms(ctx)
	var failed []types.ItemError
	var first error
	for i := range n {
		cached, write := branch.Context(sdk.UnwrapSDKContext(ctx))
		err := do(cached, i) //nolint:contextcheck // the branch is made of ctx
		if err == nil {
			write()
			continue
		}
		if first == nil {
			first = err
		}
		codespace, code, log := errorsmod.ABCIInfo(err, false)
		failed = append(failed, types.ItemError{Index: uint32(i), Codespace: codespace, Code: code, Message: log})
	}
	// A message of which nothing worked fails as a whole.
	if len(failed) == n {
		return nil, first
	}
	return failed, nil
}

// asActor runs the items of a message that a worker signs.
func (s msgServer) asActor(ctx context.Context, worker string, n int, do func(ctx context.Context, a *actor, i int) error) ([]types.ItemError, error) {
	addr, err := s.address("worker", worker)
	if err != nil {
		return nil, err
	}
	a, err := s.k.actor(ctx, addr)
	if err != nil {
		return nil, err
	}
	failed, err := each(ctx, n, func(ctx context.Context, i int) error { return do(ctx, a, i) })
	if err != nil {
		return nil, err
	}
	return failed, s.k.seen(ctx, a)
}

// Submit implements types.MsgServer.
func (s msgServer) Submit(ctx context.Context, msg *types.MsgSubmit) (*types.MsgSubmitResponse, error) {
	requester, err := s.address("requester", msg.Requester)
	if err != nil {
		return nil, err
	}
	res, err := s.k.Submit(ctx, requester, *msg)
	if err != nil {
		return nil, err
	}
	return &res, nil
}

// Commit implements types.MsgServer.
func (s msgServer) Commit(ctx context.Context, msg *types.MsgCommit) (*types.MsgCommitResponse, error) {
	failed, err := s.asActor(ctx, msg.Worker, len(msg.Lots), func(ctx context.Context, a *actor, i int) error {
		return s.k.Commit(ctx, a, msg.Lots[i])
	})
	return &types.MsgCommitResponse{Errors: failed}, err
}

// Reveal implements types.MsgServer.
func (s msgServer) Reveal(ctx context.Context, msg *types.MsgReveal) (*types.MsgRevealResponse, error) {
	b := newBook()
	failed, err := s.asActor(ctx, msg.Worker, len(msg.Lots), func(ctx context.Context, a *actor, i int) error {
		own := b.page()
		if err := s.k.Reveal(ctx, a, msg.Lots[i], own); err != nil {
			return err
		}
		b.take(own)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &types.MsgRevealResponse{Errors: failed}, s.k.flush(ctx, b)
}

// CommitCase implements types.MsgServer.
func (s msgServer) CommitCase(ctx context.Context, msg *types.MsgCommitCase) (*types.MsgCommitCaseResponse, error) {
	failed, err := s.asActor(ctx, msg.Worker, len(msg.Cases), func(ctx context.Context, a *actor, i int) error {
		return s.k.CommitCase(ctx, a, msg.Cases[i])
	})
	return &types.MsgCommitCaseResponse{Errors: failed}, err
}

// RevealCase implements types.MsgServer.
func (s msgServer) RevealCase(ctx context.Context, msg *types.MsgRevealCase) (*types.MsgRevealCaseResponse, error) {
	failed, err := s.asActor(ctx, msg.Worker, len(msg.Cases), func(ctx context.Context, a *actor, i int) error {
		return s.k.RevealCase(ctx, a, msg.Cases[i])
	})
	return &types.MsgRevealCaseResponse{Errors: failed}, err
}

// Cancel implements types.MsgServer.
func (s msgServer) Cancel(ctx context.Context, msg *types.MsgCancel) (*types.MsgCancelResponse, error) {
	requester, err := s.address("requester", msg.Requester)
	if err != nil {
		return nil, err
	}
	res, err := s.k.Cancel(ctx, requester, msg.Batch)
	if err != nil {
		return nil, err
	}
	return &res, nil
}

// Crank implements types.MsgServer.
func (s msgServer) Crank(ctx context.Context, msg *types.MsgCrank) (*types.MsgCrankResponse, error) {
	if _, err := s.address("sender", msg.Sender); err != nil {
		return nil, err
	}
	b := newBook()
	failed, err := each(ctx, len(msg.Steps), func(ctx context.Context, i int) error {
		own := b.page()
		if err := recoverStep(func() error { return s.k.Crank(ctx, msg.Steps[i], own) }); err != nil {
			return err
		}
		b.take(own)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &types.MsgCrankResponse{Errors: failed}, s.k.flush(ctx, b)
}

// recoverStep turns a panic of a step into an error; out of gas goes on, so
// that the transaction fails.
func recoverStep(f func() error) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case storetypes.ErrorOutOfGas, storetypes.ErrorGasOverflow:
			panic(r)
		default:
			err = sdkerrors.ErrPanic.Wrapf("%v", r)
		}
	}()
	return f()
}

// Claim implements types.MsgServer.
func (s msgServer) Claim(ctx context.Context, msg *types.MsgClaim) (*types.MsgClaimResponse, error) {
	account, err := s.address("account", msg.Account)
	if err != nil {
		return nil, err
	}
	recipient := account
	if msg.Recipient != "" {
		if recipient, err = s.address("recipient", msg.Recipient); err != nil {
			return nil, err
		}
	}
	amount, err := s.k.Claim(ctx, account, recipient, msg.Denom)
	return &types.MsgClaimResponse{Amount: amount}, err
}

func (s msgServer) authorize(authority string) error {
	addr, err := s.address("authority", authority)
	if err != nil {
		return err
	}
	if !addr.Equals(s.k.authority) {
		return types.ErrInvalidAuthority.Wrapf("%s is not %s", addr, s.k.authority)
	}
	return nil
}

// UpdateParams implements types.MsgServer.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := s.authorize(msg.Authority); err != nil {
		return nil, err
	}
	version, err := s.k.AddParams(ctx, msg.Params)
	return &types.MsgUpdateParamsResponse{Version: version}, err
}

// EndParams implements types.MsgServer.
func (s msgServer) EndParams(ctx context.Context, msg *types.MsgEndParams) (*types.MsgEndParamsResponse, error) {
	if err := s.authorize(msg.Authority); err != nil {
		return nil, err
	}
	return &types.MsgEndParamsResponse{}, s.k.EndParams(ctx, msg.Version)
}
