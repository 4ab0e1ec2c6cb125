// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	solanago "github.com/gagliardetto/solana-go"

	"github.com/cupel-network/cupel/relayer/mirror"
)

// Endpoint is one RPC endpoint under a name for logs, which must hold no key.
type Endpoint struct {
	Name string
	RPC  RPC
}

// view is what one endpoint showed in one look.
type view struct {
	name string
	rpc  RPC
	// final is read before everything else: what the chains below lack although
	// it is older, did not happen.
	final            Clock
	safe             Clock
	finalized, newer *Chain
}

// pool reads several endpoints of one cluster and believes what enough of them
// say alike.
type pool struct {
	endpoints []Endpoint
	readers   []*Reader
	genesis   solanago.Hash
	quorum    int
	maxLag    uint64
	log       *slog.Logger
	// mu guards the readers.
	mu sync.Mutex
}

func newPool(endpoints []Endpoint, anchor Anchor, cfg Config, log *slog.Logger) (*pool, error) {
	p := &pool{endpoints: endpoints, genesis: cfg.Genesis, quorum: cfg.Quorum, maxLag: cfg.MaxLag, log: log}
	if p.quorum == 0 {
		p.quorum = len(endpoints)/2 + 1
	}
	if len(endpoints) == 0 || p.quorum < 1 || p.quorum > len(endpoints) {
		return nil, fmt.Errorf("quorum %d of %d endpoints cannot be reached", p.quorum, len(endpoints))
	}
	for _, e := range endpoints {
		reader, err := NewReader(e.RPC, anchor)
		if err != nil {
			return nil, err
		}
		p.readers = append(p.readers, reader)
	}
	return p, nil
}

// look reads all endpoints and returns those that answered and are not stale.
// It fails if they are fewer than the quorum, if one serves another cluster, or
// if two of them contradict each other about what is final.
func (p *pool) look(ctx context.Context) ([]view, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	views, errs := make([]view, len(p.endpoints)), make([]error, len(p.endpoints))
	var wait sync.WaitGroup
	for i := range p.endpoints {
		wait.Go(func() { views[i], errs[i] = p.read(ctx, i) })
	}
	wait.Wait()
	var live []view
	for i, err := range errs {
		switch {
		case errors.Is(err, mirror.ErrWrongChain):
			return nil, err
		case err != nil:
			p.log.Warn("endpoint does not answer", "endpoint", p.endpoints[i].Name, "err", err)
		default:
			live = append(live, views[i])
		}
	}
	if len(live) >= p.quorum {
		reference := p.agreed(live, func(v view) uint64 { return v.final.Slot })
		live = slices.DeleteFunc(live, func(v view) bool {
			stale := v.final.Slot+p.maxLag < reference
			if stale {
				p.log.Warn("endpoint is stale", "endpoint", v.name, "slot", v.final.Slot, "others", reference)
			}
			return stale
		})
	}
	if len(live) < p.quorum {
		return nil, fmt.Errorf("%w: %d of %d endpoints answer, %d are needed: %w",
			mirror.ErrUnknown, len(live), len(p.endpoints), p.quorum, errors.Join(errs...))
	}
	return live, p.compare(live)
}

// read reads one endpoint.
func (p *pool) read(ctx context.Context, i int) (view, error) {
	v := view{name: p.endpoints[i].Name, rpc: p.endpoints[i].RPC}
	genesis, err := v.rpc.GenesisHash(ctx)
	if err != nil {
		return view{}, err
	}
	if genesis != p.genesis {
		return view{}, fmt.Errorf("%w: %s has genesis hash %s, configured is %s", mirror.ErrWrongChain, v.name, genesis, p.genesis)
	}
	if v.final, err = v.rpc.Clock(ctx, Finalized); err != nil {
		return view{}, err
	}
	if v.safe, err = v.rpc.Clock(ctx, Confirmed); err != nil {
		return view{}, err
	}
	if v.finalized, err = p.readers[i].Read(ctx, Finalized); err != nil {
		return view{}, err
	}
	v.newer, err = p.readers[i].Read(ctx, Confirmed)
	return v, err
}

// agreed returns the highest number that a quorum of views reaches.
func (p *pool) agreed(views []view, number func(view) uint64) uint64 {
	all := make([]uint64, len(views))
	for i, v := range views {
		all[i] = number(v)
	}
	slices.Sort(all)
	return all[len(all)-p.quorum]
}

// compare returns ErrDisagreement if two views have different final headers, or
// if one lacks a header that the other has had for longer than the lag.
func (p *pool) compare(views []view) error {
	for i, a := range views {
		for _, b := range views[i+1:] {
			common := min(len(a.finalized.Headers), len(b.finalized.Headers))
			for n := range common {
				if a.finalized.Headers[n].Header != b.finalized.Headers[n].Header {
					return fmt.Errorf("%w: %s and %s have different headers of nonce %d",
						mirror.ErrDisagreement, a.name, b.name, a.finalized.Headers[n].Header.Nonce)
				}
			}
			for _, pair := range [][2]view{{a, b}, {b, a}} {
				has, lacks := pair[0], pair[1]
				if len(has.finalized.Headers) == common {
					continue
				}
				if missing := has.finalized.Headers[common]; missing.Slot+p.maxLag < lacks.final.Slot {
					return fmt.Errorf("%w: %s lacks nonce %d, which %s has in slot %d",
						mirror.ErrDisagreement, lacks.name, missing.Header.Nonce, has.name, missing.Slot)
				}
			}
		}
	}
	return nil
}
