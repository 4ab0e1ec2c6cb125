// SPDX-License-Identifier: Apache-2.0

package types

import "github.com/cupel-network/cupel/x/internal/fixed"

// Bounds of the params.
const (
	// MaxLevels bounds the table, which every standing reads.
	MaxLevels = 16
	// MaxLevelName bounds the name of a row in bytes.
	MaxLevelName = 32
	// MaxAuditBps is a rate that audits every task.
	MaxAuditBps = 10_000
	// MinHalfLife and MaxHalfLife bound the half-life: an hour, ten years.
	MinHalfLife = 3600
	MaxHalfLife = 10 * 365 * 86_400
	// MaxFullWeight bounds full_weight; a million CUPEL.
	MaxFullWeight = 1_000_000_000_000
	// MaxCapSeconds bounds cap_seconds; a year.
	MaxCapSeconds = 365 * 86_400
	// MaxStartScore bounds start_score: 900,000 is worth 24 successes already.
	MaxStartScore = 900_000
)

// DefaultParams returns the params of a new chain.
func DefaultParams() Params {
	return Params{
		Levels: []Level{
			{Name: "first", AuditBps: 10_000},
			{Name: "new", MinCounted: 5, AuditBps: 2_500},
			{Name: "established", MinCounted: 50, MinScore: 800_000, AuditBps: 1_000},
			{Name: "trusted", MinCounted: 200, MinScore: 950_000, AuditBps: 500},
		},
		HalfLife:   30 * 86_400,
		FullWeight: 10_000_000,
		MinPrice:   1_000_000,
		CapScore:   600_000,
		CapSeconds: 14 * 86_400,
		StartScore: 500_000,
	}
}

// Level returns the row that applies to a number of counted tasks and a score.
// It is the one table from standing to audit rate. An empty table, which does
// not validate, audits everything.
func (p Params) Level(counted uint64, score uint32) Level {
	level := Level{AuditBps: MaxAuditBps}
	for _, row := range p.Levels {
		if counted >= row.MinCounted && score >= row.MinScore {
			level = row
		}
	}
	return level
}

// Weight returns what one task at a price of ucupel adds, in parts per million
// of a task.
func (p Params) Weight(price uint64) uint64 {
	if price >= p.FullWeight {
		return fixed.Million
	}
	weight, _ := fixed.MulDiv(price, fixed.Million, p.FullWeight)
	return weight
}

// Validate returns ErrInvalidParams unless every param is within its bounds.
func (p Params) Validate() error {
	if err := p.validateLevels(); err != nil {
		return err
	}
	switch {
	case p.HalfLife < MinHalfLife || p.HalfLife > MaxHalfLife:
		return ErrInvalidParams.Wrapf("half_life %d, want %d to %d", p.HalfLife, MinHalfLife, MaxHalfLife)
	case p.FullWeight == 0 || p.FullWeight > MaxFullWeight:
		return ErrInvalidParams.Wrapf("full_weight %d, want 1 to %d", p.FullWeight, MaxFullWeight)
	case p.MinPrice == 0 || p.MinPrice > p.FullWeight:
		return ErrInvalidParams.Wrapf("min_price %d, want 1 to full_weight %d", p.MinPrice, p.FullWeight)
	case p.CapScore > fixed.Million:
		return ErrInvalidParams.Wrapf("cap_score %d, want at most %d", p.CapScore, fixed.Million)
	case p.CapSeconds == 0 || p.CapSeconds > MaxCapSeconds:
		return ErrInvalidParams.Wrapf("cap_seconds %d, want 1 to %d", p.CapSeconds, MaxCapSeconds)
	case p.StartScore > MaxStartScore:
		return ErrInvalidParams.Wrapf("start_score %d, want at most %d", p.StartScore, MaxStartScore)
	case p.StartScore > p.CapScore:
		return ErrInvalidParams.Wrapf("start_score %d above cap_score %d: a new identity would undo a slash", p.StartScore, p.CapScore)
	}
	return nil
}

// validateLevels holds the table to an order in which a better standing never
// means a higher audit rate, and no rate is zero.
func (p Params) validateLevels() error {
	if len(p.Levels) == 0 || len(p.Levels) > MaxLevels {
		return ErrInvalidParams.Wrapf("%d levels, want 1 to %d", len(p.Levels), MaxLevels)
	}
	if p.Levels[0].MinCounted != 0 || p.Levels[0].MinScore != 0 {
		return ErrInvalidParams.Wrap("the first level must apply to everybody")
	}
	for i, level := range p.Levels {
		if err := level.validate(); err != nil {
			return err
		}
		for _, other := range p.Levels[:i] {
			if other.Name == level.Name {
				return ErrInvalidParams.Wrapf("two levels named %q", level.Name)
			}
		}
		if i > 0 && !level.follows(p.Levels[i-1]) {
			return ErrInvalidParams.Wrapf("level %q must ask for more than %q and audit no more", level.Name, p.Levels[i-1].Name)
		}
	}
	return nil
}

func (l Level) validate() error {
	if len(l.Name) == 0 || len(l.Name) > MaxLevelName {
		return ErrInvalidParams.Wrapf("level name of %d bytes, want 1 to %d", len(l.Name), MaxLevelName)
	}
	if l.MinScore > fixed.Million {
		return ErrInvalidParams.Wrapf("level %q: min_score %d, want at most %d", l.Name, l.MinScore, fixed.Million)
	}
	if l.AuditBps == 0 || l.AuditBps > MaxAuditBps {
		return ErrInvalidParams.Wrapf("level %q: audit_bps %d, want 1 to %d", l.Name, l.AuditBps, MaxAuditBps)
	}
	return nil
}

func (l Level) follows(before Level) bool {
	asksMore := l.MinCounted > before.MinCounted || l.MinScore > before.MinScore
	asksLess := l.MinCounted < before.MinCounted || l.MinScore < before.MinScore
	return asksMore && !asksLess && l.AuditBps <= before.AuditBps
}
