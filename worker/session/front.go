// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Causes that end a call.
var (
	errTotal    = errors.New("the call took longer than sessions.upstream.total")
	errStopping = errors.New("the worker stops")
)

// Deps are what the front works with.
type Deps struct {
	ChainID  string
	Chain    Chain
	Outbox   Outbox
	Store    *Store
	Observer Observer
	Log      *slog.Logger

	// now and at are replaced in tests: the clock, and what is told of each
	// step that a crash can fall behind.
	now func() time.Time
	at  func(step string)
}

// Front answers OpenAI clients. It is safe for concurrent use.
type Front struct {
	cfg      Config
	chainID  string
	models   map[string]Model
	book     *book
	accounts *accounts
	upstream *upstream
	// certs is nil for plain HTTP.
	certs  *certificates
	outbox Outbox
	obs    Observer
	log    *slog.Logger
	now    func() time.Time
	began  time.Time
	slots  chan struct{}
	// kick wakes the redeemer.
	kick chan struct{}

	mu       sync.Mutex
	stopping bool
	stop     context.CancelCauseFunc
	stopped  context.Context
	open     sync.WaitGroup
}

// New returns a front; nothing is asked or redeemed before its use.
func New(cfg Config, d Deps) (*Front, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if d.now == nil {
		d.now = time.Now
	}
	if d.at == nil {
		d.at = func(string) {}
	}
	up, err := newUpstream(cfg.Upstream)
	if err != nil {
		return nil, err
	}
	var certs *certificates
	if cfg.TLS.Enabled() {
		if certs, err = newCertificates(cfg.TLS, d.now, d.Log); err != nil {
			return nil, err
		}
	}
	f := &Front{
		cfg: cfg, chainID: d.ChainID, models: make(map[string]Model), book: newBook(d.Chain, d.now),
		accounts: newAccounts(d.Store, cfg.Limits, d.now, d.at), upstream: up, certs: certs, outbox: d.Outbox, obs: d.Observer,
		log: d.Log, now: d.now, began: d.now(), slots: make(chan struct{}, cfg.Limits.Calls), kick: make(chan struct{}, 1),
	}
	f.stopped, f.stop = context.WithCancelCause(context.Background())
	for _, m := range cfg.Models {
		f.models[m.Name] = m
	}
	return f, nil
}

// Handler serves /v1. It is the same at every call.
func (f *Front) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", f.listModels)
	mux.HandleFunc("GET /v1/models/{model...}", f.getModel)
	mux.HandleFunc("POST /v1/chat/completions", f.chat)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, map[string]bool{"ok": true}) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		e := fail(http.StatusNotFound, typeInvalid, "unknown_url", "there is no %s %.100s: this worker serves /v1/models and POST /v1/chat/completions", r.Method, r.URL.Path)
		e.write(w)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "req_"+randomID())
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})
}

func randomID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// listed is a model as clients see it, with its prices.
type listed struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
	Cupel   quoted `json:"cupel"`
}

// quoted are the prices of a model, in base units per 1,000 tokens.
type quoted struct {
	Denom     string `json:"denom"`
	Class     string `json:"class"`
	Input     uint64 `json:"input_per_1000,string"`
	Output    uint64 `json:"output_per_1000,string"`
	Context   uint64 `json:"context"`
	MaxOutput uint64 `json:"max_output"`
	MinOutput uint64 `json:"min_output"`
}

func (f *Front) listed(m Model) listed {
	return listed{m.Name, "model", f.began.Unix(), "cupel", quoted{
		f.cfg.Denom, f.cfg.Class, m.Input, m.Output, m.Context, m.MaxOutput, min(f.cfg.Limits.MinOutput, m.MaxOutput),
	}}
}

func (f *Front) listModels(w http.ResponseWriter, _ *http.Request) {
	all := make([]listed, 0, len(f.cfg.Models))
	for _, m := range f.cfg.Models {
		all = append(all, f.listed(m))
	}
	writeJSON(w, map[string]any{"object": "list", "data": all})
}

func (f *Front) getModel(w http.ResponseWriter, r *http.Request) {
	m, problem := f.model(r.PathValue("model"))
	if problem != nil {
		problem.write(w)
		return
	}
	writeJSON(w, f.listed(m))
}

