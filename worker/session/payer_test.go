// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"crypto/ed25519"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// payer runs a payer before the fixture's front and points post at it.
func (f *fixture) payer(edits ...func(*PayerOptions)) *Payer {
	opts := PayerOptions{
		ChainID: testChain, Session: sid, Key: key, URL: f.url + "/v1", State: filepath.Join(filepath.Dir(f.path), "payer.json"),
		Terms:  func(ctx context.Context) (Info, error) { return f.chain.Session(ctx, sid) },
		Output: 100, Slack: 50, Log: slog.New(slog.DiscardHandler),
	}
	for _, edit := range edits {
		edit(&opts)
	}
	p, err := NewPayer(context.Background(), opts)
	require.NoError(f.t, err)
	srv := httptest.NewServer(p.Handler())
	f.t.Cleanup(srv.Close)
	f.url = srv.URL
	return p
}

const noLimit = `{"model":"tiny","messages":[{"role":"user","content":"Say hello"}]}`

func TestPayer(t *testing.T) {
	f := newFixture(t)
	p := f.payer()
	for range 30 {
		res := f.post("", noLimit)
		require.Equal(t, http.StatusOK, res.status, res.body)
		require.Contains(t, res.body, `"content":"hello"`)
	}
	require.JSONEq(t, "100", string(f.asked["max_tokens"]))
	require.Equal(t, uint64(30*17), f.record().Used)
	require.Equal(t, uint64(30*17), p.st.Used)
	require.Equal(t, uint64(29*17+helloIn+200), f.record().Amount, "one call ahead, no more")
	require.Zero(t, p.reserved)
	require.Zero(t, p.st.Slack)
	require.NotZero(t, p.st.Receipts)

	// A restart goes on where it stopped.
	again, err := NewPayer(context.Background(), p.opts)
	require.NoError(t, err)
	require.Equal(t, p.st, again.st)

	res := f.post("", `{"model":"large","messages":[{"role":"user","content":"a"}]}`)
	require.Equal(t, "model_not_found", res.problem(t).Code)
	require.Equal(t, http.StatusBadRequest, f.post("", `{}`).status)
	models, err := http.Get(f.url + "/v1/models")
	require.NoError(t, err)
	raw, err := io.ReadAll(models.Body)
	require.NoError(t, err)
	require.NoError(t, models.Body.Close())
	require.Contains(t, string(raw), `"id":"tiny"`)
}

func TestPayerStream(t *testing.T) {
	f := newFixture(t)
	p := f.payer()
	f.serve = f.stream(11, 3, "he", "ll", "o")
	body := strings.Replace(noLimit, `{"model`, `{"stream":true,"model`, 1)
	res := f.post("", body)
	require.Equal(t, http.StatusOK, res.status)
	require.NotContains(t, res.body, "prompt_tokens")
	require.True(t, strings.HasSuffix(res.body, "data: [DONE]\n\n"))
	require.Equal(t, uint64(17), p.st.Used)
	body = strings.Replace(body, `{"model`, `{"stream_options":{"include_usage":true},"model`, 1)
	res = f.post("", strings.Replace(body, `{"stream"`, `{"stream_options":{"include_usage":true},"stream"`, 1))
	require.Contains(t, res.body, `"prompt_tokens":11`)
	require.Equal(t, uint64(34), p.st.Used)
	require.Equal(t, f.record().Used, p.st.Used)
}

// TestPayerAtOnce shows that calls at once never sign more than they may cost.
func TestPayerAtOnce(t *testing.T) {
	f := newFixture(t)
	f.serve = func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Duration(rand.IntN(10)) * time.Millisecond)
		f.say("hello", 11, 3)(w, r)
	}
	p := f.payer(func(o *PayerOptions) { o.Slack = 0 })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 25 {
				res := f.post("", noLimit)
				if res.status != http.StatusOK {
					t.Error(res.status, res.body)
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, uint64(200*17), f.record().Used)
	require.Equal(t, uint64(200*17), p.st.Used)
	require.LessOrEqual(t, f.record().Amount, uint64(200*17+8*(helloIn+200)))
	require.Zero(t, p.st.Slack, "nobody had to claim anything")
}

// TestPayerLostState shows a requester that lost its file: the provider's word
// is taken up to the slack.
func TestPayerLostState(t *testing.T) {
	f := newFixture(t)
	front := f.url
	f.payer()
	for range 2 {
		require.Equal(t, http.StatusOK, f.post("", noLimit).status)
	}
	f.url = front
	p := f.payer(func(o *PayerOptions) { o.State += ".new" })
	require.Equal(t, http.StatusOK, f.post("", noLimit).status)
	require.Equal(t, uint64(34), p.st.Slack)
	require.Equal(t, uint64(51), f.record().Used)

	f.url = front
	f.payer(func(o *PayerOptions) { o.State += ".newer" })
	res := f.post("", noLimit)
	require.Equal(t, http.StatusPaymentRequired, res.status, "51 are above the slack of 50")
	require.Contains(t, []string{CodeShort, CodeOrder}, res.problem(t).Code)
}

// TestPayerDeposit shows that nothing is signed above the deposit.
func TestPayerDeposit(t *testing.T) {
	f := newFixture(t)
	f.chain.edit(sid, func(i *Info) { i.Terms.Deposit = helloIn + 200 })
	p := f.payer()
	require.Equal(t, http.StatusOK, f.post("", noLimit).status)
	require.Equal(t, CodeDeposit, f.post("", noLimit).problem(t).Code)
	require.Zero(t, p.reserved)
}

// TestPayerLiar shows providers that charge what they may not.
func TestPayerLiar(t *testing.T) {
	f := newFixture(t)
	honest := f.front.Handler()
	liar := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			honest.ServeHTTP(w, r)
			return
		}
		w.Header().Set(HeaderCharge, "999999999")
		w.Header().Set(HeaderUsed, "999999")
		_, _ = io.WriteString(w, `{"choices":[]}`)
	}))
	t.Cleanup(liar.Close)
	f.url = liar.URL
	p := f.payer()
	require.Equal(t, http.StatusOK, f.post("", noLimit).status)
	require.Equal(t, uint64(helloIn+200), p.st.Used, "never more than the call may cost")
}

func TestPayerKey(t *testing.T) {
	f := newFixture(t)
	opts := f.payer().opts
	require.Equal(t, http.StatusOK, f.post("", noLimit).status)
	_, other, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	opts.Key = other
	_, err = NewPayer(context.Background(), opts)
	require.ErrorContains(t, err, "was opened with the key")
	opts.Key, opts.Session = key, 43
	_, err = NewPayer(context.Background(), opts)
	require.ErrorContains(t, err, "is the state of session 42")
}
