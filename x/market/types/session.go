// SPDX-License-Identifier: Apache-2.0

package types

import (
	"errors"
	"math"
	"math/bits"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// minDisputeSeconds is a day: a provider that is down for a night loses nothing.
const minDisputeSeconds = 86_400

// RateTicks is the number of ticks that Session.rate is for.
const RateTicks = 1_000_000

func (p SessionParams) spans() []span {
	return []span{
		{"session.min_deposit", p.MinDeposit, 1, MaxPrice},
		{"session.max_ticks", p.MaxTicks, 1, 100_000_000},
		{"session.dispute_ticks", p.DisputeTicks, 2, 100_000_000},
		{"session.dispute_seconds", p.DisputeSeconds, minDisputeSeconds, 365 * 86_400},
		{"session.grace_ticks", p.GraceTicks, 1, 1_000_000},
		{"session.notice_ticks", p.NoticeTicks, 1, 1_000_000},
		{"session.low_bps", uint64(p.LowBps), 0, BasisPoints},
	}
}

// Validate checks the fields of an opening against the params that will rule it.
func (m MsgOpenSession) Validate(p SessionParams) error {
	if err := voucher.CheckKey(m.VoucherKey); err != nil {
		return ErrInvalidVoucherKey.Wrap(err.Error())
	}
	if m.Deposit == 0 || m.Deposit > math.MaxInt64 {
		return ErrInvalidDeposit.Wrapf("%d, must be 1 to 2^63-1", m.Deposit)
	}
	if m.MaxPrice == 0 || m.MaxPrice > MaxPrice {
		return ErrInvalidPrice.Wrapf("max_price %d, must be 1 to 2^53", m.MaxPrice)
	}
	if m.Duration == 0 || m.Duration > p.MaxTicks {
		return ErrInvalidDuration.Wrapf("%d ticks, must be 1 to %d", m.Duration, p.MaxTicks)
	}
	return nil
}

// Signed returns the voucher in the form of package voucher. It wraps
// ErrInvalidVoucher if a field has another size.
func (v SessionVoucher) Signed(chainID string) (voucher.Signed, error) {
	if len(v.Receipts) != voucher.HashSize || len(v.Signature) != voucher.SignatureSize {
		return voucher.Signed{}, ErrInvalidVoucher.Wrapf("receipts has %d bytes and signature %d, must be %d and %d",
			len(v.Receipts), len(v.Signature), voucher.HashSize, voucher.SignatureSize)
	}
	return voucher.Signed{
		Voucher: voucher.Voucher{
			ChainID: chainID, Session: v.Session, Sequence: v.Sequence, Amount: v.Amount, Units: v.Units,
			Receipts: [voucher.HashSize]byte(v.Receipts),
		},
		Signature: [voucher.SignatureSize]byte(v.Signature),
	}, nil
}

// NewSessionVoucher returns a signed voucher as it is redeemed.
func NewSessionVoucher(s voucher.Signed) SessionVoucher {
	return SessionVoucher{
		Session: s.Session, Sequence: s.Sequence, Amount: s.Amount, Units: s.Units,
		Receipts: s.Receipts[:], Signature: s.Signature[:],
	}
}

// Check checks the signature of a voucher and that it keeps to the price of
// the session. It wraps ErrInvalidVoucher or ErrVoucherSignature.
func (s Session) Check(chainID string, v SessionVoucher) error {
	signed, err := v.Signed(chainID)
	if err != nil {
		return err
	}
	err = signed.Verify(s.VoucherKey)
	if err == nil {
		err = s.Terms().CheckPrice(signed.Voucher)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, voucher.ErrSignature):
		return ErrVoucherSignature.Wrap(err.Error())
	default:
		return ErrInvalidVoucher.Wrap(err.Error())
	}
}

// Terms are what vouchers of the session are checked against.
func (s Session) Terms() voucher.Terms {
	return voucher.Terms{Price: s.Price, Scale: s.Scale, Deposit: s.Deposit}
}

// Held is what the module account holds for the session, in base units.
func (s Session) Held() uint64 { return s.Deposit - s.Redeemed - s.Refunded }

// Open reports whether the session still takes top-ups, as far as its record says.
func (s Session) Open() bool { return s.State == SessionActive || s.State == SessionPaused }

// UnitsLeft is how many units the rest of the deposit buys, at most 2^63-1.
func (s Session) UnitsLeft() uint64 { return mulDivFloor(s.Held(), s.Scale, s.Price) }

// LowShare reports whether what is left since the last deposit is at most a share of it in basis points.
func (s Session) LowShare(bps uint32) bool {
	return s.Held() <= mulDivFloor(s.Funded, uint64(bps), BasisPoints)
}

// Observe updates the observed rate with what was redeemed up to a tick: half
// the rate since the last observation, half the rate before.
func (s *Session) Observe(tick uint64) {
	if tick <= s.RateTick || s.Redeemed <= s.RateRedeemed {
		return
	}
	rate := max(mulDivFloor(s.Redeemed-s.RateRedeemed, RateTicks, tick-s.RateTick), 1)
	if s.Rate > 0 {
		rate = s.Rate/2 + rate/2 + s.Rate&rate&1
	}
	s.Rate, s.RateTick, s.RateRedeemed = max(rate, 1), tick, s.Redeemed
}

// DepletesAt returns the tick at which the deposit is used up at the observed
// rate, counted from the last observation, and 0 if that is unknown.
func (s Session) DepletesAt() uint64 {
	if s.Rate == 0 || s.State != SessionActive || s.Held() == 0 {
		return 0
	}
	left := mulDivFloor(s.Held(), RateTicks, s.Rate)
	return s.RateTick + min(left, math.MaxInt64-s.RateTick)
}

// mulDivFloor returns floor(a * b / c), at most 2^63-1, which is also what a
// division by 0 gives.
func mulDivFloor(a, b, c uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	if hi >= c {
		return math.MaxInt64
	}
	quo, _ := bits.Div64(hi, lo, c)
	return min(quo, math.MaxInt64)
}

// Earned is how a running total is split when it grows: total is what a
// session has earned in all, paid and burned what was moved before. It is
// computed on totals, so that no rounding adds up however often it is called.
func (s Split) Earned(total uint64, burnable bool, before, paid, burned uint64) Shares {
	fee := Bps(total, s.TreasuryBps+s.BurnBps)
	shares := Shares{Provider: total - fee - paid}
	rest := total - before - shares.Provider
	if burnable {
		shares.Burn = min(Bps(total, s.BurnBps)-burned, rest)
	}
	shares.Treasury = rest - shares.Burn
	return shares
}
