// SPDX-License-Identifier: Apache-2.0

package types

import (
	"crypto/sha256"
	"encoding/binary"
)

// SeedSize is the length of a seed in bytes.
const SeedSize = sha256.Size

const (
	seedDomain     = "cupel/oracle/v1/seed"
	fallbackDomain = "cupel/oracle/v1/seed-without-block-id"
	drawnDomain    = "cupel/oracle/v1/drawn"
	randDomain     = "cupel/oracle/v1/rand"
	streamDomain   = "cupel/oracle/v1/rand-stream"
)

// NextSeed returns the seed of the epoch whose first block has this height and
// block id, given the seed before it (empty before epoch 1). Without a block id,
// which only happens outside a node, the height takes its place.
func NextSeed(previous, blockID []byte, height int64) []byte {
	if len(blockID) == 0 {
		sum := hashTuple([]byte(fallbackDomain), previous, uint64Bytes(uint64(height)))
		return sum[:]
	}
	sum := hashTuple([]byte(seedDomain), previous, blockID)
	return sum[:]
}

// hashTuple hashes the parts, each behind its length, so that two different
// tuples never hash the same bytes.
func hashTuple(parts ...[]byte) [sha256.Size]byte {
	size := 0
	for _, part := range parts {
		size += 8 + len(part)
	}
	buf := make([]byte, 0, size)
	for _, part := range parts {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(part)))
		buf = append(buf, part...)
	}
	return sha256.Sum256(buf)
}

func uint64Bytes(v uint64) []byte {
	return binary.BigEndian.AppendUint64(nil, v)
}
