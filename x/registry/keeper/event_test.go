// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestEvents compares what each verb emits with testdata/events. Explorers and
// workers read events: a difference is a change of an API.
func TestEvents(t *testing.T) {
	tests := map[string]struct {
		given func(*fixture)
		do    func(*fixture) error
	}{
		"register": {nothing, func(f *fixture) error {
			msg := registration(alice, aliceHot)
			_, err := f.msgs.Register(f.ctx, &msg)
			return err
		}},
		"update_provider": {hasAlice, func(f *fixture) error {
			_, err := f.msgs.UpdateProvider(f.ctx, &types.MsgUpdateProvider{
				Operator: text(alice), Endpoint: "http://a", Resources: []types.Resource{{Class: wasm, Count: 1, Price: 1}},
			})
			return err
		}},
		"rotate_worker": {hasAlice, func(f *fixture) error { return f.k.RotateWorker(f.ctx, alice, bobHot) }},
		"bond":          {hasAlice, func(f *fixture) error { return f.k.Bond(f.ctx, alice, 5) }},
		"unbond":        {hasAlice, func(f *fixture) error { _, err := f.k.Unbond(f.ctx, alice, 5); return err }},
		"heartbeat":     {hasAlice, func(f *fixture) error { return f.k.Heartbeat(f.ctx, aliceHot) }},
		"drain":         {hasAlice, func(f *fixture) error { return f.k.Drain(f.ctx, alice) }},
		"resume":        {func(f *fixture) { hasAlice(f); drainAlice(f) }, func(f *fixture) error { return f.k.Resume(f.ctx, alice) }},
		"jail":          {hasAlice, func(f *fixture) error { return f.k.Jail(f.ctx, 1, "wrong") }},
		"unjail":        {func(f *fixture) { hasAlice(f); jailAlice(f); f.skip(3_600) }, func(f *fixture) error { return f.k.Unjail(f.ctx, alice) }},
		"slash":         {hasAlice, func(f *fixture) error { _, err := f.k.Slash(f.ctx, 1, 5, "market", "wrong"); return err }},
		"deregister":    {hasAlice, func(f *fixture) error { _, err := f.k.Deregister(f.ctx, alice); return err }},
		"release":       {func(f *fixture) { hasAlice(f); deregisterAlice(f) }, func(f *fixture) error { f.skip(types.DefaultParams().UnbondingTicks); return nil }},
		"silence":       {hasAlice, func(f *fixture) error { f.skip(172_800); return nil }},
		"add_class": {nothing, func(f *fixture) error {
			_, err := f.k.AddClass(f.ctx, types.Class{Name: "cpu/v1", Unit: types.UnitSecond})
			return err
		}},
		"create_model": {nothing, func(f *fixture) error {
			msg := createMsg()
			_, err := f.msgs.CreateModel(f.ctx, &msg)
			return err
		}},
		"publish_version": {hasModel, func(f *fixture) error { _, err := f.k.PublishVersion(f.ctx, alice, 1, content(2)); return err }},
		"sign_version": {hasModel, func(f *fixture) error {
			_, err := f.k.SignVersion(f.ctx, bob, types.VersionRef{Model: 1, Version: 1})
			return err
		}},
		"update_model":   {hasModel, func(f *fixture) error { return f.k.UpdateModel(f.ctx, alice, 1, 7, nil) }},
		"transfer_model": {hasModel, func(f *fixture) error { return f.k.TransferModel(f.ctx, alice, 1, bob) }},
		"update_params":  {nothing, func(f *fixture) error { return f.k.SetParams(f.ctx, types.DefaultParams()) }},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			tc.given(f)
			f.ctx = f.ctx.WithEventManager(sdk.NewEventManager())
			require.NoError(t, tc.do(f))

			got := render(t, f.ctx.EventManager().Events())
			path := filepath.Join("testdata", "events", name+".txt")
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
				require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// render writes one line per event and one per attribute. A typed event must
// parse: it is what clients do with it.
func render(t *testing.T, events sdk.Events) string {
	var b strings.Builder
	for _, event := range events {
		if strings.HasPrefix(event.Type, "cupel.") {
			_, err := sdk.ParseTypedEvent(sdk.Events{event}.ToABCIEvents()[0])
			require.NoError(t, err)
		}
		fmt.Fprintln(&b, event.Type)
		for _, attribute := range event.Attributes {
			fmt.Fprintf(&b, "  %s=%s\n", attribute.Key, attribute.Value)
		}
	}
	return b.String()
}
