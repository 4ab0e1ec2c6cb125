// SPDX-License-Identifier: Apache-2.0

package app

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
	"pgregory.net/rapid"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/codec/unknownproto"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// TestPlainMessages: the signers of the messages of the hot path are found
// without decoding them again.
func TestPlainMessages(t *testing.T) {
	c, err := newSignerCodec(newApp(t).appCodec)
	require.NoError(t, err)
	for _, name := range []string{"Commit", "Reveal", "CommitCase", "RevealCase", "CommitVote", "RevealVote", "Prove", "Redeem", "Crank"} {
		require.Contains(t, c.plain, "/cupel.market.v1.Msg"+name)
	}
	require.Contains(t, c.plain, "/cupel.oracle.v1.MsgAttest")
	require.NotContains(t, c.plain, "/cupel.market.v1.MsgSubmit", "it holds other texts")
}

// TestSignersAreThoseOfTheSDK: of whatever bytes a transaction can hold, both
// codecs find the same signers or none.
func TestSignersAreThoseOfTheSDK(t *testing.T) {
	cdc := newApp(t).appCodec
	c, err := newSignerCodec(cdc)
	require.NoError(t, err)
	urls := slices.Sorted(maps.Keys(c.plain))
	compared, found := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		url := rapid.SampledFrom(urls).Draw(rt, "message")
		msg := dynamicpb.NewMessage(c.plain[url].signer.ContainingMessage())
		fill(rt, msg, c.plain[url].signer)
		bz, err := proto.Marshal(msg)
		require.NoError(rt, err)
		for range rapid.IntRange(0, 2).Draw(rt, "mutations") {
			if len(bz) > 0 {
				bz[rapid.IntRange(0, len(bz)-1).Draw(rt, "at")] ^= rapid.Byte().Draw(rt, "bits")
			}
		}
		// What a decoder does with a message before anybody asks who signs it.
		packed := &codectypes.Any{TypeUrl: url, Value: bz}
		resolved, err := cdc.InterfaceRegistry().Resolve(url)
		require.NoError(rt, err)
		if _, err := unknownproto.RejectUnknownFields(bz, resolved, true, cdc.InterfaceRegistry()); err != nil {
			return
		}
		var decoded sdk.Msg
		if err := cdc.UnpackAny(packed, &decoded); err != nil {
			return
		}
		compared++
		want, _, wantErr := cdc.GetMsgAnySigners(packed)
		got, asV2, gotErr := c.GetMsgAnySigners(packed)
		require.Equal(rt, want, got)
		require.Equal(rt, wantErr == nil, gotErr == nil, "%v, %v", wantErr, gotErr)
		if wantErr == nil {
			found++
			again, err := cdc.GetMsgV2Signers(asV2) // what the event's sender is made of
			require.NoError(rt, err)
			require.Equal(rt, want, again)
		}
	})
	require.Greater(t, compared, 30)
	require.Greater(t, found, 10)
}

// fill sets the fields of a message at random, the signer mostly to an address.
func fill(rt *rapid.T, msg *dynamicpb.Message, signer protoreflect.FieldDescriptor) {
	fields := msg.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		switch {
		case field == signer:
			msg.Set(field, protoreflect.ValueOfString(rapid.SampledFrom([]string{
				newPerson("anybody").text, newPerson("somebody").text, "nobody", "",
			}).Draw(rt, "signer")))
		case field.IsList():
			list := msg.Mutable(field).List()
			for range rapid.IntRange(0, 2).Draw(rt, "items") {
				list.Append(value(rt, field, list.NewElement(), signer))
			}
		case rapid.Bool().Draw(rt, "set"):
			msg.Set(field, value(rt, field, msg.NewField(field), signer))
		}
	}
}

func value(rt *rapid.T, field protoreflect.FieldDescriptor, empty protoreflect.Value, signer protoreflect.FieldDescriptor) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.MessageKind:
		inner, ok := empty.Message().Interface().(*dynamicpb.Message)
		if !ok {
			rt.Fatalf("%s is no dynamic message", field.FullName())
		}
		fill(rt, inner, signer)
		return empty
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(rapid.SliceOfN(rapid.Byte(), 0, 33).Draw(rt, "bytes"))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(rapid.Bool().Draw(rt, "bool"))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(rapid.Int32().Draw(rt, "enum")))
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(rapid.Uint32().Draw(rt, "number"))
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(rapid.Uint64().Draw(rt, "number"))
	default:
		return empty
	}
}
