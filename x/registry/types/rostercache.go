// SPDX-License-Identifier: Apache-2.0

package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// RosterCache keeps the rosters that a block has read. A class whose roster
// changes meanwhile is read anew from then on, because what changed it may still
// be undone. A nil cache keeps nothing.
type RosterCache struct {
	rosters map[uint32][]RosterEntry
	changed map[uint32]bool
}

type rosterCacheKey struct{}

// WithRosterCache returns a context in which a roster is read once. It must not
// outlive the end of a block.
func WithRosterCache(ctx context.Context) context.Context {
	c := &RosterCache{rosters: map[uint32][]RosterEntry{}, changed: map[uint32]bool{}}
	return sdk.UnwrapSDKContext(ctx).WithValue(rosterCacheKey{}, c)
}

// RosterCacheOf returns the cache of a context, or nil.
func RosterCacheOf(ctx context.Context) *RosterCache {
	c, _ := sdk.UnwrapSDKContext(ctx).Value(rosterCacheKey{}).(*RosterCache)
	return c
}

// Get returns the roster of a class if it is kept. The caller must not write to it.
func (c *RosterCache) Get(class uint32) ([]RosterEntry, bool) {
	if c == nil {
		return nil, false
	}
	entries, ok := c.rosters[class]
	return entries, ok
}

// Keep keeps a roster as it was read.
func (c *RosterCache) Keep(class uint32, entries []RosterEntry) {
	if c != nil && !c.changed[class] {
		c.rosters[class] = entries
	}
}

// Change forgets the roster of a class for good.
func (c *RosterCache) Change(class uint32) {
	if c != nil {
		c.changed[class] = true
		delete(c.rosters, class)
	}
}
