// SPDX-License-Identifier: Apache-2.0

package job

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"
	"testing"

	errorsmod "cosmossdk.io/errors"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/jobfile"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

func TestEstimate(t *testing.T) {
	msg := markettypes.MsgSubmit{
		Class: "wasm/v1-amd64", Count: 4, Replicas: 3, Policy: markettypes.PolicyRedundant,
		Limits: markettypes.Limits{Units: 2_500_000_001}, Denom: "ucupel", MaxPrice: 50, Tip: 1,
	}
	base := func() terms {
		return terms{class: registrytypes.DefaultClass(), params: markettypes.DefaultParams(), rate: markettypes.RateUnit, roster: roster(5)}
	}
	tests := map[string]struct {
		edit             func(*markettypes.MsgSubmit, *terms)
		escrow, expected uint64
		eligible, needed int
		binding          string
	}{
		// ceil(51 * 2.500000001) = 128; median ask 30: ceil(31 * 2.5...) = 78.
		"three replicas": {func(*markettypes.MsgSubmit, *terms) {}, 4 * 3 * 128, 4 * 3 * 78, 5, 3, ""},
		"one replica": {
			func(m *markettypes.MsgSubmit, _ *terms) { m.Replicas, m.Policy = 1, markettypes.PolicyOptimistic },
			4 * 128, 4 * 78, 5, 4, "",
		},
		"low price": {func(m *markettypes.MsgSubmit, _ *terms) { m.MaxPrice, m.Tip = 20, 0 }, 12 * 51, 12 * 51, 2, 3, "price.max"},
		"no price":  {func(m *markettypes.MsgSubmit, _ *terms) { m.MaxPrice, m.Tip = 9, 0 }, 12 * 23, 12 * 23, 0, 3, "price.max"},
		"region":    {func(m *markettypes.MsgSubmit, _ *terms) { m.Requirements.Region = "us" }, 12 * 128, 12 * 78, 0, 3, "region"},
		"vram":      {func(m *markettypes.MsgSubmit, _ *terms) { m.Requirements.VramMib = 1 }, 12 * 128, 12 * 78, 0, 3, "vram"},
		"capability": {
			func(m *markettypes.MsgSubmit, _ *terms) { m.Requirements.ComputeCapability = 90 },
			12 * 128, 12 * 78, 0, 3, "compute_capability",
		},
		"bond":         {func(m *markettypes.MsgSubmit, _ *terms) { m.ValueAtStake = 100_000_000 }, 12 * 128, 12 * 78, 0, 3, "bond"},
		"empty class":  {func(_ *markettypes.MsgSubmit, s *terms) { s.roster = nil }, 12 * 128, 0, 0, 3, "class"},
		"one operator": {func(_ *markettypes.MsgSubmit, s *terms) { s.roster = samePayout(s.roster) }, 12 * 128, 12 * 78, 1, 3, "class"},
		"hire": {func(m *markettypes.MsgSubmit, s *terms) {
			m.Replicas, m.Policy, m.Hire, s.hired = 1, markettypes.PolicyOptimistic, alice, 2
		}, 4 * 128, 4 * 53, 1, 1, ""},
		// Fees of two committees of 7: the least is 10,000 each.
		"tolerance": {func(m *markettypes.MsgSubmit, _ *terms) {
			m.Comparator, m.Tolerance = markettypes.ComparatorTolerance, &markettypes.Tolerance{Abs: 1, Dtype: markettypes.DTypeFloat32}
		}, 4 * (3*128 + committeeFees), 12 * 78, 5, 3, ""},
		// A unit of this denom is worth 2 ucupel: asks are halved.
		"other denom": {func(_ *markettypes.MsgSubmit, s *terms) { s.rate = 2 * markettypes.RateUnit }, 12 * 128, 12 * 41, 5, 3, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			m, s := msg, base()
			tc.edit(&m, &s)
			e, err := s.estimate(m)
			require.NoError(t, err)
			require.Equal(t, tc.escrow, e.Escrow)
			require.Equal(t, tc.expected, e.Expected)
			require.Equal(t, tc.eligible, e.Eligible)
			require.Equal(t, tc.needed, e.Needed)
			require.Equal(t, tc.binding, e.Binding)
			require.Equal(t, tc.binding != "", e.warning() != "")
		})
	}
	m, s := msg, base()
	m.MaxPrice, m.Limits.Units = markettypes.MaxPrice, markettypes.MaxUnits
	_, err := s.estimate(m)
	require.Equal(t, exit.UsageError, exit.Code(err))
}

// committeeFees are those of one task by the default params.
var committeeFees = func() uint64 {
	p := markettypes.DefaultParams().Committee
	return p.MinFee * uint64(p.Members) * markettypes.VoteRounds
}()

