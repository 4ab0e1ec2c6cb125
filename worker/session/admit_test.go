// SPDX-License-Identifier: Apache-2.0

package session

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// TestForgeries are vouchers that pay for nothing. None may reach the server,
// the store or the account.
func TestForgeries(t *testing.T) {
	good := voucher.Voucher{ChainID: testChain, Session: sid, Sequence: 1, Amount: 500, Units: 500}
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	with := func(fn func(*voucher.Voucher)) string {
		v := good
		fn(&v)
		return sign(t, v).Header()
	}
	tampered := func(fn func(*voucher.Signed)) string {
		s := sign(t, good)
		fn(&s)
		return s.Header()
	}
	tests := map[string]struct {
		header string
		edit   func(*Info)
		status int
		code   string
	}{
		"nothing":           {"", nil, 401, CodeNoVoucher},
		"an API key":        {"sk-1234", nil, 401, CodeMalformed},
		"cut off":           {sign(t, good).Header()[:200], nil, 401, CodeMalformed},
		"other version":     {"v2." + sign(t, good).Header()[3:], nil, 401, CodeMalformed},
		"raised amount":     {tampered(func(s *voucher.Signed) { s.Amount++ }), nil, 402, CodeSignature},
		"raised sequence":   {tampered(func(s *voucher.Signed) { s.Sequence++ }), nil, 402, CodeSignature},
		"other receipts":    {tampered(func(s *voucher.Signed) { s.Receipts[0]++ }), nil, 402, CodeSignature},
		"bit of the proof":  {tampered(func(s *voucher.Signed) { s.Signature[5] ^= 4 }), nil, 402, CodeSignature},
		"no signature":      {tampered(func(s *voucher.Signed) { s.Signature = [64]byte{} }), nil, 402, CodeSignature},
		"other key":         {must(t, other, good), nil, 402, CodeSignature},
		"other session":     {with(func(v *voucher.Voucher) { v.Session = 43 }), nil, 402, CodeSignature},
		"no session":        {with(func(v *voucher.Voucher) { v.Session = 99 }), nil, 402, CodeUnknown},
		"other chain":       {with(func(v *voucher.Voucher) { v.ChainID = "cupel-1" }), nil, 402, CodeChain},
		"above the units":   {with(func(v *voucher.Voucher) { v.Units = 10 }), nil, 402, CodeTerms},
		"above the deposit": {with(func(v *voucher.Voucher) { v.Amount, v.Units = 1_000_001, 1_000_001 }), nil, 402, CodeDeposit},
		"too little":        {with(func(v *voucher.Voucher) { v.Amount = 1 }), nil, 402, CodeShort},
		"other provider":    {with(func(*voucher.Voucher) {}), func(i *Info) { i.Provider++ }, 402, CodeProvider},
		"other class":       {with(func(*voucher.Voucher) {}), func(i *Info) { i.Class = "wasm/v1" }, 402, CodeClass},
		"other denom":       {with(func(*voucher.Voucher) {}), func(i *Info) { i.Denom = "uatom" }, 402, CodeClass},
		"other scale":       {with(func(*voucher.Voucher) {}), func(i *Info) { i.Terms.Scale = 1 }, 402, CodeClass},
		"closing":           {with(func(*voucher.Voucher) {}), func(i *Info) { i.State = Closing }, 402, CodeNotOpen},
		"ended":             {with(func(*voucher.Voucher) {}), func(i *Info) { i.State = Ended }, 402, CodeNotOpen},
		"unset state":       {with(func(*voucher.Voucher) {}), func(i *Info) { i.State = 0 }, 402, CodeNotOpen},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.serve = func(http.ResponseWriter, *http.Request) { t.Error("the server was asked") }
			theirs := openInfo(43)
			theirs.Key, _ = other.Public().(ed25519.PublicKey)
			f.chain.sessions[43] = theirs
			if tc.edit != nil {
				f.chain.edit(sid, tc.edit)
			}
			res := f.post(tc.header, hello)
			e := res.problem(t)
			require.Equal(t, tc.status, res.status, res.body)
			require.Equal(t, tc.code, e.Code, res.body)
			if tc.status == 402 {
				require.Equal(t, typePayment, e.Type)
			}
			all, err := f.store.All()
			require.NoError(t, err)
			require.Empty(t, all)
		})
	}
}

func must(t *testing.T, k ed25519.PrivateKey, v voucher.Voucher) string {
	s, err := voucher.Sign(k, v)
	require.NoError(t, err)
	return s.Header()
}

// TestOrder shows what follows a kept voucher.
func TestOrder(t *testing.T) {
	f := newFixture(t)
	kept := sign(t, voucher.Voucher{ChainID: testChain, Session: sid, Sequence: 5, Amount: 600, Units: 600})
	require.Equal(t, http.StatusOK, f.post(kept.Header(), hello).status)
	post := func(sequence, amount, units uint64) reply {
		return f.post(sign(t, voucher.Voucher{ChainID: testChain, Session: sid, Sequence: sequence, Amount: amount, Units: units}).Header(), hello)
	}
	require.Equal(t, http.StatusOK, f.post(kept.Header(), hello).status, "sent again")
	require.Equal(t, http.StatusOK, post(4, 500, 500).status, "overtaken")
	for name, res := range map[string]reply{
		"less for a higher sequence": post(6, 599, 600), "fewer units": post(6, 600, 599),
		"another one of the same": post(5, 601, 601), "more for a lower sequence": post(4, 700, 700),
	} {
		e := res.problem(t)
		require.Equal(t, CodeOrder, e.Code, name)
		require.Equal(t, uint64(6), e.Payment.Sequence)
	}
	require.Equal(t, kept.Header(), f.record().Voucher)
}

