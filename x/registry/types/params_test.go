// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/registry/types"
)

func TestParamsValidate(t *testing.T) {
	type p = types.Params
	tests := map[string]struct {
		edit func(*p)
		ok   bool
	}{
		"default":                     {func(*p) {}, true},
		"one tier":                    {func(p *p) { p.Tiers = p.Tiers[:1] }, true},
		"equal slots":                 {func(p *p) { p.Tiers[1].Slots = 1 }, true},
		"least ticket":                {func(p *p) { p.TicketSize = 1 }, true},
		"silence of two heartbeats":   {func(p *p) { p.SilenceTicks = 600 }, true},
		"longest cooldown":            {func(p *p) { p.UnbondingTicks = 1 << 40 }, true},
		"no tiers":                    {func(p *p) { p.Tiers = nil }, false},
		"too many tiers":              {func(p *p) { p.Tiers = make([]types.Tier, 17) }, false},
		"tier without name":           {func(p *p) { p.Tiers[0].Name = "" }, false},
		"tier with a long name":       {func(p *p) { p.Tiers[0].Name = strings.Repeat("a", 33) }, false},
		"tier twice":                  {func(p *p) { p.Tiers[1].Name = p.Tiers[0].Name }, false},
		"tier without bond":           {func(p *p) { p.Tiers[0].Bond = 0 }, false},
		"tier of 64 bits":             {func(p *p) { p.Tiers[3].Bond = 1 << 63 }, false},
		"equal bonds":                 {func(p *p) { p.Tiers[1].Bond = p.Tiers[0].Bond }, false},
		"falling bonds":               {func(p *p) { p.Tiers[0], p.Tiers[1] = p.Tiers[1], p.Tiers[0] }, false},
		"falling slots":               {func(p *p) { p.Tiers[2].Slots = 2 }, false},
		"no limit below the last":     {func(p *p) { p.Tiers[1].Slots = 0 }, false},
		"ticket of nothing":           {func(p *p) { p.TicketSize = 0 }, false},
		"ticket above the least tier": {func(p *p) { p.TicketSize = p.Tiers[0].Bond + 1 }, false},
		"no tickets":                  {func(p *p) { p.MaxTickets = 0 }, false},
		"too many tickets":            {func(p *p) { p.MaxTickets = 1_000_001 }, false},
		"no cooldown":                 {func(p *p) { p.UnbondingTicks = 0 }, false},
		"endless cooldown":            {func(p *p) { p.UnbondingTicks = 1<<40 + 1 }, false},
		"no silence":                  {func(p *p) { p.SilenceTicks = 0 }, false},
		"silence of one heartbeat":    {func(p *p) { p.SilenceTicks = 599 }, false},
		"no jail":                     {func(p *p) { p.JailTicks = 0 }, false},
		"endless jail":                {func(p *p) { p.JailTicks = 1 << 63 }, false},
		"no heartbeat":                {func(p *p) { p.HeartbeatTicks = 0 }, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			params := types.DefaultParams()
			tc.edit(&params)
			err := params.Validate()
			if tc.ok {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, types.ErrInvalidParams)
		})
	}
}
