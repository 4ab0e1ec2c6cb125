// SPDX-License-Identifier: Apache-2.0

package job

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/cmd/internal/receipt"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// paymentJSON is one payment of a receipt.
type paymentJSON struct {
	Provider string `json:"provider"`
	Amount   uint64 `json:"amount,string"`
	Denom    string `json:"denom"`
	Leaf     string `json:"leaf"`
}

// statementJSON is what a receipt says, and with verify what it proves.
type statementJSON struct {
	Type      string        `json:"type"`
	ChainID   string        `json:"chain_id"`
	Task      uint64        `json:"task"`
	Batch     uint64        `json:"batch"`
	Index     uint32        `json:"index"`
	Attempt   uint32        `json:"attempt"`
	Requester string        `json:"requester"`
	Result    string        `json:"result"`
	Payments  []paymentJSON `json:"payments"`
	Nonce     uint64        `json:"nonce"`
	Height    uint64        `json:"height"`
	Root      string        `json:"root"`
	Set       uint64        `json:"set"`
	// Verified is false for what was only read.
	Verified bool `json:"verified"`
	// Trusted is set if the anchor is the set that the caller named.
	Trusted    bool   `json:"trusted"`
	Anchor     uint64 `json:"anchor,omitempty"`
	AnchorHash string `json:"anchor_hash,omitempty"`
}

func statement(r receipt.Receipt) statementJSON {
	out := statementJSON{
		Type: "receipt", ChainID: r.ChainID, Task: r.Task, Payments: []paymentJSON{},
		Nonce: r.Header.Nonce, Height: r.Header.Height, Root: r.Header.Root.String(), Set: r.Set.ID,
	}
	out.Batch, out.Index = markettypes.SplitTaskID(r.Task)
	for _, p := range r.Proofs {
		out.Attempt, out.Requester, out.Result = p.Leaf.Attempt, sdk.AccAddress(p.Leaf.Requester).String(), p.Leaf.Result.String()
		out.Payments = append(out.Payments, paymentJSON{
			Provider: sdk.AccAddress(p.Leaf.Provider).String(), Amount: p.Leaf.Amount, Denom: p.Leaf.Denom, Leaf: p.Hash.String(),
		})
	}
	return out
}

// show prints what a receipt says.
func (s *session) show(r receipt.Receipt) {
	if s.json {
		s.emit(statement(r))
		return
	}
	s.table(statement(r))
}

func (s *session) table(v statementJSON) {
	s.print("task        %d (%d/%d) on %s, attempt %d", v.Task, v.Batch, v.Index, v.ChainID, v.Attempt)
	s.print("requester   %s", v.Requester)
	s.print("result      sha256 %s", v.Result[2:])
	for _, p := range v.Payments {
		s.print("paid        %d%s to %s", p.Amount, p.Denom, p.Provider)
	}
	s.print("checkpoint  %d at height %d, root %s", v.Nonce, v.Height, v.Root)
	s.print("signed by   set %d", v.Set)
}

// verified prints what a receipt proves, and from what on.
func (s *session) verified(r receipt.Receipt, anchor receipt.Anchor, trusted bool) {
	v := statement(r)
	v.Verified, v.Trusted, v.Anchor, v.AnchorHash = true, trusted, anchor.ID, anchor.Hash.String()
	if s.json {
		s.emit(v)
		return
	}
	s.table(v)
	if trusted {
		s.print("proven      from set %d, which you trust", v.Anchor)
		return
	}
	s.print("proven      if set %d of %s is %s", v.Anchor, v.ChainID, v.AnchorHash)
	s.say("Not proven is that this set is the chain's: compare it with a mirror contract or with\n"+
		"cupeld query oracle attestor-set %d, and name it with --set", v.Anchor)
}
