// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"crypto/sha256"
	"strings"

	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Bounds of a submit.
const (
	MaxInlineManifest = 16 << 10
	MaxManifestURI    = 256
	MaxUnits          = 1_000_000_000_000_000
	MaxMemoryMiB      = 1 << 20
	MaxWallSeconds    = 86_400
	MaxOutputKiB      = 1 << 20
	MaxProcessors     = 4_096
	MaxPrice          = 1 << 53
	// MaxItems is the most lots, cases or steps of one message.
	MaxItems = 1_000
)

// WithDefaults fills the fields that a submit may leave out.
func (m MsgSubmit) WithDefaults() MsgSubmit {
	if m.LotSize == 0 {
		m.LotSize = 1
	}
	if m.Replicas == 0 {
		m.Replicas = 3
		if m.Policy != PolicyRedundant {
			m.Replicas = 1
		}
	}
	return m
}

// Validate checks the fields of a submit against the params that will rule it.
func (m MsgSubmit) Validate(p Params) error {
	for _, check := range []func(Params) error{m.validateManifest, m.validateShape, m.validateLimits, m.validatePrice, m.validateProof, m.validateModel} {
		if err := check(p); err != nil {
			return err
		}
	}
	if m.Deadline == 0 || m.Deadline > p.MaxDeadlineTicks {
		return ErrInvalidDeadline.Wrapf("%d ticks, must be 1 to %d", m.Deadline, p.MaxDeadlineTicks)
	}
	r := m.Requirements
	if len(r.Region) > 32 || r.MinScore > million {
		return ErrInvalidFilter.Wrapf("region has %d characters (at most 32), min_score is %d (at most %d)", len(r.Region), r.MinScore, million)
	}
	return nil
}

func (m MsgSubmit) validateManifest(Params) error {
	if len(m.Manifest) != HashSize {
		return ErrInvalidManifest.Wrapf("its sha256 has %d bytes, must be %d", len(m.Manifest), HashSize)
	}
	inline, uri := len(m.ManifestInline), m.ManifestUri
	switch {
	case inline == 0 && uri == "", inline > 0 && uri != "":
		return ErrInvalidManifest.Wrap("give either the document or its uri")
	case inline > MaxInlineManifest:
		return ErrInvalidManifest.Wrapf("%d bytes inline, at most %d; publish it and give its uri", inline, MaxInlineManifest)
	case inline > 0:
		if sum := sha256.Sum256(m.ManifestInline); !bytes.Equal(sum[:], m.Manifest) {
			return ErrInvalidManifest.Wrap("the inline document has another sha256")
		}
		return nil
	case len(uri) > MaxManifestURI:
		return ErrInvalidManifest.Wrapf("uri has %d characters, at most %d", len(uri), MaxManifestURI)
	}
	if !isURI(uri) {
		return ErrInvalidManifest.Wrapf("uri %q is not http://, https:// or file:// with printable ASCII after it", uri)
	}
	return nil
}

// isURI reports whether a text is a uri of a known scheme. It is spelt out
// because the verdicts of a library may change with its release.
func isURI(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	for _, scheme := range []string{"http://", "https://", "file://"} {
		if rest, ok := strings.CutPrefix(text, scheme); ok {
			return rest != ""
		}
	}
	return false
}