// TestEstimateOfDisputes: bonds are those that the chain takes, and what cannot be
// disputed has none.
func TestEstimateOfDisputes(t *testing.T) {
	msg := markettypes.MsgSubmit{
		Class: "wasm/v1-amd64", Count: 2, Replicas: 3, Policy: markettypes.PolicyRedundant,
		Limits: markettypes.Limits{Units: 1_000_000_000}, Denom: "ucupel", MaxPrice: 600_000,
	}
	tests := map[string]struct {
		edit              func(*markettypes.MsgSubmit, *terms)
		challenge, appeal uint64
	}{
		"twice and fourteen times": {func(*markettypes.MsgSubmit, *terms) {}, 1_200_000, 8_400_000},
		"at least":                 {func(m *markettypes.MsgSubmit, _ *terms) { m.MaxPrice = 60_000 }, 1_000_000, 1_000_000},
		"another denom":            {func(m *markettypes.MsgSubmit, s *terms) { m.MaxPrice, s.rate = 1, 2*markettypes.RateUnit }, 500_000, 500_000},
		"unsound":                  {func(_ *markettypes.MsgSubmit, s *terms) { s.class.Sound = false }, 1_200_000, 0},
		"proved":                   {func(m *markettypes.MsgSubmit, _ *terms) { m.Policy = markettypes.PolicyProof }, 0, 0},
		"scored":                   {func(m *markettypes.MsgSubmit, _ *terms) { m.Policy = markettypes.PolicyScored }, 0, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			m := msg
			s := terms{class: registrytypes.DefaultClass(), params: markettypes.DefaultParams(), rate: markettypes.RateUnit, roster: roster(5)}
			tc.edit(&m, &s)
			e, err := s.estimate(m)
			require.NoError(t, err)
			require.Equal(t, tc.challenge, e.ChallengeBond)
			require.Equal(t, tc.appeal, e.AppealBond)
			require.Equal(t, m.Policy == markettypes.PolicyScored, e.Committee > 0)
		})
	}
}

func samePayout(entries []registrytypes.RosterEntry) []registrytypes.RosterEntry {
	for i := range entries {
		entries[i].PayoutTag = 1
	}
	return entries
}

func TestEstimateCommand(t *testing.T) {
	jobFile(t, "")
	b := newBench()
	require.NoError(t, b.execute("estimate", "job.yaml"))
	require.Equal(t, `engine     wasm/v1-amd64
tasks      1, 3 replicas each
escrow     9000ucupel, the most it can cost: 1 x 3 x ceil((50 + 0) x 60000000000 / 10^9)
expected   5400ucupel if all fuel is used, at the median ask of 30ucupel
providers  5 in the class, 5 eligible, 3 needed
audit      10.25 % of the tasks, by a provider's bond of 77ucupel
disputes   a challenge of one task holds 1000000ucupel at most, an appeal 1000000ucupel
ticks      40 at most until the results are agreed, 640 until they are paid, if nobody misses a seat
`, b.stdout.String())
	b = newBench()
	require.NoError(t, b.execute("estimate", "job.yaml", "-o", "json"))
	require.JSONEq(t, `{"type":"estimate","class":"wasm/v1-amd64","tasks":1,"replicas":3,"denom":"ucupel","escrow":9000,"committee":0,
		"challenge_bond":1000000,"appeal_bond":1000000,"expected":5400,
		"median_ask":30,"providers":5,"eligible":5,"needed":3,"binding":"","filters":[{"name":"hire","left":5},{"name":"vram","left":5},
		{"name":"compute_capability","left":5},{"name":"region","left":5},{"name":"price.max","left":5},{"name":"bond","left":5}],
		"audit_bps":1025,"bond":77,"agreed_ticks":40,"settled_ticks":640}`, b.stdout.String())
}

func TestWhyCommand(t *testing.T) {
	b := newBench()
	require.NoError(t, b.execute("why", "7"))
	require.Equal(t, `batch 7 of wasm/v1-amd64 waits with 2 lots; 1 of 5 providers pass, 1 together, 3 needed
  price  refuses 4  alone 3
raise max_price to 12 to reach 3 providers
`, b.stdout.String())
	b.stdout.Reset()
	require.NoError(t, b.execute("why", "7", "-o", "json"))
	require.JSONEq(t, `{"type":"why","batch":7,"class":"wasm/v1-amd64","unassigned_lots":2,"providers":5,"admitted":1,"together":1,"needed":3,
		"binding":"price","filters":[{"filter":"price","refused":4,"alone":3},{"filter":"region"}],
		"relaxation":{"filter":"price","value":12,"providers":3},"advice":"raise max_price to 12 to reach 3 providers"}`, b.stdout.String())
	for args, code := range map[string]int{"8": exit.Failure, "x": exit.UsageError, "0": exit.UsageError} {
		require.Equal(t, code, exit.Code(b.execute("why", args)), args)
	}
}

