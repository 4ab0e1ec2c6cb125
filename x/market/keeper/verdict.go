// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"encoding/hex"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
)

// verdictDraw keeps the draw of second votes apart from the audit draws of
// tasks under the same seed: no task id has this bit.
const verdictDraw = 1 << 63

// closeRound counts the votes of a round. What the first decides waits for the
// seed that may have it voted again; what it cannot decide goes to a fresh
// committee, once. See ADR-009.
func (k *Keeper) closeRound(ctx context.Context, v *types.Committee, p types.Params, now moment, b *book) error {
	vote, ok := v.Winner(v.Round, p.Committee.Members)
	switch {
	case v.Round == 1 && ok:
		epoch, err := k.epoch(ctx)
		if err != nil {
			return err
		}
		v.Vote, v.DecidedEpoch, v.Phase = vote, epoch, types.CommitteePhaseDecided
		// The seed says whether others vote again: members that were wrong have
		// this to win from a share that is withheld.
		if err := k.Oracle.Expose(ctx, v.AtStake(p.Committee.Members)); err != nil {
			return err
		}
		return k.armCommittee(ctx, v, p, now, max(p.WindowTicks/20, 1))
	case v.Round == 1 && v.Seated(1) > 0:
		return k.nextRound(ctx, v, p, now)
	case !v.Second:
		v.Vote = vote
	case v.Overturned(p.Committee.Members):
		v.Vote = vote
	}
	return k.finalize(ctx, v, p, now, b)
}

// nextRound draws other members than before.
func (k *Keeper) nextRound(ctx context.Context, v *types.Committee, p types.Params, now moment) error {
	v.Round++
	return k.startMembers(ctx, v, p, now)
}

// drawAgain has again_bps of the decided committees voted again, drawn by a
// seed that did not exist when they voted.
func (k *Keeper) drawAgain(ctx context.Context, v *types.Committee, p types.Params, now moment, b *book) error {
	drawn, ok, err := k.drawnBy(ctx, v.DecidedEpoch, v.Id|verdictDraw, p.Committee.AgainBps, v.AtStake(p.Committee.Members))
	if err != nil {
		return err
	}
	if !ok {
		return k.armCommittee(ctx, v, p, now, max(p.WindowTicks/20, 1))
	}
	if drawn {
		v.Second = true
		return k.nextRound(ctx, v, p, now)
	}
	return k.finalize(ctx, v, p, now, b)
}

// finalize pays and slashes the members, acts on the vote, and keeps the
// committee until the retention is over.
func (k *Keeper) finalize(ctx context.Context, v *types.Committee, p types.Params, now moment, b *book) error {
	var winners []int
	var slashed uint32
	for i := range v.Members {
		m := &v.Members[i]
		paid, wrong := v.Fate(*m, p.Committee.Members)
		if paid {
			winners = append(winners, i)
		}
		if !wrong {
			continue
		}
		taken, err := k.burnBond(ctx, m.Provider, v.Value, "was against its committee", b)
		if err != nil {
			return err
		}
		m.Slashed += taken
		slashed++
	}
	v.Phase = types.CommitteePhaseFinal
	if err := k.actOn(ctx, v, winners, p, now, b); err != nil {
		return err
	}
	if err := k.emitDecided(ctx, v, p, uint32(len(winners)), slashed); err != nil {
		return err
	}
	return k.armCommittee(ctx, v, p, now, p.RetentionTicks)
}

// actOn pays the members that were right and does what was decided.
func (k *Keeper) actOn(ctx context.Context, v *types.Committee, winners []int, p types.Params, now moment, b *book) error {
	if v.Kind == types.CommitteeQuote {
		k.payQuote(v, winners, b)
		return k.decideQuote(ctx, v, p, now)
	}
	batch, _ := types.SplitTaskID(v.Task)
	o, err := k.order(ctx, batch)
	if err != nil {
		return err
	}
	c, err := k.caseOf(ctx, v.Task)
	if err != nil {
		return err
	}
	if err := k.payMembers(ctx, o, &c, v, winners, b); err != nil {
		return err
	}
	if v.Kind == types.CommitteeScore {
		err = k.decideScored(ctx, o, &c, v.Vote, now)
	} else {
		err = k.decideCompared(ctx, o, &c, v.Vote, now)
	}
	if err != nil {
		return err
	}
	if err := k.save(ctx, o); err != nil {
		return err
	}
	return k.Cases.Set(ctx, c.Task, c)
}

// payMembers pays a fee to every member that was right, out of what the
// requester escrowed for committees; what that lacks the audit pool adds.
func (k *Keeper) payMembers(ctx context.Context, o *order, c *types.Case, v *types.Committee, winners []int, b *book) error {
	for _, i := range winners {
		m := &v.Members[i]
		part := min(v.Fee, c.Committee)
		c.Committee -= part
		c.Held -= part
		if err := o.pay(b, m.Provider, part); err != nil {
			return err
		}
		rest, err := k.reserve(ctx, o.Denom, v.Fee-part)
		if err != nil {
			return err
		}
		b.add(transfer{target: toProvider, provider: m.Provider, denom: o.Denom, amount: rest})
		m.Paid = part + rest
	}
	return nil
}

func (k *Keeper) emitDecided(ctx context.Context, v *types.Committee, p types.Params, paid, slashed uint32) error {
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(types.VerdictEvent(types.EventFlatVerdictDecided, *v,
		types.HexAttr(types.AttrVote, v.Vote)))
	return k.events.EventManager(ctx).Emit(ctx, &types.EventVerdictDecided{
		Verdict: v.Id, Kind: v.Kind.String(), Task: v.Task, Provider: v.Provider, Vote: hex.EncodeToString(v.Vote),
		Rounds: v.Round, Overturned: v.Overturned(p.Committee.Members), Paid: paid, Slashed: slashed,
	})
}

// drawnBy reports whether the seed of the epoch after one draws a subject at a
// rate, with a bond of a bound in ucupel behind it; ok is false while there is no
// such seed.
func (k *Keeper) drawnBy(ctx context.Context, epoch, subject uint64, bps uint32, bound uint64) (drawn, ok bool, err error) {
	seed, doubled, ok, err := k.Oracle.Judge(ctx, epoch)
	if err != nil || !ok {
		return false, false, err
	}
	bps, err = k.rateUnder(ctx, epoch, bps, bound, doubled)
	return oracletypes.Drawn(seed, subject, bps), true, err
}

// committeeSeed is the randomness of members: as that of added seats.
func (k *Keeper) committeeSeed(ctx context.Context) ([]byte, error) { return k.caseSeed(ctx) }
