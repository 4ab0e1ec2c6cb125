// SPDX-License-Identifier: Apache-2.0

package voucher

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// Terms are what a session pins at its opening and its deposit so far.
type Terms struct {
	// Price in base units of the denom per Scale units.
	Price uint64
	// Scale is the number of units that the price is for: 1,000 tokens, 10^9
	// fuel, or one second.
	Scale uint64
	// Deposit in base units; the chain pays no more, whatever is signed.
	Deposit uint64
}

// Amount returns what units cost: ceil(price * units / scale). It wraps
// ErrTerms if that does not fit 63 bits.
func (t Terms) Amount(units uint64) (uint64, error) {
	hi, lo := bits.Mul64(t.Price, units)
	if hi >= t.Scale {
		return 0, fmt.Errorf("%w: %d units at %d per %d have no amount", ErrTerms, units, t.Price, t.Scale)
	}
	amount, rest := bits.Div64(hi, lo, t.Scale)
	if rest > 0 {
		amount++
	}
	if amount > MaxAmount {
		return 0, fmt.Errorf("%w: %d units at %d per %d do not fit 63 bits", ErrTerms, units, t.Price, t.Scale)
	}
	return amount, nil
}

// CheckPrice reports whether the amount is at most the price of the units,
// which the chain asks of every voucher. It wraps ErrTerms.
func (t Terms) CheckPrice(v Voucher) error {
	most, err := t.Amount(v.Units)
	if err != nil {
		return err
	}
	if v.Amount > most {
		return fmt.Errorf("%w: amount %d for %d units, which cost %d", ErrTerms, v.Amount, v.Units, most)
	}
	return nil
}

// Check is CheckPrice, and that the deposit covers the amount: what a provider
// asks before it serves. It wraps ErrTerms.
func (t Terms) Check(v Voucher) error {
	if err := t.CheckPrice(v); err != nil {
		return err
	}
	if v.Amount > t.Deposit {
		return fmt.Errorf("%w: amount %d is above the deposit of %d; top up", ErrTerms, v.Amount, t.Deposit)
	}
	return nil
}

// receiptDomain opens the bytes of the running hash of receipts.
const receiptDomain = "cupel/market/receipt/v1"

// Receipt is what both sides know of one answered call. The chain keeps the
// running hash and never opens it: it is evidence between the two.
type Receipt struct {
	// Request and Response are the sha256 of the bodies.
	Request, Response [HashSize]byte
	// Units that the call used.
	Units uint64
}

// Chain returns the running hash after this receipt. The first one follows
// the zero hash.
func (r Receipt) Chain(before [HashSize]byte) [HashSize]byte {
	out := appendBytes(nil, []byte(receiptDomain))
	for _, hash := range [][HashSize]byte{before, r.Request, r.Response} {
		out = appendBytes(out, hash[:])
	}
	return sha256.Sum256(binary.BigEndian.AppendUint64(out, r.Units))
}
