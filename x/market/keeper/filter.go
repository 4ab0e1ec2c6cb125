// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// filter is a set of the conditions that keep a candidate from a seat.
type filter uint16

const (
	filterPrice filter = 1 << iota
	filterVRAM
	filterCompute
	filterRegion
	filterScore
	filterSlots
	filterAttestation
	filterSlash
	filterBond
	filterHire
)

// filterNames are those of FilterCount, in the order in which they are applied.
var filterNames = []struct {
	filter filter
	name   string
}{
	{filterPrice, "price"},
	{filterVRAM, "vram_mib"},
	{filterCompute, "compute_capability"},
	{filterRegion, "region"},
	{filterScore, "min_score"},
	{filterSlots, "slots"},
	{filterAttestation, "attestation"},
	{filterSlash, "slash"},
	{filterBond, "bond"},
	{filterHire, "hire"},
}

// name of a single filter.
func (f filter) name() string {
	for _, n := range filterNames {
		if n.filter == f {
			return n.name
		}
	}
	return ""
}

// mismatch returns the hard filters of a batch that a candidate fails, those
// of its bond aside.
func (o *order) mismatch(c *candidate) (failed filter) {
	r := o.Requirements
	for _, check := range [...]struct {
		filter filter
		fails  bool
	}{
		{filterPrice, o.dear(c.Price)},
		{filterVRAM, c.VramMib < r.VramMib},
		{filterCompute, c.ComputeCapability < r.ComputeCapability},
		{filterRegion, r.Region != "" && c.RegionTag != registrytypes.Tag(r.Region)},
		{filterScore, c.standing.Score < r.MinScore},
		{filterSlots, c.load.InFlight >= c.Slots},
		{filterAttestation, o.Policy == types.PolicyAttested && !c.attested},
	} {
		if check.fails {
			failed |= check.filter
		}
	}
	return failed
}

// refuses returns all the filters that a candidate fails, and the seat that it
// would get without them.
func (o *order) refuses(c *candidate, h registrytypes.Horizon) (types.Seat, filter) {
	failed := o.mismatch(c)
	if o.Hire != 0 && c.Provider != o.Hire {
		failed |= filterHire
	}
	if c.load.PendingSlash != 0 {
		failed |= filterSlash
	}
	seat, err := c.terms(o)
	if err != nil || c.FreeBond < max(seat.Bound, c.load.Bound(h)) {
		failed |= filterBond
	}
	return seat, failed
}
