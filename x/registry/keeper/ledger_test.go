// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// ledger drives the module with messages of a few accounts, valid or not, and
// with what x/market does to it.
type ledger struct {
	*fixture
	supply uint64
}

const people = 5

func newLedger(t *rapid.T) *ledger {
	l := &ledger{fixture: newFixture(t)}
	for i := range people {
		l.fund(person(i), 3_000*cupel)
	}
	for i := range people - 1 {
		l.register(person(i), key(i), 1_000*cupel)
	}
	l.supply = l.total()
	return l
}

func person(i int) sdk.AccAddress { return addr(fmt.Sprintf("person %d", i)) }

func key(i int) sdk.AccAddress { return addr(fmt.Sprintf("key %d", i)) }

// total is the sum of all coins.
func (l *ledger) total() uint64 {
	sum := uint64(0)
	err := l.bank.balances.Walk(l.ctx, nil, func(_ []byte, amount uint64) (bool, error) {
		sum += amount
		return false, nil
	})
	require.NoError(l.t, err)
	return sum
}

func anyPerson(t *rapid.T) sdk.AccAddress {
	return person(rapid.IntRange(0, people-1).Draw(t, "person"))
}

func anyKey(t *rapid.T) sdk.AccAddress { return key(rapid.IntRange(0, people).Draw(t, "key")) }

func anyID(t *rapid.T) uint32 { return rapid.Uint32Range(1, people+2).Draw(t, "id") }

func anyAmount(t *rapid.T) uint64 {
	round := rapid.SampledFrom([]uint64{0, 1, 50 * cupel, 100 * cupel, 900 * cupel, 1_000 * cupel})
	return rapid.OneOf(round, rapid.Uint64Range(0, 2_000*cupel)).Draw(t, "amount")
}

func anyResources(t *rapid.T) []types.Resource {
	all := registration(alice, aliceHot).Resources
	all[0].Count = rapid.SampledFrom([]uint32{0, 1, 2, 5}).Draw(t, "count")
	return [][]types.Resource{all, all[:1], all[1:]}[rapid.IntRange(0, 2).Draw(t, "resources")]
}

// TestLedger checks that random sequences of every message, block and call of
// x/market keep the invariants and lose no coin.
func TestLedger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger(t)
		actions := l.messages()
		for name, action := range l.market() {
			actions[name] = action
		}
		actions[""] = func(t *rapid.T) {
			require.NoError(t, l.k.CheckInvariants(l.ctx))
			require.Equal(t, l.supply, l.total())
			genesis, err := l.k.ExportGenesis(l.ctx)
			require.NoError(t, err)
			require.NoError(t, genesis.Validate(addresses))
		}
		t.Repeat(actions)
	})
}

// try delivers a message that may fail, but not by changing anything.
func (l *ledger) try(message func(ctx context.Context) error) { _ = l.deliver(message) }

func (l *ledger) messages() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"register": func(t *rapid.T) {
			msg := registration(anyPerson(t), anyKey(t))
			msg.Bond, msg.Resources = coin(anyAmount(t)), anyResources(t)
			l.try(func(ctx context.Context) error { _, err := l.msgs.Register(ctx, &msg); return err })
		},
		"update": func(t *rapid.T) {
			msg := types.MsgUpdateProvider{Operator: text(anyPerson(t)), Endpoint: "http://a", Resources: anyResources(t)}
			l.try(func(ctx context.Context) error { _, err := l.msgs.UpdateProvider(ctx, &msg); return err })
		},
		"rotate": func(t *rapid.T) {
			msg := types.MsgRotateWorker{Operator: text(anyPerson(t)), Worker: text(anyKey(t))}
			l.try(func(ctx context.Context) error { _, err := l.msgs.RotateWorker(ctx, &msg); return err })
		},
		"bond": func(t *rapid.T) {
			msg := types.MsgBond{Operator: text(anyPerson(t)), Amount: coin(anyAmount(t))}
			l.try(func(ctx context.Context) error { _, err := l.msgs.Bond(ctx, &msg); return err })
		},
		"unbond": func(t *rapid.T) {
			msg := types.MsgUnbond{Operator: text(anyPerson(t)), Amount: coin(anyAmount(t))}
			l.try(func(ctx context.Context) error { _, err := l.msgs.Unbond(ctx, &msg); return err })
		},
		"heartbeat": func(t *rapid.T) {
			msg := types.MsgHeartbeat{Worker: text(anyKey(t))}
			l.try(func(ctx context.Context) error { _, err := l.msgs.Heartbeat(ctx, &msg); return err })
		},
		"drain": func(t *rapid.T) {
			msg := types.MsgDrain{Signer: text(anyPerson(t)), Drain: rapid.Bool().Draw(t, "drain")}
			l.try(func(ctx context.Context) error { _, err := l.msgs.Drain(ctx, &msg); return err })
		},
		"unjail": func(t *rapid.T) {
			msg := types.MsgUnjail{Operator: text(anyPerson(t))}
			l.try(func(ctx context.Context) error { _, err := l.msgs.Unjail(ctx, &msg); return err })
		},
		"deregister": func(t *rapid.T) {
			msg := types.MsgDeregister{Operator: text(anyPerson(t))}
			l.try(func(ctx context.Context) error { _, err := l.msgs.Deregister(ctx, &msg); return err })
		},
		"params": func(t *rapid.T) {
			params := types.DefaultParams()
			params.TicketSize = rapid.SampledFrom([]uint64{0, 1, 7 * cupel, 100 * cupel}).Draw(t, "ticket size")
			params.UnbondingTicks = rapid.SampledFrom([]uint64{0, 1, 3_600, 1_814_400}).Draw(t, "cooldown")
			msg := types.MsgUpdateParams{Authority: text(gov), Params: params}
			l.try(func(ctx context.Context) error { _, err := l.msgs.UpdateParams(ctx, &msg); return err })
		},
	}
}

// market are the calls of x/market and the blocks.
func (l *ledger) market() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"slash": func(t *rapid.T) {
			id, amount := anyID(t), anyAmount(t)
			l.try(func(ctx context.Context) error { _, err := l.k.Slash(ctx, id, amount, "market", "wrong"); return err })
		},
		"jail": func(t *rapid.T) {
			id := anyID(t)
			l.try(func(ctx context.Context) error { return l.k.Jail(ctx, id, "wrong") })
		},
		"load": func(t *rapid.T) {
			id, seats := anyID(t), rapid.SampledFrom([]uint32{0, 0, 0, 1}).Draw(t, "in flight")
			l.try(func(ctx context.Context) error {
				load, err := l.k.Load(ctx, id)
				if err != nil {
					return err
				}
				load.InFlight = seats
				return l.k.SetLoad(ctx, id, load)
			})
		},
		"block": func(t *rapid.T) {
			l.skip(rapid.SampledFrom([]uint64{1, 300, 3_600, 172_800, 1_814_400}).Draw(t, "ticks"))
		},
		"refused block": func(t *rapid.T) {
			victim := anyPerson(t)
			l.bank.refuse = func(to sdk.AccAddress) error {
				if to.Equals(victim) {
					panic("refused")
				}
				return nil
			}
			l.skip(600)
			l.bank.refuse = nil
		},
		"gift": func(t *rapid.T) {
			module := authtypes.NewModuleAddress(types.ModuleName)
			l.fund(module, l.has(module)+1)
			l.supply++
		},
	}
}
