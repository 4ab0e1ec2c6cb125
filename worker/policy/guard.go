// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/earnings"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/runner"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Market is what the guard asks the chain.
type Market interface {
	Batch(ctx context.Context, batch uint64) (*markettypes.QueryBatchResponse, error)
	Lot(ctx context.Context, batch uint64, lot uint32) (markettypes.Lot, error)
	Case(ctx context.Context, task uint64) (markettypes.Case, error)
	MarketParams(ctx context.Context, version uint32) (markettypes.Params, error)
	Classes(ctx context.Context) ([]registrytypes.Class, error)
	RequesterScore(ctx context.Context, address string) (uint32, error)
	Payments(ctx context.Context, height int64, provider uint32) (map[uint64]uint64, error)
	CaseFees(ctx context.Context, height int64, provider uint32) (map[uint64]uint64, error)
}

// Fees estimates what saying a lot costs: its commitment, its reveal or both.
type Fees interface {
	Estimate(results int, commit, reveal bool) uint64
	// EstimateProof estimates what answering a lot with proofs costs.
	EstimateProof(results int) uint64
}

// Guard decides which attempts are worth serving and books what became of them.
// What the chain does not answer is never a reason not to serve.
type Guard struct {
	// file is the policy in force.
	file   func() File
	market Market
	fees   Fees
	book   *earnings.Book
	log    *slog.Logger
	now    func() time.Time

	mu      sync.Mutex
	seats   map[journal.LotKey]*seat
	params  map[uint32]markettypes.Params
	classes map[string]registrytypes.Class
	missed  map[journal.LotKey]int
	// appeals and balances are set by WithAppeals.
	appeals  Appeals
	balances Balances
	// missedCases is missed of cases.
	missedCases map[journal.CaseKey]int
}

// seat is an attempt that was judged.
type seat struct {
	terms     seatTerms
	class     string
	requester string
	declined  bool
	until     time.Time
	seen      time.Time
}

// declineFor is how long an attempt that was declined is not looked at again.
const declineFor = 10 * time.Second

var _ runner.Guard = (*Guard)(nil)

// NewGuard returns a guard that books into book. File returns the policy in force.
func NewGuard(file func() File, market Market, fees Fees, book *earnings.Book, log *slog.Logger) *Guard {
	return &Guard{
		file: file, market: market, fees: fees, book: book, log: log, now: time.Now,
		seats: make(map[journal.LotKey]*seat), params: make(map[uint32]markettypes.Params), missed: make(map[journal.LotKey]int),
		missedCases: make(map[journal.CaseKey]int),
	}
}

// Start implements runner.Guard: it is asked before a lot is run.
func (g *Guard) Start(ctx context.Context, a runner.Attempt) bool {
	s, ok := g.seat(ctx, a)
	if !ok {
		return true
	}
	if g.waits(s) {
		return false
	}
	units := make([]uint64, a.Count)
	for i := range units {
		units[i] = s.terms.batch.Limits.Units
	}
	t := Terms{
		Pay: s.terms.pay(units...), NoShow: s.terms.noShow(),
		Fees: g.saying(s, int(a.Count), a.Replicas > 1), Cost: s.terms.cost(g.file().Classes[s.class].Floor, a.Count),
	}
	if !t.Worth() {
		g.decline(a, s, "serving costs more than it pays", t)
		return false
	}
	if g.file().OverLimit == OverDecline && g.over(s.requester, t.Pay) {
		g.decline(a, s, "too much of this requester's work is not released yet", t)
		return false
	}
	if g.distrusts(ctx, s.requester) {
		g.decline(a, s, "the requester's score is below min_requester_score", t)
		return false
	}
	return true
}

// saying estimates the fees of a whole answer: a proof is said at once.
func (g *Guard) saying(s *seat, results int, commit bool) uint64 {
	if s.terms.batch.Policy == markettypes.PolicyProof {
		return g.fees.EstimateProof(results)
	}
	return g.fees.Estimate(results, commit, true)
}

// distrusts reports whether a requester's score is known and too low.
func (g *Guard) distrusts(ctx context.Context, requester string) bool {
	least := g.file().MinRequesterScore
	if least == 0 {
		return false
	}
	score, err := g.market.RequesterScore(ctx, requester)
	if err != nil {
		g.log.Debug("the score of a requester is not known; it is served", "requester", requester, "err", err)
		return false
	}
	return score < least
}

// Commit implements runner.Guard: it is asked before a commitment, when the
// results are known and the cost of running is spent.
func (g *Guard) Commit(ctx context.Context, a runner.Attempt) bool {
	s, ok := g.seat(ctx, a)
	if !ok {
		return true
	}
	if g.waits(s) {
		return false
	}
	var units []uint64
	for _, run := range a.Runs {
		if !markettypes.Outcome(run.Outcome).HostMade() {
			units = append(units, run.Units)
		}
	}
	t := Terms{Pay: s.terms.pay(units...), NoShow: s.terms.noShow(), Fees: g.fees.Estimate(len(a.Runs), true, true)}
	if !t.Worth() {
		g.decline(a, s, "the fees are more than it pays", t)
		return false
	}
	return true
}

