// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	solanago "github.com/gagliardetto/solana-go"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// steps is what an entry still lacks on the ledger: member parts, or else
// signatures.
type steps struct {
	members []Memo
	signed  []checkpoint.Signed
}

func (s steps) empty() bool { return len(s.members)+len(s.signed) == 0 }

// plan returns what is neither recorded, by whomever, nor in flight. Signatures
// of a set change wait until its members are recorded.
func plan(chain *Chain, entry mirror.Entry, flying []flight, payer solanago.PublicKey) steps {
	if entry.Next != nil {
		if _, known := chain.line.next(entry.Header.NextSet); !known {
			return steps{members: missingMembers(chain, *entry.Next, flying, payer)}
		}
	}
	return steps{signed: missingSignatures(chain, entry, flying)}
}

func missingMembers(chain *Chain, next checkpoint.Set, flying []flight, payer solanago.PublicKey) []Memo {
	have := chain.line.parts[payer]
	return slices.DeleteFunc(memberMemos(next), func(m Memo) bool {
		if have.nextSet == m.NextSet && len(have.data) == m.Parts && have.data[m.Part-1] != nil {
			return true
		}
		return slices.ContainsFunc(flying, func(f flight) bool { return f.record.memo.String() == m.String() })
	})
}

// missingSignatures returns the fewest signatures that reach the threshold
// together with those that are recorded or in flight.
func missingSignatures(chain *Chain, entry mirror.Entry, flying []flight) []checkpoint.Signed {
	set := entry.Set
	covered := map[checkpoint.Address]bool{}
	for _, s := range chain.line.open[chain.line.domain.Digest(entry.Header)].signed {
		covered[s.Address] = true
	}
	for _, f := range flying {
		for _, s := range f.record.signed {
			covered[s.Address] = true
		}
	}
	var power uint64
	for address := range covered {
		power += set.Power(address)
	}
	heaviest := slices.DeleteFunc(slices.Clone(entry.Signatures), func(s checkpoint.Signed) bool { return covered[s.Address] })
	slices.SortStableFunc(heaviest, func(a, b checkpoint.Signed) int { return cmp.Compare(set.Power(b.Address), set.Power(a.Address)) })
	var out []checkpoint.Signed
	for _, s := range heaviest {
		if power >= set.Threshold() {
			break
		}
		out = append(out, s)
		power += set.Power(s.Address)
	}
	slices.SortFunc(out, func(a, b checkpoint.Signed) int { return bytes.Compare(a.Address[:], b.Address[:]) })
	return out
}

// pack makes unsigned transactions of steps, as full as they can be.
func (t *Target) pack(s steps, blockhash solanago.Hash, entry mirror.Entry) ([]*solanago.Transaction, error) {
	var out []*solanago.Transaction
	budget := Budget{UnitPrice: t.cfg.UnitPrice}
	for _, memo := range s.members {
		tx, err := newRecord(t.signer.Address(), t.lookup, blockhash, budget, memo, nil, nil)
		if err != nil {
			return nil, err
		}
		out = append(out, tx)
	}
	message := t.domain.Message(entry.Header)
	for rest := s.signed; len(rest) > 0; {
		tx, taken, err := packSigned(t.signer.Address(), t.lookup, blockhash, budget, entry, message, rest)
		if err != nil {
			return nil, err
		}
		out, rest = append(out, tx), rest[taken:]
	}
	return out, nil
}

// packSigned makes one transaction with as many of the signatures as fit.
func packSigned(payer, lookup solanago.PublicKey, blockhash solanago.Hash, budget Budget, entry mirror.Entry, message []byte, signed []checkpoint.Signed) (*solanago.Transaction, int, error) {
	for n := min(maxSignatures, len(signed)); n > 0; n-- {
		var power uint64
		for _, s := range signed[:n] {
			power += entry.Set.Power(s.Address)
		}
		tx, err := newRecord(payer, lookup, blockhash, budget, headerMemo(entry.Header, power), message, signed[:n])
		if err != nil {
			return nil, 0, err
		}
		raw, err := tx.MarshalBinary()
		if err != nil {
			return nil, 0, err
		}
		if len(raw) <= packetSize {
			return tx, n, nil
		}
	}
	return nil, 0, fmt.Errorf("nonce %d: not one signature fits %d bytes", entry.Header.Nonce, packetSize)
}
