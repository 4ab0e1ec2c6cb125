// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/sender"
)

// watch looks after what changes slowly: balance, heartbeat, the size of the
// cache.
func (s *Service) watch(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		s.metrics.Height(s.chain.Head().Height)
		s.checkBalance(ctx)
		s.heartbeat(ctx)
		s.followPolicy(ctx)
		s.watchHealth(ctx)
		if err := s.inputs.Trim(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("the cache was not trimmed", "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func (s *Service) isPublic(digest string) (bool, error) {
	raw, err := hex.DecodeString(digest)
	if err != nil {
		return true, err
	}
	return s.journal.Public(raw)
}

// checkBalance holds new commitments back while the balance is too low for
// the reveals that they would need.
func (s *Service) checkBalance(ctx context.Context) {
	payer := s.signer.Address()
	if s.cfg.Fees.Granter != "" {
		payer = s.cfg.Fees.Granter
	}
	coin, err := s.chain.Balance(ctx, payer, chain.Denom)
	if err != nil || !coin.Amount.IsUint64() {
		return // unknown: nothing is concluded
	}
	balance := coin.Amount.Uint64()
	s.metrics.Balance(float64(balance))
	low := balance < s.cfg.Fees.MinBalance
	s.sender.Hold(low)
	s.balanceLow.Store(low)
	if low {
		s.log.Warn("the balance for fees is low: nothing new is committed to", "account", payer, "balance", coin.String(), "min_balance", s.cfg.Fees.MinBalance)
	}
}

// heartbeat speaks up when the chain has not heard of the worker for the
// interval that it asks for.
func (s *Service) heartbeat(ctx context.Context) {
	if s.runner.Snapshot().Provider == 0 {
		return
	}
	if s.heartbeatTicks == 0 {
		params, err := s.chain.RegistryParams(ctx)
		if err != nil {
			return
		}
		s.heartbeatTicks = params.HeartbeatTicks
	}
	res, err := s.directory().Provider(ctx, s.signer.Address())
	if err != nil {
		return
	}
	snap := s.runner.Snapshot()
	if snap.Tick >= res.Load.LastSeen+s.heartbeatTicks {
		s.sender.Offer(sender.Heartbeat(), snap.Height)
	}
}
