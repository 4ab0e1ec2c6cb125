// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/cupel-network/cupel/relayer/evm/contract"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// VerifyConfig says what is verified.
type VerifyConfig struct {
	HomeChain string
	Contract  common.Address
	// FromBlock is the block of the deployment, or one before it.
	FromBlock uint64
	// Range is the number of blocks of one query for events, 2,000 if 0. It is
	// halved where an endpoint refuses.
	Range uint64
	// Latest reads up to the newest block instead of the final one.
	Latest bool
}

// Recorded is a header that the contract accepted.
type Recorded struct {
	// Entry has the header and its sets; its signatures were checked here,
	// unless Indirect.
	Entry mirror.Entry
	Tx    common.Hash
	Block uint64
	// Indirect marks a header that another contract passed on, so that its
	// signatures are in no transaction's own data. It rests on the checked code
	// of the mirror alone.
	Indirect bool
}

// Install is a set that the owner installed without signatures.
type Install struct {
	Nonce uint64
	Root  checkpoint.Hash
	Set   checkpoint.Set
	Tx    common.Hash
	Block uint64
}

// Replay is a mirror as its transactions prove it.
type Replay struct {
	// Nonce, Root and Set are the anchor that the contract was deployed with.
	Nonce uint64
	Root  checkpoint.Hash
	Set   checkpoint.Set
	// Recorded ascends by nonce without a gap, but for Installs.
	Recorded []Recorded
	Installs []Install
	// Block is the last that was read, Head the state of the contract there.
	Block uint64
	Head  Deployed

	pool     *Pool
	abi      *contract.CupelMirror
	contract common.Address
	block    common.Hash
}

// Verify rebuilds a mirror from its own chain and trusts nobody for it: the
// code, the anchor, every header's place in the line and every signature. What
// does not fit is mirror.ErrForged; a read that failed is mirror.ErrUnknown.
func Verify(ctx context.Context, p *Pool, cfg VerifyConfig) (*Replay, error) {
	domain := checkpoint.NewDomain(cfg.HomeChain)
	abi := contract.NewCupelMirror()
	end, head, err := deployedAt(ctx, p, cfg, func(ctx context.Context, c Client, block common.Hash) (Deployed, error) {
		return checkAt(ctx, c, abi, cfg.Contract, domain, block)
	})
	if err != nil {
		return nil, err
	}
	r := &Replay{pool: p, abi: abi, contract: cfg.Contract, Block: end.Number.Uint64(), block: end.Hash(), Head: head}
	logs, err := events(ctx, p, cfg, r.Block)
	if err != nil {
		return nil, err
	}
	line := &line{Replay: r, domain: domain}
	for i := range logs {
		if err := line.apply(ctx, &logs[i]); err != nil {
			return nil, fmt.Errorf("event %d of block %d: %w", logs[i].Index, logs[i].BlockNumber, err)
		}
	}
	return r, line.ends()
}

// deployedAt returns the block up to which is read, and what the contract says
// there: the final block, about which all endpoints agree, or the newest of one.
func deployedAt(ctx context.Context, p *Pool, cfg VerifyConfig, read probe[Deployed]) (*types.Header, Deployed, error) {
	if !cfg.Latest {
		endpoints, err := p.healthy(ctx)
		if err != nil {
			return nil, Deployed{}, err
		}
		final, state, _, err := finalState(ctx, p, endpoints, read)
		return final, state, err
	}
	var state Deployed
	end, err := ask(ctx, p, func(ctx context.Context, c Client, head *types.Header) (*types.Header, error) {
		end, err := headerByHash(ctx, c, head.Hash())
		if err == nil {
			state, err = read(ctx, c, end.Hash())
		}
		return end, err
	})
	return end, state, err
}

const defaultRange = 2_000

