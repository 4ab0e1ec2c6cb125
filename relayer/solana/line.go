// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"time"

	solanago "github.com/gagliardetto/solana-go"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// maxPayers bounds the fee payers whose member parts are kept. The payer that
// has sent none for longest is forgotten first.
const maxPayers = 4096

// Anchor is all that a reader believes: where the line starts.
type Anchor struct {
	// ChainID of the Cupel chain.
	ChainID string
	// Nonce and Root of the last header before the line; 0 and no root for the
	// line from its start.
	Nonce uint64
	Root  checkpoint.Hash
	// Set signs the header that follows.
	Set checkpoint.Set
	// MaxSetAge is the age from which a set signs nothing any more; 0 sets no
	// limit.
	MaxSetAge time.Duration
}

// Recorded is a header of the line with the transactions that proved it.
type Recorded struct {
	mirror.Entry
	// Slot of the transaction that completed it.
	Slot uint64
	// Transactions that carried its signatures or its members, oldest first.
	Transactions []solanago.Signature
}

// pending is a header that has fewer signatures than its threshold, or whose
// next set is not known yet.
type pending struct {
	header checkpoint.Header
	signed []checkpoint.Signed
	power  uint64
	txs    []solanago.Signature
}

// collection is the parts of a set that one fee payer sent.
type collection struct {
	nextSet checkpoint.Hash
	data    [][]byte
	txs     []solanago.Signature
	// set is known once all parts are there.
	set *checkpoint.Set
	// touched orders collections by their newest part.
	touched uint64
}

// line is the headers that follow from an anchor and from records in order.
type line struct {
	domain    checkpoint.Domain
	nonce     uint64
	root      checkpoint.Hash
	set       checkpoint.Set
	maxSetAge time.Duration

	headers  []Recorded
	open     map[checkpoint.Hash]pending
	parts    map[solanago.PublicKey]collection
	rejected map[Reason]uint64
	records  uint64
}

func newLine(anchor Anchor) (*line, error) {
	domain := checkpoint.NewDomain(anchor.ChainID)
	root := anchor.Root
	if anchor.Nonce == 0 && root.IsZero() {
		root = domain.GenesisRoot()
	}
	switch {
	case anchor.ChainID == "":
		return nil, fmt.Errorf("anchor: the chain id is empty")
	case root.IsZero():
		return nil, fmt.Errorf("anchor: nonce %d has no root", anchor.Nonce)
	case anchor.MaxSetAge < 0:
		return nil, fmt.Errorf("anchor: max set age %s is below zero", anchor.MaxSetAge)
	}
	if err := anchor.Set.Validate(); err != nil {
		return nil, fmt.Errorf("anchor: set: %w", err)
	}
	return &line{
		domain: domain, nonce: anchor.Nonce, root: root, set: anchor.Set, maxSetAge: anchor.MaxSetAge,
		open: map[checkpoint.Hash]pending{}, parts: map[solanago.PublicKey]collection{}, rejected: map[Reason]uint64{},
	}, nil
}

// clone returns a line that grows apart from this one.
func (l *line) clone() *line {
	out := *l
	out.headers = slices.Clip(l.headers)
	out.open, out.parts, out.rejected = maps.Clone(l.open), maps.Clone(l.parts), maps.Clone(l.rejected)
	return &out
}

// apply takes the next record in the order of the ledger. The error is a
// rejection, which is also counted.
func (l *line) apply(r record, slot uint64, made time.Time) error {
	var err error
	if r.memo.Kind == Members {
		err = l.applyPart(r)
	} else {
		err = l.applySigned(r, made)
	}
	if err != nil {
		l.refuse(err)
		return err
	}
	l.records++
	l.seal(slot)
	return nil
}

func (l *line) refuse(err error) { l.rejected[reasonOf(err)]++ }

// stale reports whether the set signs nothing any more at a time.
func (l *line) stale(at time.Time) bool {
	return l.maxSetAge > 0 && at.After(time.Unix(int64(l.set.Time), 0).Add(l.maxSetAge))
}

