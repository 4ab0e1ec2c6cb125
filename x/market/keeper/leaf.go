// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// retriedLeaves bounds the pending leaves that are offered again at once; the
// last task's may be some more.
const retriedLeaves = 1_000

// payment is what one provider got for a task.
type payment struct {
	provider uint32
	amount   uint64
}

// operator is the account of a provider's operator, which never changes.
type operator struct {
	account []byte
	text    string
}

// operators remembers, for a message or a block, the operators that were read.
type operators map[uint32]operator

func (k *Keeper) operatorOf(ctx context.Context, provider uint32, known operators) (operator, error) {
	if found, ok := known[provider]; ok {
		return found, nil
	}
	p, err := k.Registry.Provider(ctx, provider)
	if err != nil {
		return operator{}, err
	}
	account, err := k.addresses.StringToBytes(p.Operator)
	if err != nil {
		return operator{}, err
	}
	known[provider] = operator{account, p.Operator}
	return known[provider], nil
}

// settleTask makes a leaf of every payment of a task that became final, also
// of one that came to nothing, and says in an event what the leaves hold.
func (k *Keeper) settleTask(ctx context.Context, o *order, task uint64, attempt uint32, result types.Result, payments []payment, b *book) error {
	said, err := k.leafResult(ctx, o, result.Digest)
	if err != nil {
		return err
	}
	digest, err := checkpoint.ToHash(said)
	if err != nil {
		return types.ErrInvariant.Wrapf("result of task %d: %s", task, err)
	}
	if o.payer == "" {
		if o.payer, err = k.addresses.BytesToString(o.Requester); err != nil {
			return err
		}
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	leaf := checkpoint.Leaf{
		Version: checkpoint.LeafVersion, HomeChain: sdkCtx.ChainID(), Task: task, Attempt: attempt,
		Requester: o.Requester, Denom: o.Denom, Result: digest,
	}
	var paid uint64
	ids, accounts, amounts := make([]string, len(payments)), make([]string, len(payments)), make([]string, len(payments))
	for i, p := range payments {
		op, err := k.operatorOf(ctx, p.provider, b.operators)
		if err != nil {
			return err
		}
		leaf.Provider, leaf.Amount = op.account, p.amount
		b.leaves = append(b.leaves, leaf)
		paid += p.amount
		ids[i], accounts[i] = strconv.FormatUint(uint64(p.provider), 10), op.text
		amounts[i] = strconv.FormatUint(p.amount, 10)
	}
	event := sdk.NewEvent(types.EventTaskSettled,
		types.Attr(types.AttrTaskID, task), types.Attr(types.AttrAttempt, uint64(attempt)),
		sdk.NewAttribute(types.AttrRequester, o.payer), sdk.NewAttribute(types.AttrDenom, o.Denom),
		types.HexAttr(types.AttrDigest, result.Digest), types.Attr(types.AttrUnits, result.Units),
		types.Attr(types.AttrAmount, paid), sdk.NewAttribute(types.AttrProviders, strings.Join(ids, ",")),
		sdk.NewAttribute(types.AttrAccounts, strings.Join(accounts, ",")),
		sdk.NewAttribute(types.AttrAmounts, strings.Join(amounts, ",")))
	if o.proved() {
		event = event.AppendAttributes(types.Attr(types.AttrCircuit, o.Circuit), types.HexAttr(types.AttrLeafResult, said))
	}
	sdkCtx.EventManager().EmitEvent(event)
	return nil
}

// settled hashes the leaves of a book.
func (b *book) settled() []oracletypes.Settled {
	out := make([]oracletypes.Settled, len(b.leaves))
	for i, hash := range checkpoint.HashLeaves(b.leaves) {
		out[i] = oracletypes.Settled{Task: b.leaves[i].Task, Leaf: hash}
	}
	return out
}

// recordLeaves hands the leaves of a block to x/oracle. What it refuses stays
// in state and is offered again with the next block that moves coins: nothing
// halts the block, and no payment waits for its leaf.
func (k *Keeper) recordLeaves(ctx context.Context, leaves []oracletypes.Settled) error {
	if err := k.retryLeaves(ctx); err != nil {
		return err
	}
	if len(leaves) == 0 {
		return nil
	}
	cause := k.isolated(ctx, func(ctx context.Context) error { return k.Oracle.AddLeaves(ctx, leaves) })
	if cause == nil {
		return nil
	}
	sdk.UnwrapSDKContext(ctx).Logger().Error("market leaves refused", "leaves", len(leaves), "err", cause)
	for _, l := range leaves {
		if err := k.Leaves.Set(ctx, collections.Join(l.Task, l.Leaf[:])); err != nil {
			return err
		}
	}
	reason := cause.Error()
	return k.events.EventManager(ctx).Emit(ctx, &types.EventLeavesPending{
		Leaves: uint32(len(leaves)), Error: reason[:min(len(reason), 200)],
	})
}

// retryLeaves offers pending leaves again, all of a task or none, since they
// shall be in one checkpoint; those refused once more stay.
func (k *Keeper) retryLeaves(ctx context.Context) error {
	var keys []leafKey
	var leaves []oracletypes.Settled
	err := k.Leaves.Walk(ctx, nil, func(key leafKey) (bool, error) {
		if len(keys) >= retriedLeaves && keys[len(keys)-1].K1() != key.K1() {
			return true, nil
		}
		hash, err := checkpoint.ToHash(key.K2())
		keys, leaves = append(keys, key), append(leaves, oracletypes.Settled{Task: key.K1(), Leaf: hash})
		return false, err
	})
	if err != nil || len(keys) == 0 {
		return err
	}
	cause := k.isolated(ctx, func(ctx context.Context) error { return k.Oracle.AddLeaves(ctx, leaves) })
	if cause != nil {
		sdk.UnwrapSDKContext(ctx).Logger().Error("market leaves refused again", "leaves", len(leaves), "err", cause)
		return nil
	}
	for _, key := range keys {
		if err := k.Leaves.Remove(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) initLeaves(ctx context.Context, g types.GenesisState) error {
	for _, l := range g.Leaves {
		if err := k.Leaves.Set(ctx, collections.Join(l.Task, l.Hash)); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) exportLeaves(ctx context.Context, g *types.GenesisState) error {
	return k.Leaves.Walk(ctx, nil, func(key leafKey) (bool, error) {
		g.Leaves = append(g.Leaves, types.PendingLeaf{Task: key.K1(), Hash: bytes.Clone(key.K2())})
		return false, nil
	})
}
