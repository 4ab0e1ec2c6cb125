// SPDX-License-Identifier: Apache-2.0

package job

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/engine"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

const alice = "cupel1qyqszqgpqyqszqgpqyqszqgpqyqszqgptsp4a7"

// fakeMarket plays frames one after the other; the last one stays.
type fakeMarket struct {
	markettypes.QueryClient
	frames []snapshot
	// errs are returned by the first calls of Batch.
	errs  []error
	calls int
	// manifest is the inline document of every batch.
	manifest []byte
	seats    []markettypes.Seat
}

func (f *fakeMarket) Params(context.Context, *markettypes.QueryParamsRequest, ...grpc.CallOption) (*markettypes.QueryParamsResponse, error) {
	return &markettypes.QueryParamsResponse{Version: 1, Params: markettypes.DefaultParams()}, nil
}

func (f *fakeMarket) frame() snapshot { return f.frames[min(max(f.calls-1, 0), len(f.frames)-1)] }

func (f *fakeMarket) Batch(_ context.Context, req *markettypes.QueryBatchRequest, _ ...grpc.CallOption) (*markettypes.QueryBatchResponse, error) {
	if len(f.errs) > 0 {
		err := f.errs[0]
		f.errs = f.errs[1:]
		return nil, err
	}
	if len(f.frames) == 0 || req.Batch != f.frames[0].Batch.Id {
		return nil, status.Error(codes.Unknown, "batch not found")
	}
	f.calls++
	v := f.frame()
	return &v.QueryBatchResponse, nil
}

func (f *fakeMarket) Tasks(_ context.Context, req *markettypes.QueryTasksRequest, _ ...grpc.CallOption) (*markettypes.QueryTasksResponse, error) {
	tasks := f.frame().tasks
	end := min(int(req.Offset+req.Limit), len(tasks))
	return &markettypes.QueryTasksResponse{Tasks: tasks[req.Offset:end], Total: uint32(len(tasks))}, nil
}

func (f *fakeMarket) Task(_ context.Context, req *markettypes.QueryTaskRequest, _ ...grpc.CallOption) (*markettypes.QueryTaskResponse, error) {
	for _, t := range f.frame().tasks {
		if t.Task == req.Task {
			return &markettypes.QueryTaskResponse{Task: t}, nil
		}
	}
	return nil, status.Error(codes.NotFound, "no such task")
}

func (f *fakeMarket) Batches(context.Context, *markettypes.QueryBatchesRequest, ...grpc.CallOption) (*markettypes.QueryBatchesResponse, error) {
	res := &markettypes.QueryBatchesResponse{}
	for _, v := range f.frames {
		res.Batches = append(res.Batches, v.QueryBatchResponse)
	}
	return res, nil
}

func (f *fakeMarket) Manifest(context.Context, *markettypes.QueryManifestRequest, ...grpc.CallOption) (*markettypes.QueryManifestResponse, error) {
	return &markettypes.QueryManifestResponse{Manifest: f.manifest}, nil
}

func (f *fakeMarket) Estimate(context.Context, *markettypes.QueryEstimateRequest, ...grpc.CallOption) (*markettypes.QueryEstimateResponse, error) {
	return &markettypes.QueryEstimateResponse{AuditBps: 1_025, Bond: 77, Agreed: 40, Settled: 640}, nil
}

func (f *fakeMarket) WhyNoMatch(_ context.Context, req *markettypes.QueryWhyNoMatchRequest, _ ...grpc.CallOption) (*markettypes.QueryWhyNoMatchResponse, error) {
	if req.Batch != 7 {
		return nil, status.Error(codes.NotFound, "batch not found")
	}
	return &markettypes.QueryWhyNoMatchResponse{
		Batch: 7, Class: "wasm/v1-amd64", Unassigned: 2, Roster: 5, Admitted: 1, Together: 1, Needed: 3, Binding: "price",
		Filters:    []markettypes.FilterCount{{Filter: "price", Refused: 4, Alone: 3}, {Filter: "region"}},
		Relaxation: &markettypes.Relaxation{Filter: "price", Value: 12, Providers: 3},
		Advice:     "raise max_price to 12 to reach 3 providers",
	}, nil
}

type fakeRegistry struct {
	providers []registrytypes.Provider
	key       string
	registrytypes.QueryClient
	roster    []registrytypes.RosterEntry
	endpoints map[string]string
	err       error
}

