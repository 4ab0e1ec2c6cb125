// SPDX-License-Identifier: Apache-2.0

package session

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// bound of hello: 9 bytes and the allowances make at most 89 tokens.
const helloIn = 9 + perMessage + perPrompt

func TestChat(t *testing.T) {
	f := newFixture(t)
	first := pay(t, 1, helloIn+40)
	f.serve = func(w http.ResponseWriter, r *http.Request) {
		// The voucher is on disk before the server is asked.
		require.Equal(t, first.Header(), f.record().Voucher)
		f.say("hello", 11, 3)(w, r)
	}
	res := f.post(first.Header(), hello)
	require.Equal(t, http.StatusOK, res.status, res.body)
	require.JSONEq(t, `{"id":"c1","object":"chat.completion","created":1,"model":"tiny","system_fingerprint":"x",
		"choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],
		"usage":{"prompt_tokens":11,"completion_tokens":3,"total_tokens":14}}`, res.body)
	require.Equal(t, "17", res.header.Get(HeaderUsed))
	require.Equal(t, "17000", res.header.Get(HeaderCharge))
	require.Equal(t, "129", res.header.Get(HeaderMost))
	require.Equal(t, "input=1000; output=2000; per=1000; denom=ucupel", res.header.Get(HeaderPrice))
	require.NotEmpty(t, res.header.Get("X-Request-Id"))
	require.Equal(t, "239", res.header.Get("X-Ratelimit-Remaining-Requests"))
	require.JSONEq(t, `"tiny.gguf"`, string(f.asked["model"]))
	require.JSONEq(t, `20`, string(f.asked["max_tokens"]))

	// What the first call left over counts for the second: 17 more are enough.
	short := f.post(pay(t, 2, helloIn+40+16).Header(), hello)
	require.Equal(t, http.StatusPaymentRequired, short.status)
	e := short.problem(t)
	require.Equal(t, CodeShort, e.Code)
	require.Equal(t, Payment{
		Session: sid, Denom: "ucupel", Needed: helloIn + 57, Units: 73, Sequence: 2, Used: 17, Held: helloIn + 40,
		Deposit: 1_000_000, How: e.Payment.How,
	}, *e.Payment)
	f.serve = f.say("hello", 11, 3)
	second := sign(t, voucher.Voucher{ChainID: testChain, Session: sid, Sequence: e.Payment.Sequence, Amount: e.Payment.Needed, Units: e.Payment.Units})
	res = f.post(second.Header(), hello)
	require.Equal(t, http.StatusOK, res.status, res.body)
	require.Equal(t, "34", res.header.Get(HeaderUsed))
	require.Equal(t, Record{Session: sid, Voucher: second.Header(), Amount: second.Amount, Used: 34, Waiting: f.record().Waiting}, f.record())
	require.Equal(t, uint64(22), f.counts.in)
	require.Equal(t, uint64(6), f.counts.out)
}

// TestThousandths shows that small calls are not rounded up one by one.
func TestThousandths(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Models[0].Input, c.Models[0].Output = 10, 30 })
	v := pay(t, 1, 50).Header()
	for range 50 { // 11 * 10 + 3 * 30 = 200 thousandths each
		require.Equal(t, http.StatusOK, f.post(v, hello).status)
	}
	require.Equal(t, uint64(10), f.record().Used)
	require.Zero(t, f.record().Milli)
}

// TestPinned shows that a session never pays more than the price it pinned.
func TestPinned(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Models[0].Output = 9000 })
	res := f.post(pay(t, 1, helloIn+40).Header(), hello)
	require.Equal(t, http.StatusOK, res.status, res.body)
	require.Equal(t, "17", res.header.Get(HeaderUsed))
	require.Contains(t, res.header.Get(HeaderPrice), "output=2000")
}

// TestOpenEnd shows a call without a limit: it gets what the voucher covers.
func TestOpenEnd(t *testing.T) {
	f := newFixture(t)
	body := strings.Replace(hello, `,"max_tokens":20`, "", 1)
	require.Equal(t, CodeShort, f.post(pay(t, 1, helloIn+2*64-1).Header(), body).problem(t).Code)
	require.Equal(t, http.StatusOK, f.post(pay(t, 1, helloIn+2*100).Header(), body).status)
	require.JSONEq(t, "100", string(f.asked["max_tokens"]))
	require.JSONEq(t, "100", string(f.asked["max_completion_tokens"]))
	require.Equal(t, http.StatusOK, f.post(pay(t, 2, 100_000).Header(), body).status)
	require.JSONEq(t, "512", string(f.asked["max_tokens"]))
}

