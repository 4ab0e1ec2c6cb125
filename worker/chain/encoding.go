// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"cosmossdk.io/x/tx/signing"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	signingtypes "github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	"github.com/cosmos/gogoproto/proto"

	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Prefix of account addresses and coin type of keys.
const (
	Prefix   = "cupel"
	CoinType = 118
	// Denom is the base denom of fees and bonds.
	Denom = "ucupel"
)

// Encoding is what it takes to write transactions of the worker.
type Encoding struct {
	Codec    codec.Codec
	TxConfig client.TxConfig
}

// NewEncoding knows the messages that a worker sends and no others.
func NewEncoding() (Encoding, error) {
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          address.NewBech32Codec(Prefix),
			ValidatorAddressCodec: address.NewBech32Codec(Prefix + "valoper"),
		},
	})
	if err != nil {
		return Encoding{}, err
	}
	cryptocodec.RegisterInterfaces(registry)
	registrytypes.RegisterInterfaces(registry)
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&markettypes.MsgCommit{}, &markettypes.MsgReveal{}, &markettypes.MsgCommitCase{}, &markettypes.MsgRevealCase{})
	cdc := codec.NewProtoCodec(registry)
	txConfig, err := authtx.NewTxConfigWithOptions(cdc, authtx.ConfigOptions{
		EnabledSignModes: []signingtypes.SignMode{signingtypes.SignMode_SIGN_MODE_DIRECT},
	})
	return Encoding{Codec: cdc, TxConfig: txConfig}, err
}

// FormatAddress returns the bech32 form of an account address.
func FormatAddress(addr []byte) (string, error) {
	return address.NewBech32Codec(Prefix).BytesToString(addr)
}

// ParseAddress returns the bytes of a bech32 account address.
func ParseAddress(text string) ([]byte, error) {
	return address.NewBech32Codec(Prefix).StringToBytes(text)
}
