// SPDX-License-Identifier: Apache-2.0

package session

import (
	"fmt"
	"net/http"
	"time"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// maxCall is more than any call can cost, in base units.
const maxCall = 1 << 50

// terms of one call: its cost in thousandths of a base unit.
type terms struct {
	// least is what the voucher must cover, most what the call may cost then.
	least, most uint64
}

// hold is the reservation of a call under way.
type hold struct {
	a    *accounts
	acc  *account
	most uint64
	// open is the part of Record.Open that is this call's.
	open  uint64
	ended bool
}

// begin takes note of the voucher durably and reserves what the call may cost.
// Price returns the terms of the call for what the voucher covers.
func (a *accounts) begin(acc *account, v voucher.Signed, info Info, price func(cover uint64) terms) (*hold, *apiError) {
	acc.mu.Lock()
	defer acc.mu.Unlock()
	now := a.now()
	t := price(acc.cover(max(v.Amount, acc.rec.Amount)))
	if err := acc.order(v); err != nil {
		return nil, paymentRequired(CodeOrder, acc.payment(info, t.least), "%v. Sign the next voucher after the highest one that was kept", err)
	}
	if acc.calls >= a.limits.PerSession {
		return nil, tooMany(time.Second, "session %d has %d calls under way, no more are allowed at once", info.ID, acc.calls)
	}
	if cover := acc.cover(max(v.Amount, acc.rec.Amount)); cover < t.least {
		pay := acc.payment(info, t.least)
		if pay.Needed > info.Terms.Deposit {
			return nil, paymentRequired(CodeDeposit, pay, "the call needs vouchers for %d %s in all, the deposit of session %d is %d: top it up",
				pay.Needed, info.Denom, info.ID, info.Terms.Deposit)
		}
		return nil, paymentRequired(CodeShort, pay, "the voucher signs %d %s, session %d needs %d: sign needed_amount and needed_units and send the call again",
			v.Amount, info.Denom, info.ID, pay.Needed)
	}
	if ok, wait := acc.rate.take(now); !ok {
		return nil, tooMany(wait, "session %d begins more than %d calls a minute", info.ID, a.limits.PerMinute)
	}
	if e := a.keep(acc, v, now); e != nil {
		return nil, e
	}
	acc.reserved += t.most
	acc.calls++
	return &hold{a: a, acc: acc, most: t.most}, nil
}

// keep writes a voucher that is higher than the one held.
func (a *accounts) keep(acc *account, v voucher.Signed, now time.Time) *apiError {
	if v.Sequence <= acc.highest.Sequence {
		return nil
	}
	rec := acc.rec
	rec.Voucher, rec.Amount = v.Header(), v.Amount
	if rec.Waiting.IsZero() && rec.unredeemed() > 0 {
		rec.Waiting = now
	}
	if err := a.store.Put(rec); err != nil {
		return fail(http.StatusInternalServerError, typeServer, "store_failed", "the voucher could not be kept, the call was not made: %v", err)
	}
	acc.rec, acc.highest = rec, v
	a.at(stepVoucher)
	return nil
}

// order checks a voucher against the highest one. One that was overtaken still
// shows who calls, and lifts nothing.
func (acc *account) order(v voucher.Signed) error {
	switch {
	case acc.highest.Session == 0 || v.Signature == acc.highest.Signature && v.Voucher == acc.highest.Voucher:
		return nil
	case v.Sequence < acc.highest.Sequence && v.Amount <= acc.highest.Amount && v.Units <= acc.highest.Units:
		return nil
	case v.Sequence == acc.highest.Sequence:
		return fmt.Errorf("%w: another voucher of session %d has the sequence %d", voucher.ErrOrder, v.Session, v.Sequence)
	default:
		return v.Follows(acc.highest.Voucher)
	}
}

// cover is what a cumulative amount leaves for new calls, in thousandths.
func (acc *account) cover(amount uint64) uint64 {
	if amount <= acc.rec.Used {
		return 0
	}
	free := min(amount-acc.rec.Used, maxCall)*tokenScale - acc.rec.Milli
	return free - min(free, acc.reserved)
}

// payment says what a call that needs least must bring.
func (acc *account) payment(info Info, least uint64) *Payment {
	milli := acc.rec.Milli + acc.reserved + least
	needed := max(acc.rec.Used+(milli+tokenScale-1)/tokenScale, acc.rec.Amount, 1)
	return &Payment{
		Session: info.ID, Denom: info.Denom, Needed: needed, Units: max(unitsFor(info.Terms, needed), acc.highest.Units, 1),
		Sequence: acc.highest.Sequence + 1, Used: acc.rec.spent(), Held: acc.rec.Amount, Deposit: info.Terms.Deposit,
		How: "sign a voucher for needed_amount, needed_units and next_sequence with the key of the session and send it in the header " + voucher.HeaderName,
	}
}

// unitsFor is the lowest number of units that an amount may be signed with.
func unitsFor(t voucher.Terms, amount uint64) uint64 {
	if amount == 0 || t.Price == 0 {
		return 0
	}
	// ceil(price*units/scale) >= amount, so units > (amount-1)*scale/price.
	return mulDiv(amount-1, t.Scale, t.Price) + 1
}

// charge ends a call that was answered: its cost in thousandths, at most what
// was reserved, is on disk when charge returns what the session has used.
func (h *hold) charge(milli uint64) (used uint64, err error) {
	h.acc.mu.Lock()
	defer h.acc.mu.Unlock()
	if h.ended {
		return h.acc.rec.spent(), nil
	}
	h.end()
	rec := h.acc.rec
	rec.Open -= h.open
	rec.charge(min(milli, h.most))
	if err = h.a.store.Put(rec); err == nil {
		h.acc.rec = rec
		h.a.at(stepCharge)
	}
	return h.acc.rec.spent(), err
}

// progress keeps what a stream has cost so far: a crash charges it.
func (h *hold) progress(milli uint64) error {
	h.acc.mu.Lock()
	defer h.acc.mu.Unlock()
	milli = min(milli, h.most)
	if h.ended || milli <= h.open {
		return nil
	}
	rec := h.acc.rec
	rec.Open += milli - h.open
	if err := h.a.store.Put(rec); err != nil {
		return err
	}
	h.acc.rec, h.open = rec, milli
	return nil
}

// release ends a call that costs nothing. It is a no-op after charge. An error
// means that a crash before the next write would charge the call.
func (h *hold) release() error {
	h.acc.mu.Lock()
	defer h.acc.mu.Unlock()
	if h.ended {
		return nil
	}
	h.end()
	if h.open == 0 {
		return nil
	}
	h.acc.rec.Open -= h.open
	return h.a.store.Put(h.acc.rec)
}

func (h *hold) end() {
	h.ended = true
	h.acc.reserved -= h.most
	h.acc.calls--
}
