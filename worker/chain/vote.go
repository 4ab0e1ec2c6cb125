// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cosmos/gogoproto/proto"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// patience is how long slower endpoints are waited for once enough have
// answered to decide.
const patience = time.Second

// voting reports whether endpoints have to agree.
func (c *Client) voting() bool { return c.opts.Agree > 1 }

// reply is what one endpoint said.
type reply[T any] struct {
	from  *endpoint
	value T
	err   error
}

// answered reports whether an endpoint said something, a refusal included.
func (r reply[T]) answered() bool {
	var answer *AnswerError
	return r.err == nil || errors.As(r.err, &answer)
}

// askAll asks every endpoint at once and calls enough after each reply, until
// it returns true, all have replied, or ctx is done. It returns what came.
func askAll[T any](ctx context.Context, c *Client, fn func(context.Context, *endpoint) (T, error), enough func([]reply[T]) bool) []reply[T] {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ch := make(chan reply[T], len(c.endpoints)) // has room for those that come too late
	for _, e := range c.endpoints {
		go func() {
			r := reply[T]{from: e}
			r.err = c.try(ctx, e, func(ctx context.Context, e *endpoint) (err error) {
				r.value, err = fn(ctx, e)
				return err
			})
			ch <- r
		}()
	}
	all := make([]reply[T], 0, len(c.endpoints))
	for range c.endpoints {
		all = append(all, <-ch)
		if enough(all) {
			break
		}
	}
	return all
}

// vote asks every endpoint and returns the first answer that Options.Agree of
// them give. Ballot names an answer. Without agreement it is ErrUnknown.
func vote[T any](ctx context.Context, c *Client, fn func(context.Context, *endpoint) (T, error), ballot func(T) string) (T, error) {
	votes := make(map[string]int, len(c.endpoints))
	winner := -1
	replies := askAll(ctx, c, fn, func(all []reply[T]) bool {
		r := all[len(all)-1]
		if !r.answered() {
			return false
		}
		key := ballotOf(r, ballot)
		votes[key]++
		if votes[key] >= c.opts.Agree {
			winner = len(all) - 1
		}
		return winner >= 0
	})
	if winner >= 0 {
		return replies[winner].value, replies[winner].err
	}
	var zero T
	return zero, c.noAgreement(failures(replies), len(votes))
}

func ballotOf[T any](r reply[T], ballot func(T) string) string {
	var answer *AnswerError
	if errors.As(r.err, &answer) {
		return fmt.Sprintf("refused %q %d", answer.Codespace, answer.Code)
	}
	return "said " + ballot(r.value)
}

func failures[T any](replies []reply[T]) unknownError {
	var all unknownError
	for _, r := range replies {
		if !r.answered() {
			all = append(all, fmt.Errorf("%s: %w", r.from.url, r.err))
		}
	}
	return all
}

// noAgreement is ErrUnknown with the reason; kinds is the number of different
// answers.
func (c *Client) noAgreement(failed unknownError, kinds int) error {
	if kinds > 1 {
		c.mu.Lock()
		c.disagreed++
		c.mu.Unlock()
	}
	return append(failed, fmt.Errorf("%d of %d endpoints must agree: %d gave no answer, the others %d different ones",
		c.opts.Agree, len(c.endpoints), len(failed), kinds))
}

// refreshAll asks all endpoints for their newest block. It fails unless enough
// of them are within reach of what they agree on.
func (c *Client) refreshAll(ctx context.Context) (Head, error) {
	good := 0
	replies := askAll(ctx, c, func(ctx context.Context, e *endpoint) (struct{}, error) {
		return struct{}{}, c.status(ctx, e)
	}, func(all []reply[struct{}]) bool {
		if all[len(all)-1].err == nil {
			good++
		}
		return good >= c.opts.Agree
	})
	if good < c.opts.Agree {
		return c.Head(), c.noAgreement(failures(replies), 1)
	}
	return c.Head(), nil
}

// Probe asks every endpoint for its newest block, so that Endpoints is up to
// date for those too that no call waited for.
func (c *Client) Probe(ctx context.Context) {
	check := c.status
	if !c.voting() {
		check = c.peek // what one endpoint claims must not make the others look late
	}
	var wg sync.WaitGroup
	for _, e := range c.endpoints {
		wg.Go(func() {
			limited, cancel := context.WithTimeout(ctx, c.opts.Timeout)
			defer cancel()
			if err := check(limited, e); ctx.Err() == nil {
				e.note(err)
			}
		})
	}
	wg.Wait()
}