func (f *fakeRegistry) Classes(context.Context, *registrytypes.QueryClassesRequest, ...grpc.CallOption) (*registrytypes.QueryClassesResponse, error) {
	return &registrytypes.QueryClassesResponse{Classes: []registrytypes.Class{registrytypes.DefaultClass()}}, f.err
}

func (f *fakeRegistry) Providers(_ context.Context, req *registrytypes.QueryProvidersRequest, _ ...grpc.CallOption) (*registrytypes.QueryProvidersResponse, error) {
	// One provider a page; the key of a page is how many were before it.
	start := len(req.Pagination.Key)
	res := &registrytypes.QueryProvidersResponse{Pagination: &query.PageResponse{}}
	if start < len(f.providers) {
		res.Providers = f.providers[start : start+1]
	}
	if start+1 < len(f.providers) {
		res.Pagination.NextKey = make([]byte, start+1)
	}
	return res, f.err
}

func (f *fakeRegistry) Roster(context.Context, *registrytypes.QueryRosterRequest, ...grpc.CallOption) (*registrytypes.QueryRosterResponse, error) {
	return &registrytypes.QueryRosterResponse{Entries: f.roster}, nil
}

func (f *fakeRegistry) Provider(_ context.Context, req *registrytypes.QueryProviderRequest, _ ...grpc.CallOption) (*registrytypes.QueryProviderResponse, error) {
	endpoint, ok := f.endpoints[req.Provider]
	if !ok {
		return nil, status.Error(codes.NotFound, "provider "+req.Provider+" is not known")
	}
	id, err := strconv.ParseUint(req.Provider, 10, 32)
	if err != nil {
		id = 3
	}
	return &registrytypes.QueryProviderResponse{Provider: registrytypes.Provider{Id: uint32(id), Endpoint: endpoint, EncryptionKey: f.key}}, nil
}

type fakeBank struct {
	banktypes.QueryClient
	balance int64
}

func (f *fakeBank) Balance(_ context.Context, req *banktypes.QueryBalanceRequest, _ ...grpc.CallOption) (*banktypes.QueryBalanceResponse, error) {
	coin := sdk.NewInt64Coin(req.Denom, f.balance)
	return &banktypes.QueryBalanceResponse{Balance: &coin}, nil
}

type fakeSender struct {
	sent     []sdk.Msg
	key      secp256k1.PrivKey
	fees     sdk.Coins
	estErr   error
	sendErr  error
	awaitErr error
	answer   proto.Message
}

func (f *fakeSender) SignBytes(message []byte) ([]byte, []byte, error) {
	signature, err := f.key.Sign(message)
	return signature, f.key.PubKey().Bytes(), err
}

func (f *fakeMarket) Lot(_ context.Context, req *markettypes.QueryLotRequest, _ ...grpc.CallOption) (*markettypes.QueryLotResponse, error) {
	return &markettypes.QueryLotResponse{Lot: markettypes.Lot{Seats: f.seats}}, nil
}

func (f *fakeSender) From() string {
	if f.key.Key != nil {
		return sdk.MustBech32ifyAddressBytes("cupel", f.key.PubKey().Address())
	}
	return alice
}

func (f *fakeSender) Estimate(context.Context, sdk.Msg) (uint64, sdk.Coins, error) {
	return 130_000, f.fees, f.estErr
}

func (f *fakeSender) Send(_ context.Context, msg sdk.Msg) (string, error) {
	f.sent = append(f.sent, msg)
	return "ABCD", f.sendErr
}

func (f *fakeSender) Await(_ context.Context, _ string, response sdk.Msg) error {
	if f.awaitErr != nil {
		return f.awaitErr
	}
	bz, err := proto.Marshal(f.answer)
	if err != nil {
		return err
	}
	return proto.Unmarshal(bz, response)
}

func (f *fakeSender) Unsigned(sdk.Msg) (bool, error) { return false, nil }

// bench is a session over fakes with its output.
type bench struct {
	*session
	market   *fakeMarket
	registry *fakeRegistry
	bank     *fakeBank
	sender   *fakeSender
	stdout   *bytes.Buffer
	stderr   *bytes.Buffer
}

