// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"math"
	"slices"

	sdkmath "cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const (
	// ShareSize is the length of a share and of a commitment to it in bytes.
	ShareSize = sha256.Size
	// MinBeaconBlocks is the shortest epoch that has a beacon: an attestor sees
	// a block, sends, and is in a later one. Seeds of chains with shorter epochs
	// come from block ids at once.
	MinBeaconBlocks = 6
)

const (
	commitDomain = "cupel/oracle/v1/beacon-commitment"
	beaconDomain = "cupel/oracle/v1/beacon-seed"
	mixedDomain  = "cupel/oracle/v1/seed-and-block-id"
)

// Outcomes of a round in EventBeaconClosed.
const (
	RoundFull     = "full"
	RoundShort    = "short"
	RoundWithheld = "withheld"
	RoundExcused  = "excused"
)

// BeaconCommitment returns the 32 bytes by which an operator, given as the bytes
// of its account, commits to the share of an epoch.
func BeaconCommitment(chainID string, epoch uint64, operator, share []byte) []byte {
	sum := hashTuple([]byte(commitDomain), []byte(chainID), uint64Bytes(epoch), operator, share)
	return sum[:]
}

// OpenShare is a revealed share with the bytes of its operator's account.
type OpenShare struct{ Operator, Share []byte }

// BeaconSeed returns the seed that shares make, in ascending order of their
// operators, given the seed before it.
func BeaconSeed(previous []byte, shares []OpenShare) []byte {
	parts := make([][]byte, 0, 2+2*len(shares))
	parts = append(parts, []byte(beaconDomain), previous)
	for _, s := range shares {
		parts = append(parts, s.Operator, s.Share)
	}
	sum := hashTuple(parts...)
	return sum[:]
}

// MixSeed returns the randomness of a draw in the block with this id.
func MixSeed(seed, blockID []byte) []byte {
	sum := hashTuple([]byte(mixedDomain), seed, blockID)
	return sum[:]
}

// Quorum reports whether the commitments have two thirds of the set's power.
// Less than that and shares are owed to nobody: see ADR-003.
func (r BeaconRound) Quorum() bool {
	return r.Power > 0 && sdkmath.NewIntFromUint64(r.Committed).MulRaw(3).GTE(sdkmath.NewIntFromUint64(r.Power).MulRaw(2))
}

// Full reports whether the round makes a seed: a quorum has committed, and all
// who have are revealed.
func (r BeaconRound) Full() bool {
	return r.Quorum() && r.Commits > 0 && r.Reveals == r.Commits
}

// SlotPowerBps is how much of a set's power has slots in a round, in basis points,
// if it can: those with the least stake are left out. With much less, two thirds
// would be missed often; with all, one dust validator would decide what a withheld
// share costs.
const SlotPowerBps = 9_000

// Staked is a member that could take part in a round.
type Staked struct {
	Operator []byte
	// Stake is what it could lose, in ucupel.
	Stake uint64
	Slot  BeaconSlot
}

// Seated returns the members that get a slot, the largest stakes first: as few as
// have SlotPowerBps of the whole set's power, and who has as much at stake as the
// least of them.
func Seated(able []Staked, power uint64) []Staked {
	slices.SortFunc(able, func(a, b Staked) int {
		return cmp.Or(cmp.Compare(b.Stake, a.Stake), bytes.Compare(a.Operator, b.Operator))
	})
	need := sdkmath.NewIntFromUint64(power).MulRaw(SlotPowerBps)
	seated := sdkmath.ZeroInt()
	for i, m := range able {
		if seated.MulRaw(MaxRateBps).GTE(need) && m.Stake < able[i-1].Stake {
			return able[:i]
		}
		seated = seated.Add(sdkmath.NewIntFromUint64(m.Slot.Power))
	}
	return able
}

// LeastCover returns the less of two covers; 0 is none.
func LeastCover(a, b uint64) uint64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// Saturated returns the less of two amounts, or the largest number.
func Saturated(a, b sdkmath.Int) uint64 {
	if least := sdkmath.MinInt(a, b); least.IsUint64() {
		return least.Uint64()
	} else if least.IsNegative() {
		return 0
	}
	return math.MaxUint64
}

// AtRisk returns the largest bound, in ucupel, that a withheld share of the round
// may have let escape: what is above the cover is audited every time.
func (r BeaconRound) AtRisk() uint64 {
	if r.Cover == 0 {
		return r.Exposed
	}
	return min(r.Exposed, r.Cover)
}

// CarriedOver returns the exposure and the cover that the next round takes over
// from one whose seed was not made, because its seed judges that epoch, too.
func (b Beacon) CarriedOver() (exposed, cover uint64) {
	if r := b.Reveals; r != nil && b.Final <= r.Epoch {
		return r.Exposed, r.Cover
	}
	return 0, 0
}

