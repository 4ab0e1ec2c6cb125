// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"encoding/hex"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/x/market/types"
)

// emitSession emits a flat event about a session and its typed twin.
func (k *Keeper) emitSession(ctx context.Context, s *session, name string, typed proto.Message, more ...sdk.Attribute) error {
	attrs := append([]sdk.Attribute{
		types.Attr(types.AttrSession, s.Id),
		types.Attr(types.AttrProvider, uint64(s.Provider)),
	}, more...)
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(sdk.NewEvent(name, attrs...))
	return k.events.EventManager(ctx).Emit(ctx, typed)
}

// coin renders an amount of the session's denom.
func (s *session) coin(amount uint64) string {
	return sdk.NewCoin(s.Denom, math.NewIntFromUint64(amount)).String()
}

func (k *Keeper) emitSessionOpened(ctx context.Context, s *session, class string) error {
	requester, err := k.addresses.BytesToString(s.Requester)
	if err != nil {
		return err
	}
	return k.emitSession(ctx, s, types.EventFlatSessionOpened, &types.EventSessionOpened{
		Session: s.Id, Requester: requester, Provider: s.Provider, Class: class,
		Price: s.Price, Scale: s.Scale, Deposit: s.coin(s.Deposit), Expires: s.Expires,
	}, sdk.NewAttribute(types.AttrRequester, requester), sdk.NewAttribute(types.AttrAmount, s.coin(s.Deposit)))
}

func (k *Keeper) emitSessionRedeemed(ctx context.Context, s *session, earned uint64) error {
	return k.emitSession(ctx, s, types.EventFlatSessionRedeemed, &types.EventSessionRedeemed{
		Session: s.Id, Provider: s.Provider, Sequence: s.Sequence, Earned: s.coin(earned),
		Redeemed: s.coin(s.Redeemed), Units: s.Units, Receipts: hex.EncodeToString(s.Receipts),
	}, types.Attr(types.AttrSequence, s.Sequence), types.Attr(types.AttrUnits, s.Units), sdk.NewAttribute(types.AttrAmount, s.coin(earned)))
}

func (k *Keeper) emitSessionToppedUp(ctx context.Context, s *session, amount uint64) error {
	return k.emitSession(ctx, s, types.EventFlatSessionToppedUp, &types.EventSessionToppedUp{
		Session: s.Id, Amount: s.coin(amount), Deposit: s.coin(s.Deposit),
	}, sdk.NewAttribute(types.AttrAmount, s.coin(amount)))
}

func (k *Keeper) emitSessionLow(ctx context.Context, s *session, depletes uint64) error {
	requester, err := k.addresses.BytesToString(s.Requester)
	if err != nil {
		return err
	}
	return k.emitSession(ctx, s, types.EventFlatSessionLowFunds, &types.EventSessionLowFunds{
		Session: s.Id, Requester: requester, Remaining: s.coin(s.Held()), Depletes: depletes,
	}, sdk.NewAttribute(types.AttrRequester, requester), sdk.NewAttribute(types.AttrAmount, s.coin(s.Held())), types.Attr(types.AttrDue, depletes))
}

func (k *Keeper) emitSessionPaused(ctx context.Context, s *session) error {
	return k.emitSession(ctx, s, types.EventFlatSessionPaused, &types.EventSessionPaused{Session: s.Id, Due: s.Due},
		types.Attr(types.AttrDue, s.Due))
}

func (k *Keeper) emitSessionClosing(ctx context.Context, s *session) error {
	return k.emitSession(ctx, s, types.EventFlatSessionClosing, &types.EventSessionClosing{Session: s.Id, Reason: s.Reason.String(), Due: s.Due},
		sdk.NewAttribute(types.AttrReason, s.Reason.String()), types.Attr(types.AttrDue, s.Due))
}

func (k *Keeper) emitSessionClosed(ctx context.Context, s *session, refund uint64) error {
	return k.emitSession(ctx, s, types.EventFlatSessionClosed, &types.EventSessionClosed{
		Session: s.Id, Reason: s.Reason.String(), Redeemed: s.coin(s.Redeemed), Refund: s.coin(refund),
	}, sdk.NewAttribute(types.AttrReason, s.Reason.String()), sdk.NewAttribute(types.AttrAmount, s.coin(refund)))
}
