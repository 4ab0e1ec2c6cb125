// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"errors"
	"fmt"
	"slices"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/cmd/internal/receipt"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// errEarly means that there is no receipt yet, but that there will be one.
var errEarly = errors.New("no receipt yet")

// prover makes receipts out of what a node says, and trusts none of it: a
// receipt that it returns has been verified. It remembers what tasks share.
type prover struct {
	s       *session
	chainID string
	// events holds, by height, the first event of each task being paid.
	events map[int64]map[uint64]abci.Event
	// asked counts the proofs that a node made under a nonce; of a second one on
	// they are made here, from covered.
	asked   map[uint64]int
	covered map[uint64]*covered
	sealed  map[uint64]sealed
	// unsealed holds why a nonce had no receipt when it was last asked for.
	unsealed map[uint64]error
	lines    map[uint64][]receipt.Change
	// verified are nonces of which signatures and line have been verified.
	verified map[uint64]bool
}

// sealed is a header with what sealed it.
type sealed struct {
	header     checkpoint.Header
	set        checkpoint.Set
	signatures []checkpoint.Signed
}

func (s *session) prover() *prover {
	return &prover{
		s: s, events: map[int64]map[uint64]abci.Event{}, asked: map[uint64]int{}, covered: map[uint64]*covered{},
		sealed: map[uint64]sealed{}, unsealed: map[uint64]error{}, lines: map[uint64][]receipt.Change{}, verified: map[uint64]bool{},
	}
}

// settledHeight returns the height at which a task was paid: from state, or
// from the node's index for a task that has left state.
func (p *prover) settledHeight(ctx context.Context, task uint64) (int64, error) {
	res, err := p.s.market.Task(ctx, &markettypes.QueryTaskRequest{Task: task})
	if err == nil {
		t := res.Task
		switch {
		case t.SettledHeight > 0:
			return t.SettledHeight, nil
		case t.State.Final() && t.State != markettypes.TaskSettled:
			return 0, failf(exit.JobFailed, "task %d was not paid for a result and has no receipt: %s", task, failure(t))
		case t.State != markettypes.TaskSettled:
			return 0, fmt.Errorf("%w: task %d is %s and is paid when its window has passed", errEarly, task, stateName(t.State))
		}
	} else if !isNotFound(err) {
		return 0, classify(err)
	}
	height, err := p.s.blocks.Settled(ctx, task)
	if err != nil {
		return 0, classify(err)
	}
	if height == 0 {
		return 0, failf(exit.Failure, "the node knows of no payment of task %d\nSee the tasks that there are with: cupeld job list", task)
	}
	return height, nil
}

// seal returns a header with the signatures that sealed it. Where they have
// left the state, the state of the block that sealed it still has them.
func (p *prover) seal(ctx context.Context, nonce uint64) (sealed, error) {
	if found, ok := p.sealed[nonce]; ok {
		return found, nil
	}
	if err, ok := p.unsealed[nonce]; ok {
		return sealed{}, err
	}
	req := &oracletypes.QuerySignaturesRequest{Nonce: nonce}
	res, err := p.s.oracle.Signatures(ctx, req)
	if err != nil {
		return sealed{}, classify(err)
	}
	c := res.Checkpoint
	switch {
	case !c.Sealed():
		p.unsealed[nonce] = fmt.Errorf("%w: nonce %d has signatures of %d of the %d power that seal it", errEarly, nonce, c.SignedPower, res.Threshold)
		return sealed{}, p.unsealed[nonce]
	case len(res.Signatures) == 0 && !c.Forced:
		if res, err = p.s.oracleAt(c.SealedHeight).Signatures(ctx, req); err != nil {
			return sealed{}, failf(exit.Failure, "the signatures of nonce %d have left the state: %w\nName a node that keeps old states (pruning = \"nothing\" in app.toml) with --node", nonce, plain(err))
		}
	}
	out, err := decodeSealed(res)
	if err != nil {
		return sealed{}, exit.With(exit.VerificationFailed, fmt.Errorf("nonce %d: %w", nonce, err))
	}
	p.sealed[nonce] = out
	return out, nil
}

func decodeSealed(res *oracletypes.QuerySignaturesResponse) (out sealed, err error) {
	if out.header, err = res.Checkpoint.Header.Decode(); err != nil {
		return out, err
	}
	if out.set, err = res.Set.Decode(); err != nil {
		return out, err
	}
	out.signatures = []checkpoint.Signed{}
	for _, given := range res.Signatures {
		signed, err := given.Decode()
		if err != nil {
			return out, err
		}
		out.signatures = append(out.signatures, signed)
	}
	return out, nil
}

// line returns the set changes that lead to a set, from set 1 on or from the
// last one that governance sealed without signatures.
func (p *prover) line(ctx context.Context, set checkpoint.Set) ([]receipt.Change, error) {
	if line, ok := p.lines[set.ID]; ok {
		return line, nil
	}
	line := []receipt.Change{}
	for id := set.ID; id > 1; id-- {
		res, err := p.s.oracle.AttestorSet(ctx, &oracletypes.QueryAttestorSetRequest{Id: id})
		if err != nil {
			return nil, classify(err)
		}
		change, err := p.seal(ctx, res.Set.Nonce)
		if err != nil {
			return nil, err
		}
		if len(change.signatures) == 0 {
			break
		}
		line = append(line, receipt.Change{Header: change.header, Set: change.set, Signatures: change.signatures})
	}
	slices.Reverse(line)
	p.lines[set.ID] = line
	return line, nil
}

// prove makes the receipt of a task. It is errEarly as long as the task is not
// paid, in no checkpoint, or in one that is not sealed.
func (p *prover) prove(ctx context.Context, task uint64, height int64) (receipt.Receipt, error) {
	var err error
	if height == 0 {
		if height, err = p.settledHeight(ctx, task); err != nil {
			return receipt.Receipt{}, err
		}
	}
	nonce, proofs, err := p.proofs(ctx, task, height)
	if err != nil {
		return receipt.Receipt{}, err
	}
	head, err := p.seal(ctx, nonce)
	if err != nil {
		return receipt.Receipt{}, err
	}
	if len(head.signatures) == 0 {
		return receipt.Receipt{}, failf(exit.Failure, "governance sealed checkpoint %d without signatures: no receipt can prove task %d", nonce, task)
	}
	line, err := p.line(ctx, head.set)
	if err != nil {
		return receipt.Receipt{}, err
	}
	r := receipt.Receipt{
		Version: receipt.Version, ChainID: p.chainID, Task: task, Proofs: proofs,
		Header: head.header, Set: head.set, Signatures: head.signatures, Line: line,
	}
	if err := p.verify(r); err != nil {
		return receipt.Receipt{}, exit.With(exit.VerificationFailed, fmt.Errorf("what the node says of task %d: %w", task, err))
	}
	return r, nil
}

// verify checks a receipt; signatures and line once per checkpoint.
func (p *prover) verify(r receipt.Receipt) error {
	if p.verified[r.Header.Nonce] {
		return r.VerifyProofs()
	}
	_, err := r.Verify(checkpoint.Hash{})
	p.verified[r.Header.Nonce] = err == nil
	return err
}
