// SPDX-License-Identifier: Apache-2.0

package types

import "github.com/cupel-network/cupel/x/internal/fixed"

// RequesterEvent is something that a requester did.
type RequesterEvent uint8

const (
	// BatchSubmitted is a batch whose coins are in escrow.
	BatchSubmitted RequesterEvent = iota + 1
	// BatchCancelled is a batch of which lots were cancelled, once per message.
	BatchCancelled
	// ChallengeLost is a challenge that found nothing wrong.
	ChallengeLost
	// ChallengeWon is one that did.
	ChallengeWon
)

// Apply returns r with one more event, or ErrInvalidOutcome for an unknown
// one. A cancelled batch no longer counts as kept. See ADR-002.
func (r RequesterRecord) Apply(event RequesterEvent) (RequesterRecord, error) {
	switch event {
	case BatchSubmitted:
		r.Submitted++
		r.Kept = min(r.Kept+fixed.Million, MaxWeight)
	case BatchCancelled:
		r.Cancelled++
		r.Kept -= min(r.Kept, fixed.Million)
		r.Broken = min(r.Broken+fixed.Million, MaxWeight)
	case ChallengeLost:
		r.Lost++
		r.Broken = min(r.Broken+fixed.Million, MaxWeight)
	case ChallengeWon:
		r.Won++
		r.Kept = min(r.Kept+fixed.Million, MaxWeight)
	default:
		return r, ErrInvalidOutcome.Wrapf("event %d of a requester", event)
	}
	return r, nil
}

// Decay returns r with its weights decayed to now; time never goes back.
func (r RequesterRecord) Decay(now, halfLife uint64) RequesterRecord {
	if now <= r.Updated {
		return r
	}
	elapsed := now - r.Updated
	r.Kept, r.Broken = fixed.Decay(r.Kept, elapsed, halfLife), fixed.Decay(r.Broken, elapsed, halfLife)
	r.Updated = now
	return r
}

// RequesterScore is the score of r, decayed to now, in parts per million. The
// zero record is a stranger's and has start_score.
func (p Params) RequesterScore(r RequesterRecord) uint32 {
	return Wilson(r.Kept+prior(p.StartScore), r.Broken)
}

// Validate returns ErrInvalidGenesis unless the record's numbers are in bounds.
func (r RequesterRecord) Validate() error {
	if len(r.Requester) == 0 || len(r.Requester) > maxRequester {
		return ErrInvalidGenesis.Wrapf("requester of %d bytes, want 1 to %d", len(r.Requester), maxRequester)
	}
	if r.Kept > MaxWeight || r.Broken > MaxWeight {
		return ErrInvalidGenesis.Wrapf("requester %X: weights %d and %d, want at most %d", r.Requester, r.Kept, r.Broken, uint64(MaxWeight))
	}
	return nil
}
