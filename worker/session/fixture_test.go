// SPDX-License-Identifier: Apache-2.0

package session

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

const (
	testChain = "cupel-test-1"
	testClass = "llm/small"
	provider  = uint32(7)
	sid       = uint64(42)
)

var key = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))

// ledger is a chain that holds sessions and pays vouchers as x/market does: the
// highest counts, a lower one changes nothing.
type ledger struct {
	mu       sync.Mutex
	sessions map[uint64]Info
	err      error
	lookups  int
	// offered are the vouchers that a transaction would carry, paid what was.
	offered []voucher.Signed
	paid    uint64
	silent  bool
}

func (l *ledger) Session(_ context.Context, id uint64) (Info, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lookups++
	if l.err != nil {
		return Info{}, l.err
	}
	info, ok := l.sessions[id]
	if !ok {
		return Info{}, ErrNoSession
	}
	return info, nil
}

func (l *ledger) OwnProvider(context.Context) (uint32, error) { return provider, nil }

// Redeem puts the voucher into a block at once, unless the ledger is silent.
// As the sender does, it drops one that was read before the last block.
func (l *ledger) Redeem(v voucher.Signed, height int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if height < l.sessions[v.Session].Height {
		return
	}
	l.offered = append(l.offered, v)
	if !l.silent {
		l.include(v)
	}
}

func (l *ledger) include(v voucher.Signed) {
	info := l.sessions[v.Session]
	if v.Verify(info.Key) != nil || info.State == Ended {
		return
	}
	amount := min(v.Amount, info.Terms.Deposit)
	l.paid += amount - min(amount, info.Redeemed)
	info.Redeemed = max(info.Redeemed, amount)
	info.Height++
	l.sessions[v.Session] = info
}

func (l *ledger) edit(id uint64, fn func(*Info)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	info := l.sessions[id]
	fn(&info)
	info.Height++
	l.sessions[id] = info
}

type counts struct {
	mu      sync.Mutex
	codes   map[string]int
	in, out uint64
	open    uint64
}

func (c *counts) Call(_ string, status int, code string, _ time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.codes[fmt.Sprintf("%d %s", status, code)]++
}

func (c *counts) Charged(_ string, in, out, _ uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.in, c.out = c.in+in, c.out+out
}

func (c *counts) Unredeemed(amount uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = amount
}

// clock is moved by the test.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

type fixture struct {
	t      *testing.T
	chain  *ledger
	counts *counts
	clock  *clock
	store  *Store
	front  *Front
	url    string
	// serve is the inference server; asked is the last body it got.
	serve http.HandlerFunc
	mu    sync.Mutex
	asked map[string]json.RawMessage
	path  string
}

func openInfo(id uint64) Info {
	public, _ := key.Public().(ed25519.PublicKey)
	return Info{
		ID: id, Provider: provider, Class: testClass, Denom: "ucupel", Key: public, State: Open, Height: 10,
		Terms: voucher.Terms{Price: 2000, Scale: tokenScale, Deposit: 1_000_000}, Left: 100 * time.Hour,
	}
}

// testConfig sells one model for 1 and 2 base units a token.
func testConfig(upstream string) Config {
	cfg := DefaultConfig("ucupel")
	cfg.Listen, cfg.Class, cfg.Upstream.URL = "127.0.0.1:0", testClass, upstream
	cfg.Models = []Model{{Name: "tiny", Upstream: "tiny.gguf", Input: 1000, Output: 2000, Context: 4096, MaxOutput: 512}}
	return cfg
}

