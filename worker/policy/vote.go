// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"context"
	"errors"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/earnings"
	"github.com/cupel-network/cupel/worker/journal"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// quoteClass names what committees earn that judge no task.
const quoteClass = "quotes"

// Voted implements runner.Guard: it books the fee of a seat in a committee, which
// the committee itself names.
func (g *Guard) Voted(ctx context.Context, provider uint32, key journal.VoteKey, c markettypes.Committee) error {
	e := earnings.Entry{Key: key.String(), Class: quoteClass, Denom: c.Denom}
	if c.Task != 0 {
		batch, _ := markettypes.SplitTaskID(c.Task)
		b, err := g.market.Batch(ctx, batch)
		switch {
		case err == nil:
			e.Class, e.Requester = b.Class, b.Requester
		case !errors.Is(err, chain.ErrNotFound):
			return err
		}
	}
	for _, m := range c.Members {
		if m.Provider == provider && m.Round == key.Round {
			return g.book.Voted(e, earnings.Outcome{State: c.Phase.String(), Paid: m.Paid})
		}
	}
	return nil
}