// TestTopUp shows that a session that was refused is looked up again.
func TestTopUp(t *testing.T) {
	f := newFixture(t)
	big := sign(t, voucher.Voucher{ChainID: testChain, Session: sid, Sequence: 1, Amount: 1_500_000, Units: 1_500_000}).Header()
	require.Equal(t, CodeDeposit, f.post(big, hello).problem(t).Code)
	f.chain.edit(sid, func(i *Info) { i.Terms.Deposit = 2_000_000 })
	f.clock.add(2 * time.Second)
	require.Equal(t, http.StatusOK, f.post(big, hello).status)
}

// TestDepositUsedUp says so, and not that the voucher is short.
func TestDepositUsedUp(t *testing.T) {
	f := newFixture(t)
	f.chain.edit(sid, func(i *Info) { i.Terms.Deposit = 140 })
	require.Equal(t, http.StatusOK, f.post(pay(t, 1, 130).Header(), hello).status)
	require.Equal(t, CodeDeposit, f.post(pay(t, 2, 135).Header(), hello).problem(t).Code)
}

func TestLimits(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Limits.PerMinute, c.Limits.PerSession, c.Limits.Calls, c.Limits.BodyKiB = 3, 2, 3, 1
	})
	v := pay(t, 1, 10_000).Header()
	for range 3 {
		require.Equal(t, http.StatusOK, f.post(v, hello).status)
	}
	res := f.post(v, hello)
	require.Equal(t, http.StatusTooManyRequests, res.status)
	require.Equal(t, "rate_limit_exceeded", res.problem(t).Code)
	require.Equal(t, "20", res.header.Get("Retry-After"))
	f.clock.add(20 * time.Second)
	require.Equal(t, http.StatusOK, f.post(v, hello).status)

	res = f.post(v, hello+strings.Repeat(" ", 1024))
	require.Equal(t, http.StatusRequestEntityTooLarge, res.status)
	require.Equal(t, "body_too_large", res.problem(t).Code)
}

// TestUnknownSessionsAreCheap shows that made-up sessions cost few lookups.
func TestUnknownSessionsAreCheap(t *testing.T) {
	f := newFixture(t)
	for id := range uint64(200) {
		v := sign(t, voucher.Voucher{ChainID: testChain, Session: 1000 + id, Sequence: 1, Amount: 1, Units: 1})
		f.post(v.Header(), hello)
		f.post(v.Header(), hello)
	}
	require.LessOrEqual(t, f.chain.lookups, lookupsBurst)
}

// TestConcurrent shows that calls at once share a voucher and never spend more
// than it covers.
func TestConcurrent(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Limits.PerSession = 64 })
	var running, most atomic.Int64
	f.serve = func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), running.Add(1)))
		time.Sleep(20 * time.Millisecond)
		running.Add(-1)
		f.say(strings.Repeat("long ", 20), 80, 20)(w, r)
	}
	// Each may cost 129 and costs 120.
	v := pay(t, 1, 129*4).Header()
	var ok, short atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			switch res := f.post(v, hello); res.status {
			case http.StatusOK:
				ok.Add(1)
			case http.StatusPaymentRequired:
				short.Add(1)
			default:
				t.Error(res.status, res.body)
			}
		})
	}
	wg.Wait()
	require.Equal(t, int64(4), ok.Load())
	require.Equal(t, int64(16), short.Load())
	require.LessOrEqual(t, most.Load(), int64(4))
	require.Equal(t, uint64(480), f.record().Used)
	acc, err := f.front.accounts.open(sid)
	require.NoError(t, err)
	require.Zero(t, acc.reserved)
	require.Zero(t, acc.calls)
}

// TestTooManyAtOnce shows the two limits of calls under way.
func TestTooManyAtOnce(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Limits.PerSession, c.Limits.Calls = 1, 2 })
	f.chain.sessions[43] = openInfo(43)
	f.chain.sessions[44] = openInfo(44)
	gate, entered := make(chan struct{}), make(chan struct{}, 9)
	f.serve = func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		<-gate
		f.say("hello", 11, 3)(w, r)
	}
	of := func(id uint64) string {
		return sign(t, voucher.Voucher{ChainID: testChain, Session: id, Sequence: 1, Amount: 5000, Units: 5000}).Header()
	}
	var wg sync.WaitGroup
	wg.Go(func() { require.Equal(t, http.StatusOK, f.post(of(sid), hello).status) })
	<-entered
	require.Contains(t, f.post(of(sid), hello).problem(t).Message, fmt.Sprintf("session %d has 1 calls", sid))
	wg.Go(func() { require.Equal(t, http.StatusOK, f.post(of(43), hello).status) })
	<-entered
	require.Contains(t, f.post(of(44), hello).problem(t).Message, "2 calls are under way")
	close(gate)
	wg.Wait()
}
