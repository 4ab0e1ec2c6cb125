// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// PayerOptions say which session a Payer spends, and how much it trusts.
type PayerOptions struct {
	ChainID string
	Session uint64
	// Key signs the vouchers of the session.
	Key ed25519.PrivateKey
	// Terms returns what the chain says of the session now.
	Terms func(ctx context.Context) (Info, error)
	// URL of the provider's front, up to and with /v1.
	URL string
	// State is the file in which the last voucher is kept.
	State string
	// Output is how many tokens are paid for ahead when a call names no limit.
	Output uint64
	// Slack is the most that the provider may claim, in all and in base units,
	// beyond what its answers said.
	Slack uint64
	Log   *slog.Logger
}

// Payer is a local proxy for a requester: it takes calls of any OpenAI client
// and sends them on with vouchers. What it trusts the provider with is one
// call's price ahead, and Slack.
type Payer struct {
	opts   PayerOptions
	client *http.Client

	mu sync.Mutex
	st payerState
	// reserved is what calls under way may cost, in thousandths.
	reserved uint64
	// begun counts the calls.
	begun  uint64
	models map[string]Model
	info   Info
	asked  time.Time
}

// payerBody is the most bytes of a call.
const payerBody = 8 << 20

// NewPayer reads the state of the session. A session without state goes on
// from what the chain has redeemed.
func NewPayer(ctx context.Context, opts PayerOptions) (*Payer, error) {
	public, ok := opts.Key.Public().(ed25519.PublicKey)
	if !ok || len(opts.Key) != ed25519.PrivateKeySize {
		return nil, errors.New("the key of the session is no Ed25519 key")
	}
	info, err := opts.Terms(ctx)
	if err != nil {
		return nil, fmt.Errorf("look up session %d: %w", opts.Session, err)
	}
	if string(info.Key) != string(public) {
		return nil, fmt.Errorf("session %d was opened with the key %x, this one is %x", opts.Session, info.Key, []byte(public))
	}
	opts.URL = strings.TrimRight(opts.URL, "/")
	p := &Payer{opts: opts, info: info, models: make(map[string]Model), client: &http.Client{}}
	p.st, err = loadPayerState(opts.State, opts.ChainID, opts.Session)
	if err != nil {
		return nil, err
	}
	if p.st.Used < info.Redeemed {
		// The chain has paid it: no voucher may sign less.
		p.st.Used, p.st.Milli = info.Redeemed, 0
	}
	p.st.Sequence = max(p.st.Sequence, info.Sequence)
	p.st.Amount = max(p.st.Amount, info.Redeemed)
	p.st.Units = max(p.st.Units, info.Units)
	return p, nil
}

// Handler serves the paths of an OpenAI API.
func (p *Payer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) {
		if problem := p.chat(w, r); problem != nil {
			problem.write(w)
		}
	})
	mux.HandleFunc("GET /v1/{path...}", p.pass)
	return mux
}

// pass hands on what costs nothing.
func (p *Payer) pass(w http.ResponseWriter, r *http.Request) {
	target, err := url.JoinPath(p.opts.URL, r.PathValue("path"))
	if err != nil || !strings.HasPrefix(target, p.opts.URL+"/") {
		badRequest("", "the path cannot be asked for").write(w)
		return
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, target, nil) //nolint:gosec // G704: below the provider's URL only
	if err != nil {
		badRequest("", "the path cannot be asked for: %v", err).write(w)
		return
	}
	res, err := p.client.Do(req) //nolint:gosec // G704: see above
	if err != nil {
		unavailable("provider_unreachable", "the provider does not answer: %v", err).write(w)
		return
	}
	defer res.Body.Close()
	copyHeader(w.Header(), res.Header)
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body) // the client is gone if this fails
}

// chat pays for one call and hands it on. A provider that asks for more than
// was signed is given a second voucher if that is within what is trusted.
func (p *Payer) chat(w http.ResponseWriter, r *http.Request) *apiError {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, payerBody))
	if err != nil {
		return badRequest("", "the body cannot be read: %v", err)
	}
	req, problem := parseRequest(body)
	if problem != nil {
		return problem
	}
	model, problem := p.model(r.Context(), req.model)
	if problem != nil {
		return problem
	}
	most, body, problem := p.price(model, req)
	if problem != nil {
		return problem
	}
	began := p.begin(most)
	paid := outcome{charge: most} // until the answer says less
	defer func() { p.settle(most, paid, began) }()
	for try := 0; ; try++ {
		v, problem := p.voucher()
		if problem != nil && problem.Code == CodeDeposit && p.refresh(r.Context()) == nil {
			v, problem = p.voucher() // it may have been topped up since
		}
		if problem != nil {
			paid.charge = 0
			return problem
		}
		res, err := p.send(r.Context(), body, v)
		if err != nil {
			return unavailable("provider_unreachable", "the provider does not answer: %v", err)
		}
		if res.StatusCode == http.StatusPaymentRequired && try == 0 && p.raise(res) {
			continue
		}
		paid = p.answer(w, res, body, most)
		return nil
	}
}

