// SPDX-License-Identifier: Apache-2.0

package keeper

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	stdmath "math"
	"slices"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/internal/branch"
	"github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// target says where coins of a book go.
type target uint8

const (
	toAccount target = iota
	toProvider
	toTreasury
	toBurn
)

// transfer is one movement out of the module account.
type transfer struct {
	target   target
	account  []byte
	provider uint32
	denom    string
	amount   uint64
}

// book collects the movements of a message or a block, so that coins move
// once per recipient, and the leaves of what became final. The ledger is
// written before: a book only empties what no tally, pool or case holds any more.
type book struct {
	transfers []transfer
	leaves    []checkpoint.Leaf
	operators operators
}

func newBook() *book { return &book{operators: operators{}} }

// page is a book for one item, which b takes in only if the item went well.
func (b *book) page() *book { return &book{operators: b.operators} }

func (b *book) take(page *book) {
	b.transfers = append(b.transfers, page.transfers...)
	b.leaves = append(b.leaves, page.leaves...)
}

// nearby is how many of the last movements may be those of the same recipient:
// the tasks of a lot pay the same few.
const nearby = 16

func (b *book) add(t transfer) {
	if t.amount == 0 {
		return
	}
	for i := len(b.transfers) - 1; i >= max(len(b.transfers)-nearby, 0); i-- {
		if b.transfers[i].join(t) {
			return
		}
	}
	b.transfers = append(b.transfers, t)
}

// join adds a movement to one of the same recipient and denom, unless the sum
// would not fit 64 bits: then both are made.
func (t *transfer) join(other transfer) bool {
	if compareTransfers(*t, other) != 0 || other.amount > stdmath.MaxUint64-t.amount {
		return false
	}
	t.amount += other.amount
	return true
}

func compareTransfers(a, b transfer) int {
	return cmp.Or(
		cmp.Compare(a.target, b.target),
		bytes.Compare(a.account, b.account),
		cmp.Compare(a.provider, b.provider),
		cmp.Compare(a.denom, b.denom),
	)
}

// merged returns the movements of a book, one per recipient and denom if its
// sum fits 64 bits.
func (b *book) merged() []transfer {
	slices.SortStableFunc(b.transfers, compareTransfers)
	var out []transfer
	for _, t := range b.transfers {
		if len(out) == 0 || !out[len(out)-1].join(t) {
			out = append(out, t)
		}
	}
	return out
}

// flush moves the coins of a book for a message and records its leaves: both
// or neither. What an account refuses becomes claimable.
func (k *Keeper) flush(ctx context.Context, b *book) error {
	for _, t := range b.merged() {
		if err := k.move(ctx, t); err != nil {
			return err
		}
	}
	if len(b.leaves) == 0 {
		return nil
	}
	return k.Oracle.AddLeaves(ctx, b.settled())
}

// flushBlock is flush at the end of a block, which nothing may halt: what can
// be neither burned nor given to the treasury becomes claimable by governance,
// and leaves that x/oracle refuses stay in state.
func (k *Keeper) flushBlock(ctx context.Context, b *book) error {
	if len(b.transfers)+len(b.leaves) == 0 {
		return nil
	}
	for _, t := range b.merged() {
		err := k.isolated(ctx, func(ctx context.Context) error { return k.move(ctx, t) })
		if err == nil {
			continue
		}
		sdk.UnwrapSDKContext(ctx).Logger().Error("market movement failed", "target", t.target, "amount", t.amount, "denom", t.denom, "err", err)
		if err := k.credit(ctx, k.authority, sdk.NewCoin(t.denom, math.NewIntFromUint64(t.amount)), t.amount); err != nil {
			return err
		}
	}
	return k.recordLeaves(ctx, b.settled())
}

func (k *Keeper) move(ctx context.Context, t transfer) error {
	coins := sdk.NewCoins(sdk.NewCoin(t.denom, math.NewIntFromUint64(t.amount)))
	switch t.target {
	case toBurn:
		return k.Bank.BurnCoins(ctx, types.ModuleName, coins)
	case toTreasury:
		return k.Treasury.FundCommunityPool(ctx, coins, k.account)
	case toProvider:
		p, err := k.Registry.Provider(ctx, t.provider)
		if err != nil {
			return err
		}
		if t.account, err = k.addresses.StringToBytes(p.Payout); err != nil {
			return err
		}
		if err := k.earn(ctx, t.provider, t.denom, t.amount); err != nil {
			return err
		}
	case toAccount:
	}
	return k.send(ctx, t.account, coins[0], t.amount)
}

