// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// Bounds of committees.
const (
	// MaxCompared is the most answers that a COMPARE speaks of: a mask has 32
	// bits, and growth and audits add to the replicas of a submit.
	MaxCompared = 32
	// MaxTolerantReplicas keeps a task within it.
	MaxTolerantReplicas = 11
	// Million of millions is the unit of a tolerance.
	ToleranceUnit = 1_000_000_000_000
	// MaxTopK bounds the elements that TOPK compares.
	MaxTopK = 1 << 20
	// VoteRounds is the most rounds of a committee: the first, and a fresh or a
	// second one.
	VoteRounds = 2

	compareVoteSize = 8
	scoreVoteSize   = 1
	quoteVoteSize   = 2
	evidenceKinds   = 6
)

func defaultCommittee() CommitteeParams {
	return CommitteeParams{
		Members: 5, CommitTicks: 120, RevealTicks: 60, AgainBps: 500, FeeBps: 500, MinFee: 10_000,
		AttestationTicks: 7 * 86_400, QuoteEpochs: 20,
	}
}

func defaultScored() ScoredParams {
	return ScoredParams{MaxTask: 10_000_000, MaxEpoch: 100_000_000, Weights: []uint32{150, 200, 150, 250, 150, 100}, Threshold: 800}
}

func (p CommitteeParams) spans() []span {
	return []span{
		{"committee.members", uint64(p.Members), 3, 21},
		{"committee.commit_ticks", p.CommitTicks, 2, 100_000},
		{"committee.reveal_ticks", p.RevealTicks, 2, 100_000},
		{"committee.again_bps", uint64(p.AgainBps), 1, BasisPoints},
		{"committee.fee_bps", uint64(p.FeeBps), 0, 1_000},
		{"committee.min_fee", p.MinFee, 1, MaxPrice},
		{"committee.attestation_ticks", p.AttestationTicks, 1, 100_000_000},
		{"committee.quote_epochs", uint64(p.QuoteEpochs), 1, 1_000},
	}
}

func (p ScoredParams) spans() []span {
	return []span{
		{"scored.max_task", p.MaxTask, 1, MaxPrice},
		{"scored.max_epoch", p.MaxEpoch, p.MaxTask, MaxPrice},
		{"scored.threshold", uint64(p.Threshold), 1, 1_000},
	}
}

func (p ScoredParams) validate() error {
	var sum uint64
	for _, w := range p.Weights {
		sum += uint64(w)
	}
	if len(p.Weights) != evidenceKinds || sum != 1_000 {
		return ErrInvalidParams.Wrapf("scored.weights are %d that add up to %d, must be %d of 1000", len(p.Weights), sum, evidenceKinds)
	}
	return nil
}

// Score returns the thousandths that the evidence of a vote is worth: bit i
// stands for weight i.
func (p ScoredParams) Score(vote []byte) uint32 {
	var score uint32
	for i, w := range p.Weights {
		if len(vote) > 0 && vote[0]&(1<<i) != 0 {
			score += w
		}
	}
	return score
}

// compares is how often a committee compares the answers of a task at most: of
// the first round, of an audit, of the grown set and of a jury.
const compares = 4

// maxBusy is how many times a committee's commit phase is lengthened at most
// for members that hold other seats.
const maxBusy = 10

// VoteTicks is the commit phase of a committee whose busiest member holds a
// number of verification seats.
func (p CommitteeParams) VoteTicks(busiest uint32) uint64 {
	return p.CommitTicks * uint64(min(max(busiest, 1), maxBusy))
}

// Liability is the longest that a committee takes, in ticks: every phase of both
// rounds, with the epochs in which each is drawn. See Params.Liability.
func (p CommitteeParams) Liability(epochs, epochTicks uint64) uint64 {
	return VoteRounds * (p.VoteTicks(maxBusy) + p.RevealTicks + epochs*epochTicks)
}

// Judged reports whether committees decide about tasks of the batch, so that
// its escrow pays them.
func (b Batch) Judged() bool { return b.Policy == PolicyScored || b.Comparator.Tolerant() }

// Tolerant reports whether a committee compares different results.
func (c Comparator) Tolerant() bool { return c == ComparatorTolerance || c == ComparatorTopK }

// CommitteeFee returns what a member earns for a task of a batch, in base units
// of its denom: fee_bps of the maximal gross, at least min_fee; 0 if no
// committee decides about it.
func (b Batch) CommitteeFee(p Params, gross uint64) (uint64, error) {
	if !b.Judged() {
		return 0, nil
	}
	least, err := MulDivCeil(p.Committee.MinFee, RateUnit, max(b.Rate, 1))
	return max(least, Bps(gross, p.Committee.FeeBps)), err
}

