// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"testing"

	"github.com/stretchr/testify/require"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/gogoproto/proto"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// TestItemErrors: what a chain refused of a batched message is known, whichever
// message it was.
func TestItemErrors(t *testing.T) {
	failed := []markettypes.ItemError{{Index: 3, Codespace: "market", Code: 7, Message: "late"}}
	for _, res := range []proto.Message{
		&markettypes.MsgCommitResponse{Errors: failed}, &markettypes.MsgRevealResponse{Errors: failed}, &markettypes.MsgProveResponse{Errors: failed},
		&markettypes.MsgCommitCaseResponse{Errors: failed}, &markettypes.MsgRevealCaseResponse{Errors: failed},
		&markettypes.MsgCommitVoteResponse{Errors: failed}, &markettypes.MsgRevealVoteResponse{Errors: failed}, &markettypes.MsgRedeemResponse{Errors: failed},
	} {
		t.Run(sdk.MsgTypeURL(res), func(t *testing.T) {
			got, err := itemErrors(data(t, res))
			require.NoError(t, err)
			require.Equal(t, failed, got)
		})
	}
	for name, res := range map[string]*codectypes.Any{
		"no items":     packed(t, &banktypes.MsgSendResponse{}),
		"unknown type": {TypeUrl: "/cupel.market.v9.MsgOther", Value: []byte{1}},
	} {
		t.Run(name, func(t *testing.T) {
			bz, err := proto.Marshal(&sdk.TxMsgData{MsgResponses: []*codectypes.Any{res}})
			require.NoError(t, err)
			got, err := itemErrors(bz)
			require.NoError(t, err)
			require.Empty(t, got)
		})
	}
	_, err := itemErrors([]byte{0xff})
	require.Error(t, err)
}

func packed(t *testing.T, msg proto.Message) *codectypes.Any {
	t.Helper()
	value, err := codectypes.NewAnyWithValue(msg)
	require.NoError(t, err)
	return value
}

func data(t *testing.T, res proto.Message) []byte {
	t.Helper()
	bz, err := proto.Marshal(&sdk.TxMsgData{MsgResponses: []*codectypes.Any{packed(t, res)}})
	require.NoError(t, err)
	return bz
}
