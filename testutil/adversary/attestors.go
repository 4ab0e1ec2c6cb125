// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"cosmossdk.io/collections"
	cmted25519 "github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const (
	// honestAttestors validators have equal stakes, as have those of the bot:
	// up to four of its own are less than a third of the power.
	honestAttestors = 10
	attestorPower   = 10_000
	attestorStake   = attestorPower * cupel
	// beaconWithin is how many blocks the first seed of shares takes at most.
	beaconWithin = 400
)

// attestor is a validator with its hot account and the key that signs
// checkpoints. It sends what `cupeld attest` would.
type attestor struct {
	consensus         cmted25519.PubKey
	operator, account sdk.AccAddress
	key               *secp256k1.PrivateKey
	bot               bool
	// committed is the last epoch that it committed in, revealed that of the
	// last share that it revealed or has decided to withhold.
	committed, revealed uint64
	// signed is the last nonce that it signed.
	signed uint64
}

func (w *world) newAttestor(bot bool) error {
	n := len(w.attestors)
	pub, ok := cmted25519.GenPrivKeyFromSecret(fmt.Appendf(nil, "validator %d", n)).PubKey().(cmted25519.PubKey)
	if !ok {
		return errors.New("the validator's key is not ed25519")
	}
	seed := checkpoint.Keccak256(fmt.Appendf(nil, "attestor %d", n))
	w.attestors = append(w.attestors, &attestor{
		consensus: pub, operator: addr(fmt.Sprintf("validator %d", n)), account: addr(fmt.Sprintf("attestor %d", n)),
		key: secp256k1.PrivKeyFromBytes(seed[:]), bot: bot,
	})
	return nil
}

// share is the one that an attestor has for an epoch.
func (a *attestor) share(epoch uint64) []byte { return hashOf("share "+a.operator.String(), epoch) }

// awaitBeacon registers the attestors and goes on until a seed is made of
// shares: before that every audit rate is doubled.
func (w *world) awaitBeacon() error {
	for _, a := range w.attestors {
		key := checkpoint.KeyAddress(a.key.PubKey())
		possession := checkpoint.Sign(a.key, checkpoint.NewDomain(chainID).PossessionDigest(a.operator, key))
		w.must(&oracletypes.MsgRegisterAttestor{
			Operator: a.operator.String(), Key: key[:], Possession: possession[:], Account: a.account.String(),
		}, nil)
	}
	for range beaconWithin {
		if err := w.block(); err != nil {
			return err
		}
		if err := w.attest(); err != nil {
			return err
		}
		b, err := w.app.OracleKeeper.Beacon.Get(w.state())
		if err != nil {
			return err
		}
		if b.Reveals != nil && b.Final > b.Reveals.Epoch {
			return nil
		}
	}
	return fmt.Errorf("no seed of shares within %d blocks", beaconWithin)
}

// attest sends what the attestors owe: signatures of checkpoints, commitments
// of this epoch and shares of the one before.
func (w *world) attest() error {
	ctx := w.state()
	if err := w.sign(ctx); err != nil {
		return err
	}
	b, err := w.app.OracleKeeper.Beacon.Get(ctx)
	if err != nil {
		return err
	}
	epoch, err := w.app.OracleKeeper.Current.Get(ctx)
	if err != nil {
		return err
	}
	// What is sent now must not come in the next epoch.
	if uint64(w.app.LastBlockHeight())+1 >= uint64(epoch.StartHeight)+epoch.Blocks {
		return nil
	}
	if w.bot.withhold != nil {
		if err := w.bot.withhold(ctx, w, b); err != nil {
			return err
		}
	}
	for _, a := range w.attestors {
		msg := oracletypes.MsgBeacon{Account: a.account.String(), Epoch: epoch.Number}
		if b.Commits != nil && a.committed < epoch.Number {
			a.committed = epoch.Number
			msg.Commitment = oracletypes.BeaconCommitment(chainID, epoch.Number, a.operator, a.share(epoch.Number))
		}
		if r := b.Reveals; r != nil && r.Quorum() && a.revealed < r.Epoch && (!a.bot || w.bot.withhold == nil) {
			a.revealed = r.Epoch
			msg.Share = a.share(r.Epoch)
		}
		if err := w.sendBeacon(ctx, a, msg); err != nil {
			return err
		}
	}
	return nil
}

// sendBeacon sends what fills an open slot.
func (w *world) sendBeacon(ctx context.Context, a *attestor, msg oracletypes.MsgBeacon) error {
	if len(msg.Commitment) > 0 {
		open, err := w.app.OracleKeeper.Slots.Has(ctx, collections.Join(msg.Epoch, []byte(a.operator)))
		if err != nil {
			return err
		}
		if !open {
			msg.Commitment = nil
		}
	}
	if len(msg.Share) > 0 {
		s, err := w.app.OracleKeeper.Slots.Get(ctx, collections.Join(msg.Epoch-1, []byte(a.operator)))
		if err != nil && !errors.Is(err, collections.ErrNotFound) {
			return err
		}
		if len(s.Commitment) == 0 {
			msg.Share = nil
		}
	}
	if len(msg.Commitment)+len(msg.Share) > 0 {
		w.must(&msg, nil)
	}
	return nil
}

