// SPDX-License-Identifier: Apache-2.0

package app

import (
	"reflect"
	"slices"
	"strings"

	msgv1 "cosmossdk.io/api/cosmos/msg/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// signerCodec finds the signers of batched messages without decoding them
// again. The SDK decodes a message with gogoproto, and then a second time into
// a dynamic message to read one field of it: for a reveal of a hundred lots
// that is half of CheckTx. All that the second decoding adds is that texts are
// valid UTF-8, so this codec leaves it out where the signer is the only text.
type signerCodec struct {
	codec.Codec
	plain map[string]plainMessage
}

// plainMessage is a type of message whose signer is its only text.
type plainMessage struct {
	dynamic protoreflect.MessageType
	signer  protoreflect.FieldDescriptor
	// goType is the pointer type of the decoded message, field the index of the
	// signer in it.
	goType reflect.Type
	field  int
}

func newSignerCodec(cdc codec.Codec) (*signerCodec, error) {
	c := &signerCodec{Codec: cdc, plain: map[string]plainMessage{}}
	registry := cdc.InterfaceRegistry()
	for _, url := range registry.ListImplementations(sdk.MsgInterfaceProtoName) {
		if !strings.HasPrefix(url, "/cupel.") {
			continue
		}
		found, err := registry.FindDescriptorByName(protoreflect.FullName(strings.TrimPrefix(url, "/")))
		if err != nil {
			return nil, err
		}
		desc, ok := found.(protoreflect.MessageDescriptor)
		if !ok {
			continue
		}
		value, err := registry.Resolve(url)
		if err != nil {
			return nil, err
		}
		signer := onlyText(desc)
		if field := fieldOf(reflect.TypeOf(value), signer); field >= 0 {
			c.plain[url] = plainMessage{dynamicpb.NewMessageType(desc), signer, reflect.TypeOf(value), field}
		}
	}
	return c, nil
}

// GetMsgAnySigners implements codec.Codec. The message that it returns holds
// the signer only, which is all that is read from it.
func (c *signerCodec) GetMsgAnySigners(msg *codectypes.Any) ([][]byte, proto.Message, error) {
	plain, known := c.plain[msg.TypeUrl]
	value := reflect.ValueOf(msg.GetCachedValue())
	if !known || !value.IsValid() || value.Type() != plain.goType {
		return c.Codec.GetMsgAnySigners(msg)
	}
	dynamic := plain.dynamic.New()
	if text := value.Elem().Field(plain.field).String(); text != "" {
		dynamic.Set(plain.signer, protoreflect.ValueOfString(text))
	}
	signers, err := c.GetMsgV2Signers(dynamic.Interface())
	return signers, dynamic.Interface(), err
}

// onlyText returns the field of a message that names its signer if there is no
// other text in it, else nil.
func onlyText(desc protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	names, ok := proto.GetExtension(desc.Options(), msgv1.E_Signer).([]string)
	if !ok || len(names) != 1 {
		return nil
	}
	signer := desc.Fields().ByName(protoreflect.Name(names[0]))
	if signer == nil || signer.Kind() != protoreflect.StringKind || signer.Cardinality() == protoreflect.Repeated {
		return nil
	}
	if countTexts(desc, nil) != 1 {
		return nil
	}
	return signer
}

// countTexts counts the text fields of a message and of those in it. Messages
// that hold themselves, maps and extensions count as more than one.
func countTexts(desc protoreflect.MessageDescriptor, within []protoreflect.FullName) int {
	const many = 2
	if slices.Contains(within, desc.FullName()) || desc.ExtensionRanges().Len() > 0 {
		return many
	}
	within = append(within, desc.FullName())
	n := 0
	for i := range desc.Fields().Len() {
		switch field := desc.Fields().Get(i); {
		case field.IsMap():
			n += many
		case field.Kind() == protoreflect.StringKind:
			n++
		case field.Message() != nil:
			n += countTexts(field.Message(), within)
		}
	}
	return n
}

// fieldOf returns the index of a field in the struct that gogoproto generated
// for its message, or -1.
func fieldOf(pointer reflect.Type, field protoreflect.FieldDescriptor) int {
	if field == nil || pointer.Kind() != reflect.Pointer || pointer.Elem().Kind() != reflect.Struct {
		return -1
	}
	for i := range pointer.Elem().NumField() {
		f := pointer.Elem().Field(i)
		tag := strings.Split(f.Tag.Get("protobuf"), ",")
		if f.Type.Kind() == reflect.String && slices.Contains(tag, "name="+string(field.Name())) {
			return i
		}
	}
	return -1
}
