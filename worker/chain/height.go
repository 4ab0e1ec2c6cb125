// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// seen takes note of a height that an endpoint showed. Where endpoints have to
// agree, the height of the chain is the highest that enough of them reached: one
// that shows a far higher one changes nothing.
func (c *Client) seen(e *endpoint, height int64, blockTime time.Time) error {
	c.mu.Lock()
	e.height = height
	c.mu.Unlock()
	if !c.voting() {
		return c.observe(height, blockTime)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !blockTime.IsZero() {
		e.blockTime = blockTime
	}
	heights := make([]int64, 0, len(c.endpoints))
	times := make([]time.Time, 0, len(c.endpoints))
	for _, o := range c.endpoints {
		heights, times = append(heights, o.height), append(times, o.blockTime)
	}
	slices.Sort(heights)
	slices.SortFunc(times, time.Time.Compare)
	k := len(c.endpoints) - c.opts.Agree
	c.height = max(c.height, heights[k])
	if times[k].After(c.blockTime) {
		c.blockTime = times[k]
	}
	if height < c.height-c.opts.MaxLag {
		return fmt.Errorf("endpoint is at height %d, the others reached %d", height, c.height)
	}
	return nil
}

// Endpoint is what is known of an RPC endpoint, for status and metrics.
type Endpoint struct {
	URL string `json:"url"`
	// Up is false if the last call brought no answer that can be used.
	Up     bool  `json:"up"`
	Height int64 `json:"height,omitempty"`
	// Since is when Up last changed.
	Since time.Time `json:"since,omitzero"`
	Error string    `json:"error,omitempty"`
}

// errUntried is the state of an endpoint that nobody has asked yet.
var errUntried = errors.New("not asked yet")

// Endpoints returns the state of all endpoints in the order of the
// configuration.
func (c *Client) Endpoints() []Endpoint {
	all := make([]Endpoint, 0, len(c.endpoints))
	for _, e := range c.endpoints {
		c.mu.Lock()
		height := e.height
		c.mu.Unlock()
		e.mu.Lock()
		err := e.err
		if e.since.IsZero() {
			err = errUntried
		}
		out := Endpoint{URL: e.url, Up: err == nil, Height: height, Since: e.since}
		e.mu.Unlock()
		if err != nil {
			out.Error = err.Error()
		}
		all = append(all, out)
	}
	return all
}

// Disagreements counts the questions on which endpoints gave different answers
// and none of them had enough votes.
func (c *Client) Disagreements() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.disagreed
}

// note remembers whether a call brought an answer; a refusal is one.
func (e *endpoint) note(err error) {
	var answer *AnswerError
	if errors.As(err, &answer) {
		err = nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.since.IsZero() || (e.err == nil) != (err == nil) {
		e.since = time.Now()
	}
	e.err = err
}