func (l *line) applySigned(r record, made time.Time) error {
	switch {
	case r.memo.Nonce <= l.nonce:
		return reject(ReasonDuplicate, fmt.Sprintf("nonce %d is recorded", r.memo.Nonce))
	case r.memo.Nonce > l.nonce+1:
		return reject(ReasonOrder, fmt.Sprintf("nonce %d does not follow %d", r.memo.Nonce, l.nonce))
	case l.stale(made):
		return reject(ReasonStale, fmt.Sprintf("set %d was older than %s", l.set.ID, l.maxSetAge))
	}
	header := r.memo.header(l.root, l.set.Hash())
	if err := header.Validate(); err != nil {
		return reject(ReasonForged, err.Error())
	}
	if string(l.domain.Message(header)) != string(r.message) {
		return reject(ReasonForged, "the signed message is another header's")
	}
	digest := l.domain.Digest(header)
	if err := l.checkSigners(r, digest); err != nil {
		return err
	}
	p := l.open[digest]
	p.header = header
	before := len(p.signed)
	p.signed, p.txs = slices.Clone(p.signed), append(slices.Clone(p.txs), r.id)
	for _, s := range r.signed {
		if !slices.ContainsFunc(p.signed, func(have checkpoint.Signed) bool { return have.Address == s.Address }) {
			p.signed = append(p.signed, s)
			p.power += l.set.Power(s.Address)
		}
	}
	if len(p.signed) == before {
		return reject(ReasonDuplicate, "no signer is new")
	}
	l.open[digest] = p
	return nil
}

// checkSigners recovers every signature again: the runtime accepts malleable
// ones, and an endpoint may report what no runtime checked.
func (l *line) checkSigners(r record, digest checkpoint.Hash) error {
	var power uint64
	seen := make(map[checkpoint.Address]bool, len(r.signed))
	for _, s := range r.signed {
		signer, err := s.Signature.Recover(digest)
		if err != nil {
			return reject(ReasonSignature, err.Error())
		}
		own := l.set.Power(signer)
		switch {
		case signer != s.Address:
			return reject(ReasonSignature, fmt.Sprintf("signature of %s is by %s", s.Address, signer))
		case own == 0 || seen[signer]:
			return reject(ReasonSigner, fmt.Sprintf("%s is not in set %d or signed twice", signer, l.set.ID))
		}
		seen[signer] = true
		power += own
	}
	if power != r.memo.Power {
		return reject(ReasonPower, fmt.Sprintf("memo says power %d, the signers have %d", r.memo.Power, power))
	}
	return nil
}

func (l *line) applyPart(r record) error {
	c := l.parts[r.payer]
	if c.nextSet != r.memo.NextSet || len(c.data) != r.memo.Parts {
		c = collection{nextSet: r.memo.NextSet, data: make([][]byte, r.memo.Parts)}
	}
	if c.data[r.memo.Part-1] != nil {
		return reject(ReasonDuplicate, fmt.Sprintf("part %d is there", r.memo.Part))
	}
	c.data, c.txs = slices.Clone(c.data), append(slices.Clone(c.txs), r.id)
	c.data[r.memo.Part-1] = r.memo.Data
	c.touched = l.records
	if !slices.ContainsFunc(c.data, func(part []byte) bool { return part == nil }) {
		set, err := joinSet(slices.Concat(c.data...))
		if err != nil || set.Hash() != c.nextSet {
			delete(l.parts, r.payer)
			return reject(ReasonMembers, fmt.Sprintf("the parts are not set %s", c.nextSet))
		}
		c.set = &set
	}
	if _, known := l.parts[r.payer]; !known && len(l.parts) >= maxPayers {
		l.forgetOldest()
	}
	l.parts[r.payer] = c
	return nil
}

func (l *line) forgetOldest() {
	var oldest solanago.PublicKey
	first := true
	for payer, c := range l.parts {
		if first || c.touched < l.parts[oldest].touched {
			oldest, first = payer, false
		}
	}
	delete(l.parts, oldest)
}

// next returns the collection that proves a set, the earliest if there are more.
func (l *line) next(hash checkpoint.Hash) (found collection, known bool) {
	for _, c := range l.parts {
		if c.set != nil && c.nextSet == hash && (!known || c.touched < found.touched) {
			found, known = c, true
		}
	}
	return found, known
}

func compareHashes(a, b checkpoint.Hash) int { return bytes.Compare(a[:], b[:]) }

// seal appends the header that has its threshold, and its next set if it names
// one. The order of members and signatures does not matter.
func (l *line) seal(slot uint64) {
	for _, digest := range slices.SortedFunc(maps.Keys(l.open), compareHashes) {
		p := l.open[digest]
		if p.power < l.set.Threshold() {
			continue
		}
		out := Recorded{
			Entry: mirror.Entry{Header: p.header, Set: l.set, Signatures: l.set.Quorum(p.signed)},
			Slot:  slot, Transactions: p.txs,
		}
		if p.header.IsSetChange() {
			c, known := l.next(p.header.NextSet)
			if !known {
				continue
			}
			out.Next, out.Transactions = c.set, slices.Concat(c.txs, p.txs)
			l.set, l.parts = *c.set, map[solanago.PublicKey]collection{}
		}
		l.nonce, l.root = p.header.Nonce, p.header.Root
		l.headers = append(l.headers, out)
		l.open = map[checkpoint.Hash]pending{}
		return
	}
}