func (m MsgSubmit) validateShape(p Params) error {
	if m.Count == 0 || m.Count > MaxBatchTasks {
		return ErrInvalidCount.Wrapf("%d, must be 1 to %d", m.Count, MaxBatchTasks)
	}
	if m.LotSize == 0 || m.LotSize > MaxLotTasks || m.LotSize > m.Count {
		return ErrInvalidLotSize.Wrapf("%d, must be 1 to %d and at most the %d tasks", m.LotSize, MaxLotTasks, m.Count)
	}
	if err := m.validateTolerance(); err != nil {
		return err
	}
	switch m.Policy {
	case PolicyRedundant:
		if m.Replicas < 2 || m.Replicas > p.MaxReplicas {
			return ErrInvalidReplicas.Wrapf("%d, %s takes 2 to %d", m.Replicas, m.Policy, p.MaxReplicas)
		}
		if m.Hire != "" {
			return ErrInvalidHire.Wrapf("a direct hire has one replica; use %s", PolicyOptimistic)
		}
	case PolicyOptimistic, PolicyAttested, PolicyScored, PolicyProof:
		if m.Policy == PolicyScored && m.Hire == "" {
			return ErrInvalidHire.Wrapf("%s is for a direct hire only: name the operator", m.Policy)
		}
		if m.Replicas != 1 {
			return ErrInvalidReplicas.Wrapf("%d, %s takes 1", m.Replicas, m.Policy)
		}
	default:
		return ErrInvalidPolicy.Wrapf("%s", m.Policy)
	}
	return nil
}

func (m MsgSubmit) validateLimits(p Params) error {
	l := m.Limits
	switch {
	case l.Units == 0 || l.Units > MaxUnits:
		return ErrInvalidLimits.Wrapf("units %d, must be 1 to %d", l.Units, uint64(MaxUnits))
	case l.MemoryMib == 0 || l.MemoryMib > MaxMemoryMiB:
		return ErrInvalidLimits.Wrapf("memory_mib %d, must be 1 to %d", l.MemoryMib, MaxMemoryMiB)
	case l.WallSeconds == 0 || uint64(l.WallSeconds)*uint64(m.LotSize) > p.MaxWallSeconds:
		return ErrInvalidLimits.Wrapf("wall_seconds %d for lots of %d, must be 1 to %d for the whole lot", l.WallSeconds, m.LotSize, p.MaxWallSeconds)
	case l.Processors > MaxProcessors:
		return ErrInvalidLimits.Wrapf("processors %d, at most %d", l.Processors, MaxProcessors)
	case l.OutputKib == 0 || l.OutputKib > MaxOutputKiB:
		return ErrInvalidLimits.Wrapf("output_kib %d, must be 1 to %d", l.OutputKib, MaxOutputKiB)
	}
	return nil
}

func (m MsgSubmit) validatePrice(Params) error {
	if m.MaxPrice == 0 || m.MaxPrice > MaxPrice {
		return ErrInvalidPrice.Wrapf("max_price %d, must be 1 to 2^53", m.MaxPrice)
	}
	if m.Tip > MaxPrice || m.ValueAtStake > MaxPrice {
		return ErrInvalidPrice.Wrapf("tip %d and value_at_stake %d must not exceed 2^53", m.Tip, m.ValueAtStake)
	}
	return nil
}

// MaxGross returns the most that one replica of one task can cost, in base
// units of the denom.
func (b Batch) MaxGross(unit registrytypes.Unit) (uint64, error) {
	return Gross(b.MaxPrice+b.Tip, b.Limits.Units, Scale(unit))
}

// Escrow returns the coins to take for tasks of the batch.
func (b Batch) Escrow(unit registrytypes.Unit, tasks uint32) (uint64, error) {
	gross, err := b.MaxGross(unit)
	if err != nil {
		return 0, err
	}
	return MulDivCeil(gross, uint64(b.Replicas)*uint64(tasks), 1)
}

// Value returns what a wrong replica at a price could gain, in ucupel: its
// maximal gross or the requester's value at stake, and never less than min_value.
func (b Batch) Value(p Params, price, scale uint64) (uint64, error) {
	gross, err := Gross(price, b.Limits.Units, scale)
	if err != nil {
		return 0, err
	}
	if b.Denom != BaseDenom {
		if gross, err = MulDivCeil(gross, b.Rate, RateUnit); err != nil {
			return 0, err
		}
		if gross, err = MulDivCeil(gross, uint64(p.ValueBps), BasisPoints); err != nil {
			return 0, err
		}
	}
	return max(gross, b.ValueAtStake, p.MinValue), nil
}
