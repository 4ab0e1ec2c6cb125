// SPDX-License-Identifier: Apache-2.0

package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// keepEvery is how much of a stream's charge a crash can lose.
const keepEvery = time.Second

var done = []byte("[DONE]")

// stream is the state of one streamed answer.
type stream struct {
	*call
	out  *eventWriter
	kept time.Time
	// last is a chunk to copy the envelope from, open the choices that have not
	// ended.
	last map[string]json.RawMessage
	open map[int]bool
}

// relay hands the chunks of the server to the client. The voucher that covers
// all of them is on disk before the first. It returns an error only while
// nothing was sent.
func (c *call) relay(ctx context.Context, w http.ResponseWriter, res *http.Response) (usage, *apiError) {
	s := &stream{call: c, out: newEventWriter(w), kept: c.front.now(), open: make(map[int]bool)}
	in := newEventReader(res.Body)
	for {
		data, err := in.next()
		switch {
		case err != nil:
			return s.broken(ctx, err)
		case bytes.Equal(bytes.TrimSpace(data), done):
			return s.finish(false)
		}
		switch end, problem := s.chunk(data); end {
		case endFault:
			return s.abort(problem)
		case endGone:
			return s.gone()
		case endFull:
			return s.finish(true)
		default:
		}
	}
}

// ending says whether a chunk ends the stream.
type ending int

const (
	goOn ending = iota
	// endFull: the limit of the answer is used up, or the charge cannot be kept.
	endFull
	// endGone: the client does not take it.
	endGone
	// endFault: the server failed.
	endFault
)

// chunk hands one chunk on.
func (s *stream) chunk(data []byte) (ending, *apiError) {
	var fields map[string]json.RawMessage
	var choices []struct {
		Index  int     `json:"index"`
		Delta  said    `json:"delta"`
		Finish *string `json:"finish_reason"`
	}
	if json.Unmarshal(data, &fields) != nil || fields == nil {
		return endFault, fail(http.StatusInternalServerError, typeServer, codeBadAnswer, "the inference server sent a chunk that cannot be read. Nothing was charged")
	}
	if raw, ok := fields["error"]; ok && string(raw) != "null" {
		return endFault, fail(http.StatusInternalServerError, typeServer, codeUpstream, "the inference server failed: %s", quote(data))
	}
	if json.Unmarshal(fields["choices"], &choices) != nil {
		return endFault, fail(http.StatusInternalServerError, typeServer, codeBadAnswer, "the inference server sent a chunk without choices. Nothing was charged")
	}
	s.meter.report(fields["usage"])
	if len(choices) == 0 {
		return goOn, nil // the usage, which finish writes if it was asked for
	}
	s.last = fields
	for _, choice := range choices {
		if !s.meter.fits(choice.Delta.bytes()) {
			s.open[choice.Index] = true
			return endFull, nil
		}
		s.meter.add(choice.Delta.bytes())
		s.open[choice.Index] = choice.Finish == nil
	}
	body, err := s.rewrite(fields, nil)
	if err != nil {
		return endFault, fail(http.StatusInternalServerError, typeServer, codeBadAnswer, "a chunk cannot be encoded again: %v", err)
	}
	switch {
	case !s.send(body):
		return endGone, nil
	case !s.keep():
		return endFull, nil
	default:
		return goOn, nil
	}
}

// running reports whether a choice has not ended.
func (s *stream) running() bool {
	for _, open := range s.open {
		if open {
			return true
		}
	}
	return false
}

// send reports whether the client takes the chunk.
func (s *stream) send(body []byte) bool { return s.out.data(body) == nil }

// keep writes the cost so far once in a while. It reports whether the stream
// may go on: not if the store cannot be written.
func (s *stream) keep() bool {
	now := s.front.now()
	if now.Sub(s.kept) < keepEvery {
		return true
	}
	s.kept = now
	err := s.hold.progress(s.cost(s.meter.own()))
	if err != nil {
		s.front.log.Error("the charge of a stream was not kept, the stream ends", "session", s.info.ID, "err", err)
	}
	return err == nil
}

// finish charges the stream and ends it for the client. A cut stream ends as
// one that reached its length.
func (s *stream) finish(cut bool) (usage, *apiError) {
	if s.last == nil {
		return s.abort(fail(http.StatusInternalServerError, typeServer, codeBadAnswer, "the inference server sent an empty stream. Nothing was charged"))
	}
	s.front.accounts.at(stepAnswer)
	u := s.metered()
	milli, used, err := s.settle(u)
	if err != nil {
		s.front.log.Error("the charge of a stream was not kept", "session", s.info.ID, "err", err)
	}
	if cut {
		s.writeEnds()
	}
	if s.req.usage {
		s.last["choices"] = json.RawMessage("[]")
		if body, err := s.rewrite(s.last, &u); err == nil {
			_ = s.out.data(body)
		}
	}
	// The client may be gone from here on; it was charged.
	_ = s.out.comment(fmt.Sprintf("cupel charge_milli=%d used=%d input=%d output=%d", milli, used, u.In, u.Out))
	_ = s.out.data(done)
	s.front.accounts.at(stepSent)
	return u, nil
}

// writeEnds gives every choice that still runs the end of one that is too long.
func (s *stream) writeEnds() {
	for index, open := range s.open {
		if !open {
			continue
		}
		s.last["choices"] = json.RawMessage(fmt.Sprintf(`[{"index":%d,"delta":{},"finish_reason":"length"}]`, index))
		if body, err := s.rewrite(s.last, nil); err == nil {
			_ = s.out.data(body)
		}
	}
}

// gone charges a client that left for what it was sent.
func (s *stream) gone() (usage, *apiError) {
	u := s.metered()
	if _, _, err := s.settle(u); err != nil {
		s.front.log.Error("the charge of a stream was not kept", "session", s.info.ID, "err", err)
	}
	return u, nil
}

// broken ends a stream whose source ended early: by the client's leaving, by
// the limit of time, or by a fault of the server, which is not charged.
func (s *stream) broken(ctx context.Context, err error) (usage, *apiError) {
	switch {
	case errors.Is(context.Cause(ctx), errTotal) && s.out.begun:
		return s.finish(true)
	case errors.Is(context.Cause(ctx), errStopping) && s.out.begun:
		return s.finish(true)
	case ctx.Err() != nil && !errors.Is(context.Cause(ctx), errTotal):
		return s.gone()
	case errors.Is(err, io.EOF) && s.out.begun && !s.running():
		return s.finish(false) // a server that does not say [DONE]
	}
	return s.abort(unavailable(codeUpstream, "the inference server broke off the answer. Nothing was charged"))
}

// abort says that the server failed: with a status while nothing was sent, else
// in the stream. The caller releases the call: it costs nothing.
func (s *stream) abort(problem *apiError) (usage, *apiError) {
	s.front.log.Warn("a stream was broken off by the inference server", "model", s.model.Name, "code", problem.Code)
	if !s.out.begun {
		return usage{}, problem
	}
	_ = s.out.data(problem.body()) // the client may be gone
	return usage{}, nil
}
