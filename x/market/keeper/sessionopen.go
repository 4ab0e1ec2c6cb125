// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	stdmath "math"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Steps that the queue may do for an opening (warning or pause, expiry, refund,
// pruning) and for a top-up (warning, pause); their gas is charged in advance.
const (
	openSteps  = 4
	topUpSteps = 2
)

// OpenSession takes the deposit of a session and pins its price and params.
func (k *Keeper) OpenSession(ctx context.Context, requester sdk.AccAddress, msg types.MsgOpenSession) (types.Session, error) {
	s, class, err := k.newSession(ctx, requester, msg)
	if err != nil {
		return types.Session{}, err
	}
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(openSteps*s.params.StepGas, "queued steps")
	if err := k.deposit(ctx, requester, s.Denom, s.Deposit); err != nil {
		return types.Session{}, err
	}
	if s.Id, err = k.NextSession.Next(ctx); err != nil {
		return types.Session{}, err
	}
	if err := k.SessionsByOwner.Set(ctx, collections.Join(s.Requester, s.Id)); err != nil {
		return types.Session{}, err
	}
	if err := k.SessionsByProvider.Set(ctx, collections.Join(s.Provider, s.Id)); err != nil {
		return types.Session{}, err
	}
	if err := k.saveSession(ctx, s); err != nil {
		return types.Session{}, err
	}
	return s.Session, k.emitSessionOpened(ctx, s, class)
}

// newSession checks an opening and pins everything that will rule it.
func (k *Keeper) newSession(ctx context.Context, requester sdk.AccAddress, msg types.MsgOpenSession) (*session, string, error) {
	version, params, err := k.CurrentParams(ctx)
	if err != nil {
		return nil, "", err
	}
	if err := msg.Validate(params.Session); err != nil {
		return nil, "", err
	}
	now, err := k.now(ctx)
	if err != nil {
		return nil, "", err
	}
	rate, err := params.Rate(msg.Denom, now.time)
	if err != nil {
		return nil, "", err
	}
	if err := checkDeposit(params, msg, rate); err != nil {
		return nil, "", err
	}
	class, err := k.Registry.ClassByName(ctx, msg.Class)
	if err != nil {
		return nil, "", types.ErrInvalidClass.Wrapf("%q: %s", msg.Class, err)
	}
	provider, price, err := k.offer(ctx, msg, rate)
	if err != nil {
		return nil, "", err
	}
	expires := now.after(msg.Duration, params)
	return &session{params: params, now: now, Session: types.Session{
		Requester: requester, Provider: provider, Class: class.Id, Denom: msg.Denom,
		Price: price, Scale: types.Scale(class.Unit), ParamsVersion: version, VoucherKey: msg.VoucherKey,
		State: types.SessionActive, Deposit: msg.Deposit, Funded: msg.Deposit,
		Opened: now.tick, OpenedTime: now.time, RateTick: now.tick,
		Expires: expires.tick, ExpiresTime: expires.time, Due: expires.tick, DueTime: expires.time,
	}}, class.Name, nil
}

// checkDeposit checks that the deposit is worth the records that the session costs.
func checkDeposit(params types.Params, msg types.MsgOpenSession, rate uint64) error {
	value, err := types.MulDivCeil(msg.Deposit, rate, types.RateUnit)
	if err != nil {
		return err
	}
	if value < params.Session.MinDeposit {
		return types.ErrInvalidDeposit.Wrapf("%d%s is worth %d%s, at least %d is needed", msg.Deposit, msg.Denom, value, types.BaseDenom, params.Session.MinDeposit)
	}
	return nil
}

// offer returns the hired provider and its ask in the class, in the denom of
// the session: asks are in ucupel, rate is ucupel per 10^6 units of the denom.
func (k *Keeper) offer(ctx context.Context, msg types.MsgOpenSession, rate uint64) (uint32, uint64, error) {
	addr, err := k.addresses.StringToBytes(msg.Provider)
	if err != nil {
		return 0, 0, types.ErrInvalidHire.Wrapf("operator: %s", err)
	}
	p, err := k.Registry.ProviderByOperator(ctx, addr)
	if err != nil {
		return 0, 0, types.ErrInvalidHire.Wrapf("%s is not an operator: %s", msg.Provider, err)
	}
	if p.Status != registrytypes.ProviderActive {
		return 0, 0, types.ErrInvalidHire.Wrapf("provider %d takes no new work, it is %s", p.Id, p.Status)
	}
	for _, r := range p.Resources {
		if r.Class != msg.Class {
			continue
		}
		ask, err := types.MulDivCeil(r.Price, types.RateUnit, rate)
		switch {
		case err != nil:
			return 0, 0, err
		case ask == 0:
			return 0, 0, types.ErrInvalidHire.Wrapf("provider %d asks no price in class %s", p.Id, r.Class)
		case ask > msg.MaxPrice:
			return 0, 0, types.ErrInvalidPrice.Wrapf("provider %d asks %d%s in class %s, max_price is %d", p.Id, ask, msg.Denom, r.Class, msg.MaxPrice)
		}
		return p.Id, ask, nil
	}
	return 0, 0, types.ErrInvalidHire.Wrapf("provider %d offers nothing in class %s", p.Id, msg.Class)
}

