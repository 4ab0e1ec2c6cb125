// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"sort"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

const million = 1_000_000

// candidate is a provider drawn by ticket, with what filters and score ask for.
type candidate struct {
	registrytypes.RosterEntry
	load     registrytypes.Load
	standing reputationtypes.Standing
	// attested is set while a committee's word on its machine counts.
	attested bool
	dirty    bool
}

// field is the candidates of one class in one block; it serves all its lots.
type field struct {
	candidates []candidate
	maxTickets uint32
	rand       *oracletypes.Rand
	horizon    registrytypes.Horizon
}

// drawByTicket draws up to n entries without replacement, each in proportion
// to its tickets. It gives up on rare entries after 16 tries per seat.
func drawByTicket(entries []registrytypes.RosterEntry, n int, rand *oracletypes.Rand) []int {
	if len(entries) <= n {
		all := make([]int, len(entries))
		for i := range all {
			all[i] = i
		}
		return all
	}
	sums := make([]uint64, len(entries))
	var total uint64
	for i, e := range entries {
		total += uint64(e.Tickets)
		sums[i] = total
	}
	taken := make([]bool, len(entries))
	drawn := make([]int, 0, n)
	for tries := 16 * n; tries > 0 && len(drawn) < n; tries-- {
		ticket := rand.Uint64n(total)
		i := sort.Search(len(sums), func(i int) bool { return sums[i] > ticket })
		if !taken[i] {
			taken[i] = true
			drawn = append(drawn, i)
		}
	}
	return drawn
}

// matchRand is the randomness of first seats. A proposer can bias it, so only
// income may depend on it. See ADR-003.
func (k *Keeper) matchRand(ctx context.Context, parts ...uint64) *oracletypes.Rand {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	return oracletypes.NewRand(sdkCtx.HeaderHash(), "market/match", append([]uint64{uint64(sdkCtx.BlockHeight())}, parts...)...)
}

// field draws the candidates of a class for this block and scores them once.
func (k *Keeper) field(ctx context.Context, class uint32, now moment, n uint32, salt uint64) (*field, error) {
	entries, err := k.Registry.Roster(ctx, class)
	if err != nil {
		return nil, err
	}
	horizon, err := k.Registry.Horizon(ctx)
	if err != nil {
		return nil, err
	}
	f := &field{rand: k.matchRand(ctx, uint64(class), salt), horizon: horizon}
	for _, i := range drawByTicket(entries, int(n), f.rand) {
		c, err := k.candidate(ctx, entries[i], class, now)
		if err != nil {
			return nil, err
		}
		f.candidates = append(f.candidates, c)
		f.maxTickets = max(f.maxTickets, c.Tickets)
	}
	return f, nil
}

// candidate reads what filters and score ask of a provider.
func (k *Keeper) candidate(ctx context.Context, e registrytypes.RosterEntry, class uint32, now moment) (candidate, error) {
	c := candidate{RosterEntry: e}
	var err error
	if c.load, err = k.Registry.Load(ctx, e.Provider); err != nil {
		return c, err
	}
	c.attested = c.load.AttestedUntil > now.tick
	c.standing, err = k.Reputation.Standing(ctx, e.Provider, class)
	return c, err
}

// terms are what a seat of the order would pin for a candidate.
func (c *candidate) terms(o *order) (types.Seat, error) {
	seat := types.Seat{
		Provider: c.Provider, Phase: types.SeatAssigned,
		AuditBps: o.params.AuditFloorBps,
	}
	ask, err := o.ask(c.Price)
	if err != nil {
		return seat, err
	}
	seat.Price = ask + o.Tip
	seat.Tolerant = c.Tolerances && o.tolerant()
	if o.scored() { // no answer is wrong: only a no-show costs
		seat.AuditBps = 0
		seat.Bound, err = o.value(seat.Price)
		return seat, err
	}
	if o.proved() { // nothing is at stake: what is not proved is not paid
		seat.AuditBps = 0
		return seat, nil
	}
	if o.Policy == types.PolicyOptimistic {
		seat.AuditBps = max(seat.AuditBps, min(c.standing.AuditBps, types.BasisPoints))
	}
	seat.Bound, err = o.bound(seat.Price, seat.AuditBps)
	return seat, err
}

