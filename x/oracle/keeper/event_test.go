// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// TestCheckpointEvents: a new, renamed or missing event or attribute is a
// change for those who read them.
func TestCheckpointEvents(t *testing.T) {
	w := newWorld(t, 100, 100, 100)
	w.setParams(func(p *types.Params) { p.MaxMissed = 1 })
	var all sdk.Events
	blocks := func(done func() bool) {
		for range 40 {
			all = append(all, ours(w.ctx.EventManager().Events())...)
			w.ctx = w.ctx.WithEventManager(sdk.NewEventManager())
			if done() {
				return
			}
			// next drops the events of the block's end, so it ends here first;
			// to end it once more changes nothing.
			require.NoError(t, w.k.EndBlock(w.ctx))
			all = append(all, ours(w.ctx.EventManager().Events())...)
			w.next()
			w.ctx = w.ctx.WithEventManager(sdk.NewEventManager())
		}
		require.Fail(t, "never")
	}
	for i := range 3 {
		require.NoError(t, w.register(i))
	}
	blocks(func() bool { return w.line().SetId == 1 })
	w.settle(2)
	blocks(func() bool { return w.line().LastNonce == 1 })
	w.attestAll(1, 0, 1)
	_, err := w.msgs.ForceSeal(w.ctx, &types.MsgForceSeal{Authority: authority.String(), Nonce: 1})
	require.NoError(t, err)
	blocks(func() bool { return w.line().LastNonce == 2 }) // the absent one leaves
	w.attestAll(2, 0, 1, 2)
	blocks(func() bool { return w.line().SealedNonce == 2 })
	require.NoError(t, w.rotate(0, newKey("fresh")))
	require.NoError(t, w.accuse(1, func(h *checkpoint.Header) { h.Root[0] ^= 1 }))
	blocks(func() bool { return true })

	w.ctx = w.ctx.WithEventManager(sdk.NewEventManager())
	w.ctx.EventManager().EmitEvents(all)
	w.golden("testdata/checkpoints.json")
	for _, event := range w.ctx.EventManager().ABCIEvents() {
		if strings.HasPrefix(event.Type, "cupel.") {
			_, err := sdk.ParseTypedEvent(event)
			require.NoError(t, err)
		}
	}
}

// ours leaves out the events of the SDK's modules and of epochs and seeds.
func ours(events sdk.Events) (out sdk.Events) {
	for _, e := range events {
		if e.Type == types.EventCheckpointSealed || strings.HasPrefix(e.Type, "cupel.") && !strings.HasSuffix(e.Type, "EventEpochStarted") && !strings.HasSuffix(e.Type, "EventSeedMade") {
			out = append(out, e)
		}
	}
	return out
}