// sign sends the signatures of headers that have not been sent.
func (w *world) sign(ctx context.Context) error {
	line, err := w.app.OracleKeeper.Line.Get(ctx)
	if err != nil || line.LastNonce == 0 {
		return err
	}
	domain := checkpoint.NewDomain(chainID)
	for _, a := range w.attestors {
		if a.signed == line.LastNonce {
			continue
		}
		msg := &oracletypes.MsgAttest{Account: a.account.String()}
		for ; a.signed < line.LastNonce && len(msg.Attestations) < 8; a.signed++ {
			c, err := w.app.OracleKeeper.Checkpoints.Get(ctx, a.signed+1)
			if err != nil {
				return err
			}
			header, err := c.Header.Decode()
			if err != nil {
				return err
			}
			signature := checkpoint.Sign(a.key, domain.Digest(header))
			msg.Attestations = append(msg.Attestations, oracletypes.Attestation{Nonce: a.signed + 1, Signature: signature[:]})
		}
		w.must(msg, nil)
	}
	return nil
}

// staked is what the bot's validators have staked.
func (w *world) staked(ctx context.Context) (sum int64, err error) {
	for _, a := range w.attestors {
		if !a.bot {
			continue
		}
		validator, err := w.app.StakingKeeper.GetValidator(ctx, sdk.ValAddress(a.operator))
		if err != nil {
			return 0, err
		}
		sum += validator.Tokens.Int64()
	}
	return sum, nil
}

// withholder of shares is a sleeper that owns attestors. They wait for the
// shares of all others, compute the seed, and withhold a share if the bonds that
// this seed would take are worth more than the share and what the next seed
// takes on average.
func shareWithholder() *bot {
	b := sleeper()
	b.name, b.tries = "withheld share", "owns attestors that withhold a share whenever the seed would audit too many of its cheats"
	b.attestors = 4
	b.withhold = func(ctx context.Context, w *world, beacon oracletypes.Beacon) error {
		r := beacon.Reveals
		if r == nil || !r.Quorum() {
			return nil
		}
		mine, seed, err := w.lastShares(ctx, beacon)
		if err != nil || len(mine) == 0 {
			return err
		}
		loss, mean, err := w.atStake(ctx, seed, beacon.Final, r.Epoch)
		if err != nil {
			return err
		}
		params, err := w.app.OracleKeeper.Params.Get(ctx)
		if err != nil {
			return err
		}
		for i, a := range mine {
			a.revealed = r.Epoch
			if i == 0 && loss > mean+max(r.AtRisk(), params.BeaconSlashFloor) {
				w.ledger.withheld++
				continue
			}
			w.must(&oracletypes.MsgBeacon{Account: a.account.String(), Epoch: r.Epoch + 1, Share: a.share(r.Epoch)}, nil)
		}
		return nil
	}
	return b
}

// lastShares returns the bot's attestors that have yet to reveal, and the seed
// that their shares would make, as soon as all the others have revealed.
func (w *world) lastShares(ctx context.Context, beacon oracletypes.Beacon) (mine []*attestor, seed []byte, err error) {
	r := beacon.Reveals
	var shares []oracletypes.OpenShare
	for _, a := range w.attestors {
		s, err := w.app.OracleKeeper.Slots.Get(ctx, collections.Join(r.Epoch, []byte(a.operator)))
		switch {
		case errors.Is(err, collections.ErrNotFound) || err == nil && len(s.Commitment) == 0:
			continue
		case err != nil:
			return nil, nil, err
		case len(s.Share) == 0 && !a.bot:
			return nil, nil, nil // it looks later
		case a.bot && a.revealed < r.Epoch:
			mine = append(mine, a)
		}
		shares = append(shares, oracletypes.OpenShare{Operator: a.operator, Share: a.share(r.Epoch)})
	}
	slices.SortFunc(shares, func(a, b oracletypes.OpenShare) int { return bytes.Compare(a.Operator, b.Operator) })
	before, _, err := w.app.OracleKeeper.Seed(ctx, beacon.Final)
	return mine, oracletypes.BeaconSeed(before, shares), err
}

// atStake sums the bounds that a seed takes from the bot, and what any takes on
// average, for cheats that were fixed from one epoch to another, both included.
func (w *world) atStake(ctx context.Context, seed []byte, from, to uint64) (loss, mean uint64, err error) {
	for _, p := range w.people {
		if p.busy == 0 {
			continue
		}
		l, err := w.lotOf(ctx, p.busy)
		if err != nil {
			return 0, 0, err
		}
		if l.State != markettypes.TaskAgreed || l.Judged || l.Epoch < from || l.Epoch > to {
			continue
		}
		s := l.Seats[len(l.Seats)-1]
		mean += s.Bound * uint64(s.AuditBps) / oracletypes.MaxRateBps
		if oracletypes.Drawn(seed, p.busy, s.AuditBps) {
			loss += s.Bound
		}
	}
	return loss, mean, nil
}