// price returns the most that a call may cost, in thousandths, and its body. A
// call without a limit gets one, so that both sides reserve the same.
func (p *Payer) price(m Model, r *request) (uint64, []byte, *apiError) {
	p.mu.Lock()
	pinned := p.info.Terms.Price
	p.mu.Unlock()
	output := min(max(p.opts.Output, 1), m.MaxOutput)
	if r.output > 0 {
		output = min(r.output, m.MaxOutput)
	}
	if r.stream {
		r.fields["stream_options"] = json.RawMessage(fmt.Sprintf(`{"include_usage":%t}`, r.usage))
	}
	body, err := r.upstream(m.Name, output)
	if err != nil {
		return 0, nil, badRequest("", "the call cannot be encoded: %v", err)
	}
	return m.priceFor(min(r.bound, m.Context), output*r.n, pinned), body, nil
}

// voucher signs for all calls so far and under way, or returns the last
// voucher if it covers them. It is on disk before it is returned.
func (p *Payer) voucher() (voucher.Signed, *apiError) {
	p.mu.Lock()
	defer p.mu.Unlock()
	amount := p.st.Used + (p.st.Milli+p.reserved+tokenScale-1)/tokenScale
	if amount <= p.st.Amount && p.st.Voucher != "" {
		if v, err := voucher.ParseHeader(p.st.Voucher); err == nil {
			return v, nil
		}
	}
	amount = max(amount, p.st.Amount, 1)
	if amount > p.info.Terms.Deposit {
		return voucher.Signed{}, paymentRequired(CodeDeposit, nil, "the call needs vouchers for %d %s in all, the deposit is %d: top up session %d",
			amount, p.info.Denom, p.info.Terms.Deposit, p.opts.Session)
	}
	st := p.st
	// By the clock, so that vouchers follow also those of a lost state.
	st.Sequence, st.Amount = max(st.Sequence+1, uint64(time.Now().UnixMilli())), amount
	st.Units = max(st.Units, unitsFor(p.info.Terms, amount), 1)
	v, err := voucher.Sign(p.opts.Key, voucher.Voucher{
		ChainID: p.opts.ChainID, Session: p.opts.Session, Sequence: st.Sequence, Amount: amount, Units: st.Units, Receipts: st.Receipts,
	})
	if err == nil {
		st.Voucher = v.Header()
		err = st.save(p.opts.State)
	}
	if err != nil {
		return v, fail(http.StatusInternalServerError, typeServer, "voucher_failed", "no voucher was signed: %v", err)
	}
	p.st = st
	return v, nil
}

// raise follows a provider that has counted more than we have, within Slack.
func (p *Payer) raise(res *http.Response) bool {
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxProblem))
	var out struct {
		Error struct {
			Code    string   `json:"code"`
			Payment *Payment `json:"cupel"`
		} `json:"error"`
	}
	if err != nil || json.Unmarshal(raw, &out) != nil || out.Error.Payment == nil ||
		(out.Error.Code != CodeShort && out.Error.Code != CodeOrder) {
		res.Body = io.NopCloser(strings.NewReader(string(raw)))
		return false
	}
	pay := out.Error.Payment
	p.mu.Lock()
	defer p.mu.Unlock()
	ours := p.st.Used + (p.st.Milli+p.reserved+tokenScale-1)/tokenScale
	over := pay.Needed - min(pay.Needed, ours)
	if over > p.opts.Slack-min(p.opts.Slack, p.st.Slack) || pay.Sequence > p.st.Sequence+maxSkip {
		p.opts.Log.Warn("the provider claims more than its answers said", "session", p.opts.Session, "needed", pay.Needed, "ours", ours)
		res.Body = io.NopCloser(strings.NewReader(string(raw)))
		return false
	}
	_ = res.Body.Close()
	p.st.Slack += over
	p.st.Used += over
	p.st.Voucher = ""
	p.st.Sequence = max(p.st.Sequence, pay.Sequence-min(pay.Sequence, 1))
	p.st.Units = max(p.st.Units, min(pay.Units, unitsFor(p.info.Terms, max(p.st.Amount, pay.Needed))))
	return true
}

// maxSkip is how many sequences a provider may be ahead: numbers are not money,
// but they are not endless.
const maxSkip = 1 << 42

// outcome is what an answer says of its cost.
type outcome struct {
	// charge of the call, in thousandths.
	charge uint64
	// used by the session so far, in base units; 0 if the answer does not say.
	used uint64
}

// begin reserves what a call may cost. It returns the number of the call, or 0
// if others are under way.
func (p *Payer) begin(most uint64) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	alone := p.reserved == 0
	p.reserved += most
	p.begun++
	if !alone {
		return 0
	}
	return p.begun
}

// settle notes what a call has cost. A lower count of the provider is taken if
// no other call ran beside this one, which the count would miss.
func (p *Payer) settle(most uint64, paid outcome, began uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reserved -= most
	total := p.st.Milli + min(paid.charge, most)
	p.st.Used, p.st.Milli = p.st.Used+total/tokenScale, total%tokenScale
	if began == p.begun && paid.used > 0 && paid.used <= p.st.Used {
		p.st.Used, p.st.Milli = paid.used, 0
	}
	if err := p.st.save(p.opts.State); err != nil {
		p.opts.Log.Error("the state of the session was not kept", "session", p.opts.Session, "err", err)
	}
}
