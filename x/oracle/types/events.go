// SPDX-License-Identifier: Apache-2.0

package types

import (
	"encoding/hex"
	"strconv"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// EventCheckpointSealed is the flat event of a sealed header, emitted once per
// header. Its values are plain, so that indexers find it with nonce=42; the
// values of typed events are JSON. It is an API.
const (
	EventCheckpointSealed = "checkpoint_sealed"

	AttrNonce     = "nonce"
	AttrHeight    = "height"
	AttrRoot      = "root"
	AttrLeafCount = "leaf_count"
	AttrSetID     = "set_id"
	AttrForced    = "forced"
)

// Reasons of EventAttestorPunished.
const (
	ReasonEquivocation = "equivocation"
	ReasonAbsence      = "absence"
	// ReasonWithheld is a share that was committed to and not revealed,
	// ReasonIdle beacon_max_missed epochs in a row without a commitment.
	ReasonWithheld = "withheld"
	ReasonIdle     = "idle"
)

// SealedEvent returns the flat event of a sealed header. The height is that of
// the block that made it, the root has 0x.
func SealedEvent(c Checkpoint) sdk.Event {
	return sdk.NewEvent(EventCheckpointSealed,
		sdk.NewAttribute(AttrNonce, strconv.FormatUint(c.Header.Nonce, 10)),
		sdk.NewAttribute(AttrHeight, strconv.FormatUint(c.Header.Height, 10)),
		sdk.NewAttribute(AttrRoot, Hex(c.Header.Root)),
		sdk.NewAttribute(AttrLeafCount, strconv.FormatUint(uint64(c.Header.LeafCount), 10)),
		sdk.NewAttribute(AttrSetID, strconv.FormatUint(c.SetId, 10)),
		sdk.NewAttribute(AttrForced, strconv.FormatBool(c.Forced)),
	)
}

// Hex returns 0x and the lower-case hex of bytes.
func Hex(b []byte) string { return "0x" + hex.EncodeToString(b) }
