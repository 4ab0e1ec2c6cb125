// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"cosmossdk.io/api/amino"
	msgv1 "cosmossdk.io/api/cosmos/msg/v1"
	"cosmossdk.io/x/tx/signing/aminojson"
	"github.com/stretchr/testify/require"
	protov2 "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	clienttx "github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/gogoproto/proto"
)

// maxAminoName is the longest name that a hardware wallet's codec accepts.
const maxAminoName = 39

// unordered returns a signed transfer of one ucupel that is valid until the
// timeout and uses no sequence.
func (c *chain) unordered(to sdk.AccAddress, timeout time.Time) []byte {
	c.t.Helper()
	from := sdk.AccAddress(c.signer.PubKey().Address())
	builder := c.app.TxConfig().NewTxBuilder()
	require.NoError(c.t, builder.SetMsgs(banktypes.NewMsgSend(from, to, coins(1))))
	builder.SetGasLimit(200_000)
	builder.SetFeeAmount(coins(200))
	builder.SetUnordered(true)
	builder.SetTimeoutTimestamp(timeout)

	account := c.app.AccountKeeper.GetAccount(c.app.NewContext(true), from)
	signer := authsigning.SignerData{
		Address: from.String(), ChainID: testChainID, AccountNumber: account.GetAccountNumber(), PubKey: c.signer.PubKey(),
	}
	mode := signing.SignMode_SIGN_MODE_DIRECT
	require.NoError(c.t, builder.SetSignatures(signing.SignatureV2{
		PubKey: c.signer.PubKey(), Data: &signing.SingleSignatureData{SignMode: mode},
	}))
	signature, err := clienttx.SignWithPrivKey(context.Background(), mode, signer, builder, c.signer, c.app.TxConfig(), 0)
	require.NoError(c.t, err)
	require.NoError(c.t, builder.SetSignatures(signature))
	tx, err := c.app.TxConfig().TxEncoder()(builder.GetTx())
	require.NoError(c.t, err)
	return tx
}

func TestUnorderedTransactions(t *testing.T) {
	c := newChain(t)
	c.block()
	to := sdk.AccAddress("to-address-of-20-byt")
	received := func() int64 {
		return c.app.BankKeeper.GetBalance(c.app.NewContext(true), to, BaseDenom).Amount.Int64()
	}

	tx := c.unordered(to, c.now.Add(time.Minute))
	require.Zero(t, c.block(tx).TxResults[0].Code)
	require.EqualValues(t, 1, received())

	replay := c.block(tx).TxResults[0]
	require.EqualValues(t, sdkerrors.ErrInvalidRequest.ABCICode(), replay.Code, replay.Log)
	require.EqualValues(t, 1, received())

	// Another timeout is another transaction, without any sequence between.
	other := c.block(c.unordered(to, c.now.Add(2*time.Minute)), c.unordered(to, c.now.Add(3*time.Minute)))
	require.Zero(t, other.TxResults[0].Code, other.TxResults[0].Log)
	require.Zero(t, other.TxResults[1].Code, other.TxResults[1].Log)
	require.EqualValues(t, 3, received())

	tooLate := c.block(c.unordered(to, c.now.Add(time.Hour))).TxResults[0]
	require.NotZero(t, tooLate.Code)
	require.EqualValues(t, 3, received())
}

// ownMessages returns every message that a Msg service of ours takes.
func ownMessages(t testing.TB) []protoreflect.MessageDescriptor {
	t.Helper()
	files, err := proto.MergedRegistry()
	require.NoError(t, err)
	var messages []protoreflect.MessageDescriptor
	files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(file.Package()), "cupel.") {
			return true
		}
		services := file.Services()
		for i := range services.Len() {
			service := services.Get(i)
			if isService, _ := protov2.GetExtension(service.Options(), msgv1.E_Service).(bool); !isService {
				continue
			}
			for j := range service.Methods().Len() {
				messages = append(messages, service.Methods().Get(j).Input())
			}
		}
		return true
	})
	require.NotEmpty(t, messages)
	return messages
}

// TestMessagesCanBeSignedOnALedger asserts that each of our messages has a
// signer, a name that fits and sign bytes in amino-json.
func TestMessagesCanBeSignedOnALedger(t *testing.T) {
	names := map[string]protoreflect.FullName{}
	encoder := aminojson.NewEncoder(aminojson.EncoderOptions{})
	for _, message := range ownMessages(t) {
		name, _ := protov2.GetExtension(message.Options(), amino.E_Name).(string)
		require.NotEmpty(t, name, "%s has no amino.name", message.FullName())
		require.LessOrEqual(t, len(name), maxAminoName, "the amino.name of %s is too long", message.FullName())
		require.Empty(t, names[name], "%s and %s share an amino.name", message.FullName(), names[name])
		names[name] = message.FullName()

		signers, _ := protov2.GetExtension(message.Options(), msgv1.E_Signer).([]string)
		require.NotEmpty(t, signers, "%s has no cosmos.msg.v1.signer", message.FullName())

		empty := dynamicpb.NewMessage(message)
		setNested(empty)
		text, err := encoder.Marshal(empty)
		require.NoError(t, err, message.FullName())
		var signed struct {
			Type  string          `json:"type"`
			Value json.RawMessage `json:"value"`
		}
		require.NoError(t, json.Unmarshal(text, &signed))
		require.Equal(t, name, signed.Type)
	}
}

// setNested sets every nested message that the encoder does not omit.
func setNested(m protoreflect.Message) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if field.Message() == nil || field.IsList() || field.ContainingOneof() != nil {
			continue
		}
		if keep, _ := protov2.GetExtension(field.Options(), amino.E_DontOmitempty).(bool); keep {
			setNested(m.Mutable(field).Message())
		}
	}
}

func TestSignModes(t *testing.T) {
	modes := newApp(t).TxConfig().SignModeHandler().SupportedModes()
	var names []string
	for _, mode := range modes {
		names = append(names, mode.String())
	}
	require.Contains(t, names, "SIGN_MODE_LEGACY_AMINO_JSON")
	require.Contains(t, names, "SIGN_MODE_TEXTUAL")
}
