// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// RegisterLegacyAminoCodec registers the messages for amino-json signing.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	legacy.RegisterAminoMsg(cdc, &MsgSubmit{}, "cupel/market/MsgSubmit")
	legacy.RegisterAminoMsg(cdc, &MsgCommit{}, "cupel/market/MsgCommit")
	legacy.RegisterAminoMsg(cdc, &MsgReveal{}, "cupel/market/MsgReveal")
	legacy.RegisterAminoMsg(cdc, &MsgProve{}, "cupel/market/MsgProve")
	legacy.RegisterAminoMsg(cdc, &MsgCommitCase{}, "cupel/market/MsgCommitCase")
	legacy.RegisterAminoMsg(cdc, &MsgRevealCase{}, "cupel/market/MsgRevealCase")
	legacy.RegisterAminoMsg(cdc, &MsgCancel{}, "cupel/market/MsgCancel")
	legacy.RegisterAminoMsg(cdc, &MsgCrank{}, "cupel/market/MsgCrank")
	legacy.RegisterAminoMsg(cdc, &MsgClaim{}, "cupel/market/MsgClaim")
	legacy.RegisterAminoMsg(cdc, &MsgOpenSession{}, "cupel/market/MsgOpenSession")
	legacy.RegisterAminoMsg(cdc, &MsgRedeem{}, "cupel/market/MsgRedeem")
	legacy.RegisterAminoMsg(cdc, &MsgTopUp{}, "cupel/market/MsgTopUp")
	legacy.RegisterAminoMsg(cdc, &MsgCloseSession{}, "cupel/market/MsgCloseSession")
	legacy.RegisterAminoMsg(cdc, &MsgChallenge{}, "cupel/market/MsgChallenge")
	legacy.RegisterAminoMsg(cdc, &MsgAppeal{}, "cupel/market/MsgAppeal")
	legacy.RegisterAminoMsg(cdc, &MsgCommitVote{}, "cupel/market/MsgCommitVote")
	legacy.RegisterAminoMsg(cdc, &MsgRevealVote{}, "cupel/market/MsgRevealVote")
	legacy.RegisterAminoMsg(cdc, &MsgSubmitQuote{}, "cupel/market/MsgSubmitQuote")
	legacy.RegisterAminoMsg(cdc, &MsgAccept{}, "cupel/market/MsgAccept")
	legacy.RegisterAminoMsg(cdc, &MsgReject{}, "cupel/market/MsgReject")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "cupel/market/MsgUpdateParams")
	legacy.RegisterAminoMsg(cdc, &MsgEndParams{}, "cupel/market/MsgEndParams")
}

// RegisterInterfaces registers the messages as sdk.Msg.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgSubmit{}, &MsgCommit{}, &MsgReveal{}, &MsgCommitCase{}, &MsgRevealCase{},
		&MsgCancel{}, &MsgCrank{}, &MsgClaim{}, &MsgUpdateParams{}, &MsgEndParams{},
		&MsgProve{}, &MsgChallenge{}, &MsgAppeal{},
		&MsgCommitVote{}, &MsgRevealVote{}, &MsgSubmitQuote{}, &MsgAccept{}, &MsgReject{},
		&MsgOpenSession{}, &MsgRedeem{}, &MsgTopUp{}, &MsgCloseSession{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &Msg_serviceDesc)
}
