// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"context"
	"errors"
	"fmt"
	"math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/earnings"
	"github.com/cupel-network/cupel/worker/runner"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// Appeals says when a decision against this provider is brought before a jury.
type Appeals struct {
	Enabled bool
	// MaxBond is the most that the bonds of open appeals hold together, in ucupel.
	MaxBond uint64
	// Confidence is how likely a jury is to agree with a run that was repeated,
	// in percent.
	Confidence uint32
	// Account returns the address that pays the bonds.
	Account func() string
	// Keep is what the account needs for fees, in ucupel.
	Keep uint64
}

// Balances is what the guard asks about the account that pays bonds.
type Balances interface {
	Balance(ctx context.Context, address, denom string) (sdk.Coin, error)
}

// WithAppeals lets the guard stake bonds.
func (g *Guard) WithAppeals(a Appeals, b Balances) *Guard {
	g.appeals, g.balances = a, b
	return g
}

// Appeal implements runner.Guard. An appeal is worth its bond if what the jury
// may save, times the confidence, is more than the bond, times the doubt.
func (g *Guard) Appeal(ctx context.Context, a runner.AppealCase) (runner.Stake, error) {
	seat := a.Case.Seat(a.Provider)
	if !g.appeals.Enabled || seat == nil {
		return runner.Stake{Never: "appeal.enabled is false"}, nil
	}
	b, terms, err := g.caseTerms(ctx, a.Case)
	if errors.Is(err, chain.ErrNotFound) {
		return runner.Stake{Never: "the batch has left the chain"}, nil
	}
	if err != nil {
		return runner.Stake{}, err
	}
	bond, err := terms.appealBond(a.Case)
	if err != nil {
		return runner.Stake{Never: fmt.Sprintf("its bond cannot be computed: %s", err)}, nil
	}
	terms.price = seat.Price
	s := runner.Stake{Bond: terms.toUcupel(bond), Account: g.appeals.Account()}
	saved := add(seat.Bound, terms.pay(a.Case.Result.Units))
	switch {
	case s.Bond > g.appeals.MaxBond:
		s.Never = fmt.Sprintf("its bond is %d ucupel, appeal.max_bond is %d", s.Bond, g.appeals.MaxBond)
	case !g.appeals.worth(s.Bond, saved):
		s.Never = fmt.Sprintf("its bond is %d ucupel, and %d can be saved with a confidence of %d %%", s.Bond, saved, g.appeals.Confidence)
	case add(a.Held, s.Bond) > g.appeals.MaxBond:
		s.NotNow = fmt.Sprintf("other appeals hold %d of the %d ucupel of appeal.max_bond", a.Held, g.appeals.MaxBond)
	default:
		s.NotNow, err = g.affords(ctx, s.Account, b.Batch.Denom, bond)
	}
	return s, err
}

// worth reports whether an appeal is expected to bring more than it costs.
func (a Appeals) worth(bond, saved uint64) bool {
	p := uint64(min(a.Confidence, 100))
	return mulDiv(saved, p, 1) > mulDiv(bond, 100-p, 1)
}

// affords says what the account lacks for a bond; nothing if it has it.
func (g *Guard) affords(ctx context.Context, account, denom string, bond uint64) (string, error) {
	need := bond
	if denom == markettypes.BaseDenom {
		need = add(bond, g.appeals.Keep)
	}
	has, err := g.balances.Balance(ctx, account, denom)
	if err != nil {
		return "", err
	}
	if has.Amount.IsUint64() && has.Amount.Uint64() < need {
		return fmt.Sprintf("%s has %s, an appeal needs %d%s: send coins to it, or appeal as the operator", account, has, need, denom), nil
	}
	return "", nil
}

// AppealClosed implements runner.Guard: a bond that was lost is booked.
func (g *Guard) AppealClosed(ctx context.Context, a runner.AppealCase, bond uint64) error {
	if a.Case.Appeal != markettypes.RulingLost {
		return nil
	}
	b, terms, err := g.caseTerms(ctx, a.Case)
	if errors.Is(err, chain.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	lost := bond
	if !terms.native() {
		lost = mulDiv(bond, markettypes.RateUnit, b.Batch.Rate)
	}
	return g.book.Lost(fmt.Sprintf("appeal/%d", a.Case.Task), earnings.Entry{Class: b.Class, Denom: b.Batch.Denom}, lost)
}

// caseTerms are those of the batch of a case; the price is no seat's.
func (g *Guard) caseTerms(ctx context.Context, c markettypes.Case) (*markettypes.QueryBatchResponse, seatTerms, error) {
	batch, _ := markettypes.SplitTaskID(c.Task)
	b, err := g.market.Batch(ctx, batch)
	if err != nil {
		return nil, seatTerms{}, err
	}
	t := seatTerms{batch: b.Batch}
	if t.params, err = g.paramsOf(ctx, b.Batch.ParamsVersion); err != nil {
		return nil, t, err
	}
	t.scale, err = g.scaleOf(ctx, b.Class)
	return b, t, err
}

// appealBond is what the chain takes, in base units of the denom: a number of
// grosses of the dearest replica for the units of the result, and at least
// min_bond.
func (s seatTerms) appealBond(c markettypes.Case) (uint64, error) {
	var price uint64
	for _, seat := range c.Seats {
		if seat.Original {
			price = max(price, seat.Price)
		}
	}
	gross, err := markettypes.Gross(price, c.Result.Units, s.scale)
	if err != nil {
		return 0, err
	}
	bond, err := markettypes.MulDivCeil(gross, uint64(s.params.Challenge.AppealTimes), 1)
	if err != nil {
		return 0, err
	}
	least, err := markettypes.MulDivCeil(s.params.Challenge.MinBond, markettypes.RateUnit, s.batch.Rate)
	if err != nil {
		return 0, err
	}
	return max(bond, min(least, math.MaxInt64)), nil
}
