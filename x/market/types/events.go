// SPDX-License-Identifier: Apache-2.0

package types

import (
	"encoding/hex"
	"strconv"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Flat events carry plain values, so that indexers find them with
// task_first=42; the values of typed events are JSON. They are an API.
const (
	EventTaskSubmitted   = "task_submitted"
	EventTaskAssigned    = "task_assigned"
	EventResultCommitted = "result_committed"
	EventResultRevealed  = "result_revealed"
	EventTaskAgreed      = "task_agreed"
	EventTaskSettled     = "task_settled"
	EventTaskEnded       = "task_ended"
	EventCasePaid        = "case_paid"
	EventSlashed         = "provider_slashed"

	EventFlatSessionOpened   = "session_opened"
	EventFlatSessionRedeemed = "session_redeemed"
	EventFlatSessionToppedUp = "session_topped_up"
	EventFlatSessionLowFunds = "session_low_funds"
	EventFlatSessionPaused   = "session_paused"
	EventFlatSessionClosing  = "session_closing"
	EventFlatSessionClosed   = "session_closed"

	AttrTaskID    = "task_id"
	AttrTaskFirst = "task_first"
	AttrTaskCount = "task_count"
	AttrBatch     = "batch"
	AttrLot       = "lot"
	AttrRequester = "requester"
	AttrProvider  = "provider"
	AttrOperator  = "operator"
	AttrAmount    = "amount"
	AttrState     = "state"
	AttrReason    = "reason"
	AttrDigest    = "digest"
	AttrUnits     = "units"
	AttrAttempt   = "attempt"
	AttrDenom     = "denom"
	AttrSession   = "session"
	AttrSequence  = "sequence"
	AttrDue       = "due"

	// AttrCircuit and AttrLeafResult are in task_settled of proved tasks only:
	// their leaves carry ProofLeaf instead of the digest.
	AttrCircuit    = "circuit"
	AttrLeafResult = "leaf_result"

	// The three lists of task_settled, and the two of case_paid, have one
	// element per paid provider, in the same order, separated by commas: ids,
	// operators and amounts.
	AttrProviders = "providers"
	AttrAccounts  = "accounts"
	AttrAmounts   = "amounts"
)

// Attr builds an attribute with a decimal value.
func Attr(key string, value uint64) sdk.Attribute {
	return sdk.NewAttribute(key, strconv.FormatUint(value, 10))
}

// HexAttr builds an attribute with a lower-case hex value.
func HexAttr(key string, value []byte) sdk.Attribute {
	return sdk.NewAttribute(key, hex.EncodeToString(value))
}

// LotEvent starts a flat event about a lot: batch, lot and its tasks by id.
func LotEvent(kind string, b Batch, lot uint32, more ...sdk.Attribute) sdk.Event {
	first, count := b.LotTasks(lot)
	attrs := append([]sdk.Attribute{
		Attr(AttrTaskFirst, TaskID(b.Id, first)),
		Attr(AttrTaskCount, uint64(count)),
		Attr(AttrBatch, b.Id),
		Attr(AttrLot, uint64(lot)),
	}, more...)
	return sdk.NewEvent(kind, attrs...)
}
