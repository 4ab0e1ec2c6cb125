// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"time"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// admit checks all of a voucher that does not depend on earlier ones. A
// session that does not pay any more is looked up anew before it is refused.
func (f *Front) admit(ctx context.Context, v voucher.Signed) (Info, *apiError) {
	if v.ChainID != f.chainID {
		return Info{}, paymentRequired(CodeChain, nil, "the voucher is for the chain %q, this worker is paid on %q", v.ChainID, f.chainID)
	}
	own, err := f.book.own(ctx)
	if err != nil {
		return Info{}, unavailable("chain_unreachable", "the chain does not say who this provider is: try again")
	}
	info, problem := f.lookup(ctx, v, bookFresh)
	if problem != nil {
		return info, problem
	}
	if problem = f.judge(info, own, v); problem != nil && (problem.Code == CodeNotOpen || problem.Code == CodeDeposit) {
		// It may have been topped up since.
		if info, again := f.lookup(ctx, v, bookAgain); again == nil {
			return info, f.judge(info, own, v)
		}
	}
	return info, problem
}

func (f *Front) lookup(ctx context.Context, v voucher.Signed, age time.Duration) (Info, *apiError) {
	info, err := f.book.get(ctx, v.Session, age)
	switch {
	case err == nil:
		return info, nil
	case errors.Is(err, ErrNoSession):
		return info, paymentRequired(CodeUnknown, nil, "session %d does not exist on %s: open one with this provider", v.Session, f.chainID)
	default:
		return info, unavailable("chain_unreachable", "session %d cannot be looked up now: try again", v.Session)
	}
}

// judge checks a voucher against its session.
func (f *Front) judge(info Info, own uint32, v voucher.Signed) *apiError {
	pay := &Payment{Session: info.ID, Denom: info.Denom, Deposit: info.Terms.Deposit}
	switch {
	case info.Provider != own:
		pay.How = "open a session with this provider"
		return paymentRequired(CodeProvider, pay, "session %d pays provider %d, this is provider %d", info.ID, info.Provider, own)
	case info.Class != f.cfg.Class || info.Denom != f.cfg.Denom || info.Terms.Scale != tokenScale:
		pay.How = "open a session for class " + f.cfg.Class + " in " + f.cfg.Denom
		return paymentRequired(CodeClass, pay, "session %d is for class %s in %s, the models here are sold as %s in %s",
			info.ID, info.Class, info.Denom, f.cfg.Class, f.cfg.Denom)
	}
	if err := v.Verify(info.Key); err != nil {
		pay.How = "sign with the key that the session was opened with"
		return paymentRequired(CodeSignature, pay, "%v", err)
	}
	switch {
	case info.State != Open:
		pay.How = "top up a session without deposit, or open another one"
		return paymentRequired(CodeNotOpen, pay, "session %d is %s and pays for no new calls", info.ID, info.State)
	case v.Amount > info.Terms.Deposit:
		pay.How = "top up the session"
		return paymentRequired(CodeDeposit, pay, "the voucher signs %d %s, the deposit of session %d is %d", v.Amount, info.Denom, info.ID, info.Terms.Deposit)
	}
	if err := info.Terms.CheckPrice(v.Voucher); err != nil {
		pay.How = "sign more units: the amount is at most their price"
		return paymentRequired(CodeTerms, pay, "%v", err)
	}
	return nil
}
