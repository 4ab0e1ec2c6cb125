// SPDX-License-Identifier: Apache-2.0

package job

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/jobfile"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// running is a bench whose job ends with the given artifact.
func running(t *testing.T, outcome markettypes.Outcome) *bench {
	t.Helper()
	meta := engine.Meta{Outcome: engine.Outcome(outcome)}
	if outcome == markettypes.OutcomeExit {
		meta.ExitCode = 2
	}
	data, digest := artifact(t, meta, map[string]string{"stdout": "hello\n"})
	url, _ := serve(t, http.StatusOK, data)
	b := newBench()
	b.registry.endpoints["1"] = url
	b.market.frames = []snapshot{frame(markettypes.TaskOpen), frame(markettypes.TaskAssigned), frame(markettypes.TaskAgreed), frame(markettypes.TaskSettled)}
	for i := range b.market.frames[2:] {
		task := &b.market.frames[2+i].tasks[0]
		task.Result = markettypes.Result{Outcome: outcome, Digest: digest, Units: 900}
		task.Right = []uint32{1}
	}
	return b
}

func lastLine(b *bytes.Buffer) string {
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	return lines[len(lines)-1]
}

func TestRun(t *testing.T) {
	jobFile(t, "")
	b := running(t, markettypes.OutcomeOK)
	require.NoError(t, b.execute("run", "job.yaml", "--from", "alice"))
	require.FileExists(t, "render-28672/stdout")
	require.Contains(t, b.stderr.String(), "Submitted batch 7 in transaction ABCD, 9000ucupel in escrow\nEnter Ctrl+C to exit")
	require.Contains(t, b.stdout.String(), "task 28672 (7/0)  AGREED  OK  900 units  sha256 ")
	require.Equal(t, "result in render-28672", lastLine(b.stdout))
	require.Len(t, b.sender.sent, 1)
	msg, ok := b.sender.sent[0].(*markettypes.MsgSubmit)
	require.True(t, ok)
	require.Equal(t, alice, msg.Requester)
	require.NoError(t, msg.Validate(markettypes.DefaultParams()))
}