// deposit takes coins of a requester into the module account.
func (k *Keeper) deposit(ctx context.Context, from sdk.AccAddress, denom string, amount uint64) error {
	coins := sdk.NewCoins(sdk.NewCoin(denom, math.NewIntFromUint64(amount)))
	return k.Bank.SendCoinsFromAccountToModule(ctx, from, types.ModuleName, coins)
}

// TopUp adds to the deposit of a session that is not closing; a paused one goes on.
func (k *Keeper) TopUp(ctx context.Context, requester sdk.AccAddress, id, amount uint64) (uint64, error) {
	s, err := k.session(ctx, id)
	if err != nil {
		return 0, err
	}
	if !requester.Equals(sdk.AccAddress(s.Requester)) {
		return 0, types.ErrNotRequester.Wrapf("session %d", id)
	}
	if phase := s.phase(); phase != types.SessionActive && phase != types.SessionPaused {
		return 0, types.ErrSessionClosing.Wrapf("session %d is %s: open another one", id, phase)
	}
	if amount == 0 || amount > stdmath.MaxInt64-s.Deposit {
		return 0, types.ErrInvalidDeposit.Wrapf("%d on top of %d, must be at least 1 and fit 63 bits", amount, s.Deposit)
	}
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(topUpSteps*s.params.StepGas, "queued steps")
	if err := k.deposit(ctx, requester, s.Denom, amount); err != nil {
		return 0, err
	}
	s.Deposit += amount
	s.Funded, s.Low = s.Held(), false
	s.State, s.Due, s.DueTime = types.SessionActive, s.Expires, s.ExpiresTime
	if err := k.emitSessionToppedUp(ctx, s, amount); err != nil {
		return 0, err
	}
	if err := k.watch(ctx, s); err != nil {
		return 0, err
	}
	return s.Deposit, k.saveSession(ctx, s)
}

// CloseSession opens the dispute window of the requester's session, or ends
// the session at once if its provider says so. Repeated, it does nothing.
func (k *Keeper) CloseSession(ctx context.Context, sender sdk.AccAddress, id uint64, b *book) (types.MsgCloseSessionResponse, error) {
	var res types.MsgCloseSessionResponse
	s, err := k.session(ctx, id)
	if err != nil {
		return res, err
	}
	provider, err := k.speaksFor(ctx, sender, s.Provider)
	if err != nil {
		return res, err
	}
	if !provider && !sender.Equals(sdk.AccAddress(s.Requester)) {
		return res, types.ErrNotParty.Wrapf("session %d", id)
	}
	before := s.Refunded
	if _, err := k.follow(ctx, s, b); err != nil {
		return res, err
	}
	switch {
	case s.State == types.SessionClosed:
	case provider:
		err = k.finish(ctx, s, types.SessionReasonProvider, b)
	case s.State != types.SessionClosing:
		err = k.startClosing(ctx, s, types.SessionReasonRequester, b)
	}
	if err != nil {
		return res, err
	}
	res.State, res.Refund = s.State, s.Refunded-before
	if s.State == types.SessionClosing {
		res.Due = s.Due
	}
	return res, k.saveSession(ctx, s)
}

// speaksFor reports whether an account is the operator or the worker of a provider.
func (k *Keeper) speaksFor(ctx context.Context, sender sdk.AccAddress, id uint32) (bool, error) {
	p, err := k.Registry.Provider(ctx, id)
	if err != nil {
		return false, err
	}
	for _, text := range []string{p.Operator, p.Worker} {
		addr, err := k.addresses.StringToBytes(text)
		if err == nil && sender.Equals(sdk.AccAddress(addr)) {
			return true, nil
		}
	}
	return false, nil
}
