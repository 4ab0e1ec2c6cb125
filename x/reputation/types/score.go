// SPDX-License-Identifier: Apache-2.0

package types

import "github.com/cupel-network/cupel/x/internal/fixed"

const (
	// MaxWeight bounds the successes and failures of a record: a million tasks,
	// in parts per million. Wilson is exact in 64 bits up to there.
	MaxWeight = fixed.Million * fixed.Million
	// MaxBucket is the bucket of a perfect score in the ranking.
	MaxBucket = 256

	// zSquared is 1.64² in parts per million.
	zSquared = 2_689_600
)

// Wilson returns the lower end of the interval of z = 1.64 around the rate of
// success, in parts per million, for weights of at most 2 × MaxWeight in parts
// per million of a task. It is within 2 parts per million of the exact value,
// and 0 without any weight. See ADR-001.
func Wilson(successes, failures uint64) uint32 {
	total := successes + failures
	if total == 0 {
		return 0
	}
	// (s + z²/2 - sqrt(z² s f / n + z⁴/4)) / (n + z²), where f / n <= 1 keeps
	// the root at or below s + z²/2.
	spread, _ := fixed.MulDiv(zSquared*failures, successes, total)
	root := fixed.Sqrt(spread + (zSquared/2)*(zSquared/2))
	score, _ := fixed.MulDiv(successes+zSquared/2-root, fixed.Million, total+zSquared)
	return uint32(score)
}

// prior returns the weight of successes that alone scores startScore. It stands
// for what is believed of a stranger and never decays.
func prior(startScore uint32) uint64 {
	start := uint64(min(startScore, MaxStartScore))
	rest := fixed.Million - start
	return (zSquared*start + rest - 1) / rest
}

// Decay returns r with its weights decayed to now. Time before Updated is no
// time: block time never goes back.
func (r Record) Decay(now, halfLife uint64) Record {
	if now <= r.Updated {
		return r
	}
	elapsed := now - r.Updated
	r.Successes = fixed.Decay(r.Successes, elapsed, halfLife)
	r.Failures = fixed.Decay(r.Failures, elapsed, halfLife)
	r.Updated = now
	return r
}

// Succeed returns r with one more counted success of a weight.
func (r Record) Succeed(weight uint64) Record {
	r.Successes = min(r.Successes+weight, MaxWeight)
	r.Counted++
	return r
}

// Fail returns r with one more failure of a weight.
func (r Record) Fail(weight uint64) Record {
	r.Failures = min(r.Failures+weight, MaxWeight)
	return r
}

// Bucket returns r's place in the ranking, best MaxBucket.
func (r Record) Bucket() uint32 {
	return uint32(uint64(r.Score) * MaxBucket / fixed.Million)
}

// Score returns the score of r at now, which has to be decayed to now.
func (p Params) Score(r Record, now uint64) uint32 {
	score := Wilson(r.Successes+prior(p.StartScore), r.Failures)
	if now < r.CappedUntil {
		return min(score, p.CapScore)
	}
	return score
}

// Standing returns what r is worth at now. The zero record is a stranger's.
func (p Params) Standing(r Record, now uint64) Standing {
	r = r.Decay(now, p.HalfLife)
	score := p.Score(r, now)
	level := p.Level(r.Counted, score)
	return Standing{Score: score, AuditBps: level.AuditBps, Level: level.Name, Counted: r.Counted}
}