func (g *Guard) waits(s *seat) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return s.declined && g.now().Before(s.until)
}

func (g *Guard) decline(a runner.Attempt, s *seat, why string, t Terms) {
	g.mu.Lock()
	first := !s.declined
	s.declined, s.until = true, g.now().Add(declineFor)
	g.mu.Unlock()
	if !first {
		return
	}
	g.log.Warn("declined", "batch", a.Key.Batch, "lot", a.Key.Lot, "attempt", a.Key.Attempt, "reason", why,
		"pay", t.Pay, "fees", t.Fees, "cost", t.Cost, "no_show_fee", t.NoShow)
	if err := g.book.Decline(entry(a, s)); err != nil {
		g.log.Error("the book cannot be written", "err", err)
	}
}

// Said implements runner.Guard: the attempt is about to be answered.
func (g *Guard) Said(ctx context.Context, a runner.Attempt) error {
	if g.book.Has(a.Key.String()) {
		return nil
	}
	s, ok := g.seat(ctx, a)
	if !ok {
		return nil
	}
	return g.book.Open(entry(a, s))
}

func entry(a runner.Attempt, s *seat) earnings.Entry {
	e := earnings.Entry{
		Key: a.Key.String(), Class: s.class, Requester: s.requester, Denom: s.terms.batch.Denom, Price: s.terms.price, Tasks: a.Count,
	}
	units := make([]uint64, 0, len(a.Runs))
	for _, run := range a.Runs {
		e.Units = add(e.Units, run.Units)
		units = append(units, run.Units)
	}
	e.Share, e.Expected = s.terms.share(units...), s.terms.pay(units...)
	return e
}

// over reports whether more work of a requester passes the limit.
func (g *Guard) over(requester string, more uint64) bool {
	limit := g.file().MaxAtRisk
	return limit != 0 && add(g.book.AtRisk(requester), more) > limit
}

// seat returns what the chain pinned for an attempt; ok is false while the
// chain does not answer, or if this provider has no seat.
func (g *Guard) seat(ctx context.Context, a runner.Attempt) (*seat, bool) {
	g.mu.Lock()
	s := g.seats[a.Key]
	g.mu.Unlock()
	if s != nil {
		return s, true
	}
	s, err := g.lookUp(ctx, a)
	if err != nil {
		g.log.Debug("the terms of an attempt are not known; it is served", "attempt", a.Key.String(), "err", err)
		return nil, false
	}
	s.seen = g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.prune()
	g.seats[a.Key] = s
	return s, true
}

// The terms of attempts that were never answered are dropped after a while, in
// favour of new ones; whoever asks again makes them be looked up again.
const (
	maxSeats = 4096
	seatAge  = time.Hour
)

func (g *Guard) prune() {
	if len(g.seats) < maxSeats {
		return
	}
	for key, s := range g.seats {
		if g.now().Sub(s.seen) > seatAge && !g.book.Has(key.String()) {
			delete(g.seats, key)
		}
	}
}

var errNoSeat = errors.New("the lot has no such seat")

func (g *Guard) lookUp(ctx context.Context, a runner.Attempt) (*seat, error) {
	b, err := g.market.Batch(ctx, a.Key.Batch)
	if err != nil {
		return nil, err
	}
	s := &seat{class: b.Class, requester: b.Requester, terms: seatTerms{batch: b.Batch}}
	if s.requester == "" {
		s.requester = hex.EncodeToString(b.Batch.Requester)
	}
	if s.terms.params, err = g.paramsOf(ctx, b.Batch.ParamsVersion); err != nil {
		return nil, err
	}
	if s.terms.scale, err = g.scaleOf(ctx, b.Class); err != nil {
		return nil, err
	}
	lot, err := g.market.Lot(ctx, a.Key.Batch, a.Key.Lot)
	if err != nil {
		return nil, err
	}
	for _, seat := range lot.Seats {
		if seat.Provider == a.Provider && seat.Attempt == a.Key.Attempt {
			s.terms.price = seat.Price
			return s, nil
		}
	}
	return nil, errNoSeat
}

func (g *Guard) paramsOf(ctx context.Context, version uint32) (markettypes.Params, error) {
	g.mu.Lock()
	p, ok := g.params[version]
	g.mu.Unlock()
	if ok {
		return p, nil
	}
	p, err := g.market.MarketParams(ctx, version)
	if err != nil {
		return p, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.params[version] = p // a version never changes
	return p, nil
}

func (g *Guard) scaleOf(ctx context.Context, class string) (uint64, error) {
	g.mu.Lock()
	c, ok := g.classes[class]
	g.mu.Unlock()
	if !ok {
		all, err := g.market.Classes(ctx)
		if err != nil {
			return 0, err
		}
		g.mu.Lock()
		g.classes = make(map[string]registrytypes.Class, len(all))
		for _, c := range all {
			g.classes[c.Name] = c
		}
		c, ok = g.classes[class]
		g.mu.Unlock()
		if !ok {
			return 0, chain.ErrNotFound
		}
	}
	return markettypes.Scale(c.Unit), nil
}
