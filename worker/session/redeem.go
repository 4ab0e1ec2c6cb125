// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"time"
)

// Times of the redeemer.
const (
	redeemTick = 2 * time.Second
	// redeemGap gathers what calls wake it for.
	redeemGap = 250 * time.Millisecond
	// redeemLook is how often a session with something to redeem is looked up.
	redeemLook = 30 * time.Second
	// idleAccount is how long an unused account stays in memory.
	idleAccount = time.Hour
)

// wake tells the redeemer of a session whose vouchers promise much.
func (f *Front) wake(acc *account) {
	acc.mu.Lock()
	much := acc.rec.unredeemed() >= f.cfg.Redeem.Above
	acc.mu.Unlock()
	if much {
		select {
		case f.kick <- struct{}{}:
		default: // it looks by itself soon
		}
	}
}

// Run redeems until ctx is done and returns ctx.Err(). What it could not do is
// done after the next start: the vouchers are on disk.
func (f *Front) Run(ctx context.Context) error {
	tick := time.NewTicker(redeemTick)
	defer tick.Stop()
	for {
		if err := f.Redeem(ctx); err != nil && ctx.Err() == nil {
			f.log.Error("redeeming failed", "err", err)
		}
		f.accounts.trim(idleAccount)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.kick:
			if err := pause(ctx, redeemGap); err != nil {
				return err
			}
		case <-tick.C:
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Redeem looks at every session that promises more than the chain has paid and
// offers those that are due. It may be called at any time, any number of times.
func (f *Front) Redeem(ctx context.Context) error {
	records, err := f.accounts.store.All()
	if err != nil {
		return err
	}
	total, scheduled := uint64(0), f.scheduled(records)
	for _, rec := range records {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		open, err := f.redeemOne(ctx, rec, scheduled)
		if err != nil {
			f.log.Error("a session is not redeemed", "session", rec.Session, "err", err)
		}
		total += open
	}
	f.obs.Unredeemed(total)
	return nil
}

// scheduled reports whether a session has waited for the whole interval: all
// are redeemed with it, in one transaction.
func (f *Front) scheduled(records []Record) bool {
	for _, rec := range records {
		if rec.unredeemed() >= max(f.cfg.Redeem.Least, 1) && f.now().Sub(rec.Waiting) >= f.cfg.Redeem.Every {
			return true
		}
	}
	return false
}

// redeemOne brings a record up to date with the chain and offers its voucher
// if it is due. It returns what is unredeemed.
func (f *Front) redeemOne(ctx context.Context, rec Record, scheduled bool) (uint64, error) {
	age := redeemLook
	due := rec.unredeemed() >= f.cfg.Redeem.Above || (scheduled && rec.unredeemed() >= f.cfg.Redeem.Least)
	if due {
		age = 0 // what is under way may be in a block by now
	}
	info, err := f.book.get(ctx, rec.Session, age)
	if errors.Is(err, ErrNoSession) {
		return 0, f.ended(rec)
	}
	if err != nil {
		return rec.unredeemed(), nil //nolint:nilerr // nothing is known, and nothing is lost by waiting
	}
	if !rec.Gone.IsZero() && info.State != Ended {
		if err := f.accounts.back(rec.Session); err != nil {
			return rec.unredeemed(), err
		}
	}
	if info.Redeemed > rec.Redeemed {
		if err := f.accounts.redeemed(rec.Session, info.Redeemed); err != nil {
			return rec.unredeemed(), err
		}
		rec.Redeemed = info.Redeemed
	}
	// The chain pays no more than the deposit, whatever was signed.
	open := min(rec.Amount, info.Terms.Deposit) - min(rec.Redeemed, info.Terms.Deposit, rec.Amount)
	switch {
	case info.State == Ended:
		return 0, f.ended(rec)
	case open == 0:
		return 0, nil
	case info.State != Open:
		due = true // no call adds to it any more
	case info.Left < f.cfg.Redeem.BeforeExpiry && open >= f.cfg.Redeem.Least && f.now().Sub(rec.Waiting) >= f.cfg.Redeem.BeforeExpiry/4:
		due = true
	default:
		due = open >= f.cfg.Redeem.Above || (scheduled && open >= f.cfg.Redeem.Least)
	}
	if !due {
		return open, nil
	}
	v, err := rec.signed()
	if err != nil {
		return open, err
	}
	f.outbox.Redeem(v, info.Height)
	f.accounts.at(stepOffered)
	return open, nil
}

// ended forgets a session after a while. There is something left only if no
// block took a redeem in the whole dispute window.
func (f *Front) ended(rec Record) error {
	first, err := f.accounts.gone(rec.Session)
	if n := rec.unredeemed(); first && n > 0 {
		f.log.Error("a session ended before its voucher was redeemed", "session", rec.Session, "amount", n)
	}
	return err
}

// Drain takes no new calls and waits for those under way, until ctx is done:
// then they are cut off, charged for what was sent, and waited for.
func (f *Front) Drain(ctx context.Context) {
	f.mu.Lock()
	f.stopping = true
	f.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		f.open.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		f.stop(errStopping)
		<-ended
	}
}
