// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"cosmossdk.io/collections"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// endBlockRow is the time of the end of a block in x/market.
type endBlockRow struct {
	name      string
	open, due int
	// median of the blocks, longest of those in which steps are done, and how
	// many blocks that takes.
	median, longest time.Duration
	blocks, done    int
}

// crowdBatch is how many tasks, each a lot of its own, a batch of a crowd has.
const crowdBatch = 1_000

// blocksPerRow is how many idle blocks are measured.
const blocksPerRow = 400

// endBlocks measures blocks in which nothing is due on chains with few and with
// many open tasks, in turn, so that a busy machine hits all; then those in
// which steps are due.
func (r *report) endBlocks(home string) error {
	sizes := []int{1_000, r.pick(20_000, 100_000)}
	if r.full {
		sizes = append(sizes, 1_000_000)
	}
	var crowds []*crowd
	for _, size := range sizes {
		c, err := newCrowd(r.db, filepath.Join(home, fmt.Sprint("crowd", size)), size)
		if err != nil {
			return err
		}
		defer c.close()
		crowds = append(crowds, c)
	}
	runtime.GC()
	times := make([][]time.Duration, len(crowds))
	for range blocksPerRow {
		for i, c := range crowds {
			took, err := c.idle()
			if err != nil {
				return err
			}
			times[i] = append(times[i], took)
		}
	}
	for i, c := range crowds {
		slices.Sort(times[i])
		r.blocks = append(r.blocks, endBlockRow{name: short(c.open), open: c.open, median: times[i][len(times[i])/2], blocks: blocksPerRow})
	}
	for _, c := range crowds {
		for _, due := range []int{100, 10_000} {
			if c.open < 2*due {
				continue
			}
			row, err := c.drain(due)
			if err != nil {
				return err
			}
			r.blocks = append(r.blocks, row)
		}
	}
	return nil
}

// short is a number as the summary names it.
func short(n int) string {
	if n >= 1_000_000 {
		return fmt.Sprintf("%dm", n/1_000_000)
	}
	return fmt.Sprintf("%dk", n/1_000)
}

// crowd is a chain with open tasks, each assigned to one provider, which does
// not answer before its deadline.
type crowd struct {
	*node
	open int
	lot  markettypes.Lot
	// first is the oldest batch whose tasks wait for their first deadline, next
	// the id of the next one, pages how many pages of steps were written.
	first, next, pages uint64
}

// farTick is when the steps of a crowd are due that are not due now.
const farTick = 1 << 40

