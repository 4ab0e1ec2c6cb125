// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/cosmos/cosmos-sdk/types/query"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// rosterPage is the number of chunks of a roster that are read at once.
const rosterPage = 50

// terms are what the chain says of the class and the denom of a job.
type terms struct {
	class  registrytypes.Class
	params markettypes.Params
	// rate is ucupel per 10^6 base units of the denom.
	rate   uint64
	roster []registrytypes.RosterEntry
	// hired is the id of the provider of a direct hire, else 0.
	hired uint32
}

// terms reads the chain's side and checks the message against it.
func (s *session) terms(ctx context.Context, msg markettypes.MsgSubmit) (terms, error) {
	var t terms
	params, err := s.market.Params(ctx, &markettypes.QueryParamsRequest{})
	if err != nil {
		return t, classify(err)
	}
	t.params = params.Params
	if err := msg.WithDefaults().Validate(t.params); err != nil {
		return t, classify(err)
	}
	for _, d := range t.params.Denoms {
		if d.Denom == msg.Denom {
			t.rate = d.Rate
		}
	}
	if t.rate == 0 {
		return t, classify(markettypes.ErrInvalidDenom.Wrapf("%s", msg.Denom))
	}
	if t.class, err = s.class(ctx, msg.Class); err != nil {
		return t, err
	}
	if t.roster, err = s.roster(ctx, msg.Class); err != nil {
		return t, err
	}
	if msg.Hire != "" {
		res, err := s.registry.Provider(ctx, &registrytypes.QueryProviderRequest{Provider: msg.Hire})
		if err != nil {
			return t, classify(fmt.Errorf("hire %s: %w", msg.Hire, plain(err)))
		}
		t.hired = res.Provider.Id
	}
	return t, nil
}

func (s *session) class(ctx context.Context, name string) (registrytypes.Class, error) {
	var key []byte
	for {
		res, err := s.registry.Classes(ctx, &registrytypes.QueryClassesRequest{Pagination: &query.PageRequest{Key: key}})
		if err != nil {
			return registrytypes.Class{}, classify(err)
		}
		for _, c := range res.Classes {
			if c.Name == name {
				return c, nil
			}
		}
		if res.Pagination == nil || len(res.Pagination.NextKey) == 0 {
			return registrytypes.Class{}, classify(markettypes.ErrInvalidClass.Wrapf("engine %s is not registered on this chain", name))
		}
		key = res.Pagination.NextKey
	}
}

func (s *session) roster(ctx context.Context, class string) ([]registrytypes.RosterEntry, error) {
	var key []byte
	var out []registrytypes.RosterEntry
	for {
		res, err := s.registry.Roster(ctx, &registrytypes.QueryRosterRequest{
			Class: class, Pagination: &query.PageRequest{Key: key, Limit: rosterPage},
		})
		if err != nil {
			return nil, classify(err)
		}
		for _, e := range res.Entries {
			if e.Tickets > 0 && e.Slots > 0 {
				out = append(out, e)
			}
		}
		if res.Pagination == nil || len(res.Pagination.NextKey) == 0 {
			return out, nil
		}
		key = res.Pagination.NextKey
	}
}

// batch is the batch that the message would create, as far as prices go.
func (t terms) batch(msg markettypes.MsgSubmit) markettypes.Batch {
	return markettypes.Batch{
		Class: t.class.Id, Count: msg.Count, Policy: msg.Policy, Replicas: msg.Replicas, Limits: msg.Limits,
		Requirements: msg.Requirements, Denom: msg.Denom, MaxPrice: msg.MaxPrice, Tip: msg.Tip,
		ValueAtStake: msg.ValueAtStake, Rate: t.rate, Comparator: msg.Comparator, Tolerance: msg.Tolerance,
	}
}

// ask returns the ask of a provider in base units of the denom.
func (t terms) ask(e registrytypes.RosterEntry) (uint64, error) {
	return markettypes.MulDivCeil(e.Price, markettypes.RateUnit, t.rate)
}

// filter is one requirement and who meets it.
type filter struct {
	name string
	keep func(registrytypes.RosterEntry) bool
}

func (t terms) filters(msg markettypes.MsgSubmit) []filter {
	b, r := t.batch(msg), msg.Requirements
	return []filter{
		{"hire", func(e registrytypes.RosterEntry) bool { return t.hired == 0 || e.Provider == t.hired }},
		{"vram", func(e registrytypes.RosterEntry) bool { return e.VramMib >= r.VramMib }},
		{"compute_capability", func(e registrytypes.RosterEntry) bool { return e.ComputeCapability >= r.ComputeCapability }},
		{"region", func(e registrytypes.RosterEntry) bool {
			return r.Region == "" || e.RegionTag == registrytypes.Tag(r.Region)
		}},
		{"price.max", func(e registrytypes.RosterEntry) bool {
			ask, err := t.ask(e)
			return err == nil && ask <= msg.MaxPrice
		}},
		{"bond", func(e registrytypes.RosterEntry) bool { return t.bonded(b, e) }},
	}
}

// bonded reports whether the bond of a provider covers the least that one of
// its replicas puts at risk.
func (t terms) bonded(b markettypes.Batch, e registrytypes.RosterEntry) bool {
	ask, err := t.ask(e)
	if err != nil {
		return false
	}
	value, err := b.Value(t.params, ask+b.Tip, markettypes.Scale(t.class.Unit))
	if err != nil {
		return false
	}
	audit := t.params.AuditFloorBps
	if b.Policy == markettypes.PolicyOptimistic {
		audit = markettypes.BasisPoints
	}
	bound, err := markettypes.Bound(value, audit)
	return err == nil && bound <= e.FreeBond
}

// distinct counts providers that may sit on one task together.
func distinct(entries []registrytypes.RosterEntry) int {
	var seats []registrytypes.RosterEntry
	for _, e := range entries {
		if !slices.ContainsFunc(seats, e.SharesSite) {
			seats = append(seats, e)
		}
	}
	return len(seats)
}

// median returns the middle ask, 0 of none.
func (t terms) median(entries []registrytypes.RosterEntry) uint64 {
	var asks []uint64
	for _, e := range entries {
		if ask, err := t.ask(e); err == nil {
			asks = append(asks, ask)
		}
	}
	if len(asks) == 0 {
		return 0
	}
	slices.Sort(asks)
	return asks[len(asks)/2]
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
