// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cupel-network/cupel/testutil/net"
)

// photograph is what the bank says at one height.
type photograph struct {
	height                              int64
	requester, market, treasury, supply uint64
	payouts                             []uint64
	pool                                uint64
}

// photograph reads all balances at the height of the last block.
func (d *demo) photograph(ctx context.Context) (p photograph, err error) {
	if p.height, err = d.local.Nodes[0].Height(ctx); err != nil {
		return p, err
	}
	market, err := d.local.ModuleAddress(ctx, "market")
	if err != nil {
		return p, err
	}
	var errs [5]error
	p.requester, errs[0] = d.local.Balance(ctx, p.height, d.local.Requester.Address)
	p.market, errs[1] = d.local.Balance(ctx, p.height, market)
	p.treasury, errs[2] = d.local.Treasury(ctx, p.height)
	p.supply, errs[3] = d.local.Supply(ctx, p.height)
	p.pool, errs[4] = d.local.Pool(ctx, p.height)
	for _, provider := range d.local.Providers {
		held, err := d.local.Balance(ctx, p.height, provider.Payout.Address)
		if err != nil {
			return p, err
		}
		p.payouts = append(p.payouts, held)
	}
	return p, errors.Join(errs[:]...)
}

// account sets what the market says against what the bank says.
type account struct {
	task          net.Task
	tally         net.Tally
	fee           uint64
	before, after photograph
	audit         *net.Case
}

func (d *demo) account(ctx context.Context, job jobRun, before, after photograph) (a account, err error) {
	a.before, a.after = before, after
	if a.task, err = d.local.Task(ctx, after.height, job.task); err != nil {
		return a, err
	}
	if a.tally, err = d.local.Tally(ctx, after.height, job.batch); err != nil {
		return a, err
	}
	if audit, err := d.local.Case(ctx, job.task); err == nil {
		a.audit = &audit
	} else if !errors.Is(err, net.ErrNotFound) {
		return a, err
	}
	submit, err := d.local.WaitTx(ctx, job.txHash)
	a.fee = submit.Fee
	return a, err
}

// agreed counts the replicas of the first round whose result is the task's.
func (a account) agreed() int {
	n := 0
	for _, id := range a.task.Providers {
		if slices.Contains(a.task.Right, id) {
			n++
		}
	}
	return n
}

// fromPool is what auditors were paid out of the audit pool.
func (a account) fromPool() uint64 { return a.before.pool + a.tally.Pooled - a.after.pool }

func (a account) earned() uint64 {
	var sum uint64
	for i := range a.after.payouts {
		sum += a.after.payouts[i] - a.before.payouts[i]
	}
	return sum
}

// print shows who was paid what, and where the escrow went.
func (a account) print(d *demo) {
	t := a.tally
	fmt.Fprintf(d.out, "\nresult sha256 %s, %d fuel, %d of %d replicas agree\n", a.task.Result.Digest, a.task.Result.Units, a.agreed(), len(a.task.Providers))
	if a.audit != nil {
		fmt.Fprintf(d.out, "audit: drawn after the reveal, decided %s\n", stateName(a.audit.State))
	}
	for i, p := range d.local.Providers {
		fmt.Fprintf(d.out, "  %s  %-44s  %10d ucupel\n", p.Name, p.Payout.Address, a.after.payouts[i]-a.before.payouts[i])
	}
	fmt.Fprintf(d.out, "escrow                %10d ucupel, from %s\n", t.Escrowed, d.local.Requester.Address)
	fmt.Fprintf(d.out, "  paid to providers   %10d\n", t.Paid)
	fmt.Fprintf(d.out, "  treasury            %10d, %d to the community pool and %d to the audit pool\n", t.Treasury+t.Pooled, t.Treasury, t.Pooled)
	fmt.Fprintf(d.out, "  burned              %10d\n", t.Burned)
	fmt.Fprintf(d.out, "  refunded            %10d\n", t.Refunded)
	if out := a.fromPool(); out > 0 {
		fmt.Fprintf(d.out, "  the audit pool paid %10d to the auditor\n", out)
	}
	fmt.Fprintf(d.out, "the requester also paid %d ucupel of fees for its transaction\n", a.fee)
}

// check returns every figure of the market that the bank does not confirm.
func (a account) check() error {
	t := a.tally
	facts := []struct {
		what      string
		says, are uint64
	}{
		{"paid + treasury + pooled + burned + refunded of the escrow", t.Escrowed, t.Paid + t.Treasury + t.Pooled + t.Burned + t.Refunded},
		{"escrow still held", 0, t.Escrow},
		{"what left the requester's account", t.Escrowed - t.Refunded + a.fee, a.before.requester - a.after.requester},
		{"what the payout accounts got", t.Paid + a.fromPool(), a.earned()},
		{"what the community pool got", t.Treasury, a.after.treasury - a.before.treasury},
		{"what the supply lost", t.Burned, a.before.supply - a.after.supply},
		{"what the market still holds, the audit pool", a.after.pool, a.after.market},
		{"replicas", replicas, uint64(len(a.task.Providers))},
		{"replicas that agree", replicas, uint64(a.agreed())},
	}
	var errs []error
	for _, f := range facts {
		if f.says != f.are {
			errs = append(errs, fmt.Errorf("%s: %d by the market, %d in fact", f.what, f.says, f.are))
		}
	}
	if a.task.State != net.Settled {
		errs = append(errs, fmt.Errorf("the task is %s", a.task.State))
	}
	return errors.Join(errs...)
}
