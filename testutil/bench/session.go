// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/cupel-network/cupel/testutil/sim"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// manyCalls is how many vouchers the larger redeem settles.
const manyCalls = 1_000_000

// redeemsPerBlock is how many sessions a provider redeems in one message.
const redeemsPerBlock = 100

// sessionReport is what sessions cost.
type sessionReport struct {
	// one and many are the costs of a redeem of one call and of manyCalls.
	one, many cost
	// batch is that of redeemsPerBlock sessions in one message.
	batch cost
}

// sessions opens sessions, pays calls off chain and redeems them.
func (r *report) sessions(home string) (err error) {
	c := &chains{kind: r.db, home: filepath.Join(home, "sessions")}
	defer func() { err = errors.Join(err, c.close()) }()
	n, err := c.of(trusted)
	if err != nil {
		return err
	}
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	ids, err := n.openSessions(key, 2+redeemsPerBlock)
	if err != nil {
		return err
	}
	for i, calls := range []uint64{1, manyCalls} {
		spent, err := n.redeem(key, calls, ids[i])
		if err != nil {
			return err
		}
		if calls == 1 {
			r.sessionOf.one = spent
		} else {
			r.sessionOf.many = spent
		}
	}
	r.sessionOf.batch, err = n.redeem(key, manyCalls, ids[2:]...)
	return err
}

// callUnits is the fuel that one call is charged for.
const callUnits = 500_000

// openSessions opens sessions with the first provider and returns their ids.
func (n *node) openSessions(key ed25519.PrivateKey, count int) ([]uint64, error) {
	public, _ := key.Public().(ed25519.PublicKey)
	first, err := n.app.MarketKeeper.NextSession.Peek(n.state())
	if err != nil {
		return nil, err
	}
	requester := n.people.requesters[0]
	ids := make([]uint64, count)
	var txs [][]byte
	for i := range ids {
		ids[i] = first + uint64(i)
		tx, err := n.sign(requester, &markettypes.MsgOpenSession{
			Requester: requester.text, Provider: n.people.providers[0].operator.String(), Class: sim.Class, Denom: sim.Denom,
			Deposit: manyCalls * callUnits / 1_000_000_000 * ask, MaxPrice: ask, VoucherKey: public, Duration: 10_000,
		})
		if err != nil {
			return nil, err
		}
		txs = append(txs, tx)
	}
	_, err = n.block(txs)
	return ids, err
}

// redeem settles a number of calls of each session with one message, and checks
// that the provider is paid for all of them.
func (n *node) redeem(key ed25519.PrivateKey, calls uint64, ids ...uint64) (cost, error) {
	p := n.people.providers[0]
	msg := &markettypes.MsgRedeem{Sender: p.text}
	units := calls * callUnits
	amount := units * ask / 1_000_000_000
	for _, id := range ids {
		signed, err := voucher.Sign(key, voucher.Voucher{ChainID: chainID, Session: id, Sequence: calls, Amount: amount, Units: units})
		if err != nil {
			return cost{}, err
		}
		msg.Vouchers = append(msg.Vouchers, markettypes.SessionVoucher{
			Session: id, Sequence: calls, Amount: amount, Units: units,
			Receipts: signed.Receipts[:], Signature: signed.Signature[:],
		})
	}
	tx, err := n.sign(p.account, msg)
	if err != nil {
		return cost{}, err
	}
	// A block in which nothing else is due is subtracted.
	n.spent = cost{}
	if _, err := n.block(nil); err != nil {
		return cost{}, err
	}
	idle := n.spent.cpu
	n.spent = cost{}
	if _, err := n.block([][]byte{tx}); err != nil {
		return cost{}, err
	}
	spent := n.spent
	spent.cpu -= min(idle, spent.cpu)
	for _, id := range ids {
		s, err := n.app.MarketKeeper.Sessions.Get(n.state(), id)
		if err != nil {
			return cost{}, err
		}
		if s.Redeemed != amount {
			return cost{}, fmt.Errorf("session %d: %d of %d redeemed", id, s.Redeemed, amount)
		}
	}
	return spent, nil
}

func (r *report) printSessions(w io.Writer) {
	s := r.sessionOf
	if s.one.txs == 0 {
		return
	}
	fmt.Fprintf(w, "sessions\tvouchers\tgas\tCheckTx\tFinalizeBlock\tvouchers per second of chain time\t\n")
	for _, row := range []struct {
		name     string
		vouchers int
		spent    cost
	}{
		{"one redeem", 1, s.one}, {"one redeem", manyCalls, s.many}, {fmt.Sprintf("%d sessions in one message", redeemsPerBlock), redeemsPerBlock * manyCalls, s.batch},
	} {
		fmt.Fprintf(w, "%s\t%d\t%d\t%.2f ms\t%.2f ms\t%.0f\t\n", row.name, row.vouchers, row.spent.gas,
			millis(row.spent.check), millis(row.spent.finalize), float64(row.vouchers)/row.spent.total().Seconds())
	}
}
