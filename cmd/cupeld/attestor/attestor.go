// SPDX-License-Identifier: Apache-2.0

package attestor

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const (
	// againAfter is how soon a duty that could not be done is tried again.
	againAfter = 10 * time.Second
	// sendAgain is the first pause after a transaction that was refused.
	sendAgain = 2 * time.Second
	// maxPause bounds the pauses.
	maxPause = time.Minute
	// recordEvery is the time between two looks at the attestor's own record.
	recordEvery = 30 * time.Second
)

// Chain is what the attestor asks of its node besides the checks.
type Chain interface {
	Source
	// Refresh returns the node's newest block; an error for a node of another
	// chain or one that is catching up.
	Refresh(ctx context.Context) (chain.Head, error)
	// Duties lists what the account has to sign, oldest first, and what it owes
	// the beacon, nil for nothing.
	Duties(ctx context.Context, account string) ([]types.Duty, *types.BeaconDuty, error)
	// Attestor returns the record of the account; ErrNotRegistered if none.
	Attestor(ctx context.Context, account string) (types.Attestor, error)
}

// Options of an attestor.
type Options struct {
	ChainID string
	// Account is the hot account, bech32.
	Account string
	// Poll is the time between two looks at the node.
	Poll   time.Duration
	Node   Chain
	Signer signing.Signer
	Sender Sender
	// Shares are the beacon's; nil takes no part in it.
	Shares Shares
	// OnlyReveal commits to no further share: for what is stopped soon.
	OnlyReveal bool
	Metrics    *Metrics
	Log        *slog.Logger
}

// Attestor signs what its account owes and takes part in the beacon. All it remembers between two runs is
// in the guard and on chain.
type Attestor struct {
	Options
	checker *Checker

	// sent holds, by nonce, the block time until which a signature may still
	// come into a block.
	sent  map[uint64]time.Time
	waits map[uint64]wait

	pause    time.Duration
	sendNext time.Time
	recorded time.Time
	silent   bool
	unknown  bool
	state    beaconState
	now      func() time.Time
}

// wait is a duty that could not be done.
type wait struct {
	until time.Time
	// refused headers do not hold. Of keyless ones the key is not here, which
	// does not keep another key from the headers after it.
	refused, keyless bool
}

// New returns an attestor.
func New(o Options) *Attestor {
	return &Attestor{
		Options: o, checker: NewChecker(o.Node, o.ChainID),
		sent: map[uint64]time.Time{}, waits: map[uint64]wait{}, now: time.Now,
	}
}

