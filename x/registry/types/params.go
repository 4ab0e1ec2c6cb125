// SPDX-License-Identifier: Apache-2.0

package types

// Limits of the params.
const (
	maxTiers      = 16
	maxTierName   = 32
	maxTicketsCap = 1_000_000
	// maxTicks keeps every sum of the clock and a delay far from overflow.
	maxTicks = uint64(1) << 40
)

const cupel = uint64(1_000_000) // ucupel

// DefaultParams are the params of a new chain; a tick is about a second.
func DefaultParams() Params {
	return Params{
		Tiers: []Tier{
			{Name: "Starter", Bond: 100 * cupel, Slots: 1},
			{Name: "Standard", Bond: 1_000 * cupel, Slots: 3},
			{Name: "Professional", Bond: 10_000 * cupel, Slots: 10},
			{Name: "Enterprise", Bond: 100_000 * cupel, Slots: 0},
		},
		UnbondingTicks: 7 * 24 * 3_600,
		SilenceTicks:   48 * 3_600,
		JailTicks:      3_600,
		TicketSize:     100 * cupel,
		MaxTickets:     1_000,
		HeartbeatTicks: 300,
	}
}

// MinBond is the bond of the least tier.
func (p Params) MinBond() uint64 {
	if len(p.Tiers) == 0 {
		return MaxAmount
	}
	return p.Tiers[0].Bond
}

// Validate checks every param alone and against the others.
func (p Params) Validate() error {
	if err := validateTiers(p.Tiers); err != nil {
		return err
	}
	if p.TicketSize == 0 || p.TicketSize > p.MinBond() {
		return ErrInvalidParams.Wrapf("ticket_size %d: use 1 to the bond of the least tier, %d, so that each tier has a ticket", p.TicketSize, p.MinBond())
	}
	if p.MaxTickets == 0 || p.MaxTickets > maxTicketsCap {
		return ErrInvalidParams.Wrapf("max_tickets %d: use 1 to %d", p.MaxTickets, maxTicketsCap)
	}
	ticks := []struct {
		name  string
		value uint64
	}{
		{"unbonding_ticks", p.UnbondingTicks},
		{"silence_ticks", p.SilenceTicks},
		{"jail_ticks", p.JailTicks},
		{"heartbeat_ticks", p.HeartbeatTicks},
	}
	for _, t := range ticks {
		if t.value == 0 || t.value > maxTicks {
			return ErrInvalidParams.Wrapf("%s %d: use 1 to %d", t.name, t.value, maxTicks)
		}
	}
	if p.SilenceTicks < 2*p.HeartbeatTicks {
		return ErrInvalidParams.Wrapf("silence_ticks %d: use at least twice heartbeat_ticks, %d, so that one lost heartbeat jails nobody", p.SilenceTicks, p.HeartbeatTicks)
	}
	return nil
}

func validateTiers(tiers []Tier) error {
	if len(tiers) == 0 || len(tiers) > maxTiers {
		return ErrInvalidParams.Wrapf("%d tiers: use 1 to %d", len(tiers), maxTiers)
	}
	for i, tier := range tiers {
		if tier.Name == "" || len(tier.Name) > maxTierName {
			return ErrInvalidParams.Wrapf("tier %d: use a name of 1 to %d characters", i, maxTierName)
		}
		if tier.Bond == 0 || tier.Bond > MaxAmount {
			return ErrInvalidParams.Wrapf("tier %q: bond %d is not 1 to 2^63-1", tier.Name, tier.Bond)
		}
		if tier.Slots == 0 && i != len(tiers)-1 {
			return ErrInvalidParams.Wrapf("tier %q: only the last tier may have no limit of slots", tier.Name)
		}
		for _, lower := range tiers[:i] {
			if lower.Name == tier.Name {
				return ErrInvalidParams.Wrapf("tier %q is there twice", tier.Name)
			}
			if lower.Bond >= tier.Bond || (tier.Slots != 0 && lower.Slots > tier.Slots) {
				return ErrInvalidParams.Wrapf("tier %q: bonds must rise and slots must not fall from tier to tier", tier.Name)
			}
		}
	}
	return nil
}