// TaskEscrow returns what a submit holds for one task: the maximal gross of
// every replica, and the fees of two committees if there may be any.
func (b Batch) TaskEscrow(p Params, gross uint64) (escrow, committee uint64, err error) {
	fee, err := b.CommitteeFee(p, gross)
	if err != nil {
		return 0, 0, err
	}
	if committee, err = MulDivCeil(fee, VoteRounds*uint64(p.Committee.Members), 1); err != nil {
		return 0, 0, err
	}
	if escrow, err = MulDivCeil(gross, uint64(b.Replicas), 1); err != nil {
		return 0, 0, err
	}
	escrow, err = MulDivCeil(escrow+committee, 1, 1)
	return escrow, committee, err
}

// validateTolerance checks the comparator of a submit against its policy.
func (m MsgSubmit) validateTolerance() error {
	t := m.Tolerance
	switch {
	case m.Comparator == ComparatorExact && t == nil:
		return nil
	case m.Comparator == ComparatorExact:
		return ErrInvalidTolerance.Wrapf("%s has none", m.Comparator)
	case !m.Comparator.Tolerant():
		return ErrInvalidComparator.Wrapf("%s", m.Comparator)
	case m.Policy == PolicyScored || m.Policy == PolicyProof:
		return ErrInvalidComparator.Wrapf("%s compares nothing: use %s", m.Policy, ComparatorExact)
	case m.Replicas > MaxTolerantReplicas:
		return ErrInvalidReplicas.Wrapf("%d, %s takes at most %d", m.Replicas, m.Comparator, MaxTolerantReplicas)
	case t == nil || t.Dtype < DTypeFloat32 || t.Dtype > DTypeInt64:
		return ErrInvalidTolerance.Wrapf("%s needs the type of the elements", m.Comparator)
	case t.Rel >= ToleranceUnit || t.Abs > 1<<62:
		return ErrInvalidTolerance.Wrapf("abs %d, rel %d must be below 2^62 and 10^12", t.Abs, t.Rel)
	}
	return m.validateTopK()
}

func (m MsgSubmit) validateTopK() error {
	t := m.Tolerance
	switch {
	case m.Comparator == ComparatorTolerance && (t.K != 0 || t.OverlapBps != 0):
		return ErrInvalidTolerance.Wrapf("k and overlap_bps are for %s", ComparatorTopK)
	case m.Comparator == ComparatorTolerance && t.Abs == 0 && t.Rel == 0:
		return ErrInvalidTolerance.Wrapf("abs and rel are zero: use %s", ComparatorExact)
	case m.Comparator == ComparatorTopK && (t.K == 0 || t.K > MaxTopK || t.OverlapBps > BasisPoints):
		return ErrInvalidTolerance.Wrapf("k %d must be 1 to %d, overlap_bps %d at most %d", t.K, MaxTopK, t.OverlapBps, BasisPoints)
	case m.Comparator == ComparatorTopK && (t.Abs != 0 || t.Rel != 0):
		return ErrInvalidTolerance.Wrapf("abs and rel are for %s", ComparatorTolerance)
	}
	return nil
}

// CompareVote returns the 8 bytes of a vote on answers: bit i of right is set
// for the i-th answer if it is of the group of equal ones, of unavailable if
// its artifact could not be fetched by its hash.
func CompareVote(right, unavailable uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, right), unavailable)
}

// SplitCompareVote is the inverse of CompareVote; of other bytes it returns 0.
func SplitCompareVote(vote []byte) (right, unavailable uint32) {
	if len(vote) != compareVoteSize {
		return 0, 0
	}
	return binary.BigEndian.Uint32(vote), binary.BigEndian.Uint32(vote[4:])
}

// QuoteVote returns the 2 bytes of a vote on a quote: genuine or not, and a
// reason, which is for people.
func QuoteVote(genuine bool, reason uint8) []byte {
	if genuine {
		return []byte{1, 0}
	}
	return []byte{0, reason}
}

// ValidateVote checks the form of a vote of the committee.
func (v Committee) ValidateVote(vote []byte) error {
	switch v.Kind {
	case CommitteeCompare:
		return v.validateCompare(vote)
	case CommitteeScore:
		if len(vote) != scoreVoteSize || vote[0] >= 1<<evidenceKinds {
			return ErrInvalidVote.Wrapf("%x, must be one byte of %d bits", vote, evidenceKinds)
		}
	case CommitteeQuote:
		if len(vote) != quoteVoteSize || vote[0] > 1 || vote[0] == 1 && vote[1] != 0 {
			return ErrInvalidVote.Wrapf("%x, must be 0100, or 00 and a reason", vote)
		}
	default:
		return ErrInvalidVote.Wrapf("kind %d", v.Kind)
	}
	return nil
}

