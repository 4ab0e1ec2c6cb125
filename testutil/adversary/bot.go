// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// stake is an identity that a bot has from genesis on.
type stake struct {
	bond     uint64
	standing string
}

// stakes returns n equal ones.
func stakes(n int, bond uint64, standing string) []stake {
	all := make([]stake, n)
	for i := range all {
		all[i] = stake{bond * cupel, standing}
	}
	return all
}

// bot is somebody who wants more than its share. Every hook may be nil: what
// it does not say is done as the honest do it.
type bot struct {
	name, tries string
	bonds       []stake
	// market is what the honest buy in every block, ten tasks each.
	market []shape
	// strangers gives the honest providers no past: every task is audited.
	strangers bool
	// requester bots count the tasks that they bought, the others those that
	// they attacked.
	requester bool
	// patient bots cheat on one task at a time per identity: the market is
	// closed while most of them wait.
	patient bool
	// withholds serves no artifact.
	withholds bool
	// capped bots hold at most 30 % of all bonds, those that a slash waits for
	// included: what the rules promise to stand.
	capped bool
	// attestors is how many validators the bot has, withhold what they do with
	// the shares that they owe.
	attestors int
	withhold  func(ctx context.Context, w *world, beacon oracletypes.Beacon) error
	// baseline is honest and has to earn.
	baseline bool
	// least is the smallest run in which luck hides no profit of a bot that
	// gambles on not being drawn: three deviations of what it loses.
	least int
	// tasks is the least number that the bot attacks, if more than asked for,
	// and the number of them that are open at once.
	tasks int

	answer func(w *world, s *seat, task uint64) answer
	commit func(w *world, s *seat) (markettypes.LotCommit, bool)
	reveal func(w *world, s *seat) (markettypes.LotReveal, bool)
	// skip leaves a seat of a case unanswered.
	skip func(w *world, s *seat) bool
	// each acts before every block, buying says whether the market is open.
	each func(w *world, buying bool) error
}

// outcome is what became of a bot.
type outcome struct {
	bot                   *bot
	tasks                 int
	profit                int64
	work                  int64
	honestLoss            int64
	detected              float64
	honestSlashes, blocks int
	// captured are those of the honest slashes for which only seats of the bot
	// were right in the end.
	captured int
	// peak is how many attacked tasks were open at once.
	// withheld is how many shares its attestors kept.
	peak, withheld         int
	settled, failed, bites int
	reasons                []string
	took                   time.Duration
}

// Bounds of a run.
const (
	buyingBlocks  = 20_000
	settlingLimit = 12_000
	batchTasks    = 10
	// releaseEvery and renewEvery are how many blocks a bot looks away from what
	// became of its identities.
	releaseEvery, renewEvery = 15, 3
)

// play runs a bot on a chain of its own until it has attacked enough tasks and
// everything is final.
func (w *world) play(tasks int) (outcome, error) {
	began := time.Now()
	tasks = max(tasks, w.bot.tasks, w.bot.least)
	before, err := w.wealth()
	if err != nil {
		return outcome{}, err
	}
	for range buyingBlocks {
		if w.count() >= tasks {
			break
		}
		if err := w.turn(true); err != nil {
			return outcome{}, err
		}
	}
	if err := w.settle(); err != nil {
		return outcome{}, err
	}
	after, err := w.wealth()
	if err != nil {
		return outcome{}, err
	}
	captured, err := w.captures()
	if err != nil {
		return outcome{}, err
	}
	out := w.result(after - before)
	out.captured = captured
	out.took = time.Since(began)
	return out, w.invariants()
}

// count is how many tasks the bot has attacked, or bought.
func (w *world) count() int {
	switch {
	case w.bot.baseline:
		return w.submitted
	case w.bot.requester:
		return w.bought
	}
	return len(w.ledger.attacked)
}

// turn lets everybody act in one block.
func (w *world) turn(buying bool) error {
	if err := errors.Join(w.attest(), w.act()); err != nil {
		return err
	}
	if err := w.appeal(); err != nil {
		return err
	}
	if buying && (!w.bot.patient && !w.bot.capped || w.idle()) {
		for i, s := range w.bot.market {
			requester := w.requesters[(int(w.app.LastBlockHeight())*len(w.bot.market)+i)%len(w.requesters)]
			w.buy(requester, max(batchTasks, s.lot), s)
		}
	}
	if w.bot.each != nil {
		if err := w.bot.each(w, buying); err != nil {
			return err
		}
	}
	return w.block()
}

