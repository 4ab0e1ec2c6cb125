// SPDX-License-Identifier: Apache-2.0

package openai_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/openai"
	"github.com/cupel-network/cupel/testutil/scale"
	"github.com/cupel-network/cupel/worker/session"
	"github.com/cupel-network/cupel/x/market/types/voucher"
)

const (
	chainID = "cupel-openai-1"
	class   = "llm/tiny"
	// price pinned by the session, in ucupel per 1,000 tokens; the model is
	// sold for less on input.
	price = 2000
)

// world is a chain, a worker that sells llama.cpp, and a requester's session.
type world struct {
	*net.Local
	t      *testing.T
	ctx    context.Context
	tools  openai.Tools
	key    ed25519.PrivateKey
	id     uint64
	opened uint64
	direct string // the front
	paying string // a payer before it
}

// tools skips a test where the packages are missing; with CUPEL_REQUIRE_ALL it
// fails.
func tools(t *testing.T) openai.Tools {
	t.Helper()
	if testing.Short() && os.Getenv(openai.RequireEnv) == "" {
		t.Skip("-short: this test runs a network, a worker and an inference engine")
	}
	found, err := openai.Find()
	if err != nil && os.Getenv(openai.RequireEnv) == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	return found
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, tools: tools(t)}
	var cancel context.CancelFunc
	w.ctx, cancel = context.WithTimeout(context.Background(), 15*time.Minute)
	t.Cleanup(cancel)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	engine, err := w.tools.StartEngine(w.ctx, dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, engine.Stop()) })
	binaries, err := net.Current(w.ctx)
	require.NoError(t, err)
	params := net.Params{WindowTicks: 5, CommitTicks: 300, RevealTicks: 150, MinTickMS: 1, AuditFloorBPS: 500, EpochBlocks: 3}
	classes := []any{
		map[string]any{"id": 1, "name": net.Class, "unit": "UNIT_FUEL", "sound": true},
		map[string]any{"id": 2, "name": class, "unit": "UNIT_TOKEN", "sound": false},
	}
	w.Local, err = net.NewLocal(w.ctx, net.Setup{
		Binaries: binaries, Dir: dir, ChainID: chainID, Validators: 1, BlockTime: 300 * time.Millisecond,
		Offers: []net.Offer{{Price: 200_000, Bond: net.Bond, Poll: 150 * time.Millisecond}},
		Edits:  append(params.Edits(), net.Edit{Path: "app_state.registry.classes", Value: classes}),
	})
	if w.Local != nil {
		t.Cleanup(func() {
			if t.Failed() {
				t.Log(w.Tails(40))
			}
			require.NoError(t, w.Kill())
		})
	}
	require.NoError(t, err)
	w.sell(engine.URL)
	require.NoError(t, w.Start(w.ctx))
	require.NoError(t, w.Register(w.ctx))
	require.NoError(t, w.StartWorkers())
	w.open()
	return w
}

// sell adds the class to the provider and the front to the worker.
func (w *world) sell(upstream string) {
	p := w.Providers[0]
	port, err := w.Ports.Take(1)
	require.NoError(w.t, err)
	w.direct = fmt.Sprintf("http://127.0.0.1:%d/v1", port)
	appendTo(w.t, filepath.Join(p.Home, "provider.yaml"), fmt.Sprintf("  - class: %s\n    count: 1\n    price: %d\n", class, price))
	path := filepath.Join(p.WorkerHome, "config.yaml")
	text, err := os.ReadFile(path)
	require.NoError(w.t, err)
	if at := bytes.Index(text, []byte("\nsessions:\n")); at >= 0 {
		end := at + 1 + len("sessions:\n")
		for end < len(text) && text[end] == ' ' {
			end += bytes.IndexByte(text[end:], '\n') + 1
		}
		text = append(text[:at+1:at+1], text[end:]...)
	}
	require.NoError(w.t, os.WriteFile(path, text, 0o600))
	appendTo(w.t, path, fmt.Sprintf(`
sessions:
  listen: 127.0.0.1:%d
  class: %s
  upstream: {url: %s}
  models:
    - {name: tiny, input: 1000, output: %d, context: 256, max_output: 128}
  limits: {per_minute: 100000}
  redeem: {every: 12h, above: 1000000000}
`, port, class, upstream, price))
}

