// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/openai"
)

const (
	tokenClass = "llm/tiny"
	// tokenPrice is the ask per 1,000 tokens: a deposit is used up in a few calls.
	tokenPrice = 2_000_000
	// reply is the longest answer of a call, in tokens.
	reply = 8
	// day is the shortest dispute window that a chain allows.
	day = 86_400
)

// account is a session as the chain keeps it, in ucupel.
type account struct {
	State   string
	Session struct {
		Deposit, Redeemed, Paid, Treasury, Burned, Refunded uint64 `json:",string"`
		Reason                                              string
	}
}

// customer is a requester with one session and the proxy that spends it.
type customer struct {
	w       *world
	from    net.Key
	id      string
	key     string
	listen  string
	deposit uint64
}

// hall is a network with one worker that sells tokens of llama.cpp.
type hall struct {
	*world
	front string
	keys  []net.Key
}

// newHall makes a market whose sessions warn, pause and close within seconds,
// but for the day of the dispute window, which no param can shorten.
func newHall(t *testing.T, people int) *hall {
	t.Helper()
	tools, err := openai.Find()
	if err != nil && os.Getenv(openai.RequireEnv) == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	h := &hall{}
	const market = "app_state.market.params.0.params.session."
	h.world = newWorld(t, 1, 8*time.Minute, params(), func(s *net.Setup) {
		s.Offers[0].Asks = map[string]uint64{tokenClass: tokenPrice}
		for i := range people {
			key, err := s.Binaries.AddKey(t.Context(), filepath.Join(s.Dir, "people"), fmt.Sprintf("customer%d", i))
			require.NoError(t, err)
			h.keys = append(h.keys, key)
			s.Funds = append(s.Funds, net.Fund{Address: key.Address, Amount: 100 * net.CUPEL})
		}
		s.Edits = append(s.Edits,
			net.Edit{Path: market + "dispute_ticks", Value: "2"}, net.Edit{Path: market + "grace_ticks", Value: "10"},
			net.Edit{Path: market + "notice_ticks", Value: "2"},
			net.Edit{Path: "app_state.registry.classes", Value: []any{
				map[string]any{"id": 1, "name": net.Class, "unit": "UNIT_FUEL", "sound": true},
				map[string]any{"id": 2, "name": tokenClass, "unit": "UNIT_TOKEN", "sound": false},
			}})
	})
	// It ends by Stop: the test's context is done before its cleanups.
	engine, err := tools.StartEngine(context.WithoutCancel(h.ctx), h.Dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, engine.Stop()) })
	h.sell(engine.URL)
	return h
}

// sell adds the front to the worker's configuration. All sessions are redeemed
// together a few seconds after the first has something.
func (h *hall) sell(upstream string) {
	port, err := h.Ports.Take(1)
	require.NoError(h.t, err)
	h.front = fmt.Sprintf("http://127.0.0.1:%d/v1", port)
	path := filepath.Join(h.Providers[0].WorkerHome, "config.yaml")
	raw, err := os.ReadFile(path)
	require.NoError(h.t, err)
	text, err := withoutSection(string(raw), "sessions")
	require.NoError(h.t, err)
	text += fmt.Sprintf(`
sessions:
  listen: 127.0.0.1:%d
  class: %s
  upstream: {url: %s}
  models:
    - {name: tiny, input: 100000, output: %d, context: 128, max_output: 64}
  limits: {per_minute: 100000}
  redeem: {every: 4s, above: 1000000000, least: 1, before_expiry: 2s}
`, port, tokenClass, upstream, tokenPrice)
	require.NoError(h.t, os.WriteFile(path, []byte(text), 0o600))
}

// withoutSection takes a top-level key and what is below it out of a YAML file.
func withoutSection(text, name string) (string, error) {
	before, after, found := strings.Cut(text, "\n"+name+":\n")
	if !found {
		return "", fmt.Errorf("there is no section %s", name)
	}
	lines := strings.SplitAfter(after, "\n")
	for len(lines) > 0 && strings.HasPrefix(lines[0], " ") {
		lines = lines[1:]
	}
	return before + "\n" + strings.Join(lines, ""), nil
}

// cupeld runs a command of a customer and decodes its JSON.
func (h *hall) cupeld(into any, args ...string) {
	h.t.Helper()
	var diag bytes.Buffer
	cmd := net.Command(h.ctx, h.Binaries.Cupeld, append(args, "--node", h.Nodes[0].TCP(), "-o", "json")...)
	cmd.Stderr = &diag
	out, err := cmd.Output()
	require.NoError(h.t, err, "%v: %s%s", args, out, diag.String())
	require.NoError(h.t, json.Unmarshal(out, into), string(out))
}

