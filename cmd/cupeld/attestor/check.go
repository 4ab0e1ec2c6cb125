// SPDX-License-Identifier: Apache-2.0

package attestor

import (
	"context"
	"errors"
	"fmt"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// ErrMismatch is a header that must not be signed: what the node says of it
// does not hold together.
var ErrMismatch = errors.New("the header does not hold")

// ErrUnconfirmed is a header of which no later block exists yet: the chain has
// not agreed on the state that it is in.
var ErrUnconfirmed = errors.New("no block confirms the header yet")

// Checker rebuilds headers from what the node says.
type Checker struct {
	source  Source
	chainID string
	domain  checkpoint.Domain
}

// NewChecker returns the checker of one chain.
func NewChecker(source Source, chainID string) *Checker {
	return &Checker{source: source, chainID: chainID, domain: checkpoint.NewDomain(chainID)}
}

// Check returns the header that a duty asks to sign if everything in it can be
// rebuilt. Head is the node's height. ErrMismatch means never sign it,
// ErrUnconfirmed not before the next block; any other that nothing is known.
func (c *Checker) Check(ctx context.Context, duty types.Duty, head int64) (checkpoint.Header, error) {
	header, err := duty.Checkpoint.Header.Decode()
	if err != nil {
		return header, mismatch(header, err)
	}
	if err := header.Validate(); err != nil {
		return header, mismatch(header, err)
	}
	key, err := checkpoint.ToAddress(duty.Key)
	if err != nil {
		return header, mismatch(header, err)
	}
	if err := checkConfirmed(header, head); err != nil {
		return header, err
	}
	stored, err := c.source.Checkpoint(ctx, header.Nonce)
	if err != nil {
		return header, absent(header, "its own header", err)
	}
	if again, err := stored.Header.Decode(); err != nil || again != header {
		return header, mismatchf(header, "the duty and the stored header differ")
	}
	if err := c.checkPrevious(ctx, stored, header); err != nil {
		return header, err
	}
	if err := c.checkBlock(ctx, stored, header); err != nil {
		return header, err
	}
	if err := c.checkSets(ctx, stored, header, key); err != nil {
		return header, err
	}
	return header, c.checkLeaves(ctx, header)
}

// checkPrevious compares with the header before it.
func (c *Checker) checkPrevious(ctx context.Context, cp types.Checkpoint, h checkpoint.Header) error {
	if h.Nonce == 1 {
		if h.PrevRoot != c.domain.GenesisRoot() || cp.FirstLeaf != 0 {
			return mismatchf(h, "it does not start the line of chain %q", c.chainID)
		}
		return nil
	}
	stored, err := c.source.Checkpoint(ctx, h.Nonce-1)
	if err != nil {
		return absent(h, "the header before it", err)
	}
	before, err := stored.Header.Decode()
	switch {
	case err != nil:
		return mismatch(h, fmt.Errorf("the header before it: %w", err))
	case before.Nonce != h.Nonce-1:
		return mismatchf(h, "the header before it has nonce %d", before.Nonce)
	case before.Root != h.PrevRoot:
		return mismatchf(h, "prev_root is %s, the root before it is %s", h.PrevRoot, before.Root)
	case before.NextSet != h.Set || stored.NextSetId != cp.SetId:
		return mismatchf(h, "it is for set %d, the header before it hands over to set %d", cp.SetId, stored.NextSetId)
	case before.Height > h.Height || stored.Time > cp.Time:
		return mismatchf(h, "it is older than the header before it")
	case stored.FirstLeaf+uint64(before.LeafCount) != cp.FirstLeaf:
		return mismatchf(h, "its first leaf is %d, the header before it ends at %d", cp.FirstLeaf, stored.FirstLeaf+uint64(before.LeafCount))
	}
	return nil
}

// checkLeaves rebuilds the root.
func (c *Checker) checkLeaves(ctx context.Context, h checkpoint.Header) error {
	if h.IsSetChange() {
		return nil // no leaf, and the root before it: Validate has seen to that
	}
	hashes := make([]checkpoint.Hash, 0, h.LeafCount)
	var settled int64
	for uint32(len(hashes)) < h.LeafCount {
		offset := uint32(len(hashes))
		limit := min(h.LeafCount-offset, leavesPage)
		page, err := c.source.Leaves(ctx, h.Nonce, offset, limit)
		if err != nil {
			return absent(h, "its leaves", err)
		}
		if len(page) == 0 || uint32(len(page)) > limit {
			return mismatchf(h, "it names %d leaves, the node has %d", h.LeafCount, len(hashes)+len(page))
		}
		for _, leaf := range page {
			hash, err := checkpoint.ToHash(leaf.Hash)
			if err != nil {
				return mismatch(h, err)
			}
			if leaf.Height < settled || uint64(leaf.Height) > h.Height {
				return mismatchf(h, "the leaf of task %d settled at height %d", leaf.Task, leaf.Height)
			}
			settled = leaf.Height
			hashes = append(hashes, hash)
		}
	}
	tree, err := checkpoint.NewTree(hashes)
	if err != nil {
		return mismatch(h, err)
	}
	if tree.Root() != h.Root {
		return mismatchf(h, "its root is %s, its leaves make %s", h.Root, tree.Root())
	}
	return nil
}

// checkConfirmed compares with the node's height. The block after the one that
// made a header carries the hash of the state with it: before the node has that
// block, a fault of the node alone looks like the chain's header, and signing
// it costs the stake. The node may have moved on since it was asked.
func checkConfirmed(h checkpoint.Header, head int64) error {
	switch height := uint64(max(head, 0)); {
	case h.Height > height+maxLag:
		return mismatchf(h, "it was made at height %d, the node is at %d", h.Height, head)
	case h.Height >= height:
		return fmt.Errorf("%w: nonce %d of height %d", ErrUnconfirmed, h.Nonce, h.Height)
	}
	return nil
}

// checkBlock compares with the block that made it.
func (c *Checker) checkBlock(ctx context.Context, cp types.Checkpoint, h checkpoint.Header) error {
	block, err := c.source.Block(ctx, int64(h.Height))
	if err != nil {
		return absent(h, "the block that made it", err)
	}
	switch {
	case block.ChainID != c.chainID:
		return mismatchf(h, "its block is of chain %q, not %q", block.ChainID, c.chainID)
	case uint64(block.Time.Unix()) != cp.Time:
		return mismatchf(h, "block %d has time %d, the header was made at %d", h.Height, block.Time.Unix(), cp.Time)
	}
	return nil
}

// checkSets rebuilds the hashes of the set that signs and of the next one.
func (c *Checker) checkSets(ctx context.Context, cp types.Checkpoint, h checkpoint.Header, key checkpoint.Address) error {
	set, err := c.set(ctx, h, cp.SetId, h.Set)
	if err != nil {
		return err
	}
	if set.Power(key) == 0 {
		return mismatchf(h, "%s is not in set %d", key, set.ID)
	}
	if !h.IsSetChange() {
		if cp.NextSetId != cp.SetId {
			return mismatchf(h, "it is a checkpoint and names set %d after set %d", cp.NextSetId, cp.SetId)
		}
		return nil
	}
	next, err := c.set(ctx, h, cp.NextSetId, h.NextSet)
	if err != nil {
		return err
	}
	if next.ID != set.ID+1 || next.Time < set.Time {
		return mismatchf(h, "set %d of time %d cannot follow set %d of time %d", next.ID, next.Time, set.ID, set.Time)
	}
	return nil
}

// set returns a set whose members have the hash that is wanted.
func (c *Checker) set(ctx context.Context, h checkpoint.Header, id uint64, want checkpoint.Hash) (checkpoint.Set, error) {
	stored, err := c.source.Set(ctx, id)
	if err != nil {
		return checkpoint.Set{}, absent(h, fmt.Sprintf("set %d", id), err)
	}
	set, err := stored.Decode()
	switch {
	case err != nil:
		return set, mismatch(h, fmt.Errorf("set %d: %w", id, err))
	case set.ID != id:
		return set, mismatchf(h, "the node answers with set %d for set %d", set.ID, id)
	case set.Hash() != want:
		return set, mismatchf(h, "it names set %s, the members of set %d make %s", want, id, set.Hash())
	}
	return set, nil
}

// absent: a definite "there is none" of what the header rests on is a
// mismatch; no answer is nothing.
func absent(h checkpoint.Header, what string, err error) error {
	if isNotFound(err) {
		return mismatchf(h, "the node does not have %s", what)
	}
	return fmt.Errorf("nonce %d: read %s: %w", h.Nonce, what, err)
}

func isNotFound(err error) bool {
	return errors.Is(err, chain.ErrNotFound) || errors.Is(err, types.ErrUnknownCheckpoint) || errors.Is(err, types.ErrUnknownSet)
}

func mismatch(h checkpoint.Header, err error) error {
	return fmt.Errorf("%w: nonce %d: %w", ErrMismatch, h.Nonce, err)
}

func mismatchf(h checkpoint.Header, format string, args ...any) error {
	return mismatch(h, fmt.Errorf(format, args...))
}
