// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// moment is a point of the market clock with the block time as its floor.
type moment struct {
	tick uint64
	time int64
}

// after returns the moment that is a number of ticks later under the params.
func (m moment) after(ticks uint64, p types.Params) moment {
	return moment{m.tick + ticks, m.time + int64(ticks*uint64(p.MinTickMs)/1000)}
}

// passed reports whether a deadline is over: both its tick and its floor in
// seconds have been reached.
func (m moment) passed(due uint64, dueTime int64) bool {
	return m.tick >= due && m.time >= dueTime
}

// retry returns the tick at which to look again at a deadline that has not passed.
func (m moment) retry(due uint64, dueTime int64, p types.Params) uint64 {
	if due > m.tick {
		return due
	}
	missing := uint64(max(dueTime-m.time, 0)) * 1000 / uint64(max(p.MinTickMs, 1))
	return m.tick + max(missing, 1)
}

// now returns the market clock and the block time.
func (k *Keeper) now(ctx context.Context) (moment, error) {
	tick, err := k.Registry.Tick(ctx)
	return moment{tick, sdk.UnwrapSDKContext(ctx).BlockTime().Unix()}, err
}

// deadlineMessages are the messages whose senders face a deadline: the clock
// stands still while the circuit breaker stops any of them.
var deadlineMessages = []string{
	sdk.MsgTypeURL(&types.MsgCommit{}),
	sdk.MsgTypeURL(&types.MsgReveal{}),
	sdk.MsgTypeURL(&types.MsgProve{}),
	sdk.MsgTypeURL(&types.MsgCommitCase{}),
	sdk.MsgTypeURL(&types.MsgRevealCase{}),
	sdk.MsgTypeURL(&types.MsgCommitVote{}),
	sdk.MsgTypeURL(&types.MsgRevealVote{}),
	sdk.MsgTypeURL(&types.MsgChallenge{}),
	sdk.MsgTypeURL(&types.MsgAppeal{}),
	sdk.MsgTypeURL(&types.MsgAccept{}),
	sdk.MsgTypeURL(&types.MsgReject{}),
	sdk.MsgTypeURL(&types.MsgRedeem{}),
	sdk.MsgTypeURL(&types.MsgTopUp{}),
	sdk.MsgTypeURL(&registrytypes.MsgHeartbeat{}),
}

// DeadlineMessages returns the type URLs of the messages with which the market
// clock stops.
func DeadlineMessages() []string { return slices.Clone(deadlineMessages) }

// BeginBlock advances the market clock unless a message with a deadline is
// tripped.
func (k *Keeper) BeginBlock(ctx context.Context) error {
	for _, url := range deadlineMessages {
		allowed, err := k.Circuit.IsAllowed(ctx, url)
		if err != nil {
			return err
		}
		if !allowed {
			return nil
		}
	}
	return k.Registry.AdvanceTick(ctx)
}

// epoch returns the number of the oracle's current epoch.
func (k *Keeper) epoch(ctx context.Context) (uint64, error) {
	e, err := k.Oracle.Epoch(ctx)
	return e.Number, err
}