func TestStream(t *testing.T) {
	f := newFixture(t)
	f.serve = f.stream(11, 3, "he", "ll", "o")
	body := strings.Replace(hello, `,"max`, `,"stream":true,"stream_options":{"include_usage":true},"max`, 1)
	res := f.post(pay(t, 1, 500).Header(), body)
	require.Equal(t, http.StatusOK, res.status, res.body)
	require.Equal(t, "text/event-stream; charset=utf-8", res.header.Get("Content-Type"))
	require.True(t, strings.HasSuffix(res.body, "data: [DONE]\n\n"))
	require.Contains(t, res.body, `"choices":[],"created":1,"id":"c1","model":"tiny","object":"chat.completion.chunk","usage":{"prompt_tokens":11,"completion_tokens":3,"total_tokens":14}`)
	require.Contains(t, res.body, ": cupel charge_milli=17000 used=17 input=11 output=3\n")
	require.NotContains(t, res.body, "null,\"usage\"")
	require.Equal(t, uint64(17), f.record().Used)

	// Without the option there is no usage, and the charge is the same.
	res = f.post(pay(t, 2, 600).Header(), strings.Replace(body, "true}", "false}", 1))
	require.NotContains(t, res.body, "prompt_tokens")
	require.Equal(t, uint64(34), f.record().Used)
}

// TestStreamCut shows a server that ignores the limit: the stream ends with
// what the voucher covers.
func TestStreamCut(t *testing.T) {
	f := newFixture(t)
	f.serve = f.stream(0, 0, strings.Split(strings.Repeat("word ", 200), " ")...)
	body := strings.Replace(hello, `,"max`, `,"stream":true,"max`, 1)
	res := f.post(pay(t, 1, 500).Header(), body)
	require.Equal(t, http.StatusOK, res.status)
	require.Equal(t, 20, strings.Count(res.body, `"content":"word"`))
	require.Equal(t, 1, strings.Count(res.body, `"finish_reason":"length"`))
	require.True(t, strings.HasSuffix(res.body, "data: [DONE]\n\n"))
	require.Equal(t, uint64(3+40), f.record().Used, "3 tokens are 9 bytes of text, and 20 pieces")
}

// TestStreamAtLimit shows that an answer of full length ends as the server says,
// at the server's count.
func TestStreamAtLimit(t *testing.T) {
	f := newFixture(t)
	f.serve = f.stream(11, 20, strings.Fields(strings.Repeat("word ", 20))...)
	res := f.post(pay(t, 1, 500).Header(), strings.Replace(hello, `,"max`, `,"stream":true,"max`, 1))
	require.Equal(t, 20, strings.Count(res.body, `"content":"word"`))
	require.Equal(t, 1, strings.Count(res.body, `"finish_reason":"stop"`))
	require.NotContains(t, res.body, `"finish_reason":"length"`)
	require.Equal(t, uint64(11+40), f.record().Used)
}

// TestUsage shows when the server's count is not taken.
func TestUsage(t *testing.T) {
	text := strings.Repeat("abcd", 10) // 10 tokens by our own count
	tests := map[string]struct {
		in, out int
		used    uint64
	}{
		"possible":           {in: 12, out: 9, used: 12 + 18},
		"prompt too long":    {in: helloIn + 1, out: 9, used: 3 + 20},
		"no prompt":          {in: 0, out: 9, used: 3 + 20},
		"above the limit":    {in: 12, out: 21, used: 3 + 20},
		"no output but text": {in: 12, out: 0, used: 3 + 20},
		"negative":           {in: 12, out: -4, used: 3 + 20},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.serve = f.say(text, tc.in, tc.out)
			res := f.post(pay(t, 1, 500).Header(), hello)
			require.Equal(t, http.StatusOK, res.status, res.body)
			require.Equal(t, tc.used, f.record().Used)
		})
	}
}

// TestUpstreamFails shows what a client sees of the server's faults, and that
// none is charged.
func TestUpstreamFails(t *testing.T) {
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	hang := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
	tests := map[string]struct {
		serve   http.HandlerFunc
		status  int
		message string
	}{
		"invalid":       {status(400, `{"error":{"message":"top_p is 3"}}`), 400, "top_p is 3"},
		"old vLLM":      {status(422, `{"object":"error","message":"too long"}`), 400, "too long"},
		"key refused":   {status(401, `{"error":{"message":"secret"}}`), 500, "failed with the status 401"},
		"model missing": {status(404, `{}`), 500, "failed with the status 404"},
		"busy":          {status(429, ``), 429, "is busy"},
		"failed":        {status(500, `trace of the server`), 500, "failed with the status 500"},
		"starting":      {status(503, ``), 503, "not ready"},
		"redirect":      {status(302, ``), 500, "302"},
		"gone":          {hang, 503, "does not answer"},
		"not JSON":      {status(200, `<html>`), 500, "no answer that can be read"},
		"no choices":    {status(200, `{"choices":[]}`), 500, "without choices"},
	}
	for name, tc := range tests {
		for _, stream := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				f := newFixture(t)
				f.serve = tc.serve
				body := hello
				if stream {
					body = strings.Replace(hello, `,"max`, `,"stream":true,"max`, 1)
				}
				res := f.post(pay(t, 1, 500).Header(), body)
				if stream && (name == "not JSON" || name == "no choices") {
					require.Equal(t, http.StatusServiceUnavailable, res.status, res.body)
				} else {
					require.Equal(t, tc.status, res.status, res.body)
					require.Contains(t, res.problem(t).Message, tc.message)
				}
				require.NotContains(t, res.body, "secret")
				require.NotContains(t, res.body, "trace")
				if res.status == 429 {
					require.Equal(t, "7", res.header.Get("Retry-After"))
				}
				require.Zero(t, f.record().spent())
				require.Zero(t, f.record().Open)
			})
		}
	}
}

