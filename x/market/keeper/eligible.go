// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"context"

	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// eligible is the rule of who may hold a first seat: no slash waits, and the free
// bond covers the largest bound among this task and the unreleased ones. Who
// was found wrong takes nothing new from the decision on, not only from the
// slash, or it would freeze the others of one case after the other.
func eligible(freeBond uint64, load registrytypes.Load, bound uint64, h registrytypes.Horizon) bool {
	return mayBePaid(load) && freeBond >= max(bound, load.Bound(h))
}

// mayBePaid is the part of the rule that can still change after the draw: while
// a slash of a provider waits, what it was agreed to get waits too, because a
// final one voids it. Its bond has covered the bound since the draw: what leaves
// it can be slashed for longer than a slash can take. See ADR-002.
func mayBePaid(load registrytypes.Load) bool { return load.PendingSlash == 0 }

// Eligible is the rule for an entry of a roster that is to verify or to vote:
// what a pending slash leaves of its bond covers the bounds. The slash alone is
// no reason: a coalition that outvotes the honest in a few grown sets would have
// the juries to itself while they wait for them. See ADR-013.
func (k *Keeper) Eligible(ctx context.Context, e registrytypes.RosterEntry, bound uint64, h registrytypes.Horizon) (bool, error) {
	load, err := k.Registry.Load(ctx, e.Provider)
	return err == nil && e.FreeBond-min(e.FreeBond, load.PendingSlash) >= max(bound, load.Bound(h)), err
}

// payable reports whether a provider can be paid now: no case holds it back and
// the rule above still holds.
func (k *Keeper) payable(ctx context.Context, provider uint32) (bool, error) {
	load, err := k.Registry.Load(ctx, provider)
	return err == nil && load.Freezes == 0 && mayBePaid(load), err
}
