// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/market/types/voucher"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// payMarket knows session 7.
type payMarket struct {
	markettypes.QueryClient
	view   markettypes.QuerySessionResponse
	runway markettypes.QueryRunwayResponse
}

func (f *payMarket) Params(context.Context, *markettypes.QueryParamsRequest, ...grpc.CallOption) (*markettypes.QueryParamsResponse, error) {
	return &markettypes.QueryParamsResponse{Version: 1, Params: markettypes.DefaultParams()}, nil
}

func (f *payMarket) Session(_ context.Context, req *markettypes.QuerySessionRequest, _ ...grpc.CallOption) (*markettypes.QuerySessionResponse, error) {
	if req.Session != 7 {
		return nil, status.Error(codes.NotFound, "session not found")
	}
	return &f.view, nil
}

func (f *payMarket) Sessions(context.Context, *markettypes.QuerySessionsRequest, ...grpc.CallOption) (*markettypes.QuerySessionsResponse, error) {
	return &markettypes.QuerySessionsResponse{Sessions: []markettypes.QuerySessionResponse{f.view}}, nil
}

func (f *payMarket) Runway(context.Context, *markettypes.QueryRunwayRequest, ...grpc.CallOption) (*markettypes.QueryRunwayResponse, error) {
	return &f.runway, nil
}

// payRegistry knows provider 3, which sells tokens.
type payRegistry struct{ registrytypes.QueryClient }

func (payRegistry) Provider(_ context.Context, req *registrytypes.QueryProviderRequest, _ ...grpc.CallOption) (*registrytypes.QueryProviderResponse, error) {
	if req.Provider != "3" && req.Provider != alice {
		return nil, status.Error(codes.NotFound, "no such provider")
	}
	return &registrytypes.QueryProviderResponse{Provider: registrytypes.Provider{
		Id: 3, Operator: alice, Endpoint: "http://w3", Resources: []registrytypes.Resource{{Class: "llm/v1", Count: 1, Price: 30}},
	}}, nil
}

// till is a bench for the session command, with a voucher key in key.pem.
type till struct {
	*bench
	pay *payMarket
}

func newTill(t *testing.T) *till {
	t.Helper()
	t.Chdir(t.TempDir())
	key, err := loadOrMakeKey("key.pem")
	require.NoError(t, err)
	b := &till{bench: newBench(), pay: &payMarket{}}
	b.pay.view = markettypes.QuerySessionResponse{
		Session: markettypes.Session{
			Id: 7, Provider: 3, Denom: "ucupel", Price: 30, Scale: 1_000, VoucherKey: publicHalf(key), Deposit: 5_000_000,
			State: markettypes.SessionActive, Redeemed: 60_000, Units: 2_000_000, Sequence: 4, Expires: 900, Low: true,
		},
		Requester: alice, Operator: alice, Endpoint: "http://w3", Class: "llm/v1", State: markettypes.SessionActive, Remaining: 4_940_000, Tick: 50,
	}
	b.pay.runway = markettypes.QueryRunwayResponse{State: markettypes.SessionActive, Remaining: 4_940_000, Units: 164_666_666, Rate: 9, Ticks: 90, Seconds: 90, Low: true}
	b.session.market, b.session.registry = b.pay, payRegistry{}
	b.network = func(context.Context) (string, error) { return "cupel-1", nil }
	return b
}

func (b *till) answers(m proto.Message) *till { b.sender.answer = m; return b }

