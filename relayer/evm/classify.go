// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"errors"
	"strings"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/txpool"
	"github.com/ethereum/go-ethereum/rpc"
)

// outcome is what an answer to a sent transaction means.
type outcome int

const (
	// unknown: the transaction may be in flight.
	unknown outcome = iota
	accepted
	// nonceTooLow: another transaction with this nonce was executed.
	nonceTooLow
	// replaceUnderpriced: another transaction with this nonce is in the pool
	// and pays too much to be replaced at this price.
	replaceUnderpriced
	// refused: the transaction was definitely not broadcast.
	refused
)

// texts says what nodes answer to eth_sendRawTransaction. JSON-RPC has one code
// (-32000) for all of it, so that only the text tells; this is the only place
// that reads it. The texts are those of go-ethereum and its descendants, those
// after them of other nodes. Order matters: the first that matches decides.
func texts() []struct {
	text string
	is   outcome
} {
	return []struct {
		text string
		is   outcome
	}{
		{txpool.ErrAlreadyKnown.Error(), accepted},
		{"already imported", accepted},
		{"already in mempool", accepted},
		{"transaction already exists", accepted},
		{core.ErrNonceTooLow.Error(), nonceTooLow},
		{"nonce is too low", nonceTooLow},
		{txpool.ErrReplaceUnderpriced.Error(), replaceUnderpriced},
		{"gas price too low to replace", replaceUnderpriced},
		{txpool.ErrUnderpriced.Error(), refused},
		{txpool.ErrTxGasPriceTooLow.Error(), refused},
		{txpool.ErrInvalidSender.Error(), refused},
		{txpool.ErrGasLimit.Error(), refused},
		{txpool.ErrOversizedData.Error(), refused},
		{txpool.ErrAccountLimitExceeded.Error(), refused},
		{core.ErrInsufficientFundsForTransfer.Error(), refused},
		{"insufficient funds", refused},
		{core.ErrIntrinsicGas.Error(), refused},
		{core.ErrTipAboveFeeCap.Error(), refused},
		{core.ErrFeeCapTooLow.Error(), refused},
		{core.ErrGasLimitTooHigh.Error(), refused},
		{core.ErrSenderNoEOA.Error(), refused},
		{"max fee per gas less than", refused},
		{"exceeds the configured cap", refused},
		{"invalid chain id", refused},
		{"invalid signature", refused},
	}
}

// judge returns what the answer to a sent transaction means. Whatever it does
// not know, and everything that is no answer of a node, is unknown.
func judge(err error) outcome {
	if err == nil {
		return accepted
	}
	var answer rpc.Error
	if !errors.As(err, &answer) {
		return unknown
	}
	got := strings.ToLower(answer.Error())
	for _, known := range texts() {
		if strings.Contains(got, known.text) {
			return known.is
		}
	}
	return unknown
}

// codeReverted is the JSON-RPC code of an execution that reverted.
const codeReverted = 3

// revertData returns the data of an execution that reverted, and whether the
// error is such an answer: it is the same at every honest endpoint.
func revertData(err error) ([]byte, bool) {
	var answer rpc.Error
	reverted := errors.As(err, &answer) && answer.ErrorCode() == codeReverted
	var withData rpc.DataError
	if !errors.As(err, &withData) {
		return nil, reverted
	}
	text, _ := withData.ErrorData().(string)
	data, malformed := hexutil.Decode(text)
	if malformed != nil {
		return nil, reverted
	}
	return data, true
}
