// SPDX-License-Identifier: Apache-2.0

// Package voucher makes and checks the vouchers of sessions: promises of a
// requester to pay a provider, given with every call and redeemed on chain
// with the highest one alone. It needs no chain, no SDK and no node.
//
// A voucher is cumulative: its amount is all that the session has cost so far,
// the call that it comes with included. The provider keeps the highest. A
// session is hired at one price, so the amount follows from the units:
//
//	terms := voucher.Terms{Price: 30, Scale: 1000, Deposit: 5_000_000}
//	amount, err := terms.Amount(units)
//	signed, err := voucher.Sign(key, voucher.Voucher{ChainID: "cupel-1", Session: 7, Sequence: 1, Amount: amount, Units: units})
//	request.Header.Set(voucher.HeaderName, signed.Header())
//
// and on the other side:
//
//	signed, err := voucher.ParseHeader(request.Header.Get(voucher.HeaderName))
//	err = signed.Verify(session.VoucherKey)
//	err = terms.Check(signed.Voucher)
//	err = signed.Follows(highest.Voucher)
//
// What these four accept, the chain redeems while the session is open; see
// ADR-006 of x/market.
package voucher

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Errors of the package; every error wraps one of them.
var (
	// ErrMalformed: the bytes or the fields are no voucher.
	ErrMalformed = errors.New("malformed voucher")
	// ErrKey: the key is no usable Ed25519 key.
	ErrKey = errors.New("invalid voucher key")
	// ErrSignature: the signature is not one of this key over this voucher.
	ErrSignature = errors.New("invalid voucher signature")
	// ErrTerms: the amount is above the price of the units, or above the deposit.
	ErrTerms = errors.New("voucher breaks the terms of its session")
	// ErrOrder: the voucher does not follow the one before.
	ErrOrder = errors.New("voucher does not follow the one before")
)

// Sizes and bounds of the encoding.
const (
	KeySize       = 32
	SignatureSize = 64
	HashSize      = 32
	// MaxChainID is the most bytes of a chain id, as in CometBFT.
	MaxChainID = 50
	// MaxAmount is the largest amount and the largest number of units.
	MaxAmount = math.MaxInt64
)

// Domain opens the signed bytes, so that the key signs nothing else by accident.
const Domain = "cupel/market/voucher/v1"

// Voucher promises that a session has cost Amount in all.
type Voucher struct {
	// ChainID is the chain that holds the deposit.
	ChainID string
	// Session is its id on that chain.
	Session uint64
	// Sequence numbers the vouchers of a session, from 1.
	Sequence uint64
	// Amount is cumulative, in base units of the session's denom.
	Amount uint64
	// Units is cumulative, in units of the session's class.
	Units uint64
	// Receipts is the running hash of what was answered so far; see Receipt.
	Receipts [HashSize]byte
}

// Validate checks the fields alone. It wraps ErrMalformed.
func (v Voucher) Validate() error {
	switch {
	case v.ChainID == "" || len(v.ChainID) > MaxChainID:
		return fmt.Errorf("%w: chain id has %d bytes, must be 1 to %d", ErrMalformed, len(v.ChainID), MaxChainID)
	case v.Session == 0:
		return fmt.Errorf("%w: session is 0", ErrMalformed)
	case v.Sequence == 0:
		return fmt.Errorf("%w: sequence is 0, it starts at 1", ErrMalformed)
	case v.Amount == 0 || v.Amount > MaxAmount:
		return fmt.Errorf("%w: amount %d, must be 1 to 2^63-1", ErrMalformed, v.Amount)
	case v.Units == 0 || v.Units > MaxAmount:
		return fmt.Errorf("%w: units %d, must be 1 to 2^63-1", ErrMalformed, v.Units)
	}
	return nil
}

// Encode returns the bytes that are signed: byte strings with their length,
// integers in 8 bytes big endian, in the order of the fields after Domain.
func (v Voucher) Encode() []byte {
	out := appendBytes(make([]byte, 0, 96+len(Domain)+len(v.ChainID)), []byte(Domain))
	out = appendBytes(out, []byte(v.ChainID))
	for _, n := range []uint64{v.Session, v.Sequence, v.Amount, v.Units} {
		out = binary.BigEndian.AppendUint64(out, n)
	}
	return appendBytes(out, v.Receipts[:])
}

// Decode is the inverse of Encode. It accepts what Encode makes of a valid
// voucher and nothing else.
func Decode(data []byte) (Voucher, error) {
	d := decoder{data}
	domain := d.bytes(len(Domain))
	v := Voucher{ChainID: string(d.bytes(MaxChainID))}
	v.Session, v.Sequence, v.Amount, v.Units = d.uint(), d.uint(), d.uint(), d.uint()
	receipts := d.bytes(HashSize)
	if d.rest == nil || len(d.rest) != 0 || string(domain) != Domain || len(receipts) != HashSize {
		return Voucher{}, fmt.Errorf("%w: %d bytes are not in the form of %s", ErrMalformed, len(data), Domain)
	}
	v.Receipts = [HashSize]byte(receipts)
	return v, v.Validate()
}

// Follows reports whether v may come after the highest voucher so far: same
// session, higher sequence, nothing taken back. It wraps ErrOrder.
func (v Voucher) Follows(before Voucher) error {
	switch {
	case v.ChainID != before.ChainID || v.Session != before.Session:
		return fmt.Errorf("%w: session %d of %s after session %d of %s", ErrOrder, v.Session, v.ChainID, before.Session, before.ChainID)
	case v.Sequence <= before.Sequence:
		return fmt.Errorf("%w: sequence %d after %d", ErrOrder, v.Sequence, before.Sequence)
	case v.Amount < before.Amount || v.Units < before.Units:
		return fmt.Errorf("%w: amount %d after %d, units %d after %d", ErrOrder, v.Amount, before.Amount, v.Units, before.Units)
	}
	return nil
}

func appendBytes(out, v []byte) []byte {
	return append(binary.BigEndian.AppendUint64(out, uint64(len(v))), v...)
}

// decoder reads fields; rest is nil once one did not fit.
type decoder struct{ rest []byte }

func (d *decoder) take(n int) []byte {
	if d.rest == nil || len(d.rest) < n {
		d.rest = nil
		return nil
	}
	out := d.rest[:n]
	d.rest = d.rest[n:]
	return out
}

func (d *decoder) uint() uint64 {
	if b := d.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) bytes(most int) []byte {
	n := d.uint()
	if n > uint64(most) {
		d.rest = nil
		return nil
	}
	return bytes.Clone(d.take(int(n)))
}
