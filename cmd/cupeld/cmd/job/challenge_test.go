// SPDX-License-Identifier: Apache-2.0

package job

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

func TestChallenge(t *testing.T) {
	for flag, kind := range map[string]markettypes.ChallengeKind{
		"--wrong": markettypes.ChallengeWrong, "--unavailable": markettypes.ChallengeUnavailable,
	} {
		b := newBench()
		b.market.frames = []snapshot{frame(markettypes.TaskAgreed, markettypes.TaskAgreed)}
		b.sender.answer = &markettypes.MsgChallengeResponse{Bond: 1_000_000}
		require.NoError(t, b.execute("challenge", "7/1", flag, "--from", "alice"))
		require.Equal(t, &markettypes.MsgChallenge{Sender: alice, Task: markettypes.TaskID(7, 1), Kind: kind}, b.sender.sent[0])
		require.Contains(t, b.stdout.String(), "challenged task 28673, 1000000 held as a bond: follow it with 'cupeld query market case 28673'")
		require.NoError(t, b.execute("challenge", "7/1", flag, "--from", "alice", "-o", "json"))
		require.Contains(t, b.stdout.String(), `"type":"challenged","task":28673,"bond":1000000`)
	}
}

func TestAppeal(t *testing.T) {
	b := newBench()
	b.market.frames = []snapshot{frame(markettypes.TaskAgreed)}
	b.sender.answer = &markettypes.MsgAppealResponse{Bond: 7_000_000}
	require.NoError(t, b.execute("appeal", "7/0", "--from", "alice"))
	require.Equal(t, &markettypes.MsgAppeal{Sender: alice, Task: markettypes.TaskID(7, 0)}, b.sender.sent[0])
	require.Contains(t, b.stdout.String(), "appealed task 28672, 7000000 held as a bond")
	require.NoError(t, b.execute("appeal", "7/0", "--from", "alice", "-o", "json"))
	require.Contains(t, b.stdout.String(), `"type":"appealed","task":28672,"bond":7000000`)
}

// TestDisputeUsage breaks one thing of a valid command line.
func TestDisputeUsage(t *testing.T) {
	for name, args := range map[string][]string{
		"neither kind":        {"challenge", "7/0", "--from", "alice"},
		"both kinds":          {"challenge", "7/0", "--wrong", "--unavailable", "--from", "alice"},
		"nobody challenges":   {"challenge", "7/0", "--wrong"},
		"nobody appeals":      {"appeal", "7/0"},
		"no task":             {"appeal", "--from", "alice"},
		"a challenge of none": {"challenge", "--wrong", "--from", "alice"},
		"no such task":        {"appeal", "7/x", "--from", "alice"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench()
			b.market.frames = []snapshot{frame(markettypes.TaskAgreed)}
			require.Equal(t, exit.UsageError, exit.Code(b.execute(args...)))
			require.Empty(t, b.sender.sent)
		})
	}
}

// TestRefusedDispute: what the chain refuses is said, and not taken for done.
func TestRefusedDispute(t *testing.T) {
	b := newBench()
	b.market.frames = []snapshot{frame(markettypes.TaskAgreed)}
	b.sender.awaitErr = markettypes.ErrTooLate.Wrap("the window ended")
	require.ErrorContains(t, b.execute("appeal", "7/0", "--from", "alice"), "the window ended")
	require.NotContains(t, b.stdout.String(), "appealed")
}
