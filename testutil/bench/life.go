// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	marketkeeper "github.com/cupel-network/cupel/x/market/keeper"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

const (
	// flushEvery is how many blocks a provider waits at most for a full message.
	flushEvery = 8
	// submitDeadline is when an unassigned task would expire, in ticks.
	submitDeadline = 50
	// eventCaseOpened is said once per case: here, once per audit.
	eventCaseOpened = "cupel.market.v1.EventCaseOpened"
	// maxBlocks ends a run that makes no progress.
	maxBlocks = 1_000
)

// scenario is one way to sell tasks.
type scenario struct {
	key      string
	policy   markettypes.Policy
	replicas uint32
	// batch is how many tasks a submit, a commit or a reveal is about.
	batch   int
	lotSize uint32
	// submits opens this many batches in every block.
	submits int
	// share of the tasks of a full run, in parts of 100.
	share    int
	standing string
}

// of returns how many tasks of a run with n the scenario takes, in whole batches.
func (s scenario) of(n int) int {
	return max(n*s.share/100/(s.batch*s.submits), 1) * s.batch * s.submits
}

func scenarios() []scenario {
	return []scenario{
		{"r1b100", markettypes.PolicyOptimistic, 1, 100, 32, 40, 100, trusted},
		{"r1b100_lot1", markettypes.PolicyOptimistic, 1, 100, 1, 10, 25, trusted},
		{"r1b10", markettypes.PolicyOptimistic, 1, 10, 10, 100, 25, trusted},
		{"r1b1", markettypes.PolicyOptimistic, 1, 1, 1, 200, 10, trusted},
		{"r3b100", markettypes.PolicyRedundant, 3, 100, 32, 20, 50, trusted},
		{"r3b100_lot1", markettypes.PolicyRedundant, 3, 100, 1, 10, 20, trusted},
		{"r3b1", markettypes.PolicyRedundant, 3, 1, 1, 100, 5, trusted},
		{"r1b100_new", markettypes.PolicyOptimistic, 1, 100, 32, 20, 25, fresh},
	}
}

// life drives the whole life of a number of tasks in a steady state: a block
// carries the submits, commits, reveals and audits of different batches.
type life struct {
	n *node
	scenario
	tasks              int
	submitted, settled int
	// audits counts the cases that were opened.
	audits  int
	batches []uint64
	lots    map[lotID]*lot
	// commits and reveals pile up per provider until they fill a transaction.
	commits, reveals [][]*lot
	// onBlock is called after every block, outside of what is measured.
	onBlock func(l *life) error
}

type lotID struct {
	batch uint64
	lot   uint32
}

// lot is what the providers know of one lot.
type lot struct {
	lotID
	first     uint64
	count     uint32
	attempts  map[uint32]uint32
	committed int
}

// newLife prepares a share of the tasks of a run.
func newLife(n *node, s scenario, tasks int) *life {
	return &life{
		n: n, scenario: s, tasks: s.of(tasks), lots: map[lotID]*lot{},
		commits: make([][]*lot, providers), reveals: make([][]*lot, providers),
		onBlock: func(*life) error { return nil },
	}
}

// run settles all the tasks and returns what their blocks took.
func (l *life) run() (cost, error) {
	l.n.spent = cost{}
	for l.settled < l.tasks {
		if l.n.spent.blocks > maxBlocks {
			return cost{}, fmt.Errorf("%s: %d of %d tasks settled after %d blocks", l.key, l.settled, l.tasks, maxBlocks)
		}
		txs, err := l.transactions()
		if err != nil {
			return cost{}, err
		}
		res, err := l.n.block(txs)
		if err != nil {
			return cost{}, fmt.Errorf("%s: %w", l.key, err)
		}
		if err := l.observe(res); err != nil {
			return cost{}, err
		}
		if err := l.onBlock(l); err != nil {
			return cost{}, err
		}
	}
	return l.n.spent, l.verify()
}

// transactions returns those of the next block.
func (l *life) transactions() ([][]byte, error) {
	var txs [][]byte
	add := func(a *account, msg sdk.Msg) error {
		tx, err := l.n.sign(a, msg)
		txs = append(txs, tx)
		return err
	}
	for i := 0; i < l.submits && l.submitted < l.tasks; i++ {
		requester := l.n.people.requesters[i%requesters]
		if err := add(requester, l.submit(requester)); err != nil {
			return nil, err
		}
		l.submitted += l.batch
	}
	flush := l.n.app.LastBlockHeight()%flushEvery == 0
	for i, p := range l.n.people.providers {
		msgs, err := l.answers(i, p, flush)
		if err != nil {
			return nil, err
		}
		for _, msg := range msgs {
			if err := add(p.account, msg); err != nil {
				return nil, err
			}
		}
	}
	return txs, nil
}