func (c *customer) signed(args ...string) []string {
	return append(args, "--from", c.from.Name, "--home", c.from.Home, "--keyring-backend", "test", "--chain-id", c.w.ChainID,
		"--gas-prices", "0.001ucupel", "--yes")
}

// open opens a session as `cupeld session open` does, with a proxy for it.
func (h *hall) open(key net.Key, deposit, ticks uint64) *customer {
	h.t.Helper()
	port, err := h.Ports.Take(1)
	require.NoError(h.t, err)
	c := &customer{w: h.world, from: key, deposit: deposit, listen: fmt.Sprintf("127.0.0.1:%d", port)}
	c.key = filepath.Join(h.Dir, fmt.Sprintf("voucher-%d.pem", port))
	var opened struct{ Session, Price uint64 }
	h.cupeld(&opened, c.signed("session", "open", h.Providers[0].Operator.Address, "--class", tokenClass, "--deposit",
		fmt.Sprintf("%ducupel", deposit), "--ticks", fmt.Sprint(ticks), "--voucher-key", c.key)...)
	require.EqualValues(h.t, tokenPrice, opened.Price)
	c.id = strconv.FormatUint(opened.Session, 10)
	_, err = h.Run("proxy"+c.id, nil, h.Binaries.Cupeld, "session", "serve", c.id, "--url", h.front, "--listen", c.listen,
		"--voucher-key", c.key, "--state", c.key+".json", "--node", h.Nodes[0].TCP(), "--chain-id", h.ChainID, "--home", key.Home, "--slack", "1000000")
	require.NoError(h.t, err)
	return c
}

