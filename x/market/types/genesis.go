// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"cmp"
	"crypto/sha256"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// DefaultGenesis returns the state of a new chain.
func DefaultGenesis() *GenesisState {
	return &GenesisState{
		Params:      []ParamsVersion{{Version: 1, Params: DefaultParams()}},
		NextBatch:   1,
		NextSession: 1,
		NextVerdict: 1,
	}
}

// ManifestHash returns the key of an inline manifest.
func ManifestHash(manifest []byte) []byte {
	sum := sha256.Sum256(manifest)
	return sum[:]
}

// Validate checks that the state is well formed and refers to itself only.
// That the coins are there is checked when it is loaded.
func (g GenesisState) Validate() error {
	for _, check := range []func() error{g.validateParams, g.validateBatches, g.validateLots, g.validateCases, g.validateSessions, g.validateCommittees, g.validateQueues, g.validateMoney, g.validateLeaves, g.validateEarnings} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (g GenesisState) validateParams() error {
	if len(g.Params) == 0 {
		return ErrInvalidParams.Wrap("genesis has no version of the params")
	}
	for i, p := range g.Params {
		if p.Version != uint32(i)+1 {
			return ErrInvalidParams.Wrapf("versions must be 1, 2, 3 …; entry %d is %d", i, p.Version)
		}
		if err := p.Params.Validate(); err != nil {
			return errorsmod.Wrapf(err, "version %d", p.Version)
		}
	}
	if g.Params[len(g.Params)-1].Ended {
		return ErrInvalidParams.Wrap("the current version is ended")
	}
	if g.NextBatch == 0 || g.NextBatch > MaxBatchID {
		return ErrInvariant.Wrapf("next_batch %d is not in 1..%d", g.NextBatch, uint64(MaxBatchID))
	}
	return nil
}

func (g GenesisState) validateBatches() error {
	var last uint64
	for _, r := range g.Batches {
		b, t := r.Batch, r.Tally
		switch {
		case b.Id <= last || b.Id >= g.NextBatch:
			return ErrInvariant.Wrapf("batch ids must ascend below %d; %d follows %d", g.NextBatch, b.Id, last)
		case b.ParamsVersion == 0 || int(b.ParamsVersion) > len(g.Params):
			return ErrUnknownVersion.Wrapf("batch %d: %d", b.Id, b.ParamsVersion)
		case b.Count == 0 || b.Count > MaxBatchTasks || b.LotSize == 0 || b.LotSize > MaxLotTasks || b.Replicas == 0:
			return ErrInvariant.Wrapf("batch %d has %d tasks, lots of %d, %d replicas", b.Id, b.Count, b.LotSize, b.Replicas)
		case t.NextLot > b.Lots() || t.OpenLots > b.Lots():
			return ErrInvariant.Wrapf("batch %d has %d lots, tally says %d and %d", b.Id, b.Lots(), t.NextLot, t.OpenLots)
		case len(b.Requester) == 0 || len(b.Manifest) != HashSize:
			return ErrInvariant.Wrapf("batch %d has no requester or no manifest", b.Id)
		case t.Escrow+t.Paid+t.Treasury+t.Pooled+t.Burned+t.Refunded+t.Royalties != t.Escrowed:
			return ErrInvariant.Wrapf("batch %d does not account for its escrow", b.Id)
		}
		if err := sdk.ValidateDenom(b.Denom); err != nil {
			return ErrInvalidDenom.Wrapf("batch %d: %s", b.Id, err)
		}
		if err := b.validateProofBatch(); err != nil {
			return err
		}
		last = b.Id
	}
	return nil
}

// batch finds a batch by bisection; ids ascend.
func (g GenesisState) batch(id uint64) (Batch, bool) {
	low, high := 0, len(g.Batches)
	for low < high {
		if mid := (low + high) / 2; g.Batches[mid].Batch.Id < id {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(g.Batches) && g.Batches[low].Batch.Id == id {
		return g.Batches[low].Batch, true
	}
	return Batch{}, false
}

func (g GenesisState) validateLots() error {
	var lastBatch uint64
	lastLot := -1
	for _, r := range g.Lots {
		b, ok := g.batch(r.Batch)
		if !ok || r.Lot >= b.Lots() {
			return ErrLotNotFound.Wrapf("batch %d lot %d has no batch", r.Batch, r.Lot)
		}
		if r.Batch < lastBatch || (r.Batch == lastBatch && int(r.Lot) <= lastLot) {
			return ErrInvariant.Wrapf("batch %d lot %d is listed twice or out of order", r.Batch, r.Lot)
		}
		lastBatch, lastLot = r.Batch, int(r.Lot)
		if err := r.Value.validate(b, r.Lot); err != nil {
			return errorsmod.Wrapf(err, "batch %d lot %d", r.Batch, r.Lot)
		}
	}
	return nil
}

func (l Lot) validate(b Batch, lot uint32) error {
	_, count := b.LotTasks(lot)
	if l.State < TaskAssigned || l.State > TaskExpired {
		return ErrInvariant.Wrapf("state %d", l.State)
	}
	for _, v := range l.Vectors {
		if len(v.Results) != int(count) {
			return ErrInvariant.Wrapf("an answer has %d results for %d tasks", len(v.Results), count)
		}
	}
	for _, s := range l.Seats {
		if s.Provider == 0 || !s.Phase.known() || int(s.Vector) > len(l.Vectors) {
			return ErrInvariant.Wrapf("seat of provider %d is %s with answer %d of %d", s.Provider, s.Phase, s.Vector, len(l.Vectors))
		}
		if (s.Phase == SeatRevealed) != (s.Vector > 0) {
			return ErrInvariant.Wrapf("seat of provider %d is %s", s.Provider, s.Phase)
		}
		awaited := l.State == TaskAgreed || l.State == TaskCommitted
		if awaited && s.Phase == SeatRevealed && len(s.Proofs) != int(count)*HashSize {
			return ErrInvariant.Wrapf("seat of provider %d has %d bytes of run proofs", s.Provider, len(s.Proofs))
		}
	}
	return nil
}

func (g GenesisState) validateCases() error {
	var last uint64
	for _, c := range g.Cases {
		batch, index := SplitTaskID(c.Task)
		b, ok := g.batch(batch)
		if !ok || index >= b.Count {
			return ErrCaseNotFound.Wrapf("case of task %d has no batch", c.Task)
		}
		if c.Task <= last {
			return ErrInvariant.Wrapf("case of task %d is listed twice or out of order", c.Task)
		}
		last = c.Task
		if !c.Kind.known() || c.Phase < CasePhaseDraw || c.Phase > CasePhaseVote || len(c.Seats) == 0 {
			return ErrInvariant.Wrapf("case of task %d is %s in %s with %d seats", c.Task, c.Kind, c.Phase, len(c.Seats))
		}
		if !c.Weighted() {
			return ErrInvariant.Wrapf("case of task %d is %s: a seat was drawn more often than it can have been", c.Task, c.Kind)
		}
		for i, s := range c.Seats {
			if s.Provider == 0 || !s.Phase.known() || c.Seat(s.Provider) != &c.Seats[i] {
				return ErrInvariant.Wrapf("case of task %d has no such seat %d: provider %d, %s", c.Task, i, s.Provider, s.Phase)
			}
		}
	}
	return nil
}

// known reports whether a seat can be in the phase.
func (p SeatPhase) known() bool { return p >= SeatAssigned && p <= SeatLate }

func (g GenesisState) validateStep(s Step) error {
	if s.Kind == StepSession {
		return g.validateSessionStep(s)
	}
	if s.Kind == StepVerdict {
		return g.validateCommitteeStep(s)
	}
	b, ok := g.batch(s.Batch)
	if !ok || s.Kind < StepLot || s.Kind > StepPrune || s.Sub >= b.Count {
		return ErrInvalidStep.Wrapf("%s of batch %d sub %d", s.Kind, s.Batch, s.Sub)
	}
	return nil
}

func (g GenesisState) validateQueues() error {
	for _, q := range g.Queue {
		if err := g.validateStep(q.Step); err != nil {
			return err
		}
	}
	for _, f := range g.Failed {
		if err := g.validateStep(f.Step); err != nil {
			return err
		}
	}
	for _, r := range g.Ready {
		if b, ok := g.batch(r.Batch); !ok || b.Class != r.Class {
			return ErrInvalidStep.Wrapf("batch %d is ready in class %d", r.Batch, r.Class)
		}
	}
	return nil
}

// validateMoney checks the lists that are in the order of their keys, so that
// nothing is listed twice.
func (g GenesisState) validateMoney() error {
	var hash []byte
	for i, s := range g.Specs {
		before := hash
		hash = ManifestHash(s.Manifest)
		if len(s.Manifest) == 0 || len(s.Manifest) > MaxInlineManifest || s.References == 0 || bytes.Compare(before, hash) >= 0 {
			return ErrInvalidManifest.Wrapf("specs[%d] has %d bytes and %d references, or is out of order", i, len(s.Manifest), s.References)
		}
	}
	for i, c := range g.Claimables {
		if len(c.Account) == 0 || c.Amount == 0 || sdk.ValidateDenom(c.Denom) != nil {
			return ErrInvariant.Wrapf("claimables[%d] is not valid", i)
		}
		if i > 0 && compareClaims(g.Claimables[i-1], c) >= 0 {
			return ErrInvariant.Wrapf("claimables[%d] is listed twice or out of order", i)
		}
	}
	for i, p := range g.Pools {
		if sdk.ValidateDenom(p.Denom) != nil || (i > 0 && g.Pools[i-1].Denom >= p.Denom) {
			return ErrInvalidDenom.Wrapf("pools[%d]: %q is not a denom, listed twice or out of order", i, p.Denom)
		}
	}
	return nil
}

// compareClaims orders claims as their keys: accounts by length, then bytes.
func compareClaims(a, b Claimable) int {
	return cmp.Or(cmp.Compare(len(a.Account), len(b.Account)), bytes.Compare(a.Account, b.Account), cmp.Compare(a.Denom, b.Denom))
}

func (g GenesisState) validateLeaves() error {
	for i, l := range g.Leaves {
		if l.Task == 0 || len(l.Hash) != HashSize {
			return ErrInvariant.Wrapf("leaves[%d] of task %d has %d bytes", i, l.Task, len(l.Hash))
		}
		if i > 0 && cmp.Or(cmp.Compare(g.Leaves[i-1].Task, l.Task), bytes.Compare(g.Leaves[i-1].Hash, l.Hash)) >= 0 {
			return ErrInvariant.Wrapf("leaves[%d] is listed twice or out of order", i)
		}
	}
	return nil
}
