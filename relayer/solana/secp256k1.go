// SPDX-License-Identifier: Apache-2.0

package solana

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// maxSignatures is how many signatures fit a transaction with a record.
const maxSignatures = 8

// Sizes in the data of an instruction of the secp256k1 native program.
const (
	offsetsSize   = 11
	addressSize   = 20
	signatureSize = 65
	messageSize   = 66
)

// secpData returns the data of the secp256k1 instruction at an index of its
// transaction: a count, the offsets, addresses with signatures, and one message
// that all of them sign. All three instruction indices point to itself.
func secpData(index uint8, message []byte, signed []checkpoint.Signed) []byte {
	at := 1 + len(signed)*offsetsSize
	messageAt := at + len(signed)*(addressSize+signatureSize)
	out := make([]byte, 0, messageAt+len(message))
	out = append(out, byte(len(signed)))
	for range signed {
		out = binary.LittleEndian.AppendUint16(out, uint16(at+addressSize))
		out = append(out, index)
		out = binary.LittleEndian.AppendUint16(out, uint16(at))
		out = append(out, index)
		out = binary.LittleEndian.AppendUint16(out, uint16(messageAt))
		out = binary.LittleEndian.AppendUint16(out, uint16(len(message)))
		out = append(out, index)
		at += addressSize + signatureSize
	}
	for _, s := range signed {
		out = append(out, s.Address[:]...)
		out = append(out, s.Signature[:64]...)
		out = append(out, s.Signature[64]-27) // the program takes the recovery id
	}
	return append(out, message...)
}

// parseSecp reads what secpData wrote. Any other layout is refused: offsets or
// indices that point elsewhere would let the runtime check other bytes than
// those read here.
func parseSecp(index uint8, data []byte) (message []byte, signed []checkpoint.Signed, err error) {
	if len(data) == 0 {
		return nil, nil, reject(ReasonLayout, "secp256k1 instruction without data")
	}
	count := int(data[0])
	at := 1 + count*offsetsSize
	messageAt := at + count*(addressSize+signatureSize)
	if count == 0 || count > maxSignatures || len(data) != messageAt+messageSize {
		return nil, nil, reject(ReasonLayout, fmt.Sprintf("%d signatures in %d bytes", count, len(data)))
	}
	for i := range count {
		offsets := data[1+i*offsetsSize:]
		if offsets[2] != index || offsets[5] != index || offsets[10] != index {
			return nil, nil, reject(ReasonIndex, fmt.Sprintf("signature %d is checked against another instruction than %d", i, index))
		}
		member := data[at+i*(addressSize+signatureSize):]
		signature := checkpoint.Signature(member[addressSize : addressSize+signatureSize])
		if signature[64] > 1 {
			return nil, nil, reject(ReasonLayout, fmt.Sprintf("recovery id %d is not 0 or 1", signature[64]))
		}
		signature[64] += 27
		signed = append(signed, checkpoint.Signed{Address: checkpoint.Address(member[:addressSize]), Signature: signature})
	}
	message = data[messageAt:]
	if !bytes.Equal(secpData(index, message, signed), data) {
		return nil, nil, reject(ReasonLayout, "offsets are not those of a record")
	}
	return message, signed, nil
}
