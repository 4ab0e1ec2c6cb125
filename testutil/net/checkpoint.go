// SPDX-License-Identifier: Apache-2.0

package net

import (
	"context"
	"fmt"
	"slices"
)

// Line is how far the headers are.
type Line struct {
	LastNonce   uint64 `json:"last_nonce,string"`
	SealedNonce uint64 `json:"sealed_nonce,string"`
	SetID       uint64 `json:"set_id,string"`
	Leaves      uint64 `json:"leaves,string"`
	Covered     uint64 `json:"covered,string"`
}

// Line returns how far the headers are.
func (n *Network) Line(ctx context.Context) (Line, error) {
	var res struct{ Line Line }
	err := n.Query(ctx, 0, "/cupel/oracle/v1/line", &res)
	return res.Line, err
}

// WaitSet returns once new headers are signed by the set with an id.
func (n *Network) WaitSet(ctx context.Context, id uint64) error {
	return n.waitLine(ctx, func(l Line) bool { return l.SetID >= id })
}

// WaitCovered returns once every leaf so far is in a checkpoint, with the
// nonce of the newest header.
func (n *Network) WaitCovered(ctx context.Context, leaves uint64) (uint64, error) {
	var at Line
	err := n.waitLine(ctx, func(l Line) bool { at = l; return l.Covered >= leaves })
	return at.LastNonce, err
}

// WaitSealed returns once every header up to a nonce is sealed.
func (n *Network) WaitSealed(ctx context.Context, nonce uint64) error {
	return n.waitLine(ctx, func(l Line) bool { return l.SealedNonce >= nonce })
}

func (n *Network) waitLine(ctx context.Context, holds func(Line) bool) error {
	var last Line
	err := Until(ctx, pollEvery, func() (bool, error) {
		l, err := n.Line(ctx)
		last = l
		return err == nil && holds(l), err
	})
	if err != nil {
		return fmt.Errorf("the line is at %+v: %w", last, err)
	}
	return nil
}

// Checkpoint is a header as the chain shows it.
type Checkpoint struct {
	Header struct {
		Nonce     uint64 `json:"nonce,string"`
		Height    uint64 `json:"height,string"`
		Root      []byte
		PrevRoot  []byte `json:"prev_root"`
		LeafCount uint32 `json:"leaf_count"`
		Set       []byte
		NextSet   []byte `json:"next_set"`
	}
	SetID        uint64 `json:"set_id,string"`
	NextSetID    uint64 `json:"next_set_id,string"`
	SealedHeight int64  `json:"sealed_height,string"`
	SignedPower  uint64 `json:"signed_power,string"`
}

// Signatures is a header with who has signed it.
type Signatures struct {
	Checkpoint Checkpoint
	Signatures []struct{ Key, Signature []byte }
	Power      uint64 `json:",string"`
	Threshold  uint64 `json:",string"`
}

// Signatures returns a header with all of its signatures.
func (n *Network) Signatures(ctx context.Context, nonce uint64) (Signatures, error) {
	var res Signatures
	err := n.Query(ctx, 0, fmt.Sprintf("/cupel/oracle/v1/checkpoints/%d/signatures?all=true", nonce), &res)
	return res, err
}

// SignedBy reports whether one of the keys has signed.
func (s Signatures) SignedBy(key string) bool {
	return slices.ContainsFunc(s.Signatures, func(sig struct{ Key, Signature []byte }) bool {
		return fmt.Sprintf("0x%x", sig.Key) == key
	})
}