func newFixture(t *testing.T, edits ...func(*Config)) *fixture {
	f := &fixture{
		t: t, counts: &counts{codes: map[string]int{}}, clock: &clock{t: time.Unix(1_700_000_000, 0)},
		chain: &ledger{sessions: map[uint64]Info{sid: openInfo(sid)}}, path: filepath.Join(t.TempDir(), "sessions.db"),
	}
	f.serve = f.say("hello", 11, 3)
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		f.mu.Lock()
		f.asked = nil
		_ = json.Unmarshal(raw, &f.asked)
		f.mu.Unlock()
		f.serve(w, r)
	}))
	t.Cleanup(up.Close)
	cfg := testConfig(up.URL + "/v1/")
	for _, edit := range edits {
		edit(&cfg)
	}
	var err error
	f.store, err = OpenStore(f.path, testChain)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.store.Close() })
	f.front, err = New(cfg, Deps{
		ChainID: testChain, Chain: f.chain, Outbox: f.chain, Store: f.store, Observer: f.counts,
		Log: slog.New(slog.DiscardHandler), now: f.clock.now,
	})
	require.NoError(t, err)
	srv := httptest.NewServer(f.front.Handler())
	t.Cleanup(srv.Close)
	f.url = srv.URL
	return f
}

// say is an answer with that text and usage.
func (f *fixture) say(text string, in, out int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"id":"c1","object":"chat.completion","created":1,"model":"/models/tiny.gguf","system_fingerprint":"x",`+
			`"choices":[{"index":0,"message":{"role":"assistant","content":%q},"finish_reason":"stop"}],`+
			`"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}`, text, in, out, in+out)
	}
}

// stream is a streamed answer of these pieces, with usage unless in is 0.
func (f *fixture) stream(in, out int, pieces ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		chunk := func(delta, finish string) string {
			return fmt.Sprintf(`data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":%s,"finish_reason":%s}],"usage":null}`+"\n\n", delta, finish)
		}
		_, _ = io.WriteString(w, chunk(`{"role":"assistant","content":""}`, "null"))
		for _, p := range pieces {
			if r.Context().Err() != nil {
				return
			}
			_, _ = io.WriteString(w, chunk(fmt.Sprintf(`{"content":%q}`, p), "null"))
			_ = http.NewResponseController(w).Flush()
		}
		_, _ = io.WriteString(w, chunk(`{}`, `"stop"`))
		if in > 0 {
			_, _ = fmt.Fprintf(w, `data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}`+"\n\n", in, out, in+out)
		}
		_, _ = io.WriteString(w, "data: [DONE]\n\n")
	}
}

func sign(t testing.TB, v voucher.Voucher) voucher.Signed {
	s, err := voucher.Sign(key, v)
	require.NoError(t, err)
	return s
}

// pay is a voucher of the session for an amount.
func pay(t testing.TB, sequence, amount uint64) voucher.Signed {
	return sign(t, voucher.Voucher{ChainID: testChain, Session: sid, Sequence: sequence, Amount: amount, Units: max(amount/2+1, 1)})
}

const hello = `{"model":"tiny","messages":[{"role":"user","content":"Say hello"}],"max_tokens":20}`

type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) problem(t testing.TB) *apiError {
	var out struct {
		Error *apiError `json:"error"`
	}
	require.NoError(t, json.Unmarshal([]byte(r.body), &out), r.body)
	require.NotNil(t, out.Error, r.body)
	require.NotEmpty(t, out.Error.Message)
	require.NotEmpty(t, out.Error.Type)
	return out.Error
}

func (f *fixture) post(header, body string) reply {
	req, err := http.NewRequest(http.MethodPost, f.url+"/v1/chat/completions", bytes.NewBufferString(body))
	require.NoError(f.t, err)
	if header != "" {
		req.Header.Set(voucher.HeaderName, header)
	}
	return f.do(req)
}

func (f *fixture) do(req *http.Request) reply {
	res, err := http.DefaultClient.Do(req)
	require.NoError(f.t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		require.NoError(f.t, err)
	}
	return reply{res.StatusCode, res.Header, string(raw)}
}

func (f *fixture) record() Record {
	rec, _, err := f.store.Get(sid)
	require.NoError(f.t, err)
	return rec
}