func newBench() *bench {
	b := &bench{
		market:   &fakeMarket{},
		registry: &fakeRegistry{roster: roster(5), endpoints: map[string]string{}},
		bank:     &fakeBank{balance: 1_000_000},
		sender:   &fakeSender{answer: &markettypes.MsgSubmitResponse{Batch: 7, Escrow: 9000}, fees: sdk.NewCoins(sdk.NewInt64Coin("ucupel", 10))},
		stdout:   &bytes.Buffer{},
		stderr:   &bytes.Buffer{},
	}
	second := 0
	b.session = &session{
		market: b.market, registry: b.registry, bank: b.bank, chain: b.sender, http: &http.Client{Timeout: 5 * time.Second},
		node: "tcp://node", out: b.stdout, err: b.stderr, in: &bytes.Buffer{}, poll: time.Microsecond,
		now: func() time.Time { second++; return time.Unix(int64(second), 0) },
	}
	return b
}

// execute runs the command line over the fakes.
func (b *bench) execute(args ...string) error {
	return b.executeContext(context.Background(), args...)
}

func (b *bench) executeContext(ctx context.Context, args ...string) error {
	root := &cobra.Command{Use: "cupeld", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(tree(func(cmd *cobra.Command) (*session, error) {
		b.json = outputFormat(cmd) == "json"
		return b.session, nil
	}))
	exit.MarkUsage(root)
	root.SetArgs(append([]string{"job"}, args...))
	root.SetOut(b.stdout)
	root.SetErr(b.stderr)
	return root.ExecuteContext(ctx)
}

// roster is n providers that ask 10, 20, … ucupel.
func roster(n int) []registrytypes.RosterEntry {
	var out []registrytypes.RosterEntry
	for i := range n {
		id := uint32(i + 1)
		out = append(out, registrytypes.RosterEntry{
			Provider: id, Tickets: 1, Slots: 1, Price: uint64(10 * id), FreeBond: 100_000_000,
			RegionTag: registrytypes.Tag("eu-west"), PayoutTag: uint64(id), EndpointTag: uint64(id),
		})
	}
	return out
}

// frame is batch 7 of 3 replicas with a task per state.
func frame(states ...markettypes.TaskState) snapshot {
	v := snapshot{QueryBatchResponse: markettypes.QueryBatchResponse{
		Batch: markettypes.Batch{
			Id: 7, Count: uint32(len(states)), LotSize: 1, Replicas: 3, Denom: "ucupel", MaxPrice: 50,
			Limits: markettypes.Limits{Units: 1000, MemoryMib: 64, WallSeconds: 60, OutputKib: 1024},
			Policy: markettypes.PolicyRedundant, Manifest: []byte{0xab}, Deadline: 600,
		},
		Tally:     markettypes.Tally{Escrow: 9000, Escrowed: 9000, OpenLots: uint32(len(states))},
		Requester: alice, Class: "wasm/v1-amd64", Tick: 5,
	}}
	for i, state := range states {
		t := markettypes.TaskView{Task: markettypes.TaskID(7, uint32(i)), Batch: 7, Index: uint32(i), Lot: uint32(i), State: state}
		switch state {
		case markettypes.TaskAssigned:
			t.Committed = 1
		case markettypes.TaskCommitted:
			t.Committed = 3
		case markettypes.TaskAgreed, markettypes.TaskSettled:
			t.Committed, t.Revealed = 3, 3
			t.Result = markettypes.Result{Outcome: markettypes.OutcomeOK, Digest: digestOf("x"), Units: 900}
			t.Right = []uint32{1, 2, 3}
			v.Tally.Escrow, v.Tally.Refunded = 2700, 6300
		case markettypes.TaskFailed:
			t.Reason = markettypes.ReasonNoQuorum
		default:
		}
		if state != markettypes.TaskOpen {
			t.Providers = []uint32{1, 2, 3}
		}
		v.tasks = append(v.tasks, t)
	}
	return v
}

func digestOf(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// artifact returns the bytes of an artifact and their digest.
func artifact(t *testing.T, meta engine.Meta, files map[string]string) (data, digest []byte) {
	t.Helper()
	var entries []engine.Entry
	for name, text := range files {
		entries = append(entries, engine.BytesEntry(name, []byte(text)))
	}
	var buf bytes.Buffer
	require.NoError(t, engine.WriteArtifact(&buf, meta, entries))
	return buf.Bytes(), digestOf(buf.String())
}

const jobYAML = `apiVersion: cupel/v1
name: render
engine: wasm/v1-amd64
module: {path: render.wasm}
limits: {fuel: 60000000000}
price: {max: 50ucupel}
`

// jobFile writes a job file with its module and makes its directory the
// current one.
func jobFile(t *testing.T, more string) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "render.wasm"), []byte("\x00asm\x01\x00\x00\x00"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "job.yaml"), []byte(jobYAML+more), 0o600))
}

func write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}
