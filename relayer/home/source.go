// SPDX-License-Identifier: Apache-2.0

// Package home reads sealed headers from Cupel nodes. It trusts none of them:
// an entry counts only if the sets that follow from a configured anchor signed
// it, and nodes that contradict each other stop the mirrors.
package home

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// Anchor is a point of the line of headers that the operator trusts: what
// mirrors were deployed with, or any later one.
type Anchor struct {
	// Nonce up to which everything is taken as given; 0 for the beginning.
	Nonce uint64
	// Root of the header of that nonce. It may be zero for nonce 0: the root is
	// then that of the chain's domain.
	Root checkpoint.Hash
	// Set is the hash of the set that signs the next header.
	Set checkpoint.Hash
}

// Options configure a Source.
type Options struct {
	ChainID string
	// Endpoints are URLs of CometBFT RPC servers. All are asked for every header.
	Endpoints []string
	// Timeout bounds one call to one endpoint.
	Timeout time.Duration
	// MaxLag is how many blocks an endpoint may be behind the others before that
	// is noted in Refused.
	MaxLag int64
	Anchor Anchor
}

// Source implements mirror.Source. It is safe for concurrent use.
type Source struct {
	opts      Options
	domain    checkpoint.Domain
	endpoints []*endpoint
	line      *line

	mu sync.Mutex
	// refused is what was wrong with each endpoint at the last call.
	refused map[string]error
}

var (
	_ mirror.Source = (*Source)(nil)
	_ mirror.Dated  = (*Source)(nil)
)

// New returns a source. It does not connect.
func New(opts Options) (*Source, error) {
	rpcs := make(map[string]RPC, len(opts.Endpoints))
	for _, raw := range opts.Endpoints {
		rpc, err := rpchttp.NewWithTimeout(raw, "/websocket", uint(max(opts.Timeout.Seconds(), 1)))
		if err != nil {
			return nil, fmt.Errorf("endpoint %s of the home chain is not a URL that can be used", host(raw))
		}
		rpcs[raw] = rpc
	}
	return newSource(opts, rpcs)
}

func newSource(opts Options, rpcs map[string]RPC) (*Source, error) {
	s := &Source{opts: opts, domain: checkpoint.NewDomain(opts.ChainID), refused: make(map[string]error)}
	for _, raw := range opts.Endpoints {
		s.endpoints = append(s.endpoints, &endpoint{name: host(raw), rpc: rpcs[raw]})
	}
	switch {
	case len(s.endpoints) == 0:
		return nil, errors.New("no RPC endpoint of the home chain is configured")
	case opts.Anchor.Set.IsZero():
		return nil, errors.New("the anchor names no attestor set")
	case opts.Anchor.Nonce > 0 && opts.Anchor.Root.IsZero():
		return nil, errors.New("the anchor names a nonce without its root")
	}
	s.line = newLine(s.domain, opts.Anchor)
	return s, nil
}

// host names an endpoint without what may be secret in its URL.
func host(raw string) string {
	parsed, err := url.Parse(raw)
	if err != nil || parsed.Host == "" {
		return "unnamed"
	}
	return parsed.Host
}

// Domain is the EIP-712 domain of the home chain.
func (s *Source) Domain() checkpoint.Domain { return s.domain }

// Anchor is where the line begins.
func (s *Source) Anchor() Anchor { return s.line.anchor }

// Height is the highest block that any endpoint showed; 0 before the first.
func (s *Source) Height() int64 {
	var height int64
	for _, e := range s.endpoints {
		height = max(height, e.seen())
	}
	return height
}

// Refused returns what was wrong with endpoints at the last call, by host: no
// answer, another chain, too far behind.
func (s *Source) Refused() map[string]error {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]error, len(s.refused))
	for node, err := range s.refused {
		out[node] = err
	}
	return out
}

// Nodes asks every endpoint for its status, in the order of the options.
func (s *Source) Nodes(ctx context.Context) ([]NodeStatus, []error) {
	nodes, errs := make([]NodeStatus, len(s.endpoints)), make([]error, len(s.endpoints))
	var group sync.WaitGroup
	for i, e := range s.endpoints {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, s.opts.Timeout)
			defer cancel()
			nodes[i], errs[i] = e.status(ctx)
			nodes[i].Node = e.name
		})
	}
	group.Wait()
	return nodes, errs
}

// Head implements mirror.Source.
func (s *Source) Head(ctx context.Context) (uint64, error) {
	answers, err := ask(ctx, s, 0, methodLine, &types.QueryLineRequest{}, func() *types.QueryLineResponse { return &types.QueryLineResponse{} })
	if err != nil {
		return 0, err
	}
	var head uint64
	for _, a := range answers {
		head = max(head, a.reply.Line.SealedNonce)
	}
	return head, nil
}

// answer is what one endpoint said.
type answer[R any] struct {
	node  string
	reply R
}

// ask queries all endpoints at once and returns the answers of those that
// follow the chain, in the order of the options. If all that answered did not
// find it, that is errNotFound; no answer is ErrUnknown. One that lags is noted
// and heard: what it has is signed, and one that lied about its height could
// else silence the others.
func ask[R proto.Message](ctx context.Context, s *Source, height int64, method string, req proto.Message, empty func() R) ([]answer[R], error) {
	replies, errs := make([]R, len(s.endpoints)), make([]error, len(s.endpoints))
	var group sync.WaitGroup
	for i, e := range s.endpoints {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, s.opts.Timeout)
			defer cancel()
			if errs[i] = e.check(ctx, s.opts.ChainID); errs[i] != nil {
				return
			}
			replies[i] = empty()
			errs[i] = e.query(ctx, height, method, req, replies[i])
		})
	}
	group.Wait()
	newest := s.Height()
	var out []answer[R]
	missing, notes := false, slices.Clone(errs)
	for i, e := range s.endpoints {
		if errs[i] == nil {
			out = append(out, answer[R]{e.name, replies[i]})
		}
		missing = missing || errors.Is(errs[i], errNotFound)
		if errs[i] == nil && e.seen() < newest-s.opts.MaxLag {
			notes[i] = fmt.Errorf("%s is at height %d, %d was seen", e.name, e.seen(), newest)
		}
	}
	s.note(notes)
	switch {
	case len(out) > 0:
		return out, nil
	case missing:
		return nil, fmt.Errorf("%w: %w", mirror.ErrNotSealed, errNotFound)
	}
	return nil, unknown(errs)
}

func (s *Source) note(errs []error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.refused)
	for i, err := range errs {
		if err != nil && !errors.Is(err, errNotFound) {
			s.refused[s.endpoints[i].name] = err
		}
	}
}

// unknown joins what the endpoints gave instead of an answer in one line. It is
// a wrong chain only if every endpoint serves one: otherwise the others may
// come back.
func unknown(errs []error) error {
	kind, text := mirror.ErrWrongChain, ""
	for i, err := range errs {
		if !errors.Is(err, mirror.ErrWrongChain) {
			kind = mirror.ErrUnknown
		}
		if i > 0 {
			text += "; "
		}
		text += err.Error()
	}
	return fmt.Errorf("%w: no endpoint of the home chain answered: %s", kind, text)
}