func (b *till) run(args ...string) error {
	root := &cobra.Command{Use: "cupeld", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(sessionTree(func(cmd *cobra.Command) (*session, error) {
		b.json = outputFormat(cmd) == "json"
		return b.session, nil
	}))
	exit.MarkUsage(root)
	root.SetArgs(append([]string{"session"}, args...))
	root.SetOut(b.stdout)
	root.SetErr(b.stderr)
	return root.Execute()
}

func TestSessionOpen(t *testing.T) {
	b := newTill(t).answers(&markettypes.MsgOpenSessionResponse{Session: 7, Price: 30, Scale: 1_000, Expires: 900})
	require.NoError(t, b.run("open", "3", "--class", "llm/v1", "--deposit", "5000000ucupel", "--voucher-key", "new.pem", "--from", "alice"))
	require.Contains(t, b.stdout.String(), "session 7 with provider 3 at http://w3, 5000000ucupel deposited\n")
	info, err := os.Stat("new.pem")
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	key, err := loadKey("new.pem")
	require.NoError(t, err)
	msg, ok := b.sender.sent[0].(*markettypes.MsgOpenSession)
	require.True(t, ok)
	require.Equal(t, markettypes.MsgOpenSession{
		Requester: alice, Provider: alice, Class: "llm/v1", Denom: "ucupel", Deposit: 5_000_000, MaxPrice: 30,
		VoucherKey: publicHalf(key), Duration: 86_400,
	}, *msg)
	require.NoError(t, msg.Validate(markettypes.DefaultParams().Session))

	require.NoError(t, b.run("open", "3", "--class", "llm/v1", "--deposit", "1ucupel", "--voucher-key", "new.pem", "--from", "alice", "-o", "json"))
	again, ok := b.sender.sent[1].(*markettypes.MsgOpenSession)
	require.True(t, ok)
	require.Equal(t, msg.VoucherKey, again.VoucherKey, "a key that is there is used")
	var out openedJSON
	require.NoError(t, json.Unmarshal([]byte(lastLine(b.stdout)), &out))
	require.Equal(t, "session_opened", out.Type)
}

func TestSessionVoucher(t *testing.T) {
	b := newTill(t)
	require.NoError(t, b.run("voucher", "7", "--units", "2100000", "--voucher-key", "key.pem"))
	signed, err := voucher.ParseHeader(lastLine(b.stdout))
	require.NoError(t, err)
	require.NoError(t, signed.Verify(b.pay.view.Session.VoucherKey))
	require.Equal(t, voucher.Voucher{ChainID: "cupel-1", Session: 7, Sequence: 1_000, Amount: 63_000, Units: 2_100_000}, signed.Voucher)

	hash := strings.Repeat("ab", 32)
	require.NoError(t, b.run("voucher", "7", "--units", "10", "--amount", "1", "--sequence", "5", "--receipts", hash, "--voucher-key", "key.pem", "-o", "json"))
	var out voucherJSON
	require.NoError(t, json.Unmarshal([]byte(lastLine(b.stdout)), &out))
	signed, err = voucher.ParseHeader(out.Header)
	require.NoError(t, err)
	require.Equal(t, byte(0xab), signed.Receipts[31])

	redeem := b.answers(&markettypes.MsgRedeemResponse{Earned: []uint64{3_000, 0}, Errors: []markettypes.ItemError{{Index: 1, Message: "no"}}})
	err = redeem.run("redeem", out.Header, out.Header, "--from", "alice")
	require.Equal(t, exit.Failure, exit.Code(err))
	require.Contains(t, b.stdout.String(), "session 7  earned 3000\nsession 7  refused: no\n")
	b.in = strings.NewReader(out.Header + "\n\n" + out.Header + "\n")
	require.Error(t, redeem.run("redeem", "-", "--from", "alice", "-o", "json"))
	msg, ok := b.sender.sent[1].(*markettypes.MsgRedeem)
	require.True(t, ok)
	require.Len(t, msg.Vouchers, 2)
	require.NoError(t, b.pay.view.Session.Check("cupel-1", msg.Vouchers[0]))
}

func TestSessionShows(t *testing.T) {
	b := newTill(t)
	require.NoError(t, b.run("status", "7"))
	require.Contains(t, b.stdout.String(), "deposit    5000000ucupel: redeemed 60000, refunded 0, left 4940000\n")
	require.Contains(t, b.stdout.String(), "runway     164666666 units, about 1m30s at the use so far; top it up\n")
	require.NoError(t, b.run("status", "7", "-o", "json"))
	var out statusJSON
	require.NoError(t, json.Unmarshal([]byte(lastLine(b.stdout)), &out))
	require.Equal(t, []any{"session", "ACTIVE", uint64(90), true}, []any{out.Type, out.State, out.SecondsLeft, out.Low})
	require.NoError(t, b.run("list"))
	require.Contains(t, b.stdout.String(), "7        ACTIVE  3         llm/v1  5000000ucupel")
	require.NoError(t, b.run("list", "-o", "json"))

	require.NoError(t, b.answers(&markettypes.MsgTopUpResponse{Deposit: 6_000_000}).run("topup", "7", "1000000ucupel", "--from", "alice"))
	require.Equal(t, "session 7 has a deposit of 6000000ucupel", lastLine(b.stdout))
	require.NoError(t, b.answers(&markettypes.MsgCloseSessionResponse{State: markettypes.SessionClosing, Due: 99}).run("close", "7", "--from", "alice"))
	require.Contains(t, lastLine(b.stdout), "session 7 is closing: the rest comes back at tick 99")
	require.NoError(t, b.answers(&markettypes.MsgCloseSessionResponse{State: markettypes.SessionClosed, Refund: 5}).run("close", "7", "--from", "alice"))
	require.Equal(t, "session 7 is closed, 5 refunded", lastLine(b.stdout))
}

func TestSessionRefusals(t *testing.T) {
	open := func(more ...string) []string {
		return append([]string{"open", "3", "--class", "llm/v1", "--deposit", "5000000ucupel", "--voucher-key", "key.pem", "--from", "alice"}, more...)
	}
	sign := func(more ...string) []string {
		return append([]string{"voucher", "7", "--units", "1000", "--voucher-key", "key.pem"}, more...)
	}
	tests := map[string]struct {
		args  []string
		given func(*testing.T, *till)
		code  int
		says  string
	}{
		"no key that signs":     {args: []string{"close", "7"}, code: exit.UsageError, says: "--from is missing"},
		"no number":             {args: []string{"close", "x", "--from", "alice"}, code: exit.UsageError, says: "not the number of a session"},
		"session 0":             {args: []string{"status", "0"}, code: exit.UsageError, says: "not the number of a session"},
		"no session":            {args: []string{"status", "9"}, code: exit.Failure, says: "cupeld session list"},
		"no deposit":            {args: []string{"open", "3", "--class", "llm/v1", "--from", "alice"}, code: exit.UsageError, says: "deposit"},
		"deposit without denom": {args: open("--deposit", "5"), code: exit.UsageError, says: "such as 5000000ucupel"},
		"denom not accepted":    {args: open("--deposit", "5ibc/x"), code: exit.UsageError, says: "not on the list"},
		"class nobody offers":   {args: open("--class", "llm/v2"), code: exit.UsageError, says: "offers nothing"},
		"unknown provider":      {args: []string{"open", "4", "--class", "llm/v1", "--deposit", "5ucupel", "--voucher-key", "key.pem", "--from", "alice"}, code: exit.UsageError, says: "cupeld query registry providers"},
		"insufficient funds":    {args: open(), given: func(_ *testing.T, b *till) { b.sender.sendErr = sdkerrors.ErrInsufficientFunds }, code: exit.InsufficientFunds},
		"deposit refused": {args: open(), given: func(_ *testing.T, b *till) {
			b.sender.sendErr = refusal("market", 43, "invalid deposit")
		}, code: exit.UsageError, says: "market 43"},
		"unreachable": {args: open(), given: func(_ *testing.T, b *till) {
			b.sender.awaitErr = status.Error(codes.Unavailable, "down")
		}, code: exit.NetworkUnreachable, says: "cannot reach the node"},
		"another denom":      {args: []string{"topup", "7", "5uatom", "--from", "alice"}, code: exit.UsageError, says: "is paid in ucupel"},
		"no amount":          {args: []string{"topup", "7", "0ucupel", "--from", "alice"}, code: exit.UsageError, says: "is not an amount"},
		"no key file":        {args: sign("--voucher-key", "other.pem"), code: exit.UsageError, says: "no voucher key in other.pem"},
		"another key":        {args: sign("--voucher-key", "other.pem"), given: func(t *testing.T, _ *till) { mustKey(t, "other.pem") }, code: exit.UsageError, says: "is not the voucher key"},
		"key others read":    {args: sign(), given: func(t *testing.T, _ *till) { require.NoError(t, os.Chmod("key.pem", 0o640)) }, code: exit.Failure, says: "chmod 600 key.pem"},
		"no key at all":      {args: sign(), given: func(t *testing.T, _ *till) { write(t, "key.pem", "hello") }, code: exit.Failure, says: "openssl genpkey"},
		"key is a directory": {args: sign("--voucher-key", "."), code: exit.Failure},
		"no units":           {args: []string{"voucher", "7", "--voucher-key", "key.pem"}, code: exit.UsageError, says: "units"},
		"above the deposit":  {args: sign("--units", "999999999999"), code: exit.UsageError, says: "cupeld session topup 7"},
		"above the price":    {args: sign("--amount", "31"), code: exit.UsageError, says: "which cost 30"},
		"short receipts":     {args: sign("--receipts", "ab"), code: exit.UsageError, says: "64 hex digits"},
		"no voucher":         {args: []string{"redeem", "v1.x", "--from", "alice"}, code: exit.UsageError, says: "voucher 1"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newTill(t)
			if tc.given != nil {
				tc.given(t, b)
			}
			err := b.run(tc.args...)
			require.Error(t, err)
			require.Equal(t, tc.code, exit.Code(err), err)
			require.Contains(t, err.Error(), tc.says)
			require.LessOrEqual(t, strings.Count(err.Error(), "\n"), 2, "at most 3 lines")
			require.Empty(t, b.stdout.String())
		})
	}
}

func mustKey(t *testing.T, file string) {
	t.Helper()
	_, err := loadOrMakeKey(file)
	require.NoError(t, err)
}

func TestVoucherKeyIsNeverOverwritten(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "k.pem")
	require.NoError(t, os.WriteFile(file, []byte("precious"), 0o600))
	_, err := loadOrMakeKey(file)
	require.Error(t, err)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "precious", string(text))
	require.NoError(t, os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "link")))
	_, err = loadOrMakeKey(filepath.Join(dir, "link"))
	require.Error(t, err, "a key is not written through a link")
}
