// SPDX-License-Identifier: Apache-2.0

package attestor

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/x/oracle/types"
)

const (
	// beaconAgain is after how many blocks what is in none is sent again.
	beaconAgain = 4
	// minEpochPolls is how many looks at the node an epoch must last: who
	// commits must be sure to reveal in the next one.
	minEpochPolls = 4
)

// Shares are the secrets of the beacon. The same epoch has the same share for
// ever, so that nothing about one needs to be remembered.
type Shares interface {
	Share(chainID string, epoch uint64) []byte
}

// beaconState is what the attestor remembers of the beacon. Losing it costs a
// transaction that is refused.
type beaconState struct {
	// epoch was seen first at a time; before lasted so long, 0 if not known.
	epoch  uint64
	since  time.Time
	lasted time.Duration
	// committed and revealed are the heights at which the epoch's were sent.
	committed, revealed int64
	warned              bool
}

// beacon sends what the beacon is owed: first the share of the epoch before,
// then the commitment of this one. Errors are logged, and the next round tries
// again.
func (a *Attestor) beacon(ctx context.Context, head chain.Head, duty *types.BeaconDuty) {
	if a.Shares == nil || duty == nil {
		return
	}
	a.turned(duty.Epoch)
	_, operator, err := bech32.DecodeAndConvert(duty.Operator)
	if err != nil {
		a.Log.Error("the node names no operator", "operator", duty.Operator, "err", err)
		return
	}
	// Before there is a second block, a fault of this node alone looks like a new
	// epoch, and a share that is known too early is worth nothing.
	confirmed := head.Height > duty.StartHeight
	if len(duty.Commitment) > 0 && confirmed && head.Height >= a.state.revealed+beaconAgain {
		a.reveal(ctx, head, duty, operator)
	}
	if duty.Commit && confirmed && head.Height >= a.state.committed+beaconAgain && a.mayCommit() {
		a.commit(ctx, head, duty, operator)
	}
}

// turned notes a new epoch and how long the one before lasted.
func (a *Attestor) turned(epoch uint64) {
	if epoch == a.state.epoch {
		return
	}
	next := beaconState{epoch: epoch, since: a.now(), warned: a.state.warned, committed: -beaconAgain, revealed: -beaconAgain}
	if a.state.epoch > 0 && epoch > a.state.epoch {
		next.lasted = a.now().Sub(a.state.since) / time.Duration(epoch-a.state.epoch)
	}
	a.state = next
}

// mayCommit reports whether this attestor is to commit, and is sure to see the
// next epoch in time to reveal.
func (a *Attestor) mayCommit() bool {
	if a.OnlyReveal {
		return false
	}
	short := a.state.lasted > 0 && a.state.lasted < minEpochPolls*a.Poll
	if short && !a.state.warned {
		a.Log.Warn("epochs are too short to commit to shares safely: lower --poll", "epoch_lasted", a.state.lasted, "poll", a.Poll)
	}
	a.state.warned = short
	return !short
}

func (a *Attestor) reveal(ctx context.Context, head chain.Head, duty *types.BeaconDuty, operator []byte) {
	epoch := duty.Epoch - 1
	share := a.Shares.Share(a.ChainID, epoch)
	if !bytes.Equal(types.BeaconCommitment(a.ChainID, epoch, operator, share), duty.Commitment) {
		a.Metrics.lose(1)
		a.state.revealed = head.Height // what is lost is said now and then
		a.Log.Error("the share that was committed to cannot be made: the beacon's secret is another one", "epoch", epoch)
		return
	}
	a.Metrics.lose(0)
	crash("revealing")
	a.state.revealed = head.Height
	if a.post(ctx, types.MsgBeacon{Epoch: duty.Epoch, Share: share}, head) == nil {
		a.Metrics.revealed()
		a.Log.Info("share revealed", "epoch", epoch)
	}
}

func (a *Attestor) commit(ctx context.Context, head chain.Head, duty *types.BeaconDuty, operator []byte) {
	share := a.Shares.Share(a.ChainID, duty.Epoch)
	commitment := types.BeaconCommitment(a.ChainID, duty.Epoch, operator, share)
	crash("committing")
	a.state.committed = head.Height
	if a.post(ctx, types.MsgBeacon{Epoch: duty.Epoch, Commitment: commitment}, head) == nil {
		crash("committed")
		a.Metrics.committed()
		a.Log.Info("share committed to", "epoch", duty.Epoch)
	}
}

// post sends one message of the beacon.
func (a *Attestor) post(ctx context.Context, msg types.MsgBeacon, head chain.Head) error {
	msg.Account = a.Account
	err := a.Sender.SendBeacon(ctx, msg, head.Time)
	if err != nil && ctx.Err() == nil {
		a.Log.Warn("beacon message not sent", "epoch", msg.Epoch, "what", what(msg), "err", err)
	}
	return err
}

func what(msg types.MsgBeacon) string {
	if len(msg.Share) > 0 {
		return fmt.Sprintf("share of epoch %d", msg.Epoch-1)
	}
	return "commitment"
}
