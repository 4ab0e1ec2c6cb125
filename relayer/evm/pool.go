// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/cupel-network/cupel/relayer/mirror"
)

// Pool is several endpoints of one chain. An endpoint of another chain, one that
// is behind and one that does not answer are not used; those that are left must
// agree about what is final. It is safe for concurrent use.
type Pool struct {
	cfg       PoolConfig
	endpoints []*endpoint
	now       func() time.Time

	mu        sync.Mutex
	refreshed time.Time
	final     *types.Header // the highest block that was agreed to be final
}

// endpoint is one of them and what is known of it.
type endpoint struct {
	Endpoint

	mu      sync.Mutex
	checked time.Time // when its chain id was last right
	failed  time.Time // when it last gave no answer
	head    *types.Header
	err     error // why it is not used, nil if it is
}

// NewPool returns a pool of endpoints in the order of preference. It does not
// connect.
func NewPool(cfg PoolConfig, endpoints ...Endpoint) (*Pool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if len(endpoints) < cfg.Quorum {
		return nil, fmt.Errorf("%d RPC endpoints are configured, %d must answer", len(endpoints), cfg.Quorum)
	}
	p := &Pool{cfg: cfg, now: time.Now}
	for _, e := range endpoints {
		p.endpoints = append(p.endpoints, &endpoint{Endpoint: e})
	}
	return p, nil
}

// ChainID is the chain id that every endpoint must serve.
func (p *Pool) ChainID() *big.Int { return new(big.Int).SetUint64(p.cfg.ChainID) }

// Status is what is known of one endpoint.
type Status struct {
	Name string `json:"name"`
	// Head is the number of its newest block, 0 if it never answered.
	Head uint64 `json:"head,string"`
	// Err says why it is not used, nil if it is.
	Err error `json:"-"`
}

// Statuses asks every endpoint and returns them in the order of configuration.
func (p *Pool) Statuses(ctx context.Context) []Status {
	p.refresh(ctx)
	out := make([]Status, len(p.endpoints))
	for i, e := range p.endpoints {
		e.mu.Lock()
		out[i] = Status{Name: e.Name, Err: e.err}
		if e.head != nil {
			out[i].Head = e.head.Number.Uint64()
		}
		e.mu.Unlock()
	}
	return out
}

// refresh asks every endpoint for its head and judges it, unless that was done
// less than HeadTTL ago.
func (p *Pool) refresh(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now().Sub(p.refreshed) < p.cfg.HeadTTL {
		return
	}
	p.refreshed = p.now()
	var all sync.WaitGroup
	for _, e := range p.endpoints {
		all.Go(func() { p.look(ctx, e) })
	}
	all.Wait()
	if ctx.Err() != nil {
		p.refreshed = time.Time{} // what failed now says nothing about the endpoints
	}
	var best uint64
	for _, e := range p.endpoints {
		if head, ok := e.usable(); ok {
			best = max(best, head)
		}
	}
	for _, e := range p.endpoints {
		if head, ok := e.usable(); ok && head+p.cfg.MaxLag < best {
			e.drop(fmt.Errorf("%w: %w: it is at block %d, another at %d", mirror.ErrUnknown, errBehind, head, best))
		}
	}
}

// errBehind is why an endpoint is not used that answers and lags.
var errBehind = errors.New("endpoint is behind")

// behind returns the endpoints that are not used because they lag.
func (p *Pool) behind() []*endpoint {
	var out []*endpoint
	for _, e := range p.endpoints {
		e.mu.Lock()
		if errors.Is(e.err, errBehind) {
			out = append(out, e)
		}
		e.mu.Unlock()
	}
	return out
}

