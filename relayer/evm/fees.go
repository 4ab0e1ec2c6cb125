// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"fmt"
	"math/big"

	"github.com/cupel-network/cupel/relayer/mirror"
)

// minBumpPercent is what nodes ask of a transaction that replaces another.
const minBumpPercent = 10

// fees are the EIP-1559 fields of a transaction, in wei per gas.
type fees struct{ tip, feeCap *big.Int }

// market is what the chain asks for now.
type market struct{ baseFee, tip *big.Int }

// suggested returns fees that outlast a doubling of the base fee.
func (m market) suggested() fees {
	feeCap := new(big.Int).Lsh(m.baseFee, 1)
	return fees{tip: m.tip, feeCap: feeCap.Add(feeCap, m.tip)}
}

// initial returns the fees of a new transaction. It is mirror.ErrFeeTooHigh if
// the configured limit does not even buy the next block.
func (c SenderConfig) initial(m market) (fees, error) {
	next := new(big.Int).Add(m.baseFee, m.tip)
	if next.Cmp(c.MaxFeeCap) > 0 {
		return fees{}, fmt.Errorf("%w: base fee %s and tip %s wei are above max_fee_cap %s", mirror.ErrFeeTooHigh, m.baseFee, m.tip, c.MaxFeeCap)
	}
	return c.clamp(m.suggested()), nil
}

// bump returns fees that replace a transaction with the fees old: each at least
// FeeBumpPercent above, or what the chain suggests now. It is
// mirror.ErrFeeTooHigh if that is above a limit.
func (c SenderConfig) bump(old fees, m market) (fees, error) {
	now := m.suggested()
	limit := new(big.Int).Mul(now.feeCap, new(big.Int).SetUint64(c.FeeLimitMultiplier))
	if limit.Cmp(c.MaxFeeCap) > 0 {
		limit = c.MaxFeeCap
	}
	least := fees{tip: c.raised(old.tip), feeCap: c.raised(old.feeCap)}
	if least.feeCap.Cmp(limit) > 0 {
		return fees{}, fmt.Errorf("%w: replacing takes a fee cap of %s wei, the limit is %s (max_fee_cap %s, %d times the suggested %s)",
			mirror.ErrFeeTooHigh, least.feeCap, limit, c.MaxFeeCap, c.FeeLimitMultiplier, now.feeCap)
	}
	return c.clamp(fees{tip: most(least.tip, now.tip), feeCap: most(least.feeCap, now.feeCap)}), nil
}

// clamp holds the fee cap at its limit and the tip at the fee cap.
func (c SenderConfig) clamp(f fees) fees {
	f.feeCap = least(f.feeCap, c.MaxFeeCap)
	f.tip = least(f.tip, f.feeCap)
	return f
}

// raised returns wei plus FeeBumpPercent, rounded up and at least one more.
func (c SenderConfig) raised(wei *big.Int) *big.Int {
	out := new(big.Int).Mul(wei, new(big.Int).SetUint64(100+c.FeeBumpPercent))
	out.Add(out, big.NewInt(99)).Div(out, big.NewInt(100))
	if out.Cmp(wei) <= 0 {
		out.Add(wei, big.NewInt(1))
	}
	return out
}

func most(a, b *big.Int) *big.Int {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}

func least(a, b *big.Int) *big.Int {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}
