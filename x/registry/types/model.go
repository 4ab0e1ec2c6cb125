// SPDX-License-Identifier: Apache-2.0

package types

import (
	"unicode/utf8"

	errorsmod "cosmossdk.io/errors"
	"google.golang.org/grpc/codes"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Errors of models.
var (
	ErrInvalidModel    = errorsmod.Register(ModuleName, 43, "invalid model")
	ErrInvalidContent  = errorsmod.Register(ModuleName, 44, "invalid content of a version")
	ErrInvalidLineage  = errorsmod.Register(ModuleName, 45, "invalid parents")
	ErrModelNotFound   = errorsmod.RegisterWithGRPCCode(ModuleName, 46, codes.NotFound, "no such model")
	ErrVersionNotFound = errorsmod.RegisterWithGRPCCode(ModuleName, 47, codes.NotFound, "no such version of the model")
	ErrNotModelOwner   = errorsmod.Register(ModuleName, 48, "only the owner of the model may do this")
	ErrNotSigner       = errorsmod.Register(ModuleName, 49, "the account is not a signer of the version")
	ErrAlreadySigned   = errorsmod.Register(ModuleName, 50, "the account has signed the version already")
	ErrNotReleased     = errorsmod.Register(ModuleName, 51, "not all signers have signed the version")
	ErrTooManyVersions = errorsmod.Register(ModuleName, 52, "the model has as many versions as it can have")
)

// Bounds of models.
const (
	// MaxRoyaltyBps is the highest royalty in basis points.
	MaxRoyaltyBps = 500
	MaxSigners    = 16
	MaxParents    = 8
	MaxDataHashes = 16
	MaxMetrics    = 16
	// MaxDepth is the longest chain of ancestors.
	MaxDepth = 1_000
	// MaxVersions of one model.
	MaxVersions = 100_000
	// MaxLineage is the most ancestors that the lineage query visits.
	MaxLineage = 10_000

	maxModelURI    = 256
	maxMetricValue = 64
	hashSize       = 32
)

// Gas of what a model keeps in state for ever, on top of its bytes.
const (
	// VersionGas is charged per version.
	VersionGas = 50_000
	// ParentGas is charged per parent that has to be read.
	ParentGas = 5_000
)

// ModelTerms is what x/market pins of a model at submit.
type ModelTerms struct {
	Owner      sdk.AccAddress
	RoyaltyBps uint32
}

// ValidateModel checks what a model declares, not its addresses.
func ValidateModel(name string, royaltyBps uint32, signers int) error {
	switch {
	case !isModelName(name):
		return ErrInvalidModel.Wrapf("name %.64q: use %d to %d characters of a-z, 0-9, '.', '/' and '-'", name, minClassName, maxClassName)
	case royaltyBps > MaxRoyaltyBps:
		return ErrInvalidModel.Wrapf("royalty of %d basis points, at most %d", royaltyBps, MaxRoyaltyBps)
	case signers > MaxSigners:
		return ErrInvalidModel.Wrapf("%d signers, at most %d", signers, MaxSigners)
	}
	return nil
}

func isModelName(name string) bool {
	return len(name) >= minClassName && len(name) <= maxClassName && consistsOf(name, isClassChar)
}

// Validate checks the content of a version.
func (c ModelContent) Validate() error {
	if len(c.ContentHash) != hashSize {
		return ErrInvalidContent.Wrapf("content_hash has %d bytes, must be %d", len(c.ContentHash), hashSize)
	}
	if len(c.Uri) > maxModelURI || !consistsOf(c.Uri, isGraphic) {
		return ErrInvalidContent.Wrapf("uri has %d characters, at most %d printable ones are allowed", len(c.Uri), maxModelURI)
	}
	if len(c.DataHashes) > MaxDataHashes || len(c.Metrics) > MaxMetrics {
		return ErrInvalidContent.Wrapf("%d data hashes and %d metrics, at most %d and %d", len(c.DataHashes), len(c.Metrics), MaxDataHashes, MaxMetrics)
	}
	for i, hash := range c.DataHashes {
		if len(hash) != hashSize {
			return ErrInvalidContent.Wrapf("data_hashes[%d] has %d bytes, must be %d", i, len(hash), hashSize)
		}
	}
	for i, m := range c.Metrics {
		if m.Name == "" || len(m.Name) > maxClassName || !consistsOf(m.Name, isClassChar) {
			return ErrInvalidContent.Wrapf("metrics[%d]: name %.64q", i, m.Name)
		}
		if len(m.Value) > maxMetricValue || !utf8.ValidString(m.Value) || !consistsOf(m.Value, isGraphic) {
			return ErrInvalidContent.Wrapf("metrics[%d]: value has %d characters, at most %d printable ones are allowed", i, len(m.Value), maxMetricValue)
		}
		for _, other := range c.Metrics[:i] {
			if other.Name == m.Name {
				return ErrInvalidContent.Wrapf("metric %q is given twice", m.Name)
			}
		}
	}
	return nil
}

func isGraphic(c byte) bool { return c > ' ' && c <= '~' }

// Released reports whether every signer of the version has signed it.
func (v ModelVersion) Released() bool {
	return v.Signed == 1<<len(v.Signers)-1
}

// Ref names the version.
func (v ModelVersion) Ref() VersionRef { return VersionRef{Model: v.Model, Version: v.Version} }

// validateParents checks the number and the order of parents against the kind.
func (v ModelVersion) validateParents() error {
	n := len(v.Parents)
	var ok bool
	switch v.Kind {
	case VersionInitial:
		ok = n == 0 && v.Version == 1
	case VersionFork:
		ok = n == 1 && v.Version == 1
	case VersionNext:
		ok = n == 1 && v.Parents[0] == VersionRef{Model: v.Model, Version: v.Version - 1}
	case VersionRollback:
		ok = n == 1 && v.Parents[0].Model == v.Model && v.Parents[0].Version < v.Version
	case VersionMerge:
		ok = n >= 2 && n <= MaxParents
	case VersionUnspecified:
	}
	if !ok {
		return ErrInvalidLineage.Wrapf("version %d of model %d is %s with %d parents", v.Version, v.Model, v.Kind, n)
	}
	return nil
}

// modelBook checks the models of a genesis: numbers without a gap, parents
// that are there, and depths that grow along every edge, so that no version
// descends from itself.
type modelBook struct {
	versions map[VersionRef]ModelVersion
	counts   map[uint64]uint32
}

// ValidateModels checks models and versions alone.
func (g GenesisState) ValidateModels() error {
	book := modelBook{versions: make(map[VersionRef]ModelVersion, len(g.ModelVersions)), counts: make(map[uint64]uint32, len(g.Models))}
	for _, v := range g.ModelVersions {
		book.versions[v.Ref()] = v
		book.counts[v.Model]++
	}
	if len(book.versions) != len(g.ModelVersions) {
		return ErrInvalidGenesis.Wrap("a version of a model is there twice")
	}
	total := 0
	for i, m := range g.Models {
		if m.Id != uint64(i)+1 || m.Versions == 0 || m.Versions != book.counts[m.Id] {
			return ErrInvalidGenesis.Wrapf("models[%d] is %d with %d versions, %d of them are there", i, m.Id, m.Versions, book.counts[m.Id])
		}
		if err := ValidateModel(m.Name, m.RoyaltyBps, len(m.Signers)); err != nil {
			return ErrInvalidGenesis.Wrapf("model %d: %s", m.Id, err)
		}
		total += int(m.Versions)
	}
	if total != len(g.ModelVersions) {
		return ErrInvalidGenesis.Wrapf("%d versions belong to models that are not there", len(g.ModelVersions)-total)
	}
	for _, v := range g.ModelVersions {
		if err := book.check(v, g.Tick); err != nil {
			return ErrInvalidGenesis.Wrapf("model %d version %d: %s", v.Model, v.Version, err)
		}
	}
	return nil
}

func (b modelBook) check(v ModelVersion, tick uint64) error {
	if v.Version == 0 || v.Version > b.counts[v.Model] || v.Published > tick {
		return ErrVersionNotFound.Wrapf("of %d, published at %d of %d", b.counts[v.Model], v.Published, tick)
	}
	if err := v.Content.Validate(); err != nil {
		return err
	}
	if len(v.Signers) > MaxSigners || v.Signed >= 1<<len(v.Signers) {
		return ErrNotSigner.Wrapf("%d signers, signed %x", len(v.Signers), v.Signed)
	}
	if err := v.validateParents(); err != nil {
		return err
	}
	var depth uint32
	for _, ref := range v.Parents {
		parent, ok := b.versions[ref]
		if !ok {
			return ErrInvalidLineage.Wrapf("parent %d version %d is not there", ref.Model, ref.Version)
		}
		depth = max(depth, parent.Depth+1)
	}
	if v.Depth != depth || depth > MaxDepth {
		return ErrInvalidLineage.Wrapf("depth is %d, must be %d and at most %d", v.Depth, depth, MaxDepth)
	}
	return nil
}
