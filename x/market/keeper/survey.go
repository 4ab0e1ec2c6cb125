// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// maxSurvey bounds the providers that a query looks at.
const maxSurvey = 2_000

// surveyed is a provider of a class under the filters of an order.
type surveyed struct {
	candidate
	seat   types.Seat
	failed filter
}

// survey applies the filters of an order to a whole class. It only reads.
type survey struct {
	o *order
	f *field
	// roster is the number of providers of the class, all those looked at.
	roster int
	all    []surveyed
	// capped is set if a hire has used up what SCORED allows it in the epoch.
	capped bool
}

func (k *Keeper) survey(ctx context.Context, o *order, now moment) (*survey, error) {
	entries, err := k.Registry.Roster(ctx, o.Class)
	if err != nil {
		return nil, err
	}
	horizon, err := k.Registry.Horizon(ctx)
	if err != nil {
		return nil, err
	}
	s := &survey{o: o, f: &field{horizon: horizon}, roster: len(entries)}
	for _, e := range entries[:min(len(entries), maxSurvey)] {
		c, err := k.candidate(ctx, e, o.Class, now)
		if err != nil {
			return nil, err
		}
		seat, failed := o.refuses(&c, s.f.horizon)
		s.all = append(s.all, surveyed{c, seat, failed})
		s.f.candidates = append(s.f.candidates, c)
		s.f.maxTickets = max(s.f.maxTickets, c.Tickets)
	}
	fits, err := k.useScored(ctx, o, false)
	s.capped = o.Hire != 0 && !fits
	return s, err
}

// seats is how many providers have to sit together, operators how many have to
// pass the filters, and verifiers how many others need the bond for an audit.
func (s *survey) seats() int { return int(s.o.Replicas) }

func (s *survey) operators() int {
	if s.o.Policy == types.PolicyOptimistic && s.o.Hire == 0 {
		return max(s.seats(), int(s.o.params.MinOperators))
	}
	return s.seats()
}

func (s *survey) verifiers() int {
	if s.o.alone() && (s.o.Hire == 0 || s.o.audited()) {
		return max(int(s.o.params.MinOperators)-1, 0)
	}
	return 0
}

// without returns who passes all filters but some.
func (s *survey) without(lifted filter) (out []surveyed) {
	for _, c := range s.all {
		if c.failed&^lifted == 0 {
			out = append(out, c)
		}
	}
	return out
}

// together counts who of them could sit on one task, in order.
func together(all []surveyed) int {
	var taken []registrytypes.RosterEntry
	for _, c := range all {
		if !clashesAny(c.RosterEntry, taken) {
			taken = append(taken, c.RosterEntry)
		}
	}
	return len(taken)
}

// enough reports whether a set of providers fills the seats of a task.
func (s *survey) enough(all []surveyed) bool {
	return len(all) >= s.operators() && together(all) >= s.seats()
}

// counts returns the eliminations per filter.
func (s *survey) counts() []types.FilterCount {
	out := make([]types.FilterCount, len(filterNames))
	for i, n := range filterNames {
		out[i].Filter = n.name
		for _, c := range s.all {
			if c.failed&n.filter != 0 {
				out[i].Refused++
			}
			if c.failed == n.filter {
				out[i].Alone++
			}
		}
	}
	return out
}

// knob is a filter that the requester can relax, or that time does.
type knob struct {
	filter filter
	// need is what the order would have to ask for to let a provider pass, less
	// being easier to grant if up is set.
	need func(o *order, c *surveyed) uint64
	up   bool
	// advice has one %d for the value, if the filter has one, and one for the
	// number of providers.
	advice string
}

// knobs in order of preference: first what needs nothing but time.
var knobs = []knob{
	{filter: filterSlots, advice: "wait: with those that are busy now %d providers fit"},
	{
		filter: filterPrice, up: true, advice: "raise max_price to %d to reach %d providers",
		need: func(o *order, c *surveyed) uint64 { return c.seat.Price - o.Tip },
	},
	{
		filter: filterScore, advice: "lower requirements.min_score to %d to reach %d providers",
		need: func(_ *order, c *surveyed) uint64 { return uint64(c.standing.Score) },
	},
	{filter: filterRegion, advice: "drop requirements.region to reach %d providers"},
	{
		filter: filterVRAM, advice: "lower requirements.vram_mib to %d to reach %d providers",
		need: func(_ *order, c *surveyed) uint64 { return uint64(c.VramMib) },
	},
	{
		filter: filterCompute, advice: "lower requirements.compute_capability to %d to reach %d providers",
		need: func(_ *order, c *surveyed) uint64 { return uint64(c.ComputeCapability) },
	},
	{filter: filterBond, advice: "lower value_at_stake or limits.units: with those that only lack the bond %d providers fit"},
	{filter: filterSlash | filterAttestation, advice: "wait: with those under a slash or without an attestation %d providers would fit"},
}

