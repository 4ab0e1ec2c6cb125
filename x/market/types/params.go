// SPDX-License-Identifier: Apache-2.0

package types

import (
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
)

// BaseDenom is the staking and bond denom, the only one that is burned.
const BaseDenom = "ucupel"

// RateUnit is the number of base units that Denom.rate is for.
const RateUnit = 1_000_000

const million = 1_000_000

// DefaultParams returns the params of design §2 for blocks of one second.
func DefaultParams() Params {
	return Params{
		Split:            Split{TreasuryBps: 1_000, BurnBps: 500},
		AuditFloorBps:    500,
		WindowTicks:      600,
		CommitTicks:      60,
		RevealTicks:      60,
		MinTickMs:        500,
		GrowTo:           7,
		Quorum:           4,
		MaxRedraws:       3,
		RuntimeFeeBps:    1_000,
		NoShowBps:        1_000,
		MaxTries:         10,
		RetentionTicks:   7 * 86_400,
		MaxDeadlineTicks: 7 * 86_400,
		MaxItems:         1_000,
		MaxLots:          1_000,
		StepGas:          20_000,
		BlockGas:         100_000_000,
		MinOperators:     4,
		Candidates:       32,
		Weights:          Weights{Reputation: 350_000, Performance: 250_000, Price: 250_000, Stake: 150_000},
		UnfilledEpochs:   3,
		Denoms:           []Denom{{Denom: BaseDenom, Rate: RateUnit}},
		ValueBps:         15_000,
		MaxReplicas:      21,
		MinValue:         1_000_000,
		Session: SessionParams{
			MinDeposit:     1_000_000,
			MaxTicks:       30 * 86_400,
			DisputeTicks:   86_400,
			DisputeSeconds: minDisputeSeconds,
			GraceTicks:     3_600,
			NoticeTicks:    3_600,
			LowBps:         2_000,
		},
		Challenge:      defaultChallenge(),
		Committee:      defaultCommittee(),
		Scored:         defaultScored(),
		MaxWallSeconds: MaxWallSeconds / 4,
		RoyaltyMaxBps:  MaxRoyaltyBps,
	}
}

// span is an inclusive range that a param must lie in.
type span struct {
	name      string
	value     uint64
	low, high uint64
}

func (p Params) spans() []span {
	return []span{
		{"split.treasury_bps", uint64(p.Split.TreasuryBps), 0, 5_000},
		{"split.burn_bps", uint64(p.Split.BurnBps), 0, 5_000},
		{"audit_floor_bps", uint64(p.AuditFloorBps), 100, BasisPoints},
		{"window_ticks", p.WindowTicks, 2, 1_000_000},
		{"commit_ticks", p.CommitTicks, 2, 100_000},
		{"reveal_ticks", p.RevealTicks, 2, 100_000},
		{"min_tick_ms", uint64(p.MinTickMs), 1, 60_000},
		{"grow_to", uint64(p.GrowTo), 3, 21},
		{"quorum", uint64(p.Quorum), 2, uint64(p.GrowTo)},
		{"max_redraws", uint64(p.MaxRedraws), 1, 10},
		{"runtime_fee_bps", uint64(p.RuntimeFeeBps), 0, 1_400},
		{"no_show_bps", uint64(p.NoShowBps), 1, BasisPoints},
		{"max_tries", uint64(p.MaxTries), 1, 100},
		{"retention_ticks", p.RetentionTicks, 1, 100_000_000},
		{"max_deadline_ticks", p.MaxDeadlineTicks, 1, 100_000_000},
		{"max_items", uint64(p.MaxItems), 1, 100_000},
		{"max_lots", uint64(p.MaxLots), 1, 100_000},
		{"step_gas", p.StepGas, 1, 10_000_000},
		{"block_gas", p.BlockGas, 1_000_000, 100_000_000_000},
		{"min_operators", uint64(p.MinOperators), 2, 100},
		{"candidates", uint64(p.Candidates), 3, 1_024},
		{"unfilled_epochs", uint64(p.UnfilledEpochs), 1, 100},
		{"value_bps", uint64(p.ValueBps), BasisPoints, 10 * BasisPoints},
		{"max_replicas", uint64(p.MaxReplicas), 3, uint64(min(p.Candidates, 100))},
		{"min_value", p.MinValue, 1, MaxPrice},
		{"max_wall_seconds", p.MaxWallSeconds, 1, MaxWallSeconds},
		{"royalty_max_bps", uint64(p.RoyaltyMaxBps), 0, MaxRoyaltyBps},
	}
}