// Run looks at the node every Poll until ctx is done, and returns its error.
func (a *Attestor) Run(ctx context.Context) error {
	ticker := time.NewTicker(a.Poll)
	defer ticker.Stop()
	for {
		a.round(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// round does what is to do now. Its errors are logged: the next round tries
// again.
func (a *Attestor) round(ctx context.Context) {
	head, err := a.Node.Refresh(ctx)
	if err == nil {
		a.Metrics.node(head.Height)
		a.record(ctx)
		err = a.duties(ctx, head)
	}
	switch {
	case ctx.Err() != nil:
	case err != nil && !a.silent:
		a.silent = true
		a.Log.Warn("the node gives no answer to rely on; nothing is signed until it does", "err", err)
	case err == nil && a.silent:
		a.silent = false
		a.Log.Info("the node answers again", "height", head.Height)
	}
}

// record looks now and then at what the chain holds against the attestor.
func (a *Attestor) record(ctx context.Context) {
	if a.now().Sub(a.recorded) < recordEvery {
		return
	}
	own, err := a.Node.Attestor(ctx, a.Account)
	switch {
	case errors.Is(err, ErrNotRegistered):
		if !a.unknown {
			a.unknown = true
			a.Log.Warn("this account is no attestor's yet: register it with 'cupeld attest register'", "account", a.Account)
		}
		return // it is looked for in every round until then
	case err != nil:
		return
	}
	a.recorded, a.unknown = a.now(), false
	a.Metrics.record(own)
	switch {
	case own.Tombstoned:
		a.Log.Error("the validator has equivocated and can attest no more", "operator", own.Operator)
	case !own.Active:
		a.Log.Error("the attestor was absent and is in no further set: register it again", "operator", own.Operator, "missed", own.Missed)
	case own.Missed > 0:
		a.Log.Warn("headers were missed", "missed", own.Missed)
	}
}

func (a *Attestor) duties(ctx context.Context, head chain.Head) error {
	duties, beacon, err := a.Node.Duties(ctx, a.Account)
	if err != nil {
		if isNotFound(err) || errors.Is(err, types.ErrUnknownAttestor) {
			return nil // the record says so already
		}
		return err
	}
	a.beacon(ctx, head, beacon)
	a.forget(duties)
	if a.now().Before(a.sendNext) {
		return nil
	}
	items := make([]types.Attestation, 0, maxItems)
	for _, duty := range duties {
		nonce := duty.Checkpoint.Header.Nonce
		if until, ok := a.sent[nonce]; ok && !head.Time.After(until) {
			continue
		}
		w := a.waits[nonce]
		if a.now().Before(w.until) && !w.keyless {
			break
		}
		if a.now().Before(w.until) {
			continue
		}
		signature, err := a.sign(ctx, duty, head.Height)
		if errors.Is(err, signing.ErrUnknownKey) {
			continue
		}
		if err != nil {
			break // the line holds no further than here
		}
		items = append(items, types.Attestation{Nonce: nonce, Signature: signature[:]})
		if len(items) == maxItems {
			if err := a.send(ctx, items, head); err != nil {
				return nil //nolint:nilerr // send has logged it, and the pause is set
			}
			items = items[:0:0]
		}
	}
	if len(items) > 0 && ctx.Err() == nil {
		_ = a.send(ctx, items, head) // it has logged why not
	}
	return nil
}

// sign checks one duty and signs it. Errors are logged, and wait.
func (a *Attestor) sign(ctx context.Context, duty types.Duty, height int64) (checkpoint.Signature, error) {
	var signature checkpoint.Signature
	nonce := duty.Checkpoint.Header.Nonce
	header, err := a.checker.Check(ctx, duty, height)
	if err == nil {
		signature, err = a.Signer.Sign(ctx, checkpoint.Address(duty.Key), header)
	}
	switch {
	case err == nil:
		delete(a.waits, nonce)
		a.Metrics.signed(nonce)
		a.Log.Info("header signed", "nonce", nonce, "height", header.Height, "root", header.Root, "leaves", header.LeafCount, "key", checkpoint.Address(duty.Key))
	case ctx.Err() != nil, errors.Is(err, ErrUnconfirmed):
	case errors.Is(err, ErrMismatch), errors.Is(err, signing.ErrSecondDigest), errors.Is(err, signing.ErrUnknownKey), errors.Is(err, signing.ErrBadRequest):
		a.waits[nonce] = wait{until: a.now().Add(againAfter), refused: true, keyless: errors.Is(err, signing.ErrUnknownKey)}
		a.Metrics.refuse()
		a.Log.Error("header not signed", "nonce", nonce, "err", err)
	default:
		a.waits[nonce] = wait{until: a.now().Add(againAfter / 5)}
		a.Log.Warn("header not signed yet", "nonce", nonce, "err", err)
	}
	a.Metrics.open(a.refused())
	return signature, err
}

// send sends one transaction. What was refused is sent again later: a free
// transaction that waits in the mempool already is no loss.
func (a *Attestor) send(ctx context.Context, items []types.Attestation, head chain.Head) error {
	until, err := a.Sender.Send(ctx, items, head.Time)
	first, last := items[0].Nonce, items[len(items)-1].Nonce
	if err != nil {
		a.pause = min(max(2*a.pause, sendAgain), maxPause)
		a.sendNext = a.now().Add(a.pause)
		a.Log.Warn("signatures not sent", "first", first, "last", last, "again_in", a.pause, "err", err)
		return err
	}
	a.pause = 0
	for _, item := range items {
		a.sent[item.Nonce] = until
	}
	a.Metrics.sent(len(items))
	a.Log.Info("signatures sent", "first", first, "last", last, "count", len(items))
	return nil
}

// forget drops what is known of headers that are no duty any more.
func (a *Attestor) forget(duties []types.Duty) {
	open := make(map[uint64]bool, len(duties))
	for _, duty := range duties {
		open[duty.Checkpoint.Header.Nonce] = true
	}
	for nonce := range a.sent {
		if !open[nonce] {
			delete(a.sent, nonce)
		}
	}
	for nonce := range a.waits {
		if !open[nonce] {
			delete(a.waits, nonce)
		}
	}
	a.Metrics.duties(len(duties))
	a.Metrics.open(a.refused())
}

// refused counts the open headers that must not be signed.
func (a *Attestor) refused() int {
	n := 0
	for _, w := range a.waits {
		if w.refused {
			n++
		}
	}
	return n
}
