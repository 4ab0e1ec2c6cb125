// SPDX-License-Identifier: Apache-2.0

package app

import (
	circuitante "cosmossdk.io/x/circuit/ante"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"
	ibcante "github.com/cosmos/ibc-go/v8/modules/core/ante"
)

// setAnteHandler sets the checks that every transaction passes before its
// messages run. Their order is a consensus rule.
func (app *App) setAnteHandler() error {
	app.SetAnteHandler(sdk.ChainAnteDecorators(
		// Outermost: it sets the gas meter and recovers from out-of-gas.
		ante.NewSetUpContextDecorator(),
		// Next: a pool that is full costs no work.
		laneDecorator{app.pool},
		// Before anything is paid: a tripped message costs its sender nothing.
		circuitante.NewCircuitBreakerDecorator(&app.CircuitKeeper),
		ante.NewExtensionOptionsDecorator(nil),
		ante.NewValidateBasicDecorator(),
		ante.NewTxTimeoutHeightDecorator(),
		ante.NewValidateMemoDecorator(app.AccountKeeper),
		ante.NewConsumeGasForTxSizeDecorator(app.AccountKeeper),
		// Fees, from the signer or the granter; the minimum price only in CheckTx.
		// What attestors must send is free.
		attestFeeDecorator{
			oracle: app.OracleKeeper,
			deduct: ante.NewDeductFeeDecorator(app.AccountKeeper, app.BankKeeper, app.FeeGrantKeeper, nil),
		},
		// Before every decorator that checks signatures.
		ante.NewSetPubKeyDecorator(app.AccountKeeper),
		ante.NewValidateSigCountDecorator(app.AccountKeeper),
		ante.NewSigGasConsumeDecorator(app.AccountKeeper, ante.DefaultSigVerificationGasConsumer),
		memoDecorator{
			memo: app.memo, accounts: app.AccountKeeper,
			verify: ante.NewSigVerificationDecorator(app.AccountKeeper, app.txConfig.SignModeHandler()),
		},
		ante.NewIncrementSequenceDecorator(app.AccountKeeper),
		// Last: a relay that another relayer has made already is refused.
		ibcante.NewRedundantRelayDecorator(app.IBCKeeper),
	))
	return nil
}
