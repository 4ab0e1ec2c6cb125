// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	errorsmod "cosmossdk.io/errors"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	nodeservice "github.com/cosmos/cosmos-sdk/client/grpc/node"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/chain"
)

const (
	inclusionTimeout = 90 * time.Second
	inclusionPoll    = 500 * time.Millisecond
)

// sent is what a command prints of its transaction.
type sent struct {
	TxHash string `json:"txhash"`
	Height int64  `json:"height,string"`
}

// txContext is queryContext for a command that signs.
func txContext(cmd *cobra.Command) (client.Context, error) {
	ctx, err := client.GetClientTxContext(cmd)
	switch {
	case errors.Is(err, sdkerrors.ErrKeyNotFound):
		return ctx, exit.Usage(errors.New("--from names no key in the keyring\nList your keys with: cupeld keys list, or name another --keyring-backend"))
	case err != nil:
		return ctx, classify(err)
	case ctx.GetFromAddress().Empty():
		return ctx, exit.Usage(errors.New("--from is missing: name the validator operator's key"))
	}
	return ctx, known(ctx)
}

// send signs a message, sends it, waits for its block and prints it. With
// --generate-only it prints the unsigned transaction instead.
func send(cmd *cobra.Command, ctx client.Context, msg sdk.Msg) error {
	factory, err := tx.NewFactoryCLI(ctx, cmd.Flags())
	if err != nil {
		return exit.Usage(err)
	}
	if ctx.GenerateOnly {
		return classify(factory.PrintUnsignedTx(ctx, msg))
	}
	if factory, err = prepare(cmd.Context(), ctx, factory, msg); err != nil {
		return classify(err)
	}
	builder, err := factory.BuildUnsignedTx(msg)
	if err != nil {
		return classify(err)
	}
	if err := tx.Sign(cmd.Context(), factory, ctx.FromName, builder, true); err != nil {
		return classify(err)
	}
	raw, err := ctx.TxConfig.TxEncoder()(builder.GetTx())
	if err != nil {
		return classify(err)
	}
	res, err := ctx.BroadcastTxSync(raw)
	if err != nil {
		return classify(err)
	}
	if res.Code != 0 {
		return exit.With(exit.Failure, refusal(res.Codespace, res.Code, res.RawLog))
	}
	height, err := await(cmd.Context(), ctx, res.TxHash)
	if err != nil {
		return classify(err)
	}
	out := sent{TxHash: res.TxHash, Height: height}
	return output(cmd, out, func(w io.Writer) {
		fmt.Fprintf(w, "transaction %s is in block %d\n", out.TxHash, out.Height)
	})
}

// prepare fixes gas, and fees as the node asks for them if no flag does.
func prepare(ctx context.Context, clientCtx client.Context, factory tx.Factory, msg sdk.Msg) (tx.Factory, error) {
	factory, err := factory.Prepare(clientCtx)
	if err != nil {
		return factory, err
	}
	if factory.Fees().IsZero() && factory.GasPrices().IsZero() {
		res, err := nodeservice.NewServiceClient(clientCtx).Config(ctx, &nodeservice.ConfigRequest{})
		if err != nil {
			return factory, err
		}
		prices, err := sdk.ParseDecCoins(res.MinimumGasPrice)
		if err != nil {
			return factory, fmt.Errorf("the node's minimum gas price: %w", err)
		}
		if price := prices.AmountOf(chain.Denom); price.IsPositive() {
			factory = factory.WithGasPrices(sdk.NewDecCoinFromDec(chain.Denom, price).String())
		}
	}
	if factory.SimulateAndExecute() || factory.Gas() == 0 {
		used, err := simulate(ctx, clientCtx, factory, msg)
		if err != nil {
			return factory, err
		}
		factory = factory.WithGas(uint64(factory.GasAdjustment() * float64(used)))
	}
	return factory, nil
}

// simulate asks the node directly: through the service of the SDK the code of
// an error is lost.
func simulate(ctx context.Context, clientCtx client.Context, factory tx.Factory, msg sdk.Msg) (uint64, error) {
	raw, err := factory.BuildSimTx(msg)
	if err != nil {
		return 0, err
	}
	node, err := clientCtx.GetNode()
	if err != nil {
		return 0, err
	}
	res, err := node.ABCIQueryWithOptions(ctx, "/app/simulate", raw, rpcclient.ABCIQueryOptions{})
	if err != nil {
		return 0, err
	}
	if r := res.Response; r.Code != 0 {
		return 0, refusal(r.Codespace, r.Code, r.Log)
	}
	var answer struct {
		GasInfo struct {
			GasUsed uint64 `json:"gas_used,string"`
		} `json:"gas_info"`
	}
	if err := json.Unmarshal(res.Response.Value, &answer); err != nil {
		return 0, fmt.Errorf("read the answer to the simulation: %w", err)
	}
	return answer.GasInfo.GasUsed, nil
}

// await returns the height of a transaction's block. Only an answer of the
// node that it does not know the hash, or none, is waited on.
func await(ctx context.Context, clientCtx client.Context, hash string) (int64, error) {
	id, err := hex.DecodeString(hash)
	if err != nil {
		return 0, err
	}
	node, err := clientCtx.GetNode()
	if err != nil {
		return 0, err
	}
	deadline, cancel := context.WithTimeout(ctx, inclusionTimeout)
	defer cancel()
	for {
		res, err := node.Tx(deadline, id, false)
		var answered *rpctypes.RPCError
		switch {
		case err == nil && res.TxResult.Code != 0:
			return 0, refusal(res.TxResult.Codespace, res.TxResult.Code, res.TxResult.Log)
		case err == nil:
			return res.Height, nil
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case deadline.Err() != nil:
			return 0, exit.With(exit.WaitTimedOut, fmt.Errorf("transaction %s is in no block after %s\nLook for it with: cupeld query tx %s", hash, inclusionTimeout, hash))
		case !errors.As(err, &answered):
			return 0, err
		}
		select {
		case <-deadline.Done():
		case <-time.After(inclusionPoll):
		}
	}
}

// detours are parts of a refusal that only say by which way it came.
var detours = regexp.MustCompile(`failed to simulate tx: |failed to execute message; message index: \d+: `)

// refusal is the error of a transaction that the chain did not accept. It has
// the code that the chain gave it.
func refusal(codespace string, code uint32, log string) error {
	return &refused{
		text: fmt.Sprintf("the chain refuses: %s (%s %d)", detours.ReplaceAllString(log, ""), codespace, code),
		err:  errorsmod.ABCIError(codespace, code, log),
	}
}

// refused is an error with a text of its own.
type refused struct {
	text string
	err  error
}

// Error implements error.
func (r *refused) Error() string { return r.text }

// Unwrap returns the registered error.
func (r *refused) Unwrap() error { return r.err }