// look asks one endpoint for its chain, if that was not checked lately, and for
// its newest block.
func (p *Pool) look(ctx context.Context, e *endpoint) {
	ctx, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	now := p.now()
	e.mu.Lock()
	fresh := e.err == nil && now.Sub(e.checked) < p.cfg.Recheck
	e.mu.Unlock()
	if !fresh {
		id, err := e.Client.ChainID(ctx)
		switch {
		case err != nil:
			e.drop(fmt.Errorf("%w: chain id: %w", mirror.ErrUnknown, Redact(err)))
			return
		case id == nil || id.Cmp(p.ChainID()) != 0:
			e.drop(fmt.Errorf("%w: it has chain id %s, %d is configured", mirror.ErrWrongChain, id, p.cfg.ChainID))
			return
		}
	}
	head, err := e.Client.HeaderByNumber(ctx, nil)
	if err != nil {
		e.drop(fmt.Errorf("%w: newest block: %w", mirror.ErrUnknown, Redact(err)))
		return
	}
	if err := p.timely(head, now); err != nil {
		e.drop(err)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.head, e.err = head, nil
	if !fresh {
		e.checked = now
	}
}

// timely refuses a head that is too old, or from the future.
func (p *Pool) timely(head *types.Header, now time.Time) error {
	at := time.Unix(int64(head.Time), 0)
	if p.cfg.MaxHeadAge > 0 && now.Sub(at) > p.cfg.MaxHeadAge {
		return fmt.Errorf("%w: newest block %s is %s old", mirror.ErrUnknown, head.Number, now.Sub(at).Round(time.Second))
	}
	if p.cfg.MaxHeadSkew > 0 && at.Sub(now) > p.cfg.MaxHeadSkew {
		return fmt.Errorf("%w: newest block %s is %s in the future", mirror.ErrUnknown, head.Number, at.Sub(now).Round(time.Second))
	}
	return nil
}

func (e *endpoint) drop(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = err
}

// demote puts the endpoint last for a while, and has its chain checked again.
func (e *endpoint) demote(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failed, e.checked = now, time.Time{}
}

// usable returns the number of the head if the endpoint is used.
func (e *endpoint) usable() (uint64, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err != nil || e.head == nil {
		return 0, false
	}
	return e.head.Number.Uint64(), true
}

// healthy refreshes and returns the endpoints to use, in order of preference,
// those that failed lately last. Fewer than Quorum is an error.
func (p *Pool) healthy(ctx context.Context) ([]*endpoint, error) {
	p.refresh(ctx)
	var good, doubtful []*endpoint
	var why []error
	for _, e := range p.endpoints {
		e.mu.Lock()
		switch {
		case e.err != nil:
			why = append(why, fmt.Errorf("%s: %w", e.Name, e.err))
		case p.now().Sub(e.failed) < p.cfg.Recheck:
			doubtful = append(doubtful, e)
		default:
			good = append(good, e)
		}
		e.mu.Unlock()
	}
	good = append(good, doubtful...)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w: %w", mirror.ErrUnknown, ctx.Err())
	}
	if len(good) < p.cfg.Quorum {
		return nil, fmt.Errorf("%d of %d endpoints can be used, %d must: %w", len(good), len(p.endpoints), p.cfg.Quorum, errors.Join(why...))
	}
	return good, nil
}

// ask calls fn with one endpoint after the other and the head that it showed,
// until one answers. A revert and "not found" by all are answers; no answer is
// mirror.ErrUnknown.
func ask[T any](ctx context.Context, p *Pool, fn func(context.Context, Client, *types.Header) (T, error)) (T, error) {
	var none T
	endpoints, err := p.healthy(ctx)
	if err != nil {
		return none, err
	}
	var failures []error
	missing := 0
	for _, e := range endpoints {
		out, err := askOne(ctx, p, e, fn)
		_, reverted := revertData(err)
		switch {
		case err == nil, reverted:
			return out, err
		case errors.Is(err, ethereum.NotFound):
			missing++
		default:
			e.demote(p.now())
		}
		failures = append(failures, fmt.Errorf("%s: %w", e.Name, Redact(err)))
		if ctx.Err() != nil {
			break
		}
	}
	if missing == len(endpoints) {
		return none, ethereum.NotFound
	}
	return none, fmt.Errorf("%w: %w", mirror.ErrUnknown, errors.Join(failures...))
}

// all calls fn with every endpoint at once and returns what those say that
// answer. None is mirror.ErrUnknown.
func all[T any](ctx context.Context, p *Pool, fn func(context.Context, Client) (T, error)) ([]T, error) {
	endpoints, err := p.healthy(ctx)
	if err != nil {
		return nil, err
	}
	answers, errs := make([]T, len(endpoints)), make([]error, len(endpoints))
	var group sync.WaitGroup
	for i, e := range endpoints {
		group.Go(func() {
			answers[i], errs[i] = askOne(ctx, p, e, func(ctx context.Context, c Client, _ *types.Header) (T, error) { return fn(ctx, c) })
		})
	}
	group.Wait()
	var out []T
	for i, err := range errs {
		if err == nil {
			out = append(out, answers[i])
			continue
		}
		endpoints[i].demote(p.now())
		errs[i] = fmt.Errorf("%s: %w", endpoints[i].Name, Redact(err))
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: %w", mirror.ErrUnknown, errors.Join(errs...))
	}
	return out, nil
}

func askOne[T any](ctx context.Context, p *Pool, e *endpoint, fn func(context.Context, Client, *types.Header) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	e.mu.Lock()
	head := e.head
	e.mu.Unlock()
	return fn(ctx, e.Client, head)
}