func (f *Front) model(name string) (Model, *apiError) {
	m, ok := f.models[name]
	if !ok {
		e := fail(http.StatusNotFound, typeInvalid, "model_not_found", "the model %.100q is not on sale here: GET /v1/models lists what is", name)
		param := "model"
		e.Param = &param
		return m, e
	}
	return m, nil
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client is gone if this fails
}

// chat answers POST /v1/chat/completions.
func (f *Front) chat(w http.ResponseWriter, r *http.Request) {
	began, name := f.now(), ""
	status, code := http.StatusOK, ""
	problem := f.run(w, r, &name)
	if problem != nil {
		status, code = problem.Status, problem.Code
		problem.write(w)
	}
	f.obs.Call(name, status, code, f.now().Sub(began))
}

// run makes one call. It returns an error only while nothing was sent.
func (f *Front) run(w http.ResponseWriter, r *http.Request, name *string) *apiError {
	v, problem := voucherOf(r)
	if problem != nil {
		return problem
	}
	req, problem := f.read(w, r)
	if problem != nil {
		return problem
	}
	model, problem := f.model(req.model)
	if problem != nil {
		return problem
	}
	*name = model.Name
	leave, problem := f.enter()
	if problem != nil {
		return problem
	}
	defer leave()
	ctx, cancel := f.limits(r.Context())
	defer cancel()
	info, problem := f.admit(ctx, v)
	if problem != nil {
		return problem
	}
	c := &call{front: f, req: req, model: model, info: info}
	acc, err := f.accounts.open(info.ID)
	if err != nil {
		return fail(http.StatusInternalServerError, typeServer, "store_failed", "the account of session %d cannot be read: %v", info.ID, err)
	}
	if c.hold, problem = f.accounts.begin(acc, v, info, c.terms); problem != nil {
		return problem
	}
	f.rateHeaders(w.Header(), acc)
	f.wake(acc)
	u, problem := c.serve(ctx, w)
	if err := c.hold.release(); err != nil {
		f.log.Error("the store of vouchers cannot be written", "session", info.ID, "err", err)
	}
	if u.Sum > 0 {
		f.obs.Charged(model.Name, u.In, u.Out, (c.cost(u)+tokenScale-1)/tokenScale)
	}
	return problem
}

// read takes the body in, no more of it and for no longer than is allowed.
func (f *Front) read(w http.ResponseWriter, r *http.Request) (*request, *apiError) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(writeTimeout)) // a writer in a test has none
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, f.cfg.Limits.BodyKiB<<10))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fail(http.StatusRequestEntityTooLarge, typeInvalid, "body_too_large", "the body has more than %d KiB", f.cfg.Limits.BodyKiB)
	case err != nil:
		return nil, badRequest("", "the body ends early")
	}
	_ = control.SetReadDeadline(time.Time{})
	return parseRequest(body)
}

// enter takes one of the slots for calls.
func (f *Front) enter() (leave func(), problem *apiError) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopping {
		return nil, unavailable("stopping", "the worker stops: try again later or elsewhere")
	}
	select {
	case f.slots <- struct{}{}:
	default:
		return nil, tooMany(time.Second, "%d calls are under way, no more are taken at once", cap(f.slots))
	}
	f.open.Add(1)
	return func() {
		<-f.slots
		f.open.Done()
	}, nil
}

// limits ends a call with its client, with its time, or with the worker.
func (f *Front) limits(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	ctx, cancelTime := context.WithTimeoutCause(ctx, f.cfg.Upstream.Total, errTotal)
	end := context.AfterFunc(f.stopped, func() { cancel(errStopping) })
	return ctx, func() {
		end()
		cancelTime()
		cancel(nil)
	}
}

func (f *Front) rateHeaders(h http.Header, acc *account) {
	acc.mu.Lock()
	left := acc.rate.left(f.now())
	acc.mu.Unlock()
	h.Set("X-Ratelimit-Limit-Requests", strconv.Itoa(f.cfg.Limits.PerMinute))
	h.Set("X-Ratelimit-Remaining-Requests", strconv.Itoa(left))
	h.Set("X-Ratelimit-Reset-Requests", (time.Duration(f.cfg.Limits.PerMinute-left) * time.Minute / time.Duration(f.cfg.Limits.PerMinute)).String())
}
