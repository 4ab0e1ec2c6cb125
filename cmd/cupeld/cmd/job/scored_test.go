// SPDX-License-Identifier: Apache-2.0

package job

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// scoredFrame is a SCORED batch with a lot per state.
func scoredFrame(states ...markettypes.TaskState) snapshot {
	v := frame(states...)
	v.Batch.Policy, v.Batch.Replicas = markettypes.PolicyScored, 1
	return v
}

func TestAccept(t *testing.T) {
	refs := func(lots ...uint32) (out []markettypes.LotRef) {
		for _, l := range lots {
			out = append(out, markettypes.LotRef{Batch: 7, Lot: l})
		}
		return out
	}
	states := []markettypes.TaskState{markettypes.TaskAgreed, markettypes.TaskSettled, markettypes.TaskAgreed}
	for arg, want := range map[string][]markettypes.LotRef{"7": refs(0, 2), "7/2": refs(2)} {
		b := newBench()
		b.market.frames = []snapshot{scoredFrame(states...)}
		b.sender.answer = &markettypes.MsgAcceptResponse{}
		require.NoError(t, b.execute("accept", arg, "--from", "alice"))
		require.Equal(t, &markettypes.MsgAccept{Requester: alice, Lots: want}, b.sender.sent[0])
		require.Contains(t, b.stdout.String(), "of batch 7\n")
	}
	b := newBench()
	b.market.frames = []snapshot{scoredFrame(states...)}
	require.ErrorContains(t, b.execute("accept", "7/1", "--from", "alice"), "nothing of batch 7 waits")
	require.Equal(t, exit.UsageError, exit.Code(b.execute("accept", "7")))
	b.sender.answer = &markettypes.MsgAcceptResponse{Errors: []markettypes.ItemError{{Index: 1, Message: "held back"}}}
	require.ErrorContains(t, b.execute("accept", "7", "--from", "alice"), "1 of 2 lots were not accepted, the first: held back")
	b.market.frames = []snapshot{frame(states...)}
	err := b.execute("accept", "7", "--from", "alice")
	require.Equal(t, exit.UsageError, exit.Code(err))
	require.ErrorContains(t, err, "is not SCORED")
}

func TestReject(t *testing.T) {
	b := newBench()
	b.market.frames = []snapshot{scoredFrame(markettypes.TaskAgreed)}
	b.sender.answer = &markettypes.MsgRejectResponse{Verdict: 5}
	require.NoError(t, b.execute("reject", "7/0", "--from", "alice"))
	require.Equal(t, &markettypes.MsgReject{Requester: alice, Task: markettypes.TaskID(7, 0)}, b.sender.sent[0])
	require.Contains(t, b.stdout.String(), "cupeld query market verdict 5")
	require.NoError(t, b.execute("reject", "7/0", "--from", "alice", "-o", "json"))
	require.Contains(t, b.stdout.String(), `"verdict":5`)
	require.Equal(t, exit.UsageError, exit.Code(b.execute("reject", "7/0")))
}