func appendTo(t *testing.T, path, text string) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(text)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// open opens the session of the requester and a payer that spends it.
func (w *world) open() {
	w.id, w.key = w.openSession(20 * net.CUPEL)
	payer, err := session.NewPayer(w.ctx, session.PayerOptions{
		ChainID: chainID, Session: w.id, Key: w.key, URL: w.direct, State: filepath.Join(w.Dir, "payer.json"),
		Terms: w.info, Output: 64, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(w.t, err)
	srv := httptest.NewServer(payer.Handler())
	w.t.Cleanup(srv.Close)
	w.paying = srv.URL + "/v1"
	w.awaitFront()
}

func (w *world) awaitFront() {
	require.NoError(w.t, net.Until(w.ctx, 100*time.Millisecond, func() (bool, error) {
		res, err := http.Get(w.direct + "/models")
		if err != nil {
			return false, nil //nolint:nilerr // the worker starts
		}
		return res.StatusCode == http.StatusOK, res.Body.Close()
	}))
}

// openSession returns the id, which the chain counts from 1, and the key.
func (w *world) openSession(deposit uint64) (uint64, ed25519.PrivateKey) {
	public, key, err := ed25519.GenerateKey(nil)
	require.NoError(w.t, err)
	w.opened++
	file := filepath.Join(w.Dir, "session.yaml")
	text := fmt.Sprintf("provider: %s\nclass: %s\ndenom: ucupel\ndeposit: %d\nmax_price: %d\nvoucher_key: %s\nduration: 100000\n",
		w.Providers[0].Operator.Address, class, deposit, price, base64.StdEncoding.EncodeToString(public))
	require.NoError(w.t, os.WriteFile(file, []byte(text), 0o600))
	_, err = w.Tx(w.ctx, w.Requester, "market", "open-session", file)
	require.NoError(w.t, err)
	return w.opened, key
}

// info reads the session as a requester's tools do.
func (w *world) info(ctx context.Context) (session.Info, error) {
	var res struct {
		Session struct {
			Price, Scale, Deposit, Redeemed, Sequence, Units uint64 `json:",string"`
			Provider                                         uint32
			Denom                                            string
			VoucherKey                                       []byte `json:"voucher_key"`
		}
		State, Class string
	}
	err := w.Query(ctx, 0, fmt.Sprintf("/cupel/market/v1/sessions/%d", w.id), &res)
	s := res.Session
	info := session.Info{
		ID: w.id, Provider: s.Provider, Class: res.Class, Denom: s.Denom, Key: s.VoucherKey, Redeemed: s.Redeemed, Sequence: s.Sequence, Units: s.Units,
		Terms: voucher.Terms{Price: s.Price, Scale: s.Scale, Deposit: s.Deposit}, State: session.Closing,
	}
	if res.State == "SESSION_STATE_ACTIVE" {
		info.State = session.Open
	}
	return info, err
}

// client runs a scenario and decodes what it printed.
func (w *world) client(url, key string, into any, scenario string, args ...string) {
	w.t.Helper()
	out, err := w.tools.Client(w.ctx, url, key, scenario, args...)
	require.NoError(w.t, err)
	require.NoError(w.t, json.Unmarshal(out, into), string(out))
}

type usage struct {
	In  uint64 `json:"prompt_tokens"`
	Out uint64 `json:"completion_tokens"`
	Sum uint64 `json:"total_tokens"`
}

// TestOpenAI is a requester with the official client, from the first look at
// the models to the settlement of 1,000 calls in one transaction, through a
// worker that is killed before it has redeemed anything.
func TestOpenAI(t *testing.T) {
	w := newWorld(t)
	t.Run("tour", w.tour)
	t.Run("errors", w.errors)
	t.Run("settle", w.settle)
}

func (w *world) tour(t *testing.T) {
	type streamed struct {
		Pieces       int
		Text, Finish string
		Usage        *usage
	}
	var got struct {
		Models []string
		Object string
		Chat   struct {
			Model   string
			Choices []struct {
				Message struct{ Content string }
				Finish  string `json:"finish_reason"`
			}
			Usage usage
		}
		RequestID       string `json:"request_id"`
		Price, Used     string
		Stream, Counted streamed
		Two             int
	}
	w.client(w.paying, "anything", &got, "tour")
	require.Equal(t, []string{"tiny"}, got.Models)
	require.Equal(t, "model", got.Object)
	require.Equal(t, "tiny", got.Chat.Model)
	require.NotEmpty(t, got.Chat.Choices[0].Message.Content)
	require.NotZero(t, got.Chat.Usage.Out)
	require.Equal(t, got.Chat.Usage.In+got.Chat.Usage.Out, got.Chat.Usage.Sum)
	require.NotEmpty(t, got.RequestID)
	require.Contains(t, got.Price, "input=1000; output=2000")
	require.Equal(t, strconv.FormatUint(got.Chat.Usage.In+2*got.Chat.Usage.Out, 10), got.Used)
	require.NotEmpty(t, got.Stream.Text)
	require.NotEmpty(t, got.Stream.Finish)
	require.Nil(t, got.Stream.Usage)
	require.NotNil(t, got.Counted.Usage)
	require.Equal(t, got.Chat.Usage.In, got.Counted.Usage.In, "the server's count, not ours")
	require.Equal(t, 1, got.Two)
}

// errors shows what the client throws for each refusal.
func (w *world) errors(t *testing.T) {
	poor, err := voucher.Sign(w.key, voucher.Voucher{ChainID: chainID, Session: w.id, Sequence: 1 << 50, Amount: 1, Units: 1})
	require.NoError(t, err)
	forged := poor
	forged.Signature[0] ^= 1
	other, err := voucher.Sign(w.key, voucher.Voucher{ChainID: "cupel-1", Session: w.id, Sequence: 1, Amount: 1, Units: 1})
	require.NoError(t, err)
	id, key := w.openSession(net.CUPEL * 20)
	short, err := voucher.Sign(key, voucher.Voucher{ChainID: chainID, Session: id, Sequence: 1, Amount: 1, Units: 1})
	require.NoError(t, err)
	second, key := w.openSession(net.CUPEL * 20)
	rich, err := voucher.Sign(key, voucher.Voucher{ChainID: chainID, Session: second, Sequence: 1, Amount: 100_000, Units: 50_000})
	require.NoError(t, err)
	tests := map[string]struct {
		key    string
		args   []string
		thrown string
		status int
		code   string
	}{
		"no voucher":        {"sk-anything", []string{"chat"}, "AuthenticationError", 401, "voucher_malformed"},
		"forged":            {forged.Header(), []string{"chat"}, "APIError", 402, "voucher_signature"},
		"other chain":       {other.Header(), []string{"chat"}, "APIError", 402, "session_other_chain"},
		"taken back":        {poor.Header(), []string{"chat"}, "APIError", 402, "voucher_order"},
		"short":             {short.Header(), []string{"chat"}, "APIError", 402, "voucher_short"},
		"short stream":      {short.Header(), []string{"stream"}, "APIError", 402, "voucher_short"},
		"unknown model":     {rich.Header(), []string{"model", "gpt-9"}, "NotFoundError", 404, "model_not_found"},
		"unknown path":      {rich.Header(), []string{"embeddings"}, "NotFoundError", 404, "unknown_url"},
		"image":             {rich.Header(), []string{"image"}, "BadRequestError", 400, "invalid_request"},
		"server is busy":    {rich.Header(), []string{"fault", "429"}, "RateLimitError", 429, "rate_limit_exceeded"},
		"server fails":      {rich.Header(), []string{"fault", "500"}, "InternalServerError", 500, "upstream_error"},
		"server is down":    {rich.Header(), []string{"fault", "503"}, "InternalServerError", 503, "upstream_unavailable"},
		"a voucher as key":  {rich.Header(), []string{"chat"}, "", 0, ""},
		"a stream the same": {rich.Header(), []string{"stream"}, "", 0, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var got struct {
				Thrown, Code, Type, Message string
				Status                      int
				Cupel                       *session.Payment
				RequestID                   string `json:"request_id"`
			}
			w.client(w.direct, tc.key, &got, "error", tc.args...)
			require.Equal(t, tc.thrown, got.Thrown, got.Message)
			require.Equal(t, tc.status, got.Status)
			require.Equal(t, tc.code, got.Code)
			if tc.code == "voucher_short" {
				require.Equal(t, id, got.Cupel.Session)
				require.Greater(t, got.Cupel.Needed, uint64(1))
			}
			if tc.thrown != "" {
				require.NotEmpty(t, got.RequestID)
			}
		})
	}
}

// settle makes 1,000 calls, kills the worker, and closes the session: the
// worker that starts again redeems all of them in one transaction.
func (w *world) settle(t *testing.T) {
	calls := scale.Of(t, 1000, 1000)
	var got struct {
		Calls uint64
		usage
	}
	began := time.Now()
	w.client(w.paying, "anything", &got, "many", strconv.Itoa(calls), "4")
	t.Logf("%d calls in %s", got.Calls, time.Since(began).Round(time.Millisecond))
	require.Equal(t, uint64(calls), got.Calls)

	p := w.Providers[0]
	before, err := w.Balance(w.ctx, 0, p.Payout.Address)
	require.NoError(t, err)
	p.Process().Kill()
	_, err = w.Tx(w.ctx, w.Requester, "market", "close-session", strconv.FormatUint(w.id, 10))
	require.NoError(t, err)
	require.NoError(t, p.StartWorker())
	var info session.Info
	require.NoError(t, net.Until(w.ctx, 200*time.Millisecond, func() (bool, error) {
		info, err = w.info(w.ctx)
		return info.Redeemed > 0, err
	}))
	// What the calls cost, and at most one call ahead for each lane.
	cost := got.In + 2*got.Out
	require.GreaterOrEqual(t, info.Redeemed, cost)
	require.Less(t, info.Redeemed, cost+5*2000)
	after, err := w.Balance(w.ctx, 0, p.Payout.Address)
	require.NoError(t, err)
	require.Greater(t, after, before)
	require.Equal(t, 1, w.redeems())
	t.Logf("%d calls, %d tokens, %d ucupel: redeemed in one transaction, %d paid out", got.Calls, got.In+got.Out, info.Redeemed, after-before)

	var refused struct{ Code string }
	w.awaitFront()
	w.client(w.direct, w.voucherKept(), &refused, "error", "chat")
	require.Equal(t, "session_not_open", refused.Code)
}

// redeems counts the transactions that redeemed the session.
func (w *world) redeems() int {
	var res struct {
		Result struct {
			Total int `json:"total_count,string"`
		}
	}
	query := fmt.Sprintf(`%s/tx_search?query="session_redeemed.session='%d'"`, w.Nodes[0].RPC(), w.id)
	req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, query, nil)
	require.NoError(w.t, err)
	answer, err := http.DefaultClient.Do(req)
	require.NoError(w.t, err)
	defer answer.Body.Close()
	require.NoError(w.t, json.NewDecoder(answer.Body).Decode(&res))
	return res.Result.Total
}

// voucherKept is the last one that the payer signed.
func (w *world) voucherKept() string {
	var st struct{ Voucher string }
	raw, err := os.ReadFile(filepath.Join(w.Dir, "payer.json"))
	require.NoError(w.t, err)
	require.NoError(w.t, json.Unmarshal(raw, &st))
	return st.Voucher
}

// TestModel shows that the tiny model is the same at every run.
func TestModel(t *testing.T) {
	var first []byte
	for range 2 {
		path := filepath.Join(t.TempDir(), "tiny.gguf")
		require.NoError(t, openai.WriteModel(path))
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, "GGUF", string(text[:4]), hex.EncodeToString(text[:8]))
		require.True(t, first == nil || bytes.Equal(first, text))
		first = text
	}
}