func (v Committee) validateCompare(vote []byte) error {
	right, unavailable := SplitCompareVote(vote)
	known := uint32(1)<<len(v.Seats) - 1
	if len(v.Seats) >= MaxCompared {
		known = 1<<MaxCompared - 1
	}
	switch {
	case len(vote) != compareVoteSize:
		return ErrInvalidVote.Wrapf("%d bytes, must be %d", len(vote), compareVoteSize)
	case (right|unavailable)&^known != 0:
		return ErrInvalidVote.Wrapf("%x speaks of more than %d answers", vote, len(v.Seats))
	case right&unavailable != 0:
		return ErrInvalidVote.Wrapf("%x: an answer that is not served cannot be compared", vote)
	case bits.OnesCount32(right) == 1:
		return ErrInvalidVote.Wrapf("%x: a group has two answers at least; vote 0 if none are equal", vote)
	}
	return nil
}

// same reports whether two votes say the same: of a quote the reason is not
// compared.
func (v Committee) same(a, b []byte) bool {
	if v.Kind == CommitteeQuote && len(a) > 0 && len(b) > 0 {
		return a[0] == b[0]
	}
	return bytes.Equal(a, b)
}

// Current returns the member of the current round that a provider is, or nil.
func (v *Committee) Current(provider uint32) *Member {
	for i := range v.Members {
		if m := &v.Members[i]; m.Provider == provider && m.Round == v.Round {
			return m
		}
	}
	return nil
}

// Count counts the members of the current round in a phase.
func (v Committee) Count(phase MemberPhase) int {
	n := 0
	for _, m := range v.Members {
		if m.Round == v.Round && m.Phase == phase {
			n++
		}
	}
	return n
}

// Votes is how often a member was drawn: so much its vote counts.
func (m Member) Votes() int { return int(max(m.Weight, 1)) }

// Seated adds up the votes of the members of a round.
func (v Committee) Seated(round uint32) int {
	n := 0
	for _, m := range v.Members {
		if m.Round == round {
			n += m.Votes()
		}
	}
	return n
}

// AtStake is the most, in ucupel, that a second vote may take from the members of
// the first.
func (v Committee) AtStake(size uint32) uint64 {
	sum, err := MulDivCeil(v.Value, uint64(size), 1)
	if err != nil {
		return math.MaxInt64
	}
	return sum
}

// Winner returns the vote that a round decided: of a full committee it has at
// least two thirds of the votes, of one that could not be filled more than half. A member that did not vote counts as against.
func (v Committee) Winner(round, size uint32) ([]byte, bool) {
	n := v.Seated(round)
	need := n/2 + 1
	if n >= int(size) {
		need = (2*n + 2) / 3
	}
	for _, m := range v.Members {
		if m.Round != round || m.Phase != MemberVoted {
			continue
		}
		votes := 0
		for _, other := range v.Members {
			if other.Round == round && other.Phase == MemberVoted && v.same(m.Vote, other.Vote) {
				votes += other.Votes()
			}
		}
		if votes >= need {
			return m.Vote, true
		}
	}
	return nil, false
}

// Overturned reports whether round 2 voted again and contradicts what round 1
// decided: two thirds of a full committee against it.
func (v Committee) Overturned(size uint32) bool {
	first, ok := v.Winner(1, size)
	if !ok || !v.Second || v.Seated(2) < int(size) {
		return false
	}
	again, ok := v.Winner(2, size)
	return ok && !v.same(first, again)
}

// Fate says whether a member of a final committee is paid and whether it loses
// its value: it withheld its vote, was against two thirds of its full round, or
// made the majority that a second committee overturned. See ADR-009.
func (v Committee) Fate(m Member, size uint32) (paid, slashed bool) {
	switch {
	case m.Phase == MemberWithheld:
		return false, true
	case m.Phase != MemberVoted || len(v.Vote) == 0:
		return false, false
	case v.same(m.Vote, v.Vote):
		return true, false
	case v.Seated(m.Round) < int(size):
		return false, false // what could not be filled slashes nobody
	}
	winner, ok := v.Winner(m.Round, size)
	return false, ok && v.backers(m.Round, winner) > 1 && (v.same(winner, v.Vote) || v.same(m.Vote, winner))
}

// backers counts the members of a round that cast a vote: one operator slashes
// nobody, however often it was drawn.
func (v Committee) backers(round uint32, vote []byte) int {
	n := 0
	for _, m := range v.Members {
		if m.Round == round && m.Phase == MemberVoted && v.same(m.Vote, vote) {
			n++
		}
	}
	return n
}

// Sits reports whether a provider is or was a member, or is judged.
func (v Committee) Sits(provider uint32) bool {
	if v.Provider == provider || slices.Contains(v.Seats, provider) {
		return true
	}
	return slices.ContainsFunc(v.Members, func(m Member) bool { return m.Provider == provider })
}
