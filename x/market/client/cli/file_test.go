// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/market/types"
)

const submitYAML = `
class: wasm/v1-amd64
manifest: AQID
count: 2
policy: POLICY_REDUNDANT
comparator: COMPARATOR_EXACT
limits: {units: 20000000000, memory_mib: 256}
requirements:
  region: eu-west
max_price: 9007199254740992
`

func TestParseMessage(t *testing.T) {
	var msg types.MsgSubmit
	require.NoError(t, parseMessage([]byte(submitYAML), &msg))
	require.Equal(t, types.MsgSubmit{
		Class: "wasm/v1-amd64", Manifest: []byte{1, 2, 3}, Count: 2,
		Policy: types.PolicyRedundant, Comparator: types.ComparatorExact,
		Limits:       types.Limits{Units: 20_000_000_000, MemoryMib: 256},
		Requirements: types.Requirements{Region: "eu-west"}, MaxPrice: 1 << 53,
	}, msg)

	var reveal types.MsgReveal
	require.NoError(t, parseMessage([]byte(`{"lots":[{"batch":"7","lot":1,"salt":"AQ==","results":[{"outcome":1,"units":"5"}]}]}`), &reveal))
	require.Equal(t, uint64(5), reveal.Lots[0].Results[0].Units)
}

func TestParseMessageRefuses(t *testing.T) {
	tests := map[string]string{
		"unknown field":        "class: a\nklass: b\n",
		"unknown nested field": "limits: {fuel: 1}\n",
		"key twice":            "class: a\nclass: b\n",
		"second document":      "class: a\n---\nclass: b\n",
		"list":                 "- a\n",
		"text":                 "hello",
		"empty":                "",
		"wrong type":           "count: many\n",
		"negative":             "count: -1\n",
		"tab":                  "limits:\n\tunits: 1\n",
		"bad base64":           "manifest: '***'\n",
		"unknown policy":       "policy: POLICY_FAITH\n",
		"key that is no text":  "1: a\nlimits: {2: 3}\n",
		"too large":            "class: " + strings.Repeat("a", maxFileBytes),
		"alias bomb":           bomb(),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			require.Error(t, parseMessage([]byte(text), &types.MsgSubmit{}))
		})
	}
}

func bomb() string {
	text := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 10; i++ {
		prev := "*a" + string(rune('0'+i-1))
		text += "a" + string(rune('0'+i)) + ": &a" + string(rune('0'+i)) + " [" + strings.Repeat(prev+",", 9) + prev + "]\n"
	}
	return text
}

func TestReadMessage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "msg.yaml")
	require.NoError(t, os.WriteFile(path, []byte(submitYAML), 0o600))
	require.NoError(t, readMessage(path, nil, &types.MsgSubmit{}))
	require.NoError(t, readMessage("-", bytes.NewBufferString(submitYAML), &types.MsgSubmit{}))
	require.ErrorIs(t, readMessage(path+"x", nil, &types.MsgSubmit{}), os.ErrNotExist)
	require.ErrorContains(t, readMessage("-", bytes.NewBufferString("x: 1"), &types.MsgSubmit{}), "-: ")
}

func TestEveryCommandHasAnExample(t *testing.T) {
	root := NewTxCmd()
	require.Len(t, root.Commands(), 8)
	for _, cmd := range root.Commands() {
		require.NotEmpty(t, cmd.Example, cmd.Name())
		require.NotEmpty(t, cmd.Long, cmd.Name())
	}
}