// Outcome is what became of a round whose shares are due no more.
func (r BeaconRound) Outcome() string {
	switch {
	case r.Full():
		return RoundFull
	case !r.Quorum():
		return RoundShort
	case r.Excused:
		return RoundExcused
	default:
		return RoundWithheld
	}
}

// newestSeed returns the epoch of the newest seed, 0 for none.
func (gs GenesisState) newestSeed() uint64 {
	if n := len(gs.Seeds); n > 0 {
		return gs.Seeds[n-1].Epoch
	}
	return 0
}

// FilledBeacon returns the beacon with the newest seed's epoch, which a genesis
// may leave out.
func (gs GenesisState) FilledBeacon() Beacon {
	b := gs.Beacon
	b.Final = gs.newestSeed()
	return b
}

// validateBeacon checks the rounds against the epoch and their slots.
func (gs GenesisState) validateBeacon() error {
	b := gs.Beacon
	// A genesis that says nothing of the beacon has no seed to wait for.
	unsaid := b.Final == 0 && gs.newestSeed() == gs.Epoch.Number
	if b.Final != gs.newestSeed() && !unsaid {
		return ErrInvalidGenesis.Wrapf("the newest seed is that of epoch %d, not %d", gs.newestSeed(), b.Final)
	}
	slots := gs.Slots
	for _, open := range []struct {
		round *BeaconRound
		epoch uint64
	}{{b.Reveals, gs.Epoch.Number - 1}, {b.Commits, gs.Epoch.Number}} {
		if open.round == nil {
			continue
		}
		n := 0
		for n < len(slots) && slots[n].Epoch == open.round.Epoch {
			n++
		}
		if gs.Epoch.Number == 0 || open.round.Epoch != open.epoch {
			return ErrInvalidGenesis.Wrapf("beacon round %d in epoch %d", open.round.Epoch, gs.Epoch.Number)
		}
		if err := gs.validateRound(*open.round, slots[:n]); err != nil {
			return err
		}
		slots = slots[n:]
	}
	if len(slots) > 0 {
		return ErrInvalidGenesis.Wrapf("slot of %s in epoch %d, which has no round", slots[0].Operator, slots[0].Epoch)
	}
	return nil
}

func (gs GenesisState) validateRound(r BeaconRound, slots []BeaconSlot) error {
	if r.SetId == 0 || r.SetId > uint64(len(gs.Sets)) || r.Height < 0 {
		return ErrInvalidGenesis.Wrapf("beacon round %d of set %d of %d, height %d", r.Epoch, r.SetId, len(gs.Sets), r.Height)
	}
	set, err := gs.Sets[r.SetId-1].Decode()
	if err != nil {
		return err
	}
	known := make(map[string]bool, len(gs.Attestors))
	for _, a := range gs.Attestors {
		known[a.Operator] = true
	}
	var committed uint64
	var commits, reveals uint32
	var before []byte
	for _, s := range slots {
		_, operator, err := bech32.DecodeAndConvert(s.Operator)
		key, keyErr := checkpoint.ToAddress(s.Key)
		switch {
		case err != nil || !known[s.Operator] || bytes.Compare(before, operator) >= 0:
			return ErrInvalidGenesis.Wrapf("slot of %q in epoch %d: no attestor, or not in order", s.Operator, s.Epoch)
		case keyErr != nil || s.Power == 0 || set.Power(key) != s.Power:
			return ErrInvalidGenesis.Wrapf("slot of %s in epoch %d is not that of a member of set %d", s.Operator, s.Epoch, set.ID)
		case len(s.Commitment) != 0 && len(s.Commitment) != ShareSize || len(s.Share) != 0 && (len(s.Share) != ShareSize || len(s.Commitment) == 0):
			return ErrInvalidGenesis.Wrapf("slot of %s in epoch %d has %d and %d bytes", s.Operator, s.Epoch, len(s.Commitment), len(s.Share))
		}
		before = operator
		if len(s.Commitment) > 0 {
			commits, committed = commits+1, committed+s.Power
		}
		if len(s.Share) > 0 {
			reveals++
		}
	}
	if r.Commits != commits || r.Reveals != reveals || r.Committed != committed || r.Power != set.Total() {
		return ErrInvalidGenesis.Wrapf("beacon round %d counts %d commits, %d reveals, power %d of %d; its slots %d, %d, %d of %d",
			r.Epoch, r.Commits, r.Reveals, r.Committed, r.Power, commits, reveals, committed, set.Total())
	}
	return nil
}