// newCrowd writes the records of open tasks as the verbs of the keeper would,
// because a million submits take longer than anybody waits.
func newCrowd(kind, home string, open int) (*crowd, error) {
	chains := &chains{kind: kind, home: home}
	n, err := chains.of(trusted)
	if err != nil {
		return nil, err
	}
	s := scenarios()[1]
	s.submits = 1
	l := newLife(n, s, 0)
	tx, err := l.transactions()
	if err != nil {
		return nil, err
	}
	for range 2 {
		if _, err := n.block(tx); err != nil {
			return nil, err
		}
		tx = nil
	}
	c := &crowd{node: n, open: open, first: 1 << 20, next: 1 << 20}
	market, ctx := n.app.MarketKeeper, n.state()
	id, err := market.NextBatch.Peek(ctx)
	if err != nil {
		return nil, err
	}
	b, err := market.Batches.Get(ctx, id-1)
	if err != nil {
		return nil, err
	}
	if c.lot, err = market.Lots.Get(ctx, collections.Join(id-1, uint32(0))); err != nil {
		return nil, err
	}
	b.Count, b.LotSize = crowdBatch, 1
	for left := open; left > 0; left -= crowdBatch {
		if err := c.add(b); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// write changes the committed state between two blocks.
func (c *crowd) write(change func(ctx sdk.Context) error) error {
	header := cmtproto.Header{ChainID: chainID, Height: c.app.LastBlockHeight(), Time: c.now}
	if err := change(c.app.NewUncachedContext(false, header)); err != nil {
		return err
	}
	c.app.CommitMultiStore().Commit()
	return nil
}

// add writes a batch of which every task is assigned.
func (c *crowd) add(b markettypes.Batch) error {
	market := c.app.MarketKeeper
	b.Id = c.next
	c.next++
	return c.write(func(ctx sdk.Context) error {
		tally := markettypes.Tally{NextLot: crowdBatch, OpenLots: crowdBatch, Escrow: crowdBatch * ceiling, Escrowed: crowdBatch * ceiling}
		l := c.lot
		l.Due, l.Queued = farTick, farTick
		err := errors.Join(market.Batches.Set(ctx, b.Id, b), market.Tallies.Set(ctx, b.Id, tally))
		refs := make([]uint64, crowdBatch)
		for lot := range uint32(crowdBatch) {
			refs[lot] = markettypes.TaskID(b.Id, lot)
			err = errors.Join(err, market.Lots.Set(ctx, collections.Join(b.Id, lot), l),
				market.Work.Set(ctx, collections.Join(l.Seats[0].Provider, refs[lot])))
		}
		return errors.Join(err, c.queue(ctx, farTick, refs))
	})
}

// queue writes steps as blocks do that queued 250 each.
func (c *crowd) queue(ctx sdk.Context, tick uint64, refs []uint64) error {
	for page := range slices.Chunk(refs, 250) {
		var value []byte
		for _, ref := range page {
			value = binary.BigEndian.AppendUint64(append(value, byte(markettypes.StepLot)), ref)
		}
		c.pages++
		if err := c.app.MarketKeeper.Due.Set(ctx, collections.Join3(tick, c.pages, uint32(0)), value); err != nil {
			return err
		}
	}
	next, err := c.app.MarketKeeper.NextDue.Get(ctx)
	if err != nil || next <= tick {
		return err
	}
	return c.app.MarketKeeper.NextDue.Set(ctx, tick)
}

// idle returns the time that the end of a block takes in x/market, mean of
// several, because one is shorter than what a timer is for.
func (c *crowd) idle() (time.Duration, error) {
	const repeats = 8
	header := cmtproto.Header{ChainID: chainID, Height: c.app.LastBlockHeight(), Time: c.now}
	ctx := c.app.NewUncachedContext(false, header)
	start := time.Now()
	for range repeats {
		if err := c.app.MarketKeeper.EndBlock(ctx); err != nil {
			return 0, err
		}
	}
	return time.Since(start) / repeats, nil
}

// drain makes the deadlines of tasks due and runs blocks, with the budgets of
// the default params, until all are done.
func (c *crowd) drain(due int) (endBlockRow, error) {
	row := endBlockRow{name: short(c.open), open: c.open, due: due}
	market := c.app.MarketKeeper
	tick, err := c.app.RegistryKeeper.Tick(c.state())
	if err != nil {
		return row, err
	}
	err = c.write(func(ctx sdk.Context) error {
		params, err := market.Params.Get(ctx, 1)
		if err != nil {
			return err
		}
		defaults := markettypes.DefaultParams()
		params.MaxItems, params.BlockGas = defaults.MaxItems, defaults.BlockGas
		if err := market.Params.Set(ctx, 1, params); err != nil {
			return err
		}
		refs := make([]uint64, due)
		for i := range refs {
			id, lot := c.first+uint64(i/crowdBatch), uint32(i%crowdBatch)
			l := c.lot
			l.Due, l.DueTime, l.Queued = tick+1, 0, tick+1
			if err := market.Lots.Set(ctx, collections.Join(id, lot), l); err != nil {
				return err
			}
			refs[i] = markettypes.TaskID(id, lot)
		}
		return c.queue(ctx, tick+1, refs)
	})
	if err != nil {
		return row, err
	}
	var times []time.Duration
	for range maxBlocks {
		c.spent = cost{}
		res, err := c.block(nil)
		if err != nil {
			return row, err
		}
		redrawn := 0
		for _, e := range res.Events {
			if e.Type == markettypes.EventTaskAssigned {
				redrawn++
			}
		}
		if redrawn == 0 {
			break
		}
		row.done += redrawn
		times = append(times, c.spent.finalize)
	}
	if row.done != due {
		return row, fmt.Errorf("%d of %d tasks whose deadline has passed were drawn again", row.done, due)
	}
	slices.Sort(times)
	row.blocks, row.median, row.longest = len(times), times[len(times)/2], times[len(times)-1]
	c.first += uint64((due + crowdBatch - 1) / crowdBatch)
	return row, nil
}

func (c *crowd) close() error { return c.app.Close() }

func (r *report) printEndBlocks(w io.Writer) {
	if len(r.blocks) == 0 {
		return
	}
	fmt.Fprintf(w, "end of block, nothing due\tmedian\tagainst 1k\tblocks\t\n")
	for _, b := range r.blocks {
		if b.due == 0 {
			fmt.Fprintf(w, "%s open\t%.2f µs\t%.2f\t%d\t\n", b.name, float64(b.median)/1000, float64(b.median)/float64(r.blocks[0].median), b.blocks)
		}
	}
	fmt.Fprintf(w, "FinalizeBlock, steps due\tdue\tblocks until done\tmedian\tlongest\t\n")
	for _, b := range r.blocks {
		if b.due > 0 {
			fmt.Fprintf(w, "%s open\t%d\t%d\t%.1f ms\t%.1f ms\t\n", b.name, b.due, b.blocks, millis(b.median), millis(b.longest))
		}
	}
}
