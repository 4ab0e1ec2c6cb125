// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"bytes"
	"context"
	"strings"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// near is how many first bytes two digests share whose artifacts are close:
// what a committee finds out off chain, a simulated one reads from them.
const near = markettypes.HashSize - 1

// Near is Honest but for its last byte: another artifact that is close to it.
func Near(n byte) func(uint64) Answer {
	return func(task uint64) Answer {
		a := Honest(task)
		a.Result.Digest[near] += n
		a.Memory[near] += n
		return a
	}
}

// Vote is what an honest member votes: of answers the largest group that is
// close, of evidence all of it, of a quote that it is genuine if its uri says so.
func Vote(w markettypes.VerdictWork) []byte {
	switch w.Kind {
	case markettypes.CommitteeCompare:
		return markettypes.CompareVote(closest(w.Answers), 0)
	case markettypes.CommitteeScore:
		return []byte{0b111111}
	default:
		return markettypes.QuoteVote(strings.Contains(w.Quote.Uri, "genuine"), 1)
	}
}

func closest(answers []markettypes.VerdictAnswer) uint32 {
	var best uint32
	most := 0
	for _, a := range answers {
		var mask uint32
		n, seats := 0, 0
		for j, b := range answers {
			if a.Result.Outcome == b.Result.Outcome && len(a.Result.Digest) > 0 && len(b.Result.Digest) > 0 &&
				bytes.Equal(a.Result.Digest[:near], b.Result.Digest[:near]) {
				mask |= 1 << j
				n, seats = n+int(b.Votes), seats+1
			}
		}
		if seats > 1 && n > most {
			best, most = mask, n
		}
	}
	return best
}

// VoteReveal is the vote of the worker with its salt.
func (w *Worker) VoteReveal(v markettypes.VerdictWork) markettypes.VoteReveal {
	vote := Vote
	if w.Vote != nil {
		vote = w.Vote
	}
	return markettypes.VoteReveal{Verdict: v.Verdict, Round: v.Round, Vote: vote(v), Salt: w.salt[:]}
}

// actVotes does what committees await of the worker.
func (w *Worker) actVotes(c *Chain) error {
	res, err := c.Query().VerdictWork(c.Ctx, &markettypes.QueryVerdictWorkRequest{Provider: w.ID})
	if err != nil || w.SkipVotes {
		return err
	}
	for _, v := range res.Verdicts {
		if err := w.actVote(c, v); err != nil {
			return err
		}
	}
	return nil
}

func (w *Worker) actVote(c *Chain, v markettypes.VerdictWork) error {
	reveal := w.VoteReveal(v)
	return w.tolerate(c.Deliver(func(ctx context.Context) error {
		switch {
		case v.CommitteePhase == markettypes.CommitteePhaseCommit && v.Phase == markettypes.MemberAssigned:
			_, err := c.Msgs().CommitVote(ctx, &markettypes.MsgCommitVote{Worker: Text(w.Hot), Votes: []markettypes.VoteCommit{{
				Verdict: v.Verdict, Round: v.Round, Commitment: markettypes.CommitVote(ChainID, w.Operator, reveal),
			}}})
			return err
		case v.CommitteePhase != markettypes.CommitteePhaseReveal || w.NoReveal:
			return nil
		default:
			_, err := c.Msgs().RevealVote(ctx, &markettypes.MsgRevealVote{Worker: Text(w.Hot), Votes: []markettypes.VoteReveal{reveal}})
			return err
		}
	}))
}
