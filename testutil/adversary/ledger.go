// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// botPurse is the bot's account that pays for new identities.
var botPurse = addr("purse")

// ledger is what happened to whom, in ucupel.
type ledger struct {
	// attacked are the tasks on which the bot did anything but honest work, with
	// the identities that did it, paid those for which one of these was paid.
	attacked map[uint64]map[uint32]bool
	paid     map[uint64]bool
	// open counts the attacked tasks that are not final, peak is the most at once.
	open, peak int
	// had is what a requester got of a task, at market prices, and charged what
	// anybody was paid for it.
	had, charged map[uint64]int64
	// cost of the bot's runs and income of its identities, by whether the task
	// is one that it attacked.
	botCost, botIncome map[uint64]int64
	// honestCost and honestIncome are the same of all honest providers.
	honestCost, honestIncome int64
	// fooled is what was paid for results that are not right.
	fooled int64
	// honestSlashed counts slashes of honest providers and their coins.
	honestSlashes   int
	honestSlashed   int64
	reasons         []string
	botSlashes      int
	botSlashed      int64
	runs            map[execution]bool
	failed, settled int
	// withheld counts the shares that the bot's attestors kept.
	withheld int
	// gained is what the bot got besides coins, at market prices.
	gained int64
}

// execution is a run of a task: the bot's identities share theirs.
type execution struct {
	owner uint32
	task  uint64
}

func newLedger() ledger {
	return ledger{
		attacked: map[uint64]map[uint32]bool{}, had: map[uint64]int64{}, charged: map[uint64]int64{}, paid: map[uint64]bool{}, botCost: map[uint64]int64{}, botIncome: map[uint64]int64{}, runs: map[execution]bool{},
	}
}

// attack notes an attack on a task by an identity, or by a requester with 0.
func (l *ledger) attack(task uint64, who uint32) {
	if l.attacked[task] == nil {
		l.attacked[task] = map[uint32]bool{}
		l.open++
		l.peak = max(l.peak, l.open)
	}
	l.attacked[task][who] = true
}

func (l *ledger) worked(who *identity, task, cost uint64) {
	r := execution{who.id, task}
	if who.bot {
		r.owner = 0
	}
	if l.runs[r] {
		return
	}
	l.runs[r] = true
	if who.bot {
		l.botCost[task] += int64(cost)
	} else {
		l.honestCost += int64(cost)
	}
}

// honestWork is what the bot earned with tasks that it did not attack.
func (l *ledger) honestWork() (income, cost int64) {
	for task, amount := range l.botIncome {
		if l.attacked[task] == nil {
			income += amount
		}
	}
	for task, amount := range l.botCost {
		if l.attacked[task] == nil {
			cost += amount
		}
	}
	return income, cost
}

// attackCost is what the bot ran for tasks that it attacked.
func (l *ledger) attackCost() (cost int64) {
	for task, amount := range l.botCost {
		if l.attacked[task] != nil {
			cost += amount
		}
	}
	return cost
}

func text(e abci.Event, key string) string {
	for _, attribute := range e.Attributes {
		if attribute.Key == key {
			return attribute.Value
		}
	}
	panic(e.Type + " has no attribute " + key)
}

func has(e abci.Event, key string) bool {
	for _, attribute := range e.Attributes {
		if attribute.Key == key {
			return true
		}
	}
	return false
}

// detected is the share of the attacked tasks that brought the bot nothing: a
// provider was not paid for its attack, a requester has paid at least half of
// what its result is worth, or has none.
func (l *ledger) detected(requester bool, tasks int) float64 {
	escaped := len(l.paid)
	if requester {
		escaped = 0
		for task, worth := range l.had {
			if l.charged[task] < worth/2 {
				escaped++
			}
		}
	}
	if tasks == 0 {
		return 0
	}
	return 1 - float64(escaped)/float64(tasks)
}

// number reads a decimal attribute of a flat event.
func number(e abci.Event, key string) uint64 {
	value, err := strconv.ParseUint(text(e, key), 10, 64)
	if err != nil {
		panic(err)
	}
	return value
}

// Typed events; their values are JSON.
var (
	caseDecided  = proto.MessageName(&markettypes.EventCaseDecided{})
	bondReleased = proto.MessageName(&markettypes.EventBondReleased{})
)

// value reads an attribute of a typed event.
func value(e abci.Event, key string) (uint64, error) {
	return strconv.ParseUint(strings.Trim(text(e, key), `"`), 10, 64)
}