// TestStreamFails shows a stream that the server breaks off in the middle.
func TestStreamFails(t *testing.T) {
	endings := map[string]string{
		"closed": "",
		"error":  "data: {\"error\":{\"message\":\"out of memory\"}}\n\n",
		"broken": "data: {\"choi\n\n",
	}
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.serve = func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}`+"\n\n"+end)
			}
			f.clockOnRead()
			res := f.post(pay(t, 1, 500).Header(), strings.Replace(hello, `,"max`, `,"stream":true,"max`, 1))
			require.Equal(t, http.StatusOK, res.status)
			require.Contains(t, res.body, `data: {"error":{`)
			require.NotContains(t, res.body, "[DONE]")
			require.Zero(t, f.record().spent(), "nothing is charged, also what a crash would have charged")
			require.Zero(t, f.record().Open)
		})
	}
}

// clockOnRead lets every look at the clock be a second later, so that streams
// keep their charge at every chunk.
func (f *fixture) clockOnRead() {
	f.front.now = func() time.Time {
		f.clock.add(keepEvery)
		return f.clock.now()
	}
}

// TestClientLeaves shows that a client pays for what it was sent.
func TestClientLeaves(t *testing.T) {
	f := newFixture(t)
	left := make(chan struct{})
	f.serve = func(w http.ResponseWriter, r *http.Request) {
		for range 5 {
			_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":"word"},"finish_reason":null}]}`+"\n\n")
		}
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done() // the front hangs up on the server
		close(left)
	}
	req, err := http.NewRequest(http.MethodPost, f.url+"/v1/chat/completions", bytes.NewBufferString(strings.Replace(hello, `,"max`, `,"stream":true,"max`, 1)))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+pay(t, 1, 500).Header())
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	var got bytes.Buffer
	for lines := bufio.NewReader(res.Body); strings.Count(got.String(), "word") < 5; {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		got.WriteString(line)
	}
	require.NoError(t, res.Body.Close())
	<-left
	require.Eventually(t, func() bool { return f.record().Used > 0 }, 5*time.Second, 5*time.Millisecond)
	require.Equal(t, uint64(3+10), f.record().Used)
}

func TestModels(t *testing.T) {
	f := newFixture(t)
	get := func(path string) reply {
		req, err := http.NewRequest(http.MethodGet, f.url+path, nil)
		require.NoError(t, err)
		return f.do(req)
	}
	var list struct {
		Object string
		Data   []listed
	}
	require.NoError(t, json.Unmarshal([]byte(get("/v1/models").body), &list))
	require.Equal(t, "list", list.Object)
	require.Equal(t, []listed{{"tiny", "model", 1_700_000_000, "cupel", quoted{"ucupel", testClass, 1000, 2000, 4096, 512, 64}}}, list.Data)
	require.Equal(t, http.StatusOK, get("/v1/models/tiny").status)
	require.Equal(t, "model_not_found", get("/v1/models/a/b").problem(t).Code)
	require.Equal(t, "unknown_url", get("/v1/embeddings").problem(t).Code)
	require.Equal(t, http.StatusOK, get("/healthz").status)
}

func TestUnreadableNetwork(t *testing.T) {
	f := newFixture(t)
	f.chain.err = errors.New("no endpoint answered")
	require.Equal(t, http.StatusServiceUnavailable, f.post(pay(t, 1, 500).Header(), hello).status)
	f.chain.err = nil
	require.Equal(t, http.StatusOK, f.post(pay(t, 1, 500).Header(), hello).status)
	// A session that is known is served on while no node answers, for an hour.
	f.chain.err = errors.New("no endpoint answered")
	f.clock.add(59 * time.Minute)
	require.Equal(t, http.StatusOK, f.post(pay(t, 1, 500).Header(), hello).status)
	f.clock.add(2 * time.Minute)
	require.Equal(t, http.StatusServiceUnavailable, f.post(pay(t, 1, 500).Header(), hello).status)
}