// admits applies the hard filters of a batch to a candidate.
func (o *order) admits(c *candidate, h registrytypes.Horizon) (types.Seat, bool) {
	if o.mismatch(c) != 0 {
		return types.Seat{}, false
	}
	seat, err := c.terms(o)
	if err != nil || !eligible(c.FreeBond, c.load, seat.Bound, h) {
		return types.Seat{}, false
	}
	return seat, true
}

// weight is the match score: parts per million of reputation, performance,
// price and stake by the weights of the params, never zero.
func (f *field) weight(o *order, c *candidate) uint64 {
	w := o.params.Weights
	performance := (c.load.Completed + 1) * million / (c.load.Completed + c.load.Missed + 1)
	price := o.cheapness(c.Price)
	stake := uint64(c.Tickets) * million / uint64(max(f.maxTickets, 1))
	score := uint64(w.Reputation)*uint64(c.standing.Score) + uint64(w.Performance)*performance +
		uint64(w.Price)*price + uint64(w.Stake)*stake
	return score/million + 1
}

// clashes reports whether two entries belong together: seats of one task
// share neither operator, payout address nor endpoint.
func clashes(a, b registrytypes.RosterEntry) bool {
	return a.Provider == b.Provider || a.PayoutTag == b.PayoutTag || a.EndpointTag == b.EndpointTag
}

// option is a candidate that a lot admits, with the seat it would get.
type option struct {
	at     int
	seat   types.Seat
	weight uint64
}

// options lists the candidates that an order admits next to those taken.
func (f *field) options(o *order, taken []registrytypes.RosterEntry) (options []option, total uint64) {
	for i := range f.candidates {
		c := &f.candidates[i]
		if seat, ok := o.admits(c, f.horizon); ok && !clashesAny(c.RosterEntry, taken) {
			w := f.weight(o, c)
			options, total = append(options, option{i, seat, w}), total+w
		}
	}
	return options, total
}

// verifiers counts the candidates whose bond would let them audit the order: a
// result that nobody may audit would earn the runtime fee only.
func (f *field) verifiers(o *order) int {
	bound, err := o.bound(o.MaxPrice+o.Tip, o.params.AuditFloorBps)
	if err != nil { // impossible: checked at submit
		return 0
	}
	n := 0
	for i := range f.candidates {
		if c := &f.candidates[i]; eligible(c.FreeBond, c.load, bound, f.horizon) {
			n++
		}
	}
	return n
}

// pick draws n seats for a lot, weighted by score and without replacement.
// It returns nil if fewer can be found. The chosen candidates take the load.
func (f *field) pick(o *order, n int, taken []registrytypes.RosterEntry) []types.Seat {
	options, total := f.options(o, taken)
	enough := int(o.params.MinOperators)
	if o.Policy == types.PolicyOptimistic && len(options)+len(taken) < enough || o.alone() && f.verifiers(o) < enough-1 {
		return nil
	}
	var chosen []option
	for len(chosen) < n && total > 0 {
		next := &options[weighted(options, f.rand.Uint64n(total))]
		total -= next.weight
		if entry := f.candidates[next.at].RosterEntry; !clashesAny(entry, taken) {
			taken = append(taken, entry)
			chosen = append(chosen, *next)
		}
		next.weight = 0
	}
	if len(chosen) < n {
		return nil
	}
	seats := make([]types.Seat, n)
	for i, c := range chosen {
		seats[i] = c.seat
		f.candidates[c.at].take(c.seat, f.horizon)
	}
	return seats
}

// weighted returns the option in which the point lies when the weights are
// laid end to end.
func weighted(options []option, point uint64) int {
	for i, o := range options {
		if point < o.weight {
			return i
		}
		point -= o.weight
	}
	return len(options) - 1
}

// take puts a lot on a candidate.
func (c *candidate) take(seat types.Seat, h registrytypes.Horizon) {
	c.load.InFlight++
	c.load.RaiseBound(seat.Bound, h)
	c.dirty = true
}

func clashesAny(e registrytypes.RosterEntry, taken []registrytypes.RosterEntry) bool {
	for _, t := range taken {
		if clashes(e, t) {
			return true
		}
	}
	return false
}

// storeLoads writes back the candidates that took work.
func (k *Keeper) storeLoads(ctx context.Context, f *field) error {
	for i := range f.candidates {
		if c := &f.candidates[i]; c.dirty {
			if err := k.Registry.SetLoad(ctx, c.Provider, c.load); err != nil {
				return err
			}
			c.dirty = false
		}
	}
	return nil
}