// events returns the contract's events up to a block, in order.
func events(ctx context.Context, p *Pool, cfg VerifyConfig, last uint64) ([]types.Log, error) {
	size := cfg.Range
	if size == 0 {
		size = defaultRange
	}
	var out []types.Log
	for from := cfg.FromBlock; from <= last; {
		to := min(from+size-1, last)
		logs, err := ask(ctx, p, func(ctx context.Context, c Client, _ *types.Header) ([]types.Log, error) {
			return c.FilterLogs(ctx, ethereum.FilterQuery{
				FromBlock: new(big.Int).SetUint64(from), ToBlock: new(big.Int).SetUint64(to), Addresses: []common.Address{cfg.Contract},
			})
		})
		switch {
		case err != nil && (size == 1 || ctx.Err() != nil):
			return nil, fmt.Errorf("events of blocks %d to %d: %w", from, to, err)
		case err != nil:
			size /= 2
			continue
		}
		for _, l := range logs {
			if l.Removed || l.Address != cfg.Contract || l.BlockNumber < from || l.BlockNumber > to {
				return nil, fmt.Errorf("%w: an endpoint gave an event that was not asked for", mirror.ErrUnknown)
			}
		}
		out = append(out, logs...)
		from = to + 1
	}
	return out, nil
}

// CheckLeaves rebuilds the root of a recorded checkpoint from all its leaves and
// asks the contract about each of them. mirror.ErrForged says that it is not
// what the leaves make.
func (r *Replay) CheckLeaves(ctx context.Context, nonce uint64, leaves []checkpoint.Leaf) error {
	header, err := r.header(nonce)
	if err != nil {
		return err
	}
	if uint64(len(leaves)) != uint64(header.LeafCount) {
		return fmt.Errorf("%w: checkpoint %d has %d leaves, got %d", mirror.ErrForged, nonce, header.LeafCount, len(leaves))
	}
	hashes := make([]checkpoint.Hash, len(leaves))
	for i, leaf := range leaves {
		hashes[i] = leaf.Hash()
	}
	tree, err := checkpoint.NewTree(hashes)
	if err != nil {
		return fmt.Errorf("%w: checkpoint %d: %w", mirror.ErrForged, nonce, err)
	}
	if tree.Root() != header.Root {
		return fmt.Errorf("%w: the leaves of checkpoint %d make the root %s, recorded is %s", mirror.ErrForged, nonce, tree.Root(), header.Root)
	}
	for i, leaf := range leaves {
		proof, err := tree.Proof(hashes[i])
		if err != nil {
			return err
		}
		at, err := r.SettledAt(ctx, leaf, proof)
		if err != nil {
			return err
		}
		if at != nonce {
			return fmt.Errorf("%w: task %d is settled at %d, want %d", mirror.ErrForged, leaf.Task, at, nonce)
		}
	}
	return nil
}

// SettledAt asks the contract for the nonce of the checkpoint that holds a
// leaf, 0 if none does.
func (r *Replay) SettledAt(ctx context.Context, leaf checkpoint.Leaf, proof []checkpoint.Hash) (uint64, error) {
	data, err := r.abi.TryPackSettledAt(contract.FromLeaf(leaf), contract.FromProof(proof))
	if err != nil {
		return 0, err
	}
	out, err := ask(ctx, r.pool, func(ctx context.Context, c Client, _ *types.Header) ([]byte, error) {
		return c.CallContractAtHash(ctx, ethereum.CallMsg{To: &r.contract, Data: data}, r.block)
	})
	if err != nil {
		return 0, fmt.Errorf("settlement of task %d: %w", leaf.Task, err)
	}
	return r.abi.UnpackSettledAt(out)
}

func (r *Replay) header(nonce uint64) (checkpoint.Header, error) {
	for _, recorded := range r.Recorded {
		if recorded.Entry.Header.Nonce == nonce && !recorded.Entry.Header.IsSetChange() {
			return recorded.Entry.Header, nil
		}
	}
	return checkpoint.Header{}, fmt.Errorf("%w: the mirror has no checkpoint %d", errNotRecorded, nonce)
}

// errNotRecorded is returned for a checkpoint that the mirror does not have up
// to the block that was read.
var errNotRecorded = errors.New("not recorded")
