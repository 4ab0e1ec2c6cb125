// SPDX-License-Identifier: Apache-2.0

package net

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// Digest is a hash, which REST writes as base64.
type Digest []byte

// String is the hash as people see it.
func (d Digest) String() string { return hex.EncodeToString(d) }

// Tally is where the coins of a batch are.
type Tally struct {
	Escrow   uint64 `json:",string"`
	Escrowed uint64 `json:",string"`
	Paid     uint64 `json:",string"`
	Treasury uint64 `json:",string"`
	Pooled   uint64 `json:",string"`
	Burned   uint64 `json:",string"`
	Refunded uint64 `json:",string"`
}

// Tally returns the tally of a batch.
func (n *Network) Tally(ctx context.Context, height int64, batch uint64) (Tally, error) {
	var res struct{ Tally Tally }
	err := n.Query(ctx, height, fmt.Sprintf("/cupel/market/v1/batches/%d", batch), &res)
	return res.Tally, err
}

// Task is a task as the chain shows it.
type Task struct {
	Task   uint64 `json:",string"`
	Batch  uint64 `json:",string"`
	State  string
	Reason string
	Result struct {
		Outcome string
		Digest  Digest
		Units   uint64 `json:",string"`
	}
	Providers, Right    []uint32
	Committed, Revealed uint32
	Disputed            bool
}

// Final reports whether nothing more can happen to the task.
func (t Task) Final() bool {
	return slices.Contains([]string{Settled, "TASK_STATE_FAILED", "TASK_STATE_CANCELLED", "TASK_STATE_EXPIRED"}, t.State)
}

// States of a task that tests wait for.
const (
	Agreed  = "TASK_STATE_AGREED"
	Settled = "TASK_STATE_SETTLED"
)

// TaskOf returns the only task of a batch, or the first one.
func TaskOf(batch uint64) uint64 { return batch << 12 }

// Task returns a task.
func (n *Network) Task(ctx context.Context, height int64, task uint64) (Task, error) {
	var res struct{ Task Task }
	err := n.Query(ctx, height, fmt.Sprintf("/cupel/market/v1/tasks/%d", task), &res)
	return res.Task, err
}

// WaitFinal returns a task once it has ended.
func (n *Network) WaitFinal(ctx context.Context, task uint64) (t Task, err error) {
	err = Until(ctx, pollEvery, func() (bool, error) {
		var err error
		t, err = n.Task(ctx, 0, task)
		return t.Final(), err
	})
	return t, err
}

// Seat is a seat of a lot or of a case.
type Seat struct {
	Provider uint32
	Phase    string
	Attempt  uint32
	Price    uint64 `json:",string"`
	Bound    uint64 `json:",string"`
	Original bool
	Verdict  string
	// Weight is how often an added seat was drawn: it counts as often.
	Weight uint32
}

// Votes is how often the seat counts.
func (s Seat) Votes() int { return int(max(s.Weight, 1)) }

// Lot returns the seats of a lot.
func (n *Network) Lot(ctx context.Context, batch uint64, lot uint32) ([]Seat, error) {
	var res struct{ Lot struct{ Seats []Seat } }
	err := n.Query(ctx, 0, fmt.Sprintf("/cupel/market/v1/batches/%d/lots/%d", batch, lot), &res)
	return res.Lot.Seats, err
}

// Case is the record of a task that was audited or in dispute.
type Case struct {
	Kind, Phase, State, Reason string
	Unfilled                   bool
	Seats                      []Seat
}

// Case returns the case of a task; ErrNotFound if it has none.
func (n *Network) Case(ctx context.Context, task uint64) (Case, error) {
	var res struct{ Case Case }
	err := n.Query(ctx, 0, fmt.Sprintf("/cupel/market/v1/cases/%d", task), &res)
	return res.Case, err
}

// Pool returns the ucupel of the audit pool.
func (n *Network) Pool(ctx context.Context, height int64) (uint64, error) {
	var res struct{ Pools []Coin }
	err := n.Query(ctx, height, "/cupel/market/v1/pools", &res)
	return amountOf(res.Pools), err
}

// Message is what tests read of a message of x/market.
type Message struct {
	Type   string `json:"@type"`
	Worker string
	Lots   []struct {
		Batch        uint64 `json:",string"`
		Lot, Attempt uint32
	}
	Cases []struct {
		Task    uint64 `json:",string"`
		Attempt uint32
	}
}

// Market decodes the messages of a transaction that are of x/market.
func (r TxResult) Market() ([]Message, error) {
	var all []Message
	for _, raw := range r.Messages {
		var m Message
		if err := json.Unmarshal(raw, &m); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}
