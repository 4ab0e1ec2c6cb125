// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	oraclekeeper "github.com/cupel-network/cupel/x/oracle/keeper"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
	reputationkeeper "github.com/cupel-network/cupel/x/reputation/keeper"
	reputationtypes "github.com/cupel-network/cupel/x/reputation/types"
)

// leaf is one number or switch of params, by its path.
type leaf struct {
	path  string
	value reflect.Value
	// sibling is the number next to it in its struct or list, if any: of those
	// that must add up to something, two change.
	sibling reflect.Value
}

// leaves lists every field of params, found by reflection: one that is added
// is in the list by itself.
func leaves(path string, v reflect.Value) []leaf {
	var out []leaf
	var last reflect.Value
	first := -1
	add := func(name string, v reflect.Value) {
		if !v.CanUint() && !v.CanInt() && v.Kind() != reflect.Bool {
			out = append(out, leaves(name, v)...)
			return
		}
		out = append(out, leaf{name, v, last})
		if !v.CanUint() {
			return
		}
		if last = v; first < 0 {
			first = len(out) - 1
		} else if !out[first].sibling.IsValid() {
			out[first].sibling = v
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			add(path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			add(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	default: // names: they are no terms
	}
	return out
}

// changed sets a leaf to a value that it does not have and that try accepts.
func (l leaf) changed(try func() bool) bool {
	switch {
	case l.value.Kind() == reflect.Bool:
		l.value.SetBool(!l.value.Bool())
		return try()
	case l.value.CanInt():
		l.value.SetInt(l.value.Int() + 1_000_000_000_000)
		return try()
	}
	old := l.value.Uint()
	for _, n := range []uint64{old * 2, old / 2, old + old/4, old - old/4, old + 1, old - 1, 1, 0} {
		if n == old || l.value.OverflowUint(n) {
			continue
		}
		l.value.SetUint(n)
		if try() {
			return true
		}
		if !l.sibling.IsValid() || l.sibling.Uint()+old < n {
			continue
		}
		before := l.sibling.Uint()
		l.sibling.SetUint(before + old - n)
		if try() {
			return true
		}
		l.sibling.SetUint(before)
	}
	return false
}

// module says how to read and set the params of one module.
type module struct {
	name string
	get  func(c *sim.Chain) (any, error)
	set  func(ctx context.Context, c *sim.Chain, p any) error
}

var modules = []module{
	{"market", func(c *sim.Chain) (any, error) {
		_, p, err := c.Market.CurrentParams(c.Ctx)
		return &p, err
	}, func(ctx context.Context, c *sim.Chain, p any) error {
		_, err := c.Msgs().UpdateParams(ctx, &types.MsgUpdateParams{Authority: sim.Text(sim.Gov), Params: *p.(*types.Params)})
		return err
	}},
	{"registry", func(c *sim.Chain) (any, error) {
		p, err := c.Registry.Params.Get(c.Ctx)
		return &p, err
	}, func(ctx context.Context, c *sim.Chain, p any) error {
		_, err := registrykeeper.NewMsgServer(c.Registry).UpdateParams(ctx, &registrytypes.MsgUpdateParams{Authority: sim.Text(sim.Gov), Params: *p.(*registrytypes.Params)})
		return err
	}},
	{"reputation", func(c *sim.Chain) (any, error) {
		p, err := c.Reputation.Params.Get(c.Ctx)
		return &p, err
	}, func(ctx context.Context, c *sim.Chain, p any) error {
		_, err := reputationkeeper.NewMsgServer(c.Reputation).UpdateParams(ctx, &reputationtypes.MsgUpdateParams{Authority: sim.Text(sim.Gov), Params: *p.(*reputationtypes.Params)})
		return err
	}},
	{"oracle", func(c *sim.Chain) (any, error) {
		p, err := c.Oracle.Params.Get(c.Ctx)
		return &p, err
	}, func(ctx context.Context, c *sim.Chain, p any) error {
		_, err := oraclekeeper.NewMsgServer(c.Oracle).UpdateParams(ctx, &oracletypes.MsgUpdateParams{Authority: sim.Text(sim.Gov), Params: *p.(*oracletypes.Params)})
		return err
	}},
}

// fixed are the params that no other value is valid for.
var fixed = []string{
	"market.Denoms[0].Rate",    // the base denom has a rate of one
	"market.Denoms[0].Expires", // and never expires
	"registry.Tiers[3].Slots",  // the highest tier has no limit
	// the first standing is everybody's
	"reputation.Levels[0].MinScore", "reputation.Levels[0].MinCounted",
}

// together are params of which no single one has another valid value.
var together = map[string]func(*types.Params){
	"market.GrowTo":              biggerSets,
	"market.Quorum":              biggerSets,
	"market.Challenge.Jury":      smallerJury,
	"market.Challenge.JurySlash": smallerJury,
}

func biggerSets(p *types.Params)  { p.GrowTo, p.Quorum = 9, 5 }
func smallerJury(p *types.Params) { p.Challenge.Jury, p.Challenge.JurySlash = 19, 13 }

// TestEveryParamIsPinned changes every single param of the four modules, found by
// reflection, to another valid value while tasks are open, and says which it
// could not: every coin goes where it would have gone.
func TestEveryParamIsPinned(t *testing.T) {
	m := sim.Submit(requester)
	m.Count, m.Limits.WallSeconds, m.Deadline = 2, 1, 30
	orders := []types.MsgSubmit{m, sim.Optimistic(m)}
	want, _ := payoffs(t, orders, 1, nil)
	seen := 0
	for _, mod := range modules {
		read := func() (any, []leaf) {
			p, err := mod.get(pinnedWorld(t))
			require.NoError(t, err)
			return p, leaves(mod.name, reflect.ValueOf(p).Elem())
		}
		_, all := read()
		scratch := pinnedWorld(t)
		for i := range all {
			p, ls := read()
			accepted := func() bool {
				return errors.Is(scratch.Deliver(func(ctx context.Context) error {
					return cmp.Or(mod.set(ctx, scratch, p), errNotKept)
				}), errNotKept)
			}
			var valid bool
			if edit, ok := together[ls[i].path]; ok {
				edit(p.(*types.Params))
				valid = accepted()
			} else {
				valid = ls[i].changed(accepted)
			}
			assert.Equal(t, !slices.Contains(fixed, ls[i].path), valid, "%s: is another value valid?", ls[i].path)
			seen++
			if !valid {
				continue
			}
			at := []int{0, 3, 8, 15, 25}[i%5]
			got, applied := payoffs(t, orders, 1, []change{{at, func(ctx context.Context, c *sim.Chain) error { return mod.set(ctx, c, p) }}})
			require.Equal(t, 1, applied, ls[i].path)
			assert.Equal(t, want, got, ls[i].path)
		}
	}
	require.Greater(t, seen, 100)
	t.Logf("%d params of %d modules; no other value is valid for %v", seen, len(modules), fixed)
}

// errNotKept has a delivery that went well leave no trace.
var errNotKept = errors.New("not kept")
