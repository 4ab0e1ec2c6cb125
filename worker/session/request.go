// SPDX-License-Identifier: Apache-2.0

package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// passed are the fields that reach the inference server. Others are dropped:
// servers know fields of their own that would lift a limit, load a file or run
// a template.
var passed = map[string]bool{
	"messages": true, "stop": true, "temperature": true, "top_p": true, "presence_penalty": true,
	"frequency_penalty": true, "logit_bias": true, "logprobs": true, "top_logprobs": true, "seed": true,
	"response_format": true, "tools": true, "tool_choice": true, "parallel_tool_calls": true, "reasoning_effort": true,
}

const (
	maxMessages = 4096
	maxChoices  = 8
	maxDepth    = 64
	// Allowances of a chat template: tokens per message and per prompt.
	perMessage = 16
	perPrompt  = 64
)

// request is a chat call that was understood.
type request struct {
	model  string
	fields map[string]json.RawMessage
	stream bool
	usage  bool // the client asked for usage in the stream
	n      uint64
	// output is the client's limit of one choice, 0 if it named none.
	output uint64
	// text is the number of bytes of the prompt, bound the most tokens that
	// they can make.
	text, bound uint64
}

// parseRequest reads the body of a chat call. Every error is a 400.
func parseRequest(body []byte) (*request, *apiError) {
	if !utf8.Valid(body) {
		return nil, badRequest("", "the body is not valid UTF-8")
	}
	if err := checkDepth(body); err != nil {
		return nil, badRequest("", "the body is not valid JSON: %v", err)
	}
	r := &request{}
	if err := json.Unmarshal(body, &r.fields); err != nil || r.fields == nil {
		return nil, badRequest("", "the body is not a JSON object")
	}
	if r.string("model", &r.model) != nil || r.model == "" {
		return nil, badRequest("model", "model is missing or not a string")
	}
	if e := r.options(); e != nil {
		return nil, e
	}
	if e := r.prompt(); e != nil {
		return nil, e
	}
	for name := range r.fields {
		if !passed[name] {
			delete(r.fields, name)
		}
	}
	return r, nil
}

// checkDepth reads the tokens of one JSON value and nothing after it.
func checkDepth(body []byte) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	depth := 0
	for {
		tok, err := dec.Token()
		if err != nil {
			return errors.New("it ends early or has a syntax error")
		}
		switch tok {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth > maxDepth {
			return errors.New("it is nested too deeply")
		}
		if depth == 0 {
			break
		}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the value")
	}
	return nil
}

// get decodes a field; null and missing leave v alone.
func (r *request) get(name string, v any) error {
	raw, ok := r.fields[name]
	if !ok || string(raw) == "null" {
		return nil
	}
	return json.Unmarshal(raw, v)
}

func (r *request) string(name string, v *string) error { return r.get(name, v) }

func (r *request) options() *apiError {
	if r.get("stream", &r.stream) != nil {
		return badRequest("stream", "stream is not a boolean")
	}
	var so struct {
		IncludeUsage bool `json:"include_usage"`
	}
	if r.get("stream_options", &so) != nil {
		return badRequest("stream_options", "stream_options is not an object with a boolean include_usage")
	}
	r.usage = so.IncludeUsage
	r.n = 1
	if r.get("n", &r.n) != nil || r.n < 1 || r.n > maxChoices {
		return badRequest("n", "n is not an integer from 1 to %d", maxChoices)
	}
	for _, name := range []string{"max_tokens", "max_completion_tokens"} {
		var limit *uint64
		if r.get(name, &limit) != nil || (limit != nil && *limit == 0) {
			return badRequest(name, "%s is not a positive integer", name)
		}
		if limit != nil && (r.output == 0 || *limit < r.output) {
			r.output = *limit
		}
	}
	return nil
}

// messageFields are the fields of a message that reach the inference server.
var messageFields = []string{"role", "content", "name", "tool_calls", "tool_call_id", "refusal", "reasoning_content"}

// prompt sizes the messages and writes them anew, so that the server reads
// what was checked. A byte of text makes at most one token.
func (r *request) prompt() *apiError {
	var messages []map[string]json.RawMessage
	if r.get("messages", &messages) != nil || len(messages) == 0 || len(messages) > maxMessages {
		return badRequest("messages", "messages is not a list of 1 to %d objects", maxMessages)
	}
	clean := make([]map[string]any, len(messages))
	for i, m := range messages {
		var role string
		if json.Unmarshal(m["role"], &role) != nil || role == "" {
			return badRequest("messages", "a message has no role")
		}
		clean[i] = make(map[string]any, len(m))
		for _, name := range messageFields {
			raw, ok := m[name]
			if !ok {
				continue
			}
			clean[i][name] = raw
			switch name {
			case "role":
			case "content":
				content, n, ok := readContent(raw)
				if !ok {
					return badRequest("messages", "content is neither a string nor a list of parts of type text: other parts are not offered")
				}
				clean[i][name] = content
				r.text += n
			default:
				r.text += uint64(len(raw))
			}
		}
	}
	raw, err := json.Marshal(clean)
	if err != nil {
		return badRequest("messages", "messages cannot be encoded again: %v", err)
	}
	// Templates print tools and schemas again, with more white space.
	extra := uint64(len(r.fields["tools"]) + len(r.fields["response_format"]))
	r.fields["messages"] = raw
	r.bound = r.text + 2*extra + perMessage*uint64(len(messages)) + perPrompt
	r.text += extra
	return nil
}

// readContent returns the content of a message and the bytes of its text.
func readContent(raw json.RawMessage) (content any, n uint64, ok bool) {
	var text *string
	if json.Unmarshal(raw, &text) == nil {
		if text == nil {
			return nil, 0, true
		}
		return *text, uint64(len(*text)), true
	}
	// Maps, not structs: a struct would take "Type" for "type".
	var parts []map[string]json.RawMessage
	if json.Unmarshal(raw, &parts) != nil {
		return nil, 0, false
	}
	clean := make([]map[string]string, len(parts))
	for i, p := range parts {
		var kind string
		var text *string
		if json.Unmarshal(p["type"], &kind) != nil || kind != "text" || json.Unmarshal(p["text"], &text) != nil || text == nil {
			return nil, 0, false
		}
		clean[i] = map[string]string{"type": "text", "text": *text}
		n += uint64(len(*text))
	}
	return clean, n, true
}

// upstream returns the body for the inference server, with at most output
// tokens in every choice.
func (r *request) upstream(model string, output uint64) ([]byte, error) {
	out := make(map[string]any, len(r.fields)+6)
	for name, raw := range r.fields {
		out[name] = raw
	}
	out["model"], out["n"] = model, r.n
	out["max_tokens"], out["max_completion_tokens"] = output, output
	if r.stream {
		out["stream"] = true
		if out["stream_options"] == nil {
			out["stream_options"] = map[string]bool{"include_usage": true}
		}
	}
	return json.Marshal(out)
}
