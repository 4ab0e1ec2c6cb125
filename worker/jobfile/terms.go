// SPDX-License-Identifier: Apache-2.0

package jobfile

import (
	"time"

	"github.com/cosmos/cosmos-sdk/types/bech32"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// addressPrefix of every account.
const addressPrefix = "cupel"

// whole reads a whole number from 1 to high.
func (o object) whole(key string, high uint64) uint64 {
	text := o.text(key)
	if o.d.err != nil {
		return 0
	}
	n, err := parseWhole(text)
	if err != nil {
		o.d.fail(o.at(key), "%s %.64q %v", o.path(key), text, err)
		return 0
	}
	if n < 1 || n > high {
		o.d.fail(o.at(key), "%s is %d, 1 to %d is allowed", o.path(key), n, high)
	}
	return n
}

// size reads a number of bytes with a unit, fallback where it is absent.
func (o object) size(key string, fallback, low, high uint64) uint64 {
	if !o.has(key) {
		return fallback
	}
	text := o.text(key)
	if o.d.err != nil {
		return 0
	}
	n, err := ParseSize(text)
	if err != nil {
		o.d.fail(o.at(key), "%s %.64q %v", o.path(key), text, err)
		return 0
	}
	if n < low || n > high {
		o.d.fail(o.at(key), "%s %s is out of range, %d to %d bytes are allowed", o.path(key), text, low, high)
	}
	return n
}

// duration reads a positive time, fallback where it is absent.
func (o object) duration(key string, fallback, high time.Duration) time.Duration {
	if !o.has(key) {
		return fallback
	}
	text := o.text(key)
	if o.d.err != nil {
		return fallback
	}
	v, err := ParseDuration(text)
	if err != nil {
		o.d.fail(o.at(key), "%s %.64q %v", o.path(key), text, err)
		return fallback
	}
	if v > high {
		o.d.fail(o.at(key), "%s %s is too long, at most %s is allowed", o.path(key), text, high)
	}
	return v
}

// coin reads an amount with its denom; 0 of fallback where it is absent.
func (o object) coin(key, fallback string) Coin {
	if !o.has(key) {
		return Coin{Denom: fallback}
	}
	text := o.text(key)
	if o.d.err != nil {
		return Coin{}
	}
	c, err := ParseCoin(text)
	if err != nil {
		o.d.fail(o.at(key), "%s %.64q %v", o.path(key), text, err)
	}
	return c
}

func (d *decoder) price(o object, f *File) {
	p := d.object(o.fields["price"], "price", "max", "tip")
	p.require("max", "max: 50ucupel, the most one replica may cost per 10^9 fuel")
	f.MaxPrice = p.coin("max", defaultDenom)
	f.Tip = p.coin("tip", f.MaxPrice.Denom)
	stake := o.coin("value_at_stake", defaultDenom)
	f.ValueAtStake = stake.Amount
	switch {
	case d.err != nil:
	case max(f.MaxPrice.Amount, f.Tip.Amount, f.ValueAtStake) > markettypes.MaxPrice:
		d.fail(p.node, "price or value_at_stake is too large, at most %d is allowed", uint64(markettypes.MaxPrice))
	case f.MaxPrice.Amount == 0:
		d.fail(p.at("max"), "price.max is zero, nobody works for nothing")
	case f.Tip.Denom != f.MaxPrice.Denom:
		d.fail(p.at("tip"), "price.tip is in %s and price.max in %s, use one denom", f.Tip.Denom, f.MaxPrice.Denom)
	case stake.Denom != defaultDenom:
		d.fail(o.at("value_at_stake"), "value_at_stake is in %s, it is counted in %s", stake.Denom, defaultDenom)
	}
}

func (d *decoder) requirements(o object, f *File) {
	if o.has("hire") {
		f.Hire = o.text("hire")
		if prefix, bz, err := bech32.DecodeAndConvert(f.Hire); err != nil || prefix != addressPrefix || len(bz) == 0 {
			d.fail(o.at("hire"), "hire %.80q is not the address of an operator, such as %s1...", f.Hire, addressPrefix)
		}
	}
	if !o.has("requirements") {
		return
	}
	r := d.object(o.fields["requirements"], "requirements", "region", "min_score", "vram", "compute_capability")
	if r.has("region") {
		f.Requirements.Region = r.text("region")
		if !regionPattern.MatchString(f.Requirements.Region) {
			d.fail(r.at("region"), "requirements.region %.64q is not 1 to 32 of a-z, 0-9 and '-', such as eu-west", f.Requirements.Region)
		}
	}
	if r.has("vram") && r.text("vram") != "0" {
		f.Requirements.VramMib = uint32(ceilDiv(r.size("vram", 0, 0, 1<<40), 1<<20))
	}
	f.Requirements.MinScore = uint32(r.fixed("min_score", 6, 1))
	f.Requirements.ComputeCapability = uint32(r.fixed("compute_capability", 1, 100))
}

// fixed reads a decimal number scaled by 10^places, 0 where it is absent.
func (o object) fixed(key string, places int, limit uint64) uint64 {
	if !o.has(key) {
		return 0
	}
	text := o.text(key)
	if o.d.err != nil {
		return 0
	}
	n, err := parseFixed(text, places, limit)
	if err != nil {
		o.d.fail(o.at(key), "%s %.64q %v", o.path(key), text, err)
	}
	return n
}
