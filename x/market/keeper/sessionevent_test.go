// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
)

// act is what happens in one block of a session's story; the block lasts as
// long as it says, a second if it does not.
type act struct {
	do    func(*testing.T, *sim.Chain)
	lasts time.Duration
}

func sessionStories() map[string][]act {
	spend := func(sequence, units uint64) act {
		return act{do: func(t *testing.T, c *sim.Chain) {
			_, err := redeem(c, sign(t, "k", 1, sequence, units))
			require.NoError(t, err)
		}}
	}
	wait := func(blocks int) []act { return make([]act, blocks) }
	day := append([]act{{lasts: 25 * time.Hour}}, wait(9)...)
	topUp := act{do: func(t *testing.T, c *sim.Chain) {
		_, err := c.Msgs().TopUp(c.Ctx, &types.MsgTopUp{Requester: sim.Text(requester), Session: 1, Amount: 50_000})
		require.NoError(t, err)
	}}
	story := func(parts ...[]act) (all []act) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	return map[string][]act{
		"session_closed":       story(wait(2), []act{spend(1, 1_000_000), spend(2, 2_800_000), topUp, {do: closingSession}}, day, wait(32)),
		"session_paused":       story([]act{spend(1, 5_000_000), topUp, spend(1, 5_000_000)}, wait(6)),
		"session_expired":      story(wait(41), day),
		"session_by_provider":  story([]act{spend(1, 1_000), {do: closedSession}}),
		"session_params_ended": story([]act{{do: endedParams}, {do: func(t *testing.T, c *sim.Chain) { require.NoError(t, crankSession(c, 1)) }}}),
	}
}

// TestSessionEvents compares everything that the lives of sessions emit with
// testdata/events. Explorers, workers and wallets read events: a difference is
// a change of an API.
func TestSessionEvents(t *testing.T) {
	for name, acts := range sessionStories() {
		t.Run(name, func(t *testing.T) {
			c := parlour(t, 1)
			c.Ctx = c.Ctx.WithEventManager(sdk.NewEventManager())
			openSession(t, c, opening(c))
			var b strings.Builder
			for i, a := range acts {
				if a.do != nil {
					a.do(t, c)
				}
				render(t, &b, i, c.Ctx.EventManager().Events())
				c.BlockTime = max(a.lasts, time.Second)
				endBlock(t, c, &b, i)
			}
			path := filepath.Join("testdata", "events", name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o600))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), b.String())
		})
	}
}
