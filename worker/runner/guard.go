// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"

	"github.com/cupel-network/cupel/worker/journal"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// Attempt is what a Guard is asked about.
type Attempt struct {
	Key journal.LotKey
	// Provider is the id of this worker's provider.
	Provider uint32
	// First is the index of the first task, Count the number of tasks.
	First, Count uint32
	// Replicas is the number of seats; 0 if it is not known any more.
	Replicas uint32
	// Runs are the results once there are any.
	Runs []journal.Run
}

// CaseAttempt is an answer in a case: an audit, growth, an appeal.
type CaseAttempt struct {
	Key journal.CaseKey
	// Provider is the id of this worker's provider.
	Provider uint32
	// Run is the result that was answered.
	Run journal.Run
}

// Guard decides whether a lot is worth serving and books what becomes of it. It
// is never asked about a reveal or a case: not saying those would be slashed.
type Guard interface {
	// Start is asked before a lot is run, Commit before it is committed to.
	// False puts it off; both are asked again.
	Start(ctx context.Context, a Attempt) bool
	Commit(ctx context.Context, a Attempt) bool
	// Said is told before the attempt is answered.
	Said(ctx context.Context, a Attempt) error
	// Final is told that the lot is final. An error puts that off.
	Final(ctx context.Context, a Attempt, lot markettypes.Lot) error
	// CaseClosed is told that a case in which this worker answered has closed.
	// An error puts that off.
	CaseClosed(ctx context.Context, a CaseAttempt, c markettypes.Case) error
	// Voted is told how a committee ended in which this worker had a seat. An
	// error puts that off.
	Voted(ctx context.Context, provider uint32, key journal.VoteKey, c markettypes.Committee) error
	// Appeal says what an appeal would hold, and whether it is worth that.
	Appeal(ctx context.Context, a AppealCase) (Stake, error)
	// AppealClosed is told how this worker's appeal ended, which held a bond in
	// ucupel. An error puts that off.
	AppealClosed(ctx context.Context, a AppealCase, bond uint64) error
	// Gone is told that the lot left the chain before it was seen to be final.
	Gone(a Attempt) error
}

// free is the Guard of a runner that has none: everything is served.
type free struct{}

// Start implements Guard.
func (free) Start(context.Context, Attempt) bool { return true }

// Commit implements Guard.
func (free) Commit(context.Context, Attempt) bool { return true }

// Said implements Guard.
func (free) Said(context.Context, Attempt) error { return nil }

// Final implements Guard.
func (free) Final(context.Context, Attempt, markettypes.Lot) error { return nil }

// CaseClosed implements Guard.
func (free) CaseClosed(context.Context, CaseAttempt, markettypes.Case) error { return nil }

// Voted implements Guard.
func (free) Voted(context.Context, uint32, journal.VoteKey, markettypes.Committee) error { return nil }

// Appeal implements Guard: without a policy nothing is staked.
func (free) Appeal(context.Context, AppealCase) (Stake, error) {
	return Stake{Never: "there is no policy"}, nil
}

// AppealClosed implements Guard.
func (free) AppealClosed(context.Context, AppealCase, uint64) error { return nil }

// Gone implements Guard.
func (free) Gone(Attempt) error { return nil }

func attempt(me self, rec journal.Lot, replicas uint32) Attempt {
	return Attempt{Key: rec.Key, Provider: me.provider.Id, First: rec.First, Count: rec.Count, Replicas: replicas, Runs: rec.Runs}
}
