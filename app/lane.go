// SPDX-License-Identifier: Apache-2.0

package app

import (
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/spf13/cast"

	"github.com/cosmos/cosmos-sdk/baseapp"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/app/mempool"
)

// What a node's mempool holds at most if its configuration does not say.
const (
	MempoolSize  = 5_000
	MempoolBytes = 64 << 20
)

// Keys of CometBFT's configuration.
const (
	keyMempoolSize    = "mempool.size"
	keyMempoolBytes   = "mempool.max_txs_bytes"
	keyMempoolRecheck = "mempool.recheck"
)

// setMempool gives the node a pool with lanes that follows CometBFT's own. What
// is proposed comes from it; what others propose is accepted as it is: a block
// is executed transaction by transaction, so refusing one could only cost time.
func (app *App) setMempool(options servertypes.AppOptions) {
	size, bytes := cast.ToInt(options.Get(keyMempoolSize)), cast.ToInt64(options.Get(keyMempoolBytes))
	if size <= 0 {
		size = MempoolSize
	}
	if bytes <= 0 {
		bytes = MempoolBytes
	}
	app.pool = mempool.New(mempool.Config{
		Size: size, Bytes: bytes, Denom: BaseDenom, Rechecked: cast.ToBool(options.Get(keyMempoolRecheck)),
	}, app.RegistryKeeper)
	app.SetMempool(app.pool)
	app.SetPrepareProposal(app.prepareProposal)
	app.SetProcessProposal(baseapp.NoOpProcessProposal())
}

// prepareProposal implements sdk.PrepareProposalHandler.
func (app *App) prepareProposal(ctx sdk.Context, request *abci.RequestPrepareProposal) (*abci.ResponsePrepareProposal, error) {
	var gas uint64
	if block := ctx.ConsensusParams().Block; block != nil && block.MaxGas > 0 {
		gas = uint64(block.MaxGas)
	}
	return &abci.ResponsePrepareProposal{Txs: app.pool.Propose(uint64(max(request.MaxTxBytes, 0)), gas)}, nil
}

// CheckTx implements the application's part of CometBFT's mempool.
func (app *App) CheckTx(request *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	response, err := app.App.CheckTx(request)
	if request.Type == abci.CheckTxType_Recheck {
		app.pool.Rechecked(request.Tx, err == nil && response.IsOK())
	}
	return response, err
}

// FinalizeBlock executes the block that has been decided.
func (app *App) FinalizeBlock(request *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	response, err := app.App.FinalizeBlock(request)
	if err == nil {
		app.decided = request.Txs
	}
	return response, err
}

// Commit writes the block to the database; only then its transactions leave
// the pool: until then another one may still be decided in its place.
func (app *App) Commit() (*abci.ResponseCommit, error) {
	response, err := app.App.Commit()
	if err == nil {
		app.pool.Committed(app.decided)
		app.decided = nil
	}
	return response, err
}

// laneDecorator lets a transaction into the pool as far as its lane goes. In a
// block, a simulation or a recheck it does nothing.
type laneDecorator struct{ pool *mempool.Pool }

// AnteHandle implements sdk.AnteDecorator.
func (d laneDecorator) AnteHandle(ctx sdk.Context, tx sdk.Tx, simulate bool, next sdk.AnteHandler) (sdk.Context, error) {
	feeTx, ok := tx.(sdk.FeeTx)
	if !ok || simulate || !ctx.IsCheckTx() || ctx.IsReCheckTx() {
		return next(ctx, tx, simulate)
	}
	admitted, err := d.pool.Admit(ctx, feeTx)
	if err != nil {
		return ctx, err
	}
	return next(admitted, tx, simulate)
}
