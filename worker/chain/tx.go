// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// Broadcast hands a transaction to an endpoint. A nil error means that its
// mempool took it; an *AnswerError that it was refused with a code; any other
// error that nothing is known, as when it is in the mempool already.
func (c *Client) Broadcast(ctx context.Context, tx []byte) error {
	if c.voting() {
		return c.broadcastAll(ctx, tx)
	}
	return c.call(ctx, func(ctx context.Context, e *endpoint) error { return broadcastOne(ctx, e, tx) })
}

func broadcastOne(ctx context.Context, e *endpoint, tx []byte) error {
	res, err := e.rpc.BroadcastTxSync(ctx, tx)
	if err != nil {
		return err
	}
	if res.Code != 0 {
		return &AnswerError{Codespace: res.Codespace, Code: res.Code, Log: res.Log}
	}
	return nil
}

// TxResult is a transaction that is in a block.
type TxResult struct {
	Height    int64
	Codespace string
	Code      uint32
	Log       string
	GasWanted int64
	GasUsed   int64
	// Items are the items of its messages that failed, each alone.
	Items []markettypes.ItemError
}

// Tx looks a transaction up by its hash. It returns ErrNotFound if the endpoint
// does not have it in a block, which a later answer may contradict.
func (c *Client) Tx(ctx context.Context, hash []byte) (TxResult, error) {
	if c.voting() {
		return c.txOfAll(ctx, hash)
	}
	var out TxResult
	found := false
	err := c.call(ctx, func(ctx context.Context, e *endpoint) (err error) {
		out, found, err = txOne(ctx, e, hash)
		return err
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return out, err
}

// txOne reports what one endpoint has of a transaction. A search says that
// there is none with an empty list; the lookup by hash would say it with a text.
func txOne(ctx context.Context, e *endpoint, hash []byte) (out TxResult, found bool, err error) {
	res, err := e.rpc.TxSearch(ctx, fmt.Sprintf("tx.hash='%X'", hash), false, nil, nil, "")
	if err != nil || len(res.Txs) == 0 {
		return out, false, err
	}
	r := res.Txs[0]
	out = TxResult{
		Height: r.Height, Codespace: r.TxResult.Codespace, Code: r.TxResult.Code, Log: r.TxResult.Log,
		GasWanted: r.TxResult.GasWanted, GasUsed: r.TxResult.GasUsed,
	}
	out.Items, err = itemErrors(r.TxResult.Data)
	return out, true, err
}

// itemResponse is a response that lists failed items. The responses of all
// batched messages have the same shape.
type itemResponse interface {
	proto.Message
	GetErrors() []markettypes.ItemError
}

// itemErrors decodes the data of a transaction with one message.
func itemErrors(data []byte) ([]markettypes.ItemError, error) {
	var msgs sdk.TxMsgData
	if err := proto.Unmarshal(data, &msgs); err != nil {
		return nil, fmt.Errorf("decode the result of a transaction: %w", err)
	}
	var all []markettypes.ItemError
	for _, msg := range msgs.MsgResponses {
		res := newItemResponse(msg.TypeUrl)
		if res == nil {
			continue
		}
		if err := proto.Unmarshal(msg.Value, res); err != nil {
			return nil, fmt.Errorf("decode %s: %w", msg.TypeUrl, err)
		}
		all = append(all, res.GetErrors()...)
	}
	return all, nil
}

// newItemResponse returns an empty response of a type, or nil if it lists no items.
func newItemResponse(typeURL string) itemResponse {
	known := proto.MessageType(strings.TrimPrefix(typeURL, "/"))
	if known == nil {
		return nil
	}
	res, _ := reflect.New(known.Elem()).Interface().(itemResponse)
	return res
}