// call asks once and returns the status and the code of an error.
func (c *customer) call(url string, header http.Header) (status int, code string) {
	c.w.t.Helper()
	body := fmt.Sprintf(`{"model":"tiny","max_tokens":%d,"messages":[{"role":"user","content":"gold"}]}`, reply)
	req, err := http.NewRequestWithContext(c.w.ctx, http.MethodPost, url+"/chat/completions", strings.NewReader(body))
	require.NoError(c.w.t, err)
	for key := range header {
		req.Header.Set(key, header.Get(key))
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error() // the proxy starts
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(c.w.t, err)
	var out struct{ Error struct{ Code string } }
	if res.StatusCode != http.StatusOK {
		require.NoError(c.w.t, json.Unmarshal(raw, &out), string(raw))
	}
	return res.StatusCode, out.Error.Code
}

// served makes calls through the proxy until one is answered.
func (c *customer) served() {
	c.w.t.Helper()
	last := ""
	err := net.Until(c.w.ctx, 100*time.Millisecond, func() (bool, error) {
		status, code := c.call("http://"+c.listen+"/v1", nil)
		last = fmt.Sprint(status, " ", code)
		return status == http.StatusOK, nil
	})
	require.NoError(c.w.t, err, "session %s: %s", c.id, last)
}

// spend calls until the deposit cannot pay for another call.
func (c *customer) spend() (calls int) {
	c.w.t.Helper()
	for {
		switch status, code := c.call("http://"+c.listen+"/v1", nil); status {
		case http.StatusOK:
			calls++
		case http.StatusPaymentRequired:
			require.Equal(c.w.t, "deposit_exceeded", code)
			return calls
		default:
			require.Fail(c.w.t, "a call was refused", "%d %s", status, code)
		}
	}
}

// refused calls until the session takes no more, and returns what the calls that
// were answered have cost in all.
func (c *customer) refused(with string) (used uint64) {
	c.w.t.Helper()
	_, used = c.promised()
	require.NoError(c.w.t, net.Until(c.w.ctx, 500*time.Millisecond, func() (bool, error) {
		status, code := c.call("http://"+c.listen+"/v1", nil)
		if status == http.StatusOK {
			_, used = c.promised()
			return false, nil
		}
		require.Equal(c.w.t, []any{http.StatusPaymentRequired, with}, []any{status, code})
		return true, nil
	}))
	return used
}

// promised is what the last voucher signs, used what calls have cost.
func (c *customer) promised() (amount, used uint64) {
	c.w.t.Helper()
	raw, err := os.ReadFile(c.key + ".json")
	require.NoError(c.w.t, err)
	var st struct {
		Amount, Used, Milli uint64 `json:",string"`
	}
	require.NoError(c.w.t, json.Unmarshal(raw, &st))
	return st.Amount, st.Used
}

func (c *customer) account() account {
	c.w.t.Helper()
	var a account
	require.NoError(c.w.t, c.w.Query(c.w.ctx, 0, "/cupel/market/v1/sessions/"+c.id, &a))
	return a
}

// await waits until the account is as it should be.
func (c *customer) await(what string, holds func(account) bool) account {
	c.w.t.Helper()
	var a account
	err := net.Until(c.w.ctx, 150*time.Millisecond, func() (bool, error) {
		err := c.w.Query(c.w.ctx, 0, "/cupel/market/v1/sessions/"+c.id, &a)
		return err == nil && holds(a), err
	})
	require.NoError(c.w.t, err, "session %s: %s: %+v", c.id, what, a)
	return a
}

func (c *customer) low() bool {
	var st struct {
		Low bool `json:"low_funds"`
	}
	(&hall{world: c.w}).cupeld(&st, "session", "status", c.id)
	return st.Low
}

func in(states ...string) func(account) bool {
	return func(a account) bool { return slices.Contains(states, strings.TrimPrefix(a.State, "SESSION_STATE_")) }
}

// redeems counts the transactions that redeemed a session, and the sessions of
// the largest one.
func (h *hall) redeems(id string) (transactions, together int) {
	h.t.Helper()
	all, err := h.Txs(h.ctx, fmt.Sprintf("session_redeemed.session='%s'", id))
	require.NoError(h.t, err)
	for _, tx := range all {
		sessions := map[string]bool{}
		for _, raw := range tx.Messages {
			var m struct{ Vouchers []struct{ Session string } }
			require.NoError(h.t, json.Unmarshal(raw, &m))
			for _, v := range m.Vouchers {
				sessions[v.Session] = true
			}
		}
		together = max(together, len(sessions))
	}
	return len(all), together
}

// TestSessionsOverTime: one worker serves four sessions of three requesters from
// their opening to their last coin: redeemed together and again and again, warned,
// topped up, killed in between, expired, exhausted and closed by either side.
func TestSessionsOverTime(t *testing.T) {
	need(t)
	h := newHall(t, 3)
	supply, treasury := h.money()
	began := time.Now()
	require.NoError(t, h.StartWorkers())
	worker := h.Providers[0]
	closed := h.open(h.keys[0], 5*net.CUPEL, 100_000)
	short := h.open(h.keys[1], net.CUPEL, 100_000)
	brief := h.open(h.keys[2], 2*net.CUPEL, 60)
	gone := h.open(h.keys[0], net.CUPEL, 100_000)
	all := []*customer{closed, short, brief, gone}

	for _, c := range []*customer{closed, brief, short} {
		c.served()
	}
	for _, c := range []*customer{closed, brief, short} {
		c.await("redeemed on schedule", func(a account) bool { return a.Session.Redeemed > 0 })
	}
	t.Logf("%s: three sessions are redeemed", time.Since(began).Round(time.Second))

	h.killed(worker, closed, brief)
	t.Logf("%s: killed after an answer, nothing is lost", time.Since(began).Round(time.Second))
	h.toppedUp(short)
	t.Logf("%s: warned, topped up and served again", time.Since(began).Round(time.Second))
	h.exhausted(gone)
	t.Logf("%s: used up, paused, over", time.Since(began).Round(time.Second))

	// The requester closes after a last call; what the worker served until it saw
	// that is redeemed in the window.
	closed.served()
	var answer struct{ State string }
	h.cupeld(&answer, closed.signed("session", "close", closed.id)...)
	require.Equal(t, "CLOSING", answer.State)
	used := closed.refused("session_not_open")
	closed.await("the last voucher in the window", func(a account) bool { return a.Session.Redeemed >= used })

	// Expiry closes too; all that was promised is paid.
	a := brief.await("expiry", in("CLOSING"))
	require.Equal(t, "SESSION_REASON_EXPIRED", a.Session.Reason)
	_, used = brief.promised()
	brief.await("all before or in the window", func(a account) bool { return a.Session.Redeemed >= used })

	// The provider gives the window of one up.
	_, err := h.Tx(h.ctx, worker.Operator, "market", "close-session", short.id)
	require.NoError(t, err)
	require.Equal(t, "SESSION_REASON_PROVIDER", short.await("closed by the provider", in("CLOSED")).Session.Reason)

	transactions, together := h.redeems(closed.id)
	require.GreaterOrEqual(t, transactions, 3, "one session, several redeems")
	require.GreaterOrEqual(t, together, 2, "several sessions, one message")
	t.Logf("%s: session %s was redeemed in %d transactions, up to %d sessions in one", time.Since(began).Round(time.Second), closed.id, transactions, together)

	h.aDayLater(closed.id, brief.id)
	h.refunded(closed, brief)
	for _, c := range all {
		c.await("the end", in("CLOSED"))
	}
	h.conserved(all, worker, supply, treasury)
	t.Logf("%s: every coin is accounted for", time.Since(began).Round(time.Second))
}

// money is the supply and what the treasury has.
func (h *hall) money() (supply, treasury uint64) {
	h.t.Helper()
	supply, err := h.Supply(h.ctx, 0)
	require.NoError(h.t, err)
	treasury, err = h.Treasury(h.ctx, 0)
	require.NoError(h.t, err)
	return supply, treasury
}

// killed ends the worker by kill -9 right after an answer that no transaction
// has redeemed, and sees all of it redeemed after the next start.
func (h *hall) killed(worker *net.Provider, all ...*customer) {
	h.t.Helper()
	lost := false
	for range 5 {
		for _, c := range all {
			c.served()
		}
		worker.Process().Kill()
		for _, c := range all {
			_, used := c.promised()
			lost = lost || c.account().Session.Redeemed < used
		}
		require.NoError(h.t, worker.StartWorker())
		if lost {
			break
		}
	}
	require.True(h.t, lost, "the worker was always faster")
	for _, c := range all {
		amount, used := c.promised()
		require.GreaterOrEqual(h.t, amount, used)
		c.await("redeemed after the kill", func(a account) bool { return a.Session.Redeemed >= amount })
	}
}

// toppedUp spends a deposit until it is low, adds to it, and goes on.
func (h *hall) toppedUp(c *customer) {
	h.t.Helper()
	require.False(h.t, c.low())
	require.Positive(h.t, c.spend())
	amount, _ := c.promised()
	c.await("spent", func(a account) bool { return a.Session.Redeemed >= amount })
	require.NoError(h.t, net.Until(h.ctx, 200*time.Millisecond, func() (bool, error) { return c.low(), nil }))
	events, err := h.Txs(h.ctx, fmt.Sprintf("session_low_funds.session='%s'", c.id))
	require.NoError(h.t, err)
	require.Len(h.t, events, 1, "the requester is warned once, by the transaction that redeemed")
	var answer struct{ Deposit uint64 }
	h.cupeld(&answer, c.signed("session", "topup", c.id, fmt.Sprintf("%ducupel", 2*net.CUPEL))...)
	require.Equal(h.t, c.deposit+2*net.CUPEL, answer.Deposit)
	require.False(h.t, c.low())
	c.served()
	later, _ := c.promised()
	require.Greater(h.t, later, amount)
	c.await("redeemed after the top-up", func(a account) bool { return a.Session.Redeemed == later })
}

// exhausted pays with one voucher for the whole deposit, as a client does that
// knows nothing of sessions. It is used up, pauses, and nobody tops it up.
func (h *hall) exhausted(c *customer) {
	h.t.Helper()
	var v struct {
		Name   string `json:"header_name"`
		Header string
	}
	h.cupeld(&v, "session", "voucher", c.id, "--units", fmt.Sprint(c.deposit*1000/tokenPrice), "--voucher-key", c.key, "--chain-id", h.ChainID)
	require.NoError(h.t, net.Until(h.ctx, 100*time.Millisecond, func() (bool, error) {
		status, _ := c.call(h.front, http.Header{v.Name: []string{v.Header}})
		return status == http.StatusOK, nil
	}))
	a := c.await("used up", in("PAUSED", "CLOSED"))
	require.Equal(h.t, c.deposit, a.Session.Redeemed)
	require.Equal(h.t, "SESSION_REASON_EXHAUSTED", c.await("the end of the grace", in("CLOSED")).Session.Reason)
}

// aDayLater moves the floor of the dispute windows, a day that no param can
// shorten, in an export of the state, and goes on from it.
func (h *hall) aDayLater(ids ...string) {
	h.t.Helper()
	node := h.Nodes[0]
	// Fees of the last block would go to the treasury: nobody has voted on the
	// first block of a genesis.
	height, err := node.Height(h.ctx)
	require.NoError(h.t, err)
	require.NoError(h.t, node.WaitHeight(h.ctx, height+2))
	node.Process().Stop()
	out := h.node("export", "--home", node.Home)
	dec := json.NewDecoder(bytes.NewReader(out))
	dec.UseNumber()
	genesis := net.Genesis{}
	require.NoError(h.t, dec.Decode(&genesis))
	moved := 0
	state, ok := genesis["app_state"].(map[string]any)["market"].(map[string]any)
	require.True(h.t, ok)
	for _, each := range state["sessions"].([]any) {
		session, ok := each.(map[string]any)
		require.True(h.t, ok)
		if !slices.Contains(ids, fmt.Sprint(session["id"])) {
			continue
		}
		require.Equal(h.t, "SESSION_STATE_CLOSING", session["state"])
		due, err := strconv.ParseInt(fmt.Sprint(session["due_time"]), 10, 64)
		require.NoError(h.t, err)
		require.Greater(h.t, due, time.Now().Unix()+day/2)
		session["due_time"] = fmt.Sprint(due - day)
		moved++
	}
	require.Len(h.t, ids, moved)
	h.node("comet", "unsafe-reset-all", "--home", node.Home)
	require.NoError(h.t, genesis.Write(filepath.Join(node.Home, "config", "genesis.json")))
	require.NoError(h.t, node.Start())
	require.NoError(h.t, net.Until(h.ctx, 100*time.Millisecond, func() (bool, error) {
		_, err := node.Height(h.ctx)
		return err == nil, err
	}), "the chain goes on from its export")
	require.NoError(h.t, net.Until(h.ctx, 100*time.Millisecond, func() (bool, error) {
		return h.Query(h.ctx, 0, "/cosmos/base/tendermint/v1beta1/blocks/latest", &struct{}{}) == nil, nil
	}))
	// The first block has the time of the genesis, when the windows were open: gas
	// that is estimated there is too little for what happens a block later.
	first, err := node.Height(h.ctx)
	require.NoError(h.t, err)
	require.NoError(h.t, node.WaitHeight(h.ctx, first+2))
}

// refunded gets what is left back once the windows are over: by saying the close
// again, and by a stranger's crank. EndBlock would too, at the next of its looks,
// which was planned for a window that had not been moved.
func (h *hall) refunded(closed, expired *customer) {
	h.t.Helper()
	var answer struct {
		State  string
		Refund uint64
	}
	h.cupeld(&answer, closed.signed("session", "close", closed.id)...)
	s := closed.account().Session
	require.Equal(h.t, "CLOSED", answer.State)
	require.Equal(h.t, s.Deposit-s.Redeemed, answer.Refund)
	file := filepath.Join(h.Dir, "crank.yaml")
	require.NoError(h.t, os.WriteFile(file, []byte("steps:\n  - {kind: STEP_KIND_SESSION, batch: \""+expired.id+"\"}\n"), 0o600))
	_, err := h.Tx(h.ctx, h.Providers[0].Operator, "market", "crank", file)
	require.NoError(h.t, err)
	require.Equal(h.t, "SESSION_REASON_EXPIRED", expired.account().Session.Reason)
}

// node runs a command of the validator.
func (h *hall) node(args ...string) []byte {
	h.t.Helper()
	var diag bytes.Buffer
	ctx, cancel := context.WithTimeout(h.ctx, time.Minute)
	defer cancel()
	cmd := net.Command(ctx, h.Binaries.Cupeld, args...)
	cmd.Stderr = &diag
	out, err := cmd.Output()
	require.NoError(h.t, err, "%v: %s", args, diag.String())
	return out
}

// conserved: every deposit is paid, shared, burned or back, and the coins are
// where the accounts say.
func (h *hall) conserved(all []*customer, worker *net.Provider, supply, treasury uint64) {
	h.t.Helper()
	var paid, shared, burned uint64
	for _, c := range all {
		s := c.account().Session
		require.Equal(h.t, s.Deposit, s.Paid+s.Treasury+s.Burned+s.Refunded, "session %s: %+v", c.id, s)
		require.Equal(h.t, s.Redeemed, s.Paid+s.Treasury+s.Burned)
		require.Positive(h.t, s.Paid)
		paid, shared, burned = paid+s.Paid, shared+s.Treasury, burned+s.Burned
		h.t.Logf("session %s: %d = %d paid + %d treasury + %d burned + %d refunded", c.id, s.Deposit, s.Paid, s.Treasury, s.Burned, s.Refunded)
	}
	require.Equal(h.t, paid, h.earned(worker))
	market, err := h.ModuleAddress(h.ctx, "market")
	require.NoError(h.t, err)
	held, err := h.Balance(h.ctx, 0, market)
	require.NoError(h.t, err)
	require.Zero(h.t, held)
	supplyNow, treasuryNow := h.money()
	require.Equal(h.t, burned, supply-supplyNow)
	require.Equal(h.t, shared, treasuryNow-treasury)
}
