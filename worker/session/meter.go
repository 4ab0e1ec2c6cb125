// SPDX-License-Identifier: Apache-2.0

package session

import "encoding/json"

// usage is what a call is charged for, in tokens.
type usage struct {
	In  uint64 `json:"prompt_tokens"`
	Out uint64 `json:"completion_tokens"`
	Sum uint64 `json:"total_tokens"`
}

// meter counts what an answer holds, beside what the server says.
type meter struct {
	// text and bound are the bytes of the prompt and the most tokens of them,
	// output the most tokens of all choices.
	text, bound, output uint64
	// bytes of generated text, and pieces of it in a stream.
	bytes, pieces uint64
	stream        bool
	reported      *usage
}

// slack is how many tokens without text a choice may have: its end, and the
// marks around calls and thoughts.
const slack = 64

// add notes a piece of generated text.
func (m *meter) add(bytes uint64) {
	if bytes > 0 {
		m.bytes += bytes
		m.pieces++
	}
}

// fits reports whether one more piece of text is within the limit of the
// answer. A piece holds at least one token.
func (m *meter) fits(bytes uint64) bool { return bytes == 0 || m.pieces < m.output }

// report takes note of what the server says it used.
func (m *meter) report(raw json.RawMessage) {
	var u usage
	if len(raw) == 0 || string(raw) == "null" || json.Unmarshal(raw, &u) != nil {
		return
	}
	m.reported = &u
}

// plausible reports whether the text could have taken the tokens.
func (m *meter) plausible(u usage) bool {
	return u.In > 0 && u.In <= m.bound && u.Out <= m.output && u.Out <= m.bytes+slack && (u.Out > 0 || m.bytes == 0)
}

// final returns what is charged: what the server reported if that is possible,
// else a count of our own that errs on the client's side.
func (m *meter) final() (u usage, trusted bool) {
	if m.reported != nil && m.plausible(*m.reported) {
		u, trusted = *m.reported, true
	} else {
		u = m.own()
	}
	u.Sum = u.In + u.Out
	return u, trusted
}

// own counts without the server: four bytes of text are a token, and in a
// stream every piece is one at least.
func (m *meter) own() usage {
	u := usage{In: min(max((m.text+3)/4, 1), m.bound), Out: (m.bytes + 3) / 4}
	if m.stream {
		u.Out = max(m.pieces, (m.bytes+7)/8)
	}
	u.Out = min(u.Out, m.output)
	return u
}

// said is the text of a message or of a part of one, as servers write it.
type said struct {
	Content   *string         `json:"content"`
	Reasoning *string         `json:"reasoning_content"`
	Thought   *string         `json:"reasoning"`
	Refusal   *string         `json:"refusal"`
	Calls     json.RawMessage `json:"tool_calls"`
}

func (s said) bytes() uint64 {
	n := 0
	for _, text := range []*string{s.Content, s.Reasoning, s.Thought, s.Refusal} {
		if text != nil {
			n += len(*text)
		}
	}
	if len(s.Calls) > 0 && string(s.Calls) != "null" && string(s.Calls) != "[]" {
		n += len(s.Calls)
	}
	return uint64(n)
}