func (w *world) settle() error {
	for range settlingLimit {
		done, err := w.settled()
		if err != nil || done {
			return err
		}
		if err := w.turn(false); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s: tasks are not final after %d blocks", w.bot.name, settlingLimit)
}

// result draws up the account. Honest work that a bot does on the side is no
// profit of its attack; what it runs for the attack is paid for.
func (w *world) result(change int64) outcome {
	l := &w.ledger
	income, cost := l.honestWork()
	out := outcome{
		bot: w.bot, tasks: w.count(), work: income - cost, honestSlashes: l.honestSlashes, reasons: l.reasons,
		blocks: int(w.app.LastBlockHeight()), settled: l.settled, failed: l.failed, bites: l.botSlashes,
		honestLoss: l.fooled + l.honestSlashed + max(0, l.honestCost-l.honestIncome),
		profit:     change - income - l.attackCost() + l.gained,
	}
	out.peak, out.withheld = l.peak, l.withheld
	if w.bot.baseline {
		out.profit = change - cost
	} else {
		out.detected = l.detected(w.bot.requester, out.tasks)
	}
	return out
}

// idle reports whether half of the bot's identities can attack: with fewer the
// honest would trade mostly among themselves.
func (w *world) idle() bool {
	all, free := 0, 0
	for _, p := range w.people {
		if !p.bot || p.retired {
			continue
		}
		all++
		if !p.spent && !p.lost && p.busy == 0 {
			free++
		}
	}
	return 2*free >= all
}

// appeal has every honest provider that was judged wrong ask for a jury, as its
// worker would.
func (w *world) appeal() error {
	ctx := w.state()
	for _, task := range w.decided {
		c, err := w.app.MarketKeeper.Cases.Get(ctx, task)
		if err != nil {
			return err
		}
		for _, s := range c.Seats {
			if who := w.people[s.Provider-1]; s.Verdict == markettypes.VerdictWrong && !who.bot && !c.Appealed {
				w.send(&markettypes.MsgAppeal{Sender: who.operator.String(), Task: task})
				break
			}
		}
	}
	w.decided = nil
	return nil
}

// captures counts the honest seats that were outvoted: only the bot's seats
// were right in the end.
func (w *world) captures() (n int, err error) {
	err = w.app.MarketKeeper.Cases.Walk(w.state(), nil, func(_ uint64, c markettypes.Case) (bool, error) {
		honest, wrong := 0, 0
		for _, s := range c.Seats {
			switch bot := w.people[s.Provider-1].bot; {
			case s.Verdict == markettypes.VerdictRight && !bot:
				honest++
			case s.Verdict == markettypes.VerdictWrong && !bot:
				wrong++
			}
		}
		if honest == 0 && c.State == markettypes.TaskAgreed {
			n += wrong
		}
		return false, nil
	})
	return n, err
}

// attack marks a task as one that the bot does not do honestly in a seat.
func (w *world) attack(s *seat, task uint64) { w.ledger.attack(task, s.who.id) }

// attacked reports whether the bot has attacked a task.
func (w *world) attacked(task uint64) bool { return w.ledger.attacked[task] != nil }

// renew replaces the identities that may take nothing new by strangers with
// fresh bonds.
func (w *world) renew() error {
	if w.app.LastBlockHeight()%renewEvery != 0 {
		return nil
	}
	ctx := w.state()
	var lost []*identity
	held := uint64(0)
	for _, p := range w.people {
		if !p.bot || p.retired {
			continue
		}
		provider, err := w.app.RegistryKeeper.Provider(ctx, p.id)
		if err != nil {
			return err
		}
		if provider.Status != registrytypes.ProviderActive {
			p.retired = true
		} else {
			held += provider.Bond
		}
		if p.spent {
			continue
		}
		load, err := w.app.RegistryKeeper.Load(ctx, p.id)
		if err != nil {
			return err
		}
		if provider.Status == registrytypes.ProviderActive && provider.FreeBond() >= 100*cupel && load.PendingSlash == 0 {
			continue
		}
		p.lost = true
		lost = append(lost, p)
	}
	for _, p := range lost {
		if held += p.bond; w.bot.capped && 7*held > 3*honestProviders*honestBond {
			break
		}
		p.spent = true
		w.register(w.newIdentity(p.bond, "", true))
	}
	return nil
}

// register pays the bond of a new identity out of the bot's purse.
func (w *world) register(p *identity) {
	coins := sdk.NewCoins(sdk.NewCoin(markettypes.BaseDenom, sdkmath.NewIntFromUint64(p.bond)))
	w.must(banktypes.NewMsgSend(botPurse, p.operator, coins), nil)
	region, endpoint, resources := profile(p)
	w.must(&registrytypes.MsgRegister{
		Operator: p.operator.String(), Worker: p.hot.String(), Payout: p.payout.String(),
		Bond: coins[0], Region: region, Endpoint: endpoint, Resources: resources,
	}, nil)
}

// release forgets the attacks that are over, so that patient identities go on,
// and the identities that may take nothing new.
func (w *world) release() error {
	if w.app.LastBlockHeight()%releaseEvery != 0 {
		return nil
	}
	ctx := w.state()
	for _, p := range w.people {
		if !p.bot || p.spent {
			continue
		}
		provider, err := w.app.RegistryKeeper.Provider(ctx, p.id)
		if err != nil {
			return err
		}
		p.retired = provider.Status != registrytypes.ProviderActive
		p.spent = p.retired
		if p.busy == 0 {
			continue
		}
		over, err := w.over(ctx, p.busy)
		if err != nil {
			return err
		}
		if over {
			p.busy = 0
		}
	}
	return nil
}

// over reports whether the lot of a task is final.
func (w *world) over(ctx context.Context, task uint64) (bool, error) {
	l, err := w.lotOf(ctx, task)
	return l.State.Final() && l.OpenCases == 0, err
}

func (w *world) lotOf(ctx context.Context, task uint64) (l markettypes.Lot, err error) {
	batch, index := markettypes.SplitTaskID(task)
	b, err := w.batchOf(ctx, batch)
	if err != nil {
		return l, err
	}
	number, _ := b.LotOf(index)
	return w.app.MarketKeeper.Lots.Get(ctx, collections.Join(batch, number))
}

// bots lists the ones that are known.
func bots() []*bot {
	var all []*bot
	for _, list := range [][]*bot{{honest()}, liars(), coalitions(), requesters(), auditors(), {shareWithholder()}} {
		all = append(all, list...)
	}
	return all
}
