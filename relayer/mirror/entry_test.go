// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

func key(n byte) *secp256k1.PrivateKey { return secp256k1.PrivKeyFromBytes([]byte{n}) }

func member(n byte, power uint64) checkpoint.Member {
	return checkpoint.Member{Address: checkpoint.KeyAddress(key(n).PubKey()), Power: power}
}

// oneMember is a set of one attestor, so that its members are in order.
func oneMember(id uint64, n byte) checkpoint.Set {
	return checkpoint.Set{ID: id, Time: 1_700_000_000, Members: []checkpoint.Member{member(n, 1)}}
}

func sealed(domain checkpoint.Domain, h checkpoint.Header, set checkpoint.Set, next *checkpoint.Set, signer byte) Entry {
	h.Set, h.NextSet = set.Hash(), set.Hash()
	if next != nil {
		h.NextSet = next.Hash()
	}
	signature := checkpoint.Sign(key(signer), domain.Digest(h))
	return Entry{Header: h, Set: set, Next: next, Signatures: []checkpoint.Signed{{Address: member(signer, 1).Address, Signature: signature}}}
}

func TestVerify(t *testing.T) {
	domain := checkpoint.NewDomain("cupel-1")
	set, next := oneMember(1, 1), oneMember(2, 2)
	header := checkpoint.Header{Nonce: 1, Height: 60, Root: checkpoint.Keccak256([]byte("root")), PrevRoot: domain.GenesisRoot(), LeafCount: 1}
	change := header
	change.Root, change.LeafCount = header.PrevRoot, 0
	require.NoError(t, sealed(domain, header, set, nil, 1).Verify(domain))
	require.NoError(t, sealed(domain, change, set, &next, 1).Verify(domain))

	other := oneMember(3, 3)
	for name, entry := range map[string]Entry{
		"zero":                {},
		"signed by another":   sealed(domain, header, set, nil, 2),
		"another chain":       sealed(checkpoint.NewDomain("cupel-2"), header, set, nil, 1),
		"another set":         func() Entry { e := sealed(domain, header, set, nil, 1); e.Set = next; return e }(),
		"another header":      func() Entry { e := sealed(domain, header, set, nil, 1); e.Header.Height++; return e }(),
		"no signature":        func() Entry { e := sealed(domain, header, set, nil, 1); e.Signatures = nil; return e }(),
		"a set too many":      func() Entry { e := sealed(domain, header, set, nil, 1); e.Next = &next; return e }(),
		"a set too few":       func() Entry { e := sealed(domain, change, set, &next, 1); e.Next = nil; return e }(),
		"another next set":    func() Entry { e := sealed(domain, change, set, &next, 1); e.Next = &other; return e }(),
		"an invalid next set": func() Entry { e := sealed(domain, change, set, &next, 1); e.Next = &checkpoint.Set{}; return e }(),
	} {
		t.Run(name, func(t *testing.T) { require.ErrorIs(t, entry.Verify(domain), ErrForged) })
	}
}