// Validate checks every field and how they fit together.
func (p Params) Validate() error {
	for _, s := range slices.Concat(p.spans(), p.Session.spans(), p.Challenge.spans(), p.Committee.spans(), p.Scored.spans()) {
		if s.value < s.low || s.value > s.high {
			return ErrInvalidParams.Wrapf("%s is %d, must be %d to %d", s.name, s.value, s.low, s.high)
		}
	}
	if 2*p.Quorum <= p.GrowTo {
		return ErrInvalidParams.Wrapf("quorum %d is not a majority of grow_to %d: two groups could win", p.Quorum, p.GrowTo)
	}
	w := p.Weights
	if sum := uint64(w.Reputation) + uint64(w.Performance) + uint64(w.Price) + uint64(w.Stake); sum != million {
		return ErrInvalidParams.Wrapf("weights add up to %d, must be %d", sum, million)
	}
	// Two replicas must be able to pay for the audit of their task.
	if 2*uint64(p.Split.TreasuryBps) < uint64(p.AuditFloorBps) {
		return ErrInvalidParams.Wrapf("treasury share %d bps of two replicas cannot fund audits at %d bps", p.Split.TreasuryBps, p.AuditFloorBps)
	}
	if err := p.Challenge.validate(); err != nil {
		return err
	}
	if err := p.ValidateEV(BasisPoints); err != nil {
		return err
	}
	if err := p.Scored.validate(); err != nil {
		return err
	}
	return p.validateDenoms()
}

// seedEpochs is how many epochs the seed that judges an answer may take to
// come, with the fallback of x/oracle.
const seedEpochs = oracletypes.MaxFallbackEpochs + 2

// Liability is the longest, in ticks, that a slash can follow the answer that
// it is for, under epochs of a number of ticks: the phases of its lot with the
// wall limits, every re-draw and the pauses between draws; the rounds of an
// audit or challenge, of the grown set and of a jury, with the epochs in which
// their seats are drawn; and the windows before the draw, the appeal, the last
// late reveal and the payment.
func (p Params) Liability(epochTicks uint64) uint64 {
	redraws := uint64(p.MaxRedraws)
	phase := p.CommitTicks + p.WallTicks(p.MaxWallSeconds)
	lot := (1+redraws)*(phase+p.backoffTicks()) + p.RevealTicks
	rounds := (2 + redraws + 1 + redraws) * (phase + p.RevealTicks)
	draws := (3*(uint64(p.UnfilledEpochs)+1) + seedEpochs) * epochTicks
	return lot + rounds + draws + 4*p.WindowTicks + compares*p.Committee.Liability(uint64(p.UnfilledEpochs)+1+seedEpochs, epochTicks)
}

// WallTicks is the most ticks that pass in a number of seconds: a tick may be as
// short as min_tick_ms.
func (p Params) WallTicks(seconds uint64) uint64 {
	return seconds * 1_000 / uint64(max(p.MinTickMs, 1))
}

// BackoffTicks is the pause after a draw that found nobody for the n-th time:
// 1, 2, 4 … 64 ticks.
func BackoffTicks(n uint32) uint64 { return uint64(1) << min(n, 6) }

// backoffTicks adds up the pauses of max_tries draws.
func (p Params) backoffTicks() uint64 {
	var sum uint64
	for n := range p.MaxTries {
		sum += BackoffTicks(n + 1)
	}
	return sum
}

func (p Params) validateDenoms() error {
	if len(p.Denoms) == 0 || len(p.Denoms) > 32 {
		return ErrInvalidParams.Wrapf("%d denoms, 1 to 32 are allowed", len(p.Denoms))
	}
	for i, d := range p.Denoms {
		if err := sdk.ValidateDenom(d.Denom); err != nil {
			return ErrInvalidParams.Wrapf("denoms[%d]: %s", i, err)
		}
		if d.Rate == 0 || d.Rate > 1<<40 || d.Expires < 0 {
			return ErrInvalidParams.Wrapf("denoms[%d]: rate %d must be 1 to 2^40, expires %d not negative", i, d.Rate, d.Expires)
		}
		if d.Denom == BaseDenom && (d.Rate != RateUnit || d.Expires != 0) {
			return ErrInvalidParams.Wrapf("denoms[%d]: %s has rate %d and never expires", i, BaseDenom, RateUnit)
		}
		for _, other := range p.Denoms[:i] {
			if other.Denom == d.Denom {
				return ErrInvalidParams.Wrapf("denoms[%d]: %s is listed twice", i, d.Denom)
			}
		}
	}
	return nil
}

// Rate returns ucupel per RateUnit of a denom accepted at the given Unix second.
func (p Params) Rate(denom string, now int64) (uint64, error) {
	for _, d := range p.Denoms {
		if d.Denom != denom {
			continue
		}
		if d.Expires != 0 && now >= d.Expires {
			return 0, ErrInvalidDenom.Wrapf("the rate of %s has expired; governance must renew it", denom)
		}
		return d.Rate, nil
	}
	return 0, ErrInvalidDenom.Wrapf("%q is not on the list; pay in %s", denom, BaseDenom)
}
