// SPDX-License-Identifier: Apache-2.0

package sender

import (
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Kind is what an item says. Lower kinds are sent first: a reveal that is too
// late costs more than a commit.
type Kind int

// The kinds.
const (
	KindReveal Kind = iota
	KindProve
	KindRevealCase
	KindRevealVote
	KindCommit
	KindCommitCase
	KindCommitVote
	KindHeartbeat
	KindDrain
	KindRedeem
	KindAppeal
	kinds
)

var kindNames = [kinds]string{"reveal", "prove", "reveal_case", "reveal_vote", "commit", "commit_case", "commit_vote", "heartbeat", "drain", "redeem", "appeal"}

// String is the name in logs and metrics.
func (k Kind) String() string {
	if k < 0 || k >= kinds {
		return fmt.Sprintf("Kind(%d)", int(k))
	}
	return kindNames[k]
}

// Item is one statement to the chain. Exactly the field of its kind is set.
type Item struct {
	Kind Kind
	// ID names the statement: items of one ID say the same.
	ID         string
	Reveal     markettypes.LotReveal
	Prove      markettypes.LotProof
	RevealCase markettypes.CaseReveal
	Commit     markettypes.LotCommit
	CommitCase markettypes.CaseCommit
	RevealVote markettypes.VoteReveal
	CommitVote markettypes.VoteCommit
	Drain      bool
	Voucher    markettypes.SessionVoucher
	// Task is that of an appeal.
	Task uint64
}

// RevealLot opens a commitment, or answers a lot with one seat.
func RevealLot(r markettypes.LotReveal) Item {
	return Item{Kind: KindReveal, ID: fmt.Sprintf("reveal/%d/%d/%d", r.Batch, r.Lot, r.Attempt), Reveal: r}
}

// ProveLot answers a lot with the proofs of its results.
func ProveLot(p markettypes.LotProof) Item {
	return Item{Kind: KindProve, ID: fmt.Sprintf("prove/%d/%d/%d", p.Batch, p.Lot, p.Attempt), Prove: p}
}

// CommitLot posts a commitment.
func CommitLot(c markettypes.LotCommit) Item {
	return Item{Kind: KindCommit, ID: fmt.Sprintf("commit/%d/%d/%d", c.Batch, c.Lot, c.Attempt), Commit: c}
}

// RevealCase opens a commitment to a case.
func RevealCase(r markettypes.CaseReveal) Item {
	return Item{Kind: KindRevealCase, ID: fmt.Sprintf("reveal-case/%d/%d", r.Task, r.Attempt), RevealCase: r}
}

// CommitCase posts a commitment to a case.
func CommitCase(c markettypes.CaseCommit) Item {
	return Item{Kind: KindCommitCase, ID: fmt.Sprintf("commit-case/%d/%d", c.Task, c.Attempt), CommitCase: c}
}

// CommitVote posts a commitment to a vote of a committee.
func CommitVote(c markettypes.VoteCommit) Item {
	return Item{Kind: KindCommitVote, ID: fmt.Sprintf("commit-vote/%d/%d", c.Verdict, c.Round), CommitVote: c}
}

// RevealVote opens a commitment to a vote.
func RevealVote(r markettypes.VoteReveal) Item {
	return Item{Kind: KindRevealVote, ID: fmt.Sprintf("reveal-vote/%d/%d", r.Verdict, r.Round), RevealVote: r}
}

// Heartbeat says that the worker is alive.
func Heartbeat() Item { return Item{Kind: KindHeartbeat, ID: "heartbeat"} }

// Drain stops taking new work, or takes it again.
func Drain(drain bool) Item { return Item{Kind: KindDrain, ID: "drain", Drain: drain} }

// Redeem sends a voucher of a session to the chain.
func Redeem(v markettypes.SessionVoucher) Item {
	return Item{Kind: KindRedeem, ID: fmt.Sprintf("redeem/%d/%d", v.Session, v.Sequence), Voucher: v}
}

// Appeal asks for a jury on a decided case. It holds a bond of the worker's.
func Appeal(task uint64) Item {
	return Item{Kind: KindAppeal, ID: fmt.Sprintf("appeal/%d", task), Task: task}
}

// single reports whether a message holds one item.
func (k Kind) single() bool { return !k.lasting() || k == KindAppeal }

// lasting reports whether the chain remembers what was said, so that an ID is
// said once.
func (k Kind) lasting() bool { return k != KindHeartbeat && k != KindDrain }

// message packs items of one kind. Kinds are never mixed in a transaction: the
// chain may refuse one kind of message while it takes another.
func message(worker string, items []Item) sdk.Msg {
	switch items[0].Kind {
	case KindReveal:
		msg := &markettypes.MsgReveal{Worker: worker}
		for _, it := range items {
			msg.Lots = append(msg.Lots, it.Reveal)
		}
		return msg
	case KindProve:
		msg := &markettypes.MsgProve{Worker: worker}
		for _, it := range items {
			msg.Lots = append(msg.Lots, it.Prove)
		}
		return msg
	case KindRevealCase:
		msg := &markettypes.MsgRevealCase{Worker: worker}
		for _, it := range items {
			msg.Cases = append(msg.Cases, it.RevealCase)
		}
		return msg
	case KindCommit:
		msg := &markettypes.MsgCommit{Worker: worker}
		for _, it := range items {
			msg.Lots = append(msg.Lots, it.Commit)
		}
		return msg
	case KindCommitCase:
		msg := &markettypes.MsgCommitCase{Worker: worker}
		for _, it := range items {
			msg.Cases = append(msg.Cases, it.CommitCase)
		}
		return msg
	case KindCommitVote:
		msg := &markettypes.MsgCommitVote{Worker: worker}
		for _, it := range items {
			msg.Votes = append(msg.Votes, it.CommitVote)
		}
		return msg
	case KindRevealVote:
		msg := &markettypes.MsgRevealVote{Worker: worker}
		for _, it := range items {
			msg.Votes = append(msg.Votes, it.RevealVote)
		}
		return msg
	case KindRedeem:
		msg := &markettypes.MsgRedeem{Sender: worker}
		for _, it := range items {
			msg.Vouchers = append(msg.Vouchers, it.Voucher)
		}
		return msg
	case KindAppeal:
		return &markettypes.MsgAppeal{Sender: worker, Task: items[0].Task}
	case KindDrain:
		return &registrytypes.MsgDrain{Signer: worker, Drain: items[0].Drain}
	default:
		return &registrytypes.MsgHeartbeat{Worker: worker}
	}
}

// proofUnits is the weight of a proof: its check takes 292,000 gas.
const proofUnits = 4

// appealUnits is the weight of an appeal, which summons and draws a jury.
const appealUnits = 20

// units is the weight of an item in gas: the number of results it carries.
func (it Item) units() uint64 {
	if it.Kind == KindReveal {
		return 1 + uint64(len(it.Reveal.Results))
	}
	if it.Kind == KindProve {
		return 1 + proofUnits*uint64(len(it.Prove.Results))
	}
	if it.Kind == KindAppeal {
		return appealUnits
	}
	return 1 + uint64(len(it.RevealCase.Cross))
}