// observe books the events of a block.
func (w *world) observe(events []abci.Event) error {
	for _, e := range events {
		switch e.Type {
		case markettypes.EventTaskSettled:
			w.ledger.settled++
			w.closed(number(e, markettypes.AttrTaskID), 1)
			w.bookPayments(e)
			w.bookResult(e)
		case markettypes.EventCasePaid:
			w.bookPayments(e)
		case markettypes.EventTaskEnded:
			w.ledger.failed++
			w.closed(ended(e))
		case markettypes.EventTaskAgreed:
			for i := range number(e, markettypes.AttrTaskCount) {
				w.agreed = append(w.agreed, number(e, markettypes.AttrTaskFirst)+i)
			}
		case caseDecided:
			task, err := value(e, "task")
			if err != nil {
				return err
			}
			w.decided = append(w.decided, task)
		case bondReleased:
			if err := w.bookBond(e); err != nil {
				return err
			}
		case markettypes.EventSlashed:
			w.bookSlash(e)
		}
	}
	return nil
}

// ended returns the tasks of a lot, or the one of a case, that ended without a
// result.
func ended(e abci.Event) (first, count uint64) {
	if has(e, markettypes.AttrTaskID) {
		return number(e, markettypes.AttrTaskID), 1
	}
	return number(e, markettypes.AttrTaskFirst), number(e, markettypes.AttrTaskCount)
}

// closed counts the attacked among tasks that are final.
func (w *world) closed(first, count uint64) {
	for i := range count {
		if w.attacked(first + i) {
			w.ledger.open--
		}
	}
}

func (w *world) bookPayments(e abci.Event) {
	task := number(e, markettypes.AttrTaskID)
	ids, amounts := strings.Split(text(e, markettypes.AttrProviders), ","), strings.Split(text(e, markettypes.AttrAmounts), ",")
	for i := range ids {
		if ids[i] == "" {
			continue
		}
		id, err := strconv.ParseUint(ids[i], 10, 32)
		if err != nil {
			panic(err)
		}
		amount, err := strconv.ParseInt(amounts[i], 10, 64)
		if err != nil {
			panic(err)
		}
		w.ledger.charged[task] += amount
		if !w.people[id-1].bot {
			w.ledger.honestIncome += amount
			continue
		}
		w.ledger.botIncome[task] += amount
		if w.ledger.attacked[task][uint32(id)] && amount > 0 {
			w.ledger.paid[task] = true
		}
	}
}

// bookResult compares what was paid for with what the program gives.
func (w *world) bookResult(e abci.Event) {
	task := number(e, markettypes.AttrTaskID)
	batch, _ := markettypes.SplitTaskID(task)
	if w.jobs[batch] == nil && text(e, markettypes.AttrDigest) != hex.EncodeToString(truth(task).result.Digest) {
		w.ledger.fooled += int64(number(e, markettypes.AttrAmount))
	}
}

// bookBond books a challenge of the bot's that got its bond back.
func (w *world) bookBond(e abci.Event) error {
	task, err := value(e, "task")
	if err != nil {
		return err
	}
	if returned := strings.Trim(text(e, "returned"), `"`); w.ledger.attacked[task][0] && !strings.HasPrefix(returned, "0") {
		w.ledger.paid[task] = true
	}
	return nil
}

func (w *world) bookSlash(e abci.Event) {
	who, amount := w.people[number(e, markettypes.AttrProvider)-1], int64(number(e, markettypes.AttrAmount))
	if who.bot {
		w.ledger.botSlashes++
		w.ledger.botSlashed += amount
		return
	}
	w.ledger.honestSlashes++
	w.ledger.honestSlashed += amount
	w.ledger.reasons = append(w.ledger.reasons, fmt.Sprintf("height %d: provider %d loses %d: %s",
		w.app.LastBlockHeight(), who.id, amount, text(e, markettypes.AttrReason)))
}

// wealth is all that the bot owns: coins, bonds whether they unbond or not,
// and what it can claim.
func (w *world) wealth() (int64, error) {
	ctx := w.state()
	accounts := append([]sdk.AccAddress{botPurse}, w.rivals...)
	var sum int64
	for _, p := range w.people {
		if !p.bot {
			continue
		}
		accounts = append(accounts, p.operator, p.hot, p.payout)
		provider, err := w.app.RegistryKeeper.Provider(ctx, p.id)
		if err != nil {
			return 0, err
		}
		sum += int64(provider.Bond)
	}
	for _, a := range accounts {
		sum += w.app.BankKeeper.GetBalance(ctx, a, markettypes.BaseDenom).Amount.Int64()
	}
	staked, err := w.staked(ctx)
	if err != nil {
		return 0, err
	}
	sum += staked
	claims, err := w.app.MarketKeeper.Claimables.Iterate(ctx, nil)
	if err != nil {
		return 0, err
	}
	all, err := claims.KeyValues()
	for _, kv := range all {
		for _, a := range accounts {
			if a.Equals(sdk.AccAddress(kv.Key.K1())) {
				sum += int64(kv.Value)
			}
		}
	}
	return sum, err
}
