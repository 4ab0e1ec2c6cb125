// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"errors"
	"fmt"
	"slices"

	abci "github.com/cometbft/cometbft/abci/types"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

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
	events  map[int64][]abci.Event
	sealed  map[uint64]sealed
}

// sealed is a header with what sealed it.
type sealed struct {
	header     checkpoint.Header
	set        checkpoint.Set
	signatures []checkpoint.Signed
}

func (s *session) prover() *prover {
	return &prover{s: s, events: map[int64][]abci.Event{}, sealed: map[uint64]sealed{}}
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

// leaves rebuilds the leaves of a task from the events of a block.
func (p *prover) leaves(ctx context.Context, task uint64, height int64) ([]checkpoint.Leaf, error) {
	var err error
	if p.chainID == "" {
		if p.chainID, err = p.s.blocks.ChainID(ctx); err != nil {
			return nil, classify(err)
		}
	}
	events, ok := p.events[height]
	if !ok {
		if events, err = p.s.blocks.Events(ctx, height); err != nil {
			return nil, classify(err)
		}
		p.events[height] = events
	}
	for _, e := range events {
		if id, ok := markettypes.SettledTask(e); ok && id == task {
			leaves, err := markettypes.SettledLeaves(p.chainID, e)
			if err == nil && len(leaves) == 0 {
				err = failf(exit.JobFailed, "task %d was settled without a payment and has no receipt: all its providers were voided", task)
			}
			return leaves, err
		}
	}
	return nil, failf(exit.VerificationFailed, "block %d has no event of task %d being paid, against what the node says", height, task)
}

// proofs matches the leaves of a task with the proofs of x/oracle.
func (p *prover) proofs(ctx context.Context, task uint64, height int64) (oracletypes.Checkpoint, []receipt.Proof, error) {
	var none oracletypes.Checkpoint
	leaves, err := p.leaves(ctx, task, height)
	if err != nil {
		return none, nil, err
	}
	res, err := p.ask(ctx, task, height)
	if err != nil {
		return none, nil, err
	}
	proofs := make([]receipt.Proof, 0, len(res.Proofs))
	for _, given := range res.Proofs {
		at := slices.IndexFunc(leaves, func(l checkpoint.Leaf) bool {
			hash := l.Hash()
			return string(hash[:]) == string(given.Leaf.Hash)
		})
		if at < 0 {
			return none, nil, failf(exit.VerificationFailed, "the node proves the leaf %x of task %d, which no event of block %d makes", given.Leaf.Hash, task, height)
		}
		proof := receipt.Proof{Leaf: receipt.NewLeaf(leaves[at]), Hash: leaves[at].Hash(), Siblings: []checkpoint.Hash{}}
		for _, sibling := range given.Siblings {
			hash, err := checkpoint.ToHash(sibling)
			if err != nil {
				return none, nil, exit.With(exit.VerificationFailed, fmt.Errorf("proof of task %d: %w", task, err))
			}
			proof.Siblings = append(proof.Siblings, hash)
		}
		proofs = append(proofs, proof)
	}
	if missing := len(leaves) - len(proofs); missing > 0 {
		p.s.say("%d of the %d payments of task %d are under the checkpoint after nonce %d and not in this receipt",
			missing, len(leaves), task, res.Checkpoint.Header.Nonce)
	}
	return res.Checkpoint, proofs, nil
}

// ask returns the proofs of a task. Leaves that waited for x/oracle are found
// at a later height than that of the payment.
func (p *prover) ask(ctx context.Context, task uint64, height int64) (*oracletypes.QueryProofResponse, error) {
	res, err := p.s.oracle.Proof(ctx, &oracletypes.QueryProofRequest{Task: task, Height: height})
	if isNotFound(err) {
		res, err = p.s.oracle.Proof(ctx, &oracletypes.QueryProofRequest{Task: task})
	}
	// x/oracle refuses a well-formed request for one reason only. Over RPC its
	// code FailedPrecondition arrives as InvalidArgument.
	if code := status.Code(err); code == codes.FailedPrecondition || code == codes.InvalidArgument {
		return nil, fmt.Errorf("%w: task %d was paid at height %d and waits for the next checkpoint", errEarly, task, height)
	}
	if err != nil {
		return nil, classify(err)
	}
	return res, nil
}

// seal returns a header with the signatures that sealed it. Where they have
// left the state, the state of the block that sealed it still has them.
func (p *prover) seal(ctx context.Context, nonce uint64) (sealed, error) {
	if found, ok := p.sealed[nonce]; ok {
		return found, nil
	}
	req := &oracletypes.QuerySignaturesRequest{Nonce: nonce}
	res, err := p.s.oracle.Signatures(ctx, req)
	if err != nil {
		return sealed{}, classify(err)
	}
	c := res.Checkpoint
	switch {
	case !c.Sealed():
		return sealed{}, fmt.Errorf("%w: nonce %d has signatures of %d of the %d power that seal it", errEarly, nonce, c.SignedPower, res.Threshold)
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
	c, proofs, err := p.proofs(ctx, task, height)
	if err != nil {
		return receipt.Receipt{}, err
	}
	head, err := p.seal(ctx, c.Header.Nonce)
	if err != nil {
		return receipt.Receipt{}, err
	}
	if len(head.signatures) == 0 {
		return receipt.Receipt{}, failf(exit.Failure, "governance sealed checkpoint %d without signatures: no receipt can prove task %d", c.Header.Nonce, task)
	}
	line, err := p.line(ctx, head.set)
	if err != nil {
		return receipt.Receipt{}, err
	}
	r := receipt.Receipt{
		Version: receipt.Version, ChainID: p.chainID, Task: task, Proofs: proofs,
		Header: head.header, Set: head.set, Signatures: head.signatures, Line: line,
	}
	if _, err := r.Verify(checkpoint.Hash{}); err != nil {
		return receipt.Receipt{}, exit.With(exit.VerificationFailed, fmt.Errorf("what the node says of task %d: %w", task, err))
	}
	return r, nil
}
