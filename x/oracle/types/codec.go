// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// RegisterInterfaces registers the module's messages.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgUpdateParams{}, &MsgRegisterAttestor{}, &MsgRotateAttestorKey{},
		&MsgAttest{}, &MsgSubmitEvidence{}, &MsgForceSeal{}, &MsgBeacon{},
		&MsgRegisterCircuit{}, &MsgAuditCircuit{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}

// RegisterLegacyAminoCodec registers the names under which a hardware wallet
// signs the module's messages.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "cupel/oracle/MsgUpdateParams")
	legacy.RegisterAminoMsg(cdc, &MsgRegisterAttestor{}, "cupel/oracle/MsgRegisterAttestor")
	legacy.RegisterAminoMsg(cdc, &MsgRotateAttestorKey{}, "cupel/oracle/MsgRotateAttestorKey")
	legacy.RegisterAminoMsg(cdc, &MsgAttest{}, "cupel/oracle/MsgAttest")
	legacy.RegisterAminoMsg(cdc, &MsgSubmitEvidence{}, "cupel/oracle/MsgSubmitEvidence")
	legacy.RegisterAminoMsg(cdc, &MsgForceSeal{}, "cupel/oracle/MsgForceSeal")
	legacy.RegisterAminoMsg(cdc, &MsgBeacon{}, "cupel/oracle/MsgBeacon")
	legacy.RegisterAminoMsg(cdc, &MsgRegisterCircuit{}, "cupel/oracle/MsgRegisterCircuit")
	legacy.RegisterAminoMsg(cdc, &MsgAuditCircuit{}, "cupel/oracle/MsgAuditCircuit")
	cdc.RegisterConcrete(&Params{}, "cupel/x/oracle/Params", nil)
}
