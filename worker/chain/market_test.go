// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

func TestPayments(t *testing.T) {
	event := func(kind, task, ids, amounts string) abci.Event {
		return abci.Event{Type: kind, Attributes: []abci.EventAttribute{
			{Key: markettypes.AttrTaskID, Value: task}, {Key: markettypes.AttrProviders, Value: ids}, {Key: markettypes.AttrAmounts, Value: amounts},
		}}
	}
	settled, fees := markettypes.EventTaskSettled, markettypes.EventCasePaid
	tests := map[string]struct {
		events []abci.Event
		want   map[uint64]uint64
		err    error
	}{
		"none":                {nil, map[uint64]uint64{}, nil},
		"one of two":          {[]abci.Event{event(fees, "4096", "3,7", "10,20")}, map[uint64]uint64{4096: 20}, nil},
		"of two tasks":        {[]abci.Event{event(fees, "1", "7", "1"), event(fees, "2", "7", "2")}, map[uint64]uint64{1: 1, 2: 2}, nil},
		"of another kind":     {[]abci.Event{event(settled, "4096", "7", "20")}, map[uint64]uint64{}, nil},
		"of another provider": {[]abci.Event{event(fees, "4096", "77", "20")}, map[uint64]uint64{}, nil},
		"without payments":    {[]abci.Event{event(fees, "4096", "", "")}, map[uint64]uint64{}, nil},
		"a task that is not":  {[]abci.Event{event(fees, "x", "7", "20")}, map[uint64]uint64{}, nil},
		"lists that differ":   {[]abci.Event{event(fees, "4096", "3,7", "10")}, nil, errLists},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := payments(tc.events, fees, 7)
			require.ErrorIs(t, err, tc.err)
			require.Equal(t, tc.want, got)
		})
	}
}
