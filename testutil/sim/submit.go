// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"context"
	"crypto/sha256"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// Submit returns a valid submit of one task with three replicas, 10^9 fuel and
// a ceiling of 1,000 ucupel.
func Submit(requester sdk.AccAddress) markettypes.MsgSubmit {
	manifest := []byte(`{"version":1}`)
	sum := sha256.Sum256(manifest)
	return markettypes.MsgSubmit{
		Requester: Text(requester), Class: Class, Manifest: sum[:], ManifestInline: manifest,
		Count: 1, LotSize: 1, Policy: markettypes.PolicyRedundant, Comparator: markettypes.ComparatorExact, Replicas: 3,
		Limits: markettypes.Limits{Units: 1_000_000_000, MemoryMib: 64, WallSeconds: 10, OutputKib: 1024},
		Denom:  Denom, MaxPrice: 1_000, Deadline: 100,
	}
}

// Optimistic turns a submit into one replica.
func Optimistic(m markettypes.MsgSubmit) markettypes.MsgSubmit {
	m.Policy, m.Replicas = markettypes.PolicyOptimistic, 1
	return m
}

// Buy submits and returns the batch.
func (c *Chain) Buy(m markettypes.MsgSubmit) (uint64, error) {
	var batch uint64
	err := c.Deliver(func(ctx context.Context) error {
		res, err := c.Msgs().Submit(ctx, &m)
		if err != nil {
			return err
		}
		batch = res.Batch
		return nil
	})
	return batch, err
}

// Task returns the view of a task.
func (c *Chain) Task(batch uint64, index uint32) (markettypes.TaskView, error) {
	res, err := c.Query().Task(c.Ctx, &markettypes.QueryTaskRequest{Task: markettypes.TaskID(batch, index)})
	if err != nil {
		return markettypes.TaskView{}, err
	}
	return res.Task, nil
}

// Tally returns where the coins of a batch are.
func (c *Chain) Tally(batch uint64) (markettypes.Tally, error) {
	return c.Market.Tallies.Get(c.Ctx, batch)
}

// Settle runs blocks until every lot of a batch is final.
func (c *Chain) Settle(batch uint64, limit int) (bool, error) {
	return c.Until(limit, func() (bool, error) {
		t, err := c.Tally(batch)
		return t.OpenLots == 0, err
	})
}