// peek is status without believing the height.
func (c *Client) peek(ctx context.Context, e *endpoint) error {
	res, err := e.rpc.Status(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	e.height = res.SyncInfo.LatestBlockHeight
	c.mu.Unlock()
	return c.follows(res)
}

// queried is the answer to a query and where it holds.
type queried struct {
	value  []byte
	height int64
}

func (c *Client) queryAll(ctx context.Context, path string, data []byte) ([]byte, int64, error) {
	out, err := vote(ctx, c, func(ctx context.Context, e *endpoint) (queried, error) {
		res, err := c.queryOne(ctx, e, path, data)
		return queried{res.Value, res.Height}, err
	}, func(q queried) string { return string(q.value) })
	return out.value, out.height, err
}

// located is a transaction, or that there is none.
type located struct {
	res   TxResult
	found bool
}

func (c *Client) txOfAll(ctx context.Context, hash []byte) (TxResult, error) {
	out, err := vote(ctx, c, func(ctx context.Context, e *endpoint) (l located, err error) {
		l.res, l.found, err = txOne(ctx, e, hash)
		return l, err
	}, func(l located) string {
		return fmt.Sprint(l.found, l.res.Height, l.res.Codespace, l.res.Code, l.res.Items)
	})
	if err == nil && !out.found {
		err = ErrNotFound
	}
	return out.res, err
}

// broadcastAll hands the bytes to every endpoint: one that swallows them has no
// effect. It is refused only if as many as must agree refuse it alike.
func (c *Client) broadcastAll(ctx context.Context, tx []byte) error {
	refused := make(map[string]int, len(c.endpoints))
	var verdict error
	taken := false
	replies := askAll(ctx, c, func(ctx context.Context, e *endpoint) (struct{}, error) {
		return struct{}{}, broadcastOne(ctx, e, tx)
	}, func(all []reply[struct{}]) bool {
		r := all[len(all)-1]
		taken = taken || r.err == nil
		if r.err != nil && r.answered() {
			key := ballotOf(r, nil)
			if refused[key]++; refused[key] >= c.opts.Agree {
				verdict = r.err
			}
		}
		return false
	})
	switch {
	case taken:
		return nil
	case verdict != nil:
		return verdict
	}
	return c.noAgreement(failures(replies), len(refused))
}

// workOfAll returns the items that enough endpoints list alike. Those in
// transit, of which some endpoints know and others not yet, come with a later
// look. Tick and height are the highest that enough of them reached.
func (c *Client) workOfAll(ctx context.Context, provider uint32) (Work, error) {
	good := 0
	wait, stop := context.WithTimeout(ctx, c.opts.Timeout)
	defer stop()
	var hurry *time.Timer
	replies := askAll(wait, c, func(ctx context.Context, e *endpoint) (Work, error) {
		return readWork(provider, func(req *markettypes.QueryWorkRequest, res *markettypes.QueryWorkResponse) (int64, error) {
			return c.workPage(ctx, e, req, res)
		})
	}, func(all []reply[Work]) bool {
		if all[len(all)-1].err == nil {
			good++
		}
		if good >= c.opts.Agree && hurry == nil {
			hurry = time.AfterFunc(patience, stop)
		}
		return false
	})
	if hurry != nil {
		hurry.Stop()
	}
	if good < c.opts.Agree {
		return Work{}, c.noAgreement(failures(replies), good)
	}
	return tally(replies, c.opts.Agree)
}

func (c *Client) workPage(ctx context.Context, e *endpoint, req *markettypes.QueryWorkRequest, res *markettypes.QueryWorkResponse) (int64, error) {
	data, err := proto.Marshal(req)
	if err != nil {
		return 0, err
	}
	out, err := c.queryOne(ctx, e, methodWork, data)
	if err != nil {
		return 0, err
	}
	return out.Height, proto.Unmarshal(out.Value, res)
}

// tally keeps the items that need votes.
func tally(replies []reply[Work], need int) (Work, error) {
	var out Work
	var ticks []uint64
	var heights []int64
	votes := make(map[string]int)
	keep := func(kind string, item proto.Message) (bool, error) {
		raw, err := proto.Marshal(item)
		if err != nil {
			return false, err
		}
		votes[kind+string(raw)]++
		return votes[kind+string(raw)] == need, nil
	}
	for _, r := range replies {
		if r.err != nil {
			continue
		}
		for i := range r.value.Lots {
			if ok, err := keep("lot", &r.value.Lots[i]); err != nil {
				return Work{}, err
			} else if ok {
				out.Lots = append(out.Lots, r.value.Lots[i])
			}
		}
		for i := range r.value.Cases {
			if ok, err := keep("case", &r.value.Cases[i]); err != nil {
				return Work{}, err
			} else if ok {
				out.Cases = append(out.Cases, r.value.Cases[i])
			}
		}
		ticks, heights = append(ticks, r.value.Tick), append(heights, r.value.Height)
	}
	slices.Sort(ticks)
	slices.Sort(heights)
	out.Tick, out.Height = ticks[len(ticks)-need], heights[len(heights)-need]
	return out, nil
}
