// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cupel-network/cupel/worker/chain"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Node is what a Link asks; worker/chain's Client is one.
type Node interface {
	Session(ctx context.Context, id uint64) (markettypes.QuerySessionResponse, int64, error)
	Provider(ctx context.Context, address string) (*registrytypes.QueryProviderResponse, error)
	Head() chain.Head
}

// Link makes a Chain of a node.
type Link struct {
	Node Node
	// Worker is the address of the worker's key.
	Worker string
}

var _ Chain = Link{}

// Session implements Chain.
func (l Link) Session(ctx context.Context, id uint64) (Info, error) {
	res, height, err := l.Node.Session(ctx, id)
	if errors.Is(err, chain.ErrNotFound) {
		return Info{}, fmt.Errorf("session %d: %w", id, ErrNoSession)
	}
	if err != nil {
		return Info{}, err
	}
	info := InfoOf(res)
	info.Height = height
	if info.State == Open {
		// It closes no earlier than this; the ticks may take longer.
		info.Left = max(time.Unix(res.Session.ExpiresTime, 0).Sub(l.Node.Head().Time), 0)
	}
	return info, nil
}

// InfoOf is a session as the chain's query shows it; Left and Height are 0.
func InfoOf(res markettypes.QuerySessionResponse) Info {
	s := res.Session
	return Info{
		ID: s.Id, Provider: s.Provider, Class: res.Class, Denom: s.Denom, Key: s.VoucherKey, Terms: s.Terms(),
		Redeemed: s.Redeemed, Sequence: s.Sequence, Units: s.Units, State: stateOf(res.State),
	}
}

// stateOf: what is not known pays for nothing.
func stateOf(s markettypes.SessionState) State {
	switch s {
	case markettypes.SessionActive:
		return Open
	case markettypes.SessionPaused:
		return Paused
	case markettypes.SessionClosing:
		return Closing
	case markettypes.SessionClosed:
		return Ended
	default:
		return 0
	}
}

// OwnProvider implements Chain.
func (l Link) OwnProvider(ctx context.Context) (uint32, error) {
	res, err := l.Node.Provider(ctx, l.Worker)
	if err != nil {
		return 0, fmt.Errorf("find the provider of the worker %s: %w", l.Worker, err)
	}
	return res.Provider.Id, nil
}