// relax returns the first single change that is enough, with its sentence.
func (s *survey) relax() (*types.Relaxation, string) {
	for _, k := range knobs {
		all := s.without(k.filter)
		if !s.enough(all) {
			continue
		}
		r := &types.Relaxation{Filter: cmp.Or(k.filter.name(), filterSlash.name())}
		if k.need == nil {
			r.Providers = uint32(together(all))
			return r, fmt.Sprintf(k.advice, r.Providers)
		}
		all, r.Value = s.nearest(k, all)
		r.Providers = uint32(together(all))
		return r, fmt.Sprintf(k.advice, r.Value, r.Providers)
	}
	return nil, ""
}

// nearest returns who passes with the smallest change of a knob that is
// enough, and the value to set. All of them together are enough.
func (s *survey) nearest(k knob, all []surveyed) ([]surveyed, uint64) {
	slices.SortStableFunc(all, func(a, b surveyed) int {
		order := cmp.Compare(k.need(s.o, &a), k.need(s.o, &b))
		if !k.up {
			order = -order
		}
		return cmp.Or(cmp.Compare(a.failed, b.failed), order)
	})
	for i := range all {
		value := k.need(s.o, &all[i])
		if all[i].failed == 0 || i+1 < len(all) && k.need(s.o, &all[i+1]) == value {
			continue
		}
		if s.enough(all[:i+1]) {
			return all[:i+1], value
		}
	}
	return all, k.need(s.o, &all[len(all)-1])
}

// verdict names what is short and says what would help.
func (s *survey) verdict() (binding string, fix *types.Relaxation, advice string) {
	passing := s.without(0)
	switch {
	case s.o.Hire != 0 && !slices.ContainsFunc(s.all, func(c surveyed) bool { return c.Provider == s.o.Hire }):
		return "hire", nil, "the hired provider offers nothing in this class now: cancel and hire another one"
	case together(s.all) < s.seats() || len(s.all) < s.operators():
		return "class", nil, fmt.Sprintf("only %d of the class could sit on one task, %d are needed: lower replicas or wait for more", together(s.all), s.operators())
	case !s.enough(passing):
		return s.short(passing)
	case s.capped:
		return "cap", nil, "the hired provider has taken all that it may under SCORED in this epoch: wait for the next one"
	}
	if n := s.f.verifiers(s.o); n < s.verifiers() {
		return "verifiers", nil, fmt.Sprintf("only %d have the bond to audit a result, %d are needed: lower max_price, limits.units or value_at_stake", n, s.verifiers())
	}
	return "", nil, ""
}

func policyName(p types.Policy) string { return strings.TrimPrefix(p.String(), "POLICY_") }

// short is the verdict on an order for which too few pass the filters.
func (s *survey) short(passing []surveyed) (binding string, fix *types.Relaxation, advice string) {
	if fix, advice = s.relax(); fix != nil {
		return fix.Filter, fix, advice
	}
	if s.o.Hire != 0 {
		return "filters", nil, "the hired provider fails several filters: change them all, or cancel and hire another one"
	}
	if len(passing) >= s.operators() {
		return "group", nil, fmt.Sprintf("%d providers pass, but only %d share neither payout address nor endpoint, %d are needed: lower replicas", len(passing), together(passing), s.seats())
	}
	if len(passing) >= s.seats() && together(passing) >= s.seats() {
		return "min_operators", nil, fmt.Sprintf("%d providers pass, %s needs %d: relax several filters, or use %s", len(passing), policyName(s.o.Policy), s.operators(), policyName(types.PolicyRedundant))
	}
	return "filters", nil, fmt.Sprintf("no single change is enough: %d of %d providers pass, %d are needed; relax several filters", len(passing), len(s.all), s.operators())
}