func (l *life) submit(requester *account) *markettypes.MsgSubmit {
	manifest := fmt.Appendf(nil, `{"version":1,"engine":"wasm/v1","module":"%064d","args":["--index"]}`, 0)
	sum := sha256.Sum256(manifest)
	return &markettypes.MsgSubmit{
		Requester: requester.text, Class: sim.Class, Manifest: sum[:], ManifestInline: manifest,
		Count: uint32(l.batch), LotSize: l.lotSize, Policy: l.policy,
		Comparator: markettypes.ComparatorExact, Replicas: l.replicas,
		Limits: markettypes.Limits{Units: 1_000_000_000, MemoryMib: 64, WallSeconds: 1, OutputKib: 64},
		Denom:  sim.Denom, MaxPrice: ceiling, Deadline: submitDeadline,
	}
}

// observe reads from the events of a block what providers have to do next.
func (l *life) observe(res *abci.ResponseFinalizeBlock) error {
	events := res.Events
	for _, tx := range res.TxResults {
		events = append(events, tx.Events...)
	}
	for _, e := range events {
		switch e.Type {
		case markettypes.EventTaskSubmitted:
			l.batches = append(l.batches, number(e, markettypes.AttrBatch))
		case markettypes.EventTaskAssigned:
			l.assigned(e)
		case markettypes.EventResultCommitted:
			l.committed(e)
		case markettypes.EventTaskSettled:
			l.settled++
		case eventCaseOpened:
			l.audits++
		case markettypes.EventTaskEnded, markettypes.EventSlashed:
			return fmt.Errorf("%s: an honest run gave the event %v", l.key, e)
		}
	}
	return nil
}

func (l *life) assigned(e abci.Event) {
	id := lotID{number(e, markettypes.AttrBatch), uint32(number(e, markettypes.AttrLot))}
	known := l.lots[id]
	if known == nil {
		known = &lot{
			lotID: id, first: number(e, markettypes.AttrTaskFirst),
			count: uint32(number(e, markettypes.AttrTaskCount)), attempts: map[uint32]uint32{},
		}
		l.lots[id] = known
	}
	provider := uint32(number(e, markettypes.AttrProvider))
	known.attempts[provider] = uint32(number(e, markettypes.AttrAttempt))
	if l.replicas == 1 {
		l.reveals[provider-1] = append(l.reveals[provider-1], known)
	} else {
		l.commits[provider-1] = append(l.commits[provider-1], known)
	}
}

func (l *life) committed(e abci.Event) {
	known := l.lots[lotID{number(e, markettypes.AttrBatch), uint32(number(e, markettypes.AttrLot))}]
	known.committed++
	if known.committed < int(l.replicas) {
		return
	}
	for i, p := range l.n.people.providers {
		if _, ok := known.attempts[p.id]; ok {
			l.reveals[i] = append(l.reveals[i], known)
		}
	}
}

// verify checks that every task is settled and that the invariants hold.
func (l *life) verify() error {
	queries, ctx := marketkeeper.NewQueryServer(l.n.app.MarketKeeper), l.n.state()
	if len(l.batches)*l.batch != l.tasks {
		return fmt.Errorf("%s: %d batches for %d tasks", l.key, len(l.batches), l.tasks)
	}
	for _, batch := range l.batches {
		for index := range uint32(l.batch) {
			res, err := queries.Task(ctx, &markettypes.QueryTaskRequest{Task: markettypes.TaskID(batch, index)})
			if err != nil {
				return err
			}
			if res.Task.State != markettypes.TaskSettled {
				return fmt.Errorf("%s: task %d is %s (%s)", l.key, res.Task.Task, res.Task.State, res.Task.Reason)
			}
		}
	}
	return l.n.invariants()
}

// prune runs idle blocks until the tasks have left state, and returns what
// that took beyond blocks in which nothing is due.
func (l *life) prune() (cost, error) {
	l.n.spent = cost{}
	last := l.batches[len(l.batches)-1]
	for range maxBlocks {
		left, err := l.n.app.MarketKeeper.Batches.Has(l.n.state(), last)
		if err != nil || !left {
			return l.n.spent, err
		}
		if _, err := l.n.block(nil); err != nil {
			return cost{}, err
		}
	}
	return cost{}, fmt.Errorf("%s: batch %d is never pruned", l.key, last)
}
