// SPDX-License-Identifier: Apache-2.0

package session

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestRequest(t *testing.T) {
	user := `"messages":[{"role":"user","content":"hi"}]`
	tests := map[string]struct {
		body  string
		param string
		// text of the prompt if the call is good.
		text uint64
	}{
		"plain":              {body: `{"model":"m",` + user + `}`, text: 2},
		"parts":              {body: `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"hé"},{"type":"text","text":""}]}]}`, text: 3},
		"tool call":          {body: `{"model":"m","messages":[{"role":"assistant","content":null,"tool_calls":[1]}]}`, text: 3},
		"tools":              {body: `{"model":"m","tools":[{"type":"function"}],` + user + `}`, text: 2 + 21},
		"limits":             {body: `{"model":"m","n":8,"max_tokens":5,"max_completion_tokens":3,` + user + `}`, text: 2},
		"null limits":        {body: `{"model":"m","n":null,"max_tokens":null,"stream":null,` + user + `}`, text: 2},
		"empty":              {body: ``},
		"not an object":      {body: `[]`},
		"null":               {body: `null`},
		"two values":         {body: `{"model":"m",` + user + `}{}`},
		"cut off":            {body: `{"model":"m",` + user},
		"bad UTF-8":          {body: "{\"model\":\"m\xff\"," + user + "}"},
		"deep":               {body: `{"model":"m","x":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `,` + user + `}`},
		"no model":           {body: `{` + user + `}`, param: "model"},
		"model is a number":  {body: `{"model":1,` + user + `}`, param: "model"},
		"other letter case":  {body: `{"Model":"m",` + user + `}`, param: "model"},
		"stream is a string": {body: `{"model":"m","stream":"yes",` + user + `}`, param: "stream"},
		"bad options":        {body: `{"model":"m","stream_options":[],` + user + `}`, param: "stream_options"},
		"n is 0":             {body: `{"model":"m","n":0,` + user + `}`, param: "n"},
		"n is 9":             {body: `{"model":"m","n":9,` + user + `}`, param: "n"},
		"n is a fraction":    {body: `{"model":"m","n":1.5,` + user + `}`, param: "n"},
		"no tokens":          {body: `{"model":"m","max_tokens":0,` + user + `}`, param: "max_tokens"},
		"negative tokens":    {body: `{"model":"m","max_completion_tokens":-1,` + user + `}`, param: "max_completion_tokens"},
		"no messages":        {body: `{"model":"m","messages":[]}`, param: "messages"},
		"message is text":    {body: `{"model":"m","messages":["hi"]}`, param: "messages"},
		"no role":            {body: `{"model":"m","messages":[{"content":"hi"}]}`, param: "messages"},
		"an image":           {body: `{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://10.0.0.1/"}}]}]}`, param: "messages"},
		"a hidden image":     {body: `{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","Type":"text","text":"","image_url":{"url":"http://10.0.0.1/"}}]}]}`, param: "messages"},
		"content is number":  {body: `{"model":"m","messages":[{"role":"user","content":1}]}`, param: "messages"},
		"part without text":  {body: `{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}`, param: "messages"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r, problem := parseRequest([]byte(tc.body))
			if tc.text > 0 {
				require.Nil(t, problem)
				require.Equal(t, tc.text, r.text)
				return
			}
			require.NotNil(t, problem)
			require.Equal(t, 400, problem.Status)
			if tc.param != "" {
				require.NotNil(t, problem.Param)
				require.Equal(t, tc.param, *problem.Param)
			}
		})
	}
}

// TestDropped shows that fields of one server, which would lift a limit, do
// not reach it.
func TestDropped(t *testing.T) {
	r, problem := parseRequest([]byte(`{"model":"m","n_predict":99999,"max_tokens":5,"chat_template":"{{x}}","ignore_eos":true,"seed":3,
		"messages":[{"role":"user","content":"hi","image":"x"}]}`))
	require.Nil(t, problem)
	body, err := r.upstream("up", 5)
	require.NoError(t, err)
	require.JSONEq(t, `{"model":"up","n":1,"max_tokens":5,"max_completion_tokens":5,"seed":3,"messages":[{"role":"user","content":"hi"}]}`, string(body))
}

// FuzzRequest: whatever is taken can be encoded again, is taken again, and its
// bound covers its text.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		hello, noLimit, `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"n":2,"stream":true}`,
		`{"model":"m","messages":[{"role":"tool","tool_call_id":"1","content":"\u0000\ud800"}],"tools":[{}],"max_tokens":1e3}`, `[[[[`, `{"model":"m","messages":[{}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, problem := parseRequest(body)
		if problem != nil {
			if problem.Status != 400 || !json.Valid(problem.body()) {
				t.Fatalf("%+v", problem)
			}
			return
		}
		if r.bound < r.text+perPrompt || r.n < 1 || r.n > maxChoices {
			t.Fatalf("%+v", r)
		}
		out, err := r.upstream(r.model, 7)
		if err != nil || !utf8.Valid(out) {
			t.Fatalf("%v: %q", err, out)
		}
		again, problem := parseRequest(out)
		if problem != nil {
			t.Fatalf("%v: %q", problem, out)
		}
		if again.model != r.model || again.n != r.n || again.stream != r.stream || again.output != 7 {
			t.Fatalf("%+v is not %+v", again, r)
		}
	})
}
