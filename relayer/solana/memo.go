// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// Kind is what a record says.
type Kind byte

// The kinds of records, see x/oracle/adr/002-checkpoints.md.
const (
	Checkpoint Kind = 'c'
	SetChange  Kind = 's'
	Members    Kind = 'm'
)

const memoPrefix = "cupel1:"

// setHead is the size of a set's id and time, before its packed members.
const setHead = 16

// Memo is the text of a record. What it leaves out follows from the record
// before.
type Memo struct {
	Kind Kind
	// Nonce and Height are those of the header; not of Members.
	Nonce, Height uint64
	// LeafCount and Root are a Checkpoint's.
	LeafCount uint32
	Root      checkpoint.Hash
	// NextSet is the hash of the set that SetChange and Members are about.
	NextSet checkpoint.Hash
	// Power is the sum of the powers of the transaction's signers; not of
	// Members.
	Power uint64
	// Part of Parts, from 1, and its Data are those of Members.
	Part, Parts int
	Data        []byte
}

// String returns the memo's text: ASCII, at most 118 bytes unless it carries
// members.
func (m Memo) String() string {
	switch m.Kind {
	case Checkpoint:
		return fmt.Sprintf("%sc:%d:%d:%d:%s:%d", memoPrefix, m.Nonce, m.Height, m.LeafCount, base64url(m.Root[:]), m.Power)
	case SetChange:
		return fmt.Sprintf("%ss:%d:%d:%s:%d", memoPrefix, m.Nonce, m.Height, base64url(m.NextSet[:]), m.Power)
	case Members:
		return fmt.Sprintf("%sm:%s:%d/%d:%s", memoPrefix, base64url(m.NextSet[:]), m.Part, m.Parts, base64url(m.Data))
	}
	return ""
}

// ParseMemo reads a memo. Every memo has one text: another spelling of the same
// values is an error.
func ParseMemo(text string) (Memo, error) {
	rest, ok := strings.CutPrefix(text, memoPrefix)
	if !ok {
		return Memo{}, fmt.Errorf("memo does not start with %q", memoPrefix)
	}
	fields := strings.Split(rest, ":")
	var r fieldReader
	var m Memo
	switch {
	case fields[0] == "c" && len(fields) == 6:
		m = Memo{
			Kind: Checkpoint, Nonce: r.number(fields[1], 64), Height: r.number(fields[2], 64),
			LeafCount: uint32(r.number(fields[3], 32)), Root: r.hash(fields[4]), Power: r.number(fields[5], 64),
		}
	case fields[0] == "s" && len(fields) == 5:
		m = Memo{
			Kind: SetChange, Nonce: r.number(fields[1], 64), Height: r.number(fields[2], 64),
			NextSet: r.hash(fields[3]), Power: r.number(fields[4], 64),
		}
	case fields[0] == "m" && len(fields) == 4:
		part, parts, _ := strings.Cut(fields[2], "/")
		m = Memo{
			Kind: Members, NextSet: r.hash(fields[1]), Part: int(r.number(part, 16)), Parts: int(r.number(parts, 16)),
			Data: r.bytes(fields[3]),
		}
		if m.Part < 1 || m.Part > m.Parts || m.Parts > maxParts || len(m.Data) == 0 {
			return Memo{}, fmt.Errorf("part %d of %d with %d bytes", m.Part, m.Parts, len(m.Data))
		}
	default:
		return Memo{}, errors.New("memo has an unknown kind or number of fields")
	}
	if r.err == nil && m.String() != text {
		r.err = errors.New("memo is not in its canonical form")
	}
	return m, r.err
}

// fieldReader reads fields and keeps the first error.
type fieldReader struct{ err error }

func (r *fieldReader) number(text string, bits int) uint64 {
	n, err := strconv.ParseUint(text, 10, bits)
	r.keep(err)
	return n
}

func (r *fieldReader) bytes(text string) []byte {
	out, err := base64.RawURLEncoding.Strict().DecodeString(text)
	r.keep(err)
	return out
}

func (r *fieldReader) hash(text string) checkpoint.Hash {
	out, err := checkpoint.ToHash(r.bytes(text))
	r.keep(err)
	return out
}

func (r *fieldReader) keep(err error) {
	if r.err == nil {
		r.err = err
	}
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// header returns the header that a memo of a checkpoint or set change makes
// after the given nonce, root and set.
func (m Memo) header(root, set checkpoint.Hash) checkpoint.Header {
	h := checkpoint.Header{
		Nonce: m.Nonce, Height: m.Height, Root: m.Root, PrevRoot: root,
		LeafCount: m.LeafCount, Set: set, NextSet: set,
	}
	if m.Kind == SetChange {
		h.Root, h.NextSet = root, m.NextSet
	}
	return h
}

// headerMemo returns the memo of a header signed with some power.
func headerMemo(h checkpoint.Header, power uint64) Memo {
	if h.IsSetChange() {
		return Memo{Kind: SetChange, Nonce: h.Nonce, Height: h.Height, NextSet: h.NextSet, Power: power}
	}
	return Memo{Kind: Checkpoint, Nonce: h.Nonce, Height: h.Height, LeafCount: h.LeafCount, Root: h.Root, Power: power}
}

// memberMemos returns the memos that carry a set: its id, time and packed
// members, cut into parts that fit a transaction.
func memberMemos(set checkpoint.Set) []Memo {
	data := binary.BigEndian.AppendUint64(nil, set.ID)
	data = binary.BigEndian.AppendUint64(data, set.Time)
	data = append(data, set.Packed()...)
	parts := (len(data) + partSize - 1) / partSize
	out := make([]Memo, parts)
	for i := range out {
		out[i] = Memo{
			Kind: Members, NextSet: set.Hash(), Part: i + 1, Parts: parts,
			Data: data[i*partSize : min((i+1)*partSize, len(data))],
		}
	}
	return out
}

// joinSet reads a set from the data of all of its parts.
func joinSet(data []byte) (checkpoint.Set, error) {
	if len(data) < setHead {
		return checkpoint.Set{}, fmt.Errorf("a set has at least %d bytes, got %d", setHead, len(data))
	}
	members, err := checkpoint.UnpackMembers(data[setHead:])
	if err != nil {
		return checkpoint.Set{}, err
	}
	set := checkpoint.Set{ID: binary.BigEndian.Uint64(data), Time: binary.BigEndian.Uint64(data[8:]), Members: members}
	return set, set.Validate()
}
