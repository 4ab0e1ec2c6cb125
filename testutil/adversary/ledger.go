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
	// attacked are the tasks on which the bot did anything but honest work,
	// paid those of them that it was paid for.
	attacked, paid map[uint64]bool
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
		attacked: map[uint64]bool{}, paid: map[uint64]bool{}, botCost: map[uint64]int64{}, botIncome: map[uint64]int64{}, runs: map[execution]bool{},
	}
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
		if !l.attacked[task] {
			income += amount
		}
	}
	for task, amount := range l.botCost {
		if !l.attacked[task] {
			cost += amount
		}
	}
	return income, cost
}

// attackCost is what the bot ran for tasks that it attacked.
func (l *ledger) attackCost() (cost int64) {
	for task, amount := range l.botCost {
		if l.attacked[task] {
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

// number reads a decimal attribute of a flat event.
func number(e abci.Event, key string) uint64 {
	value, err := strconv.ParseUint(text(e, key), 10, 64)
	if err != nil {
		panic(err)
	}
	return value
}

// caseDecided is the typed event of a decision; its values are JSON.
var caseDecided = proto.MessageName(&markettypes.EventCaseDecided{})

// observe books the events of a block.
func (w *world) observe(events []abci.Event) error {
	for _, e := range events {
		switch e.Type {
		case markettypes.EventTaskSettled:
			w.ledger.settled++
			w.bookPayments(e)
			w.bookResult(e)
		case markettypes.EventCasePaid:
			w.bookPayments(e)
		case markettypes.EventTaskEnded:
			w.ledger.failed++
		case markettypes.EventTaskAgreed:
			for i := range number(e, markettypes.AttrTaskCount) {
				w.agreed = append(w.agreed, number(e, markettypes.AttrTaskFirst)+i)
			}
		case caseDecided:
			task, err := strconv.ParseUint(strings.Trim(text(e, "task"), `"`), 10, 64)
			if err != nil {
				return err
			}
			w.decided = append(w.decided, task)
		case markettypes.EventSlashed:
			w.bookSlash(e)
		}
	}
	return nil
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
		if !w.people[id-1].bot {
			w.ledger.honestIncome += amount
			continue
		}
		w.ledger.botIncome[task] += amount
		if w.ledger.attacked[task] && amount > 0 {
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
