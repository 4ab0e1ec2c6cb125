// SPDX-License-Identifier: Apache-2.0

package job

import (
	"bytes"
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

func life() []snapshot {
	return []snapshot{
		frame(markettypes.TaskOpen), frame(markettypes.TaskOpen), frame(markettypes.TaskAssigned),
		frame(markettypes.TaskCommitted), frame(markettypes.TaskAgreed), frame(markettypes.TaskSettled),
	}
}

func (b *bench) followTo(g goal) (snapshot, error) {
	return b.follow(context.Background(), 7, g, time.Unix(0, 0), b.reporter())
}

func TestProgressLines(t *testing.T) {
	b := newBench()
	b.market.frames = life()
	v, err := b.followTo(goalAgreed)
	require.NoError(t, err)
	require.Equal(t, markettypes.TaskAgreed, v.tasks[0].State)
	require.Equal(t, `task 28672 (7/0)  OPEN       committed 0/3  revealed 0/3  1s  cost <= 9000ucupel
task 28672 (7/0)  ASSIGNED   committed 1/3  revealed 0/3  3s  cost <= 9000ucupel
task 28672 (7/0)  COMMITTED  committed 3/3  revealed 0/3  4s  cost <= 9000ucupel
task 28672 (7/0)  AGREED     committed 3/3  revealed 3/3  5s  cost <= 2700ucupel
`, b.stderr.String())
	require.Empty(t, b.stdout.String())
}

func TestLiveReporter(t *testing.T) {
	var out bytes.Buffer
	r := &liveReporter{w: &out}
	r.update(frame(markettypes.TaskOpen, markettypes.TaskAssigned))
	r.update(frame(markettypes.TaskAgreed, markettypes.TaskFailed))
	r.end()
	require.Equal(t, "\r\x1b[2Ktask 28672 (7/0)  OPEN       committed 0/3  revealed 0/3\n"+
		"\r\x1b[2Ktask 28673 (7/1)  ASSIGNED   committed 1/3  revealed 0/3  0s  cost <= 9000ucupel\n"+
		"\x1b[2A\r\x1b[2Ktask 28672 (7/0)  AGREED     committed 3/3  revealed 3/3\n"+
		"\r\x1b[2Ktask 28673 (7/1)  FAILED     committed 0/3  revealed 0/3  the providers did not agree on a result  0s  cost <= 2700ucupel\n",
		out.String())
}

func TestLiveReporterCutsToTheTerminal(t *testing.T) {
	var out bytes.Buffer
	r := &liveReporter{w: &out, width: func() int { return 10 }}
	r.update(frame(markettypes.TaskOpen))
	require.Equal(t, "\r\x1b[2Ktask 28672\n", out.String())
}

func TestProgressOfManyTasksIsOneLine(t *testing.T) {
	states := make([]markettypes.TaskState, 700)
	for i := range states {
		states[i] = markettypes.TaskAgreed
	}
	states[3], states[699] = markettypes.TaskOpen, markettypes.TaskAssigned
	done := make([]markettypes.TaskState, 700)
	for i := range done {
		done[i] = markettypes.TaskAgreed
	}
	b := newBench()
	b.market.frames = []snapshot{frame(states...), frame(done...)}
	v, err := b.followTo(goalAgreed)
	require.NoError(t, err)
	require.Len(t, v.tasks, 700)
	require.Equal(t, "batch 7  700 tasks: 1 OPEN, 1 ASSIGNED, 698 AGREED  1s  cost <= 2700ucupel\n"+
		"batch 7  700 tasks: 700 AGREED  2s  cost <= 2700ucupel\n", b.stderr.String())
}

func TestNDJSON(t *testing.T) {
	b := newBench()
	b.json = true
	b.market.frames = []snapshot{frame(markettypes.TaskOpen), frame(markettypes.TaskAssigned), frame(markettypes.TaskSettled)}
	v, err := b.followTo(goalSettled)
	require.NoError(t, err)
	v.Tally.Paid, v.Tally.Treasury, v.Tally.Pooled, v.Tally.Burned, v.Tally.Escrow = 2295, 200, 70, 135, 0
	b.conclude(v, []string{"render-28672"}, "ABCD")
	require.Equal(t, strings.ReplaceAll(`{"type":"state","batch":7,"task":28672,"index":0,"state":"OPEN","reason":"","outcome":"","digest":"","units":0,"committed":0,"revealed":0,"replicas":3,"disputed":false,"elapsed_ms":1000}
{"type":"state","batch":7,"task":28672,"index":0,"state":"ASSIGNED","reason":"","outcome":"","digest":"","units":0,"committed":1,"revealed":0,"replicas":3,"disputed":false,"elapsed_ms":2000}
{"type":"state","batch":7,"task":28672,"index":0,"state":"SETTLED","reason":"","outcome":"OK","digest":"DIGEST","units":900,"committed":3,"revealed":3,"replicas":3,"disputed":false,"elapsed_ms":3000}
{"type":"result","batch":7,"task":28672,"state":"SETTLED","reason":"","denom":"ucupel","escrowed":9000,"escrow":0,"paid":2295,"treasury":200,"pooled":70,"burned":135,"refunded":6300,"digests":["DIGEST"],"tasks":[{"task":28672,"index":0,"state":"SETTLED","reason":"","outcome":"OK","digest":"DIGEST","units":900,"committed":3,"revealed":3,"replicas":3,"disputed":false}],"outputs":["render-28672"],"tx_hash":"ABCD"}
`, "DIGEST", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"), b.stdout.String())
	require.Empty(t, b.stderr.String())
}

func TestFollowSurvivesAnUnreachableNode(t *testing.T) {
	b := newBench()
	b.market.frames = []snapshot{frame(markettypes.TaskAgreed)}
	b.market.errs = []error{syscall.ECONNREFUSED, syscall.ECONNREFUSED}
	_, err := b.followTo(goalAgreed)
	require.NoError(t, err)

	for range maxMisses {
		b.market.errs = append(b.market.errs, syscall.ECONNREFUSED)
	}
	_, err = b.followTo(goalAgreed)
	require.Equal(t, exit.NetworkUnreachable, exit.Code(err))
}

func TestGoal(t *testing.T) {
	for text, want := range map[string]goal{"none": goalNone, "agreed": goalAgreed, "settled": goalSettled} {
		g, err := parseGoal(text)
		require.NoError(t, err)
		require.Equal(t, want, g)
	}
	_, err := parseGoal("paid")
	require.Equal(t, exit.UsageError, exit.Code(err))
	require.True(t, goalAgreed.reached(markettypes.TaskAgreed))
	require.False(t, goalAgreed.reached(markettypes.TaskDisputed))
	require.False(t, goalSettled.reached(markettypes.TaskAgreed))
	for _, s := range []markettypes.TaskState{markettypes.TaskSettled, markettypes.TaskFailed, markettypes.TaskCancelled, markettypes.TaskExpired} {
		require.True(t, goalSettled.reached(s))
	}
}
