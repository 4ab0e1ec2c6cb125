// SPDX-License-Identifier: Apache-2.0

package types

import (
	"sort"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

func (g GenesisState) validateSessions() error {
	if g.NextSession > MaxBatchID {
		return ErrInvariant.Wrapf("next_session %d is above %d", g.NextSession, uint64(MaxBatchID))
	}
	var last uint64
	for _, s := range g.Sessions {
		if s.Id <= last || s.Id >= g.NextSession {
			return ErrInvariant.Wrapf("session ids must ascend below %d; %d follows %d", g.NextSession, s.Id, last)
		}
		if s.ParamsVersion == 0 || int(s.ParamsVersion) > len(g.Params) {
			return ErrUnknownVersion.Wrapf("session %d: %d", s.Id, s.ParamsVersion)
		}
		if err := s.Validate(); err != nil {
			return errorsmod.Wrapf(err, "session %d", s.Id)
		}
		last = s.Id
	}
	return nil
}

// Validate checks that a record is one that the keeper could have written.
func (s Session) Validate() error {
	sum, ok := addAll(s.Paid, s.Treasury, s.Burned)
	out, fits := addAll(s.Redeemed, s.Refunded)
	switch {
	case len(s.Requester) == 0 || s.Provider == 0 || s.Class == 0 || s.Price == 0 || s.Scale == 0:
		return ErrInvariant.Wrap("requester, provider, class, price or scale is missing")
	case s.State < SessionActive || s.State > SessionClosed || s.Reason < SessionReasonNone || s.Reason > SessionReasonParamsEnded:
		return ErrInvariant.Wrapf("state %d, reason %d", s.State, s.Reason)
	case s.Open() != (s.Reason == SessionReasonNone):
		return ErrInvariant.Wrapf("%s for %s", s.State, s.Reason)
	case !ok || sum != s.Redeemed:
		return ErrInvariant.Wrapf("redeemed %d, accounts for %d", s.Redeemed, sum)
	case !fits || out > s.Deposit:
		return ErrInvariant.Wrapf("deposit %d, redeemed and refunded %d", s.Deposit, out)
	case s.State != SessionClosed && s.Refunded != 0, s.State == SessionClosed && s.Held() != 0:
		return ErrInvariant.Wrapf("%s with %d refunded and %d held", s.State, s.Refunded, s.Held())
	case s.RateRedeemed > s.Redeemed || s.Depletes != s.DepletesAt():
		return ErrInvariant.Wrapf("depletes at %d, by its rate at %d", s.Depletes, s.DepletesAt())
	}
	if err := voucher.CheckKey(s.VoucherKey); err != nil {
		return ErrInvalidVoucherKey.Wrap(err.Error())
	}
	if err := sdk.ValidateDenom(s.Denom); err != nil {
		return ErrInvalidDenom.Wrap(err.Error())
	}
	return nil
}

// addAll adds up amounts, ok false if that overflows.
func addAll(amounts ...uint64) (sum uint64, ok bool) {
	for _, a := range amounts {
		if sum+a < sum {
			return 0, false
		}
		sum += a
	}
	return sum, true
}

// validateSessionStep checks a step of a session; ids ascend.
func (g GenesisState) validateSessionStep(s Step) error {
	i := sort.Search(len(g.Sessions), func(i int) bool { return g.Sessions[i].Id >= s.Batch })
	if i == len(g.Sessions) || g.Sessions[i].Id != s.Batch || s.Sub != 0 {
		return ErrInvalidStep.Wrapf("%s of session %d sub %d", s.Kind, s.Batch, s.Sub)
	}
	return nil
}