func TestRunJSON(t *testing.T) {
	jobFile(t, "")
	b := running(t, markettypes.OutcomeOK)
	require.NoError(t, b.execute("run", "job.yaml", "--from", "alice", "-o", "json", "--wait", "settled"))
	var types []string
	for _, line := range strings.Split(strings.TrimSpace(b.stdout.String()), "\n") {
		var object struct {
			Type  string `json:"type"`
			State string `json:"state"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &object), line)
		types = append(types, object.Type+" "+object.State)
	}
	require.Equal(t, []string{"submitted ", "state OPEN", "state ASSIGNED", "state AGREED", "state SETTLED", "result SETTLED"}, types)
	require.Empty(t, b.stderr.String())
}

func TestRunEndings(t *testing.T) {
	tests := map[string]struct {
		args []string
		edit func(*bench)
		code int
		says string
		sent int
	}{
		"follow":        {args: []string{"--follow"}, sent: 1},
		"wait none":     {args: []string{"--wait", "none"}, sent: 1},
		"dry run":       {args: []string{"--dry-run"}},
		"unknown wait":  {args: []string{"--wait", "paid"}, code: exit.UsageError, says: "--wait"},
		"no key":        {args: []string{"--from", ""}, code: exit.UsageError, says: "--from is missing"},
		"bad base URL":  {args: []string{"--base-url", "x"}, code: exit.UsageError, says: "job.yaml: base URL"},
		"no funds":      {edit: func(b *bench) { b.bank.balance = 8999 }, code: exit.InsufficientFunds, says: "needs 9000ucupel and has 8999ucupel"},
		"no fees":       {edit: func(b *bench) { b.bank.balance = 9009 }, code: exit.InsufficientFunds, says: "needs 9010ucupel and has 9009ucupel"},
		"chain refuses": {edit: func(b *bench) { b.sender.sendErr = markettypes.ErrInvalidPrice }, code: exit.UsageError, sent: 1},
		"chain lacks funds": {
			edit: func(b *bench) { b.sender.estErr = sdkerrors.ErrInsufficientFunds.Wrap("spendable") }, code: exit.InsufficientFunds,
		},
		"node is gone": {edit: func(b *bench) { b.registry.err = context.DeadlineExceeded }, code: exit.NetworkUnreachable, says: "--node"},
		"tx is lost":   {edit: func(b *bench) { b.sender.awaitErr = notIncluded("ABCD") }, code: exit.WaitTimedOut, says: "cupeld query tx ABCD", sent: 1},
		"task fails": {
			edit: func(b *bench) { b.market.frames = []snapshot{frame(markettypes.TaskFailed)} },
			code: exit.JobFailed, says: "task 28672 (7/0) failed: the providers did not agree on a result", sent: 1,
		},
		"times out": {
			args: []string{"--wait-timeout", "30ms"}, edit: func(b *bench) { b.market.frames = b.market.frames[:2] },
			code: exit.WaitTimedOut, says: "cupeld job results 7", sent: 1,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			jobFile(t, "")
			b := running(t, markettypes.OutcomeOK)
			if tc.edit != nil {
				tc.edit(b)
			}
			err := b.execute(append([]string{"run", "job.yaml", "--from", "alice"}, tc.args...)...)
			require.Equal(t, tc.code, exit.Code(err), "%v", err)
			require.Len(t, b.sender.sent, tc.sent)
			if err != nil {
				require.ErrorContains(t, err, tc.says)
				require.LessOrEqual(t, strings.Count(err.Error(), "\n"), 2)
			}
		})
	}
}

func TestRunFailedProgramKeepsItsResult(t *testing.T) {
	jobFile(t, "")
	b := running(t, markettypes.OutcomeExit)
	err := b.execute("run", "job.yaml", "--from", "alice")
	require.Equal(t, exit.JobFailed, exit.Code(err))
	require.ErrorContains(t, err, "exit code that is not 0")
	require.FileExists(t, "render-28672/stdout")
}

func TestRunIDOnly(t *testing.T) {
	jobFile(t, "")
	b := running(t, markettypes.OutcomeOK)
	require.NoError(t, b.execute("run", "job.yaml", "--from", "alice", "--id-only"))
	require.Equal(t, "7\n", b.stdout.String())
	require.Empty(t, b.stderr.String())
}

func TestRunInterrupted(t *testing.T) {
	jobFile(t, "")
	b := running(t, markettypes.OutcomeOK)
	ctx, cancel := context.WithCancel(context.Background())
	b.session.market = &interrupting{fakeMarket: b.market, cancel: cancel}
	err := b.executeContext(ctx, "run", "job.yaml", "--from", "alice")
	require.Equal(t, exit.WaitTimedOut, exit.Code(err))
	require.Equal(t, "batch 7 goes on without you\nSee it with: cupeld job describe 7\nFetch its results with: cupeld job results 7", err.Error())
}

// interrupting presses Ctrl-C when the tasks are first looked at.
type interrupting struct {
	*fakeMarket
	cancel func()
}

func (i *interrupting) Tasks(ctx context.Context, req *markettypes.QueryTasksRequest, opts ...grpc.CallOption) (*markettypes.QueryTasksResponse, error) {
	i.cancel()
	return i.fakeMarket.Tasks(ctx, req, opts...)
}

func TestRunAsks(t *testing.T) {
	for answer, sent := range map[string]int{"y\n": 1, "Yes\n": 1, "n\n": 0, "": 0} {
		jobFile(t, "")
		b := running(t, markettypes.OutcomeOK)
		b.asks, b.in = true, strings.NewReader(answer)
		err := b.execute("run", "job.yaml", "--from", "alice")
		require.Len(t, b.sender.sent, sent)
		require.Equal(t, sent == 0, err != nil)
		require.Contains(t, b.stderr.String(), "Put 9000ucupel in escrow and pay 10ucupel in fees? [y/N] ")
	}
	jobFile(t, "")
	b := running(t, markettypes.OutcomeOK)
	b.asks = true
	require.NoError(t, b.execute("run", "job.yaml", "--from", "alice", "--yes"))
}

func TestRunBadFile(t *testing.T) {
	jobFile(t, "colour: red\n")
	for _, verb := range []string{"run", "validate", "estimate"} {
		args := []string{verb, "job.yaml"}
		if verb == "run" {
			args = append(args, "--from", "alice")
		}
		err := newBench().execute(args...)
		require.Equal(t, exit.UsageError, exit.Code(err))
		require.True(t, strings.HasPrefix(err.Error(), `job.yaml: line 7: unknown field "colour"`), err.Error())
		require.NotContains(t, err.Error(), "\n")
	}
}

func TestCancel(t *testing.T) {
	b := newBench()
	b.sender.answer = &markettypes.MsgCancelResponse{Tasks: 2, Refund: 600}
	require.NoError(t, b.execute("cancel", "7", "--from", "alice"))
	require.Equal(t, "cancelled 2 tasks of batch 7, 600 refunded\n", b.stdout.String())
	require.Equal(t, &markettypes.MsgCancel{Requester: alice, Batch: 7}, b.sender.sent[0])
	require.Equal(t, exit.UsageError, exit.Code(b.execute("cancel", "7/0", "--from", "alice")))
	require.Equal(t, exit.UsageError, exit.Code(b.execute("cancel", "7")))
}

// writeDigest does what the template of containers asks for.
func writeDigest(t *testing.T) {
	err := newBench().execute("validate", "job.yaml")
	require.Equal(t, exit.UsageError, exit.Code(err))
	require.ErrorContains(t, err, "digest of the template")
	text, err := os.ReadFile("job.yaml")
	require.NoError(t, err)
	text = bytes.Replace(text, []byte(strings.Repeat("0", 64)), []byte(strings.Repeat("1", 64)), 1)
	require.NoError(t, os.WriteFile("job.yaml", text, 0o600))
}

func TestInitEngine(t *testing.T) {
	tests := map[string]struct {
		args []string
		want string // the engine of the file; empty is a usage error
	}{
		"no engine":            {nil, "wasm/v1-amd64"},
		"wasm":                 {[]string{"--engine", "wasm"}, "wasm/v1-amd64"},
		"wasm, sweep":          {[]string{"--engine", "wasm", "--from-template", "sweep"}, "wasm/v1-amd64"},
		"container":            {[]string{"--engine", "container"}, "container/v1-amd64"},
		"container, the same":  {[]string{"--engine", "container", "--from-template", "container"}, "container/v1-amd64"},
		"container, by itself": {[]string{"--from-template", "container"}, "container/v1-amd64"},
		"container, sweep":     {[]string{"--engine", "container", "--from-template", "sweep"}, ""},
		"wasm, container":      {[]string{"--engine", "wasm", "--from-template", "container"}, ""},
		"another":              {[]string{"--engine", "docker"}, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			err := newBench().execute(append([]string{"init", "frames"}, tc.args...)...)
			if tc.want == "" {
				require.Equal(t, exit.UsageError, exit.Code(err))
				require.NoFileExists(t, "job.yaml")
				return
			}
			require.NoError(t, err)
			text, err := os.ReadFile("job.yaml")
			require.NoError(t, err)
			require.Contains(t, string(text), "\nengine: "+tc.want+"\n")
		})
	}
}

// TestInitPolicy: every policy of a job file has a template that says so.
func TestInitPolicy(t *testing.T) {
	require.Len(t, policyNames(), len(markettypes.Policy_name)-1, "every policy of the chain")
	for _, policy := range policyNames() {
		t.Run(policy, func(t *testing.T) {
			t.Chdir(t.TempDir())
			require.NoError(t, newBench().execute("init", "frames", "--policy", policy))
			text, err := os.ReadFile("job.yaml")
			require.NoError(t, err)
			f, err := jobfile.Parse(text)
			require.NoError(t, err)
			require.Equal(t, "POLICY_"+strings.ToUpper(policy), f.Policy.String())
		})
	}
	for name, args := range map[string][]string{
		"unknown":      {"--policy", "hope"},
		"two of them":  {"--policy", "scored", "--from-template", "sweep"},
		"a container":  {"--policy", "scored", "--engine", "container"},
		"not by cases": {"--policy", "SCORED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			require.Equal(t, exit.UsageError, exit.Code(newBench().execute(append([]string{"init", "frames"}, args...)...)))
			require.NoFileExists(t, "job.yaml")
		})
	}
}

func TestInit(t *testing.T) {
	for _, template := range templateNames() {
		t.Chdir(t.TempDir())
		b := newBench()
		require.NoError(t, b.execute("init", "frames", "--from-template", template))
		require.Equal(t, "job.yaml\n", b.stdout.String())
		require.NoError(t, os.WriteFile("frames.wasm", []byte("\x00asm\x01\x00\x00\x00"), 0o600))
		check := []string{"validate", "job.yaml"}
		switch template {
		case containerTemplate:
			writeDigest(t)
			check = append(check, "--offline") // the bench's chain has no such class
		case "proof":
			for _, name := range []string{"secret.bin", "circuit.r1cs", "proving.key"} {
				require.NoError(t, os.WriteFile(name, []byte("x"), 0o600))
			}
			check = append(check, "--offline")
		case "scored":
			check = append(check, "--offline") // nor the provider of the template
		}
		require.NoError(t, b.execute(check...))
		err := b.execute("init", "frames")
		require.Equal(t, exit.Failure, exit.Code(err))
		require.ErrorContains(t, err, "not overwritten")
	}
	t.Chdir(t.TempDir())
	require.Equal(t, exit.UsageError, exit.Code(newBench().execute("init", "--from-template", "../job")))
	require.Equal(t, exit.UsageError, exit.Code(newBench().execute("init", "a/b")))
	require.NoFileExists(t, "job.yaml")
}