// send pays an account, or credits what it can claim if the bank refuses.
func (k *Keeper) send(ctx context.Context, account []byte, coin sdk.Coin, amount uint64) error {
	cached, write := branch.Context(sdk.UnwrapSDKContext(ctx))
	if err := k.Bank.SendCoinsFromModuleToAccount(cached, types.ModuleName, account, sdk.NewCoins(coin)); err == nil { //nolint:contextcheck // the branch is made of ctx
		write()
		return nil
	}
	return k.credit(ctx, account, coin, amount)
}

// credit adds to what an account can claim.
func (k *Keeper) credit(ctx context.Context, account []byte, coin sdk.Coin, amount uint64) error {
	key := collections.Join(account, coin.Denom)
	old, err := k.Claimables.Get(ctx, key)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	if err := k.Claimables.Set(ctx, key, old+amount); err != nil {
		return err
	}
	text, err := k.addresses.BytesToString(account)
	if err != nil {
		return err
	}
	return k.events.EventManager(ctx).Emit(ctx, &types.EventClaimable{Account: text, Amount: coin.String()})
}

// Claim pays out what could not be sent to account.
func (k *Keeper) Claim(ctx context.Context, account, recipient sdk.AccAddress, denom string) (uint64, error) {
	key := collections.Join([]byte(account), denom)
	amount, err := k.Claimables.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, types.ErrNothingToClaim.Wrapf("%s has no claim in %q", account, denom)
	}
	if err != nil {
		return 0, err
	}
	if err := k.Claimables.Remove(ctx, key); err != nil {
		return 0, err
	}
	coin := sdk.NewCoin(denom, math.NewIntFromUint64(amount))
	if err := k.Bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, recipient, sdk.NewCoins(coin)); err != nil {
		return 0, err
	}
	event := types.EventClaimed{Amount: coin.String()}
	if event.Account, err = k.addresses.BytesToString(account); err != nil {
		return 0, err
	}
	if event.Recipient, err = k.addresses.BytesToString(recipient); err != nil {
		return 0, err
	}
	return amount, k.events.EventManager(ctx).Emit(ctx, &event)
}

// take removes coins from the escrow of the order.
func (o *order) take(amount uint64) error {
	if o.tally.Escrow < amount {
		return types.ErrInvariant.Wrapf("batch %d holds %d, %d are to leave", o.Id, o.tally.Escrow, amount)
	}
	o.tally.Escrow -= amount
	return nil
}

// refund returns escrow to the requester.
func (o *order) refund(b *book, amount uint64) error {
	if err := o.take(amount); err != nil {
		return err
	}
	o.tally.Refunded += amount
	b.add(transfer{target: toAccount, account: o.Requester, denom: o.Denom, amount: amount})
	return nil
}

// pay sends escrow to a provider.
func (o *order) pay(b *book, provider uint32, amount uint64) error {
	if err := o.take(amount); err != nil {
		return err
	}
	o.tally.Paid += amount
	b.add(transfer{target: toProvider, provider: provider, denom: o.Denom, amount: amount})
	return nil
}

// share sends escrow to the treasury and burns escrow.
func (o *order) share(b *book, treasury, burn uint64) error {
	if err := o.take(treasury + burn); err != nil {
		return err
	}
	o.tally.Treasury += treasury
	o.tally.Burned += burn
	b.add(transfer{target: toTreasury, denom: o.Denom, amount: treasury})
	b.add(transfer{target: toBurn, denom: o.Denom, amount: burn})
	return nil
}

// pool moves escrow into the audit pool, which save writes once for all the
// tasks of a step.
func (o *order) pool(amount uint64) error {
	if err := o.take(amount); err != nil {
		return err
	}
	o.tally.Pooled += amount
	o.toPool += amount
	return nil
}

func (k *Keeper) poolOf(ctx context.Context, denom string) (uint64, error) {
	free, err := k.Pools.Get(ctx, denom)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return free, err
}

func (k *Keeper) addPool(ctx context.Context, denom string, amount uint64) error {
	if amount == 0 {
		return nil
	}
	free, err := k.poolOf(ctx, denom)
	if err != nil {
		return err
	}
	if amount > stdmath.MaxUint64-free {
		return types.ErrAmountTooLarge.Wrapf("the audit pool holds %d%s, %d more do not fit 64 bits", free, denom, amount)
	}
	return k.Pools.Set(ctx, denom, free+amount)
}

// reserve takes up to want out of the audit pool and returns what it took.
func (k *Keeper) reserve(ctx context.Context, denom string, want uint64) (uint64, error) {
	free, err := k.poolOf(ctx, denom)
	if err != nil {
		return 0, err
	}
	got := min(free, want)
	if got == 0 {
		return 0, nil
	}
	return got, k.Pools.Set(ctx, denom, free-got)
}
