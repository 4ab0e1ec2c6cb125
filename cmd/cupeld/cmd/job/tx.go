// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	rpcclient "github.com/cometbft/cometbft/rpc/client"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"
	"github.com/spf13/pflag"

	"github.com/cosmos/cosmos-sdk/client"
	nodeservice "github.com/cosmos/cosmos-sdk/client/grpc/node"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// inclusionTimeout is how long a broadcast transaction is looked for.
const inclusionTimeout = 90 * time.Second

// broadcaster is the sender over a client context.
type broadcaster struct {
	ctx   client.Context
	flags *pflag.FlagSet

	factory  tx.Factory
	prepared bool
}

// From implements sender.
func (b *broadcaster) From() string { return b.ctx.GetFromAddress().String() }

// Unsigned implements sender.
func (b *broadcaster) Unsigned(msg sdk.Msg) (bool, error) {
	if !b.ctx.GenerateOnly {
		return false, nil
	}
	factory, err := tx.NewFactoryCLI(b.ctx, b.flags)
	if err != nil {
		return true, exit.Usage(err)
	}
	return true, factory.PrintUnsignedTx(b.ctx, msg)
}

// Estimate implements sender. With a gas limit in the flags nothing is simulated.
func (b *broadcaster) Estimate(ctx context.Context, msg sdk.Msg) (uint64, sdk.Coins, error) {
	factory, err := tx.NewFactoryCLI(b.ctx, b.flags)
	if err != nil {
		return 0, nil, exit.Usage(err)
	}
	if factory, err = factory.Prepare(b.ctx); err != nil {
		return 0, nil, err
	}
	if factory.Fees().IsZero() && factory.GasPrices().IsZero() {
		factory = factory.WithGasPrices(b.minGasPrice(ctx))
	}
	if factory.SimulateAndExecute() || factory.Gas() == 0 {
		used, err := b.simulate(ctx, factory, msg)
		if err != nil {
			return 0, nil, err
		}
		factory = factory.WithGas(uint64(factory.GasAdjustment() * float64(used)))
	}
	b.factory, b.prepared = factory, true
	unsigned, err := factory.BuildUnsignedTx(msg)
	if err != nil {
		return 0, nil, err
	}
	return factory.Gas(), unsigned.GetTx().GetFee(), nil
}

// minGasPrice is what the node asks for in the base denom; nothing if it does
// not say.
func (b *broadcaster) minGasPrice(ctx context.Context) string {
	res, err := nodeservice.NewServiceClient(b.ctx).Config(ctx, &nodeservice.ConfigRequest{})
	if err != nil {
		return ""
	}
	prices, err := sdk.ParseDecCoins(res.MinimumGasPrice)
	if err != nil {
		return ""
	}
	if price := prices.AmountOf(markettypes.BaseDenom); price.IsPositive() {
		return sdk.NewDecCoinFromDec(markettypes.BaseDenom, price).String()
	}
	return ""
}

// simulate asks the node directly: through the service of the SDK the code of
// an error is lost.
func (b *broadcaster) simulate(ctx context.Context, factory tx.Factory, msg sdk.Msg) (uint64, error) {
	bz, err := factory.BuildSimTx(msg)
	if err != nil {
		return 0, err
	}
	node, err := b.ctx.GetNode()
	if err != nil {
		return 0, err
	}
	res, err := node.ABCIQueryWithOptions(ctx, "/app/simulate", bz, rpcclient.ABCIQueryOptions{})
	if err != nil {
		return 0, err
	}
	if r := res.Response; r.Code != 0 {
		return 0, refusal(r.Codespace, r.Code, r.Log)
	}
	var answer struct {
		GasInfo struct {
			GasUsed string `json:"gas_used"`
		} `json:"gas_info"`
	}
	if err := json.Unmarshal(res.Response.Value, &answer); err != nil {
		return 0, fmt.Errorf("read the answer to the simulation: %w", err)
	}
	return strconv.ParseUint(answer.GasInfo.GasUsed, 10, 64)
}

// Send implements sender.
func (b *broadcaster) Send(ctx context.Context, msg sdk.Msg) (string, error) {
	if !b.prepared {
		if _, _, err := b.Estimate(ctx, msg); err != nil {
			return "", err
		}
	}
	builder, err := b.factory.BuildUnsignedTx(msg)
	if err != nil {
		return "", err
	}
	if err := tx.Sign(ctx, b.factory, b.ctx.FromName, builder, true); err != nil {
		return "", err
	}
	bz, err := b.ctx.TxConfig.TxEncoder()(builder.GetTx())
	if err != nil {
		return "", err
	}
	res, err := b.ctx.BroadcastTxSync(bz)
	if err != nil {
		return "", err
	}
	if res.Code != 0 {
		return "", refusal(res.Codespace, res.Code, res.RawLog)
	}
	return res.TxHash, nil
}

// Await implements sender.
func (b *broadcaster) Await(ctx context.Context, hash string, response sdk.Msg) error {
	id, err := hex.DecodeString(hash)
	if err != nil {
		return err
	}
	node, err := b.ctx.GetNode()
	if err != nil {
		return err
	}
	deadline, cancel := context.WithTimeout(ctx, inclusionTimeout)
	defer cancel()
	for {
		res, err := node.Tx(deadline, id, false)
		var answered *rpctypes.RPCError
		switch {
		case err == nil && res.TxResult.Code != 0:
			return refusal(res.TxResult.Codespace, res.TxResult.Code, res.TxResult.Log)
		case err == nil:
			return decodeResponse(res.TxResult.Data, response)
		case ctx.Err() != nil:
			return ctx.Err()
		case deadline.Err() != nil:
			return notIncluded(hash)
		case !errors.As(err, &answered) && !isUnreachable(err):
			return err
		}
		select {
		case <-deadline.Done():
		case <-time.After(pollInterval):
		}
	}
}

func notIncluded(hash string) error {
	return failf(exit.WaitTimedOut, "transaction %s is in no block after %s\nLook for it with: cupeld query tx %s", hash, inclusionTimeout, hash)
}

// decodeResponse reads the answer to the only message of a transaction.
func decodeResponse(data []byte, response proto.Message) error {
	var answers sdk.TxMsgData
	if err := proto.Unmarshal(data, &answers); err != nil {
		return fmt.Errorf("read the answer to the transaction: %w", err)
	}
	if len(answers.MsgResponses) != 1 {
		return fmt.Errorf("the transaction has %d answers instead of 1", len(answers.MsgResponses))
	}
	return proto.Unmarshal(answers.MsgResponses[0].Value, response)
}
