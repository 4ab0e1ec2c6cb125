// SPDX-License-Identifier: Apache-2.0

package types

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
)

// ChunkSize is the number of consecutive provider ids in one roster chunk.
const ChunkSize = 256

// Chunk returns the roster chunk that holds a provider.
func Chunk(provider uint32) uint32 {
	return provider / ChunkSize
}

// Tag returns the first 8 bytes of the sha256 of a text, big endian: short to
// store and compare, and nobody meets another's by chance.
func Tag(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:8])
}

// TierOf returns the highest tier that a free bond reaches, and false if it
// reaches none.
func TierOf(params Params, freeBond uint64) (Tier, bool) {
	var reached Tier
	found := false
	for _, tier := range params.Tiers {
		if freeBond < tier.Bond {
			break
		}
		reached, found = tier, true
	}
	return reached, found
}

// SlotLimit returns how many lots may run at once by tier: 0 below the least
// tier, math.MaxUint32 where the tier has no limit.
func SlotLimit(params Params, freeBond uint64) uint32 {
	tier, ok := TierOf(params, freeBond)
	if !ok {
		return 0
	}
	if tier.Slots == 0 {
		return math.MaxUint32
	}
	return tier.Slots
}

// Tickets returns one ticket per ticket_size of free bond, at most max_tickets.
func Tickets(params Params, freeBond uint64) uint32 {
	if params.TicketSize == 0 {
		return 0
	}
	return uint32(min(freeBond/params.TicketSize, uint64(params.MaxTickets)))
}

// NewRosterEntry returns a provider as matching sees it in the class of one of
// its resources, and false if it cannot be drawn.
func NewRosterEntry(params Params, provider Provider, resource Resource) (RosterEntry, bool) {
	free := provider.FreeBond()
	tickets := Tickets(params, free)
	if provider.Status != ProviderActive || tickets == 0 {
		return RosterEntry{}, false
	}
	return RosterEntry{
		Provider:          provider.Id,
		Tickets:           tickets,
		Price:             resource.Price,
		Slots:             min(SlotLimit(params, free), resource.Count),
		VramMib:           resource.VramMib,
		ComputeCapability: resource.ComputeCapability,
		RegionTag:         Tag(provider.Region),
		PayoutTag:         Tag(provider.Payout),
		EndpointTag:       Tag(provider.Endpoint),
		FreeBond:          free,
		Tolerances:        resource.Tolerances,
	}, true
}

// SharesSite reports whether two providers are paid at the same address or
// serve from the same endpoint, so that one task may not seat both.
func (e RosterEntry) SharesSite(other RosterEntry) bool {
	return e.PayoutTag == other.PayoutTag || e.EndpointTag == other.EndpointTag
}

// Find returns the index of a provider in the chunk, or where it would be.
func (c RosterChunk) Find(provider uint32) (index int, found bool) {
	low, high := 0, len(c.Entries)
	for low < high {
		mid := (low + high) / 2
		if c.Entries[mid].Provider < provider {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < len(c.Entries) && c.Entries[low].Provider == provider
}