func TestValidate(t *testing.T) {
	jobFile(t, "requirements: {region: us}\n")
	b := newBench()
	require.NoError(t, b.execute("validate", "job.yaml"))
	require.Contains(t, b.stdout.String(), "render is valid: 1 task on wasm/v1-amd64")
	require.Contains(t, b.stderr.String(), "region leaves too few")

	b = newBench()
	b.registry.err = syscall.ECONNREFUSED
	require.NoError(t, b.execute("validate", "job.yaml"))
	require.Equal(t, "Warning: the chain was not asked: tcp://node does not answer\n", b.stderr.String())
	b.stderr.Reset()
	require.NoError(t, b.execute("validate", "job.yaml", "--offline"))
	require.Empty(t, b.stderr.String())

	for name, more := range map[string]string{
		"class": "name: x\nengine: wasm/v9-amd64\n", "replicas": "replicas: 22\n", "deadline": "deadline: 200h\n", "denom": "",
	} {
		jobFile(t, "")
		text := jobYAML
		switch name {
		case "class":
			text = strings.ReplaceAll(text, "v1-amd64", "v9-amd64")
		case "denom":
			text = strings.ReplaceAll(text, "ucupel", "uatom")
		default:
			text += more
		}
		write(t, "job.yaml", text)
		require.Equal(t, exit.UsageError, exit.Code(newBench().execute("validate", "job.yaml")), name)
		require.NoError(t, newBench().execute("validate", "job.yaml", "--offline"), name)
	}
}

func TestClassify(t *testing.T) {
	tests := map[string]struct {
		err  error
		code int
	}{
		"nil":              {nil, exit.OK},
		"plain":            {errors.New("disk is full"), exit.Failure},
		"coded":            {exit.With(exit.JobFailed, errors.New("x")), exit.JobFailed},
		"job file":         {fmt.Errorf("a: %w", &jobfile.Error{Text: "x"}), exit.UsageError},
		"unavailable":      {status.Error(codes.Unavailable, "x"), exit.NetworkUnreachable},
		"deadline":         {status.Error(codes.DeadlineExceeded, "x"), exit.NetworkUnreachable},
		"invalid argument": {status.Error(codes.InvalidArgument, "x"), exit.UsageError},
		"not found":        {status.Error(codes.NotFound, "x"), exit.Failure},
		"unknown":          {status.Error(codes.Unknown, "connection refused"), exit.Failure},
		"refused":          {&url.Error{Op: "Post", URL: "http://a", Err: syscall.ECONNREFUSED}, exit.NetworkUnreachable},
		"dial":             {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, exit.NetworkUnreachable},
		"funds by code":    {errorsmod.ABCIError("sdk", 5, "x"), exit.InsufficientFunds},
		"fee by code":      {errorsmod.ABCIError("sdk", 13, "x"), exit.Failure},
		"class by code":    {errorsmod.ABCIError("market", 4, "x"), exit.UsageError},
		"hire by code":     {errorsmod.ABCIError("market", 17, "x"), exit.UsageError},
		"batch by code":    {errorsmod.ABCIError("market", 18, "x"), exit.Failure},
		"other codespace":  {errorsmod.ABCIError("gov", 5, "x"), exit.Failure},
		"no key":           {sdkerrors.ErrKeyNotFound.Wrap("alice"), exit.UsageError},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.code, exit.Code(classify(tc.err)))
		})
	}
}

func TestResolve(t *testing.T) {
	b := newBench()
	b.market.frames = []snapshot{frame(markettypes.TaskAgreed, markettypes.TaskOpen)}
	for text, want := range map[string]ref{
		"7": {batch: 7, whole: true}, "batch:7": {batch: 7, whole: true}, "7/1": {batch: 7, index: 1},
		"28673": {batch: 7, index: 1}, "task:28673": {batch: 7, index: 1}, "batch:28673": {batch: 28673, whole: true},
	} {
		got, err := b.resolve(t.Context(), text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "0", "-1", "x", "7/", "7/4096", "/1", "7/1/2", "task:7", "batch:0", "0/0"} {
		_, err := b.resolve(t.Context(), text)
		require.Equal(t, exit.UsageError, exit.Code(err), text)
	}
}

func TestEveryVerbIsDocumented(t *testing.T) {
	for _, cmd := range Command().Commands() {
		require.NotEmpty(t, cmd.Example, cmd.Name())
		require.NotEmpty(t, cmd.Long, cmd.Name())
	}
}

func TestListAndDescribe(t *testing.T) {
	b := newBench()
	b.market.frames = []snapshot{frame(markettypes.TaskAgreed, markettypes.TaskFailed)}
	require.NoError(t, b.execute("list"))
	require.Equal(t, "BATCH  STATE  TASKS  REPLICAS  CLASS          ESCROWED    PAID  REFUNDED  REQUESTER\n"+
		"7      OPEN   2      3         wasm/v1-amd64  9000ucupel  0     6300      "+alice+"\n", b.stdout.String())
	b.stdout.Reset()
	require.NoError(t, b.execute("describe", "7"))
	require.Contains(t, b.stdout.String(), "FAILED  the providers did not agree on a result")
	b.stdout.Reset()
	require.NoError(t, b.execute("describe", "7/1", "-o", "json"))
	require.Contains(t, b.stdout.String(), `"state":"FAILED","reason":"NO_QUORUM"`)
	require.Equal(t, exit.Failure, exit.Code(b.execute("describe", "8")))
}
