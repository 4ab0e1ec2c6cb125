// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// RegisterLegacyAminoCodec registers the names under which a hardware wallet
// signs the messages.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	cdc.RegisterConcrete(Params{}, "cupel/x/registry/Params", nil)
	legacy.RegisterAminoMsg(cdc, &MsgRegister{}, "cupel/registry/MsgRegister")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateProvider{}, "cupel/registry/MsgUpdateProvider")
	legacy.RegisterAminoMsg(cdc, &MsgRotateWorker{}, "cupel/registry/MsgRotateWorker")
	legacy.RegisterAminoMsg(cdc, &MsgBond{}, "cupel/registry/MsgBond")
	legacy.RegisterAminoMsg(cdc, &MsgUnbond{}, "cupel/registry/MsgUnbond")
	legacy.RegisterAminoMsg(cdc, &MsgHeartbeat{}, "cupel/registry/MsgHeartbeat")
	legacy.RegisterAminoMsg(cdc, &MsgDrain{}, "cupel/registry/MsgDrain")
	legacy.RegisterAminoMsg(cdc, &MsgUnjail{}, "cupel/registry/MsgUnjail")
	legacy.RegisterAminoMsg(cdc, &MsgDeregister{}, "cupel/registry/MsgDeregister")
	legacy.RegisterAminoMsg(cdc, &MsgAddClass{}, "cupel/registry/MsgAddClass")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "cupel/registry/MsgUpdateParams")
	legacy.RegisterAminoMsg(cdc, &MsgCreateModel{}, "cupel/registry/MsgCreateModel")
	legacy.RegisterAminoMsg(cdc, &MsgPublishVersion{}, "cupel/registry/MsgPublishVersion")
	legacy.RegisterAminoMsg(cdc, &MsgForkModel{}, "cupel/registry/MsgForkModel")
	legacy.RegisterAminoMsg(cdc, &MsgMergeModels{}, "cupel/registry/MsgMergeModels")
	legacy.RegisterAminoMsg(cdc, &MsgRollbackModel{}, "cupel/registry/MsgRollbackModel")
	legacy.RegisterAminoMsg(cdc, &MsgSignVersion{}, "cupel/registry/MsgSignVersion")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateModel{}, "cupel/registry/MsgUpdateModel")
	legacy.RegisterAminoMsg(cdc, &MsgTransferModel{}, "cupel/registry/MsgTransferModel")
}

// RegisterInterfaces registers the messages with the interface registry.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgRegister{},
		&MsgUpdateProvider{},
		&MsgRotateWorker{},
		&MsgBond{},
		&MsgUnbond{},
		&MsgHeartbeat{},
		&MsgDrain{},
		&MsgUnjail{},
		&MsgDeregister{},
		&MsgAddClass{},
		&MsgUpdateParams{},
		&MsgCreateModel{},
		&MsgPublishVersion{},
		&MsgForkModel{},
		&MsgMergeModels{},
		&MsgRollbackModel{},
		&MsgSignVersion{},
		&MsgUpdateModel{},
		&MsgTransferModel{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
