// SPDX-License-Identifier: Apache-2.0

package memo_test

import (
	"errors"
	"testing"

	"cosmossdk.io/collections"
	"cosmossdk.io/collections/codec"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/x/internal/memo"
)

// counted counts what it decodes, and refuses an empty text.
type counted struct {
	codec.ValueCodec[string]
	n *int
}

func (c counted) Decode(raw []byte) (string, error) {
	*c.n++
	if len(raw) == 0 {
		return "", errors.New("empty")
	}
	return string(raw), nil
}

func TestDecodesOnce(t *testing.T) {
	n := 0
	c := memo.Of[string](counted{collections.StringValue, &n})
	raw := []byte("params")
	for range 3 {
		value, err := c.Decode(raw)
		require.NoError(t, err)
		require.Equal(t, "params", value)
	}
	require.Equal(t, 1, n)
	raw[0] = 'q' // what the store does with its bytes later is its own
	value, err := c.Decode([]byte("params"))
	require.NoError(t, err)
	require.Equal(t, "params", value)
	require.Equal(t, 1, n)
	for range 2 {
		_, err := c.Decode(nil)
		require.Error(t, err)
	}
	require.Equal(t, 3, n, "an error is not remembered")
}

// TestEqualsItsCodec: whatever came before, the value is that of the bytes.
func TestEqualsItsCodec(t *testing.T) {
	c := memo.Of(collections.StringValue)
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.StringN(0, 3, -1).Draw(t, "text")
		raw, err := c.Encode(want)
		require.NoError(t, err)
		got, err := c.Decode(raw)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}
